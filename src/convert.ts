/**
 * A genome matrix to a VCF: the only module that knows all stages.
 *
 * @module
 */
import process from "node:process";
import { InputError, InterruptedError, printable, UsageError } from "./errors.ts";
import { ingest } from "./ingest.ts";
import type { RowSource } from "./line_segments.ts";
import {
  type MatrixHeader,
  type MatrixLayout,
  matrixLayout,
  Role,
  splitHeader,
} from "./matrix_layout.ts";
import {
  decompressTo,
  fingerprint,
  type InputFile,
  lookForContigs,
  type MatrixHead,
  openInput,
  readHead,
  readText,
} from "./matrix_source.ts";
import { memoryBudget } from "./memory_budget.ts";
import { type ConvertOptions, convertOptions, type ConvertRequest } from "./options.ts";
import { OrderedWriter, writeAll } from "./ordered_writer.ts";
import { checkOutput, OutputFile, WorkFolder } from "./output_file.ts";
import { runPartitions } from "./partition_run.ts";
import { type ContigSummary, type Partition, planPartitions } from "./plan.ts";
import { Progress } from "./progress.ts";
import { Rejects, rejectsPath } from "./rejects.ts";
import type { ConvertReport } from "./report.ts";
import { describeChoice } from "./samples.ts";
import { haplotypeRows } from "./sql.ts";
import { type TableSummary, tableSummary } from "./table_summary.ts";
import { BASE_ALLELES } from "./tokenizer.ts";
import { vcfHeader } from "./vcf_header.ts";
import { noCounts, type RecordCounts } from "./vcf_record.ts";
import { VERSION } from "./version.ts";
import { WorkerPool } from "./worker_pool.ts";

/** Bytes of codes that a partition holds in memory, about. */
const PARTITION_BYTES = 4 * 1024 ** 2;
const MOST_LINES = 65_536, FEWEST_LINES = 64;

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
 * import { convert } from "./convert.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const report = await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, threads: 0 });
 * console.assert(report.records === 1);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function convert(request: ConvertRequest): Promise<ConvertReport> {
  const options = convertOptions(request);
  const { input, output, header, samples, database, threads } = options;
  checkOutput(output, [input, header, samples, database]);
  if (options.signal?.aborted) throw new InterruptedError();
  using work = WorkFolder.create(output);
  const pool = threads > 0 ? new WorkerPool(threads) : undefined;
  try {
    return await new Conversion(options, work, pool).run();
  } catch (error) {
    throw diskError(error, output);
  } finally {
    // Workers have files of the folder open.
    await pool?.close();
  }
}

/** One conversion, from stage to stage. */
class Conversion {
  readonly #progress: Progress;
  readonly #begun = performance.now();

  constructor(
    private readonly options: ConvertOptions,
    private readonly work: WorkFolder,
    private readonly pool: WorkerPool | undefined,
  ) {
    this.#progress = new Progress(options.onProgress);
  }

