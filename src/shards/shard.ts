/**
 * Converts one shard of a matrix, on whatever machine.
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import { firstLine, InputError, UsageError } from "../base/errors.ts";
import {
  exists,
  identity,
  isThere,
  pathOf,
  removeIfThere,
  resolved,
  syncFile,
} from "../base/files.ts";
import type { ProgressState } from "../base/progress.ts";
import { Progress } from "../base/progress.ts";
import { printable } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import { hostName } from "../base/owned_folder.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { writing } from "../base/write_error.ts";
import { WORKER } from "../convert/convert.ts";
import { failureOf } from "../convert/failure.ts";
import { convertOptions } from "../convert/options.ts";
import type { ConvertOptions } from "../convert/request.ts";
import type { WrittenRows } from "../convert/write_rows.ts";
import { memoryBudget } from "../base/memory_budget.ts";
import { type InputFile, openInput } from "../matrix/input_file.ts";
import { EOF_BLOCK } from "../bgzf/blocks.ts";
import { sumArrays } from "../checksum/sums.ts";
import { WorkerPool } from "../threads/worker_pool.ts";
import { gatheredBefore, type GatheredShard, writtenBy } from "./gathered_mark.ts";
import { linesBefore } from "./lines_before.ts";
import {
  manifestText,
  type ShardFiles,
  shardFiles,
  type ShardManifest,
  shardState,
} from "./shard_manifest.ts";
import { checkPlanned } from "./planned_files.ts";
import { type PlannedShard, readJson, readPlan, type ShardPlan } from "./shard_plan.ts";
import { SpanWriter } from "./span_file.ts";
import { crc32 } from "node:zlib";

/** What a shard is asked for; all that changes the output stands in the plan. */
export interface ShardRequest {
  /** Path of the plan. */
  plan: string | URL;
  /** Number of the shard, from 0. */
  shard: number;
  /** Folder of the shards' files. Default: `shards` beside the plan. */
  out?: string | URL;
  /** Worker threads; default and 0 as in `convert`. */
  threads?: number;
  /** Budget of the whole process in bytes. Default: 1 GiB. */
  memory?: number;
  /** Folder for the temporary table. Default: the system's (`$TMPDIR`). */
  tempDir?: string | URL;
  /** Interrupts the run when it is aborted. */
  signal?: AbortSignal;
  /** Receives the progress a few times a second. */
  onProgress?: (state: ProgressState) => void;
  /** Receives notes and warnings, a line each. */
  onNote?: (line: string) => void;
}

/** The summary of a shard. */
export interface ShardReport {
  /** Number of the shard, from 0. */
  shard: number;
  /** True where it was done before, and nothing was read. */
  before: boolean;
  /** True where its rows went straight to the output, false where they went through a table. */
  direct: boolean;
  /** Records written. */
  records: number;
  /** Bad rows that were put aside. */
  skipped: number;
  /** Bytes of its output. */
  bytes: number;
  /** Path of its output. */
  output: string;
  /** Seconds that this run took. */
  seconds: number;
}

/**
 * Returns the folder of the files of all shards of a plan, which there need not be yet.
 *
 * @throws {InputError} It is no folder.
 */
export function shardFolder(plan: string, out: string | undefined): string {
  const folder = out ?? join(dirname(plan), "shards");
  if (isThere(folder) && !Deno.statSync(folder).isDirectory) {
    throw new InputError("this is no folder, and the shards lie in one", { file: folder });
  }
  return folder;
}

