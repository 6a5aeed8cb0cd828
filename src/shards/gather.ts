/**
 * Joins the outputs of all shards of a matrix to the one that a single conversion gives.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { InputError, UsageError } from "../base/errors.ts";
import { isStream, outputName, pathOf } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { Progress, type ProgressState } from "../base/progress.ts";
import { WorkFolder } from "../base/work_folder.ts";
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import { encodeIndex, IndexBuilder } from "../bgzf/tabix_index.ts";
import { namedSums } from "../checksum/sums.ts";
import { checksumOf, counted } from "../convert/convert.ts";
import { convertOptions } from "../convert/options.ts";
import type { ConvertReport } from "../convert/report.ts";
import type { ConvertOptions } from "../convert/request.ts";
import { rejectsPath } from "../ingest/rejects.ts";
import {
  checkOutputs,
  checkWritable,
  type FinishedFile,
  indexNames,
  OutputFile,
} from "../output/output_file.ts";
import { indexOptions, type OutputPlan, planOutput } from "../output/output_plan.ts";
import { Publication } from "../output/publication.ts";
import { openReference } from "../reference/fasta_index.ts";
import type { TableSummary } from "../table/read_metadata.ts";
import { summaryOf } from "../table/schema.ts";
import { WorkerPool } from "../threads/worker_pool.ts";
import { noCounts, type SiteCounts } from "../vcf/site_filter.ts";
import { GatheredFile } from "./gathered_file.ts";
import { gatheredBefore, markGathered, markPath } from "./gathered_mark.ts";
import { gatherRejects } from "./gather_rejects.ts";
import { type DoneShard, gatheredRows, gatherSteps } from "./gather_plan.ts";
import { awaitShards, type DoneShards } from "./done_shards.ts";
import { openShards } from "./open_shards.ts";
import { removeShards } from "./remove_shards.ts";
import { shardFiles } from "./shard_manifest.ts";
import { readPlan, type ShardPlan } from "./shard_plan.ts";
import { shardFolder } from "./shard.ts";
import { verifyInput } from "./verify_input.ts";

/** What is gathered, and where to. */
export interface GatherRequest {
  /** Path of the plan. */
  plan: string | URL;
  /** Path of the output, or `-` for standard output. */
  output: string | URL;
  /** Folder of the shards' files. Default: `shards` beside the plan. */
  from?: string | URL;
  /** Seconds to wait for shards that are not there yet, as network disks show files late. Default: 0. */
  wait?: number;
  /** True to keep the shards' files, which go away otherwise once the output has its name. */
  keepShards?: boolean;
  /** True to read the input again, and to compare it with what the shards read. */
  verifyInput?: boolean;
  /** Threads that compress records which have to be merged. Default: the machine's cores. */
  threads?: number;
  /** Interrupts the run when it is aborted. */
  signal?: AbortSignal;
  /** Receives the progress a few times a second. */
  onProgress?: (state: ProgressState) => void;
  /** Receives notes and warnings, a line each. */
  onNote?: (line: string) => void;
}

/**
 * Joins shards. The output is byte for byte that of `convert` of the whole matrix, and so are its
 * index and the file of bad rows.
 *
 * @returns The summary, as `convert` gives it.
 * @throws {UsageError} A name that does not fit the plan.
 * @throws {InputError} A shard is missing, of another plan, or damaged; what `convert` refuses of the
 * whole matrix.
 * @throws {MachineError} A full disk, an I/O error.
 * @throws The reason of the signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { gather } from "./gather.ts";
 * import { scatter } from "./scatter.ts";
 * import { shard } from "./shard.ts";
 * const folder = await Deno.makeTempDir(), plan = `${folder}/plan.json`;
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * await scatter({ input: `${folder}/m.tsv`, plan, shards: 2 });
 * for (const k of [0, 1]) await shard({ plan, shard: k });
 * assert((await gather({ plan, output: `${folder}/m.vcf.gz` })).records === 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function gather(request: GatherRequest): Promise<ConvertReport> {
  const begun = performance.now(), progress = new Progress(request.onProgress ?? (() => {}));
  const path = pathOf(request.plan), plan = await readPlan(path);
  const folder = shardFolder(path, pathOf(request.from)), options = gatherOptions(request, plan);
  const before = await reportBefore(folder, plan, options);
  if (before) return before;
  const rejects = checkFiles(options, plan, [path, ...filesOfShards(folder, plan)]);
  const publication = new Publication([options.output, rejects]);
  using work = new WorkFolder(".", options.onNote);
  work.sweepBeside([options.output, rejects]);
  progress.begin("convert");
  const { wait = 0 } = request, { signal } = options;
  const done = await awaitShards({ plan, path, folder, wait, signal }), { shards } = done;
  if (request.verifyInput) await verifyInput(plan, shards, signal);
  const gathering = new Gathering(plan, folder, shards, options, work, progress);
  const gathered = await gathering.run(rejects);
  await publication.publish(gathered.files);
  progress.end();
  const seconds = (performance.now() - begun) / 1000, whole = { plan, options, rejects, ...done };
  const report = reportOf(gathered, whole, seconds), keep = request.keepShards ?? false;
  if (!keep) await markGathered(folder, plan, report, publishedPaths(gathered.files), shards);
  removeShards(folder, plan, keep, options.onNote);
  return report;
}

/**
 * Returns the report of a gathering into the same output, where nothing is left to do.
 *
 * @throws {InputError} It was another output, and the shards are gone.
 */
