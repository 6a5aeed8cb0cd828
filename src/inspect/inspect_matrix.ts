/**
 * Finds out what a matrix looks like, from a few places of it. Nothing is converted, and a large
 * file is not read whole.
 *
 * @module
 */
import { BASE_ALLELES } from "../base/alleles.ts";
import { enumWidth } from "../base/codes.ts";
import { packsCodes } from "../base/packed_codes.ts";
import { gunzipped } from "../matrix/gunzip.ts";
import type { RowSource } from "../matrix/line_segments.ts";
import { lookForContigs } from "../matrix/find_contigs.ts";
import { type MatrixLayout, Role } from "../matrix/layout.ts";
import type { Columns } from "../matrix/read_layout.ts";
import type { InputFile } from "../matrix/input_file.ts";
import { fieldsOf } from "../matrix/separators.ts";
import { readAt } from "../base/files.ts";

/** The description of a matrix. */
export interface MatrixReport {
  kind: "matrix";
  path: string;
  compression: "none" | "gzip";
  /** Bytes of the file. */
  bytes: number;
  /** File and line (1-based) of the header. */
  header: { file: string; line: number };
  /** Number of columns, and places of the fixed ones (1-based; 0 where there is none). */
  columns: { total: number; chrom: number; pos: number; ref: number; id: number };
  samples: { name: string; columns: string[] }[];
  /** First columns of series that look like haplotypes but were not paired. */
  unpaired: string[];
  /** Columns that were left out because such names are no haplotypes'. */
  leftOut: string[];
  haplotypes: number;
  /** Contigs seen in a look at the file, in order; there may be more. */
  contigs: string[];
  /** Alleles that were seen, as the table would store them. */
  alleles: string[];
  /** Number of rows, estimated unless `exact`. */
  rows: number;
  exact: boolean;
  /** Estimated bytes of the table that `--database` keeps, and of the temporary one without. */
  database: number;
  temporary: number;
  /** Names of all columns. */
  names: string[];
  /** Cells of the first rows, as they are in the file. */
  firstRows: string[][];
}

/**
 * Bytes of a plain file that is read whole, places of a larger one that are read, and bytes at each;
 * and bytes at the start of a gzip file, compressed and not.
 */
const WHOLE_BYTES = 1 << 22,
  PLACES = 16,
  PLACE_BYTES = 1 << 16,
  GZIP_BYTES = 1 << 19,
  MOST_UNPACKED = 1 << 23;
/** Number of values that DuckDB packs with the same number of bits. */
const PACKED = 2048;
/** Bytes of chrom, pos, ref and line of a row, and of an almost empty table; both measured. */
const ROW_BYTES = 2.5, EMPTY_BYTES = 1.5 * 1024 ** 2, EMPTY_KEPT_BYTES = 2 * 1024 ** 2;
/** Bytes of a haplotype's names in a kept table, measured. */
const HAPLOTYPE_BYTES = 280;
/** Share of DuckDB's blocks that stays empty, measured. */
const SLACK = 1.1;

/** Lines from some places of a file, and the number of rows that this tells. */
interface Look {
  lines: string[];
  rows: number;
  exact: boolean;
}

/**
 * Describes a matrix.
 *
 * @param input The file.
 * @param columns What its header says.
 */
