/**
 * Tells a failure of the machine from a bug: by the system's error code where there is one, else by
 * the text that the system has for it. DuckDB hands over nothing but texts, and so does Deno for
 * codes that it has no name for.
 *
 * @module
 */

/** Why the machine failed, and what may help, for people. */
export interface MachineReason {
  reason: string;
  advice: string;
  /** True where it helps to know how much of the disk is free. */
  room?: true;
}

/** A failure of the system. */
interface Failure extends MachineReason {
  /** The system's own text. */
  text: string;
  /**
   * True where a file that the user names may be meant: only about files of a run's own does it tell
   * a failure of the machine.
   */
  ordinary?: true;
}

const ROOM = "free some, or write elsewhere", ELSEWHERE = "run again, or write elsewhere";

const FAILURES: Readonly<Record<string, Failure>> = {
  ENOSPC: {
    text: "No space left on device",
    reason: "no space left on the disk",
    advice: ROOM,
    room: true,
  },
  EDQUOT: { text: "Disk quota exceeded", reason: "the disk quota is used up", advice: ROOM },
  EFBIG: {
    text: "File too large",
    reason: "a file may not become larger",
    advice: "raise ulimit -f, or write to another file system",
  },
  EIO: { text: "Input/output error", reason: "the disk has an I/O error", advice: ELSEWHERE },
  EROFS: { text: "Read-only file system", reason: "the disk is read-only", advice: ELSEWHERE },
  EMFILE: {
    text: "Too many open files",
    reason: "too many files are open",
    advice: "raise ulimit -n, or use fewer --threads",
  },
  ENFILE: {
    text: "Too many open files in system",
    reason: "too many files are open on this machine",
    advice: "run elsewhere",
  },
  ENOMEM: {
    text: "Cannot allocate memory",
    reason: "memory ran out",
    advice: "give more --memory, or run elsewhere",
  },
  ESTALE: {
    text: "Stale file handle",
    reason: "the file server has lost the file",
    advice: ELSEWHERE,
  },
  ENOENT: {
    text: "No such file or directory",
    reason: "it, or its folder, was removed meanwhile",
    advice: ELSEWHERE,
    ordinary: true,
  },
  EACCES: {
    text: "Permission denied",
    reason: "permission is denied now",
    advice: ELSEWHERE,
    ordinary: true,
  },
};

/** Classes of DuckDB's errors that are about data or a statement, and may quote any text. */
const DUCKDB = /^(?!(?:IO|Out of Memory|FATAL|TransactionContext) Error)[A-Z][\w ]* Error: /;
/** How V8 and DuckDB say that they got no memory. */
const NO_MEMORY =
  /(?:^|: )(?:Out of Memory Error|Array buffer allocation failed)|failed to pin block|could not allocate block|bad allocation|bad_alloc/i;

/**
 * Returns why the machine failed; undefined where it did not.
 *
 * @param own True for an error about files of a run's own, which nobody else should touch.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { machineReason } from "./machine_reason.ts";
 * const full = new Error('IO Error: Could not write file "t": No space left on device');
 * assert.equal(machineReason(full)?.reason, "no space left on the disk");
 * assert.equal(machineReason(new TypeError("x is undefined")), undefined);
 * ```
 */
export function machineReason(thrown: unknown, own = false): MachineReason | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code, message } = thrown as Error & { code?: string };
  if (code === undefined && DUCKDB.test(message)) return undefined;
  const failure = FAILURES[code ?? ""] ??
    Object.values(FAILURES).find(({ text }) => ends(message, text));
  if (failure) return failure.ordinary && !own ? undefined : failure;
  return NO_MEMORY.test(message) ? FAILURES.ENOMEM : undefined;
}

/** Tells whether a part of a message ends in a text of the system, or in Deno's form of it. */
function ends(message: string, text: string): boolean {
  const at = message.indexOf(text);
  return at >= 0 && /^(?:["'.)]|\n|\s*$| \(os error)/.test(message.slice(at + text.length));
}
