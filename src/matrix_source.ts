/**
 * The input as a file that can be read from anywhere: what kind it is, its first lines, its
 * fingerprint.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { InputError, InterruptedError } from "./errors.ts";
import { EOF_BLOCK } from "./bgzf.ts";
import { fileError, readAt } from "./files.ts";
import { type InputState, inputState } from "./input_state.ts";
import { gunzipped, type RowSource } from "./line_segments.ts";
import { writeAll } from "./byte_sink.ts";
import { CR, HASH, isContigName, LF, TAB } from "./cell_bytes.ts";

/** A file of the input, by its first bytes. */
export type InputKind = "plain" | "gzip" | "duckdb";

/** An input file. */
export interface InputFile {
  /** Path of a regular file. */
  path: string;
  /** As the user gave it. */
  shown: string;
  kind: InputKind;
  /** Bytes. */
  size: number;
  /** What the file was when it was looked at first; undefined for a copy of this run's own. */
  state: InputState | undefined;
}

const MIB = 1024 ** 2;
/** Longest header. */
const MAX_HEAD = 64 * MIB;
/** First bytes of files that are not text, and what to do. */
const FOREIGN: [magic: number[], what: string][] = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed; decompress it (zstd -dc FILE | ... -)"],
  [[0x42, 0x5a, 0x68], "bzip2-compressed; decompress it (bzip2 -dc FILE | ... -)"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz-compressed; decompress it (xz -dc FILE | ... -)"],
  [[0x50, 0x4b, 3, 4], "a zip archive; unpack it (unzip -p FILE | ... -)"],
  [[0xff, 0xfe], "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"],
  [[0xfe, 0xff], "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"],
];

/** Read a small text file of the user's. */
export function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Find out what the input is. Standard input, pipes and devices are copied into `spool` first, since
 * they can be read but once.
 *
 * @throws {InputError} No such file, a folder, empty, binary, or compressed in another way.
 */
export async function openInput(
  shown: string,
  spool: string,
  onSpooled: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<InputFile> {
  let path = shown;
  try {
    const info = shown === "-" ? undefined : await Deno.stat(shown);
    if (info?.isDirectory) throw new InputError("this is a folder, not a file", { file: shown });
    const state = info?.isFile ? inputState(info) : undefined;
    if (!state) path = await spoolStream(shown, spool, onSpooled, signal);
    const { size } = state ?? await Deno.stat(path);
    if (size === 0) throw new InputError("the file is empty", { file: shown });
    using file = await Deno.open(path);
    const head = new Uint8Array(Math.min(size, 65536));
    await file.read(head);
    const kind = inputKind(head, shown);
    if (kind === "gzip" && isBgzf(head)) checkEnd(file, size, shown);
    return { path, shown, kind, size, state };
  } catch (error) {
    throw fileError(error, shown);
  }
}

async function spoolStream(
  shown: string,
  spool: string,
  onSpooled: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  using out = await Deno.open(spool, { write: true, createNew: true });
  const file = shown === "-" ? Deno.stdin : await Deno.open(shown);
  const interrupted = Promise.withResolvers<never>();
  interrupted.promise.catch(() => {});
  const interrupt = () => interrupted.reject(new InterruptedError());
  signal?.addEventListener("abort", interrupt);
  try {
    const buffer = new Uint8Array(1 << 18);
    for (let bytes = 0;;) {
      // A read of an idle pipe cannot be called off, only left alone.
      const read = await Promise.race([file.read(buffer), interrupted.promise]);
      if (read === null) return spool;
      await writeAll(out, buffer.subarray(0, read));
      onSpooled(bytes += read);
    }
  } finally {
    signal?.removeEventListener("abort", interrupt);
    if (shown !== "-") (file as Deno.FsFile).close();
  }
}

function inputKind(head: Uint8Array, file: string): InputKind {
  const startsWith = (magic: number[]) => magic.every((byte, index) => head[index] === byte);
  if (startsWith([0x1f, 0x8b])) return "gzip";
  if (head[8] === 68 && head[9] === 85 && head[10] === 67 && head[11] === 75) return "duckdb";
  for (const [magic, what] of FOREIGN) {
    if (startsWith(magic)) throw new InputError(`the file is ${what}`, { file });
  }
  // A NUL byte further down is a bad row's, which has a line to name.
  const line = head.indexOf(10);
  if (head.subarray(0, line < 0 ? head.length : line).includes(0)) {
    throw new InputError("the file is binary (it has NUL bytes); expected TAB-separated text", {
      file,
    });
  }
  return "plain";
}

/** Does a gzip file begin with a block of BGZF? */
function isBgzf(head: Uint8Array): boolean {
  const [, , , flags] = head;
  return (flags & 4) !== 0 && head[12] === 66 && head[13] === 67;
}

/** A file of whole blocks is good gzip even where the blocks after them are lost. */
function checkEnd(file: Deno.FsFile, size: number, shown: string): void {
  // The marker ends in NULs of its own.
  const from = endOfBytes(file, size) - (EOF_BLOCK.findLastIndex((byte) => byte !== 0) + 1);
  const end = new Uint8Array(EOF_BLOCK.length);
  if (from >= 0) readAt(file, from, end);
  if (EOF_BLOCK.every((byte, index) => byte === end[index])) return;
  throw new InputError(
    "the BGZF file has no end marker: it is truncated; copy or make it again, or, if it is whole " +
      "all the same, bgzip -dc FILE | ... -",
    { file: shown },
  );
}

/** End (exclusive) of what is not NUL: a file may be padded with NULs, by a tape say. */
function endOfBytes(file: Deno.FsFile, size: number): number {
  const block = new Uint8Array(65536);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - block.length);
    const last = block.subarray(0, readAt(file, from, block.subarray(0, end - from)))
      .findLastIndex((byte) => byte !== 0);
    if (last >= 0) return from + last + 1;
    end = from;
  }
  return 0;
}

