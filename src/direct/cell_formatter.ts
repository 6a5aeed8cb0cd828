/**
 * Formats cells of the grid straight from their lines, on a worker or on the calling thread: the
 * bytes are those that a table of the rows would give.
 *
 * @module
 */
import { InputError, type Location } from "../base/errors.ts";
import type { BlockSink, OutputBlock, PartitionCounts } from "../output/partition_formatter.ts";
import { type FormatJob, PartitionFormatter } from "../output/partition_formatter.ts";
import type { LineRange } from "../matrix/grid.ts";
import { SPAN } from "../bgzf/record_spans.ts";
import { overlongProblem } from "../matrix/line_segments.ts";
import { collectGarbage } from "../threads/collect_garbage.ts";
import { type CellPartition, type CellReadingJob, CellRows } from "./cell_rows.ts";

/** How cells are read and written; plain data, for `postMessage`. */
export interface CellJob extends CellReadingJob {
  format: FormatJob;
  /** Names of the contigs of the header, where no other can come. */
  known: ReadonlySet<string> | undefined;
  /** Most bytes of a line; undefined for no limit. */
  maxLine: number | undefined;
}

/** The lines of a cell. */
export interface CellText {
  /** The cell, 0-based. */
  cell: number;
  /** The lines are `raw[from..to)`, each with its LF. */
  raw: Uint8Array;
  from: number;
  to: number;
  /** Bytes of the file that they took. */
  bytes: number;
  /** True where the line after them is too long to be read. */
  overlong: boolean;
  /** CRC-32 of the bytes of the cell, or, in the last one of a gzip file, of all; 0 unless wanted. */
  crc: number;
}

/** A bad row, with its line (1-based in its cell). */
export interface CellProblem {
  line: number;
  column?: string;
  detail: string;
  /** The row itself, where it can be put aside. */
  row?: string;
}

/** A contig in a cell: its first and last position (1-based) and line (1-based in the cell). */
export interface ContigPart {
  name: string;
  records: number;
  firstPos: number;
  lastPos: number;
  firstLine: number;
  lastLine: number;
}

/** What the rows of a cell are; it is told before its first block. */
export interface CellFacts {
  cell: number;
  lines: number;
  rows: number;
  /** Rows that a kernel has read. */
  kernelRows: number;
  bytes: number;
  /** Bad rows, up to one that ends the run. */
  problems: CellProblem[];
  /** True where a position is less than the one before. */
  falls: boolean;
  /** In order; one comes twice where others stand between. */
  contigs: ContigPart[];
  /** The ranges of its rows, by lines in the cell. */
  ranges: LineRange[];
  crc: number;
  /** Bases of the longest allele so far. */
  longest: number;
}

/** What has been written of a cell, or the row that ended it; it is told after its last block. */
export interface CellEnd {
  cell: number;
  /** The counts of each partition, and its contig where it has only one. */
  partitions: (PartitionCounts & { contig: string | undefined })[];
  /** Line (1-based in the cell), column and text of an error. */
  failed: { at: Location; detail: string } | undefined;
}

/** A block of output of a cell. */
export interface CellBlock {
  cell: number;
  block: OutputBlock;
  /** Names of the contigs in the block's index, in its order. */
  names: string[];
  /** The range (0-based in the cell) of its rows. */
  range: number;
}

/** A receiver of what becomes of cells. */
export interface CellSink {
  ready: BlockSink["ready"];
  begin(facts: CellFacts): void;
  block(block: CellBlock): void;
  end(end: CellEnd): void;
}

/** The formatter of the cells of one matrix. */
export class CellFormatter implements Disposable {
  readonly #rows: CellRows;
  readonly #known: ReadonlySet<string> | undefined;
  /** Number of alleles that the formatter knows. */
  #alleles: number;

  private readonly maxLine: number | undefined;

  private constructor(job: CellJob, private readonly formatter: PartitionFormatter) {
    this.maxLine = job.maxLine;
    this.#rows = new CellRows(job);
    this.#known = job.known;
    this.#alleles = job.format.style.alleles.length;
  }

  /** Opens the reference of a job, if it has one. */
  static async open(job: CellJob): Promise<CellFormatter> {
    return new CellFormatter(job, await PartitionFormatter.open(job.format));
  }

  /** Haplotypes (0-based) that no row had an allele of. */
  get missing(): readonly number[] {
    return this.#rows.missing;
  }

  /** Formats one cell. What makes its rows of no use is told, and ends it without a block. */
  async format(text: CellText, sink: CellSink): Promise<void> {
    const { cell, raw, from, to } = text, rows = this.#rows;
    const same = rows.read(raw, from, to), facts = this.#facts(text);
    sink.begin(facts);
    const bad = facts.problems.some(({ row }) => row === undefined);
    const unknown = this.#known && facts.contigs.some(({ name }) => !this.#known!.has(name));
    if (bad || facts.falls || rows.comesBack || unknown) {
      return sink.end({ cell, partitions: [], failed: undefined });
    }
    if (!same || rows.alleleCount !== this.#alleles) {
      this.#alleles = rows.alleleCount;
      this.formatter.useAlleles(rows.alleles);
    }
    const partitions: CellEnd["partitions"] = [];
    try {
      for (const partition of rows.partitions()) {
        partitions.push(await this.#partition(cell, partition, sink));
      }
      sink.end({ cell, partitions, failed: undefined });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      sink.end({ cell, partitions, failed: { at: error.at, detail: error.detail } });
    }
  }

  #facts({ cell, bytes, overlong, crc }: CellText): CellFacts {
    const { lines, rows, kernelRows, falls, contigs, longest, ranges } = this.#rows;
    const problems: CellProblem[] = this.#rows.problems.map(({ line, column, detail, row }) => ({
      line,
      column,
      detail,
      row,
    }));
    if (overlong) problems.push({ line: lines + 1, detail: overlongProblem(this.maxLine!) });
    return {
      cell,
      lines,
      rows,
      kernelRows,
      bytes,
      problems,
      falls,
      contigs: contigs.map(({ code, ...part }) => ({ name: this.#rows.contigName(code), ...part })),
      longest,
      ranges,
      crc,
    };
  }

  async #partition(
    cell: number,
    partition: CellPartition,
    sink: CellSink,
  ): Promise<CellEnd["partitions"][number]> {
    const rows = this.#rows, { runs } = partition;
    const contigs = runs.map(({ contig }) => ({
      name: rows.contigName(contig),
      contigOrdinal: contig,
      ordered: true,
    }));
    const [{ range }] = runs;
    const counts = await this.formatter.format(contigs, rows.rowsOf(partition), {
      ready: sink.ready,
      send: (block) => {
        if (!block.reusable) collectGarbage(block.bytes.length);
        sink.block({ cell, block, names: this.#names(block), range });
      },
    });
    return { ...counts, contig: runs.length === 1 ? contigs[0].name : undefined };
  }

  #names({ index }: OutputBlock): string[] {
    const names: string[] = [], contigs = index?.spans.contigs ?? [];
    for (let at = 0; at < contigs.length; at += SPAN.Numbers) {
      names.push(this.#rows.contigName(contigs[at + SPAN.Contig]));
    }
    return names;
  }

  [Symbol.dispose](): void {
    this.#rows.close();
    this.formatter[Symbol.dispose]();
  }
}
