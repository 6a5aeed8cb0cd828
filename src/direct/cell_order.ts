/**
 * Follows the cells of a matrix in file order: lines, contigs, bad rows, and whether all rows have
 * the order of the records.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import type { Rejects } from "../ingest/rejects.ts";
import { joinCrc32 } from "../base/crc32.ts";
import type { LineRange } from "../matrix/grid.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { CellFacts, ContigPart } from "./cell_formatter.ts";

/** Says that rows cannot go straight to the output, and why. */
export class NotDirect extends Error {
  override name = "NotDirect";
}

/** What is known before the first cell. */
export interface OrderStart {
  /** Path of the matrix as the user gave it, for messages. */
  shown: string;
  /** Lines before the first row. */
  headerLines: number;
  /** Contigs in the order of the header, where no other can come. */
  known: ReadonlySet<string> | undefined;
  /** Takes bad rows; undefined where one ends the run. */
  rejects: Rejects | undefined;
  gzip: boolean;
}

/** The cells so far. */
export class CellOrder {
  /** Contigs that have rows, in order. */
  readonly contigs: ContigSummary[] = [];
  rows = 0;
  /** Rows that a kernel has read. */
  kernelRows = 0;
  /** Bytes of the file that have been read. */
  bytes = 0;
  /** Bases of the longest allele. */
  longest = 1;
  maxPos = 0;
  /** The ranges of the rows, in file order. */
  readonly grid: LineRange[] = [];
  /** By cell, the number of ranges before it. */
  readonly rangesBefore: number[] = [];
  /** CRC-32 of the bytes that have been read, where it is wanted. */
  crc = 0;
  readonly #ordinals: ReadonlyMap<string, number> | undefined;
  readonly #codes = new Map<string, number>();
  /** Lines before the next cell. */
  #lines: number;

  constructor(private readonly start: OrderStart) {
    this.#lines = start.headerLines;
    this.#ordinals = start.known &&
      new Map([...start.known].map((name, ordinal) => [name, ordinal]));
  }

  /**
   * Takes the next cell.
   *
   * @returns The number of lines before it.
   * @throws {InputError} A bad row, located.
   * @throws {NotDirect} Rows are out of order.
   */
  take({ lines, rows, kernelRows, bytes, ...facts }: CellFacts): number {
    const { problems, falls, contigs, longest, ranges, crc } = facts;
    const { shown, rejects } = this.start, before = this.#lines;
    for (const { line, ...problem } of problems) {
      // A row that is not there could not be put aside.
      if (rejects && problem.row !== undefined) rejects.add(before + line, { line, ...problem });
      else {
        const { detail, column } = problem;
        throw new InputError(detail, { file: shown, line: before + line, column });
      }
    }
    if (falls) throw new NotDirect("a position is less than the one before");
    for (const part of contigs) this.#addContig(part, before);
    this.#lines += lines;
    this.rows += rows;
    this.kernelRows += kernelRows;
    this.bytes += bytes;
    this.longest = Math.max(this.longest, longest);
    this.rangesBefore.push(this.grid.length);
    for (const { first, last } of ranges) {
      this.grid.push({ first: before + first, last: before + last });
    }
    this.crc = this.start.gzip ? crc : joinCrc32(this.crc, crc, bytes);
    return before;
  }

  /** Lines of the header and of all cells so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Returns the place of a contig among those so far, 0-based. */
  code(name: string): number {
    return this.#codes.get(name)!;
  }

  #addContig(
    { name, records, firstPos, lastPos, firstLine, lastLine }: ContigPart,
    before: number,
  ) {
    const open = this.contigs.at(-1);
    this.maxPos = Math.max(this.maxPos, lastPos);
    if (open?.name === name) {
      if (firstPos < open.maxPos) throw new NotDirect("a position is less than the one before");
      open.records += records;
      open.maxPos = lastPos;
      open.lastLine = before + lastLine;
      return;
    }
    if (this.#codes.has(name)) throw new NotDirect("a contig comes back after another one");
    if (open && this.#ordinal(name) < this.#ordinal(open.name)) {
      throw new NotDirect("contigs have another order than in the header");
    }
    this.#codes.set(name, this.contigs.length);
    this.contigs.push({
      name,
      code: this.contigs.length,
      records,
      minPos: firstPos,
      maxPos: lastPos,
      firstLine: before + firstLine,
      lastLine: before + lastLine,
      sorted: true,
    });
  }

  #ordinal(name: string): number {
    return this.#ordinals?.get(name) ?? 0;
  }
}
