/**
 * Conversions as a whole: what went wrong once.
 */

import assert from "node:assert/strict";
import { Database } from "../../src/table/database.ts";
import { fingerprint } from "../../src/matrix/fingerprint.ts";
import { openInput } from "../../src/matrix/input_file.ts";
import type { ContigGroup } from "../../src/output/partitions.ts";
import { Tally } from "../../src/output/tally.ts";
import { noCounts } from "../../src/vcf/site_filter.ts";
import { withFolder } from "../helpers/cli.ts";
import { convertText } from "../helpers/convert_text.ts";

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n";

Deno.test("inputs of 1 to 2 MiB that differ at their end have other fingerprints", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.tsv`, found = new Set<string>();
    for (const end of ["A", "C"]) {
      await Deno.writeTextFile(path, HEADER + "1\t5\tA\tA\tG\n".repeat(150_000) + end);
      await Deno.utime(path, 1, 1);
      found.add(
        await fingerprint(await openInput({ input: path }, () => `${folder}/spool`, () => {})),
      );
    }
    assert.equal(found.size, 2);
  });
});

Deno.test("a bad row after an allele that was not foreseen is named, whoever meets it", async () => {
  const good = "1\t5\tA\tA\tG\n".repeat(200_000);
  const rows = ["1\t5\tA\tA\tACG\n", good, "1\tX\tA\tA\tG\n", good, "1\t5\tA\tA\tGTT\n", good];
  for (let run = 0; run < 4; run++) {
    await assert.rejects(
      convertText(HEADER + rows.join(""), { threads: 2 }),
      /matrix\.tsv:200003: POS: /,
    );
  }
});

Deno.test("contigs that take turns come out whole and in order", async () => {
  const contigs = 30, rows = 4000;
  const lines = Array.from(
    { length: contigs * rows },
    (_, n) => `c${n % contigs}\t${Math.floor(n / contigs) + 1}\tA\tA\t${"ACGT"[n % 4]}\n`,
  );
  const { text, report } = await convertText(HEADER + lines.join(""), { threads: 2 });
  assert.equal(report.records, contigs * rows);
  const records = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const expected = Array.from(
    { length: contigs * rows },
    (_, n) => `c${Math.floor(n / rows)}\t${n % rows + 1}`,
  );
  assert.deepEqual(records.map((record) => record.split("\t", 2).join("\t")), expected);
  const some = await convertText(HEADER + lines.join(""), { threads: 1, regions: "c7:11-20,c3:5" });
  assert.equal(some.report.records, 11);
});

Deno.test("a duplicate is found across partitions without records, in any order", () => {
  const lines = { first: 2, last: 9 },
    groups = [2, 1].map((rows): ContigGroup => {
      return { rows, lines: undefined, contigs: [] };
    });
  const one = { ...noCounts(), rows: 1, records: 1, firstPos: 5, lastPos: 5 };
  const none = { ...noCounts(), rows: 0, firstPos: 0, lastPos: 0 };
  const parts = [[0, 0, one], [1, 0, none], [2, 0, none], [3, 0, one], [4, 1, one]] as const;
  for (const order of ["01234", "43210", "03412", "12034", "21430"]) {
    const tally = new Tally(groups);
    for (const index of order) {
      const [ordinal, group, counts] = parts[Number(index)];
      tally.add({ ordinal, group, lines: [lines], contigs: [], toSort: undefined }, counts);
    }
    assert.equal(tally.total.duplicates, 1, order);
    tally.check("m.duckdb");
  }
});

Deno.test("a profile that cannot be made ends the run, workers and all", async () => {
  await assert.rejects(
    convertText(`${HEADER}1\t5\tA\tA\tG\n`, { threads: 2, profile: "/no/such/folder.csv" }),
    /folder\.csv: the folder .* does not exist/,
  );
});

Deno.test("an instance is not closed under a question beside", async () => {
  await withFolder(async (folder) => {
    for (let round = 0; round < 40; round++) {
      const limits = { threads: 1, memory: 2 ** 26, temporary: `${folder}/spill` };
      await using database = await Database.create(`${folder}/${round}.duckdb`, 2048, limits);
      database.memoryUse().catch(() => {});
    }
  });
});
