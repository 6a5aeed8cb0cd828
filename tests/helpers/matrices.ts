/**
 * Random matrices for property tests: odd names, every spelling of missing, rows in any order,
 * ragged ends. Most are good input; a few clash in their sample names, and `badRows` asks for rows
 * to be refused.
 *
 * @module
 */

import fc from "fast-check";
import type { OracleOptions } from "./oracle.ts";

/** A matrix and what to convert it with. */
export interface Matrix {
  text: string;
  options: OracleOptions;
}

const SUFFIXES = [
  ["_hap1", "_hap2", "_hap3"],
  ["_a", "_b", "_c"],
  ["_A", "_B", "_C"],
  ["_1", "_2", "_3"],
  [".a", ".b", ".c"],
  [".1", ".2", ".3"],
  ["a", "b", "c"],
  ["A", "B", "C"],
];
const STEMS = [
  "10",
  "7",
  "S",
  "s",
  "Vida",
  "x.y",
  "a_b",
  "NA12878",
  "Zoë",
  "B-1",
  "_",
  "chr",
  "é 1",
];
const CONTIGS = ["1", "chr2", "X", "grch38#chr8", "gi|9626243|ref|NC_001416.1|", "HLA:A*01"];
const ROLES = [
  ["CHROM", "#CHROM", "chrom", "Chr", "#contig", "CHROMOSOME", "seqname"],
  ["POS", "pos", "Position", "BP"],
  ["REF", "ref", "Reference"],
  ["ID", "id"],
];
const DEFAULT_MISSING = [".", ".", "N", "N", "n", "", "NA", "-", "NN", "nNN", "--", "---"];
const MORE_MISSING = ["0", "?", "NN", "..", "null", "X"];
const JUNK = ["", "x y", "0.5", "<", "#", "R", '"', "ü"];
const ALLELES = ["A", "C", "G", "T", "a", "c", "g", "t", "*", "<DEL>", "<del>", "<INS:ME>"];

const bases = fc.string({ unit: fc.constantFrom(..."ACGTNacgt"), minLength: 2, maxLength: 12 });

/** The names of a few columns that belong together, or look as if they did. */
const family = fc.record({
  stem: fc.constantFrom(...STEMS),
  suffixes: fc.constantFrom(...SUFFIXES),
  members: fc.constantFrom("ab", "ab", "ab", "ba", "a", "b", "abc", "cab", "alone", "alone+ab"),
}).map(({ stem, suffixes: [a, b, c], members }) => {
  if (members === "alone") return [stem];
  const own = members === "alone+ab" ? [stem] : [];
  const series = members.replace("alone+", "").split("");
  return [...own, ...series.map((letter) => stem + { a, b, c }[letter])];
});

/** Unique column names; thousands of them now and then. */
const narrowNames = fc.array(family, { minLength: 1, maxLength: 5 }).map((lists) => unique(lists));
const wideNames = fc.record({ samples: fc.integer({ min: 200, max: 1500 }), diploid: fc.boolean() })
  .map(({ samples, diploid }) =>
    range(samples).flatMap((i) => diploid ? [`HG${i}a`, `HG${i}b`] : [`sample_${i + 1}`])
  );
const alleleNames = fc.oneof(
  { weight: 30, arbitrary: narrowNames },
  { weight: 1, arbitrary: wideNames },
);

const cell = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("A", "C", "G", "T") },
  { weight: 2, arbitrary: fc.constantFrom(...ALLELES) },
  { weight: 2, arbitrary: fc.constantFrom(...DEFAULT_MISSING) },
  { weight: 1, arbitrary: bases },
);

const position = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 40 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 2 ** 31 - 1 }) },
  { weight: 1, arbitrary: fc.constant(2 ** 31 - 1) },
);

const row = fc.record({
  contig: fc.constantFrom(...CONTIGS),
  pos: position,
  ref: fc.oneof(fc.constantFrom("A", "C", "G", "T", "a", "t", "N", "N", "n", "NN"), bases),
  id: fc.constantFrom("", ".", "rs1", "rs2;rs3"),
  cells: fc.array(cell, { minLength: 1, maxLength: 13 }), // repeated over the columns
  gap: fc.constantFrom("", "", "", MORE_MISSING[0], "more"),
  tail: fc.constantFrom("", "", "", "\t", "\t\t\t", "  ", "\t "),
  before: fc.constantFrom("", "", "", "", "", "##note\tx"),
  bad: fc.constantFrom(...range(12)),
});

const shape = fc.record({
  roles: fc.tuple(...ROLES.map((names) => fc.constantFrom(names[0], ...names))),
  withId: fc.boolean(),
  scattered: fc.boolean(),
  order: fc.array(fc.nat(), { minLength: 12, maxLength: 12 }),
  sorted: fc.boolean(),
  meta: fc.constantFrom("", "##made by hand"),
  crlf: fc.boolean(),
  lastNewline: fc.boolean(),
  blankEnd: fc.boolean(),
  headerTail: fc.constantFrom("", "", "\t", " ", "\t\t"),
  header: fc.constantFrom("inside", "inside", "apart", "both"),
  manyAlleles: fc.constantFrom(...range(20)).map((n) => n === 1),
});