async function reportBefore(
  folder: string,
  plan: ShardPlan,
  { output, onNote }: ConvertOptions,
): Promise<ConvertReport | undefined> {
  const mark = await gatheredBefore(folder, plan);
  if (!mark) return undefined;
  if (isStream(output) || resolve(output) !== mark.output) {
    const where = printable(mark.output, Infinity);
    throw new InputError(
      `the shards were gathered into ${where}, and removed; copy that, or remove this file and run ` +
        "the shards again",
      { file: markPath(folder) },
    );
  }
  onNote("the shards were gathered before, and the output is as it was");
  return mark.report;
}

/** Returns the report that a conversion of the whole matrix gives. */
function reportOf(
  { bytes, counts, table }: Gathered,
  { plan: { input }, shards, sums, missing, options, rejects }: DoneShards & {
    plan: ShardPlan;
    options: ConvertOptions;
    rejects: string | undefined;
  },
  total: number,
): ConvertReport {
  const manifests = shards.map(({ manifest }) => manifest);
  const rows = table.contigs.reduce((sum, { records }) => sum + records, 0);
  const kernelRows = manifests.reduce((sum, { kernelRows }) => sum + kernelRows, 0);
  const share = (part: number, all: number) => all > 0 ? part / all : 1;
  return {
    ...counted(counts, table, [...missing ?? []]),
    input: input.path,
    output: options.output,
    direct: manifests.every(({ direct }) => direct),
    kernelShare: { read: share(kernelRows, rows), written: share(counts.kernelRows, counts.rows) },
    database: null,
    reused: false,
    rejects: table.skipped > 0 ? rejects ?? null : null,
    bytes,
    inputBytes: input.size,
    seconds: { total },
    bytesPerSecond: input.size / total,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    threads: options.threads,
    checksum: checksumOf(namedSums(table.samples.map(({ name }) => name), sums)),
  };
}

/** Returns the options of the output as those of a conversion of the whole matrix. */
function gatherOptions(
  { output, threads, signal, onNote }: GatherRequest,
  { input, options }: ShardPlan,
): ConvertOptions {
  const name = outputName(pathOf(output)), type = options.outputType;
  const named = /\.bcf$/i.test(name) ? "b" : /\.b?gz$/i.test(name) ? "z" : "v";
  if (!isStream(name) && named !== type && (named !== "v" || /\.vcf$/i.test(name))) {
    throw new UsageError(
      `the shards are ${
        type === "v"
          ? "plain VCF: name the \`output\` OUT.vcf"
          : "VCF in BGZF: name the \`output\` OUT.vcf.gz"
      }` +
        `, or scatter with \`outputType\` ${named === "v" ? "v" : "z"}`,
    );
  }
  const own = { threads: threads ?? navigator.hardwareConcurrency, signal, onNote };
  const checked = convertOptions({ ...own, input: input.path, output, outputType: type });
  return { ...checked, ...options };
}

/**
 * Makes sure that the files can be written, and are apart from what is read.
 *
 * @returns The path of the file of bad rows, if there may be one.
 */
function checkFiles(
  options: ConvertOptions,
  { input, reference = [] }: ShardPlan,
  ours: readonly string[],
): string | undefined {
  const { output, onBadRow } = options, names = indexNames(output);
  const rejects = onBadRow === "skip"
    ? rejectsPath(input.path, isStream(output) ? "-" : output)
    : undefined;
  const read = [input, ...reference].map(({ path }) => path);
  checkOutputs([output, rejects, ...names], [...read, ...ours], []);
  checkWritable([output, rejects, ...names]);
  return rejects;
}