export async function inspectMatrix(
  input: InputFile,
  { head, header, rows: { start }, layout }: Columns,
): Promise<MatrixReport> {
  const { path, shown, size } = input;
  const source: RowSource = {
    path,
    shown,
    size,
    gzip: input.kind === "gzip",
    start,
    style: header.style,
    segmentBytes: PLACE_BYTES,
    cellBytes: PLACE_BYTES,
  };
  const look = source.gzip ? await lookAtStart(source) : lookAround(source, head.line.length);
  const lines = look.lines.filter((line) => !/^(?:##|\s*$)/.test(line));
  const rows = Math.round(look.rows * lines.length / Math.max(1, look.lines.length));
  const cells = lines.map((line) => fieldsOf(line.replace(/\r$/, ""), header.style ?? "tabs"));
  const place = (role: number) => layout.roles.indexOf(role) + 1;
  return {
    kind: "matrix",
    path: shown,
    compression: source.gzip ? "gzip" : "none",
    bytes: size,
    header: { file: header.at.file ?? shown, line: header.at.line ?? 1 },
    columns: {
      total: layout.columns.length,
      chrom: place(Role.Chrom),
      pos: place(Role.Pos),
      ref: place(Role.Ref),
      id: place(Role.Id),
    },
    samples: samplesOf(layout),
    unpaired: layout.choice.unpaired,
    leftOut: layout.leftOut,
    haplotypes: layout.haplotypes,
    contigs: await lookForContigs(source, layout.roles.indexOf(Role.Chrom)),
    rows,
    exact: look.exact,
    ...estimate(cells, layout, rows),
    names: layout.columns,
    firstRows: cells.slice(0, 3),
  };
}

function samplesOf({ choice, columns: names }: MatrixLayout): MatrixReport["samples"] {
  return choice.samples.map(({ name, columns }) => {
    return { name, columns: columns.map((column) => names[column]) };
  });
}

/** Reads lines at places all over a plain file. */
function lookAround({ path, size, start }: RowSource, lineLength: number): Look {
  using file = Deno.openSync(path);
  const bytes = Math.max(PLACE_BYTES, 4 * lineLength);
  const room = size - start;
  const whole = room <= Math.max(WHOLE_BYTES, PLACES * bytes);
  const lines: string[] = [];
  let seen = 0;
  for (let place = 0; place < (whole ? 1 : PLACES); place++) {
    const from = start + Math.floor(place * (room - bytes) / (PLACES - 1));
    const text = latin1(bytesAt(file, whole ? start : from, whole ? room : bytes));
    // The first and last lines of a place are cut, except for the very first.
    const found = text.split("\n");
    if (whole ? found.at(-1) === "" : true) found.pop();
    if (place > 0) found.shift();
    for (const line of found) {
      lines.push(line);
      seen += line.length + 1;
    }
  }
  const rows = whole ? lines.length : Math.round(room / (seen / Math.max(1, lines.length)));
  return { lines, rows, exact: whole };
}

/** Decodes one character a byte, as only lengths count. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

function bytesAt(file: Deno.FsFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, readAt(file, offset, bytes));
}

/**
 * Reads lines at the start of a gzip file, and estimates from its size how many follow. A small file
 * may hold very many bytes.
 */
async function lookAtStart(source: RowSource): Promise<Look> {
  const { size, start } = source;
  const decoder = new TextDecoder("latin1"), parts: string[] = [];
  let unpacked = 0, packed = 0, whole = true;
  for await (const { bytes, consumed } of gunzipped(source)) {
    parts.push(decoder.decode(bytes));
    unpacked += bytes.length;
    packed = consumed;
    if (packed < GZIP_BYTES && unpacked < MOST_UNPACKED) continue;
    whole = false;
    break;
  }
  const lines = parts.join("").slice(start).split("\n");
  if (!whole || lines.at(-1) === "") lines.pop();
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  // A line may be longer than the look.
  const mean = lines.length > 0 ? bytes / lines.length : Math.max(1, unpacked - start);
  const rows = whole ? lines.length : Math.round((unpacked / packed * size - start) / mean);
  return { lines, rows, exact: whole };
}

/** Packs the alleles of the rows as DuckDB does, and estimates the size of the table from that. */
function estimate(
  cells: readonly string[][],
  { roles, haplotypes }: MatrixLayout,
  rows: number,
): Pick<MatrixReport, "alleles" | "database" | "temporary"> {
  const codes = new Map<string, number>(BASE_ALLELES.map((allele, code) => [allele, code]));
  const columns = [...roles.keys()].filter((column) => roles[column] >= 0);
  const seen = new Set<string>();
  let values = 0, least = Infinity, most = -Infinity, bits = 0;
  for (const row of cells) {
    for (const column of columns) {
      const allele = stored(row[column]);
      seen.add(allele);
      if (!codes.has(allele)) codes.set(allele, codes.size);
      const code = codes.get(allele)!;
      least = Math.min(least, code);
      most = Math.max(most, code);
      if (++values % PACKED !== 0) continue;
      bits += PACKED * Math.ceil(Math.log2(most - least + 1));
      least = Infinity;
      most = -Infinity;
    }
  }
  const packed = values < PACKED ? 3 : bits / (values - values % PACKED);
  const textBytes = [...seen].reduce((sum, { length }) => sum + length, 0);
  const width = packsCodes(codes.size) ? 0.5 : enumWidth(codes.size);
  return {
    alleles: [...seen].sort((a, b) => codes.get(a)! - codes.get(b)!),
    // Each column of the view has the texts of all alleles once more, as part of its type.
    database: EMPTY_KEPT_BYTES + SLACK * rows * (haplotypes * packed / 8 + ROW_BYTES) +
      haplotypes * HAPLOTYPE_BYTES + (haplotypes + 10) * textBytes,
    temporary: EMPTY_BYTES + rows * (haplotypes * width + 12),
  };
}

/** Returns an allele cell as the table stores it. */
function stored(cell = ""): string {
  const text = cell.trim();
  if (text === "" || /^(?:N+|NA|-+|\.)$/i.test(text)) return ".";
  return text.startsWith("<") ? text : text.toUpperCase();
}