const choices = fc.record({
  ploidy: fc.constantFrom("auto" as const, "auto" as const, "auto" as const, "1" as const),
  missing: fc.subarray(MORE_MISSING),
  variantsOnly: fc.boolean(),
  unphased: fc.boolean(),
  homozygous: fc.boolean(),
  info: fc.boolean(),
});

/** What `--samples-file` is made of: which columns, and how many for each sample in turn. */
const sheets = fc.option(
  fc.record({
    keys: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
    keep: fc.integer({ min: 1, max: 9 }),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    comment: fc.boolean(),
  }),
  { freq: 4 },
);

/** Random matrices with their options; with `badRows`, a good part of the rows is bad. */
export function matrices({ badRows = false } = {}): fc.Arbitrary<Matrix> {
  const rows = fc.array(row, { minLength: 1, maxLength: 40 });
  return fc.record({ names: alleleNames, rows, shape, choices, sheet: sheets })
    .map(({ names, rows, shape, choices, sheet }) => {
      const alleles = shape.scattered ? shuffled(names, shape.order) : names;
      const notes = sheet === null ? [] : ["note", "Freq 1"]; // left out by the sheet
      const fixed = shape.withId ? shape.roles : shape.roles.slice(0, 3);
      const columns = unique([fixed, alleles, notes]);
      const order = shape.scattered ? shuffled(columns, shape.order) : columns;
      const ends = shape.crlf ? "\r\n" : "\n";

      const sorted = shape.sorted
        ? rows.toSorted((a, b) => a.contig.localeCompare(b.contig) || a.pos - b.pos)
        : rows;
      const lines = sorted.flatMap((row, r) => {
        const values = new Map<string, string>();
        [row.contig, String(row.pos), row.ref, row.id].slice(0, fixed.length)
          .forEach((value, i) => values.set(fixed[i], value));
        alleles.forEach((name, i) => {
          const extra = choices.missing[i % choices.missing.length] ?? ".";
          const value = row.gap !== "" && (i + r) % 5 === 0
            ? extra
            : row.cells[i % row.cells.length];
          values.set(name, shape.manyAlleles ? numbered(i * 3 + r) : value);
        });
        notes.forEach((name, i) => values.set(name, JUNK[(r + i) % JUNK.length]));
        if (badRows) spoil(row.bad, values, fixed, alleles);
        const line = order.map((name) => values.get(name)).join("\t") + row.tail;
        const whole = badRows && row.bad === 1 ? line.replace(/\t[^\t]*\S[ \t]*$/, "") : line;
        return row.before === "" ? [whole] : [row.before, whole];
      });

      const header = order.join("\t") + shape.headerTail;
      const first = shape.header === "apart" ? [] : [header];
      const meta = shape.meta === "" ? [] : [shape.meta];
      const body = [...meta, ...first, ...lines].join(ends);
      const blank = shape.blankEnd && shape.lastNewline ? ends : "";
      const options: OracleOptions = { ...choices, onBadRow: badRows ? "skip" : "error" };
      if (shape.header !== "inside") options.header = header + ends;
      if (sheet !== null) {
        options.ploidy = "auto";
        options.samples = sheetOf(shuffled(alleles, sheet.keys).slice(0, sheet.keep), sheet);
      }
      return { text: body + (shape.lastNewline ? ends : "") + blank, options };
    });
}

function spoil(kind: number, values: Map<string, string>, fixed: string[], alleles: string[]) {
  const last = alleles[alleles.length - 1];
  const contigs = ["", "chr 1", "#1", "a,b", "<1>", "*", ".", "NA", "nan", "None", "-"];
  const seen = values.get(last)?.length ?? 0;
  if (kind === 2) values.set(fixed[0], contigs[seen % contigs.length]);
  if (kind === 3) values.set(fixed[1], ["0", "-4", "x", "1e6", "2147483648", ""][seen % 6]);
  if (kind === 4) values.set(fixed[2], ["", ".", "-", "R", "*", "<DEL>"][seen % 6]);
  if (kind === 5) values.set(last, ["R", "A/C", "AU", "<", "A C", "**"][seen % 6]);
  if (kind === 6) values.set(last, "A\tC"); // one field too many
}

function sheetOf(columns: string[], { sizes, comment }: { sizes: number[]; comment: boolean }) {
  const lines = comment ? ["# sample\thaplotypes"] : [];
  for (let i = 0, n = 0; i < columns.length; i += sizes[n++ % sizes.length]) {
    const own = columns.slice(i, i + sizes[n % sizes.length]);
    lines.push([`Sample_${n}${n % 2 ? "a" : "b"}`, ...own].join("\t"));
  }
  return lines.join("\n") + "\n";
}

/** A different run of bases for every number. */
function numbered(n: number): string {
  return [...n.toString(4)].map((digit) => "ACGT"[Number(digit)]).join("");
}

/** A rearrangement that depends on the keys alone, so that it shrinks. */
function shuffled<T>(items: T[], keys: number[]): T[] {
  const key = (i: number) => (keys[i % keys.length] ^ (i * 2654435761)) >>> 0;
  return items.map((item, i) => ({ item, key: key(i) }))
    .sort((a, b) => a.key - b.key).map(({ item }) => item);
}

function unique(lists: string[][]): string[] {
  return [...new Set(lists.flat())];
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
