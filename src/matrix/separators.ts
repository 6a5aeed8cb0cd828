/**
 * Knows what stands between and around the fields of a line. The tokenizer reads fields between
 * TABs; all else is turned into them before, in place.
 *
 * @module
 */
import { BLANK, COMMA, CR, LF, QUOTE, TAB } from "../base/bytes.ts";

/**
 * How fields are set apart: TABs only, TABs with quotes around fields, commas (RFC 4180), or runs
 * of blanks and TABs.
 */
export type FieldStyle = "tabs" | "quoted" | "commas" | "blanks";

/**
 * Returns the style that a line is written in: commas where it has no TAB and two of them, blanks
 * where it has neither.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { styleOf } from "./separators.ts";
 * assert(styleOf("CHROM\tPOS\tREF, upper case") === "tabs" && styleOf("1,5,A,A") === "commas");
 * assert(styleOf('"CHROM"\t"POS"') === "quoted" && styleOf("1 rs1 0 5 A A") === "blanks");
 * ```
 */
export function styleOf(line: string): FieldStyle {
  const text = line.replace(/^\uFEFF/, "").replace(/^# *(?=")/, "").trimEnd();
  if (!text.includes("\t")) {
    if (text.split(",", 3).length === 3) return "commas";
    return / \S+ /.test(text.trimStart()) ? "blanks" : "tabs";
  }
  return isQuoted(text.split("\t")) ? "quoted" : "tabs";
}

/** Tells whether all fields of a line stand in quotes. */
function isQuoted(fields: readonly string[]): boolean {
  return fields.every((field) => /^".*"$/.test(field));
}

/** Returns the fields without their quotes where all of them have some, else as they are. */
export function unquotedFields(fields: readonly string[]): readonly string[] {
  return isQuoted(fields) ? fields.map((field) => field.slice(1, -1)) : fields;
}

/**
 * Returns the fields of a line, of which those at its end may be empty.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { fieldsOf } from "./separators.ts";
 * assert(fieldsOf('"1","A,C",', "commas").join("|") === "1|A,C|");
 * assert(fieldsOf(" 1  rs1\t0 5 ", "blanks").join("|") === "1|rs1|0|5");
 * ```
 */
export function fieldsOf(line: string, style: FieldStyle): string[] {
  if (style === "tabs") return line.split("\t");
  const bytes = new TextEncoder().encode(line);
  const end = toTabs(bytes, 0, bytes.length, style);
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, end)).split("\t");
}

/**
 * Turns what stands between the fields of `raw[from..to)`, whole lines that each end in LF, into
 * TABs, and takes off the quotes around fields, in place. Lines stay lines. A field that only begins
 * or only ends with a quote is left as it is, and is bad input later.
 *
 * @returns The new end (exclusive) of the lines.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { toTabs } from "./separators.ts";
 * const raw = new TextEncoder().encode('"1",5,"A,C"\r\n');
 * const end = toTabs(raw, 0, raw.length, "commas");
 * assert(new TextDecoder().decode(raw.subarray(0, end)) === "1\t5\tA,C\r\n");
 * ```
 */
export function toTabs(raw: Uint8Array, from: number, to: number, style: FieldStyle): number {
  if (style === "tabs") return to;
  if (style === "blanks") return blanksToTabs(raw, from, to);
  return unquote(raw, from, to, style === "commas" ? COMMA : TAB);
}

/** Makes one TAB of each run of blanks and TABs within a line; around it there is none. */
function blanksToTabs(raw: Uint8Array, from: number, to: number): number {
  let out = from, start = from, pending = false;
  for (let at = from; at < to; at++) {
    if (out === at) {
      // As long as there is one blank between fields, nothing moves.
      at = out = singleBlanksToTabs(raw, at, to);
      if (at === to) return to;
    }
    const byte = raw[at];
    if (byte === BLANK || byte === TAB) pending = true;
    else {
      const isEnd = byte === LF || (byte === CR && raw[at + 1] === LF);
      if (pending && out > start && !isEnd) raw[out++] = TAB;
      pending = false;
      raw[out++] = byte;
      if (byte === LF) start = out;
    }
  }
  return out;
}

/**
 * Makes TABs of blanks that have a field on both sides, up to the first byte that is neither such a
 * blank nor part of a field; returns its offset.
 */
function singleBlanksToTabs(raw: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    if (raw[at] > BLANK) at++;
    else if (raw[at] === BLANK && at > from && raw[at - 1] > BLANK && raw[at + 1] > BLANK) {
      raw[at] = TAB;
      at += 2;
    } else break;
  }
  return at;
}

/**
 * Takes the quotes off fields, and makes TABs of separators. A TAB in a field becomes a blank, which
 * no allele, number or name has, so that the row is bad and not read as another one.
 */
function unquote(raw: Uint8Array, from: number, to: number, separator: number): number {
  let out = from;
  for (let at = from; at < to;) {
    const end = fieldEnd(raw, at, to, separator);
    let last = end;
    if ((end === to || raw[end] === LF) && last > at && raw[last - 1] === CR) last--;
    const quoted = last - at > 1 && raw[at] === QUOTE && raw[last - 1] === QUOTE;
    for (let i = quoted ? at + 1 : at; i < (quoted ? last - 1 : last); i++) {
      raw[out++] = raw[i] === TAB ? BLANK : raw[i];
      // A quote in a field of quotes is written twice.
      if (quoted && separator === COMMA && raw[i] === QUOTE && raw[i + 1] === QUOTE) i++;
    }
    if (last < end) raw[out++] = CR;
    if (end < to) raw[out++] = raw[end] === LF ? LF : TAB;
    at = end + 1;
  }
  return out;
}

/** Returns the end of the field that starts at `at`; a comma in quotes is part of it. */
function fieldEnd(raw: Uint8Array, at: number, to: number, separator: number): number {
  let end = at;
  if (separator === COMMA && raw[at] === QUOTE) {
    const closed = closingQuote(raw, at + 1, to);
    if (closed > 0) end = closed + 1;
  }
  while (end < to && raw[end] !== separator && raw[end] !== LF) end++;
  return end;
}

/** Returns where the quotes that a field began with end, or -1 where the line ends before. */
function closingQuote(raw: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to && raw[at] !== LF; at++) {
    if (raw[at] !== QUOTE) continue;
    if (raw[at + 1] !== QUOTE) return at;
    at++;
  }
  return -1;
}
