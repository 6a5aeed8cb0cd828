/**
 * `.vcf.gz` and its index, as the whole tool writes them: what bcftools, tabix and `@gmod/tabix`
 * find with it is what a plain scan of the same records finds.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { TabixIndexedFile } from "@gmod/tabix";
import { convert, type ConvertRequest, UsageError } from "../../mod.ts";
import { BLOCK_PAYLOAD } from "../../src/bgzf/blocks.ts";
import { cli, filePath, listing, withFolder } from "../helpers/cli.ts";
import { matrixOf, readOutput, recordsOf } from "../helpers/convert_text.ts";
import { noDataNote, REAL_SETS, writeSheet } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const WINDOW = 16_384;
const HTSLIB = ["bcftools", "tabix", "bgzip", "gzip"];
const noHtslib = !HTSLIB.every(hasTool);
const noHtslibNote = missingNote(...HTSLIB);

/** A record of a plain scan: 1-based, both ends included. */
interface Site {
  contig: string;
  first: number;
  last: number;
  line: string;
}

interface Region {
  contig: string;
  first: number;
  last: number;
}

function sitesOf(vcf: string): Site[] {
  return recordsOf(vcf).map((line) => {
    const [contig, pos, , ref] = line.split("\t", 4);
    return { contig, first: Number(pos), last: Number(pos) + ref.length - 1, line };
  });
}

function scan(sites: readonly Site[], { contig, first, last }: Region): Site[] {
  return sites.filter((site) => site.contig === contig && site.first <= last && site.last >= first);
}

function linesOf(sites: readonly Site[]): string[] {
  return sites.map(({ line }) => line);
}

/** A small seeded generator (mulberry32): whole numbers below `n`. */
function seeded(seed: number): (n: number) => number {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * n);
  };
}

/** Regions that begin or end at records or at edges of windows, or next to them. */
function regionsAt(sites: readonly Site[], count: number, seed: number): Region[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const site = sites[random(sites.length)], from = [site.first, site.last][random(2)];
    const first = Math.max(
      1,
      [
        from + random(5) - 2,
        from - random(50_000),
        Math.round(from / WINDOW) * WINDOW + random(3),
      ][random(3)],
    );
    const size = [1, 1 + random(3), 1 + random(2000), WINDOW, 1 + random(4 * WINDOW)][random(5)];
    return { contig: site.contig, first, last: first + size - 1 };
  });
}

/** A region as htslib takes it: names with a colon stand in braces. */
function asArgument({ contig, first, last }: Region): string {
  return `${contig.includes(":") ? `{${contig}}` : contig}:${first}-${last}`;
}

/** Regions that one `bcftools view` is asked for, and the records that it should find. */
interface Batch {
  regions: Region[];
  records: Set<Site>;
}

/**
 * Batches of regions that share no record, as bcftools gives a record once: so what one region does
 * not find, no other makes up for.
 */
function batchesOf(sites: readonly Site[], regions: readonly Region[]): Batch[] {
  const batches: Batch[] = [];
  for (const region of regions) {
    const own = new Set(scan(sites, region));
    let batch = batches.find(({ regions, records }) =>
      regions.length < 500 && own.isDisjointFrom(records)
    );
    if (!batch) batches.push(batch = { regions: [], records: new Set() });
    batch.regions.push(region);
    for (const site of own) batch.records.add(site);
  }
  return batches;
}

/** Asks bcftools for each region, many in one run. */
async function bcftoolsFindsThem(path: string, sites: readonly Site[], regions: readonly Region[]) {
  for (const { regions: asked, records } of batchesOf(sites, regions)) {
    const list = asked.map(asArgument).join();
    const found = (await succeeds("bcftools", "view", "-H", "-r", list, path)).split("\n");
    assert.deepEqual(found.slice(0, -1).sort(), linesOf([...records]).sort(), list);
  }
}

