/**
 * Lays out rows of a matrix as columns of codes in one buffer, which threads can share.
 *
 * @module
 */
import { MISSING } from "../base/alleles.ts";
import { type Codes, codesView } from "../base/codes.ts";
import { CHUNK_ROWS } from "../base/memory_budget.ts";
import type { RowExtras } from "./dialects/dialect.ts";

/** Rows of a matrix as columns of codes, up to `capacity` of them. */
export class RowBatch {
  /** Number of rows that are filled. */
  rows = 0;
  readonly chrom: Uint32Array;
  readonly pos: Uint32Array;
  /** Line of each row, 1-based in its segment. */
  readonly line: Uint32Array;
  /** End of each row's ID in `idBytes` (exclusive); empty without an ID column. */
  readonly idEnd: Uint32Array;
  readonly idBytes: Uint8Array;
  /** End of each row's declared ALTs in `altCodes` (exclusive); empty where none are declared. */
  readonly altEnd: Uint32Array;
  readonly altCodes: Uint32Array;
  /** End of each row's frequencies in `freqBytes` (exclusive); empty without such a column. */
  readonly freqEnd: Uint32Array;
  readonly freqBytes: Uint8Array;
  /** Row after row, a bit for each sample, the lowest first, in whole bytes. */
  readonly phased: Uint8Array;
  /** Row after row, the block of each sample; 0 for none. */
  readonly sets: Uint32Array;
  readonly ref: Codes;
  /** Row after row, `stride` codes each. */
  readonly alleles: Codes;

  /** Lays a batch out over `buffer`, which has at least {@linkcode batchBytes} from `offset` on. */
  constructor(readonly shape: BatchShape, buffer: ArrayBufferLike, offset = 0) {
    const { capacity, stride, width, idBytes } = shape;
    const { alts = 0, freqBytes = 0, phaseBytes = 0, sets = 0 } = shape;
    let at = offset;
    const take = (bytes: number) => {
      const start = at;
      at += align(bytes);
      return start;
    };
    this.chrom = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.pos = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.line = new Uint32Array(buffer, take(capacity * 4), capacity);
    this.idEnd = new Uint32Array(buffer, take(idBytes && capacity * 4), idBytes && capacity);
    this.idBytes = new Uint8Array(buffer, take(idBytes), idBytes);
    this.altEnd = new Uint32Array(buffer, take(alts && capacity * 4), alts && capacity);
    this.altCodes = new Uint32Array(buffer, take(4 * alts), alts);
    this.freqEnd = new Uint32Array(buffer, take(freqBytes && capacity * 4), freqBytes && capacity);
    this.freqBytes = new Uint8Array(buffer, take(freqBytes), freqBytes);
    this.phased = new Uint8Array(buffer, take(capacity * phaseBytes), capacity * phaseBytes);
    this.sets = new Uint32Array(buffer, take(4 * capacity * sets), capacity * sets);
    this.ref = codesView(width, buffer, take(capacity * width), capacity);
    const cells = capacity * stride;
    this.alleles = codesView(width, buffer, take(cells * width), cells);
  }
}

/** The size of a {@linkcode RowBatch}. */
export interface BatchShape {
  /** Rows that it has room for. */
  capacity: number;
  /**
   * Codes from one row to the next: its haplotypes, rounded up to whole words where words are
   * stored.
   */
  stride: number;
  /** Bytes of an allele's code. */
  width: 1 | 2 | 4;
  /** Bytes for IDs, 0 without an ID column. */
  idBytes: number;
  /** Declared ALTs that it has room for; without it there are none. */
  alts?: number;
  /** Bytes for frequencies; without it there are none. */
  freqBytes?: number;
  /** Bytes of a row's bits of phase; without it there are none. */
  phaseBytes?: number;
  /** Samples whose blocks are known; without it none are. */
  sets?: number;
}

