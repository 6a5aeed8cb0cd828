/**
 * Converts rows from some places of a matrix in memory, to learn what all of it will take.
 *
 * @module
 */
import { enumWidth } from "../base/codes.ts";
import { Turns } from "../base/turns.ts";
import { compressBlocks } from "../bgzf/blocks.ts";
import type { CellReading } from "../matrix/cell_codes.ts";
import type { InputFile } from "../matrix/input_file.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import { gzipPieces, plainPieces, type RowSource } from "../matrix/line_segments.ts";
import { joinedLines, type JoinedSites } from "../matrix/dialects/join_sites.ts";
import { extrasOf, firstAlleles, partsOf } from "../matrix/dialects/row_extras.ts";
import {
  type RowTokenizer,
  tokenizerOf as newTokenizer,
  tokenizerPlan,
} from "../matrix/dialects/row_tokenizer.ts";
import type { ReferenceBases } from "../matrix/dialects/find_ref.ts";
import { batchBytes, batchShape, RowBatch } from "../matrix/row_batch.ts";
import type { RowProblem } from "../matrix/row_problem.ts";
import type { Vocabulary } from "../matrix/tokenizer_plan.ts";
import { recordsOf, type RowFormatter } from "../vcf/row_formatter.ts";

/** Places of a plain file that are looked at; of a gzip file, its first bytes are. */
const PLACES = 16, GZIP_BYTES = 1 << 22;
/** Bytes of one place: several lines of a wide matrix. */
const PLACE_BYTES = 1 << 18;
/** Rows that are tokenized at once. */
const BATCH_ROWS = 1024;

/** Bytes of whole lines from one place. */
interface Place {
  raw: Uint8Array;
  /** True where `raw` begins with the first row of the matrix. */
  first: boolean;
}

/** Rows of a matrix, as they came from some places of it. */
export interface SampledRows {
  places: Place[];
  /** Bytes of all places together. */
  bytes: number;
  /** Bytes of all rows; undefined of a gzip file. */
  allBytes: number | undefined;
}

/** Bytes of a line that is left out of the sample: a look must stay short. */
const LONG_LINE = 1 << 24;

/**
 * Reads rows from places all over a plain file, or from the start of a gzip file. Very long lines,
 * and what comes after one at its place, are left out.
 */
export async function takeSample(given: RowSource, lineBytes: number): Promise<SampledRows> {
  const source = { ...given, maxLine: LONG_LINE };
  const places: Place[] = [], turns = new Turns();
  let bytes = 0;
  const add = (raw: Uint8Array) => {
    places.push({ raw: raw.slice(), first: places.length === 0 });
    bytes += raw.length;
  };
  if (source.gzip) {
    for await (const { raw, from, to } of gzipPieces(source)) {
      add(raw.subarray(from, to));
      if (bytes >= GZIP_BYTES) break;
    }
    return { places, bytes, allBytes: undefined };
  }
  const allBytes = source.size - source.start, segmentBytes = Math.max(PLACE_BYTES, 4 * lineBytes);
  const step = Math.max(1, Math.ceil(allBytes / segmentBytes / PLACES));
  const segments = { ...source, segmentBytes, cellBytes: segmentBytes };
  for (let place = 0; place * segmentBytes < allBytes; place += step) {
    // Each place has pieces of its own, as a line that is too long ends them.
    const [{ raw, from, to }] = plainPieces(segments, place, Infinity);
    if (to > from) add(raw.subarray(from, to));
    await turns.take();
  }
  return { places, bytes, allBytes };
}

/** Takes the first rows of a table whose sites are in another file, joined with them. */
export async function takeJoined(table: InputFile, sites: JoinedSites): Promise<SampledRows> {
  const places: Place[] = [];
  let bytes = 0;
  for await (const raw of joinedLines(table, sites)) {
    if (raw.length > 0) places.push({ raw: raw.slice(), first: places.length === 0 });
    bytes += raw.length;
    if (bytes >= GZIP_BYTES) break;
  }
  return { places, bytes, allBytes: undefined };
}

/** What became of sampled rows. */
export interface Trial {
  rows: number;
  /** Bad rows; the first of them with its line (1-based) if it is near the start of the matrix. */
  bad: number;
  firstBad: (RowProblem & { near: boolean }) | undefined;
  /** Alleles and contigs that were met. */
  vocabulary: Vocabulary;
  /** True where positions fall, or a contig comes back after another. */
  disorder: boolean;
}