/** The records of all regions, one after the other. */
async function tabixFinds(path: string, regions: readonly Region[]): Promise<string[]> {
  const { code, stdout, stderr } = await run("tabix", [path, ...regions.map(asArgument)]);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout.split("\n").slice(0, -1);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function allFind(path: string, sites: readonly Site[], regions: readonly Region[]) {
  const expected = regions.map((region) => linesOf(scan(sites, region)));
  assert.ok(expected.some((lines) => lines.length > 0), "no region has a record");
  // bcftools 1.16 takes no names with a colon on its command line.
  await bcftoolsFindsThem(path, sites, regions.filter(({ contig }) => !contig.includes(":")));
  for (let from = 0; from < regions.length; from += 500) {
    const found = await tabixFinds(path, regions.slice(from, from + 500));
    assert.deepEqual(found, expected.slice(from, from + 500).flat());
  }
}

/** 200 of the regions; see `tabix_index_test.ts` for those that `@gmod/tabix` gets wrong. */
async function gmodFindsThem(path: string, sites: readonly Site[], regions: readonly Region[]) {
  const format = await exists(`${path}.csi`) ? "csi" : "tbi";
  const file = new TabixIndexedFile({ path, [`${format}Path`]: `${path}.${format}` });
  for (const region of regions.slice(0, 200)) {
    const { contig, first, last } = region;
    if (first % WINDOW === 0) continue;
    const lines: string[] = [];
    await file.getLines(contig, first - 1, last, (line) => lines.push(line));
    assert.deepEqual(lines, linesOf(scan(sites, region)), asArgument(region));
  }
}

async function succeeds(cmd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cmd, args);
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, `${cmd} ${args.join(" ")}`);
  return stdout;
}

/** What `bcftools index` says of our index and of its own of the same file. */
async function statsAgree(path: string): Promise<void> {
  const format = await exists(`${path}.csi`) ? "-c" : "-t", copy = `${path}.copy.vcf.gz`;
  await Deno.copyFile(path, copy);
  await succeeds("bcftools", "index", format, copy);
  for (const what of ["--stats", "--nrecords"]) {
    const ours = await succeeds("bcftools", "index", what, path);
    assert.equal(ours, await succeeds("bcftools", "index", what, copy));
  }
}

for (const set of REAL_SETS.filter(({ truth }) => truth !== undefined)) {
  Deno.test({
    name: `index: ${set.name}${noHtslibNote}`,
    ignore: noHtslib,
    fn: (t) =>
      withFolder(async (folder) => {
        const samples = set.polyploid
          ? await writeSheet(set.matrix, `${folder}/samples.tsv`)
          : undefined;
        const path = `${folder}/o.vcf.gz`;
        await convert({ input: set.matrix, samplesFile: samples, output: path, threads: 0 });
        await t.step("bgzip -t and gzip -t", async () => {
          await succeeds("bgzip", "-t", path);
          await succeeds("gzip", "-t", path);
        });
        await t.step("bcftools index --stats", () => statsAgree(path));
        const sites = sitesOf(await readOutput(path)), regions = regionsAt(sites, 200, 3);
        await t.step("200 regions, bcftools and tabix", () => allFind(path, sites, regions));
        await t.step("200 regions, @gmod/tabix", () => gmodFindsThem(path, sites, regions));
      }),
  });
}
if (REAL_SETS.length === 0) {
  Deno.test({ name: `index: real data${noDataNote}`, ignore: true, fn: () => {} });
}

// ---------------------------------------------------------------------------------------------
// The differential test: a matrix that is laid out along the edges of windows and of blocks.

