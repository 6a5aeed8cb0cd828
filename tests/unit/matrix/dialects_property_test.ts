/** A text that is cut, shuffled or damaged never is another dialect than the whole; it may be refused. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convert } from "../../../mod.ts";
import { withFolder } from "../../helpers/cli.ts";
import { dialectOf, examplePath, EXAMPLES } from "../../helpers/dialects.ts";

/** What cells of other dialects look like. */
const CELLS = [
  ...[
    "A",
    "G",
    "AA",
    "AG",
    "NN",
    "--",
    "-",
    ".",
    "",
    "N",
    "NA",
    "A/G",
    "A|G",
    "A/",
    "./.",
    "R",
    "A:G",
  ],
  ...[
    "0",
    "1",
    "2",
    "9",
    "-1",
    "0|1",
    "0/1",
    "1/2",
    ".|.",
    "?",
    "0*",
    "0.97",
    "x",
    "<DEL>",
    "*",
    "CT,G",
  ],
  ...["rs1", "1:5_A_G", "X", "chr1", "-9", "+", "DI", "FID", "taxa"],
];

/** Companions of the examples, under the names that the changed text has. */
const COMPANIONS = { "hap-legend": "in.legend", tped: "in.tfam", haps: "in.sample" };

/** A change of a text: the lines of its rows, and what stands between their fields. */
type Change = (rows: string[], separator: string | RegExp) => string[];

const CHANGE: fc.Arbitrary<{ name: string; change: Change }> = fc.oneof(
  fc.nat(100).map((keep) => ({
    name: `the first ${keep}% of the bytes`,
    change: (rows: string[]) => {
      const text = rows.join("\n");
      return text.slice(0, Math.max(1, Math.ceil(text.length * keep / 100))).split("\n");
    },
  })),
  fc.tuple(fc.nat(9), fc.nat(9)).map(([from, count]) => ({
    name: `rows ${from} and ${count} more`,
    change: (rows: string[]) => {
      const first = from % rows.length;
      return rows.slice(first, first + 1 + count);
    },
  })),
  fc.array(fc.nat(99), { minLength: 12, maxLength: 12 }).map((order) => ({
    name: `rows by ${order}`,
    change: (rows: string[]) =>
      rows.map((row, at) => ({ row, key: order[at] })).sort((a, b) => a.key - b.key)
        .map(({ row }) => row),
  })),
  fc.tuple(fc.nat(99), fc.nat(99), fc.constantFrom(...CELLS)).map(([row, column, cell]) => ({
    name: `cell ${column} of row ${row} is '${cell}'`,
    change: (rows: string[], separator: string | RegExp) =>
      rows.map((line, at) => {
        if (at !== row % rows.length) return line;
        const cells = line.split(separator);
        cells[column % cells.length] = cell;
        return cells.join(typeof separator === "string" ? separator : " ");
      }),
  })),
);

/** The letters are refused, and that they stay, or are a matrix where no letter is left. */
const ALL = [...EXAMPLES, { file: "letters/in.tsv", dialect: "genotypes", evidence: "" }];

for (const { file, dialect } of ALL) {
  Deno.test(`${file}, changed, is ${dialect} or refused`, async () => {
    const text = await Deno.readTextFile(examplePath(file));
    const hasNoHeader = ["tped", "haps", "hap-legend"].includes(dialect);
    const lines = text.trimEnd().split("\n");
    const firstRow = hasNoHeader ? 0 : lines.findLastIndex((line) => /chrom|^rsid/i.test(line)) + 1;
    const separator = file.endsWith(".csv") ? "," : hasNoHeader ? / +/ : "\t";
    await withFolder(async (folder) => {
      const companion = COMPANIONS[dialect as keyof typeof COMPANIONS];
      const [example] = file.split("/");
      if (companion) {
        await Deno.copyFile(examplePath(`${example}/${companion}`), `${folder}/${companion}`);
      }
      const path = `${folder}/${file.split("/")[1]}`;
      await fc.assert(
        fc.asyncProperty(CHANGE, async ({ name, change }) => {
          const rows = change(lines.slice(firstRow), separator);
          await Deno.writeTextFile(path, [...lines.slice(0, firstRow), ...rows, ""].join("\n"));
          const found = await dialectOf(path);
          const isSame = found.dialect === dialect || found.refused !== undefined ||
            await isRefusedLater(path, found.dialect!, dialect);
          assert.ok(isSame, `${name}: ${JSON.stringify(found)}\n${rows.join("\n")}`);
        }),
        { seed: 28, numRuns: 100 },
      );
    });
  });
}

/**
 * Tells whether a matrix is only what is left to be refused: a file without a header, or one whose
 * rows are bad.
 */
async function isRefusedLater(path: string, found: string, dialect: string): Promise<boolean> {
  if (found !== "matrix" || dialect === "matrix") return false;
  const output = `${path}.vcf`;
  return await convert({ input: path, output, threads: 0 }).then(() => false, () => true);
}
