/**
 * `--regions` and `--regions-file`: the records that bcftools finds, and the pure parts.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { convert, InputError, UsageError } from "../../mod.ts";
import {
  parseRegions,
  readRegions,
  type Region,
  RegionCursor,
  regionSet,
} from "../../src/output/region.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import {
  columnsOf,
  convertText,
  matrixOf,
  readOutput,
  recordsOf,
  type TextRequest,
} from "../helpers/convert_text.ts";
import { DATA, noDataNote, REAL_SETS } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const END = 2 ** 31 - 1;

// ---------------------------------------------------------------------------------------------
// Pure.

const LISTS: { text: string; regions: [contig: string, first: number, last: number][] }[] = [
  { text: "1", regions: [["1", 1, END]] },
  { text: "1:5", regions: [["1", 5, 5]] },
  { text: "1:5-", regions: [["1", 5, END]] },
  { text: "1:5-9,chr2", regions: [["1", 5, 9], ["chr2", 1, END]] },
  { text: "nobody:5-5", regions: [["nobody", 5, 5]] },
  { text: "HLA:A*01", regions: [["HLA:A*01", 1, END]] },
  { text: "HLA:A*01:5-9", regions: [["HLA:A*01", 5, 9]] },
  { text: "{HLA:A*01}:5-9", regions: [["HLA:A*01", 5, 9]] },
  { text: "{1}", regions: [["1", 1, END]] },
  { text: "a:5", regions: [["a:5", 1, END]] }, // the name of a contig
  { text: "a:5:7", regions: [["a:5", 7, 7]] },
  { text: "{a}:5", regions: [["a", 5, 5]] },
  { text: "22:16,050,000-17,000,000", regions: [["22", 16_050_000, 17_000_000]] },
  { text: "1:5,000", regions: [["1", 5000, 5000]] },
  { text: "1:5,000-,chr2:1-1,000", regions: [["1", 5000, END], ["chr2", 1, 1000]] },
  { text: "1:1-1,000,000,1", regions: [["1", 1, 1_000_000], ["1", 1, END]] },
  { text: "1:5,123", regions: [["1", 5, 5], ["123", 1, END]] }, // the name of a contig
  { text: "HLA-12,345", regions: [["HLA-12", 1, END], ["345", 1, END]] },
  { text: "1:5,12", regions: [["1", 5, 5], ["12", 1, END]] },
  { text: "gi|9626243|ref|NC_001416.1|:5-6", regions: [["gi|9626243|ref|NC_001416.1|", 5, 6]] },
];
for (const { text, regions } of LISTS) {
  Deno.test(`parseRegions() of ${text}`, () => {
    const found = parseRegions(text, ["1", "chr2", "HLA:A*01", "a", "a:5", "123"]);
    assert.deepEqual(found.map(({ contig, first, last }) => [contig, first, last]), regions);
  });
}

for (const text of ["", "1,", "1:", "1:x", "1:9-5", "1:0-5", "1:-5", "1:5-9x", "1:1.5", ":5"]) {
  Deno.test(`parseRegions() refuses '${text}'`, () => {
    assert.throws(() => parseRegions(text, ["1"]), UsageError);
  });
}

Deno.test("readRegions() of a BED: 0-based, the end excluded; comments and empty regions are skipped", () => {
  const text = "#c\ntrack name=x\nbrowser y\n\n1\t0\t5\tname\t0\r\nchr 2\t7\t7\nchr2\t7\t8\n";
  assert.deepEqual(readRegions(text, "x.bed"), [
    { contig: "1", first: 1, last: 5 },
    { contig: "chr2", first: 8, last: 8 },
  ]);
});

for (const line of ["1", "1\t5", "1 5 9", "1\t9\t5", "1\t-1\t5", "1\tx\t5", "1\t5\t"]) {
  Deno.test(`readRegions() of a BED refuses ${JSON.stringify(line)}, with its line`, () => {
    assert.throws(() => readRegions(`1\t1\t2\n${line}\n`, "x.bed"), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual(error.at, { file: "x.bed", line: 2 });
      return true;
    });
  });
}

const POSITIONS: { line: string; region?: [first: number, last: number] }[] = [
  { line: "1\t10", region: [10, 10] },
  { line: "1\t10\t20", region: [10, 20] },
  { line: "1\t10\t20\tname\r", region: [10, 20] },
  { line: "1\t10\trs5\tA\tG", region: [10, 10] }, // as bcftools reads it
  { line: "1\t10\t", region: [10, 10] },
  { line: "1\t0\t10" },
  { line: "1\t20\t10" },
  { line: "1\t10\t2O" },
  { line: "1 10 20" },
  { line: "1:10-20" },
  { line: "track name=x" },
];
for (const { line, region } of POSITIONS) {
  Deno.test(`readRegions() of a file that is no BED: ${JSON.stringify(line)}`, () => {
    for (const name of ["regions.txt", "regions", "-", "bed", "x.bed.txt"]) {
      const read = () => readRegions(`# c\n${line}\n`, name);
      if (region) assert.deepEqual(read(), [{ contig: "1", first: region[0], last: region[1] }]);
      else assert.throws(read, { name: "InputError", at: { file: name, line: 2 } });
    }
  });
}

Deno.test("readRegions() knows a BED by its name, in any case", () => {
  for (const name of ["r.bed", "r.BED", "r.bed.gz", "R.Bed.GZ"]) {
    assert.deepEqual(readRegions("1\t10\t20\n", name), [{ contig: "1", first: 11, last: 20 }]);
  }
});

Deno.test({
  name: `--regions-file: bcftools finds the same, whatever the name${missingNote("bcftools")}`,
  ignore: !hasTool("bcftools"),
  fn: () =>
    withFolder(async (folder) => {
      const rows = [10, 11, 15, 20, 21].map((pos) => `1 ${pos} A A G`);
      await Deno.writeTextFile(`${folder}/m.tsv`, matrixOf("CHROM POS REF 1a 1b", ...rows));
      const input = `${folder}/m.tsv`, all = `${folder}/all.vcf.gz`, notes: string[] = [];
      await convert({ input, output: all, threads: 0 });
      for (const name of ["r.txt", "r.bed", "r.BED", "r.bed.gz", "r"]) {
        for (const text of ["1\t10\t20\n", "1\t10\t20\n1\t20\t21\n", "1\t10\n1\t21\n"]) {
          if (/bed/i.test(name) && text.startsWith("1\t10\n")) continue;
          const regionsFile = `${folder}/${name}`, bytes = new TextEncoder().encode(text);
          await Deno.writeFile(regionsFile, name.endsWith("gz") ? gzipSync(bytes) : bytes);
          const { stdout } = await run("bcftools", ["view", "-H", "-R", regionsFile, all]);
          const output = `${folder}/o.vcf`, onNote = (note: string) => notes.push(note);
          await convert({ input, output, regionsFile, threads: 0, onNote });
          const found = columnsOf(await readOutput(output), 1);
          assert.deepEqual(found, [...new Set(columnsOf(stdout, 1))], `${name} ${text}`);
          const says = /bed/i.test(name) ? /is a BED .* 0-based/ : /no.* \.bed: .* 1-based/;
          assert.match(notes.at(-1)!, says);
        }
      }
    }),
});

Deno.test("regionSet() sorts, merges what overlaps or touches, and names what is unknown", () => {
  const region = (contig: string, first: number, last: number): Region => ({ contig, first, last });
  const { set, unknown } = regionSet([
    ...[region("1", 20, 30), region("1", 1, 5), region("1", 6, 7), region("1", 25, 26)],
    ...[region("x", 1, 2), region("2", 9, 9), region("2", 9, 9), region("y", 1, 2)],
    ...[region("x", 5, 6), region("__proto__", 1, 3)],
  ], ["1", "2", "3", "__proto__"]);
  assert.deepEqual(
    Object.entries(set).map(([contig, ends]) => [contig, ...ends]),
    [["1", 1, 7, 20, 30], ["2", 9, 9], ["__proto__", 1, 3]],
  );
  assert.deepEqual(unknown, ["x", "y"]);
});

Deno.test("regionSet() cuts off what is past the largest position", () => {
  const regions = parseRegions("1:5-99999999999,1:7777777777-8888888888", ["1"]);
  assert.deepEqual([...regionSet(regions, ["1"]).set["1"]], [5, END]);
});

const SOME_REGIONS = fc.array(
  fc.record({ first: fc.integer({ min: 1, max: 60 }), size: fc.integer({ min: 1, max: 9 }) }),
  { minLength: 1, maxLength: 8 },
);
const SOME_RECORDS = fc.array(
  fc.record({ first: fc.integer({ min: 1, max: 70 }), size: fc.integer({ min: 1, max: 30 }) }),
  { maxLength: 20 },
);
Deno.test("RegionCursor finds what overlaps, as a search through all regions does", () => {
  fc.assert(
    fc.property(SOME_REGIONS, SOME_RECORDS, (asked, records) => {
      const regions = asked.map(({ first, size }) => ({
        contig: "1",
        first,
        last: first + size - 1,
      }));
      const cursor = new RegionCursor(regionSet(regions, ["1"]).set["1"]);
      for (const { first, size } of records.toSorted((a, b) => a.first - b.first)) {
        const last = first + size - 1;
        const expected = regions.some((region) => region.first <= last && region.last >= first);
        assert.equal(cursor.overlaps(first, last), expected);
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

// ---------------------------------------------------------------------------------------------
// The whole tool.

const SMALL = matrixOf(
  "CHROM POS REF 1a 1b",
  "1 5 A A C",
  "1 10 ACGTACGTAC A ACGTACGTAC",
  "1 12 A A G",
  "1 30 C C T",
  "HLA:A*01 7 C C T",
  "2 2147483647 A A T",
);

const CASES: { regions?: string; regionsFile?: string; found: string[] }[] = [
  { regions: "1:5", found: ["1 5"] },
  { regions: "1:6-9", found: [] },
  { regions: "1:19-29", found: ["1 10"] },
  { regions: "1:19-19,1:5", found: ["1 5", "1 10"] },
  { regions: "1:20-29", found: [] },
  { regions: "1:11-12,1:12-30,1:12", found: ["1 10", "1 12", "1 30"] },
  { regions: "2,1:30-", found: ["1 30", "2 2147483647"] },
  { regions: "2:2147483647", found: ["2 2147483647"] },
  { regions: "HLA:A*01", found: ["HLA:A*01 7"] },
  { regions: "HLA:A*01:7-99999999999", found: ["HLA:A*01 7"] },
  { regionsFile: "1\t4\t5\n", found: ["1 5"] },
  { regionsFile: "1\t5\t9\n", found: [] },
  { regionsFile: "1\t18\t19\n2\t0\t99999999999\n", found: ["1 10", "2 2147483647"] },
  { regions: "1:5", regionsFile: "HLA:A*01\t6\t7\n", found: ["1 5", "HLA:A*01 7"] },
];
for (const { regions, regionsFile, found } of CASES) {
  const name = JSON.stringify({ regions, regionsFile });
  Deno.test(`--regions ${name} finds ${found.join(", ") || "nothing"}`, async () => {
    for (const matrix of [SMALL, shuffledRows(SMALL)]) {
      const { text, report } = await convertText(matrix, { regions, regionsFile });
      assert.deepEqual(columnsOf(text, 0, 1).sort(), found.toSorted());
      assert.equal(report.records + report.filtered.outsideRegions, 6);
    }
  });
}

/** The same rows, the last first. */
function shuffledRows(matrix: string): string {
  const [header, ...rows] = matrix.trimEnd().split("\n");
  return [header, ...rows.reverse()].join("\n") + "\n";
}

