/**
 * Adds up what all partitions counted, and makes sure that it is what ingest promised.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import type { ContigGroup, Partition } from "./partitions.ts";
import { type SumArrays, withSums } from "../checksum/sums.ts";
import { type FigureArrays, withFigures } from "../counts/figures.ts";
import { noCounts, type SiteCounts } from "../vcf/site_filter.ts";
import type { PartitionCounts } from "./partition_formatter.ts";

/** The sums over all partitions, in whatever order those come. */
export class Tally {
  readonly total = noCounts();
  /** Sums of the genotypes, where partitions have some. */
  sums: SumArrays | undefined;
  /** Figures of the records, where they are wanted. */
  figures: FigureArrays | undefined;
  /** Rows of each group. */
  readonly #rows: Float64Array;
  /** Positions at edges between partitions of which only one side is known yet. */
  readonly #edges = new Map<number, number>();
  /**
   * Maps the later edge of a partition without records to the earlier one, as both are one edge.
   */
  readonly #joined = new Map<number, number>();

  /** @param groups The groups that the partitions are cut from. */
  constructor(private readonly groups: readonly ContigGroup[]) {
    this.#rows = new Float64Array(groups.length);
  }

  add(
    { ordinal, group }: Partition,
    counts: PartitionCounts,
  ): void {
    for (const key of Object.keys(this.total) as (keyof SiteCounts)[]) {
      this.total[key] += counts[key];
    }
    this.#rows[group] += counts.rows;
    this.sums = withSums(this.sums, counts);
    this.figures = withFigures(this.figures, counts);
    // The group's place leaves a number out between groups, so that they have no edge in common.
    const edge = ordinal + group;
    if (counts.firstPos > 0) {
      this.#meet(this.#edge(edge), counts.firstPos);
      this.#meet(this.#edge(edge + 1), counts.lastPos);
    } else this.#join(this.#edge(edge), this.#edge(edge + 1));
  }

  /**
   * Notes a position at an edge; the second of the two partitions there finds a duplicate across
   * it.
   */
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

  /** Returns the edge that stands for this one. */
  #edge(edge: number): number {
    for (let earlier = this.#joined.get(edge); earlier !== undefined;) {
      edge = earlier;
      earlier = this.#joined.get(edge);
    }
    return edge;
  }

  /**
   * Compares the rows of each group with what ingest counted. A stream of DuckDB that fails looks
   * like one that ends, so that only the count tells.
   *
   * @throws {InputError} Rows are missing.
   */
  check(database: string): void {
    this.groups.forEach(({ contigs, rows }, group) => {
      const found = this.#rows[group];
      if (found === rows) return;
      const [{ name }, ...others] = contigs;
      const more = others.length > 0 ? ` and ${others.length} more` : "";
      throw new InputError(
        `contig '${
          printable(name)
        }'${more} should have given ${rows} rows, but ${found} came out ` +
          `of the table: it is damaged, or memory or disk ran out; try a larger --memory`,
        { file: database },
      );
    });
  }
}
