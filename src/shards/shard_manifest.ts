/**
 * Holds the manifest of a shard, which says that the shard is done, and what is in its files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import type { SumArrays } from "../checksum/sums.ts";
import type { ContigSummary } from "../table/contig_summary.ts";
import type { SiteCounts } from "../vcf/site_filter.ts";
import { encode, readJson, type ShardPlan } from "./shard_plan.ts";
import type { SpanFile } from "./span_file.ts";

/** Size and CRC-32 of a file. */
export interface WrittenFile {
  bytes: number;
  crc32: number;
}

/** What a shard says once it is done. */
export interface ShardManifest {
  format: 1;
  /** The beginning of the SHA-256 of all the rest, which the text of the file gets. */
  sum?: string;
  /** Id of the plan, and its absolute path. */
  plan: string;
  planFile: string;
  version: string;
  shard: number;
  host: string;
  /** The output: its bytes in all, those before the first record, and those of the records. */
  output: { bytes: number; header: number; records: number };
  spans: SpanFile;
  /** The file of bad rows, by lines of the shard. */
  rejects: WrittenFile | null;
  /** CRC-32 of the (uncompressed) bytes of its part of the input. */
  inputCrc32: number;
  /** Lines that start in the part. */
  lines: number;
  /** Bad rows that were put aside. */
  skipped: number;
  direct: boolean;
  /** Rows that kernels have read. */
  kernelRows: number;
  /** Names of the haplotype columns that are missing in all rows. */
  missing: string[];
  /** Bases of the longest allele. */
  longest: number;
  /** Contigs in order of first appearance, by lines of the shard. */
  contigs: ContigSummary[];
  counts: SiteCounts;
  sums: SumArrays | null;
}

/** What is kept of a manifest: nothing that grows with the samples. */
export type ShardSummary = Omit<ShardManifest, "sums" | "missing">;

/** The files of a shard. */
export interface ShardFiles {
  output: string;
  spans: string;
  rejects: string;
  /** Written last. */
  manifest: string;
}

/** Returns the paths of the files of a shard (0-based) in a folder. */
export function shardFiles(folder: string, shard: number, { options }: ShardPlan): ShardFiles {
  const type = options.outputType === "v" ? "vcf" : "vcf.gz";
  const file = (suffix: string) => join(folder, `${shard}.${suffix}`);
  return {
    output: file(type),
    spans: file("spans"),
    rejects: file("rejects.tsv"),
    manifest: file("json"),
  };
}

/** A shard that is done, or why it is not. */
export type ShardState =
  | { manifest: ShardManifest; why?: undefined }
  | {
    manifest?: undefined;
    why: "missing" | string;
    /** The plan whose shard is there instead. */
    other?: { id: string; file: string };
  };

/**
 * Finds out whether a shard is done, by its manifest and the sizes of its files.
 *
 * @throws {InputError} The files cannot be looked at.
 */
export async function shardState(
  files: ShardFiles,
  shard: number,
  plan: ShardPlan,
): Promise<ShardState> {
  let found;
  try {
    found = await readJson(files.manifest, "the manifest of a shard");
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { why: error.detail };
  }
  if (!found) return { why: "missing" };
  const manifest = found as unknown as ShardManifest;
  if (manifest.format !== 1 || manifest.plan !== plan.id || manifest.version !== plan.version) {
    const other = { id: String(manifest.plan), file: String(manifest.planFile) };
    return { why: `made by another plan, ${other.id} of ${printable(other.file)}`, other };
  }
  if (!isAsWritten(manifest)) return { why: "the manifest was changed after the shard wrote it" };
  if (manifest.shard !== shard) return { why: `the manifest of shard ${manifest.shard}` };
  const { output, spans, rejects } = manifest;
  const sizes: [string, number | undefined][] = [
    [files.output, output.bytes],
    [files.spans, spans.bytes],
    [files.rejects, rejects?.bytes],
  ];
  for (const [path, bytes] of sizes) {
    const size = await sizeOf(path);
    if (bytes === undefined || size === bytes) continue;
    return {
      why: size === undefined
        ? `${path} is missing`
        : `${path} has ${size} bytes, and was written with ${bytes}`,
    };
  }
  return { manifest };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns a manifest as the text of its file. */
export function manifestText(manifest: ShardManifest): string {
  return `${encode({ ...manifest, sum: sumOf(manifest) })}\n`;
}

function isAsWritten({ sum, ...rest }: ShardManifest): boolean {
  return sum === sumOf(rest);
}

function sumOf(manifest: ShardManifest): string {
  return createHash("sha256").update(encode(manifest)).digest("hex").slice(0, 16);
}
