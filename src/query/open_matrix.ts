/**
 * Opens a kept table for programs, which get rows as plain objects, in batches.
 *
 * @module
 */
import type { RowExtras } from "../matrix/dialects/dialect.ts";
import { isOrdered, phaseLists } from "../table/dialect_views.ts";
import { extrasOfFeatures, SELECT_FEATURES } from "../table/schema.ts";
import { type DuckDBDataChunk, JSDuckDBValueConverter } from "@duckdb/node-api";
import { InputError, InterruptedError, Matrix2vcfError } from "../base/errors.ts";
import { tableError } from "../table/database.ts";
import { pathOf } from "../base/files.ts";
import { checkKinds, type Kinds, NUMBER, PATH, SIGNAL, TEXT, TEXTS } from "../base/kinds.ts";
import { SqlSession, type StatementResult } from "./sql_session.ts";

/**
 * A value of a result; lists are arrays, structs and maps are objects, 64-bit integers are bigints.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | Value[]
  | { [key: string]: Value };

/** A row of a result, by column name. */
export type Row = Record<string, Value>;

/** A value for a parameter `$1`, `$2`, ... of a query. */
export type Parameter = string | number | bigint | boolean | null;

/** A part of a genome; all of it by default. */
export interface RegionChoice {
  /** Contig; all of them if left out. */
  contig?: string;
  /** First position, 1-based, included. Default: the contig's first. */
  first?: number;
  /** Last position, 1-based, included. Default: the contig's last. */
  last?: number;
  /** Ends the loop when aborted; the loop throws the signal's reason. */
  signal?: AbortSignal;
}

/** Limits of an open table, and a signal. */
export interface MatrixOptions {
  /** Bytes of DuckDB's memory. Default: 80% of the machine's memory, as DuckDB has it. */
  memory?: number;
  /** Number of DuckDB's threads. Default: the machine's cores. */
  threads?: number;
  /** Ends all loops when aborted; the loops throw the signal's reason. */
  signal?: AbortSignal;
  /**
   * File of populations (sample TAB population, no header), which hides what the table keeps. Default:
   * what the table keeps; all samples are one population where it keeps nothing.
   */
  populations?: string | URL;
  /**
   * Tables of your own by the names that queries ask them by: files of TAB-separated text, CSV, BED or
   * GFF, of at most 256 MiB.
   */
  tables?: Readonly<Record<string, string | URL>>;
}

/** A part of a genome, and the samples to read there. */
export interface GenotypeChoice extends RegionChoice {
  /** Names of samples; all of them if left out. */
  samples?: readonly string[];
}

/** A site, with counts over all haplotypes. */
export interface Site {
  /** Contig. */
  contig: string;
  /** Position, 1-based. */
  pos: number;
  /** Reference allele. */
  ref: string;
  /** Alleles other than REF that occur, in the order of the VCF. */
  alt: string[];
  /** Number of haplotypes with each allele of `alt`. */
  ac: number[];
  /** Number of haplotypes that are not missing. */
  an: number;
  /** `ac / an`, rounded to six digits. */
  af: number[];
  /** Number of haplotypes that are missing. */
  missing: number;
  /** Line of the matrix, 1-based; it tells rows of one position apart. */
  line: number;
}

/** A genotype of one sample at one site. */
export interface Genotype {
  /** Contig. */
  contig: string;
  /** Position, 1-based. */
  pos: number;
  /** Reference allele. */
  ref: string;
  /** Name of the sample. */
  sample: string;
  /** Alleles of its haplotypes, by phase; `.` is missing. A haploid call has one. */
  alleles: string[];
  /** True where the order of the alleles is that of the haplotypes. */
  phased: boolean;
  /** Block within which the order has a meaning, where the table has blocks and this is in one. */
  phaseSet?: number;
  /** Line of the matrix, 1-based; it tells rows of one position apart. */
  line: number;
}

