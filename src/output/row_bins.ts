/**
 * Deals rows to bins by contig and position, or by line, so that sorting each bin sorts them all.
 *
 * @module
 */
import { hasRoom, type RowBatch } from "../matrix/row_batch.ts";
import type { KeptPage, Page, RowPages, UnsortedRows } from "./row_pages.ts";

/** Codes of a row up to which a loop copies them sooner than the platform does. */
const FEW_CODES = 48;

/** A key of rows, in the order of which bins are: contig and position, or the line alone. */
export type SortKey = (rows: UnsortedRows, row: number) => number;

/** Returns the key of a contig's place (0-based) and a position. */
export function placeKey(place: number, pos: number): number {
  return place * 2 ** 31 + pos;
}

/** The key of contig and position. */
export const BY_PLACE: SortKey = ({ chrom, pos }, row) => placeKey(chrom[row], pos[row]);
/** The key of rows of one position. */
export const BY_LINE: SortKey = ({ line }, row) => line[row];

/** Keys of rows, both included. */
export interface KeyRange {
  first: number;
  last: number;
}

/** Bins, which are equal parts of a range of keys. */
export class RowBins {
  readonly #kept: KeptPage[][];
  readonly #open: (Page | undefined)[];
  readonly #scale: number;

  /** @param count Number of bins, each of which has a page in memory. */
  constructor(
    private readonly pages: RowPages,
    count: number,
    private readonly key: SortKey,
    private readonly range: KeyRange,
  ) {
    this.#kept = Array.from({ length: count }, () => []);
    this.#open = this.#kept.map(() => undefined);
    this.#scale = count / (range.last - range.first + 1);
  }

  /** Deals rows to their bins; returns the bytes of their texts. */
  add(rows: UnsortedRows): number {
    let textBytes = 0;
    const { key, range: { first } } = this, scale = this.#scale, last = this.#open.length - 1;
    for (let row = 0; row < rows.rows; row++) {
      const part = Math.floor((key(rows, row) - first) * scale);
      const bin = part < 0 ? 0 : part > last ? last : part;
      const page = this.#open[bin];
      textBytes += append(rows, row, page && hasRoom(page.batch) ? page : this.#turn(bin));
    }
    return textBytes;
  }

  /** Returns the pages of each bin, in order; no more rows can be added. */
  close(): KeptPage[][] {
    this.#open.forEach((page, bin) => page && this.#kept[bin].push(this.pages.keep(page)));
    return this.#kept;
  }

  #turn(bin: number): Page {
    const full = this.#open[bin];
    if (full) this.#kept[bin].push(this.pages.keep(full));
    return this.#open[bin] = this.pages.take();
  }
}

/** Appends a row to a page; returns the bytes of its texts. */
function append(rows: UnsortedRows, row: number, { batch }: Page): number {
  const { shape: { stride }, alleles } = batch, to = batch.rows++;
  batch.chrom[to] = rows.chrom[row];
  batch.pos[to] = rows.pos[row];
  batch.line[to] = rows.line[row];
  batch.ref[to] = rows.ref[row];
  if (stride > FEW_CODES) {
    alleles.set(rows.alleles.subarray(row * stride, (row + 1) * stride), to * stride);
  } else {
    const codes = rows.alleles;
    for (let n = 0, i = row * stride, o = to * stride; n < stride; n++) alleles[o++] = codes[i++];
  }
  if (rows.phased || rows.sets) appendPhase(rows, row, batch, to);
  return appendPart(rows.id?.(row), batch.idBytes, batch.idEnd, to) +
    appendPart(rows.alt?.(row), batch.altCodes, batch.altEnd, to) +
    appendPart(rows.freq?.(row), batch.freqBytes, batch.freqEnd, to);
}

/** Appends the part of row `to`, or that it has none; returns its bytes. */
function appendPart<Items extends Uint8Array | Uint32Array>(
  part: Items | null | undefined,
  items: Items,
  ends: Uint32Array,
  to: number,
): number {
  if (part === undefined) return 0;
  const start = to === 0 ? 0 : ends[to - 1];
  if (part) items.set(part, start);
  ends[to] = start + (part?.length ?? 0);
  return part?.byteLength ?? 0;
}

function appendPhase({ phased, sets }: UnsortedRows, row: number, batch: RowBatch, to: number) {
  const { phaseBytes = 0, sets: samples = 0 } = batch.shape;
  const part = <Items>(items: { subarray(from: number, to: number): Items }, size: number) =>
    items.subarray(row * size, (row + 1) * size);
  if (phased) batch.phased.set(part(phased, phaseBytes), to * phaseBytes);
  if (sets) batch.sets.set(part(sets, samples), to * samples);
}