/**
 * Converts one shard. Its files get their names once they are whole, the manifest last; a shard
 * that has one is left as it is. Two attempts at one time do no harm.
 *
 * @returns What was done.
 * @throws {UsageError} The plan has no such shard, or an option is wrong.
 * @throws {InputError} Bad input, located; the input is not the one that was scattered.
 * @throws {MachineError} A full disk, an I/O error, memory.
 * @throws The reason of the signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { scatter } from "./scatter.ts";
 * import { shard } from "./shard.ts";
 * const folder = await Deno.makeTempDir(), plan = `${folder}/plan.json`;
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * await scatter({ input: `${folder}/m.tsv`, plan, shards: 1 });
 * assert((await shard({ plan, shard: 0 })).records === 1);
 * assert((await shard({ plan, shard: 0 })).before);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function shard(request: ShardRequest): Promise<ShardReport> {
  const begun = performance.now();
  const path = pathOf(request.plan), plan = await readPlan(path), { shard: k } = request;
  if (!Number.isInteger(k) || k < 0 || k >= plan.shards.length) {
    throw new UsageError(
      `the plan has ${plan.shards.length} shards, 0 to ${plan.shards.length - 1}, and none '${k}'`,
    );
  }
  const folder = shardFolder(path, pathOf(request.out)), files = shardFiles(folder, k, plan);
  const report = (written: GatheredShard, before: boolean): ShardReport => ({
    shard: k,
    before,
    ...written,
    output: files.output,
    seconds: (performance.now() - begun) / 1000,
  });
  const state = await shardState(files, k, plan);
  if (state.manifest) return report(writtenBy(state.manifest), true);
  const gathered = await gatheredBefore(folder, plan);
  if (gathered) return report(gathered.shards[k], true);
  await refuseOthers(state.other, path, files);
  const options = shardOptions(request, plan, files);
  await makeFolder(folder);
  using work = new WorkFolder(temporaryFolder("-", options.tempDir), options.onNote);
  work.sweepBeside([files.output]);
  try {
    const run = new ShardRun(plan, path, k, files, options, work);
    return report(writtenBy(await run.run()), false);
  } catch (error) {
    throw await located(failureOf(error, options, work), plan, k);
  }
}

/** Returns the options of the conversion: those of the plan, and those of the node. */
function shardOptions(
  { threads, memory, tempDir, signal, onProgress, onNote }: ShardRequest,
  { input, options }: ShardPlan,
  { output }: ShardFiles,
): ConvertOptions {
  const node = { threads, memory, tempDir, signal, onProgress, onNote };
  const own = convertOptions({
    ...node,
    input: input.path,
    output,
    outputType: options.outputType,
  });
  // One thread would decompress all of a BGZF file before it reads its part.
  const least = input.kind === "bgzf" ? 1 : 0;
  return {
    ...own,
    ...options,
    index: "none",
    threads: Math.max(least, own.threads),
    direct: true,
    sums: true,
  };
}

/** Refuses to replace a shard that belongs to another plan, where that is still there. */
async function refuseOthers(
  other: { id: string; file: string } | undefined,
  plan: string,
  { manifest }: ShardFiles,
): Promise<void> {
  if (!other || identity(other.file) === identity(plan)) return;
  const there = await readJson(other.file, "a plan").catch(() => undefined);
  if (there?.id !== other.id) return;
  throw new InputError(
    `the folder has shards of another plan, ${printable(other.file, Infinity)}; give this one a ` +
      "folder of its own: --out, and --from of gather",
    { file: manifest },
  );
}

async function makeFolder(folder: string): Promise<void> {
  if (await exists(folder)) return;
  await writing(folder, () => Deno.mkdir(folder)).catch((error) => {
    if (error instanceof Deno.errors.AlreadyExists) return;
    throw new InputError(`the folder for the shards cannot be made: ${firstLine(error)}`, {
      file: folder,
    });
  });
}

/** One attempt at a shard. */
class ShardRun {
  readonly #planned: PlannedShard;

  constructor(
    private readonly plan: ShardPlan,
    private readonly planFile: string,
    private readonly k: number,
    private readonly files: ShardFiles,
    private readonly options: ConvertOptions,
    private readonly work: WorkFolder,
  ) {
    this.#planned = plan.shards[k];
  }

  async run(): Promise<ShardManifest> {
    const { plan, files, work } = this;
    await checkPlanned(plan);
    const spansFile = work.beside(files.spans, "spans");
    using spans = new SpanWriter(spansFile);
    const input = await this.#input(), rejects = work.beside(files.rejects, "rejects");
    const rows = await this.#convert(input, spans, rejects);
    const { written } = rows,
      output = written.files.find(({ path }) => path === resolved(files.output));
    const compressed = this.options.outputType !== "v";
    const manifest: ShardManifest = {
      format: 1,
      plan: plan.id,
      planFile: resolve(this.planFile),
      version: VERSION,
      shard: this.k,
      host: hostName(),
      output: {
        bytes: written.bytes,
        header: written.bytes - spans.bytes - (compressed ? EOF_BLOCK.length : 0),
        records: spans.bytes,
      },
      spans: { ...spans.finish(rows.summary.grid), names: spans.names },
      rejects: rows.summary.skipped > 0 ? await sumFile(rejects) : null,
      inputCrc32: rows.read!.crc,
      lines: rows.read!.lines,
      skipped: rows.summary.skipped,
      direct: rows.direct,
      kernelRows: rows.kernelRows,
      missing: rows.missing,
      longest: rows.read!.longest,
      contigs: rows.summary.contigs,
      counts: written.counts,
      sums: rows.sums ? sumArrays(rows.sums) : written.sums ?? null,
    };
    // The same bytes must have been there until now.
    await checkPlanned(plan);
    return await this.#publish(manifest, { output: output!.from!, spans: spansFile, rejects });
  }

