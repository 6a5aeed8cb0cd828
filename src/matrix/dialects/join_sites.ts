/**
 * Puts the sites of a table before its rows, line by line, where they are in a file of their own.
 * Both files are read once and side by side, so that their size does not matter.
 *
 * @module
 */
import { createReadStream } from "node:fs";
import { crc32 } from "node:zlib";
import { BLANK, CR, LF, TAB } from "../../base/bytes.ts";
import { InputError } from "../../base/errors.ts";
import { readError } from "../../base/files.ts";
import { checkPathUnchanged } from "../../base/input_state.ts";
import { OutputBuffer } from "../../base/output_buffer.ts";
import { Turns } from "../../base/turns.ts";
import { writing } from "../../base/write_error.ts";
import { gunzipped } from "../gunzip.ts";
import type { InputFile } from "../input_file.ts";
import { type MatrixLayout, Role } from "../layout.ts";

/** A file of sites, whose first line has titles. */
export interface JoinedSites {
  path: string;
  gzip: boolean;
  /** Places (0-based) of its columns. */
  columns: { id: number; position: number; a0: number; a1: number };
}

/** Names of the columns that sites put before those of a table. */
const SITE_COLUMNS = ["id", "position", "a0", "a1"] as const;
const SITE_ROLES = [Role.Id, Role.Pos, Role.Alt, Role.Alt];
/** Bytes that are read, and written, at once. */
const CHUNK = 1 << 20;

/**
 * Writes a file with a site and its row in each line. Lines have the numbers that they have in the
 * table.
 *
 * @param into Path of the file to make.
 * @returns The file, and the CRC-32 of the table's.
 * @throws {InputError} Located: rows without sites, or sites without rows; a damaged file.
 */
export async function joinSites(
  table: InputFile,
  sites: JoinedSites,
  into: string,
  signal?: AbortSignal,
): Promise<{ file: InputFile; crc: number }> {
  using out = writing(into, () => Deno.openSync(into, { write: true, createNew: true }));
  const turns = new Turns(), chunks = joinedLines(table, sites);
  let size = 0;
  for (let next = await chunks.next();; next = await chunks.next()) {
    if (next.done) {
      const file: InputFile = { ...table, path: into, kind: "plain", size, state: undefined };
      return { file, crc: next.value };
    }
    const bytes = next.value;
    writing(into, () => {
      for (let at = 0; at < bytes.length;) at += out.writeSync(bytes.subarray(at));
    });
    size += bytes.length;
    await turns.take(signal);
  }
}

/**
 * Yields whole lines with a site and its row, TABs between their fields. The bytes are valid until
 * the next ones are asked for.
 *
 * @returns The CRC-32 of the table's file.
 */
export async function* joinedLines(
  table: InputFile,
  sites: JoinedSites,
): AsyncGenerator<Uint8Array, number> {
  await using rows = new Lines(table.path, table.shown, table.kind === "gzip");
  await using places = new Lines(sites.path, sites.path, sites.gzip);
  const order = SITE_COLUMNS.map((name) => sites.columns[name]), buffer = new OutputBuffer();
  await nextLine(places);
  while (rows.step() || await rows.fill()) {
    if (!rows.isBlank) {
      if (!await nextLine(places)) throw noSite(table, rows, sites, places);
      appendSite(buffer, places, order, sites.path);
      appendRow(buffer, rows);
    }
    buffer.byte(LF);
    if (buffer.length < CHUNK) continue;
    yield buffer.written();
    buffer.length = 0;
  }
  yield buffer.written();
  if (await nextLine(places)) {
    throw new InputError(
      `the file has more sites than ${table.shown} has rows; do they belong together?`,
      { file: sites.path, line: places.number },
    );
  }
  checkPathUnchanged(table.path, table.state, table.shown);
  return rows.crc;
}

/** Appends a row, a TAB where fields have blanks between them. */
function appendRow(buffer: OutputBuffer, { raw, from, to }: Lines): void {
  buffer.reserve(to - from);
  const { bytes } = buffer;
  let n = buffer.length, spaces = 1;
  for (let at = from; at < to; at++) {
    const byte = raw[at];
    if (byte !== BLANK && byte !== TAB && byte !== CR) bytes[n++] = byte, spaces = 0;
    else if (spaces++ === 0) bytes[n++] = TAB;
  }
  buffer.length = spaces > 0 && n > buffer.length ? n - 1 : n;
}