/** A kept table that is open for reading. SQL reaches no other file and no setting. */
export interface Matrix extends AsyncDisposable {
  /** Names of the samples, in the order of the VCF. */
  readonly samples: readonly string[];
  /** Names of the contigs, in the order of the VCF. */
  readonly contigs: readonly string[];
  /** Number of rows. */
  readonly rows: number;
  /**
   * Runs a query. Its result is not read ahead of the loop, and leaving the loop stops the query.
   * Several may run at a time.
   *
   * @param sql One statement.
   * @param parameters Values of `$1`, `$2`, ...
   * @param options A signal, which ends the loop when aborted; the loop throws the reason.
   * @throws {InputError} From the loop: DuckDB's error, a refusal of the statement, or a damaged
   * table, which the message names.
   * @throws {MachineError} From the loop: memory, or a disk that is full or fails.
   */
  query<Columns extends Row = Row>(
    sql: string,
    parameters?: readonly Parameter[],
    options?: { signal?: AbortSignal },
  ): AsyncIterable<Columns[]>;
  /** Yields sites by position within each contig; contigs in the order of the VCF. */
  sites(choice?: RegionChoice): AsyncIterable<Site[]>;
  /** Yields genotypes in the order of {@linkcode Matrix.sites}, samples in the order of the VCF. */
  genotypes(choice?: GenotypeChoice): AsyncIterable<Genotype[]>;
  /** Closes the database, and stops queries that run. */
  close(): Promise<void>;
}

/**
 * Opens a table that {@linkcode convert} has kept.
 *
 * @param path The `.duckdb` file.
 * @param options Limits, and a signal.
 * @throws {InputError} No such file, not a database of this program or of another schema version,
 * a damaged one, or one with a write-ahead log beside it.
 * @throws {MachineError} Memory, or a disk that fails.
 * @throws {UsageError} A value of another kind than its option.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convert, openMatrix } from "../../mod.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/m.tsv`, "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n");
 * const database = `${folder}/m.duckdb`;
 * await convert({ input: `${folder}/m.tsv`, output: `${folder}/m.vcf`, database, threads: 0 });
 *
 * await using matrix = await openMatrix(database);
 * for await (const sites of matrix.sites({ contig: "1", first: 1, last: 100 })) {
 *   for (const { pos, alt, ac } of sites) assert(`${pos} ${alt} ${ac}` === "7 G 1");
 * }
 * for await (const rows of matrix.query(`SELECT "1b" AS allele FROM matrix WHERE POS = $1`, [7])) {
 *   assert(rows[0].allele === "G");
 * }
 * ```
 */
export async function openMatrix(
  path: string | URL,
  options: MatrixOptions = {},
): Promise<Matrix> {
  checkKinds({ path }, { path: PATH });
  checkKinds(options, OPTION_KINDS);
  const { signal, populations, tables = {}, ...limits } = options;
  signal?.throwIfAborted();
  const file = pathOf(path), session = await SqlSession.open(file, limits);
  try {
    await session.checkSchema(file);
    if (populations !== undefined) await session.setPopulations(pathOf(populations), signal);
    for (const [name, table] of Object.entries(tables)) {
      await session.addTable(name, pathOf(table), signal);
    }
    const samples = await session.rows<{ sample: string }>(
      "SELECT sample FROM samples ORDER BY ordinal",
    );
    const contigs = await session.rows<Contig>(
      `SELECT name, CAST(records AS DOUBLE) AS records, min_pos AS minPos, max_pos AS maxPos
FROM contigs ORDER BY ordinal`,
    );
    const features = (await session.rows<{ feature: string }>(SELECT_FEATURES))
      .map(({ feature }) => feature);
    const names = samples.map(({ sample }) => sample);
    return new OpenMatrix(session, names, contigs, extrasOfFeatures(features), signal);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    const known = tableError(error, file);
    if (known instanceof Matrix2vcfError) throw known;
    const [reason] = (error as Error).message.split("\n");
    throw new InputError(`not a readable database of matrix2vcf (${reason})`, { file });
  }
}

