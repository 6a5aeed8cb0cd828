/**
 * Error classes, and their plain form for crossing threads: a custom error that is posted between
 * threads arrives as a bare `Error`, so workers post {@linkcode PlainError} and main rebuilds it.
 *
 * @module
 */
import { printable } from "./text.ts";

/** Where in the input something was found. Parts that do not apply are left out. */
export interface Location {
  /** Path as the user gave it; `-` for standard input. */
  file?: string;
  /** Line, 1-based. */
  line?: number;
  /** Column name. */
  column?: string;
}

/** Bad input: found at a place, with what was expected and what to do. Exit code 1. */
export class InputError extends Error {
  /** Tells this class from others, also after crossing threads. */
  override name = "InputError";
  /** Where it was found. */
  readonly at: Location;
  /** The message without the location. */
  readonly detail: string;

  /**
   * The message begins with the location.
   *
   * @param detail What was found, what is expected, what to do; one line.
   * @param at Where it was found.
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { InputError } from "./errors.ts";
   * const error = new InputError("POS 'x' is not a whole number", { file: "m.tsv", line: 3 });
   * assert(error.message === "m.tsv:3: POS 'x' is not a whole number");
   * ```
   */
  constructor(detail: string, at: Location = {}) {
    super(formatLocation(at) + detail);
    this.detail = detail;
    this.at = at;
  }
}

/** A SQL statement that failed, with the place in it. Exit code 1. */
export class StatementError extends InputError {
  /** Tells this class from others, also after crossing threads. */
  override name = "StatementError";

  /**
   * @param detail What went wrong; one line.
   * @param excerpt The line of the statement, and below it a caret under the place; empty if unknown.
   */
  constructor(detail: string, readonly excerpt: string) {
    super(detail);
  }
}

/**
 * Wrong use of the command line or of the library's options. Exit code 2.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UsageError } from "./errors.ts";
 * assert(new UsageError("no output is given (-o)").name === "UsageError");
 * ```
 */
export class UsageError extends Error {
  /** Tells this class from others, also after crossing threads. */
  override name = "UsageError";
}

/** The run was interrupted. Exit code 130. */
export class InterruptedError extends Error {
  /** Tells this class from others, also after crossing threads. */
  override name = "InterruptedError";
  /**
   * The message is `interrupted` unless another is given.
   *
   * @param message What to say.
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { InterruptedError } from "./errors.ts";
   * assert(new InterruptedError().message === "interrupted");
   * ```
   */
  constructor(message = "interrupted") {
    super(message);
  }
}

/** An error as plain data, for `postMessage`. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string;
  detail?: string;
  at?: Location;
}

/** The plain form of anything thrown. */
export function toPlainError(thrown: unknown): PlainError {
  if (thrown instanceof InputError) {
    return { name: thrown.name, message: thrown.message, detail: thrown.detail, at: thrown.at };
  }
  if (thrown instanceof Error) {
    return { name: thrown.name, message: thrown.message, stack: thrown.stack };
  }
  return { name: "Error", message: String(thrown) };
}

/** The error that a plain form stands for. */
export function fromPlainError(plain: PlainError): Error {
  if (plain.name === "InputError") return new InputError(plain.detail ?? plain.message, plain.at);
  if (plain.name === "UsageError") return new UsageError(plain.message);
  if (plain.name === "InterruptedError") return new InterruptedError(plain.message);
  const error = new Error(plain.message);
  error.name = plain.name;
  if (plain.stack) error.stack = plain.stack;
  return error;
}

function formatLocation({ file, line, column }: Location): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  return [place, column].filter((part) => part !== undefined && part !== "").map((part) =>
    `${printable(String(part), 200)}: `
  ).join("");
}
