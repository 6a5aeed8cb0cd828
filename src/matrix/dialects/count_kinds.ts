/**
 * Counts what the cells of the first rows of a table look like.
 *
 * @module
 */
import { BLANK, CR, HASH, LF, TAB } from "../../base/bytes.ts";
import { lineEnd, trimBlanks } from "../cell_bytes.ts";

/** What a cell may look like. */
export const KINDS = [
  "missing",
  "allele",
  "letters",
  "iupac",
  "pair",
  "code",
  "open",
  "number",
] as const;

export type CellKind = typeof KINDS[number] | "fraction" | "other";

/** What the cells of some columns look like. */
export interface KindCounts {
  /** Number of cells of each kind. */
  of: Record<CellKind, number>;
  /** Cells that are not missing. */
  known: number;
  /** The first cell of each kind, and the number of its line, 1-based at the first row. */
  first: Partial<Record<CellKind, { text: string; line: number; column: number }>>;
  /** The numbers that are whole cells. */
  numbers: Set<string>;
  /** Most alleles that one cell separates. */
  copies: number;
}

/** Most rows, and most columns of them, that are looked at. */
const ROWS = 1000, COLUMNS = 64;
/** Bytes that tell what a cell is; those of a long allele do, too. */
const MOST_BYTES = 200;

const ALLELE = "(?:[ACGTN]+|\\*|<[^<>,\\s]+>)";
const PATTERNS: readonly [CellKind, RegExp][] = [
  ["missing", /^(?:[.N-]?|NA|NN|--)$/i],
  ["number", /^-?\d+$/],
  ["letters", /^(?:[ACGTN-]{2}|[ACGTN]:[ACGTN])$/i],
  ["iupac", /^[RYSWKM]$/i],
  ["allele", new RegExp(`^${ALLELE}$`, "i")],
  ["open", /^\.?[|/][.|/]*$/],
  ["code", /^(?:\d+|\.)(?:[|/](?:\d+|\.))+(?::.*)?$|^\d+:.+$/],
  ["pair", new RegExp(`^(?:${ALLELE}|[.-])?(?:[|/](?:${ALLELE}|[.-])?)+$`, "i")],
  ["fraction", /^\d*\.\d+(?:e-?\d+)?$/i],
];

/**
 * Returns what a cell looks like.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { kindOf } from "./count_kinds.ts";
 * const kinds = ["A/G", "0|1", "./.", "AG", "2", "TA", "TAC", "NA", "x"].map(kindOf).join(" ");
 * assert(kinds === "pair code open letters number letters allele missing other");
 * ```
 */
export function kindOf(cell: string): CellKind {
  return PATTERNS.find(([, pattern]) => pattern.test(cell))?.[0] ?? "other";
}

/**
 * Counts the kinds of the cells of some columns, of which 64 at most are looked at, in 1,000 rows
 * at most.
 *
 * @param rows Whole lines, with TABs between their fields.
 * @param columns 0-based, ascending.
 */
export function countKinds(rows: Uint8Array, columns: readonly number[]): KindCounts {
  const step = Math.max(1, Math.ceil(columns.length / COLUMNS));
  const wanted = columns.filter((_, index) => index % step === 0);
  const counts = noCounts(), decoder = new TextDecoder();
  // Most cells have one byte; a text is made of each byte once.
  const ofByte: (CellKind | undefined)[] = [];
  forEachCell(rows, wanted, (from, to, column, line) => {
    const byte = to - from === 1 ? rows[from] : -1;
    let kind = ofByte[byte];
    if (kind === undefined) {
      const text = decoder.decode(rows.subarray(from, Math.min(to, from + MOST_BYTES)));
      kind = kindOf(text);
      if (byte >= 0) ofByte[byte] = kind;
      if (kind === "number") counts.numbers.add(text);
      counts.copies = Math.max(counts.copies, text.split(/[|/]/).length);
      counts.first[kind] ??= { text, line, column };
    }
    counts.of[kind]++;
    if (kind !== "missing") counts.known++;
  });
  return counts;
}

function noCounts(): KindCounts {
  const of = Object.fromEntries([...KINDS, "fraction", "other"].map((kind) => [kind, 0]));
  const counts = { of: of as Record<CellKind, number>, known: 0, first: {}, copies: 0 };
  return { ...counts, numbers: new Set() };
}

/** Calls `use` for each cell of the wanted columns; blank lines and `##` ones have none. */
export function forEachCell(
  rows: Uint8Array,
  wanted: readonly number[],
  use: (from: number, to: number, column: number, line: number) => void,
): void {
  let line = 0;
  for (let at = 0; at < rows.length && line < ROWS; at = rows.indexOf(LF, at) + 1) {
    line++;
    if (rows[at] === HASH && rows[at + 1] === HASH) continue;
    const end = trimBlanks(rows, at, lineEnd(rows, at));
    if (end === at) continue;
    let column = 0, p = at;
    for (const next of wanted) {
      for (; column < next && p < end; p++) if (rows[p] === TAB) column++;
      if (column < next) break;
      let q = p;
      while (q < end && rows[q] !== TAB) q++;
      let to = q;
      while (to > p && (rows[to - 1] === BLANK || rows[to - 1] === CR)) to--;
      use(p, to, column, line);
      p = q;
    }
  }
}