const OPTION_KINDS: Kinds<MatrixOptions> = {
  memory: ["a number of bytes above 0", (value) => NUMBER[1](value) && (value as number) > 0],
  threads: ["a whole number above 0", (value) => Number.isInteger(value) && (value as number) > 0],
  signal: SIGNAL,
  populations: PATH,
  tables: [
    "an object of paths by names",
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value) &&
      Object.values(value).every(PATH[1]),
  ],
};
const CHOICE_KINDS: Kinds<GenotypeChoice> = {
  contig: TEXT,
  first: NUMBER,
  last: NUMBER,
  samples: TEXTS,
  signal: SIGNAL,
};
const QUERY_KINDS: Kinds<{ sql: string; parameters: readonly Parameter[]; signal: AbortSignal }> = {
  sql: TEXT,
  parameters: ["a list", Array.isArray],
  signal: SIGNAL,
};

/** A contig of the table; positions are 1-based, both included. */
interface Contig {
  name: string;
  records: number;
  minPos: number;
  maxPos: number;
}

/** Number of values of a result that are sorted at a time. */
const SORTED_AT_A_TIME = 1 << 18;

/** A query whose rows are being read; each has a session of its own. */
interface Running {
  session?: SqlSession;
  chunks?: AsyncIterable<DuckDBDataChunk>;
  /** True while it has handed out rows and waits to be asked for more. */
  waits: boolean;
}

class OpenMatrix implements Matrix {
  readonly contigs: readonly string[];
  readonly rows: number;
  readonly #running = new Set<Running>();
  #closed = false;

  constructor(
    private readonly session: SqlSession,
    readonly samples: readonly string[],
    private readonly spans: readonly Contig[],
    private readonly extras: RowExtras,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.contigs = spans.map(({ name }) => name);
    this.rows = spans.reduce((sum, { records }) => sum + records, 0);
  }

  query<Columns extends Row = Row>(
    sql: string,
    parameters: readonly Parameter[] = [],
    { signal }: { signal?: AbortSignal } = {},
  ): AsyncIterable<Columns[]> {
    checkKinds({ sql, parameters, signal }, QUERY_KINDS);
    return this.#batches(sql, parameters, (row) => row as Columns, signal);
  }