/** The module of the workers that compress what is merged. */
const COMPRESS_WORKER = new URL("./compress_worker.ts", import.meta.url);

/** Returns the paths of all files that a plan and its shards may have beside the plan itself. */
function filesOfShards(folder: string, plan: ShardPlan): string[] {
  const files = plan.shards.flatMap((_, k) => Object.values(shardFiles(folder, k, plan)));
  return [markPath(folder), ...files];
}

function publishedPaths(files: readonly FinishedFile[]): string[] {
  return files.flatMap(({ path, from }) => from === undefined ? [] : [path]);
}

/** What a gathering gave. */
interface Gathered {
  files: FinishedFile[];
  bytes: number;
  counts: SiteCounts;
  table: TableSummary;
}

/** One gathering. */
class Gathering {
  constructor(
    private readonly plan: ShardPlan,
    private readonly folder: string,
    private readonly shards: readonly DoneShard[],
    private readonly options: ConvertOptions,
    private readonly work: WorkFolder,
    private readonly progress: Progress,
  ) {}

  async run(rejects: string | undefined): Promise<Gathered> {
    const { options, work, shards } = this,
      table = this.#table(),
      output = await this.#planned(table);
    for (const note of output.notes) options.onNote(note);
    const files = rejects === undefined ? [] : await gatherRejects(
      this.folder,
      this.plan,
      shards,
      rejects,
      work.beside(rejects, "rejects"),
    );
    using file = await OutputFile.open(options.output, work, options);
    const index = output.index &&
      new IndexBuilder(indexOptions(output.index, options, [...output.contigs]));
    const { bytes, duplicates } = await this.#write(file, output, index);
    const counts = this.#counts(duplicates);
    const made = file.finish(
      index && { suffix: `.${output.index}`, bytes: encodeIndex(index.finish()) },
    );
    return { files: [...files, ...made], bytes, counts, table };
  }

  /** Returns what a table of the whole matrix would say of itself. */
  #table(): TableSummary {
    const { shards, plan: { columns: { layout }, tableOptions } } = this;
    const { contigs, grid } = gatheredRows(shards), own = summaryOf(layout);
    const skipped = shards.reduce((sum, { manifest }) => sum + manifest.skipped, 0);
    if (contigs.length === 0 && skipped > 0) {
      throw new InputError(`all ${skipped} rows are bad`, { file: this.plan.input.path });
    }
    const rest = { stride: layout.haplotypes, options: tableOptions, kept: false, skipped };
    return { ...own, contigs, grid, alleles: [], ...rest };
  }

  async #planned(table: TableSummary): Promise<OutputPlan> {
    const { options, plan, shards } = this;
    return planOutput({
      options,
      table,
      longest: shards.reduce((most, { manifest }) => Math.max(most, manifest.longest), 1),
      reference: options.reference === undefined
        ? undefined
        : await openReference(options.reference, () => {}, options.signal),
      regionsText: plan.regionsText,
      toStream: isStream(options.output),
    });
  }

  async #write(
    sink: OutputFile,
    { header, compression, contigs, groups }: OutputPlan,
    index: IndexBuilder | undefined,
  ): Promise<GatheredFile> {
    const { options, plan, shards, folder, progress } = this;
    const all = shards.reduce((sum, { manifest }) => sum + manifest.output.records, 0);
    let done = 0, pool: WorkerPool | undefined;
    using open = openShards(folder, plan, shards);
    const output = new GatheredFile({
      sink,
      shards: open.files,
      names: shards.map(({ manifest }) => manifest.spans.names),
      ordinals: new Map(contigs.map(({ name }, ordinal) => [name, ordinal])),
      index,
      compression,
      pool: () =>
        options.threads > 0 ? pool ??= new WorkerPool(options.threads, COMPRESS_WORKER) : undefined,
      signal: options.signal,
      onDone: (bytes) => progress.update(all > 0 ? (done += bytes) / all : 1, 0),
    });
    try {
      await output.put(
        compression === undefined ? header : compressBlocks(header, compression).bytes,
      );
      for (const step of gatherSteps(groups, shards)) await output.add(step);
      await output.end();
      if (compression !== undefined) await output.put(EOF_BLOCK);
      return output;
    } finally {
      await pool?.close();
    }
  }

  #counts(duplicates: number): SiteCounts {
    const total = noCounts();
    for (const { manifest: { counts } } of this.shards) {
      for (const key of Object.keys(total) as (keyof SiteCounts)[]) total[key] += counts[key];
    }
    return { ...total, duplicates };
  }
}
