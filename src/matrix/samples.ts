/**
 * Finds out which columns are the haplotypes of which sample, by the suffixes of the column names
 * or by a sample sheet.
 *
 * @module
 */
import { InputError, type Location } from "../base/errors.ts";
import { printable, steers } from "../base/text.ts";
import { pairsOf } from "./name_series.ts";
import { unquotedFields } from "./separators.ts";

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

/**
 * Pairs allele columns by their names. Samples stand in the order of their first column; a
 * column without a partner is a haploid sample of its own name.
 *
 * @param columns Every name of the header, in source order.
 * @param alleles Which of them are allele columns, 0-based, ascending.
 * @param ploidy `auto` pairs where it can, 1 never, 2 always (a column without a partner throws).
 * @param genotypes Samples of further columns, which hold whole genotypes.
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
  genotypes: readonly Sample[] = [],
): SampleChoice {
  const { pairs, unpaired } = ploidy === 1
    ? { pairs: [], unpaired: [] }
    : pairsOf(columns, alleles);
  const known = [...genotypes, ...pairs.map((pair): Sample => ({ ...pair, phased: true }))];
  const byColumn = new Map(known.flatMap((sample) => sample.columns.map((own) => [own, sample])));
  const samples = new Set<Sample>();
  const all = [...alleles, ...genotypes.map((sample) => sample.columns[0])];
  for (const column of all.sort((a, b) => a - b)) {
    const pair = byColumn.get(column);
    if (!pair && ploidy === 2) {
      throw new InputError(
        `the column has no partner, and --ploidy 2 wants pairs; name pairs NAMEa and NAMEb, or ` +
          `list them with --samples-file`,
        { column: columns[column] },
      );
    }
    samples.add(pair ?? { name: columns[column], columns: [column], phased: true });
  }
  refuseSameNames(samples);
  return { samples: [...samples], unpaired };
}

function refuseSameNames(samples: Iterable<Sample>): void {
  const names = new Set<string>();
  for (const { name } of samples) {
    if (names.has(name)) {
      throw new InputError(
        `two samples would be called '${printable(name)}'; name them with --samples-file`,
      );
    }
    names.add(name);
  }
}

/**
 * Reads a sample sheet: TAB-separated, no header, `#` comments. Each line has a sample and its
 * haplotype columns. The sheet chooses, orders, renames and pairs. A name that the header has
 * twice is used twice. A file of which no line has columns is no sheet; see
 * {@linkcode readNameList}.
 *
 * @param text The sheet.
 * @param file Its path, for messages.
 * @param columns Every name of the matrix header.
 * @param alleles Which of them may be haplotypes, 0-based.
 * @throws {InputError} Located in the sheet: an unknown or repeated column, a repeated sample, a
 * sample without columns, quotes around some fields only, an empty sheet.
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
  const samples: Sample[] = [];
  const names = new Set<string>(), sheetColumns = new SheetColumns(columns, alleles);
  for (const { fields: [name, ...haplotypes], at } of sheetLines(text, file)) {
    if (names.has(name)) {
      throw new InputError(`the sample '${printable(name)}' stands here twice`, at);
    }
    if (haplotypes.length === 0) {
      const detail = `the sample '${printable(name)}' has no columns; write SAMPLE<TAB>COLUMN...`;
      throw new InputError(detail, at);
    }
    names.add(name);
    const sources = haplotypes.map((haplotype) => sheetColumns.take(haplotype, at));
    samples.push({ name, columns: sources, phased: true });
  }
  sheetColumns.refuseRest();
  return { samples, unpaired: [] };
}

/**
 * Reads a plain list of sample names, one on each line.
 *
 * @param text The file.
 * @param file Its path, for messages.
 * @returns The names, and where they stand; undefined where a line has columns, too: it is a sheet.
 * @throws {InputError} Located: quotes around some fields only, a file without names.
 */
export function readNameList(
  text: string,
  file: string,
): { name: string; at: Location }[] | undefined {
  const lines = sheetLines(text, file);
  if (lines.some(({ fields }) => fields.length > 1)) return undefined;
  return lines.map(({ fields: [name], at }) => ({ name, at }));
}

/** Returns the fields of each line of a file of samples, where there is one; the first is a name. */
export function sheetLines(
  text: string,
  file: string,
): { fields: readonly string[]; at: Location }[] {
  const found: { fields: readonly string[]; at: Location }[] = [];
  for (const [index, line] of text.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const at = { file, line: index + 1 };
    const fields = unquotedFields(line.replace(/[\t ]+$/, "").split("\t")), [name] = fields;
    if (name === "") throw new InputError("the sample name is empty", at);
    if (name.includes('"')) {
      throw new InputError(
        `the sample name '${printable(name)}' has quotes; quote all fields, or none`,
        at,
      );
    }
    found.push({ fields, at });
  }
  if (found.length === 0) throw new InputError("the file names no sample", { file });
  return found;
}

/** The columns that a sheet can name, each once. */
class SheetColumns {
  readonly #byName: Map<string, number[]>;
  /** Where names were last used, and how often. */
  readonly #used = new Map<string, { times: number; at: Location }>();

  constructor(columns: readonly string[], alleles: readonly number[]) {
    this.#byName = Map.groupBy(alleles, (column) => columns[column]);
  }

  /** Returns the next column of a name. */
  take(name: string, at: Location): number {
    const found = this.#byName.get(name), times = this.#used.get(name)?.times ?? 0;
    if (!found) throw new InputError(`the matrix has no allele column '${printable(name)}'`, at);
    if (times === found.length) {
      throw new InputError(`the column '${printable(name)}' is used twice`, at);
    }
    this.#used.set(name, { times: times + 1, at });
    return found[times];
  }

  /** Refuses a name that the header has more often than the sheet: which column is meant? */
  refuseRest(): void {
    for (const [name, { times, at }] of this.#used) {
      const { length } = this.#byName.get(name)!;
      if (times === length) continue;
      const detail = `the matrix has ${length} columns '${
        printable(name)
      }'; name it ${length} times`;
      throw new InputError(detail, at);
    }
  }
}

/**
 * Refuses names that tools downstream would split or show wrongly.
 *
 * @throws {InputError} Without file: a blank in a name, or a character that steers.
 */
export function checkSampleNames(samples: readonly Sample[], at: Location = {}): void {
  for (const { name } of samples) {
    if (/\s/.test(name) || steers(name)) {
      throw new InputError(
        `the sample name '${
          printable(name)
        }' has a blank or control character, or one that turns text; ` +
          "rename it with --samples-file",
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
    } (see --samples-file)`
    : "";
  return `${samples.length} sample${samples.length === 1 ? "" : "s"} (${
    parts.join(", ")
  }): ${shown}${more}${hint}`;
}
