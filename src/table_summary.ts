/**
 * What a database says of itself: enough to plan and to write a header.
 *
 * @module
 */
import { Database } from "./database.ts";
import type { DatabaseLimits } from "./database_limits.ts";
import { InputError } from "./errors.ts";
import type { ContigSummary } from "./contig_tracker.ts";
import {
  SELECT_ALLELES,
  SELECT_CONTIGS,
  SELECT_HAPLOTYPES,
  SELECT_SAMPLES,
  SELECT_SOURCE,
} from "./sql.ts";

/** Limits of an instance that reads small tables; `temporary` is its own folder for spilling. */
export function summaryLimits(temporary: string): DatabaseLimits {
  return { threads: 1, memory: SUMMARY_MEMORY, temporary };
}

const SUMMARY_MEMORY = 64 * 1024 ** 2;

/** Where a table came from. */
export interface TableSource {
  path: string;
  fingerprint: string;
  /** Ingest options, as JSON. */
  options: string;
  version: string;
}

type SourceRow = TableSource & { has_id: boolean; skipped: bigint };

/** A database in short. */
export interface TableSummary {
  /** In output order. */
  contigs: ContigSummary[];
  /** In output order. */
  samples: { name: string; ploidy: number; phased: boolean }[];
  /** Names of the haplotype columns, in output order. */
  haplotypes: string[];
  /** By code. */
  alleles: string[];
  /** Codes of a row in `records`: one a haplotype, and in a temporary table what rounds them up. */
  stride: number;
  hasId: boolean;
  /** Bad rows that were put aside. */
  skipped: number;
}

/** A table that was kept, in short. */
export interface KeptSummary extends TableSummary {
  source: TableSource;
}

/**
 * Read the summary of a database.
 *
 * @throws {InputError} Not a database of this program.
 */
export async function tableSummary(path: string, limits: DatabaseLimits): Promise<KeptSummary> {
  let database: Database;
  try {
    database = await Database.openReadOnly(path, limits);
  } catch (error) {
    throw notOurs(path, error);
  }
  using opened = database;
  try {
    const contigs = await opened.rows<Record<string, unknown>>(SELECT_CONTIGS);
    const samples = await opened.rows<{ sample: string; ploidy: number; phased: boolean }>(
      SELECT_SAMPLES,
    );
    const haplotypes = await opened.rows<{ name: string }>(SELECT_HAPLOTYPES);
    const alleles = await opened.rows<{ allele: string }>(SELECT_ALLELES);
    const [{ has_id: hasId, skipped, ...source }] = await opened.rows<SourceRow>(SELECT_SOURCE);
    return {
      contigs: contigs.map((row) => ({
        name: String(row.name),
        records: Number(row.records),
        minPos: Number(row.min_pos),
        maxPos: Number(row.max_pos),
        firstLine: Number(row.first_line),
        lastLine: Number(row.last_line),
        sorted: Boolean(row.sorted),
      })),
      samples: samples.map(({ sample, ploidy, phased }) => ({ name: sample, ploidy, phased })),
      haplotypes: haplotypes.map(({ name }) => name),
      alleles: alleles.map(({ allele }) => allele),
      stride: haplotypes.length,
      hasId,
      skipped: Number(skipped),
      source,
    };
  } catch (error) {
    throw notOurs(path, error);
  }
}

function notOurs(path: string, error: unknown): InputError {
  const reason = (error as Error).message.split("\n")[0];
  return new InputError(`not a readable database of matrix2vcf (${reason})`, { file: path });
}
