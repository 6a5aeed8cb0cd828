/**
 * Reads the table of counts of a report.
 *
 * @module
 */
import type { CountRow } from "../counts/count_table.ts";

/** The counts of a report, by figure. */
export class Counts {
  readonly #rows = new Map<string, CountRow[]>();

  constructor(rows: readonly CountRow[]) {
    for (const row of rows) {
      const same = this.#rows.get(row.figure);
      if (same) same.push(row);
      else this.#rows.set(row.figure, [row]);
    }
  }

  /** Returns the rows of a figure, in their order. */
  rows(figure: string): readonly CountRow[] {
    return this.#rows.get(figure) ?? [];
  }

  /** Returns a number of all records; 0 where there is none. */
  total(name: string): number {
    return this.#rows.get(`total.${name}`)?.[0].count ?? 0;
  }

  /** Tells whether there is such a number of all records. */
  has(name: string): boolean {
    return this.#rows.has(`total.${name}`);
  }
}

/** Returns a share rounded to six digits, as the views have them; null where there is nothing. */
export function roundedShare(part: number, whole: number): number | null {
  return whole > 0 ? Math.round(part / whole * 1e6) / 1e6 : null;
}