/** Rows of a contig whose records end at block edges, as long as they stay in one chunk. */
function edgyRows(contig: string, rows: number, random: (n: number) => number): string[] {
  let pos = 1, bytes = 0;
  return Array.from({ length: rows }, () => {
    pos = nextPosition(pos, random);
    const ref = "ACGT"[random(4)].repeat(refLength(pos, random));
    const alt = random(20) === 0 ? "T".repeat(2 + random(9000)) : "ACGT"[random(4)];
    const { length } = `${contig}\t${pos}\t\t${ref}\t${alt}\t.\t.\t.\tGT\t0|1\n`;
    // A record that ends where its block does, one byte before, or one after.
    const room = BLOCK_PAYLOAD - (bytes + length) % BLOCK_PAYLOAD + random(3) - 1;
    const id = room > 0 && room < 4000 ? "x".repeat(room) : `r${random(1e9)}`;
    bytes += length + id.length;
    return `${contig}\t${pos}\t${ref}\t${id}\t${ref}\t${alt}\n`;
  });
}

function nextPosition(pos: number, random: (n: number) => number): number {
  const choice = random(10);
  if (choice < 2) return pos; // a repeated position
  if (choice < 6) return pos + random(6000);
  const edge = WINDOW * 8 ** (choice === 9 ? 1 : 0);
  return Math.max(pos, Math.ceil((pos + 1) / edge) * edge + random(3));
}

function refLength(pos: number, random: (n: number) => number): number {
  const choice = random(100);
  if (choice < 60) return 1;
  if (choice < 85) return 1 + random(20);
  // A REF that ends on an edge, or next to it, or far behind it.
  return choice < 95 ? WINDOW - (pos - 1) % WINDOW + random(3) : 1 + random(60_000);
}

for (
  const [kind, seed, queries] of [["auto", 21, 2000], ["csi", 22, 700]] as const
) {
  Deno.test({
    name: `index: ${queries} queries along edges, --index ${kind}${noHtslibNote}`,
    ignore: noHtslib,
    fn: () =>
      withFolder(async (folder) => {
        const random = seeded(seed);
        const contigs = ["chr1", "HLA:1", "gi|2", "9"];
        const rows = contigs.flatMap((contig) => edgyRows(contig, 250, random));
        await Deno.writeTextFile(
          `${folder}/m.tsv`,
          `CHROM\tPOS\tREF\tID\ts_a\ts_b\n${rows.join("")}`,
        );
        const path = `${folder}/o.vcf.gz`;
        await convert({ input: `${folder}/m.tsv`, output: path, index: kind, threads: 2 });
        const sites = sitesOf(await readOutput(path));
        const regions = regionsAt(sites, queries, seed + 100);
        await statsAgree(path);
        await allFind(path, sites, regions);
        await gmodFindsThem(path, sites, regions);
      }),
  });
}

// ---------------------------------------------------------------------------------------------
// Which index is written, and which is not.

const FAR = matrixOf(
  "CHROM POS REF 1a 1b",
  "chr1 5 A A G",
  "chr1 536870912 C C T",
  "chr1 600000000 GAT G GAT",
  "chr2 7 T T A",
);
const NEAR = matrixOf("CHROM POS REF 1a 1b", "chr1 5 A A G", "chr1 536870912 C C T");

Deno.test({
  name: `index: a contig of 600 Mbp gets a .csi that bcftools reads${noHtslibNote}`,
  ignore: noHtslib,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, FAR);
      const path = `${folder}/o.vcf.gz`;
      await convert({ input: `${folder}/m.tsv`, output: path, threads: 0 });
      assert.deepEqual(await listing(folder), ["m.tsv", "o.vcf.gz", "o.vcf.gz.csi"]);
      const sites = sitesOf(await readOutput(path));
      const regions = [[1, 9], [536870000, 536870911], [536870912, 536870912], [600000002, 7e8]]
        .map(([first, last]) => ({ contig: "chr1", first, last }));
      await allFind(path, sites, regions);
      await gmodFindsThem(path, sites, regions);
      await statsAgree(path);
    }),
});

