/** Plans of an output, looked at without running them. */
import { NO_EXTRAS } from "../../../src/matrix/dialects/dialect.ts";
import assert from "node:assert/strict";
import { convertOptions } from "../../../src/convert/options.ts";
import { planOutput, type PlanRequest, readerBudget } from "../../../src/output/output_plan.ts";

const MIB = 1024 ** 2;

const CONTIG = {
  code: 0,
  minPos: 1,
  maxPos: 900,
  firstLine: 2,
  lastLine: 101,
  sorted: true,
  records: 100,
};

const TABLE: PlanRequest["table"] = {
  contigs: [
    { ...CONTIG, name: "2" },
    { ...CONTIG, name: "10", firstLine: 102, lastLine: 201 },
  ],
  samples: [{ name: "s", ploidy: 2, phased: true }, { name: "h", ploidy: 1, phased: true }],
  haplotypes: ["sa", "sb", "h"],
  viewColumns: [],
  alleles: ["A", "C", "G", "T", "N", ".", "*"],
  grid: [{ first: 2, last: 201 }],
  stride: 8,
  hasId: false,
  extras: NO_EXTRAS,
  dialect: undefined,
  kept: false,
  options: "{}",
  skipped: 0,
};

const REFERENCE: PlanRequest["reference"] = {
  path: "r.fa",
  fai: "10\t1000\t4\t60\t61\n2\t2000\t1100\t60\t61\nbad name\t5\t9000\t60\t61\n",
  state: { device: 1, inode: 1, size: 1, modified: 0, changed: 0, fresh: false },
};

function plan(
  options: Partial<Parameters<typeof convertOptions>[0]> = {},
  more: Partial<PlanRequest> = {},
) {
  const all = convertOptions({ input: "m.tsv", output: "o.vcf", threads: 4, ...options });
  const { table = TABLE } = more;
  const planned = planOutput({
    options: all,
    table,
    longest: 1,
    reference: undefined,
    regionsText: undefined,
    toStream: false,
    ...more,
  });
  return { ...planned, ...readerBudget(all, table) };
}

Deno.test("planOutput(): contigs of the table, in its order; everything is read", () => {
  const { contigs, groups, regions, notes, header } = plan();
  assert.deepEqual(contigs, [{ name: "2" }, { name: "10" }]);
  assert.deepEqual(
    groups.map(({ contigs }) => contigs.map(({ name, contigOrdinal }) => [name, contigOrdinal])),
    [[["2", 0]], [["10", 1]]],
  );
  assert.equal(regions, undefined);
  assert.deepEqual(notes, []);
  const text = new TextDecoder().decode(header);
  assert.match(text, /^##fileformat=VCFv4\.2\n[^]*\tFORMAT\ts\th\n$/);
});

Deno.test("planOutput(): a BCF goes by the numbers of its header, and has a CSI index", () => {
  const { header, style, index, compression } = plan({ output: "o.bcf", info: ["AN"] });
  assert.deepEqual([style.bcf, style.contigs], [{ PASS: 0, AN: 1, GT: 2 }, ["2", "10"]]);
  assert.match(
    new TextDecoder().decode(header),
    /^BCF[^]*contig=<ID=10,IDX=1>[^]*\tFORMAT\ts\th\n/,
  );
  assert.deepEqual([index, compression], ["csi", 5]);
  const plain = plan({ output: "o.bcf", outputType: "u" });
  assert.deepEqual([plain.index, plain.compression], [undefined, undefined]);
});

Deno.test("planOutput(): a reference gives order and lengths; a name that VCF forbids is noted", () => {
  const { contigs, groups, notes } = plan({}, { reference: REFERENCE });
  assert.deepEqual(contigs, [{ name: "10", length: 1000 }, { name: "2", length: 2000 }]);
  assert.deepEqual(groups.flatMap(({ contigs }) => contigs.map(({ name }) => name)), ["10", "2"]);
  assert.equal(notes.length, 1);
  assert.match(notes[0], /^warning: VCF forbids the contig name 'bad name' of r\.fa/);
});

Deno.test("planOutput(): a contig with few of the lines between its ends is sorted, as one out of order is", () => {
  const scattered = { ...CONTIG, name: "2", lastLine: 1_000_000 };
  const { groups } = plan({}, { table: { ...TABLE, contigs: [scattered] } });
  assert.equal(groups[0].lines, undefined);
});

const INDEXES = [
  { name: "a plain output has none", output: "o.vcf", index: "auto", expected: undefined },
  { name: "a compressed one has a .tbi", output: "o.vcf.gz", index: "auto", expected: "tbi" },
  { name: "as asked", output: "o.vcf.gz", index: "csi", expected: "csi" },
  { name: "none, as asked", output: "o.vcf.gz", index: "none", expected: undefined },
] as const;
for (const { name, output, index, expected } of INDEXES) {
  Deno.test(`planOutput(): index: ${name}`, () => {
    assert.equal(plan({ output, index }).index, expected);
  });
}

Deno.test("planOutput(): index: a stream has none, a contig past 2^29 a .csi, and no .tbi", () => {
  const long = { ...TABLE, contigs: [{ ...CONTIG, name: "2", maxPos: 2 ** 29 + 1 }] };
  assert.equal(plan({ output: "o.vcf.gz" }, { toStream: true }).index, undefined);
  assert.equal(plan({ output: "o.vcf.gz" }, { table: long }).index, "csi");
  assert.throws(() => plan({ output: "o.vcf.gz", index: "tbi" }, { table: long }), {
    name: "UsageError",
    message: /use `index` csi/,
  });
});

Deno.test("planOutput(): regions; of a BED file unknown contigs are noted, alone they are refused", () => {
  assert.deepEqual(Object.keys(plan({ regions: "10:5-9" }).regions!), ["10"]);
  const bed = plan({ regionsFile: "r.bed" }, { regionsText: "2\t4\t9\nchr2\t1\t2\n" });
  assert.deepEqual(Object.keys(bed.regions!), ["2"]);
  assert.match(bed.notes[0], /^r\.bed is a BED by its name: starts are 0-based, ends excluded$/);
  assert.match(bed.notes[1], /no contig 'chr2'; it has '2'/);
  assert.throws(() => plan({ regions: "7" }), { name: "InputError" });
});

Deno.test("planOutput(): threads are fewer the wider a row is", () => {
  const wide = { ...TABLE, stride: 20_016 }, memory = 512 * MIB;
  const narrow = plan({ memory, threads: 8 }),
    other = plan({ memory, threads: 8 }, { table: wide });
  assert.ok(narrow.threads > other.threads && other.threads >= 1);
});
