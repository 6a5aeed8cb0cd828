/**
 * Adds up what the cells of a matrix gave, in file order.
 *
 * @module
 */
import { type SumArrays, withSums } from "../checksum/sums.ts";
import { type FigureArrays, withFigures } from "../counts/figures.ts";
import { noCounts, type SiteCounts } from "../vcf/site_filter.ts";
import type { CellEnd } from "./cell_formatter.ts";

/** The sums over all cells so far. */
export class CellTally {
  readonly total: SiteCounts = noCounts();
  /** Sums of the genotypes, where cells have some. */
  sums: SumArrays | undefined;
  /** Figures of the records, where they are wanted. */
  figures: FigureArrays | undefined;
  /** Contig and position of the last record, where its contig may go on in the next partition. */
  #contig: string | undefined;
  #lastPos = 0;

  /** Adds the next cell. */
  add(partitions: CellEnd["partitions"]): void {
    for (const { contig, firstPos, lastPos, ...counts } of partitions) {
      for (const key of Object.keys(this.total) as (keyof SiteCounts)[]) {
        this.total[key] += counts[key];
      }
      this.sums = withSums(this.sums, counts);
      this.figures = withFigures(this.figures, counts);
      if (contig !== this.#contig || contig === undefined) this.#lastPos = 0;
      this.#contig = contig;
      if (firstPos === 0) continue;
      if (firstPos === this.#lastPos) this.total.duplicates++;
      this.#lastPos = lastPos;
    }
  }
}
