/**
 * Checks the kinds of values that callers hand over, as callers in JavaScript have no types.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import { printable } from "./text.ts";

/** What a value must be, as messages say it, and the function that tells. */
export type Kind = readonly [kind: string, is: (value: unknown) => boolean];

/** The kinds of options by name. */
export type Kinds<Options> = Partial<Readonly<Record<keyof Options, Kind>>>;

export const TEXT: Kind = ["a text", (value) => typeof value === "string"];
export const TEXTS: Kind = [
  "a list of texts",
  (value) => Array.isArray(value) && value.every((text) => typeof text === "string"),
];
export const NUMBER: Kind = [
  "a number",
  (value) => typeof value === "number" && !Number.isNaN(value),
];
export const FLAG: Kind = ["true or false", (value) => typeof value === "boolean"];
export const PATH: Kind = [
  "a path",
  (value) => typeof value === "string" || value instanceof URL,
];
export const SIGNAL: Kind = ["an AbortSignal", (value) => value instanceof AbortSignal];
export const FUNCTION: Kind = ["a function", (value) => typeof value === "function"];

/**
 * Checks options; one that is left out is not looked at.
 *
 * @throws {UsageError} One is of another kind.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { checkKinds, FLAG } from "./kinds.ts";
 * assert.throws(() => checkKinds({ unphased: "false" }, { unphased: FLAG }), {
 *   message: "`unphased` is true or false, not 'false'",
 * });
 * ```
 */
export function checkKinds<Options extends object>(options: Options, kinds: Kinds<Options>): void {
  if (options === null || typeof options !== "object") {
    throw new UsageError(`options are an object, not '${printable(String(options))}'`);
  }
  for (const [name, [kind, is]] of Object.entries(kinds) as [keyof Options, Kind][]) {
    const value = options[name];
    if (value !== undefined && !is(value)) {
      throw new UsageError(`\`${String(name)}\` is ${kind}, not '${printable(String(value))}'`);
    }
  }
}
