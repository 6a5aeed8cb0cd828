/**
 * Tells where lines and their cells end, and what the bytes of a cell may be.
 *
 * @module
 */
import { BLANK, CR, HASH, LF, TAB } from "../base/bytes.ts";
import { UPPER_CASE } from "../base/dictionary.ts";

export function isBlank(byte: number): boolean {
  return byte === BLANK || byte === CR;
}

/** Returns the end of `raw[from..to)` without the blanks at its end. */
export function trimBlanks(raw: Uint8Array, from: number, to: number): number {
  while (to > from && isBlank(raw[to - 1])) to--;
  return to;
}

/** Returns the end of `raw[from..to)` without the blanks and TABs at its end. */
export function trimSurplus(raw: Uint8Array, from: number, to: number): number {
  while (to > from && (raw[to - 1] === TAB || isBlank(raw[to - 1]))) to--;
  return to;
}

/** Returns the number of fields of the line that starts at `at`; surplus empty ones do not count. */
export function fieldCount(raw: Uint8Array, at: number): number {
  const end = trimSurplus(raw, at, lineEnd(raw, at));
  let found = 1;
  for (let i = at; i < end; i++) if (raw[i] === TAB) found++;
  return found;
}

/** Returns the end (exclusive) of the line that starts at `at`, without its CR. */
export function lineEnd(raw: Uint8Array, at: number): number {
  const end = raw.indexOf(LF, at);
  return end > at && raw[end - 1] === CR ? end - 1 : end;
}

/** Returns the start of the next line if only TABs, blanks and CR are left of this one, else -1. */
export function restOfLine(raw: Uint8Array, at: number): number {
  while (raw[at] === TAB || raw[at] === BLANK || raw[at] === CR) at++;
  return raw[at] === LF ? at + 1 : -1;
}

/** Returns the position, 1 to 2^31-1, that `raw[from..to)` holds, or 0 where it holds none. */
export function parsePosition(raw: Uint8Array, from: number, to: number): number {
  let pos = 0;
  for (let i = from; i < to; i++) {
    const digit = raw[i] - 48;
    if (digit < 0 || digit > 9 || pos > 214748364) return 0;
    pos = pos * 10 + digit;
  }
  return pos > 0x7fffffff ? 0 : pos;
}

const CLASS_BASE = 1, CLASS_CONTIG = 2, CLASS_CONTIG_FIRST = 4, CLASS_SYMBOLIC = 8;
const CLASSES = byteClasses();

/** Returns what each byte may be part of, as bits; contig names follow the VCF specification. */
function byteClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const mark = (texts: string, kind: number) => {
    for (const char of texts) classes[char.charCodeAt(0)] |= kind;
  };
  const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  mark("ACGTNacgtn", CLASS_BASE);
  mark(alphanumeric + "!#$%&+./:;?@^_|~-", CLASS_CONTIG | CLASS_CONTIG_FIRST);
  mark("*=", CLASS_CONTIG);
  // VCF allows a leading `#`, but the record would read as a header line.
  classes[HASH] &= ~CLASS_CONTIG_FIRST;
  for (let byte = 33; byte < 127; byte++) classes[byte] |= CLASS_SYMBOLIC;
  for (const char of "<>,") classes[char.charCodeAt(0)] &= ~CLASS_SYMBOLIC;
  return classes;
}

function allOf(raw: Uint8Array, from: number, to: number, kind: number): boolean {
  for (let i = from; i < to; i++) if ((CLASSES[raw[i]] & kind) === 0) return false;
  return to > from;
}

export function isBases(raw: Uint8Array, from: number, to: number): boolean {
  return allOf(raw, from, to, CLASS_BASE);
}

export function isSymbolic(raw: Uint8Array, from: number, to: number): boolean {
  return raw[from] === 60 && raw[to - 1] === 62 && allOf(raw, from + 1, to - 1, CLASS_SYMBOLIC);
}

const ANY = "N".charCodeAt(0), GAP = "-".charCodeAt(0);

/** Tells whether `raw[from..to)` has nothing but N, in either case. */
export function isAnyBases(raw: Uint8Array, from: number, to: number): boolean {
  return isRun(raw, from, to, ANY);
}

/** Tells whether `raw[from..to)` has nothing but N, or nothing but `-`. */
export function isFiller(raw: Uint8Array, from: number, to: number): boolean {
  return isRun(raw, from, to, ANY) || isRun(raw, from, to, GAP);
}

function isRun(raw: Uint8Array, from: number, to: number, upperCase: number): boolean {
  let at = from;
  while (at < to && UPPER_CASE[raw[at]] === upperCase) at++;
  return at === to && to > from;
}

/** Tells whether `raw[from..to)` is a text that tables write where they have no value. */
export function isNoValue(raw: Uint8Array, from: number, to: number): boolean {
  return to - from <= 4 && NO_VALUE.test(String.fromCharCode(...raw.subarray(from, to)));
}

const NO_VALUE = /^(?:\.|-|na|n\/a|nan|none|null)$/i;

/** Tells whether `raw[from..to)` names a contig: VCF allows it, and it says something. */
export function namesContig(raw: Uint8Array, from: number, to: number): boolean {
  return isContigName(raw, from, to) && !isNoValue(raw, from, to);
}

/** Tells whether `raw[from..to)` is a contig name that VCF allows. */
export function isContigName(raw: Uint8Array, from: number, to: number): boolean {
  return to > from && (CLASSES[raw[from]] & CLASS_CONTIG_FIRST) !== 0 &&
    allOf(raw, from, to, CLASS_CONTIG);
}

/** Tells whether `raw[from..to)` has nothing but what numbers and lists of them are written with. */
export function isNumbers(raw: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = raw[at];
    if ((byte < 43 || byte > 57 || byte === 47) && byte !== 69 && byte !== 101) return false;
  }
  return true;
}

/** Returns begin and end (exclusive) of a cell of the line that starts at `from` and ends in LF. */
export function cellAt(bytes: Uint8Array, from: number, column: number): [at: number, to: number] {
  let at = from;
  for (let left = column; left > 0 && bytes[at] !== LF; at++) if (bytes[at] === TAB) left--;
  let to = at;
  while (bytes[to] !== TAB && bytes[to] !== LF && bytes[to] !== CR) to++;
  return [at, to];
}
