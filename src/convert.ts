/**
 * A genome matrix to a VCF: from stage to stage.
 *
 * @module
 */
import process from "node:process";
import { InputError, InterruptedError } from "./errors.ts";
import { openInput } from "./matrix_source.ts";
import { memoryBudget } from "./memory_budget.ts";
import { type ConvertOptions, convertOptions, type ConvertRequest } from "./options.ts";
import { checkOutputs, WorkFolder } from "./output_file.ts";
import { Profile } from "./profile.ts";
import { Progress, type ProgressState } from "./progress.ts";
import { Rejects, rejectsPath } from "./rejects.ts";
import type { ConvertReport } from "./report.ts";
import { WorkerPool } from "./worker_pool.ts";

/**
 * Convert a genome matrix to VCF.
 *
 * @param request What to convert, and how.
 * @returns A summary.
 * @throws {UsageError} Options that no input could make right.
 * @throws {InputError} Bad input, located.
 * @throws {InterruptedError} The signal.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert } from "./convert.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, threads: 0 });
 * assert(report.records === 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function convert(request: ConvertRequest): Promise<ConvertReport> {
  const options = convertOptions(request);
  const { input, output, header, samples, database, reference, regionsFile, threads, memory } =
    options;
  const rejects = options.onBadRow === "skip" ? rejectsPath(input, output) : undefined;
  checkOutputs(
    [output, database, options.profile, rejects],
    [input, header, samples, reference, regionsFile],
  );
  if (options.signal?.aborted) throw new InterruptedError();
  using work = WorkFolder.create(output);
  const fitting = memoryBudget(memory, threads, 1).threads;
  const pool = threads > 0 ? new WorkerPool(fitting) : undefined;
  try {
    using profile = options.profile === undefined
      ? undefined
      : new Profile(options.profile, options.memory, () => pool?.busy ?? 0, options.onNote);
    const onProgress = (state: ProgressState) => {
      profile?.update(state);
      options.onProgress(state);
    };
    return await run({ ...options, onProgress }, work, pool);
  } catch (error) {
    throw diskError(error, output);
  } finally {
    // Workers have files of the folder open.
    await pool?.close();
  }
}

async function run(
  options: ConvertOptions,
  work: WorkFolder,
  pool: WorkerPool | undefined,
): Promise<ConvertReport> {
  const begun = performance.now();
  // DuckDB is loaded while the workers start.
  const { makeTable } = await import("./make_table.ts");
  const { writeOutput } = await import("./write_output.ts");
  const progress = new Progress(options.onProgress);
  if (options.input === "-") progress.begin("spool");
  const input = await openInput(
    options.input,
    work.file("spool"),
    (bytes) => progress.update(0, bytes),
    options.signal,
  );
  using rejects = new Rejects(rejectsPath(options.input, options.output), work.file("rejects"));
  const made = await makeTable({ options, input, work, pool, progress, rejects });
  const { path, summary: table, reused } = made;
  const { counts, bytes } = await writeOutput({ options, work, pool, progress, path, table });
  if (options.onBadRow === "skip" && !reused) rejects.publish();
  if (pool && pool.size < options.threads) {
    options.onNote(
      `the memory is enough for ${pool.size} of ${options.threads} threads; with a larger --memory more work`,
    );
  }
  progress.end();
  const haplotypes = table.samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
  const total = (performance.now() - begun) / 1000;
  const seconds = Object.entries(progress.milliseconds).map(([phase, spent]) =>
    [phase, spent / 1000] as const
  );
  const { records, variants, missing, multiallelic, duplicates, refMismatches } = counts;
  return {
    input: options.input,
    output: options.output,
    database: input.kind === "duckdb" ? input.shown : options.database ?? null,
    reused,
    samples: table.samples.length,
    haplotypes,
    contigs: table.contigs.length,
    records,
    variants,
    monomorphic: records - variants,
    multiallelic,
    missingShare: records ? missing / (records * haplotypes) : 0,
    duplicates,
    refMismatches,
    filtered: {
      tooFewAlleles: counts.tooFewAlleles,
      tooManyAlleles: counts.tooManyAlleles,
      notSnps: counts.notSnps,
      tooManyMissing: counts.tooManyMissing,
      outsideRegions: counts.outsideRegions,
    },
    skipped: table.skipped,
    rejects: rejects.count > 0 ? rejects.path : null,
    bytes,
    inputBytes: input.size,
    seconds: { ...Object.fromEntries(seconds), total },
    bytesPerSecond: input.size / total,
    peakMemory: process.resourceUsage().maxRSS * 1024,
    threads: pool?.size ?? 0,
  };
}

/** A full disk is named as such, whoever met it. */
function diskError(error: unknown, output: string): unknown {
  if (!/no space left|disk quota exceeded/i.test((error as Error).message)) return error;
  return new InputError(
    "no space left on the disk for the output and its temporary table; free some, or write elsewhere",
    { file: output },
  );
}
