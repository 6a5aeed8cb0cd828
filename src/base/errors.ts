/**
 * Error classes, and their plain form for crossing threads: a custom error that is posted between
 * threads arrives as a bare `Error`, so workers post {@linkcode PlainError} and main rebuilds it.
 *
 * @module
 */
import { machineReason } from "./machine_reason.ts";
import { printable } from "./text.ts";

/** A place in the input. Parts that do not apply are left out. */
export interface Location {
  /** Path as the user gave it; `-` for standard input. */
  file?: string;
  /** Line, 1-based. */
  line?: number;
  /** Column name. */
  column?: string;
}

/**
 * The kind of a failure: bad input or what options mean, wrong use, an interrupt, the machine (a
 * full disk, an I/O error, memory; a retry elsewhere may help), or a bug of this program. The command
 * line ends with 1, 2, 130, 3 and 70.
 */
export type ErrorCode = "BAD_INPUT" | "USAGE" | "ABORTED" | "MACHINE" | "INTERNAL";

/**
 * The base of all errors that this program throws on purpose.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Matrix2vcfError, UsageError } from "./errors.ts";
 * const error = new UsageError("no output is given");
 * assert(error instanceof Matrix2vcfError && error.code === "USAGE");
 * ```
 */
export class Matrix2vcfError extends Error {
  /** Tells this class from others, also after crossing threads. */
  override name = "Matrix2vcfError";

  /**
   * Only its subclasses are thrown.
   *
   * @param code The kind of the failure.
   * @param message One line.
   * @param at Where it was found, if it was found at a place.
   * @param options The error behind it, as `cause`.
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly at: Location = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Bad input. The message says where, what was found and expected, and what to do. Exit code 1. */
export class InputError extends Matrix2vcfError {
  /** Tells this class from others, also after crossing threads. */
  override name = "InputError";

  /**
   * The message begins with the location.
   *
   * @param detail What was found, what is expected, what to do; one line.
   * @param at Where it was found.
   * @param options The error behind it, as `cause`.
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { InputError } from "./errors.ts";
   * const error = new InputError("POS 'x' is not a whole number", { file: "m.tsv", line: 3 });
   * assert(error.message === "m.tsv:3: POS 'x' is not a whole number");
   * ```
   */
  constructor(readonly detail: string, at: Location = {}, options?: ErrorOptions) {
    super("BAD_INPUT", formatLocation(at) + detail, at, options);
  }
}

/** A SQL statement that failed, with the place in it. Exit code 1. */
export class StatementError extends InputError {
  /** Tells this class from others, also after crossing threads. */
  override name = "StatementError";

  /**
   * The message is DuckDB's.
   *
   * @param detail What went wrong; one line.
   * @param excerpt The line of the statement, and below it a caret under the place; empty if
   * unknown.
   */
  constructor(detail: string, readonly excerpt: string) {
    super(detail);
  }
}

/**
 * Wrong use of the command line or of the library's options. Exit code 2. Messages quote options in
 * backticks, under the names of the library; the command line puts its flags in their place.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { UsageError } from "./errors.ts";
 * assert(new UsageError("`threads` is a whole number").code === "USAGE");
 * ```
 */
export class UsageError extends Matrix2vcfError {
  /** Tells this class from others, also after crossing threads. */
  override name = "UsageError";

  /** The message is one line. */
  constructor(message: string) {
    super("USAGE", message);
  }
}

/**
 * The machine failed: a full disk, an I/O error, memory, a folder that is gone. A retry elsewhere may
 * help. Exit code 3.
 */
export class MachineError extends Matrix2vcfError {
  /** Tells this class from others, also after crossing threads. */
  override name = "MachineError";

  /**
   * The message begins with the location.
   *
   * @param detail What failed, and what to do; one line.
   * @param at The file.
   * @param options The error behind it, as `cause`.
   */
  constructor(readonly detail: string, at: Location = {}, options?: ErrorOptions) {
    super("MACHINE", formatLocation(at) + detail, at, options);
  }
}

/** A bug of this program, to be reported. Exit code 70. */
export class InternalError extends Matrix2vcfError {
  /** Tells this class from others, also after crossing threads. */
  override name = "InternalError";

