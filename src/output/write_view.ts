/**
 * Writes a view of a table as Parquet or as text. Rows are put in order, chosen and counted as for
 * any other output, and go to a file as codes; DuckDB writes what the view makes of them.
 *
 * @module
 */
import { isStream, readAt, removeIfThere, writeAll } from "../base/files.ts";
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import type { ViewFormat } from "../vcf/row_formatter.ts";
import { isCompressed, isParquet } from "./options.ts";
import { OrderedWriter } from "./ordered_writer.ts";
import { OutputFile } from "./output_file.ts";
import { copyRows, type ViewRows } from "./view_copy.ts";
import { asTexts, copyParquet, copyText, selectView } from "./view_query.ts";
import {
  type OutputRequest,
  planRecords,
  writeRecords,
  type WrittenOutput,
} from "./write_output.ts";

/** Bytes of a text that are copied at a time. */
const PIECE = 1 << 20;
/** Share of the memory that DuckDB has; it takes some beside it. */
const DUCKDB_SHARE = 0.4;

/** Writes a view of a table; the file has no public name yet. */
export async function writeView(
  request: OutputRequest,
  format: ViewFormat,
): Promise<WrittenOutput> {
  const { options, work, pool, progress, table } = request;
  const planned = await planRecords(request), path = work.file("rows");
  // Opened before the work, as other outputs are.
  using output = await OutputFile.open(options.output, work, options);
  using file = OutputFile.create(path, options.output);
  const { total: counts, figures } = await writeRecords(
    request,
    planned,
    new OrderedWriter(file),
    undefined,
  );
  // The workers would keep their memory, which DuckDB may need.
  await pool?.close();
  progress.begin("finish");
  const { records } = counts;
  const rows: ViewRows = {
    path,
    rows: records,
    contigs: planned.plan.contigs.map(({ name }) => name),
    table,
    limits: { threads: 1, memory: DUCKDB_SHARE * options.memory, temporary: work.file("spill") },
    signal: options.signal,
    onRows: (count) => progress.update(count / Math.max(1, records), count),
  };
  const bytes = await writeRows(request, format, rows, output);
  return { counts, bytes, files: output.finish(), sums: undefined, figures };
}

/** Writes what a view makes of rows; returns its bytes. */
async function writeRows(
  { options, work, table }: OutputRequest,
  format: ViewFormat,
  rows: ViewRows,
  output: OutputFile,
): Promise<number> {
  const query = selectView(format, table), texts = asTexts(query, format);
  if (isCompressed(options) || isStream(options.output)) {
    const path = work.file("text"), level = isCompressed(options) ? options.compressionLevel : 0;
    await copyRows(rows, path, (path) => copyText(texts, path));
    // The output may need its room on the disk.
    removeIfThere(rows.path);
    return await copyPieces(path, output, level, options.signal);
  }
  const path = work.beside(options.output, "copy"), columns = table.haplotypes.length;
  await copyRows(rows, path, (path) => {
    if (!isParquet(options.output)) return copyText(texts, path);
    return copyParquet(query, path, format === "matrix" ? columns : 1);
  });
  const { size } = Deno.statSync(path);
  output.adopt(path);
  return size;
}

/** Copies a text to the output, as BGZF unless the level is 0; returns the bytes written. */
async function copyPieces(
  path: string,
  output: OutputFile,
  level: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  using file = Deno.openSync(path);
  const piece = new Uint8Array(PIECE);
  let bytes = 0;
  const write = async (part: Uint8Array) => {
    await writeAll(output, part);
    bytes += part.length;
  };
  for (let offset = 0;;) {
    signal?.throwIfAborted();
    const read = readAt(file, offset, piece), text = piece.subarray(0, read);
    if (read === 0) break;
    offset += read;
    await write(level > 0 ? compressBlocks(text, level).bytes : text);
  }
  if (level > 0) await write(EOF_BLOCK);
  return bytes;
}