  async run(): Promise<ConvertReport> {
    const { options, work } = this;
    if (options.input === "-") this.#progress.begin("spool");
    const input = await openInput(
      options.input,
      work.file("spool"),
      (bytes) => this.#progress.update(0, bytes),
      options.signal,
    );
    using rejects = new Rejects(
      rejectsPath(options.input, options.output),
      work.file("rejects"),
    );
    const { path, reused } = input.kind === "duckdb"
      ? { path: this.#givenDatabase(input), reused: true }
      : await this.#table(input, rejects);
    const limits = this.#limits(0);
    const table = await tableSummary(path, limits);
    const { counts, bytes } = await this.#write(path, table);
    if (options.onBadRow === "skip" && !reused) rejects.publish();
    this.#progress.end();
    return this.#report(table, counts, {
      bytes,
      inputBytes: input.size,
      reused,
      database: input.kind === "duckdb" ? input.shown : options.database ?? null,
      rejects: rejects.count > 0 ? rejects.path : null,
    });
  }

  /** An input that is a table already. */
  #givenDatabase({ path }: InputFile): string {
    const { header, samples, ploidy, missing, database } = this.options;
    if (header ?? samples ?? database ?? (ploidy !== "auto" || missing.length > 0 || undefined)) {
      throw new UsageError(
        "--header, --samples, --ploidy, --missing and --database are for a matrix; the input is a " +
          "database, which has its own",
      );
    }
    return path;
  }

  /** The table of the input: the kept one, or a new one. */
  async #table(
    input: InputFile,
    rejects: Rejects,
  ): Promise<{ path: string; reused: boolean }> {
    const { options } = this;
    const head = await readHead(input);
    const header = matrixHeader(head, options, input);
    const layout = matrixLayout(header, {
      ploidy: options.ploidy,
      sheet: options.samples === undefined
        ? undefined
        : { text: readText(options.samples), file: options.samples },
    });
    const stamp = await fingerprint(input);
    const ingestOptions = await ingestOptionsOf(options, header, layout);
    if (options.database !== undefined && await exists(options.database)) {
      await this.#checkReusable(options.database, stamp, ingestOptions);
      options.onNote(`reusing the table in ${options.database}`);
      return { path: options.database, reused: true };
    }
    this.#announce(layout);
    const path = await this.#ingest(input, head, layout, rejects, [
      options.input,
      input.size,
      input.modified,
      stamp,
      ingestOptions,
      VERSION,
    ]);
    return { path, reused: false };
  }

  #announce(layout: MatrixLayout): void {
    const { onNote } = this.options;
    onNote(describeChoice(layout.choice));
    for (const [name, viewColumn] of haplotypeRows(layout).renamed) {
      onNote(
        `warning: the column '${printable(name)}' is '${printable(viewColumn)}' in the view ` +
          `'matrix': names there ignore case`,
      );
    }
  }

  async #checkReusable(path: string, stamp: string, ingestOptions: string): Promise<void> {
    const { source } = await tableSummary(path, this.#limits(0));
    const different = [
      ...source.fingerprint === stamp ? [] : ["the input (size, time or content)"],
      ...differences(source.options, ingestOptions),
    ];
    if (different.length === 0) return;
    throw new InputError(
      `the database was made differently: ${different.join(", ")}; name another --database, or ` +
        `remove this one`,
      { file: path },
    );
  }

  async #ingest(
    given: InputFile,
    head: MatrixHead,
    layout: MatrixLayout,
    rejects: Rejects,
    sourceRow: (string | number | Date | null)[],
  ): Promise<string> {
    const { options, work, pool } = this;
    const input = given.kind === "gzip" && !pool
      ? await decompressTo(given, work.file("decompressed"))
      : given;
    // With --header, the matrix may have the same line all the same.
    const ownHeader = splitHeader(head.line).join("\t") === layout.columns.join("\t");
    const source: RowSource = {
      path: input.path,
      shown: input.shown,
      gzip: input.kind === "gzip",
      size: input.size,
      start: ownHeader ? head.end : head.mark,
      segmentBytes: segmentBytes(head.line.length),
    };
    const keep = options.database !== undefined;
    const partial = keep ? `${options.database}.${crypto.randomUUID()}.tmp` : work.file("table");
    try {
      await ingest({
        layout,
        source,
        headerLines: ownHeader ? head.number : 0,
        missing: options.missing,
        contigs: await lookForContigs(source, layout.roles.indexOf(Role.Chrom)),
        alleles: BASE_ALLELES,
        onBadRow: options.onBadRow,
        reject: options.onBadRow === "skip" ? (line, row) => rejects.add(line, row) : undefined,
        forgetRejects: () => rejects.clear(),
        rejected: () => rejects.count,
        database: partial,
        keep,
        sourceRow,
        workFolder: work.path,
        memory: memoryBudget(options.memory, options.threads).ingest,
        threads: Math.max(1, options.threads),
        progress: this.#progress,
        signal: options.signal,
      }, pool);
      if (!keep) return partial;
      Deno.renameSync(partial, options.database!);
      return options.database!;
    } catch (error) {
      if (keep) { for (const file of [partial, `${partial}.wal`]) await removeIfThere(file); }
      throw error;
    }
  }

  /** Write the VCF. */
  async #write(
    database: string,
    table: TableSummary,
  ): Promise<{ counts: RecordCounts & { rows: number }; bytes: number }> {
    const { options, work, pool } = this;
    this.#progress.begin("convert");
    using file = new OutputFile(options.output, work);
    const writer = new OrderedWriter(file);
    const header = new TextEncoder().encode(
      vcfHeader(table.contigs, table.samples.map(({ name }) => name)),
    );
    await writeAll(file, header);
    const haplotypes = table.samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    const partitions = planPartitions(table.contigs, partitionLines(haplotypes));
    const tally = new Tally(table.contigs);
    const { alleles, hasId } = table;
    const { unphased, homozygous, variantsOnly } = options;
    const ploidies = table.samples.map(({ ploidy }) => ploidy);
    const rows = table.contigs.reduce((sum, { records }) => sum + records, 0);
    await runPartitions({
      partitions,
      job: (worker) => ({
        database,
        limits: this.#limits(worker),
        hasId,
        style: { alleles, ploidies, unphased, homozygous, variantsOnly },
      }),
      writer,
      onCounts: (partition, counts) => {
        tally.add(partition, counts);
        this.#progress.update(tally.total.rows / rows, tally.total.rows);
      },
      signal: options.signal,
    }, pool);
    tally.check(database);
    this.#progress.begin("finish");
    file.publish();
    return { counts: tally.total, bytes: writer.bytes + header.length };
  }

  /** Limits of a reading instance. */
  #limits(worker: number) {
    return {
      threads: 1,
      memory: memoryBudget(this.options.memory, this.options.threads).reader,
      temporary: this.work.file(`spill.${worker}`),
    };
  }

  #report(
    table: TableSummary,
    counts: RecordCounts & { rows: number },
    rest: Pick<ConvertReport, "bytes" | "inputBytes" | "reused" | "database" | "rejects">,
  ): ConvertReport {
    const haplotypes = table.samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    const total = (performance.now() - this.#begun) / 1000;
    const seconds: ConvertReport["seconds"] = { total };
    for (const [phase, spent] of Object.entries(this.#progress.milliseconds)) {
      seconds[phase as keyof typeof seconds] = spent / 1000;
    }
    return {
      input: this.options.input,
      output: this.options.output,
      samples: table.samples.length,
      haplotypes,
      contigs: table.contigs.length,
      records: counts.records,
      variants: counts.variants,
      monomorphic: counts.records - counts.variants,
      multiallelic: counts.multiallelic,
      filtered: counts.rows - counts.records,
      missingShare: counts.records ? counts.missing / (counts.records * haplotypes) : 0,
      duplicates: counts.duplicates,
      skipped: table.source.skipped,
      seconds,
      bytesPerSecond: rest.inputBytes / total,
      peakMemory: process.resourceUsage().maxRSS * 1024,
      threads: this.options.threads,
      ...rest,
    };
  }
}

/** Adds up what partitions counted, and compares it with what ingest counted. */
class Tally {
  readonly total = { ...noCounts(), rows: 0 };
  readonly #rows: number[];
  /** Edges of partitions whose neighbour is not done yet: `contig:edge` to the position there. */
  readonly #edges = new Map<string, number>();

  constructor(
    private readonly contigs: readonly ContigSummary[],
  ) {
    this.#rows = contigs.map(() => 0);
  }

  add(
    { ordinal, contigOrdinal }: Partition,
    counts: RecordCounts & { rows: number; firstPos: number; lastPos: number },
  ): void {
    for (const key of Object.keys(this.total) as (keyof typeof this.total)[]) {
      this.total[key] += counts[key];
    }
    this.#rows[contigOrdinal] += counts.rows;
    this.#meet(`${contigOrdinal}:${ordinal}`, counts.firstPos);
    this.#meet(`${contigOrdinal}:${ordinal + 1}`, counts.lastPos);
  }

  /** Two partitions meet at an edge; the second to come finds a duplicate across it. */
  #meet(edge: string, pos: number): void {
    const other = this.#edges.get(edge);
    if (other === undefined) {
      this.#edges.set(edge, pos);
      return;
    }
    this.#edges.delete(edge);
    if (other === pos && pos > 0) this.total.duplicates++;
  }

  /** A stream of DuckDB that ends early says nothing: only the count tells. */
  check(database: string): void {
    this.contigs.forEach(({ name, records }, ordinal) => {
      if (this.#rows[ordinal] === records) return;
      throw new InputError(
        `contig '${name}' has ${records} rows, but ${this.#rows[ordinal]} came out of the table: ` +
          `it is damaged, or memory or disk ran out; try a larger --memory`,
        { file: database },
      );
    });
  }
}

/** A full disk is named as such, whoever met it. */
function diskError(error: unknown, output: string): unknown {
  if (!/no space left|disk quota exceeded/i.test((error as Error).message)) return error;
  return new InputError(
    "no space left on the disk for the output and its temporary table; free some, or write elsewhere",
    { file: output },
  );
}

function matrixHeader(
  head: MatrixHead,
  { header }: ConvertOptions,
  input: InputFile,
): MatrixHeader {
  if (header === undefined) {
    return { columns: splitHeader(head.line), at: { file: input.shown, line: head.number } };
  }
  const lines = readText(header).split("\n");
  const index = lines.findIndex((line) => line.trim() !== "" && !line.startsWith("##"));
  if (index < 0) throw new InputError("the header file has no line", { file: header });
  return { columns: splitHeader(lines[index]), at: { file: header, line: index + 1 } };
}

/** Options that change the table, as JSON in a fixed order. */
async function ingestOptionsOf(
  { ploidy, missing, header, samples }: ConvertOptions,
  { columns }: MatrixHeader,
  { choice }: MatrixLayout,
): Promise<string> {
  const hash = async (value: unknown) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
  };
  return JSON.stringify({
    header: header === undefined ? null : await hash(columns),
    samples: samples === undefined ? null : await hash(choice.samples),
    ploidy,
    missing: [...missing].sort(),
  });
}

/** Names of the options that differ. */
function differences(before: string, now: string): string[] {
  const a = JSON.parse(before), b = JSON.parse(now);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `--${key}`);
}

/** Segments of a wide matrix hold several rows all the same. */
function segmentBytes(headerLength: number): number {
  return Math.max(1 << 20, Math.min(1 << 24, headerLength * 16));
}

function partitionLines(haplotypes: number): number {
  const lines = Math.floor(PARTITION_BYTES / (haplotypes + 16));
  return Math.max(FEWEST_LINES, Math.min(MOST_LINES, lines));
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