/** Returns the layout of a table that has got its sites. */
export function joinedLayout(layout: MatrixLayout): MatrixLayout {
  const { columns, roles, copies, choice, blocks } = layout, more = SITE_COLUMNS.length;
  return {
    ...layout,
    columns: [...SITE_COLUMNS, ...columns],
    roles: Int32Array.of(...SITE_ROLES, ...roles),
    copies: Uint8Array.of(...SITE_ROLES.map(() => 0), ...copies),
    ...blocks ? { blocks: Int32Array.of(...SITE_ROLES.map(() => -1), ...blocks) } : {},
    hasId: true,
    choice: {
      ...choice,
      samples: choice.samples.map((sample) => ({
        ...sample,
        columns: sample.columns.map((column) => column + more),
      })),
    },
  };
}

/** Goes on to the next line that is not blank; returns false at the end. */
async function nextLine(lines: Lines): Promise<boolean> {
  while (lines.step() || await lines.fill()) if (!lines.isBlank) return true;
  return false;
}

function noSite(
  table: InputFile,
  rows: Lines,
  sites: JoinedSites,
  places: Lines,
): InputError {
  return new InputError(
    `the row has no site: ${sites.path} ends after line ${places.number}; do the two files belong ` +
      "together?",
    { file: table.shown, line: rows.number },
  );
}

/** Appends the fields of a site, each with a TAB after it. */
function appendSite(
  buffer: OutputBuffer,
  { raw, from, to, number }: Lines,
  order: readonly number[],
  file: string,
): void {
  for (const wanted of order) {
    let at = from, field = 0, start = from;
    for (;; field++) {
      while (at < to && isSpace(raw[at])) at++;
      start = at;
      while (at < to && !isSpace(raw[at])) at++;
      if (field === wanted || at === to) break;
    }
    if (field < wanted || start === to) {
      throw new InputError(
        `the site has ${field + (start === to ? 0 : 1)} fields, expected ${Math.max(...order) + 1}`,
        { file, line: number },
      );
    }
    buffer.append(raw.subarray(start, at));
    buffer.byte(TAB);
  }
}

function isSpace(byte: number): boolean {
  return byte === BLANK || byte === TAB || byte === CR;
}

/** The lines of a file, of which one at a time is in `raw[from..to)`, without its LF. */
class Lines implements AsyncDisposable {
  raw: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  /** Number of the line, 1-based. */
  number = 0;
  /** CRC-32 of the bytes of the file that have been read. */
  crc = 0;
  #next = 0;
  readonly #chunks: AsyncGenerator<Uint8Array>;

  constructor(path: string, shown: string, gzip: boolean) {
    this.#chunks = this.#read(path, shown, gzip);
  }

  /** True where the line has nothing but blanks. */
  get isBlank(): boolean {
    for (let at = this.from; at < this.to; at++) if (!isSpace(this.raw[at])) return false;
    return true;
  }

  /** Goes on to the next line, if it has been read; else {@linkcode fill} does. */
  step(): boolean {
    const end = this.raw.indexOf(LF, this.#next);
    if (end < 0) return false;
    this.from = this.#next;
    this.to = end;
    this.#next = end + 1;
    this.number++;
    return true;
  }

  /** Reads on until there is a next line, and goes on to it; returns false at the end. */
  async fill(): Promise<boolean> {
    while (true) {
      const { value, done } = await this.#chunks.next();
      const rest = this.raw.subarray(this.#next), more: Uint8Array = done ? LAST : value;
      if (done && rest.length === 0) return false;
      this.raw = new Uint8Array(rest.length + more.length);
      this.raw.set(rest);
      this.raw.set(more, rest.length);
      this.#next = 0;
      if (this.step()) return true;
    }
  }

  /** Closes the file, which need not have been read to its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return(undefined);
  }

  async *#read(path: string, shown: string, gzip: boolean): AsyncGenerator<Uint8Array> {
    const count = (bytes: Uint8Array) => void (this.crc = crc32(bytes, this.crc));
    if (gzip) {
      for await (const { bytes } of gunzipped({ path, shown }, count)) yield bytes;
      return;
    }
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
        count(chunk as Uint8Array);
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw readError(error, shown);
    }
  }
}

/** The end of a last line that has none. */
const LAST = Uint8Array.of(LF);
