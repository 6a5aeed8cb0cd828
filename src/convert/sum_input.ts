/**
 * Sums the genotypes of a file of any kind: VCF and BCF as they are, a matrix or a kept table as
 * `convert` would write it.
 *
 * @module
 */
import { InputError, UsageError } from "../base/errors.ts";
import { readAt } from "../base/files.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { piecesOf } from "../checksum/record_pieces.ts";
import { sumFile } from "../checksum/sum_file.ts";
import { type Grouping, RecordSums } from "../checksum/sum_records.ts";
import type { Sums } from "../checksum/sums.ts";
import { gunzipped } from "../matrix/gunzip.ts";
import { type InputFile, openInput } from "../matrix/input_file.ts";
import { summaryLimits } from "../table/database_limits.ts";
import { tableSummary } from "../table/read_metadata.ts";
import { WorkerPool } from "../threads/worker_pool.ts";
import { conversion, WORKER } from "./convert.ts";
import { convertOptions } from "./options.ts";
import type { ConvertRequest } from "./request.ts";

/** An input, and the options of `convert` that say how a matrix is read and written. */
export interface SumRequest extends Omit<ConvertRequest, "output"> {
  /** Groups of records that are wanted for themselves, too. */
  grouping?: Grouping;
  /** True where options that say how a matrix is read are an error for a file that is none. */
  strict?: boolean;
}

/**
 * Returns the sums of an input.
 *
 * @throws {InputError} Bad input, located.
 * @throws {UsageError} Options that no input could make right.
 * @throws The signal's reason.
 */
export async function sumInput({ grouping, strict, ...request }: SumRequest): Promise<Sums> {
  const { input, inputStream } = optionsOf(request), { signal, tempDir } = request;
  using work = new WorkFolder(temporaryFolder("-", tempDir && String(tempDir)));
  const file = await openInput(
    { input, inputStream, signal, takesBcf: true },
    () => work.file("spool"),
    () => {},
  );
  if (await isRecords(file)) {
    if (strict) refuseMatrixOptions(request);
    return await sumRecords(file, grouping, request);
  }
  const stored = file.kind === "duckdb" && !grouping && isAsStored(request)
    ? (await tableSummary(file.path, summaryLimits(work.file("spill")))).sums
    : undefined;
  if (stored) return stored;
  // A stream can be read once, and the copy is here.
  const isCopy = file.path !== input;
  const again = isCopy ? { ...request, input: (await Deno.open(file.path)).readable } : request;
  return grouping
    ? await sumGroups(again, grouping)
    : await sumMatrix({ ...again, direct: file.kind !== "duckdb" });
}

/** Options that say which genotypes a matrix has. */
const MATRIX_OPTIONS = [
  "header",
  "refFrom",
  "reference",
  "sites",
  "names",
  "contig",
  "sampleName",
  "samples",
  "samplesFile",
  "missing",
  "unphased",
  "homozygous",
] as const;

/** Refuses options that mean nothing for a VCF or a BCF. */
function refuseMatrixOptions(request: MatrixRequest): void {
  const given = MATRIX_OPTIONS.find((name) => request[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `\`${given}\` says how a matrix is read, and this is a VCF or BCF: bcftools view changes those`,
  );
}

/** Tells whether the genotypes of a table are wanted as they are. */
function isAsStored({ samples, samplesFile, unphased, homozygous }: MatrixRequest): boolean {
  return !samples && !samplesFile && !unphased && !homozygous;
}

/** Bytes of a file that is summed by workers: starting them takes as long as a smaller one. */
const LARGE = 1 << 25;

async function sumRecords(
  file: InputFile,
  grouping: Grouping | undefined,
  { threads = navigator.hardwareConcurrency, signal }: MatrixRequest,
): Promise<Sums> {
  if (grouping || threads < 2 || (file.kind === "gzip" ? 8 * file.size : file.size) < LARGE) {
    return await sumFile(file, { grouping, signal });
  }
  const pool = new WorkerPool(threads, WORKER);
  try {
    return await sumFile(file, { signal, pool });
  } finally {
    await pool.close();
  }
}

/** Yields the bytes of an input as VCF or BCF, decompressed; a matrix or a table is converted. */
export async function* recordPieces(request: MatrixRequest): AsyncGenerator<Uint8Array> {
  const { input } = optionsOf(request), { signal } = request;
  const file = await openInput({ input, signal, takesBcf: true }, notAFile, () => {});
  if (await isRecords(file)) return yield* piecesOf(file);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const options = convertOptions({ ...request, output: writable, outputType: "u" });
  const converting = conversion({ ...options, ...SUMS_ONLY });
  converting.catch(() => {});
  try {
    yield* readable;
    await converting;
  } finally {
    // Whoever has seen enough leaves early, which ends the conversion with an error of the stream.
    await converting.catch(() => {});
  }
}

function notAFile(): never {
  throw new InputError("only a file can be read again; write the stream to one");
}

/** Tells whether a file holds VCF or BCF. */
async function isRecords(file: InputFile): Promise<boolean> {
  if (file.kind === "duckdb") return false;
  const head = new TextDecoder("latin1").decode(await firstBytes(file));
  return STARTS.some((start) => head.replace(/^ï»¿/, "").startsWith(start));
}

/** What VCF and BCF begin with. */
const STARTS = ["BCF", "##fileformat=VCF", "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"];

/** Returns the first bytes of a file, decompressed. */
async function firstBytes(file: InputFile): Promise<Uint8Array> {
  if (file.kind === "gzip") {
    for await (const { bytes } of gunzipped(file)) return bytes.slice(0, FIRST);
  }
  using plain = await Deno.open(file.path);
  const bytes = new Uint8Array(FIRST);
  return bytes.subarray(0, readAt(plain, 0, bytes));
}

/** What a conversion of which only sums are wanted leaves nowhere. */
const SUMS_ONLY = { keepsRejects: false };
/** Bytes by which a VCF is told. */
const FIRST = 256;

type MatrixRequest = Omit<ConvertRequest, "output">;

function optionsOf(request: MatrixRequest) {
  return convertOptions({ ...request, output: new WritableStream<Uint8Array>() });
}

/** Sums the codes of a matrix or a table as they come to the formatter; the text goes nowhere. */
async function sumMatrix(request: MatrixRequest): Promise<Sums> {
  const { sums } = await conversion({ ...optionsOf(request), ...SUMS_ONLY, sums: true });
  return sums!;
}

/** Sums the records that a matrix or a table becomes, which stand in order. */
async function sumGroups(request: MatrixRequest, grouping: Grouping): Promise<Sums> {
  const sums = new RecordSums("-", grouping);
  const output = new WritableStream<Uint8Array>({ write: (bytes) => sums.add(bytes) });
  await conversion({ ...convertOptions({ ...request, output, outputType: "u" }), ...SUMS_ONLY });
  return sums.finish();
}
