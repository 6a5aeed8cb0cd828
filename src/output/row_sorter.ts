/**
 * Sorts rows by contig, position and line in a bounded part of the memory. Rows are dealt to bins by
 * their positions; a bin that memory has room for is sorted there, and a larger one is dealt again.
 *
 * @module
 */
import { type OrderedRows, ROW_BITS } from "./ordered_rows.ts";
import { BY_LINE, BY_PLACE, type KeyRange, RowBins, type SortKey } from "./row_bins.ts";
import type { RowsToSort } from "./partitions.ts";
import { orderBy } from "./row_order.ts";
import type { KeptPage, Page, RowPages, UnsortedRows } from "./row_pages.ts";

/** Pages of a bin that the cache of a processor has room for, about. */
const FEW_PAGES = 4;

/** A sorter of the rows of one partition. */
export class RowSorter {
  readonly #bins: RowBins;

  /**
   * @param toSort The rows that will be added.
   * @param lineBase The line that their lines are counted from.
   */
  constructor(
    private readonly pages: RowPages,
    { rows, keys }: RowsToSort,
    private readonly lineBase: number,
  ) {
    const count = this.#binsFor(Math.ceil(rows / pages.capacity));
    this.#bins = new RowBins(pages, count, BY_PLACE, keys);
  }

  /** Adds rows; returns the bytes of their texts. */
  add(rows: UnsortedRows): number {
    return this.#bins.add(rows);
  }

  /** Yields all rows in order, those of each contig for themselves. */
  sorted(): Generator<OrderedRows> {
    return this.#sortedBins(this.#bins.close());
  }

  /** Returns the number of bins for so many pages: each bin has few, and an open one in memory. */
  #binsFor(pages: number): number {
    const most = Math.floor(this.pages.most / 2) - 1;
    return Math.max(1, Math.min(most, Math.ceil(pages / FEW_PAGES)));
  }

  *#sortedBins(bins: KeptPage[][]): Generator<OrderedRows> {
    for (const kept of bins) {
      if (kept.length > this.pages.most) yield* this.#sortedBins(this.#dealAgain(kept));
      else if (kept.length > 0) yield* this.#sortedPages(kept);
    }
  }

  /** Deals the rows of a bin to bins of its own, by line where all have one position. */
  #dealAgain(kept: KeptPage[]): KeptPage[][] {
    const places = this.#rangeOf(kept, BY_PLACE), onePlace = places.first === places.last;
    const [key, range] = onePlace ? [BY_LINE, this.#rangeOf(kept, BY_LINE)] : [BY_PLACE, places];
    const bins = new RowBins(this.pages, Math.max(2, this.#binsFor(kept.length)), key, range);
    for (const one of kept) {
      const [page] = this.pages.load([one]);
      bins.add(page.rows());
      this.pages.release(page);
    }
    return bins.close();
  }

  #rangeOf(kept: KeptPage[], key: SortKey): KeyRange {
    const range = { first: Infinity, last: -Infinity };
    for (const one of kept) {
      const [page] = this.pages.load([one]), rows = page.rows();
      for (let row = 0; row < rows.rows; row++) {
        range.first = Math.min(range.first, key(rows, row));
        range.last = Math.max(range.last, key(rows, row));
      }
      this.pages.keepAgain(one, page);
    }
    return range;
  }

  /** Yields the rows of pages that memory has room for. */
  *#sortedPages(kept: KeptPage[]): Generator<OrderedRows> {
    const pages = this.pages.load(kept), rows = flat(pages);
    const order = orderBy([rows.line, rows.pos, rows.chrom]);
    const chunks = pages.map((page) => page.records(this.lineBase));
    for (let from = 0, to = 0; from < order.length; from = to) {
      const contig = rows.chrom[order[from]];
      for (; to < order.length && rows.chrom[order[to]] === contig; to++) {
        order[to] = rows.place[order[to]];
      }
      yield { contig, chunks, order: order.subarray(from, to) };
    }
    for (const page of pages) this.pages.release(page);
  }
}

/** The columns of all rows of some pages, and where each row is: `page << 11 | row`. */
interface FlatRows {
  chrom: Uint32Array;
  pos: Uint32Array;
  line: Uint32Array;
  place: Uint32Array;
}

function flat(pages: readonly Page[]): FlatRows {
  const rows = pages.reduce((sum, { batch }) => sum + batch.rows, 0);
  const column = () => new Uint32Array(rows);
  const all = { chrom: column(), pos: column(), line: column(), place: column() };
  let at = 0;
  pages.forEach(({ batch }, n) => {
    all.chrom.set(batch.chrom.subarray(0, batch.rows), at);
    all.pos.set(batch.pos.subarray(0, batch.rows), at);
    all.line.set(batch.line.subarray(0, batch.rows), at);
    for (let row = 0; row < batch.rows; row++) all.place[at++] = n << ROW_BITS | row;
  });
  return all;
}