const KINDS: {
  index?: ConvertRequest["index"];
  output: string;
  matrix: string;
  files: string[];
}[] = [
  { output: "o.vcf.gz", matrix: NEAR, files: ["o.vcf.gz", "o.vcf.gz.tbi"] },
  { output: "o.vcf.bgz", matrix: NEAR, files: ["o.vcf.bgz", "o.vcf.bgz.tbi"] },
  { output: "o.vcf.gz", matrix: FAR, files: ["o.vcf.gz", "o.vcf.gz.csi"] },
  { index: "tbi", output: "o.vcf.gz", matrix: NEAR, files: ["o.vcf.gz", "o.vcf.gz.tbi"] },
  { index: "csi", output: "o.vcf.gz", matrix: NEAR, files: ["o.vcf.gz", "o.vcf.gz.csi"] },
  { index: "none", output: "o.vcf.gz", matrix: FAR, files: ["o.vcf.gz"] },
  { index: "none", output: "o.vcf", matrix: NEAR, files: ["o.vcf"] },
  { output: "o.vcf.GZ", matrix: NEAR, files: ["o.vcf.GZ", "o.vcf.GZ.tbi"] },
  { output: "o.VCF.Bgz", matrix: NEAR, files: ["o.VCF.Bgz", "o.VCF.Bgz.tbi"] },
  { index: "csi", output: "o.vcf.BGZ", matrix: NEAR, files: ["o.vcf.BGZ", "o.vcf.BGZ.csi"] },
];
for (const { index, output, matrix, files } of KINDS) {
  Deno.test(`index: --index ${index ?? "auto"} of ${output} gives ${files.join(", ")}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, matrix);
      // Both kinds of index of a file that was there before.
      for (const stale of ["tbi", "csi"]) {
        await Deno.writeTextFile(`${folder}/${output}.${stale}`, "stale");
      }
      await convert({ input: `${folder}/m.tsv`, output: `${folder}/${output}`, index, threads: 0 });
      assert.deepEqual(await listing(folder), ["m.tsv", ...files]);
      const [first] = await Deno.readFile(`${folder}/${output}`);
      assert.equal(first === 0x1f, output !== "o.vcf", "BGZF where the suffix says so");
      if (!noHtslib && files.length > 1) {
        const args = ["view", "-H", `${folder}/${output}`, "-r", "1"];
        assert.notEqual(await run("bcftools", args), "");
      }
    }));
}

for (
  const [args, message] of [
    [["-o", "o.vcf", "--index", "tbi"], /--index tbi is for a compressed output, as in -o OUT/],
    [["-o", "o.vcf", "--index", "csi"], /--index csi is for a compressed output/],
    [["-o", "-", "--index", "tbi"], /--index tbi lies beside a file; standard output/],
    [["-o", "/dev/null", "--index", "csi"], /--index csi lies beside a file/],
    [["-o", "o.tsv.gz", "--format", "tsv", "--index", "tbi"], /is for VCF; --format tsv has none/],
  ] as [string[], RegExp][]
) {
  Deno.test(`wrong use: ${args.join(" ")}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, NEAR);
      const { code, stderr, stdout } = await cli(["convert", "m.tsv", ...args], { cwd: folder });
      assert.match(stderr, message);
      assert.deepEqual([code, stdout, await listing(folder)], [2, "", ["m.tsv"]]);
    }));
}

Deno.test("inputs are known by their first bytes, whatever their suffix", () =>
  withFolder(async (folder) => {
    const path = (name: string) => `${folder}/${name}`;
    await Deno.writeFile(path("m.TSV.GZ"), gzipSync(NEAR));
    const database = path("k.DuckDB");
    const convertTo = async (input: string, output: string, more = {}) => {
      await convert({ input: path(input), output: path(output), threads: 0, ...more });
      return await Deno.readTextFile(path(output));
    };
    const first = await convertTo("m.TSV.GZ", "1.vcf", { database });
    assert.equal(await convertTo("k.DuckDB", "2.vcf"), first);
    await Deno.writeFile(path("r.FA.GZ"), gzipSync(">1\nACGT\n"));
    const reference = path("r.FA.GZ");
    await assert.rejects(convertTo("m.TSV.GZ", "3.vcf", { reference }), /needs its indexes \.fai/);
  }));

