/**
 * Says in words what is wrong with a cell.
 *
 * @module
 */
import { printable } from "../base/text.ts";

const decoder = new TextDecoder();

function shown(raw: Uint8Array, from: number, to: number): string {
  if (from === to) return "empty";
  // Long cells are cut before they are decoded: an allele can have megabytes.
  const most = 400;
  const bytes = to - from > most ? raw.slice(from, from + most) : raw.slice(from, to);
  return `'${printable(decoder.decode(bytes), 40)}'`;
}

/** Says what is wrong with a contig name. */
export function contigProblem(raw: Uint8Array, from: number, to: number): string {
  if (from === to) return "CHROM is empty; every row names its contig";
  return `the contig name ${shown(raw, from, to)} has a character that VCF forbids in contig names`;
}

/** Says what is wrong with a position. */
export function positionProblem(raw: Uint8Array, from: number, to: number): string {
  return `POS is ${shown(raw, from, to)}, expected a whole number from 1 to 2147483647`;
}

/** Says what is wrong with a REF. */
export function referenceProblem(raw: Uint8Array, from: number, to: number): string {
  return `REF is ${shown(raw, from, to)}, expected A, C, G, T or N only: VCF allows no other ` +
    `reference; look the base up in the reference genome`;
}

/** Says what is wrong with an allele. */
export function alleleProblem(raw: Uint8Array, from: number, to: number): string {
  return `${shown(raw, from, to)} is not an allele; expected bases (A C G T N), '*', '<ID>' or ` +
    `missing ('.', 'N', 'NA', empty; further ones with --missing)${otherReading(raw, from, to)}`;
}

/** Returns the end of a message, which names an option that would read the cell. */
function otherReading(raw: Uint8Array, from: number, to: number): string {
  const cell = decoder.decode(raw.slice(from, Math.min(to, from + 100)));
  if (cell === "-") return "; --gap missing or star reads it";
  if (/^".*"$/.test(cell)) return "; quotes are taken off where all names of the header have some";
  if (/^[RYSWKM]$/i.test(cell)) return "; --iupac missing or split reads it";
  return /^[^|/]*[|/][^|/]*$/.test(cell) ? "; --iupac split reads both alleles of a sample" : "";
}
