/**
 * Columns of a dialect as tests name them.
 *
 * @module
 */
import type { Dialect, DialectFacts } from "../../src/matrix/dialects/dialect.ts";
import { type MatrixLayout, Role } from "../../src/matrix/layout.ts";
import type { Columns } from "../../src/matrix/read_layout.ts";

/** The columns of a text. */
export interface NamedColumns {
  dialect: Dialect;
  /** Names of all columns. */
  columns: string[];
  /** Lines before the first row. */
  headerLines: number;
  /** Roles of columns that hold no cell. */
  roles: Record<string, keyof typeof Role>;
  /** Samples with the places (0-based) of their columns, and of the one of their block. */
  samples: { name: string; columns: number[]; block?: number; phased?: boolean }[];
  facts?: DialectFacts;
}

const USUAL = {
  separator: "tab",
  header: "line",
  copies: 2,
  missing: [],
  gap: "missing",
  ref: "column",
  names: "header",
} as const;

/** Dialects with what tests need of them. */
export const TEST_DIALECTS = {
  matrix: { ...USUAL, name: "matrix", copies: 1, cells: "allele", phase: "always" },
  genotypes: { ...USUAL, name: "genotypes", cells: "pair", phase: "cell" },
  codes: { ...USUAL, name: "codes", cells: "code", phase: "cell" },
  letters: { ...USUAL, name: "genotypes", cells: "letters", phase: "cell" },
  hapmap: {
    ...{ ...USUAL, name: "hapmap", cells: "letters", gap: "indel", ref: "lookup", phase: "never" },
    missing: ["N", "NN", "X", "XX", "--"],
  },
  haplotypeTable: { ...USUAL, name: "haplotype-table", cells: "pair", phase: "blocks" },
  tped: {
    ...{ ...USUAL, name: "tped", copies: 1, cells: "allele", ref: "lookup", phase: "never" },
    missing: ["0"],
  },
  haps: {
    ...{ ...USUAL, name: "haps", copies: 1, cells: "haps", gap: "absent", ref: "ids" },
    ...{ missing: ["?"], phase: "always" },
  },
  rawDna: {
    ...{ ...USUAL, name: "raw-dna", cells: "letters", gap: "absent", ref: "lookup" },
    ...{ missing: ["--", "00", "0"], phase: "never", names: "option" },
  },
  dosage: {
    ...{ ...USUAL, name: "dosage", cells: "dosage", phase: "never" },
    missing: ["-1", "-9", "9"],
  },
} as const satisfies Record<string, Dialect>;

/** Returns the columns as the first look at a file would. */
export function dialectColumns(
  text: string,
  { dialect, columns, headerLines, roles: named, samples, facts = {} }: NamedColumns,
): Columns {
  const roles = new Int32Array(columns.length).fill(Role.Ignored);
  const copies = new Uint8Array(columns.length);
  const blocks = new Int32Array(columns.length).fill(-1);
  columns.forEach((name, column) => {
    if (Object.hasOwn(named, name)) roles[column] = Role[named[name]];
  });
  let ordinal = 0;
  samples.forEach(({ columns: own, block }, sample) => {
    for (const column of own) {
      if (copies[column]++ === 0) roles[column] = ordinal;
      ordinal++;
    }
    if (block === undefined) return;
    roles[block] = Role.Block;
    blocks[block] = sample;
  });
  const layout: MatrixLayout = {
    ...{ columns, roles, copies, blocks, dialect, facts, leftOut: [], bySheet: false },
    hasId: roles.includes(Role.Id),
    choice: {
      samples: samples.map(({ name, columns, phased = dialect.phase !== "never" }) => {
        return { name, columns, phased };
      }),
      unpaired: [],
    },
    haplotypes: ordinal,
  };
  const lines = text.split("\n"), start = lines.slice(0, headerLines).join("\n").length;
  const first = headerLines > 0 ? start + 1 : 0, line = lines[0];
  return {
    head: { line, number: 1, start: 0, end: line.length + 1 },
    header: { columns, at: {}, quoted: false } as unknown as Columns["header"],
    rows: { start: first, lines: headerLines },
    layout,
    rowTextBytes: layout.hasId ? 8 : 0,
  };
}

/** Returns the columns of a table with a header, whose other columns are samples of two alleles. */
export function pairTable(
  dialect: Dialect,
  names: readonly string[],
  roles: NamedColumns["roles"],
): NamedColumns {
  const columns = [...names], taken = new Set(Object.keys(roles));
  const samples = columns.flatMap((name, column) =>
    taken.has(name) ? [] : [{ name, columns: [column, column] }]
  );
  return { dialect, columns, headerLines: 1, roles, samples };
}
