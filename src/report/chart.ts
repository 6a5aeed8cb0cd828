/**
 * Defines a chart of a report: a table, and what of it is drawn.
 *
 * @module
 */

/** A cell of a table. */
export type Cell = string | number | null;

/** How a table is drawn: `heat` is a square with names on both sides. */
export type ChartKind = "bar" | "line" | "points" | "heat";

/** A section of the page: a table with a chart of it. */
export interface Chart {
  id: string;
  title: string;
  /** Sentences about the chart. */
  text: readonly string[];
  kind: ChartKind;
  /** The first one names what the others are of. */
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** Columns (0-based) that are drawn. */
  drawn: readonly number[];
  /** Those of the drawn columns that have an axis of their own, from 0 to 1. */
  shares: readonly number[];
  /** Rows (0-based) that stand out. */
  marked: readonly number[];
  /** True where the axis of numbers is logarithmic. */
  logarithmic?: boolean;
  /** SQL over the views of a kept table that gives the table. */
  sql?: string;
}

/** Sections that stand without a chart. */
export interface Note {
  id: string;
  title: string;
  text: readonly string[];
}
