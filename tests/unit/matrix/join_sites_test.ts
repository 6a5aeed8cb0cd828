/**
 * Rows and their sites, which come from two files.
 *
 * @module
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { joinSites } from "../../../src/matrix/dialects/join_sites.ts";
import type { InputFile } from "../../../src/matrix/input_file.ts";
import { withFolder } from "../../helpers/cli.ts";

const COLUMNS = { id: 0, position: 1, a0: 2, a1: 3 };

async function joined(
  rows: string,
  legend: string,
  { gzip = false, columns = COLUMNS } = {},
): Promise<string> {
  return await withFolder(async (folder) => {
    const path = `${folder}/in.hap`, sites = `${folder}/in.legend`;
    const packed = (text: string) => gzip ? gzipSync(text) : new TextEncoder().encode(text);
    await Deno.writeFile(path, packed(rows));
    await Deno.writeFile(sites, packed(legend));
    const kind = gzip ? "gzip" : "plain";
    const table: InputFile = { path, shown: "in.hap", kind, size: rows.length, state: undefined };
    const into = `${folder}/joined`;
    try {
      const { file } = await joinSites(table, { path: sites, gzip, columns }, into);
      const text = await Deno.readTextFile(into);
      assert.equal(file.size, text.length);
      return text;
    } catch (error) {
      throw new Error((error as Error).message.replaceAll(`${folder}/`, ""));
    }
  });
}

const LEGEND = "id position a0 a1\n1:5_A_G 5 A G\n1:10_CGT_C 10 CGT C\n";

Deno.test("sites and rows are joined line by line, plain or gzip", async () => {
  const expected = "1:5_A_G 5 A G 0 1 1 1\n1:10_CGT_C 10 CGT C 0 0 1 0\n".replaceAll(" ", "\t");
  assert.equal(await joined("0 1 1 1\n0 0 1 0\n", LEGEND), expected);
  assert.equal(await joined("0 1 1 1\n0 0 1 0", LEGEND.trimEnd(), { gzip: true }), expected);
  assert.equal(
    await joined("\r\n0 1 1 1\r\n 0 0  1\t0 \n", LEGEND.replaceAll("\n", "\r\n")),
    "\n" + expected,
  );
  const columns = { id: 2, position: 0, a0: 3, a1: 1 };
  assert.equal(
    await joined("0 1\n", "position a1 id a0 type\n5\tG rs A SNP\n", { columns }),
    "rs\t5\tA\tG\t0\t1\n",
  );
});

Deno.test("rows without sites, sites without rows, and short sites are refused", async () => {
  await assert.rejects(joined("0 1\n0 1\n0 0\n", LEGEND), /in.hap:3: the row has no site/);
  await assert.rejects(joined("0 1\n", LEGEND), /in.legend:3: the file has more sites than in.hap/);
  await assert.rejects(
    joined("0 1\n", "id position a0 a1\nrs 5 A\n"),
    /in.legend:2: the site has 3 fields, expected 4/,
  );
});