  /**
   * The message is meant for the developers.
   *
   * @param message What went wrong; one line.
   * @param options The error behind it, as `cause`.
   */
  constructor(message: string, options?: ErrorOptions) {
    super("INTERNAL", message, {}, options);
  }
}

/**
 * An interrupt of the run. Exit code 130. Calls that take a signal reject with the signal's reason,
 * by default an `AbortError`. For one release, an `AbortError` is an `instanceof` this class, too.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { InterruptedError } from "./errors.ts";
 * assert(new InterruptedError().message === "interrupted");
 * assert(new DOMException("stop", "AbortError") instanceof InterruptedError);
 * ```
 */
export class InterruptedError extends Matrix2vcfError {
  /** Tells this class from others, also after crossing threads. */
  override name = "InterruptedError";

  /** The message is `interrupted` unless another is given. */
  constructor(message = "interrupted") {
    super("ABORTED", message);
  }

  /** Takes an `AbortError` for an interrupt, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    const name = (value as Error | undefined)?.name;
    return value instanceof Error && (name === "InterruptedError" || name === "AbortError");
  }
}

/** An error as plain data, for `postMessage`. */
export interface PlainError {
  name: string;
  message: string;
  stack?: string;
  /** The system's code (`ENOSPC`). */
  code?: string;
  detail?: string;
  at?: Location;
}

/** Returns the plain form of anything thrown. */
export function toPlainError(given: unknown): PlainError {
  const thrown = firstError(given);
  if (!(thrown instanceof Error)) return { name: "Error", message: String(thrown) };
  const { name, message, stack, code } = thrown as Error & { code?: string };
  if (!(thrown instanceof InputError || thrown instanceof MachineError)) {
    return { name, message, stack, code };
  }
  return { name, message, stack, detail: thrown.detail, at: thrown.at };
}

/** Functions that rebuild an error on the other side of a thread, by the error's name. */
const REBUILT: Readonly<Record<string, (plain: PlainError) => Error>> = {
  InputError: ({ detail, message, at }) => new InputError(detail ?? message, at),
  MachineError: ({ detail, message, at }) => new MachineError(detail ?? message, at),
  UsageError: ({ message }) => new UsageError(message),
  InternalError: ({ message }) => new InternalError(message),
  InterruptedError: ({ message }) => new InterruptedError(message),
};

/** Returns the error that a plain form stands for. */
export function fromPlainError(plain: PlainError): Error {
  const rebuilt = REBUILT[plain.name]?.(plain);
  if (rebuilt) return rebuilt;
  const error: Error & { code?: string } = new Error(plain.message);
  error.name = plain.name;
  if (plain.code !== undefined) error.code = plain.code;
  if (plain.stack) error.stack = plain.stack;
  return error;
}

/** Returns one of this program's errors for anything thrown. What nobody foresaw is a bug. */
export function ownError(given: unknown): Error {
  const thrown = firstError(given);
  if (thrown instanceof Matrix2vcfError || thrown instanceof InterruptedError) return thrown;
  // The reader of our output closed the pipe, having seen enough. That is no failure.
  if (thrown instanceof Deno.errors.BrokenPipe) return thrown;
  const message = firstLine(thrown), options = { cause: thrown };
  // The files of a user are looked at where they are opened; what is left are those of the run.
  const found = machineReason(thrown, true);
  return found === undefined
    ? new InternalError(message, options)
    : new MachineError(`${found.reason} (${message}); ${found.advice}`, {}, options);
}

/** Returns the error that came first, where closing something after it failed, too. */
export function firstError(thrown: unknown): unknown {
  return thrown instanceof SuppressedError ? firstError(thrown.suppressed) : thrown;
}

/** Returns the first line of what was thrown. */
export function firstLine(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0];
}

function formatLocation({ file, line, column }: Location): string {
  const place = [file, line].filter((part) => part !== undefined).join(":");
  return [place, column].filter((part) => part !== undefined && part !== "").map((part) =>
    `${printable(String(part), 200)}: `
  ).join("");
}
