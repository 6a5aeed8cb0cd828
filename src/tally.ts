/**
 * What all partitions counted, and whether it is what ingest promised.
 *
 * @module
 */
import { InputError } from "./errors.ts";
import type { ContigSpan, Partition } from "./plan.ts";
import { noCounts, type SiteCounts } from "./site_choice.ts";

/** Adds up what partitions counted, and compares it with what ingest counted. */
export class Tally {
  readonly total = { ...noCounts(), rows: 0 };
  readonly #rows: Map<number, number>;
  /** Edges of partitions whose neighbour is not done yet: `contig:edge` to the position there. */
  readonly #edges = new Map<string, number>();

  /** @param spans What the partitions are made of. */
  constructor(private readonly spans: readonly ContigSpan[]) {
    this.#rows = new Map(spans.map(({ contigOrdinal }) => [contigOrdinal, 0]));
  }

  add(
    { ordinal, contigOrdinal }: Partition,
    counts: SiteCounts & { rows: number; firstPos: number; lastPos: number },
  ): void {
    for (const key of Object.keys(this.total) as (keyof typeof this.total)[]) {
      this.total[key] += counts[key];
    }
    this.#rows.set(contigOrdinal, this.#rows.get(contigOrdinal)! + counts.rows);
    this.#meet(`${contigOrdinal}:${ordinal}`, counts.firstPos);
    this.#meet(`${contigOrdinal}:${ordinal + 1}`, counts.lastPos);
  }

  /** Two partitions meet at an edge; the second to come finds a duplicate across it. */
  #meet(edge: string, pos: number): void {
    const other = this.#edges.get(edge);
    if (other === undefined) {
      this.#edges.set(edge, pos);
      return;
    }
    this.#edges.delete(edge);
    if (other === pos && pos > 0) this.total.duplicates++;
  }

  /** A stream of DuckDB that ends early says nothing: only the count tells. */
  check(database: string): void {
    for (const [ordinal, rows] of this.#rows) {
      const spans = this.spans.filter(({ contigOrdinal }) => contigOrdinal === ordinal);
      const promised = spans.reduce((sum, { records }) => sum + records, 0);
      if (rows === promised) continue;
      throw new InputError(
        `contig '${
          spans[0].name
        }' should have given ${promised} rows, but ${rows} came out of the ` +
          `table: it is damaged, or memory or disk ran out; try a larger --memory`,
        { file: database },
      );
    }
  }
}