Deno.test("--compression-level: the same text in fewer bytes", () =>
  withFolder(async (folder) => {
    const input = filePath("data/genome_matrix.tsv");
    const header = filePath("data/genome_matrix_header.txt");
    const sizes: number[] = [];
    for (const compressionLevel of [1, undefined, 9]) {
      const output = `${folder}/${compressionLevel}.vcf.gz`;
      await convert({ input, header, output, compressionLevel, threads: 0 });
      sizes.push((await Deno.stat(output)).size);
    }
    assert.deepEqual(sizes, sizes.toSorted((a, b) => b - a));
    assert.equal(await readOutput(`${folder}/1.vcf.gz`), await readOutput(`${folder}/9.vcf.gz`));
    for (const compressionLevel of [0, 10, 1.5]) {
      const request = { input, header, output: `${folder}/o.vcf.gz`, compressionLevel };
      await assert.rejects(convert(request), UsageError);
    }
  }));

Deno.test("index: --index tbi of what passes 2^29 is refused, and nothing is written", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, FAR);
    const args = ["convert", `${folder}/m.tsv`, "-o", `${folder}/o.vcf.gz`, "--index", "tbi"];
    const { code, stderr } = await cli([...args, "--quiet"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^error: a \.tbi index ends at position 536870912, .* --index csi\n/);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  }));

Deno.test({
  name: `index: without records bcftools reads it all the same${noHtslibNote}`,
  ignore: noHtslib,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, NEAR);
      const path = `${folder}/o.vcf.gz`;
      await convert({ input: `${folder}/m.tsv`, output: path, minAlleles: 5, threads: 0 });
      assert.equal(await succeeds("bcftools", "view", "-H", "-r", "chr1", path), "");
      await statsAgree(path);
    }),
});

Deno.test({
  name: `index: 1,500 contigs of two records each${noHtslibNote}`,
  ignore: noHtslib,
  fn: () =>
    withFolder(async (folder) => {
      const names = Array.from({ length: 1500 }, (_, i) => `scaffold_${i * 7 % 1500}`);
      const rows = names.flatMap((name) => [5, 25].map((pos) => `${name}\t${pos}\tA\tA\tG\n`));
      await Deno.writeTextFile(`${folder}/m.tsv`, `CHROM\tPOS\tREF\t1a\t1b\n${rows.join("")}`);
      const path = `${folder}/o.vcf.gz`;
      await convert({ input: `${folder}/m.tsv`, output: path, threads: 2 });
      const stats = await succeeds("bcftools", "index", "--stats", path);
      assert.equal(stats, names.map((name) => `${name}\t.\t2\n`).join(""));
      const sites = sitesOf(await readOutput(path));
      const regions = regionsAt(sites, 50, 9).map((region) => ({
        ...region,
        last: region.first + 3,
      }));
      await allFind(path, sites, regions);
    }),
});

Deno.test("index: the same bytes with 0, 1, 2, 3 and 5 threads", (t) =>
  withFolder(async (folder) => {
    const input = filePath("data/genome_matrix.tsv"), output = `${folder}/o.vcf.gz`;
    const header = filePath("data/genome_matrix_header.txt");
    const bytesWith = async (threads: number) => {
      await convert({ input, header, output, threads });
      return [await Deno.readFile(output), await Deno.readFile(`${output}.tbi`)];
    };
    const expected = await bytesWith(3);
    for (const threads of [0, 1, 2, 5]) {
      await t.step(`${threads} threads`, async () => {
        assert.deepEqual(await bytesWith(threads), expected);
      });
    }
  }));
