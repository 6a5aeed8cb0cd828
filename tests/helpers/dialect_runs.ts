/**
 * Conversions of dialects whose columns tests name themselves, as detection would; both ways, with
 * any number of threads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dialectColumns, type NamedColumns } from "./dialect_columns.ts";
import { convertOptions } from "../../src/convert/options.ts";
import type { ConvertRequest } from "../../src/convert/request.ts";
import { writeRows } from "../../src/convert/write_rows.ts";
import { Progress } from "../../src/base/progress.ts";
import { WorkFolder } from "../../src/base/work_folder.ts";
import { rejectsPath } from "../../src/ingest/rejects.ts";
import { openInput } from "../../src/matrix/input_file.ts";
import { Publication } from "../../src/output/publication.ts";
import { WorkerPool } from "../../src/threads/worker_pool.ts";
import type { SiteCounts } from "../../src/vcf/site_filter.ts";
import { withFolder } from "./cli.ts";

const WORKER = new URL("../../src/worker.ts", import.meta.url);

/** What a conversion wrote. */
export interface DialectOutput {
  text: string;
  counts: SiteCounts;
  /** The rejects file, if there is one. */
  rejects: string | undefined;
  direct: boolean;
  skipped: number;
}

export type DialectRequest = Omit<Partial<ConvertRequest>, "input" | "output" | "reference"> & {
  /** Text of the reference. */
  reference?: string;
  /** Looks at the kept table, which is made then. */
  look?: (database: string) => Promise<void>;
};

/** Converts rows whose columns are named; `named.header` tells whether the first line is a header. */
export function convertDialect(
  text: string,
  named: NamedColumns,
  { reference, look, ...request }: DialectRequest = {},
): Promise<DialectOutput> {
  return withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/in.tsv`, text);
    if (reference !== undefined) await Deno.writeTextFile(`${folder}/ref.fa`, reference);
    const output = `${folder}/out.vcf`, database = look && `${folder}/kept.duckdb`;
    const options = convertOptions({
      threads: 0,
      noVersion: true,
      ...request,
      input: `${folder}/in.tsv`,
      output,
      database,
      reference: reference === undefined ? undefined : `${folder}/ref.fa`,
    });
    const rejects = options.onBadRow === "skip" ? rejectsPath(options.input, output) : undefined;
    const publication = new Publication([output, rejects]);
    using work = new WorkFolder(folder);
    const pool = options.threads > 0 ? new WorkerPool(options.threads, WORKER) : undefined;
    try {
      const input = await openInput(options, () => work.file("spool"), () => {});
      const done = await writeRows({
        ...{ options, input, work, pool, progress: new Progress(() => {}), onDuckdb: undefined },
        rejects: rejects && work.beside(rejects, "rejects"),
        columns: dialectColumns(text, named),
      });
      await done.nameTable();
      await publication.publish(done.written.files);
      const rejected = rejects && work.beside(rejects, "rejects");
      const result = {
        text: await Deno.readTextFile(output),
        counts: { ...done.written.counts, kernelRows: 0 },
        rejects: rejected && await Deno.readTextFile(rejected).catch(() => undefined),
        direct: done.direct,
        skipped: done.summary.skipped,
      };
      if (look) await look(database!);
      return result;
    } finally {
      await pool?.close();
    }
  });
}

/** Converts the same rows through the table and straight, with 0, 1 or 3 threads. */
export async function everyWay(
  text: string,
  named: NamedColumns,
  request: DialectRequest = {},
): Promise<DialectOutput> {
  const first = await convertDialect(text, named, request);
  for (const [threads, direct] of [[0, true], [1, false], [3, true]] as const) {
    const { text: other, counts } = await convertDialect(text, named, {
      ...request,
      threads,
      direct,
    });
    assert.equal(other, first.text, `threads ${threads}, direct ${direct}`);
    assert.deepEqual(counts, first.counts, `threads ${threads}, direct ${direct}`);
  }
  return first;
}

/** Returns the records of a VCF, with the line of the names of samples. */
export function recordsOf(vcf: string): string {
  return vcf.split("\n").filter((line) => !line.startsWith("##")).join("\n");
}