const ERRORS: { request: TextRequest; message: RegExp }[] = [
  { request: { regions: "3" }, message: /^the matrix has no contig '3'$/ },
  {
    request: { regions: "chr1:5" },
    message: /^the matrix has no contig 'chr1'; it has '1': the two .* with and without chr$/,
  },
  { request: { regions: "1:9-5" }, message: /^'1:9-5' is an empty region/ },
  { request: { regionsFile: "1\t5\n" }, message: /regions\.bed:1: expected CONTIG<TAB>START/ },
  { request: { regionsFile: "4\t5\t6\n" }, message: /regions\.bed: the matrix has no contig '4'$/ },
];
for (const { request, message } of ERRORS) {
  Deno.test(`convert() refuses ${JSON.stringify(request)}`, async () => {
    await assert.rejects(convertText(SMALL, request), (error) => {
      assert.ok(error instanceof InputError || error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("--regions-file that is not there: nothing is written", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, SMALL);
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--quiet", "--regions-file", "r.bed"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.deepEqual({ code, stderr }, {
      code: 1,
      stderr: "error: r.bed: there is no such file\n",
    });
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));

Deno.test("--regions-file: contigs that only the file has are worth a warning", async () => {
  const regionsFile = "1\t4\t5\nchr7\t1\t2\nchr8\t1\t2\n";
  const { text, notes } = await convertText(SMALL, { regionsFile });
  assert.deepEqual(columnsOf(text, 0, 1), ["1 5"]);
  assert.ok(notes.some((note) => /^warning: .*no contig 'chr7' and 1 more/.test(note)));
});

// ---------------------------------------------------------------------------------------------
// Against bcftools.

function seeded(seed: number): (n: number) => number {
  return (n) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return Math.floor((seed >>> 0) / 2 ** 32 * n);
  };
}

/** Rows close together, some with long REFs; `gap` bases apart, about. */
function denseMatrix(rows: number, gap: number, sorted: boolean, seed: number): string {
  const random = seeded(seed);
  const lines: string[] = [];
  for (const contig of ["chr1", "7"]) {
    let pos = 1;
    for (let row = 0; row < rows; row++) {
      pos += random(2 * gap);
      const ref = "ACGT"[random(4)].repeat(random(20) ? 1 : 1 + random(12 * gap));
      lines.push(`${contig}\t${pos}\t${ref}\t${ref}\tC\n`);
    }
  }
  if (!sorted) lines.sort((a, b) => a.length % 7 - b.length % 7 || (a < b ? -1 : 1));
  return `CHROM\tPOS\tREF\t1a\t1b\n${lines.join("")}`;
}

function randomRegions(count: number, most: number, seed: number): Region[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const first = 1 + random(most);
    return { contig: ["chr1", "7"][random(2)], first, last: first + random(most / count) };
  });
}