/** Adds `raw[from..to)` as the ID of the batch's current row, whose end so far is `idEnd` of it. */
export function appendId(batch: RowBatch, raw: Uint8Array, from: number, to: number): void {
  const { idBytes, idEnd, rows } = batch, start = idEnd[rows];
  // Calling `set` costs more than copying a few bytes.
  if (to - from > 32) idBytes.set(raw.subarray(from, to), start);
  else for (let at = from, end = start; at < to; at++) idBytes[end++] = raw[at];
  idEnd[rows] = start + to - from;
}

/** Returns the bytes that a batch of a shape takes. */
export function batchBytes(shape: BatchShape): number {
  const { capacity, stride, width, idBytes, alts = 0, freqBytes = 0 } = shape;
  const { phaseBytes = 0, sets = 0 } = shape;
  const textBytes = (bytes: number) => align(bytes && capacity * 4) + align(bytes);
  return 3 * align(capacity * 4) + textBytes(idBytes) + textBytes(4 * alts) +
    textBytes(freqBytes) + align(capacity * phaseBytes) +
    align(4 * capacity * sets) + align(capacity * width) + align(capacity * stride * width);
}

/** Bytes of a batch, about: a wide matrix has fewer rows in one. */
const BATCH_BYTES = 512 * 1024;

/** What a row has beside its codes. */
export interface RowParts extends RowExtras {
  hasId: boolean;
  samples: number;
}

/** Returns the bytes of a row's phase and blocks. */
export function phaseRowBytes({ phase, sets, samples }: RowParts): number {
  return (phase ? Math.ceil(samples / 8) : 0) + (sets ? 4 * samples : 0);
}

/** Returns the shape of a batch of usual size, of rows of `stride` codes of `width` bytes. */
export function batchShape(stride: number, parts: RowParts, width: 1 | 2 | 4): BatchShape {
  const { hasId, alt, freq, phase, sets, samples } = parts;
  const rows = Math.floor(BATCH_BYTES / (stride * width + phaseRowBytes(parts) + 20));
  const capacity = Math.max(16, Math.min(CHUNK_ROWS, rows));
  const textBytes = (longest: number) => Math.max(2 * longest, capacity * 32);
  return {
    capacity,
    stride,
    width,
    idBytes: hasId ? textBytes(MAX_ID) : 0,
    ...alt ? { alts: Math.max(2 * MAX_ALTS, capacity * 4) } : {},
    ...freq ? { freqBytes: textBytes(MAX_FREQ) } : {},
    ...phase ? { phaseBytes: Math.ceil(samples / 8) } : {},
    ...sets ? { sets: samples } : {},
  };
}

/** Longest ID, in bytes; a batch with IDs has room for at least one. */
export const MAX_ID = 4096;
/** Most declared ALTs of a row, and the longest list of their frequencies, in bytes. */
export const MAX_ALTS = 1 << 13, MAX_FREQ = 1 << 16;

/** Tells whether there is room for one more row, with an ID and ALTs of any length. */
export function hasRoom({ rows, shape, idEnd, altEnd, freqEnd }: RowBatch): boolean {
  if (rows >= shape.capacity) return false;
  if (rows === 0) return true;
  return (shape.idBytes === 0 || idEnd[rows - 1] + MAX_ID <= shape.idBytes) &&
    (!shape.alts || altEnd[rows - 1] + MAX_ALTS <= shape.alts) &&
    (!shape.freqBytes || freqEnd[rows - 1] + MAX_FREQ <= shape.freqBytes);
}

/** Rounds up to whole cache lines, so that copies go word by word. */
function align(bytes: number): number {
  return (bytes + 63) & ~63;
}

/**
 * Returns those of the haplotypes that are missing in all rows of a batch; one that no row has is
 * missing, too.
 */
export function missingIn(
  { alleles, rows, shape }: RowBatch,
  haplotypes: readonly number[],
  absent = MISSING,
): number[] {
  return haplotypes.filter((ordinal) => {
    const end = rows * shape.stride;
    let at = ordinal;
    while (at < end && (alleles[at] === MISSING || alleles[at] === absent)) at += shape.stride;
    return at >= end;
  });
}
