/**
 * Samples that are chosen by name: against the oracle, and in the library.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, type ConvertRequest } from "../../mod.ts";
import { withFolder } from "../helpers/cli.ts";
import { convertText } from "../helpers/convert_text.ts";
import { matrices, type Matrix } from "../helpers/matrices.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";

const MATRIX = "CHROM\tPOS\tREF\t10a\t10b\tx\n1\t5\tA\tA\tG\tT\n";

/** Which samples, in which order, and how they are named. */
const lists = fc.record({
  keys: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
  keep: fc.integer({ min: 1, max: 6 }),
  exclude: fc.boolean(),
  byFile: fc.boolean(),
});

/** Names of the samples of a matrix; undefined if it is refused. */
function samplesOf({ text, options }: Matrix): string[] | undefined {
  try {
    const header = oracle(text, options).vcf.split("\n").find((line) => line.startsWith("#CHROM"));
    return header!.split("\t").slice(9);
  } catch {
    return undefined;
  }
}

Deno.test("samples by name: as the oracle has them", async () => {
  await fc.assert(
    fc.asyncProperty(matrices(), lists, async (matrix, { keys, keep, exclude, byFile }) => {
      const all = samplesOf(matrix);
      // A comma parts names, and a `#` makes a comment of one.
      fc.pre(all !== undefined && all.every((name) => !/^[#^]|[",]/.test(name)));
      const names = all!.map((name, at) => ({ name, key: keys[at % keys.length] }))
        .sort((a, b) => a.key - b.key).slice(0, keep).map(({ name }) => name);
      const chosen = exclude ? [`^${names[0]}`, ...names.slice(1)] : names;
      let expected: string | undefined;
      try {
        expected = oracle(matrix.text, { ...matrix.options, chosen }).vcf;
      } catch { /* refused */ }
      assert.equal(await written(matrix, { chosen, names, exclude, byFile }), expected);
    }),
    { numRuns: 60, seed: 25 },
  );
});

/** What a conversion writes; undefined if it refuses the matrix or the choice. */
async function written(
  { text, options }: Matrix,
  { chosen, names, exclude, byFile }: {
    chosen: string[];
    names: string[];
    exclude: boolean;
    byFile: boolean;
  },
): Promise<string | undefined> {
  return await withFolder(async (folder) => {
    const { header, samples: sheet, info, ploidy = "auto", chosen: _, ...rest } = options;
    const file = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    const list = byFile && sheet === undefined
      ? { samplesFile: (exclude ? "^" : "") + await file("list.txt", names.join("\n") + "\n") }
      : { samples: chosen };
    const request: ConvertRequest = {
      ...rest,
      input: await file("m.tsv", text),
      output: `${folder}/o.vcf`,
      threads: 0,
      info: info ? ["AC", "AN", "AF", "NS"] : [],
      ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
      header: header === undefined ? undefined : await file("h.txt", header),
      samplesFile: sheet === undefined ? undefined : await file("s.tsv", sheet),
      ...list,
    };
    try {
      await convert(request);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "InputError") throw error;
      return undefined;
    }
    return withoutVersion(await Deno.readTextFile(`${folder}/o.vcf`));
  });
}

Deno.test("samples by name: a sheet of names and columns, and a choice of its samples", async () => {
  const { text } = await convertText(MATRIX, {
    samplesFile: "A\t10a\nB\tx\t10b\n",
    samples: ["B"],
  });
  assert.match(text, /FORMAT\tB\n1\t5\t\.\tA\tT,G\t.*\tGT\t1\|2\n$/);
});

/** Requests that no input could make right, and their messages. */
const REFUSED: [request: Record<string, unknown>, message: RegExp][] = [
  [{ samples: "s.tsv" }, /^`samples` is a list of names \(.* is `samplesFile`\), not 's\.tsv'$/],
  [{ samples: new URL("file:///s.tsv") }, /^`samples` is a list of names .*`samplesFile`/],
  [{ samples: [] }, /^`samples` has an empty name/],
  [{ samples: ["10", ""] }, /^`samples` has an empty name/],
  [{ samples: [7] }, /^`samples` is a list of names/],
  [{ outputType: "x" }, /^`outputType` is v \(plain VCF\), z .* or u \(plain BCF\), not 'x'$/],
  [{ outputType: "b", index: "tbi" }, /^`index` tbi is for VCF; the index of a BCF is csi$/],
];
for (const [request, message] of REFUSED) {
  Deno.test(`samples by name: the library refuses ${JSON.stringify(request)}`, async () => {
    await assert.rejects(convertText(MATRIX, request), { name: "UsageError", message });
  });
}

Deno.test("samples by name: an excluded file as address or link is an input all the same", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await Deno.writeTextFile(`${folder}/s.vcf`, "x\n");
    const input = `${folder}/m.tsv`, output = `${folder}/s.vcf`;
    await assert.rejects(convert({ input, output, samplesFile: `^${output}`, threads: 0 }), {
      name: "InputError",
      message: /this output is also an input/,
    });
    assert.equal(await Deno.readTextFile(output), "x\n");
  }));