/**
 * Decompress a gzip file into `path`.
 *
 * @returns The decompressed file, and the CRC-32 of the compressed one.
 */
export async function decompressTo(
  input: InputFile,
  path: string,
): Promise<{ file: InputFile; crc: number }> {
  using out = await Deno.open(path, { write: true, createNew: true });
  let size = 0, crc = 0;
  for await (const { bytes } of gunzipped(input, (packed) => void (crc = crc32(packed, crc)))) {
    await writeAll(out, bytes);
    size += bytes.length;
  }
  return { file: { ...input, path, kind: "plain", size, state: undefined }, crc };
}

/** The head of a matrix. */
export interface MatrixHead {
  /** First line that is no `##` line, and its number, 1-based. */
  line: string;
  number: number;
  /** Offset of what follows it in the (uncompressed) bytes. */
  end: number;
  /** Bytes of a byte order mark at the start. */
  mark: number;
}

/** Read up to the first line that does not begin with `##`. */
export async function readHead(input: InputFile): Promise<MatrixHead> {
  let bytes = new Uint8Array(1 << 18), length = 0;
  const chunks = input.kind === "gzip" ? gunzipped(input) : fileChunks(input.path);
  for await (const { bytes: chunk } of chunks) {
    if (length + chunk.length > bytes.length) {
      const grown = new Uint8Array(2 * (length + chunk.length));
      grown.set(bytes.subarray(0, length));
      bytes = grown;
    }
    bytes.set(chunk, length);
    length += chunk.length;
    // A line that has not ended is looked at again only where it could have.
    const head = chunk.includes(LF) ? firstLine(bytes.subarray(0, length), false) : undefined;
    if (head) return head;
    if (length > MAX_HEAD) {
      throw new InputError(`the first ${MAX_HEAD / MIB} MiB have no header line; is it text?`, {
        file: input.shown,
      });
    }
  }
  const head = firstLine(bytes.subarray(0, length), true);
  if (head) return head;
  throw new InputError("the file has no header line", { file: input.shown });
}

async function* fileChunks(path: string): AsyncGenerator<{ bytes: Uint8Array }> {
  using file = await Deno.open(path);
  for (let size = 65536;; size = Math.min(size * 2, 16 * MIB)) {
    const bytes = new Uint8Array(size);
    const read = await file.read(bytes);
    if (read === null) return;
    yield { bytes: bytes.subarray(0, read) };
  }
}

function firstLine(bytes: Uint8Array, atEnd: boolean): MatrixHead | undefined {
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let number = 1;
  for (let from = mark; from < bytes.length; number++) {
    let end = bytes.indexOf(LF, from);
    if (end < 0) {
      if (!atEnd) return undefined;
      end = bytes.length;
    }
    const skipped = (bytes[from] === HASH && bytes[from + 1] === HASH) ||
      bytes[from] === LF || bytes[from] === CR;
    if (!skipped) {
      const line = new TextDecoder().decode(bytes.subarray(from, end));
      return { line, number, end: Math.min(end + 1, bytes.length), mark };
    }
    from = end + 1;
  }
  return undefined;
}

/** Places of a file that are looked at, and looks in all. */
const LOOKS = 64, MOST_LOOKS = 2048;
/** Looks that finding the first line of a contig can take; where rows are shuffled it never ends. */
const LOOKS_PER_CONTIG = 24;
/** Two places that are nearer than this are read through. */
const NEAR = 1 << 16;

