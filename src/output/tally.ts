/**
 * What all partitions counted, and whether it is what ingest promised.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import type { ContigSpan, Partition } from "./partitions.ts";
import { noCounts, type SiteCounts } from "../vcf/site_filter.ts";

/** Adds up what partitions counted, and compares it with what ingest counted. */
export class Tally {
  readonly total = { ...noCounts(), rows: 0 };
  readonly #rows: Map<number, number>;
  /** Positions at edges between partitions where the other side is not known yet. */
  readonly #edges = new Map<number, number>();
  /** Edges at both ends of a partition without records are one: the later edge to the earlier. */
  readonly #joined = new Map<number, number>();

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
    // Contigs leave a number out between them, so that they have no edge in common.
    const edge = ordinal + contigOrdinal;
    if (counts.firstPos > 0) {
      this.#meet(this.#edge(edge), counts.firstPos);
      this.#meet(this.#edge(edge + 1), counts.lastPos);
    } else this.#join(this.#edge(edge), this.#edge(edge + 1));
  }

  /** Two partitions meet at an edge; the second to come finds a duplicate across it. */
  #meet(edge: number, pos: number): void {
    const other = this.#edges.get(edge);
    if (other === undefined) {
      this.#edges.set(edge, pos);
      return;
    }
    this.#edges.delete(edge);
    if (other === pos) this.total.duplicates++;
  }

  #join(edge: number, later: number): void {
    const pos = this.#edges.get(later);
    this.#edges.delete(later);
    this.#joined.set(later, edge);
    if (pos !== undefined) this.#meet(edge, pos);
  }

  /** The edge that stands for this one. */
  #edge(edge: number): number {
    for (let earlier = this.#joined.get(edge); earlier !== undefined;) {
      edge = earlier;
      earlier = this.#joined.get(edge);
    }
    return edge;
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
