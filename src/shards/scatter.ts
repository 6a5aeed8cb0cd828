/**
 * Plans the conversion of a matrix in shards.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { InputError, UsageError } from "../base/errors.ts";
import { isThere, pathOf, writeAll } from "../base/files.ts";
import { WorkFolder } from "../base/work_folder.ts";
import { writing } from "../base/write_error.ts";
import { convertOptions } from "../convert/options.ts";
import type { ConvertOptions, ConvertRequest } from "../convert/request.ts";
import { announce } from "../ingest/announce.ts";
import { tableOptions } from "../ingest/table_source.ts";
import { bgzfBlocks, type BlockPlace } from "../matrix/bgzf_blocks.ts";
import { type InputFile, openInput } from "../matrix/input_file.ts";
import { type Columns, readLayout, rowSource } from "../matrix/read_layout.ts";
import { checkOutputs, checkWritable } from "../output/output_file.ts";
import { Publication } from "../output/publication.ts";
import { regionsText } from "../output/write_output.ts";
import { filesOf, openReference } from "../reference/fasta_index.ts";
import { plannedFile } from "./planned_files.ts";
import {
  PLAN_OPTIONS,
  type PlannedShard,
  type PlanOptions,
  planText,
  sealedPlan,
  type ShardPlan,
} from "./shard_plan.ts";

/** Options of `convert` that are not for a matrix in shards, each with what to do instead. */
const NOT_GATHERED: Partial<Record<keyof ConvertRequest, string>> = {
  database: "shards keep no table; convert the matrix whole for one",
  populations: "shards keep no table; convert the matrix whole for one",
  format: "only VCF is gathered; convert the matrix whole for other formats",
  direct: "a shard goes straight to its output by itself, where its rows are in order",
  verify:
    "gather tells the checksum of the whole; the sub-command checksum of the output must give the same",
  verifyInput: "it is for gather",
  profile: "it watches one conversion",
  report: "it draws one conversion; make it of a table that is kept of the matrix",
  multiqc: "it draws one conversion; make it of a table that is kept of the matrix",
  kernels: "it changes no bytes",
  threads: "it belongs to a node, and is for shard",
  memory: "it belongs to a node, and is for shard",
  tempDir: "it belongs to a node, and is for shard",
};

/** The options of {@linkcode scatter}: those of a conversion that change its output, and the cut. */
export interface ScatterRequest extends
  Omit<
    ConvertRequest,
    | "database"
    | "direct"
    | "format"
    | "input"
    | "kernels"
    | "memory"
    | "multiqc"
    | "onProgress"
    | "output"
    | "populations"
    | "profile"
    | "report"
    | "tempDir"
    | "threads"
    | "verify"
    | "verifyInput"
  > {
  /** Path of the matrix: plain or BGZF. */
  input: string | URL;
  /** Path of the plan to write; shards lie in a folder `shards` beside it. */
  plan: string | URL;
  /** Number of shards, 1 to 1,000. Some are empty where the matrix is small. */
  shards?: number;
  /** Bytes of the (uncompressed) matrix in a shard, about, in place of their number. */
  shardSize?: number;
}

/** What was planned. */
export interface ScatterReport {
  /** Path of the plan, as it was given. */
  plan: string;
  /** Number of shards. */
  shards: number;
  /** Number of those that have no rows. */
  empty: number;
  /** Bytes of the (uncompressed) rows. */
  bytes: number;
  /** Plain VCF or BGZF. */
  outputType: "v" | "z";
}

/** Most shards: clusters limit their arrays, some of them to this. */
const MOST_SHARDS = 1000;

/**
 * Looks at a matrix and writes a plan by which its parts can be converted anywhere, and joined to the
 * bytes that one conversion gives. Little of the matrix is read: its head, and of BGZF the headers of
 * its blocks.
 *
 * @returns What was planned.
 * @throws {UsageError} Options that no input could make right, or that are not for shards.
 * @throws {InputError} Bad input, located; a matrix that cannot be cut.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scatter } from "./scatter.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const plan = await scatter({ input: `${folder}/m.tsv`, plan: `${folder}/plan.json`, shards: 3 });
 * assert(plan.shards === 3 && plan.empty === 2);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function scatter(request: ScatterRequest): Promise<ScatterReport> {
  const options = checkedOptions(request), path = pathOf(request.plan);
  const { input: given, header, samplesFile, names, regionsFile, reference } = options;
  const read = [given, header, samplesFile, names, regionsFile];
  await makeFolder(dirname(path));
  checkOutputs([path], [...read, ...reference === undefined ? [] : filesOf(reference)], []);
  checkWritable([path]);
  const publication = new Publication([path]);
  const input = await openInput(options, () => refuseStream(given), () => {});
  refuseKind(input);
  const columns = await readLayout(input, options);
  if (columns.sites) {
    throw new InputError(
      `the sites of ${columns.layout.dialect.name} are in another file, whose lines no shard could ` +
        "find; convert it whole",
      { file: given },
    );
  }
  announce(columns.layout, options);
  if (reference !== undefined) await openReference(reference, options.onNote, options.signal);
  const plan = await planOf(request, options, input, columns), { shards } = plan;
  await publishText(planText(plan), path, publication, options);
  const [first] = shards, last = shards.at(-1)!;
  return {
    plan: path,
    shards: shards.length,
    empty: shards.filter(({ bytes: [from, to] }) => from === to).length,
    bytes: last.bytes[1] - first.bytes[0],
    outputType: plan.options.outputType as "v" | "z",
  };
}

/** Returns the plan of a matrix. */
async function planOf(
  request: ScatterRequest,
  options: ConvertOptions,
  input: InputFile,
  columns: Columns,
): Promise<ShardPlan> {
  const { start, cellBytes } = rowSource(input, columns, options.maxLine), { reference } = options;
  const blocks = input.kind === "gzip" ? [...bgzfBlocks(input.path, input.shown)] : undefined;
  const length = (blocks ? blocks.at(-1)!.uncompressed : input.size) - start;
  const cells = Math.ceil(length / cellBytes), count = shardCount(request, length);
  const at = (cell: number) => start + Math.min(length, cell * cellBytes);
  return sealedPlan({
    input: {
      ...await plannedFile(input.path),
      kind: blocks ? "bgzf" : "plain",
      headerLines: columns.rows.lines,
    },
    reference: reference === undefined
      ? undefined
      : await Promise.all(filesOf(reference).filter(isThere).map(plannedFile)),
    columns,
    tableOptions: await tableOptions(options, columns.header, columns.layout),
    regionsText: await regionsText(options, []),
    options: planOptions(options),
    cellBytes,
    cells,
    shards: Array.from({ length: count }, (_, k) => {
      const from = Math.floor(k * cells / count), to = Math.floor((k + 1) * cells / count);
      return shardOf([from, to], [at(from), at(to)], blocks);
    }),
  });
}

