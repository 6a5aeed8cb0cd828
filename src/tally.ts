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
    const promised = new Map<number, { name: string; rows: number }>();
    for (const { contigOrdinal, name, records } of this.spans) {
      const rows = (promised.get(contigOrdinal)?.rows ?? 0) + records;
      promised.set(contigOrdinal, { name, rows });
    }
    for (const [ordinal, { name, rows }] of promised) {
      const found = this.#rows.get(ordinal);
      if (found === rows) continue;
      throw new InputError(
        `contig '${name}' should have given ${rows} rows, but ${found} came out of the table: it ` +
          `is damaged, or memory or disk ran out; try a larger --memory`,
        { file: database },
      );
    }
  }
}