/**
 * Contigs of a matrix, found without reading it whole: between two places with the same contig there
 * is mostly no other one, between two with different ones it is looked again. What this misses is
 * collected during ingest.
 *
 * @param source A plain file; of a gzip file, the first rows are looked at.
 * @param column The column of the contig, 0-based.
 * @returns Names in order of first appearance, as far as known.
 */
export async function lookForContigs(source: RowSource, column: number): Promise<string[]> {
  if (!source.gzip) return plainContigs(source, column);
  for await (const { bytes } of gunzipped(source)) {
    return source.start < bytes.length ? contigsOf(bytes.subarray(source.start), column) : [];
  }
  return [];
}

function plainContigs({ path, size, start, segmentBytes }: RowSource, column: number): string[] {
  // A header is mostly longer than a row, and a segment holds sixteen of them.
  const near = Math.max(NEAR, segmentBytes >> 4);
  const names = new Set<string>();
  using file = Deno.openSync(path);
  const window = new Uint8Array(3 * near);
  if (size - start <= near) {
    const length = readAt(file, start, window.subarray(0, near));
    // The last line may have none; a blank line more does no harm.
    window[length] = LF;
    return contigsOfLines(window.subarray(0, length + 1), column);
  }
  let looks = 0;
  const look = (from: number, bytes: number): string[] => {
    looks++;
    const seen = window.subarray(0, readAt(file, from, window.subarray(0, bytes)));
    const skip = from === start ? 0 : seen.indexOf(LF) + 1;
    return from === start || skip > 0 ? contigsOf(seen.subarray(skip), column) : [];
  };
  const step = Math.max(near, Math.ceil((size - start) / LOOKS));
  /** Look between two places whose contigs, last and first, are known. */
  const between = (from: number, to: number, last?: string, first?: string) => {
    if (last === first && last !== undefined) return;
    if (looks >= Math.min(MOST_LOOKS, 2 * LOOKS + LOOKS_PER_CONTIG * names.size)) return;
    if (to - from <= 2 * near) {
      for (const name of look(from, to - from + near)) names.add(name);
      return;
    }
    const middle = Math.floor((from + to) / 2);
    const seen = look(middle, near);
    // A window in one line says nothing.
    if (seen.length === 0) return;
    between(from, middle, last, seen[0]);
    for (const name of seen) names.add(name);
    between(middle, to, seen.at(-1), first);
  };
  let from = start, last: string | undefined;
  for (let place = start; place < size; place += step) {
    const seen = look(place, near);
    if (seen.length === 0) continue;
    if (place > start) between(from, place, last, seen[0]);
    for (const name of seen) names.add(name);
    from = place;
    last = seen.at(-1);
  }
  const end = look(Math.max(start, size - near), near);
  if (end.length > 0) between(from, Math.max(start, size - near), last, end[0]);
  for (const name of end) names.add(name);
  return [...names];
}

function sameBytes(bytes: Uint8Array, a: number, aTo: number, b: number, bTo: number): boolean {
  if (aTo - a !== bTo - b) return false;
  while (a < aTo && bytes[a] === bytes[b]) a++, b++;
  return a === aTo;
}

/** Contigs of the whole lines of `bytes`, in order; only the first where the last line has it too. */
function contigsOf(bytes: Uint8Array, column: number): string[] {
  const end = bytes.lastIndexOf(LF);
  if (end <= 0) return [];
  const [at, to] = cellAt(bytes, 0, column);
  const [lastAt, lastTo] = cellAt(bytes, bytes.lastIndexOf(LF, end - 1) + 1, column);
  const lines = sameBytes(bytes, at, to, lastAt, lastTo) ? bytes.indexOf(LF) : end;
  return contigsOfLines(bytes.subarray(0, lines + 1), column);
}

function contigsOfLines(bytes: Uint8Array, column: number): string[] {
  const decoder = new TextDecoder(), names = new Set<string>();
  let lastAt = 0, lastTo = 0;
  for (let from = 0; from < bytes.length; from = bytes.indexOf(LF, from) + 1) {
    const [at, to] = cellAt(bytes, from, column);
    if (sameBytes(bytes, lastAt, lastTo, at, to) || !isContigName(bytes, at, to)) continue;
    names.add(decoder.decode(bytes.subarray(at, to)));
    lastAt = at;
    lastTo = to;
  }
  return [...names];
}

/** Where a cell of the line that starts at `from` and ends in LF begins and ends (exclusive). */
function cellAt(bytes: Uint8Array, from: number, column: number): [at: number, to: number] {
  let at = from;
  for (let left = column; left > 0 && bytes[at] !== LF; at++) if (bytes[at] === TAB) left--;
  let to = at;
  while (bytes[to] !== TAB && bytes[to] !== LF && bytes[to] !== CR) to++;
  return [at, to];
}
