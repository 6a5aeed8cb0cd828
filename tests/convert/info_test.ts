/**
 * INFO: `bcftools +fill-tags` finds nothing to change, and frequencies are printed as C prints them.
 */

import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { AlleleCounts } from "../../src/vcf/allele_counts.ts";
import { formatFloat, INFO_TAGS, type InfoTag, InfoWriter } from "../../src/vcf/info_fields.ts";
import { OutputBuffer } from "../../src/base/output_buffer.ts";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { columnsOf, convertText, matrixOf } from "../helpers/convert_text.ts";
import { noDataNote, REAL_SETS, writeSheet } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const FILL_TAGS = ["+fill-tags", "-", "--no-version", "--", "-t", "AC,AN,AF,NS"];
/** `+fill-tags` counts two alleles of a sample at most, this one all of them. */
const FILL_AN_AC = ["+fill-AN-AC", "-", "--no-version"];

/** A plugin of bcftools leaves INFO as it is. */
async function pluginAgrees(vcf: string, plugin = FILL_TAGS): Promise<void> {
  const { code, stdout, stderr } = await run("bcftools", plugin, vcf);
  assert.equal(code, 0, stderr);
  const lines = (text: string) => text.split("\n").filter((line) => !line.startsWith("##FILTER"));
  const filled = lines(stdout), ours = lines(vcf);
  assert.equal(filled.length, ours.length);
  for (const [index, line] of ours.entries()) {
    // Not all of a line that is thousands of samples long.
    if (filled[index] === line) continue;
    assert.equal(filled[index].slice(0, 500), line.slice(0, 500));
    assert.fail("a line differs behind its first 500 characters");
  }
}

const STYLES: Partial<ConvertRequest>[] = [
  {},
  { homozygous: true, unphased: true },
];

const sets = REAL_SETS.map(({ matrix, name, polyploid }) => ({ matrix, name, polyploid }));
sets.push({
  name: "data/genome_matrix.tsv",
  matrix: filePath("data/genome_matrix.tsv"),
  polyploid: false,
});
for (const { name, matrix, polyploid } of sets) {
  Deno.test({
    name: `info: bcftools +fill-tags leaves ${name} as it is${missingNote("bcftools")}`,
    ignore: !hasTool("bcftools"),
    fn: () =>
      withFolder(async (folder) => {
        const samples = polyploid ? await writeSheet(matrix, `${folder}/samples.tsv`) : undefined;
        const apart = name === "data/genome_matrix.tsv";
        const header = apart ? filePath("data/genome_matrix_header.txt") : undefined;
        const output = `${folder}/o.vcf`;
        for (const style of STYLES) {
          await convert({
            ...style,
            input: matrix,
            output,
            samplesFile: samples,
            header,
            info: polyploid ? ["AC", "AN"] : INFO_TAGS,
            database: `${folder}/kept.duckdb`,
            threads: 0,
          });
          const vcf = await Deno.readTextFile(output);
          await pluginAgrees(vcf, polyploid ? FILL_AN_AC : FILL_TAGS);
        }
      }),
  });
}
if (REAL_SETS.length === 0) {
  Deno.test({ name: `info: real data${noDataNote}`, ignore: true, fn: () => {} });
}

const MATRIX = matrixOf(
  "CHROM POS REF 1a 1b 2a 2b V",
  "1 1 A A A A A A", // monomorphic
  "1 2 A . . . . .", // nothing known
  "1 3 A . G A G A", // half missing
  "1 4 A * G A * A",
  "1 5 A <DEL> G AT * <DEL>",
  "1 6 AC A AC G AC .",
  "1 7 N A C G T *",
  "1 8 N N N N A .",
  "1 9 A . . . . G",
);

Deno.test("info: values, counted by hand", async () => {
  const { text } = await convertText(MATRIX, { info: INFO_TAGS });
  assert.deepEqual(columnsOf(text, 1, 4, 7), [
    "1 . AN=5;NS=3",
    "2 . AN=0;NS=0",
    "3 G AC=2;AN=4;AF=0.5;NS=3",
    "4 *,G AC=2,1;AN=5;AF=0.4,0.2;NS=3",
    "5 <DEL>,G,AT,* AC=2,1,1,1;AN=5;AF=0.4,0.2,0.2,0.2;NS=3",
    "6 A,G AC=1,1;AN=4;AF=0.25,0.25;NS=2",
    "7 A,C,G,T,* AC=1,1,1,1,1;AN=5;AF=0.2,0.2,0.2,0.2,0.2;NS=3",
    "8 A AC=1;AN=1;AF=1;NS=1",
    "9 G AC=1;AN=1;AF=1;NS=1",
  ]);
});

Deno.test("info: --homozygous counts a haploid allele twice, as it is written", async () => {
  const { text } = await convertText(MATRIX, { info: INFO_TAGS, homozygous: true });
  assert.deepEqual(columnsOf(text, 1, 7).slice(2, 4), [
    "3 AC=2;AN=5;AF=0.4;NS=3",
    "4 AC=2,1;AN=6;AF=0.333333,0.166667;NS=3",
  ]);
});

for (const homozygous of [false, true]) {
  Deno.test({
    name: `info: bcftools +fill-tags leaves odd sites as they are, homozygous ${homozygous}` +
      missingNote("bcftools"),
    ignore: !hasTool("bcftools"),
    fn: async () => {
      const { text } = await convertText(MATRIX, { info: INFO_TAGS, homozygous });
      await pluginAgrees(text);
    },
  });
}

