/**
 * The real path against the oracle on random matrices, byte for byte.
 *
 * The seed is fixed, so that the suite is the same everywhere. A longer search with another seed:
 * `deno test -A tests/convert/property_test.ts -- 2000 7` (runs, seed).
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { convert } from "../../mod.ts";
import { INFO_TAGS } from "../../src/vcf/info_fields.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { matrices, type Matrix } from "../helpers/matrices.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";

const [runs, seed] = Deno.args.map(Number).filter(Number.isInteger);

const properties = [
  { name: "inline", threads: [0], badRows: false, numRuns: 60 },
  { name: "BCF", threads: [0], badRows: false, numRuns: 60, output: "out.bcf" },
  { name: "with 1, 2 or 3 workers", threads: [1, 2, 3], badRows: false, numRuns: 12 },
  {
    name: "bad rows skipped, inline or with 2 workers",
    threads: [0, 2],
    badRows: true,
    numRuns: 12,
  },
];

for (const { name, threads, badRows, numRuns, output } of properties) {
  Deno.test(`convert() agrees with the oracle on random matrices: ${name}`, async () => {
    await fc.assert(
      fc.asyncProperty(matrices({ badRows }), fc.constantFrom(...threads), async (matrix, n) => {
        assert.equal(await actualOf(matrix, n, output), expectedOf(matrix));
      }),
      {
        seed: seed ?? 20_240_607,
        numRuns: runs ?? numRuns,
        interruptAfterTimeLimit: limit(),
        endOnFailure: runs !== undefined,
      },
    );
  });
}

Deno.test(".vcf.gz and its index are the same bytes with 0, 1, 2 and 5 threads", async () => {
  await fc.assert(
    fc.asyncProperty(matrices({ badRows: false }), async (matrix) => {
      const expected = expectedOf(matrix);
      const index: string[] = [];
      for (const n of [0, 1, 2, 5]) {
        assert.equal(await actualOf(matrix, n, "out.vcf.gz", index), expected);
      }
      assert.equal(new Set(index).size, expected === REFUSED ? 0 : 1);
    }),
    {
      seed: seed ?? 20_240_608,
      numRuns: runs ?? 3,
      interruptAfterTimeLimit: limit(),
      endOnFailure: runs !== undefined,
    },
  );
});

/** A longer search takes what it takes, and shows the first failing matrix as it is. */
function limit(): number | undefined {
  return runs === undefined ? 60_000 : undefined;
}

const REFUSED = "refused";

function expectedOf({ text, options }: Matrix): string {
  try {
    const { vcf, rejects } = oracle(text, options);
    return `${vcf}rejected lines: ${rejects}`;
  } catch {
    return REFUSED;
  }
}

/** What a conversion gives, decompressed; the bytes of the output and its index go into `files`. */
async function actualOf(
  { text, options }: Matrix,
  threads: number,
  name = "out.vcf",
  files: string[] = [],
): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "matrix2vcf_property_" });
  try {
    const { header, samples, info, ploidy = "auto", ...rest } = options;
    const input = await write(folder, "matrix.tsv", text);
    const output = `${folder}/${name}`;
    try {
      await convert({
        ...rest,
        input,
        output,
        threads,
        info: info ? INFO_TAGS : [],
        ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
        header: header === undefined ? undefined : await write(folder, "header.txt", header),
        samplesFile: samples === undefined
          ? undefined
          : await write(folder, "samples.tsv", samples),
      });
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "InputError") throw error;
      return REFUSED;
    }
    let written = "";
    for (const suffix of ["", ".tbi", ".csi"]) {
      const bytes = await Deno.readFile(output + suffix).catch(() => undefined);
      if (bytes && name.endsWith(".gz")) written += `${suffix}:${bytes.toHex()}`;
    }
    if (written !== "") files.push(written);
    const vcf = withoutVersion(await readOutput(output));
    return `${vcf}rejected lines: ${await rejectedLines(`${output}.rejects.tsv`)}`;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The line numbers in a rejects file, which is not there when no row was bad. */
async function rejectedLines(path: string): Promise<number[]> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return text.split("\n").map((line) => parseInt(line)).filter(Number.isInteger);
}

async function write(folder: string, name: string, text: string): Promise<string> {
  await Deno.writeTextFile(`${folder}/${name}`, text);
  return `${folder}/${name}`;
}