  async *sites(choice: RegionChoice = {}): AsyncGenerator<Site[]> {
    checkKinds(choice, CHOICE_KINDS);
    for (const window of windows(this.spans, choice, SORTED_AT_A_TIME / 8)) {
      yield* this.#batches(
        `SELECT * FROM sites WHERE ${inWindow(window)} ORDER BY "POS", line`,
        [window.contig],
        (row) => ({
          contig: row.CHROM as string,
          pos: row.POS as number,
          ref: row.REF as string,
          alt: row.ALT as string[],
          ac: row.AC as number[],
          an: row.AN as number,
          af: row.AF as number[],
          missing: row.missing as number,
          line: Number(row.line),
        }),
        choice.signal,
      );
    }
  }

  async *genotypes(choice: GenotypeChoice = {}): AsyncGenerator<Genotype[]> {
    checkKinds(choice, CHOICE_KINDS);
    const { samples } = choice, count = samples?.length ?? this.samples.length;
    if (count === 0) return;
    const places = samples?.map((_, index) => `$${index + 2}`);
    for (const window of windows(this.spans, choice, SORTED_AT_A_TIME / count)) {
      yield* this.#batches(
        selectGenotypes(window, places, this.extras),
        [window.contig, ...samples ?? []],
        (row) => ({
          contig: row.CHROM as string,
          pos: row.POS as number,
          ref: row.REF as string,
          sample: row.sample as string,
          alleles: row.alleles as string[],
          phased: row.phased as boolean,
          ...row.phase_set ? { phaseSet: Number(row.phase_set) } : {},
          line: Number(row.line),
        }),
        choice.signal,
      );
    }
  }

  async *#batches<T>(
    sql: string,
    parameters: readonly Parameter[],
    shape: (row: Row) => T,
    own: AbortSignal | undefined,
  ): AsyncGenerator<T[]> {
    const signal = AbortSignal.any([this.signal, own].filter((given) => given !== undefined));
    this.#check(signal);
    const running: Running = { waits: false };
    const interrupt = () => running.session?.interrupt();
    signal.addEventListener("abort", interrupt);
    this.#running.add(running);
    try {
      running.session = await this.session.another();
      signal.throwIfAborted();
      const result = await running.session.run(sql, parameters);
      running.chunks = result.chunks;
      for await (const chunk of result.chunks) {
        running.waits = true;
        yield plainRows(result, chunk).map(shape);
        running.waits = false;
        this.#check(signal);
      }
    } catch (error) {
      this.#check(signal);
      throw error;
    } finally {
      signal.removeEventListener("abort", interrupt);
      if (this.#running.delete(running)) await running.session?.[Symbol.asyncDispose]();
    }
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.#closed) throw new InterruptedError();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { session } of this.#running) session?.interrupt();
    while (this.#running.size > 0) {
      for (const running of this.#running) if (running.waits) await this.#end(running);
      if (this.#running.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await this.session[Symbol.asyncDispose]();
  }

  /** Ends a query whose reader may never ask again. */
  async #end(running: Running): Promise<void> {
    this.#running.delete(running);
    await running.chunks?.[Symbol.asyncIterator]().return?.();
    await running.session?.[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function plainRows({ columns }: StatementResult, chunk: DuckDBDataChunk): Row[] {
  const values = columns.map((_, index) =>
    chunk.convertColumnValues(index, JSDuckDBValueConverter) as Value[]
  );
  return Array.from(
    { length: chunk.rowCount },
    (_, row) => Object.fromEntries(columns.map(({ name }, index) => [name, values[index][row]])),
  );
}

/** Rows of one contig; positions are 1-based, both included. */
interface Window {
  contig: string;
  first: number;
  last: number;
}

/**
 * Returns the condition of a window; its parameter is the contig. Positions are literals, which
 * DuckDB gives the type of the column: a parameter's own type would keep zone maps from being used.
 */
function inWindow({ first, last }: Window): string {
  return `CAST("CHROM" AS VARCHAR) = $1 AND "POS" BETWEEN ${first} AND ${last}`;
}

/**
 * Returns the query for the genotypes of a window. It takes the alleles from `records`: a text of
 * genotypes cannot be split, as an allele may contain the bar.
 *
 * @param places Parameters for the names of samples; undefined for all of them.
 */
function selectGenotypes(
  window: Window,
  places: readonly string[] | undefined,
  extras: RowExtras,
): string {
  const { phase, sets, absent } = extras, slice = "r.list[s.first:s.last]";
  return `
SELECT r."CHROM", r."POS", r."REF", r.line, s.sample, ${isOrdered(phase, sets)} AS phased,
  ${sets ? "CAST(r.phase_set[s.ordinal + 1] AS BIGINT) AS phase_set," : ""}
  ${absent ? `list_filter(${slice}, lambda a: a <> '')` : slice} AS alleles FROM (
  SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", line, CAST(alleles AS allele[]) AS list
    ${phaseLists(extras)}
  FROM records
) r, (
  SELECT sample, any_value(phased) AS phased, CAST(any_value(s.ordinal) AS INTEGER) AS ordinal,
    min(h.ordinal) + 1 AS first, max(h.ordinal) + 1 AS last
  FROM haplotypes h JOIN samples s USING (sample)
  ${places ? `WHERE sample IN (${places.join(", ")})` : ""} GROUP BY sample
) s
WHERE ${inWindow(window)} ORDER BY "POS", line, s.ordinal`;
}

/**
 * Yields a choice in windows of about `rows` rows, so that sorting one takes little memory. A
 * contig that the table does not have is no error: it has no rows.
 */
function* windows(
  spans: readonly Contig[],
  { contig, first = 1, last = Infinity }: RegionChoice,
  rows: number,
): Generator<Window> {
  for (const { name, records, minPos, maxPos } of spans) {
    if (contig !== undefined && contig !== name) continue;
    const step = Math.max(1, Math.floor((maxPos - minPos + 1) / Math.ceil(records / rows)));
    const end = Math.min(Math.floor(last), maxPos);
    for (let from = Math.max(Math.ceil(first), minPos); from <= end; from += step) {
      yield { contig: name, first: from, last: Math.min(from + step - 1, end) };
    }
  }
}
