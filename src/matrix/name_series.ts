/**
 * Finds the columns that are the two haplotypes of one sample, by their names.
 *
 * @module
 */

/** Two columns that are the haplotypes of a sample. */
export interface Pair {
  /** What their names have in common: the sample's name. */
  name: string;
  /** Source columns of haplotypes 1 and 2, 0-based. */
  columns: [first: number, second: number];
}

/** Pairs of columns, and series of names that may be haplotypes. */
export interface Pairs {
  pairs: Pair[];
  /** First columns of series that look like haplotypes but were not paired, for a hint. */
  unpaired: string[];
}

/** A name that counts: its stem, what stands before its counter, and the counter. */
interface Member {
  column: number;
  stem: string;
  /** What joins stem and counter, lower case: `_hap`, `.`, `#`, or nothing before a letter. */
  mark: string;
  counter: string;
}

/**
 * Pairs columns whose names differ in their counter only: `10a` and `10b`, `S_1` and `S_2`,
 * `S_hap1` and `S_hap2`, `HG002#1` and `HG002#2`. They are a pair only if no other column could
 * belong to their series, whatever it counts with, and if the stem is no column.
 *
 * @param columns Every name of the header, in source order.
 * @param alleles Which of them are allele columns, 0-based, ascending.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairsOf } from "./name_series.ts";
 * const { pairs, unpaired } = pairsOf(["10b", "10a", "S_0", "S_1", "S_2"], [0, 1, 2, 3, 4]);
 * assert(pairs[0].columns.join() === "1,0" && unpaired.join() === "S_0");
 * ```
 */
export function pairsOf(columns: readonly string[], alleles: readonly number[]): Pairs {
  if (isDoubled(columns, alleles)) return { pairs: doubledNames(columns, alleles), unpaired: [] };
  const names = new Set(columns), pairs: Pair[] = [], unpaired: string[] = [];
  for (const series of seriesOf(columns, alleles)) {
    const [{ column, stem: name }] = series;
    const pair = pairOf(series);
    if (pair && !names.has(name)) pairs.push({ name, columns: pair });
    else if (looksPaired(series)) unpaired.push(columns[column]);
  }
  return { pairs, unpaired };
}

/**
 * Tells whether every name comes twice, side by side, as spreadsheets export the two haplotypes of
 * a sample.
 */
export function isDoubled(columns: readonly string[], alleles: readonly number[]): boolean {
  const names = new Set(alleles.map((column) => columns[column]));
  return alleles.length === 2 * names.size &&
    alleles.every((column, index) => columns[column] === columns[alleles[index & ~1]]);
}

function doubledNames(columns: readonly string[], alleles: readonly number[]): Pair[] {
  return Array.from({ length: alleles.length / 2 }, (_, index): Pair => {
    const [first, second] = alleles.slice(2 * index, 2 * index + 2);
    return { name: columns[first], columns: [first, second] };
  });
}

/** Returns the series of two members and more, in the order of their first columns. */
function seriesOf(columns: readonly string[], alleles: readonly number[]): Member[][] {
  const series = new Map<string, Member[]>();
  for (const column of alleles) {
    const member = memberOf(columns[column], column);
    if (!member) continue;
    const key = `${member.stem}\t${member.mark}`;
    const members = series.get(key);
    if (members) members.push(member);
    else series.set(key, [member]);
  }
  return [...series.values()].filter((members) => members.length > 1);
}

/**
 * Takes a name apart, if it counts: by a number after a mark, or by a last letter. The longest mark
 * counts, so that x_a is no haplotype of `x_`.
 */
function memberOf(name: string, column: number): Member | undefined {
  let end = name.length;
  while (end > 0 && isDigit(name.charCodeAt(end - 1))) end--;
  const isNumber = end < name.length;
  if (!isNumber && !/[a-z]$/i.test(name.slice(-1))) return undefined;
  const counter = isNumber ? name.slice(end) : name.slice(-1);
  const before = name.slice(0, name.length - counter.length);
  const mark = (isNumber ? NUMBER_MARK : LETTER_MARK).exec(before)?.[0] ?? "";
  const stem = before.slice(0, before.length - mark.length);
  // Numbers without a mark count samples: S1, S2.
  return stem === "" || isNumber && mark === ""
    ? undefined
    : { column, stem, mark: mark.toLowerCase(), counter };
}

const NUMBER_MARK = /(?:[_.#-]?hap|[_.#-]h|[_.#-])$/i, LETTER_MARK = /[_.#-]$/;

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Returns the columns of haplotypes 1 and 2, if the series has these two members and no other. */
function pairOf(series: readonly Member[]): Pair["columns"] | undefined {
  if (series.length !== 2) return undefined;
  const [first, second] = series.toSorted((a, b) => placeOf(a) - placeOf(b));
  const counters = first.counter + second.counter;
  // `10a 10B` is a slip of the keyboard; `xa xB` may be two names.
  const clear = first.mark !== "" || /\d$/.test(first.stem);
  const fits = clear ? /^(12|ab)$/i.test(counters) : /^(ab|AB)$/.test(counters);
  return fits ? [first.column, second.column] : undefined;
}

/** Tells whether a series has members that could be haplotypes 1 and 2, or 0 and 1. */
function looksPaired(series: readonly Member[]): boolean {
  const places = new Set(series.map(placeOf));
  return places.has(1) && (places.has(2) || places.has(0));
}

/** Returns what a counter counts to; `a` is 1. */
function placeOf({ counter }: Member): number {
  return /\d/.test(counter) ? Number(counter) : counter.toLowerCase().charCodeAt(0) - 96;
}