/** Tokenizes sampled rows once, to collect what they hold. */
export function tryRows(
  sample: SampledRows,
  layout: MatrixLayout,
  reading: CellReading,
  bases?: ReferenceBases,
): Trial {
  const tokenizer = tokenizerOf(layout, reading, bases, {
    alleles: firstAlleles(extrasOf(layout)),
    contigs: [],
  });
  tokenizer.open = true;
  const trial: Trial = {
    rows: 0,
    bad: 0,
    firstBad: undefined,
    vocabulary: { alleles: [], contigs: [] },
    disorder: false,
  };
  const seen = new Set<number>();
  let contig = -1, pos = 0;
  forEachBatch(sample, tokenizer, batchOf(layout, 4), (batch, problem, first) => {
    trial.rows += batch.rows;
    for (let row = 0; row < batch.rows; row++) {
      if (batch.chrom[row] !== contig) {
        if (seen.has(batch.chrom[row])) trial.disorder = true;
        seen.add(contig = batch.chrom[row]);
      } else if (batch.pos[row] < pos) trial.disorder = true;
      pos = batch.pos[row];
    }
    if (!problem) return;
    trial.bad++;
    trial.firstBad ??= { ...problem, near: first };
  });
  const { alleles, contigs } = tokenizer;
  trial.vocabulary = { alleles: alleles.texts(0), contigs: contigs.texts(0) };
  return trial;
}

/** Bytes of output, and milliseconds of one thread, of sampled rows. */
export interface Cost {
  text: number;
  /** Bytes after compression; those of the text where there is none. */
  written: number;
  tokenize: number;
  format: number;
  compress: number;
}

/**
 * Converts sampled rows with a known vocabulary, twice, as the first time is slow: the second
 * counts.
 */
export function measureRows(
  sample: SampledRows,
  layout: MatrixLayout,
  reading: CellReading,
  { bases, vocabulary, formatter, compression }: {
    bases: ReferenceBases | undefined;
    vocabulary: Vocabulary;
    formatter: () => RowFormatter;
    compression: number | undefined;
  },
): Cost {
  const width = enumWidth(vocabulary.alleles.length), batch = batchOf(layout, width);
  let cost: Cost = { text: 0, written: 0, tokenize: 0, format: 0, compress: 0 };
  for (let round = 0; round < 2; round++) {
    const tokenizer = tokenizerOf(layout, reading, bases, vocabulary), writer = formatter();
    writer.out.use(new Uint8Array(1 << 20));
    cost = { text: 0, written: 0, tokenize: 0, format: 0, compress: 0 };
    const flush = () => {
      const text = writer.out.written(), begun = performance.now();
      cost.text += text.length;
      cost.written += compression ? compressBlocks(text, compression).bytes.length : text.length;
      cost.compress += performance.now() - begun;
      writer.out.length = 0;
    };
    let before = performance.now();
    forEachBatch(sample, tokenizer, batch, () => {
      const begun = performance.now();
      cost.tokenize += begun - before;
      writeBatch(batch, vocabulary.contigs, writer);
      cost.format += performance.now() - begun;
      if (writer.out.length >= 1 << 20) flush();
      before = performance.now();
    });
    flush();
  }
  return cost;
}

function tokenizerOf(
  layout: MatrixLayout,
  reading: CellReading,
  bases: ReferenceBases | undefined,
  vocabulary: Vocabulary,
): RowTokenizer {
  return newTokenizer(tokenizerPlan(layout, reading), vocabulary, bases);
}

function batchOf(layout: MatrixLayout, width: 1 | 2 | 4): RowBatch {
  const shape = { ...batchShape(layout.haplotypes, partsOf(layout), width), capacity: BATCH_ROWS };
  return new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
}

/** Tokenizes all places; what a closed vocabulary lacks is passed over. */
function forEachBatch(
  { places }: SampledRows,
  tokenizer: RowTokenizer,
  batch: RowBatch,
  use: (batch: RowBatch, problem: RowProblem | undefined, first: boolean) => void,
): void {
  for (const { raw, first } of places) {
    tokenizer.line = 0;
    for (let at = 0; at < raw.length;) {
      batch.rows = 0;
      at = tokenizer.fill(raw, at, raw.length, batch);
      use(batch, tokenizer.problem, first);
      tokenizer.problem = undefined;
      if (tokenizer.unforeseen) throw new Error("a sampled row has changed");
    }
  }
}

function writeBatch(batch: RowBatch, contigs: readonly string[], writer: RowFormatter): void {
  const rows = recordsOf(batch), { rows: count, chrom } = batch;
  for (let row = 0; row < count; row++) {
    if (row === 0 || chrom[row] !== chrom[row - 1]) writer.begin(contigs[chrom[row]]);
    writer.write(rows, row);
  }
}