const DENSE: { rows: number; sorted: boolean; regions: number; threads: number }[] = [
  { rows: 400, sorted: true, regions: 1, threads: 0 },
  { rows: 400, sorted: true, regions: 20, threads: 0 },
  { rows: 400, sorted: false, regions: 20, threads: 0 },
  { rows: 2000, sorted: true, regions: 700, threads: 2 }, // more than are looked up one by one
  { rows: 70_000, sorted: true, regions: 30, threads: 2 }, // several partitions
];
for (const { rows, sorted, regions, threads } of DENSE) {
  const what = `${regions} regions, ${rows} ${sorted ? "" : "unsorted "}rows a contig`;
  Deno.test({
    name: `--regions as bcftools view -r and -R: ${what}${missingNote("bcftools")}`,
    ignore: !hasTool("bcftools"),
    fn: () =>
      withFolder(async (folder) => {
        const input = `${folder}/m.tsv`, all = `${folder}/all.vcf.gz`, bed = `${folder}/r.bed`;
        await Deno.writeTextFile(input, denseMatrix(rows, 10, sorted, 1));
        await convert({ input, output: all, threads });
        const asked = randomRegions(regions, rows * 10, regions);
        await Deno.writeTextFile(
          bed,
          asked.map(({ contig, first, last }) => `${contig}\t${first - 1}\t${last}\n`).join(""),
        );
        const list = asked.map(({ contig, first, last }) => `${contig}:${first}-${last}`).join();
        const records = await viewed(["-R", bed, all]);
        assert.ok(records.length > 0);
        assert.deepEqual(await viewed(["-r", list, all]), records);
        const plain = recordsOf(await readOutput(all));
        const expected = new Set(records);
        for (const choice of [{ regions: list }, { regionsFile: bed }]) {
          const output = `${folder}/some.vcf.gz`;
          const report = await convert({ input, output, threads, ...choice });
          const found = recordsOf(await readOutput(output));
          assert.deepEqual(found.toSorted(), records);
          assert.deepEqual(found, plain.filter((line) => expected.has(line)));
          assert.equal(report.filtered.outsideRegions, plain.length - found.length);
          assert.equal(
            (await run("bcftools", ["index", "-n", output])).stdout,
            `${found.length}\n`,
          );
        }
      }),
  });
}

