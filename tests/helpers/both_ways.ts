/**
 * Conversions of one input straight and through the table, for a comparison.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert, type ConvertReport, type ConvertRequest } from "../../mod.ts";

/** What a conversion left in its folder, and what it said. */
export interface Outcome {
  /** The files by name, as SHA-256 sums. */
  files: Record<string, string>;
  report: Partial<ConvertReport> | undefined;
  error: string | undefined;
  direct: boolean;
  notes: string[];
}

/** How rows went: straight, not as they are out of order, not for another reason, or not at all. */
export type Way = "straight" | "disorder" | "other" | "refused";

/** Converts an input into a folder of its own, which is empty before and gone afterwards. */
export async function outcomeOf(
  request: Omit<ConvertRequest, "output"> & { output: string },
): Promise<Outcome> {
  const folder = await Deno.makeTempDir({ prefix: "matrix2vcf_ways_" });
  try {
    let report: ConvertReport | undefined, error: string | undefined;
    const notes: string[] = [], onNote = (line: string) => void notes.push(line);
    try {
      report = await convert({ ...request, output: `${folder}/${request.output}`, onNote });
    } catch (thrown) {
      error = (thrown as Error).message;
    }
    const files: Record<string, string> = {};
    for await (const { name } of Deno.readDir(folder)) {
      const bytes = await Deno.readFile(`${folder}/${name}`);
      files[name] = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    }
    return {
      files,
      report: report && factsOf(report),
      error: error?.replaceAll(folder, ""),
      direct: report?.direct ?? false,
      notes,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Returns the part of a report that does not depend on the way, the folder or the time. */
function factsOf(report: ConvertReport): Partial<ConvertReport> {
  const { direct: _1, seconds: _2, bytesPerSecond: _3, peakMemory: _4, output: _5, ...more } =
    report;
  const { kernelShare: _6, ...facts } = more;
  return { ...facts, rejects: facts.rejects && "there", threads: 0 };
}

/**
 * Converts an input both ways, with and without kernels, and makes sure that files, counts and
 * errors are the same.
 *
 * @returns How rows went.
 */
export async function bothWays(
  request: Omit<ConvertRequest, "output"> & { output: string },
): Promise<Way> {
  const { direct: _1, notes: _2, ...table } = await outcomeOf(request);
  const { direct, notes, ...straight } = await outcomeOf({ ...request, direct: true });
  assert.deepEqual(straight, table);
  const { direct: _3, notes: _4, ...slow } = await outcomeOf({
    ...request,
    direct: true,
    kernels: false,
  });
  assert.deepEqual(slow, table);
  if (direct) return "straight";
  if (straight.error !== undefined) return "refused";
  return notes.some((line) => DISORDER.test(line)) ? "disorder" : "other";
}

const DISORDER = /^(?:a position is less|a contig comes back|contigs have another order)/;