/** Makes the folder of the plan, as recipes have a new one for each run; not those above it. */
async function makeFolder(folder: string): Promise<void> {
  if (!isThere(folder) && isThere(dirname(folder))) await writing(folder, () => Deno.mkdir(folder));
}

/** Checks the request as that of a conversion. */
function checkedOptions(
  { plan, shards, shardSize, ...request }: ScatterRequest,
): ConvertOptions {
  for (const [name, why] of Object.entries(NOT_GATHERED)) {
    const value = (request as Record<string, unknown>)[name];
    if (value === undefined || (name === "format" && value === "vcf")) continue;
    throw new UsageError(`\`${name}\` is not for shards: ${why}`);
  }
  if (!plan) throw new UsageError("no `plan` is given: the file to write");
  if ((shards === undefined) === (shardSize === undefined)) {
    throw new UsageError("say how to cut: either `shards`, their number, or `shardSize`");
  }
  const isCount = shards === undefined || (Number.isInteger(shards) && shards >= 1);
  if (!isCount || shards! > MOST_SHARDS) {
    throw new UsageError(`\`shards\` is a whole number from 1 to ${MOST_SHARDS}, not '${shards}'`);
  }
  if (shardSize !== undefined && !(shardSize >= 1)) {
    throw new UsageError(`\`shardSize\` is at least 1 byte, not '${shardSize}'`);
  }
  const { outputType = "z" } = request;
  if (outputType === "b" || outputType === "u") {
    throw new UsageError(
      "BCF is not gathered, as its records go by numbers of the whole header; gather VCF, and then: " +
        "bcftools view -Ob OUT.vcf.gz",
    );
  }
  const type = outputType === "v" ? "vcf" : "vcf.gz";
  return convertOptions({ ...request, outputType, output: `gathered.${type}` });
}

function refuseStream(file: string): never {
  throw new InputError(
    file === "-"
      ? "standard input can be read but once, and each shard reads a part of the matrix; give a file"
      : "this is no file that can be read in parts; of zstd, a stream or a pipe make one: plain, or " +
        "BGZF by bgzip",
    { file },
  );
}

function refuseKind({ kind, shown }: InputFile): void {
  if (kind !== "duckdb") return;
  throw new InputError("a table is not converted in shards; scatter the matrix", { file: shown });
}

function shardCount({ shards, shardSize }: ScatterRequest, length: number): number {
  const count = shards ?? Math.max(1, Math.ceil(length / shardSize!));
  if (count <= MOST_SHARDS) return count;
  throw new UsageError(
    `\`shardSize\` would give ${count} shards, and ${MOST_SHARDS} are the most; make them larger`,
  );
}

function shardOf(
  cells: PlannedShard["cells"],
  bytes: PlannedShard["bytes"],
  blocks: readonly BlockPlace[] | undefined,
): PlannedShard {
  if (!blocks) return { cells, bytes };
  const [from, to] = bytes, first = blocks[blockOf(blocks, Math.max(0, from - 1))];
  const end = blocks[Math.min(blocks.length - 1, blockOf(blocks, Math.max(0, to - 1)) + 1)];
  const { compressed, uncompressed: before } = first;
  return { cells, bytes, blocks: { from: compressed, to: end.compressed, before } };
}

/** Returns the place (0-based) of the block that holds a byte. */
function blockOf(blocks: readonly BlockPlace[], byte: number): number {
  let from = 0, to = Math.max(1, blocks.length - 1);
  while (to - from > 1) {
    const middle = from + to >> 1;
    if (blocks[middle].uncompressed <= byte) from = middle;
    else to = middle;
  }
  return from;
}

function planOptions(options: ConvertOptions): PlanOptions {
  const chosen = Object.fromEntries(PLAN_OPTIONS.map((name) => [name, options[name]]));
  const { reference } = options;
  return {
    ...chosen as unknown as PlanOptions,
    reference: reference === undefined ? undefined : resolve(reference),
  };
}

/** Writes a text under its name, whole or not at all. */
async function publishText(
  text: string,
  path: string,
  publication: Publication,
  { onNote }: ConvertOptions,
): Promise<void> {
  using work = new WorkFolder(".", onNote);
  const from = work.beside(path, "plan");
  {
    using file = writing(from, () => Deno.openSync(from, { write: true, createNew: true }));
    await writeAll(file, new TextEncoder().encode(text));
  }
  await publication.publish([{ path, from }]);
}