/** Records that bcftools finds, in an order of their own. */
async function viewed(args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await run("bcftools", ["view", "-H", ...args]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1).sort();
}

Deno.test({
  name: `--regions: long deletions of hprc_chr8${missingNote("bcftools")}${noDataNote}`,
  ignore: !hasTool("bcftools") || REAL_SETS.length === 0,
  fn: () =>
    withFolder(async (folder) => {
      const input = `${DATA}/hprc_chr8.matrix.tsv`, all = `${folder}/all.vcf.gz`;
      await convert({ input, output: all, threads: 0 });
      const sites = columnsOf(await readOutput(all), 0, 1, 3).map((site) => site.split(" "));
      const long = sites.filter(([, , ref]) => ref.length > 1000);
      assert.ok(long.length > 0);
      for (const [contig, pos, ref] of long.slice(0, 5)) {
        const regions = `${contig}:${Number(pos) + ref.length - 1}`;
        const output = `${folder}/some.vcf`;
        await convert({ input, output, regions, threads: 0 });
        const found = recordsOf(await Deno.readTextFile(output)).sort();
        assert.deepEqual(found, await viewed(["-r", regions, all]));
      }
    }),
});

for (const threads of [0, 2]) {
  Deno.test(`--regions without a record leave the header, ${threads} threads`, () =>
    withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, output = `${folder}/m.vcf`;
      await Deno.writeTextFile(input, denseMatrix(20, 10, true, 1));
      const report = await convert({ input, output, threads, regions: "chr1:100000-200000" });
      assert.equal(report.records, 0);
      assert.equal(report.filtered.outsideRegions, 40);
      assert.deepEqual(recordsOf(await readOutput(output)), []);
    }));
}
