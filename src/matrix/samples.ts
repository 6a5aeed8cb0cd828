/**
 * Finds out which columns are the haplotypes of which sample, by the suffixes of the column names
 * or by a sample sheet.
 *
 * @module
 */
import { InputError, type Location } from "../base/errors.ts";
import { printable } from "../base/text.ts";

/** A sample and its haplotype columns. */
export interface Sample {
  /** Name in the VCF. */
  name: string;
  /**
   * Source columns of its haplotypes, 0-based, in the order of the phase. A column that holds whole
   * genotypes stands there twice.
   */
  columns: number[];
  /** True where the order of its haplotypes has a meaning. */
  phased: boolean;
}

/** The samples that are to be written. */
export interface SampleChoice {
  /** In output order. */
  samples: Sample[];
  /** First columns of series that look like haplotypes but were not paired, for a hint. */
  unpaired: string[];
}

/** The suffixes of haplotypes 1 and 2, longest first, and that of a third, which forbids a pair. */
const SUFFIXES: readonly (readonly [first: string, second: string, third: string])[] = [
  ["_hap1", "_hap2", "_hap3"],
  ["_a", "_b", "_c"],
  ["_A", "_B", "_C"],
  ["_1", "_2", "_3"],
  [".a", ".b", ".c"],
  [".1", ".2", ".3"],
  ["a", "b", "c"],
  ["A", "B", "C"],
];

/**
 * Pairs allele columns by their suffixes. Samples stand in the order of their first column; a
 * column without a partner is a haploid sample of its own name.
 *
 * @param columns Every name of the header, in source order.
 * @param alleles Which of them are allele columns, 0-based, ascending.
 * @param ploidy `auto` pairs where it can, 1 never, 2 always (a column without a partner throws).
 * @throws {InputError} Without location: two samples of one name, or no partner with ploidy 2.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { pairColumns } from "./samples.ts";
 * const { samples } = pairColumns(["CHROM", "10b", "Vida", "10a"], [1, 2, 3], "auto");
 * assert(samples.map(({ name, columns }) => `${name}:${columns}`).join(" ") ===
 *   "10:3,1 Vida:2");
 * ```
 */
export function pairColumns(
  columns: readonly string[],
  alleles: readonly number[],
  ploidy: "auto" | 1 | 2,
): SampleChoice {
  const { pairs, unpaired } = ploidy === 1
    ? { pairs: new Map<number, Sample>(), unpaired: [] }
    : pairsOf(columns, alleles);
  const samples = new Set<Sample>();
  for (const column of alleles) {
    const pair = pairs.get(column);
    if (!pair && ploidy === 2) {
      throw new InputError(
        `the column has no partner, and --ploidy 2 wants pairs; name pairs NAMEa and NAMEb, or ` +
          `list them with --samples`,
        { column: columns[column] },
      );
    }
    samples.add(pair ?? { name: columns[column], columns: [column], phased: true });
  }
  refuseSameNames(samples);
  return { samples: [...samples], unpaired };
}

/**
 * Returns pairs by each of their columns, and the first columns of those that may be something
 * else.
 */
function pairsOf(
  columns: readonly string[],
  alleles: readonly number[],
): { pairs: Map<number, Sample>; unpaired: string[] } {
  const byName = new Map(alleles.map((column) => [columns[column], column]));
  const names = new Set(columns), pairs = new Map<number, Sample>(), unpaired: string[] = [];
  for (const column of alleles) {
    const name = columns[column];
    // The longest suffix counts, and no shorter one: x_a is no haplotype of `x_`.
    const [first, second, third] = SUFFIXES.find((series) =>
      series.some((suffix) => name.endsWith(suffix))
    ) ?? [];
    if (!first || !name.endsWith(first) || name.length === first.length) continue;
    const stem = name.slice(0, -first.length);
    const partner = byName.get(stem + second);
    if (partner === undefined) continue;
    if (byName.has(stem + third) || names.has(stem)) {
      unpaired.push(name);
      continue;
    }
    const sample = { name: stem, columns: [column, partner], phased: true };
    pairs.set(column, sample).set(partner, sample);
  }
  return { pairs, unpaired };
}

