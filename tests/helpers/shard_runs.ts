/**
 * Conversions of one matrix in one run and in shards, for a comparison.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { convert, type ConvertReport, type ConvertRequest } from "../../mod.ts";
import { gather } from "../../src/shards/gather.ts";
import { scatter, type ScatterRequest } from "../../src/shards/scatter.ts";
import { shard } from "../../src/shards/shard.ts";
import { FEWEST } from "../../src/matrix/grid.ts";
import { bytesOf, readOutput } from "./convert_text.ts";
import { listing } from "./cli.ts";

/** What a conversion is asked for, its output aside. */
export type Request = Omit<ConvertRequest, "output" | "outputType"> & { outputType?: "v" | "z" };

/** What both ways gave. */
export interface Gathered {
  /** The text of the output. */
  text: string;
  report: ConvertReport;
  /** True where shards went straight, each of them. */
  direct: boolean;
}

/** Runs a test with cells of so many bytes, which are 4 MiB otherwise. */
export async function withCells<T>(bytes: number, use: () => Promise<T>): Promise<T> {
  const { segment, headers, cell } = FEWEST;
  Object.assign(FEWEST, { segment: Math.max(1, bytes >> 1), headers: 0, cell: bytes });
  try {
    return await use();
  } finally {
    Object.assign(FEWEST, { segment, headers, cell });
  }
}

/** Converts a matrix in shards, in the folder of `plan.json`. */
export async function inShards(
  folder: string,
  request: Request,
  shards: number,
  output: string,
): Promise<ConvertReport> {
  const { threads = 0, memory: _1, direct: _2, ...options } = request;
  const plan = `${folder}/plan.json`;
  await scatter({ ...options, plan, shards } as ScatterRequest);
  for (let k = 0; k < shards; k++) await shard({ plan, shard: k, threads });
  return await gather({ plan, output, threads });
}

/**
 * Converts a matrix in one run, and in shards, and makes sure that all files and counts are the
 * same.
 *
 * @returns What it became; undefined where both refused it for the same reason.
 */
export async function asOneRun(
  folder: string,
  request: Request,
  shards: number,
): Promise<Gathered | undefined> {
  const name = request.outputType === "v" ? "o.vcf" : "o.vcf.gz", threads = request.threads ?? 0;
  for (const part of ["one", "many"]) {
    await Deno.remove(`${folder}/${part}`, { recursive: true }).catch(() => {});
    await Deno.mkdir(`${folder}/${part}`);
  }
  const one = await outcome(convert({ ...request, threads, output: `${folder}/one/${name}` }));
  const many = await outcome(
    inShards(`${folder}/many`, request, shards, `${folder}/many/${name}`),
  );
  if (one.error !== undefined || many.error !== undefined) {
    assert.equal(many.error, one.error);
    assert.deepEqual((await listing(`${folder}/many`)).filter((name) => name.startsWith("o.")), []);
    return undefined;
  }
  const names = await listing(`${folder}/one`);
  assert.deepEqual(
    await listing(`${folder}/many`),
    [...names, "plan.json", "shards/", "shards/gathered.json"].sort(),
  );
  for (const file of names) {
    const [a, b] = await Promise.all(
      ["one", "many"].map((part) => bytesOf(`${folder}/${part}/${file}`)),
    );
    const at = firstDifference(a, b);
    assert(at < 0, `${file} differs from byte ${at} on, of ${a.length} and ${b.length}`);
  }
  assert.deepEqual(factsOf(many.report!), factsOf(one.report!));
  const text = await readOutput(`${folder}/many/${name}`);
  return { text, report: many.report!, direct: many.report!.direct };
}

/** Returns the part of a report that does not depend on the way, the folder or the time. */
function factsOf(report: ConvertReport): Partial<ConvertReport> {
  const { seconds: _1, bytesPerSecond: _2, peakMemory: _3, output: _4, direct: _5, ...more } =
    report;
  const { kernelShare: _6, checksum: _7, threads: _8, ...facts } = more;
  return { ...facts, rejects: facts.rejects && "there" };
}

async function outcome(
  run: Promise<ConvertReport>,
): Promise<{ report?: ConvertReport; error?: string }> {
  try {
    return { report: await run };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function firstDifference(a: Buffer, b: Buffer): number {
  if (a.equals(b)) return -1;
  const least = Math.min(a.length, b.length);
  for (let at = 0; at < least; at++) if (a[at] !== b[at]) return at;
  return least;
}
