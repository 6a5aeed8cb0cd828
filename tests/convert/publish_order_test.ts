/**
 * The rejects file is whole, and under its name, before the output is, wherever its rows come from;
 * it is never written under that name.
 */
import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { listing, withFolder } from "../helpers/cli.ts";

const GOOD = "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n", BAD = `${GOOD}bad row\n`;

/** Converts in a folder; returns the public names in the order in which they came or went. */
async function published(folder: string, request: Partial<ConvertRequest>): Promise<string[]> {
  const { renameSync } = Deno, order: string[] = [];
  Deno.renameSync = (from, to) => {
    const size = Deno.statSync(from).size;
    renameSync(from, to);
    const [gone, here] = [from, to].map((path) => String(path).replace(`${folder}/`, ""));
    order.push(gone.includes("/") ? here : `no ${gone}`);
    assert.ok(size > 0);
  };
  try {
    const [input, output] = [`${folder}/m.tsv`, `${folder}/o.vcf.gz`];
    await convert({ input, output, onBadRow: "skip", threads: 0, ...request });
  } finally {
    Deno.renameSync = renameSync;
  }
  return order;
}

Deno.test("the rejects file has its name before the output, of new, kept and reused tables", () =>
  withFolder(async (folder) => {
    const database = `${folder}/k.duckdb`, rejects = "o.vcf.gz.rejects.tsv";
    await Deno.writeTextFile(`${folder}/m.tsv`, BAD);
    const first = [rejects, "o.vcf.gz", "o.vcf.gz.tbi"];
    const again = [rejects, "no o.vcf.gz.tbi", "o.vcf.gz", "o.vcf.gz.tbi"];
    const runs: [Partial<ConvertRequest>, string[]][] = [
      [{}, first],
      [{}, again],
      [{ database }, again],
      [{ database }, again],
      [{ input: database }, again],
      [{ threads: 2 }, again],
      [{ index: "csi" }, [rejects, "no o.vcf.gz.tbi", "o.vcf.gz", "o.vcf.gz.csi"]],
      [{ index: "none" }, [rejects, "no o.vcf.gz.csi", "o.vcf.gz"]],
    ];
    for (const [request, order] of runs) {
      assert.deepEqual(await published(folder, request), order);
      assert.match(await Deno.readTextFile(`${folder}/${rejects}`), /^#line\treason\trow\n3\t/);
    }
    await Deno.writeTextFile(`${folder}/m.tsv`, GOOD);
    assert.deepEqual(await published(folder, {}), [`no ${rejects}`, "o.vcf.gz", "o.vcf.gz.tbi"]);
    const left = ["k.duckdb", "m.tsv", "o.vcf.gz", "o.vcf.gz.tbi"];
    assert.deepEqual(await listing(folder), left);
  }));