  /** Opens the input, of which only the part of this shard is read. */
  async #input(): Promise<InputFile> {
    const { bytes: [start, end], cells: [firstCell], blocks } = this.#planned;
    // The header stands in the plan, so that the file may be empty.
    const request = { ...this.options, header: this.planFile };
    const input = await openInput(request, () => this.work.file("spool"), () => {});
    const before = blocks?.before ?? 0;
    const part = {
      start: start - before,
      end: end - before,
      midway: firstCell > 0,
      blocks: blocks && { from: blocks.from, to: blocks.to },
    };
    return { ...input, part };
  }

  async #convert(input: InputFile, spans: SpanWriter, rejects: string): Promise<WrittenRows> {
    const { plan, work } = this;
    const part = {
      tableOptions: plan.tableOptions,
      regionsText: plan.regionsText,
      begin: () => spans.begin(),
      record: spans.add.bind(spans),
    };
    const options = { ...this.options, part };
    const { threads, memory, onBadRow, onProgress } = options;
    const fitting = memoryBudget(memory, threads, 1).threads;
    const pool = threads > 0 ? new WorkerPool(fitting, WORKER) : undefined;
    try {
      // Imported only here, so that it is loaded while the workers start.
      const { writeRows } = await import("../convert/write_rows.ts");
      return await writeRows({
        options,
        input,
        columns: plan.columns,
        work,
        pool,
        progress: new Progress(onProgress),
        rejects: onBadRow === "skip" ? rejects : undefined,
        onDuckdb: undefined,
      });
    } finally {
      await pool?.close();
    }
  }

  /** Gives the files their names, the manifest last, where no other attempt has been quicker. */
  async #publish(
    manifest: ShardManifest,
    made: { output: string; spans: string; rejects: string },
  ): Promise<ShardManifest> {
    const { files, k, plan, work } = this;
    const state = await shardState(files, k, plan);
    if (state.manifest) return checkSame(state.manifest, manifest, plan);
    const text = work.beside(files.manifest, "manifest");
    writing(text, () => Deno.writeTextFileSync(text, manifestText(manifest), { createNew: true }));
    // A manifest of another plan must not stand beside files of this one.
    removeIfThere(files.manifest);
    const pairs = [[made.output, files.output], [made.spans, files.spans]];
    if (manifest.rejects) pairs.push([made.rejects, files.rejects]);
    else removeIfThere(files.rejects);
    for (const [from] of [...pairs, [text]]) await syncFile(from);
    for (const [from, to] of [...pairs, [text, files.manifest]]) {
      writing(to, () => Deno.renameSync(from, to));
    }
    await syncFolder(dirname(files.manifest));
    return manifest;
  }
}

/** Makes sure that two attempts have read the same bytes. */
function checkSame(there: ShardManifest, own: ShardManifest, plan: ShardPlan): ShardManifest {
  if (there.inputCrc32 === own.inputCrc32) return there;
  throw new InputError(
    "another attempt at this shard read other bytes: the file changed meanwhile, though its size and " +
      "time did not; scatter again when nobody writes to it",
    { file: plan.input.path },
  );
}

/** Syncs a folder, where the file system can. */
async function syncFolder(path: string): Promise<void> {
  try {
    using folder = Deno.openSync(path);
    await folder.sync();
  } catch { /* Those that cannot see to it by themselves. */ }
}

async function sumFile(path: string): Promise<{ bytes: number; crc32: number }> {
  using file = await Deno.open(path);
  const block = new Uint8Array(1 << 20);
  let bytes = 0, crc = 0;
  for (let read; (read = await file.read(block)) !== null; bytes += read) {
    crc = crc32(block.subarray(0, read), crc);
  }
  return { bytes, crc32: crc };
}

/** Returns an error with the line that the row has in the whole matrix, where it has one. */
async function located(error: unknown, plan: ShardPlan, k: number): Promise<unknown> {
  if (!(error instanceof InputError) || error.at.file !== plan.input.path) return error;
  const { line, ...at } = error.at;
  if (line === undefined) return error;
  // Only here, as it takes reading all that lies before.
  const before = await linesBefore(plan, plan.shards[k]);
  return new InputError(error.detail, { ...at, line: before + line }, { cause: error });
}
