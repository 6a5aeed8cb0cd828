/**
 * Says in words what is wrong with a cell.
 *
 * @module
 */
import { BLANK, QUOTE } from "../base/bytes.ts";
import { printable, steers } from "../base/text.ts";
import { invalidUtf8, utf8Problem } from "../base/utf8.ts";
import { isNoValue } from "./cell_bytes.ts";
import type { Dialect } from "./dialects/dialect.ts";
import { MAX_ID } from "./row_batch.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Returns `raw[from..to)` in quotes and cut, safe for a terminal; `empty` for none. */
export function shown(raw: Uint8Array, from: number, to: number): string {
  if (from === to) return "empty";
  // Long cells are cut before they are decoded: an allele can have megabytes.
  const most = 400;
  const bytes = to - from > most ? raw.slice(from, from + most) : raw.slice(from, to);
  return `'${printable(decoder.decode(bytes), 40)}'`;
}

/** Says that a row has another number of fields than the header. */
export function fieldsProblem(
  found: number,
  expected: number,
  between: Dialect["separator"] = "tab",
): string {
  const how = { tab: "TAB-separated", comma: "set apart by commas", blank: "set apart by blanks" };
  const separator = found < expected ? `; columns are ${how[between]}` : "";
  return `the row has ${found} field${found === 1 ? "" : "s"}, expected ${expected}${separator}` +
    (found > 1 ? "; is the header of another file?" : "");
}

/** Says what is wrong with a contig name. */
export function contigProblem(raw: Uint8Array, from: number, to: number): string {
  if (from === to) return "CHROM is empty; every row names its contig";
  if (isNoValue(raw, from, to)) {
    return `CHROM is ${
      shown(raw, from, to)
    }, which stands for no value; every row names its contig`;
  }
  const name = raw.slice(from, to), invalid = invalidUtf8(name);
  if (invalid >= 0) return utf8Problem(name, invalid, "contig name");
  return `the contig name ${shown(raw, from, to)} has a character that VCF forbids in contig names`;
}

/** Says what is wrong with an ID; undefined if nothing is. */
export function idProblem(raw: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > MAX_ID) return `the ID has ${to - from} bytes; ${MAX_ID} at most`;
  let bits = 0;
  for (let i = from; i < to; i++) {
    if (raw[i] <= BLANK || raw[i] === QUOTE || raw[i] === 127) {
      return "the ID has a quote, a blank or control character";
    }
    bits |= raw[i];
  }
  if (bits < 128) return undefined;
  const id = raw.slice(from, to), invalid = invalidUtf8(id);
  if (invalid >= 0) return utf8Problem(id, invalid, "ID");
  return steers(decoder.decode(id))
    ? "the ID has a control character, or one that turns text"
    : undefined;
}

/** Says what is wrong with a position. */
export function positionProblem(raw: Uint8Array, from: number, to: number): string {
  return `POS is ${shown(raw, from, to)}, expected a whole number from 1 to 2147483647`;
}

const LOOK = "look the base up in the reference genome";

/** Says what is wrong with a REF. */
export function referenceProblem(raw: Uint8Array, from: number, to: number): string {
  const isNone = isNoValue(raw, from, to) || to === from;
  return `REF is ${shown(raw, from, to)}, expected A, C, G, T or N only: VCF allows no other ` +
    `reference; ${isNone ? "--reference FASTA looks it up" : LOOK}`;
}

/** Says what is wrong with an allele. */
export function alleleProblem(raw: Uint8Array, from: number, to: number): string {
  return `${shown(raw, from, to)} is not an allele; expected bases (A C G T N), '*', '<ID>' or ` +
    `missing ('.', 'N', 'NA', empty; further ones with --missing)${otherReading(raw, from, to)}`;
}

/** Returns the end of a message, which names an option that would read the cell. */
function otherReading(raw: Uint8Array, from: number, to: number): string {
  const cell = decoder.decode(raw.slice(from, Math.min(to, from + 100)));
  if (/^-+$/.test(cell)) return "; --gap missing or star reads it";
  if (/^".*"$/.test(cell)) return "; quotes are taken off where all names of the header have some";
  if (/^[RYSWKM]$/i.test(cell)) return "; --iupac missing or split reads it";
  if (/^[BDHV]$/i.test(cell)) {
    return `; the letter stands for three bases, which no genotype has: --missing ${cell} reads it`;
  }
  if (/^(?:\d+|\.)(?:[|/](?:\d+|\.))*$/.test(cell) && /\d/.test(cell)) {
    return "; a number is the code of an allele, not its bases: write the bases, as bcftools " +
      "query -f '[\\t%TGT]' does for a VCF, and read them with --iupac split";
  }
  return /^[^|/]*[|/][^|/]*$/.test(cell) ? "; --iupac split reads both alleles of a sample" : "";
}

/** Says what is wrong with the number of a phase block. */
export function blockProblem(raw: Uint8Array, from: number, to: number): string {
  return `the phase block is ${
    shown(raw, from, to)
  }, expected a whole number from 1 to 2147483647 ` +
    "or '.'";
}
