/**
 * Joins the outputs of all shards of a matrix to the one that a single conversion gives.
 *
 * @module
 */
import process from "node:process";
import { InputError, InternalError, UsageError } from "../base/errors.ts";
import { isStream, outputName, pathOf } from "../base/files.ts";
import { Progress, type ProgressState } from "../base/progress.ts";
import { WorkFolder } from "../base/work_folder.ts";
import { compressBlocks, EOF_BLOCK } from "../bgzf/blocks.ts";
import { encodeIndex, IndexBuilder } from "../bgzf/tabix_index.ts";
import { addSums, namedSums, noSums, type Sums } from "../checksum/sums.ts";
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
import { gatheredBefore, markGathered } from "./gathered_mark.ts";
import { gatherRejects } from "./gather_rejects.ts";
import { type DoneShard, gatheredRows, gatherSteps } from "./gather_plan.ts";
import { awaitShards, openShards } from "./done_shards.ts";
import { removeShards } from "./remove_shards.ts";
import type { ShardManifest } from "./shard_manifest.ts";
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
  const before = await gatheredBefore(folder, plan, options.output);
  if (before) {
    options.onNote("the shards were gathered before, and the output is as it was");
    return before.report;
  }
  const rejects = checkFiles(options, plan);
  const publication = new Publication([options.output, rejects]);
  using work = new WorkFolder(".", options.onNote);
  work.sweepBeside([options.output, rejects]);
  progress.begin("convert");
  const shards = await awaitShards({
    plan,
    path,
    folder,
    wait: request.wait ?? 0,
    signal: options.signal,
  });
  if (request.verifyInput) await verifyInput(plan, shards, options.signal);
  const gathering = new Gathering(plan, folder, shards, options, work, progress);
  const gathered = await gathering.run(rejects);
  await publication.publish(gathered.files);
  progress.end();
  const seconds = (performance.now() - begun) / 1000, whole = { plan, shards, options, rejects };
  const report = reportOf(gathered, whole, seconds), keep = request.keepShards ?? false;
  if (!keep) await markGathered(folder, plan, report, shards);
  removeShards(folder, plan, keep, options.onNote);
  return report;
}

/** Returns the report that a conversion of the whole matrix gives. */
function reportOf(
  { bytes, counts, table, sums }: Gathered,
  { plan: { input }, shards, options, rejects }: {
    plan: ShardPlan;
    shards: readonly DoneShard[];
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
    ...counted(counts, table, missingInAll(manifests)),
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
    checksum: checksumOf(sums),
  };
}

/** Returns the haplotype columns that are missing in all rows of all shards that have rows. */
function missingInAll(manifests: readonly ShardManifest[]): string[] {
  const [first, ...rest] = manifests.filter(({ contigs }) => contigs.length > 0)
    .map(({ missing }) => new Set(missing));
  return [...rest.reduce((all, some) => all.intersection(some), first ?? new Set<string>())];
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
): string | undefined {
  const { output, onBadRow } = options, names = indexNames(output);
  const rejects = onBadRow === "skip"
    ? rejectsPath(input.path, isStream(output) ? "-" : output)
    : undefined;
  checkOutputs([output, rejects, ...names], [input, ...reference].map(({ path }) => path), []);
  checkWritable([output, rejects, ...names]);
  return rejects;
}

/** The module of the workers that compress what is merged. */
const COMPRESS_WORKER = new URL("./compress_worker.ts", import.meta.url);

/** What a gathering gave. */
interface Gathered {
  files: FinishedFile[];
  bytes: number;
  counts: SiteCounts;
  table: TableSummary;
  sums: Sums;
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
    return { files: [...files, ...made], bytes, counts, table, sums: this.#sums() };
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

  #sums(): Sums {
    const { layout: { choice: { samples } } } = this.plan.columns, total = noSums(samples.length);
    for (const { manifest: { sums, counts, shard } } of this.shards) {
      if (sums) addSums(total, sums);
      if ((sums?.records ?? 0) !== counts.records) {
        throw new InternalError(`shard ${shard} has sums of other records than it wrote`);
      }
    }
    return namedSums(samples.map(({ name }) => name), total);
  }
}