Deno.test("info: all alleles of a tetraploid sample count", async () => {
  const matrix = matrixOf(
    "CHROM POS REF a b c d e f g h",
    "1 1 A A G G . . . . .",
    "1 2 A A C G T C C C C",
  );
  const samples = "x\ta\tb\tc\td\ny\te\tf\tg\th\n";
  const { text } = await convertText(matrix, { samplesFile: samples, info: INFO_TAGS });
  assert.deepEqual(columnsOf(text, 7), [
    "AC=2;AN=3;AF=0.666667;NS=1",
    "AC=5,1,1;AN=8;AF=0.625,0.125,0.125;NS=2",
  ]);
});

const CHOSEN: { info: InfoTag[]; column: string; headers: string[] }[] = [
  { info: [], column: ".", headers: [] },
  { info: ["NS"], column: "NS=3", headers: ["NS"] },
  { info: ["NS", "AC"], column: "AC=2,1;NS=3", headers: ["AC", "NS"] },
  { info: ["AF"], column: "AF=0.4,0.2", headers: ["AF"] },
];
for (const { info, column, headers } of CHOSEN) {
  Deno.test(`info: --info ${info.join() || "left out"} gives ${column}`, async () => {
    const { text } = await convertText(MATRIX, { info });
    assert.equal(columnsOf(text, 7)[3], column);
    const found = [...text.matchAll(/^##INFO=<ID=(\w+)/mg)].map(([, id]) => id);
    assert.deepEqual(found, headers);
  });
}

Deno.test("info: a record without values has a point", async () => {
  const { text } = await convertText(MATRIX, { info: ["AC", "AF"] });
  assert.deepEqual(columnsOf(text, 7).slice(0, 2), [".", "."]);
});

Deno.test("info: what is no tag, and other formats, are wrong usage", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const args = ["convert", `${folder}/m.tsv`, "-o", `${folder}/o`];
    const wrong = await cli([...args, "--info", "AC,DP"]);
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /--info.*AC, AN, AF, NS, or all/);
    const table = await cli([...args, "--info", "all", "--format", "tsv"]);
    assert.equal(table.code, 2);
    assert.match(table.stderr, /--info is for VCF/);
  }));

Deno.test("InfoWriter forgets a record before the next", () => {
  const writer = new InfoWriter(INFO_TAGS, new AlleleCounts(7, Uint32Array.of(2, 1), false));
  const write = (...alleles: number[]) => {
    const out = new OutputBuffer();
    writer.write(out, Uint8Array.from(alleles), 0, 0, alleles.includes(3) ? [3] : []);
    return new TextDecoder().decode(out.written());
  };
  assert.equal(write(0, 3, 3), "AC=2;AN=3;AF=0.666667;NS=2");
  assert.equal(write(5, 3, 0), "AC=1;AN=2;AF=0.5;NS=2");
  assert.equal(write(0, 0, 5), "AN=2;NS=1");
});

/** Frequencies of every small table, ties of the sixth digit, and numbers of any size. */
function numbers(): number[] {
  const found = [0, 1, 0.5, 1e-4, 9.9999994e-5, 0.9999999, 999999.5, 1e6, 123456.5, 1e-45, 3e38];
  for (let total = 1; total <= 130; total++) {
    for (let count = 1; count <= total; count++) found.push(count / total);
  }
  for (let power = 1; power <= 24; power++) {
    for (const odd of [1, 3, 5, 7, 11, 17, 21, 41, 1001]) found.push(odd / 2 ** power);
  }
  let seed = 7;
  for (let i = 0; i < 20_000; i++) {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    found.push(10 ** ((seed >>> 0) / 2 ** 32 * 20 - 12));
  }
  return found;
}

Deno.test({
  name: `formatFloat() is %g of a float of 32 bits${missingNote("python3")}`,
  ignore: !hasTool("python3"),
  fn: async () => {
    const program = "import struct, sys\n" +
      "for line in sys.stdin: print('%g' % struct.unpack('f', struct.pack('f', float(line)))[0])";
    const all = numbers();
    const { code, stdout, stderr } = await run("python3", ["-c", program], all.join("\n") + "\n");
    assert.equal(code, 0, stderr);
    assert.deepEqual(all.map(formatFloat), stdout.split("\n").slice(0, -1));
  },
});

Deno.test({
  name: `formatFloat() is what bcftools makes of the number${missingNote("bcftools")}`,
  ignore: !hasTool("bcftools"),
  fn: async () => {
    // Ties of the sixth digit: before htslib 1.19 they went up.
    const isTie = (number: number) => /^\d\.\d{5}50*e/.test(Math.fround(number).toExponential(60));
    const all = numbers().filter((number) => number <= 1 && !isTie(number));
    const texts = all.map(formatFloat);
    const header = "##fileformat=VCFv4.2\n##contig=<ID=1>\n##INFO=<ID=AF,Number=A,Type=Float," +
      'Description="">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n';
    const rows = all.map((number, i) =>
      `1\t${i + 1}\t.\tA\tC\t.\t.\tAF=${number.toPrecision(17)}\n`
    );
    const vcf = header + rows.join("");
    const { stdout } = await run("bcftools", ["query", "-f", "%INFO/AF\\n", "-"], vcf);
    assert.deepEqual(texts, stdout.split("\n").slice(0, -1));
  },
});