function refuseSameNames(samples: Iterable<Sample>): void {
  const names = new Set<string>();
  for (const { name } of samples) {
    if (names.has(name)) {
      throw new InputError(
        `two samples would be called '${printable(name)}'; name them with --samples`,
      );
    }
    names.add(name);
  }
}

/**
 * Reads a sample sheet: TAB-separated, no header, `#` comments. Each line has a sample and its
 * haplotype columns. The sheet chooses, orders, renames and pairs.
 *
 * @param text The sheet.
 * @param file Its path, for messages.
 * @param columns Every name of the matrix header.
 * @param alleles Which of them may be haplotypes, 0-based.
 * @throws {InputError} Located in the sheet: an unknown or repeated column, a repeated sample, a
 * sample without columns, an empty sheet.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readSampleSheet } from "./samples.ts";
 * const { samples } = readSampleSheet("Anna\tx\ty\n", "s.tsv", ["y", "x"], [0, 1]);
 * assert(samples[0].name === "Anna" && samples[0].columns.join() === "1,0");
 * ```
 */
export function readSampleSheet(
  text: string,
  file: string,
  columns: readonly string[],
  alleles: readonly number[],
): SampleChoice {
  const byName = new Map(alleles.map((column) => [columns[column], column]));
  const samples: Sample[] = [];
  const names = new Set<string>();
  const used = new Set<string>();
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const fail = (detail: string) => new InputError(detail, { file, line: index + 1 });
    const [name, ...haplotypes] = line.replace(/[\t ]+$/, "").split("\t");
    if (name === "") throw fail("the sample name is empty");
    if (names.has(name)) throw fail(`the sample '${printable(name)}' stands here twice`);
    if (haplotypes.length === 0) {
      throw fail(`the sample '${printable(name)}' has no columns; write SAMPLE<TAB>COLUMN...`);
    }
    for (const haplotype of haplotypes) {
      if (!byName.has(haplotype)) {
        throw fail(`the matrix has no allele column '${printable(haplotype)}'`);
      }
      if (used.has(haplotype)) throw fail(`the column '${printable(haplotype)}' is used twice`);
      used.add(haplotype);
    }
    names.add(name);
    const sources = haplotypes.map((haplotype) => byName.get(haplotype)!);
    samples.push({ name, columns: sources, phased: true });
  }
  if (samples.length === 0) throw new InputError("the sample sheet names no sample", { file });
  return { samples, unpaired: [] };
}

/**
 * Refuses names that tools downstream would split or show wrongly.
 *
 * @throws {InputError} Without file: a blank or control character in a name.
 */
export function checkSampleNames(samples: readonly Sample[], at: Location = {}): void {
  for (const { name } of samples) {
    // deno-lint-ignore no-control-regex
    if (/[\s\u0000-\u001f\u007f]/.test(name)) {
      throw new InputError(
        `the sample name '${printable(name)}' has a blank or control character; rename it with ` +
          `--samples`,
        at,
      );
    }
  }
}

/** Returns one line that says how columns became samples. */
export function describeChoice({ samples, unpaired }: SampleChoice): string {
  const byPloidy = new Map<number, number>();
  for (const { columns } of samples) {
    byPloidy.set(columns.length, (byPloidy.get(columns.length) ?? 0) + 1);
  }
  const NAMES = ["", "haploid", "diploid", "triploid", "tetraploid"];
  const parts = [...byPloidy].sort((a, b) => b[1] - a[1]).map(([ploidy, count]) =>
    `${count} ${NAMES[ploidy] ?? `${ploidy}-ploid`}`
  );
  const shown = samples.slice(0, 3).map(({ name }) => printable(name, 24)).join(", ");
  const more = samples.length > 3 ? ", ..." : "";
  const hint = unpaired.length
    ? `; not paired: the series of '${printable(unpaired[0], 24)}'${
      unpaired.length > 1 ? ` and ${unpaired.length - 1} more` : ""
    } (see --samples)`
    : "";
  return `${samples.length} sample${samples.length === 1 ? "" : "s"} (${
    parts.join(", ")
  }): ${shown}${more}${hint}`;
}
