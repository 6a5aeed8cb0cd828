/** The grid of the input: where partitions are cut, and contigs that share one. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";
import { convert, type ConvertRequest } from "../../mod.ts";
import { withFolder } from "../helpers/cli.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";

const HEADER = "CHROM\tPOS\tID\tREF\t1a\t1b";
/** IDs this long make three cells of 4,000 rows. */
const ID = "x".repeat(2600);

/** Rows of large and tiny contigs, some unsorted, one of which comes back cells later. */
function rowsOf(contigs: [name: string, positions: number[]][]): string[] {
  let n = 0;
  return contigs.flatMap(([name, positions]) =>
    positions.map((pos) => `${name}\t${pos}\t${ID}${n++}\tA\t${"ACGT"[n % 4]}\t${"AAAG."[n % 5]}`)
  );
}

const ascending = (rows: number) => Array.from({ length: rows }, (_, i) => 5 + 3 * i);
const tiny = (from: number, count: number): [string, number[]][] =>
  Array.from({ length: count }, (_, i) => {
    const positions = ascending(1 + (from + i) % 4);
    return [`t${from + i}`, (from + i) % 7 === 0 ? [...positions.toReversed(), 2] : positions];
  });

const CONTIGS: [string, number[]][] = [
  ...tiny(0, 150),
  ["large", ascending(1000)],
  ...tiny(150, 200),
  ["back", [3, 9]],
  ...tiny(350, 100),
  ["unsorted", ascending(900).toReversed()],
  ["back", [12, 12, 15]],
  ...tiny(450, 300),
];

interface Case {
  name: string;
  rows: string[];
}

/** A fixed order without any: multiples of a prime. */
function shuffled(rows: string[]): string[] {
  return rows.map((_, i) => rows[i * 1009 % rows.length]);
}

const CASES: Case[] = [
  { name: "contigs one after the other", rows: rowsOf(CONTIGS) },
  { name: "rows without any order", rows: shuffled(rowsOf(CONTIGS)) },
];

for (const { name, rows } of CASES) {
  Deno.test(`grid: ${name}: the bytes are the same by every way, and the oracle's`, () =>
    withFolder(async (folder) => {
      const text = [HEADER, ...rows, ""].join("\n");
      await Deno.writeTextFile(`${folder}/m.tsv`, text);
      // Two members, and cells end within them.
      const members = [text.slice(0, 5_000_001), text.slice(5_000_001)].map((part) =>
        gzipSync(part)
      );
      await Deno.writeFile(`${folder}/m.tsv.gz`, Buffer.concat(members));
      const database = `${folder}/m.duckdb`;
      const ways: Partial<ConvertRequest>[] = [
        { threads: 0 },
        { threads: 3 },
        { threads: 2, input: `${folder}/m.tsv.gz` },
        { threads: 0, input: `${folder}/m.tsv.gz` },
        { threads: 2, database },
        { threads: 1, database },
      ];
      const [first, ...others] = await outputsOf(folder, ways);
      const { vcf } = oracle(text, {});
      assert.ok(
        withoutVersion(gunzipSync(first.data).toString()) === withoutVersion(vcf),
        "the text differs from the oracle's",
      );
      others.forEach(({ data, index }, i) => {
        assert.ok(data.equals(first.data), `data of way ${i + 1}`);
        assert.ok(index.equals(first.index), `index of way ${i + 1}`);
      });
      await Deno.writeTextFile(`${folder}/m.fa`, fastaOf(rows));
      const [byReference] = await outputsOf(folder, [{ reference: `${folder}/m.fa`, threads: 2 }]);
      assert.ok(
        recordsOf(byReference.data).join("\n") === inReverse(recordsOf(first.data)).join("\n"),
        "the records by a reference differ",
      );
    }));
}

async function outputsOf(
  folder: string,
  ways: Partial<ConvertRequest>[],
): Promise<{ data: Buffer; index: Buffer }[]> {
  const outputs: { data: Buffer; index: Buffer }[] = [];
  for (const way of ways) {
    const output = `${folder}/out.vcf.gz`;
    await convert({ input: `${folder}/m.tsv`, output, ...way });
    const [data, index] = [output, `${output}.tbi`].map((path) =>
      Buffer.from(Deno.readFileSync(path))
    );
    outputs.push({ data, index });
  }
  return outputs;
}

/** A reference whose contigs stand in the reverse order of their first rows. */
function fastaOf(rows: string[]): string {
  const names = [...new Set(rows.map((row) => row.split("\t", 1)[0]))];
  return names.toReversed().map((name) => `>${name}\n${"A".repeat(3100)}\n`).join("");
}

function recordsOf(data: Buffer): string[] {
  return gunzipSync(data).toString().split("\n").filter((line) => line !== "" && line[0] !== "#");
}

/** The records with their contigs in reverse order. */
function inReverse(records: string[]): string[] {
  const byContig = Map.groupBy(records, (record) => record.split("\t", 1)[0]);
  return [...byContig.values()].toReversed().flat();
}
