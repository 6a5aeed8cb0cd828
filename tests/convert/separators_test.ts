/** A matrix between commas or blanks gives the VCF that it gives between TABs, on all ways. */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert, type ConvertRequest } from "../../mod.ts";
import { compressBlocks, EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import { type FieldStyle, toTabs } from "../../src/matrix/separators.ts";
import { withFolder } from "../helpers/cli.ts";

const HEADER = ["#CHROM", "POS", "REF", "S1", "S2a", "S2b"];
const ROWS = [
  ["1", "5", "A", "A", "G", "A"],
  ["1", "9", "CA", "C", "CA", "."],
  ["2", "3", "T", "<DEL>", "N", "T"],
  ["2", "8", "T", "C", "T", "*"],
];
const quotedBy = (separator: string) =>
  [HEADER, ...ROWS].map((row) => row.map((field) => `"${field}"`).join(separator) + "\n").join("");
const TABBED = [HEADER, ...ROWS].map((row) => row.join("\t") + "\n").join("");

/** The same table in other clothes. */
const TEXTS: { name: string; text: string }[] = [
  { name: "commas", text: TABBED.replaceAll("\t", ",") },
  { name: "commas, CRLF", text: TABBED.replaceAll("\t", ",").replaceAll("\n", "\r\n") },
  {
    name: "commas and quotes around all fields",
    text: quotedBy(","),
  },
  {
    name: "commas and quotes around some fields",
    text: TABBED.replaceAll("\t", ",").replaceAll(/\b([ACGT]+)\b/g, '"$1"').replace('"S1"', "S1"),
  },
  { name: "commas, no LF at the end", text: TABBED.replaceAll("\t", ",").trimEnd() },
  {
    name: "commas, surplus ones at the end",
    text: TABBED.replaceAll("\t", ",").replaceAll("\n", ",,\n"),
  },
  { name: "blanks", text: TABBED.replaceAll("\t", " ") },
  { name: "runs of blanks", text: TABBED.replaceAll("\t", "   ").replaceAll(/^(?!#)/gm, "  ") },
  { name: "blanks, CRLF", text: TABBED.replaceAll("\t", " ").replaceAll("\n", " \r\n") },
  {
    name: "a comment without TABs before",
    text: "# POS and REF, as ever\n" + TABBED.replaceAll("\t", " "),
  },
  {
    name: "TABs and quotes",
    text: quotedBy("\t"),
  },
];

/** Ways to read a text, and to write it. */
const WAYS: {
  name: string;
  file: (text: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;
  request?: Partial<ConvertRequest>;
}[] = [
  { name: "plain", file: (text) => text },
  { name: "gzip", file: (text) => new Uint8Array(gzipSync(text)) },
  {
    name: "BGZF",
    file: (text) => {
      const { bytes } = compressBlocks(text, 5);
      return new Uint8Array([...bytes, ...EOF_BLOCK]);
    },
  },
  { name: "plain, direct", file: (text) => text, request: { direct: true } },
  {
    name: "gzip, direct",
    file: (text) => new Uint8Array(gzipSync(text)),
    request: { direct: true },
  },
];

for (const { name, text } of TEXTS) {
  Deno.test(`fields between ${name}: the VCF of TABs, on all ways`, async () => {
    await withFolder(async (folder) => {
      const output = `${folder}/o.vcf`, request = { output, threads: 0 };
      const vcfOf = async (more: Pick<ConvertRequest, "input"> & Partial<ConvertRequest>) => {
        await convert({ ...request, ...more });
        return await Deno.readTextFile(output);
      };
      await Deno.writeTextFile(`${folder}/tabs.tsv`, TABBED);
      const expected = await vcfOf({ input: `${folder}/tabs.tsv` });
      const bytes = new TextEncoder().encode(text);
      for (const { name, file, request } of WAYS) {
        await Deno.writeFile(`${folder}/m`, file(bytes.slice()));
        assert.equal(await vcfOf({ input: `${folder}/m`, ...request }), expected, name);
      }
      const stream = new Blob([bytes]).stream();
      assert.equal(await vcfOf({ input: stream }), expected, "a stream");
    });
  });
}

Deno.test("bad rows between commas have their lines and columns", async () => {
  await withFolder(async (folder) => {
    const rows = [
      '1,5,A,"A","G",A',
      '1,6,A,"A\tG",G,A',
      '1,7,A,"A,G",G,A',
      "1,8,A,A",
      '1,9,A,"A,G,A',
    ];
    const good = Array(9).fill("2,1,A,A,G,A");
    const lines = ["CHROM,POS,REF,x,y,z", ...rows, ...good, ""];
    await Deno.writeTextFile(`${folder}/m.csv`, lines.join("\n"));
    const request = { input: `${folder}/m.csv`, output: `${folder}/o.vcf`, threads: 0 };
    await assert.rejects(convert(request), /m\.csv:3: x: 'A G' is not an allele/);
    const { skipped, records } = await convert({ ...request, onBadRow: "skip" });
    assert.deepEqual({ skipped, records }, { skipped: 4, records: 10 });
    const rejects = await Deno.readTextFile(`${folder}/o.vcf.rejects.tsv`);
    assert.match(
      rejects,
      /^3\tx: 'A G' is .*\n4\tx: 'A,G' is .*\n5\tthe row has 4 fields.*\n6\tx: '"A' /m,
    );
  });
});

Deno.test("rows between commas and blanks in many segments and pieces", async () => {
  await withFolder(async (folder) => {
    const head = "CHROM\tPOS\tREF\tx\ty\n";
    const row = (n: number) => `chr${1 + n / 40_000 | 0}\t${n + 1}\tA\t${"ACGT"[n % 4]}\tA\n`;
    const text = head + Array.from({ length: 90_000 }, (_, n) => row(n)).join("");
    const vcfs = new Set<string>();
    for (const separator of ["\t", ",", "  "]) {
      const other = text.replaceAll("\t", separator), file = `${folder}/m`;
      for (const bytes of [new TextEncoder().encode(other), new Uint8Array(gzipSync(other))]) {
        await Deno.writeFile(file, bytes);
        for (const direct of [false, true]) {
          await convert({ input: file, output: `${folder}/o.vcf`, threads: 2, direct });
          vcfs.add(await Deno.readTextFile(`${folder}/o.vcf`));
        }
      }
    }
    assert.equal(vcfs.size, 1);
  });
});

const LINES: { style: FieldStyle; line: string; tabbed: string }[] = [
  { style: "commas", line: '"a ""b""",c\n', tabbed: 'a "b"\tc\n' },
  { style: "commas", line: '"a"b,c\n', tabbed: '"a"b\tc\n' },
  { style: "commas", line: '"a\nb",c\n', tabbed: '"a\nb"\tc\n' },
  { style: "commas", line: '"","",\r\n', tabbed: "\t\t\r\n" },
  { style: "blanks", line: " \t a\t\tb \t\r\n\n", tabbed: "a\tb\r\n\n" },
  { style: "quoted", line: '"a,b"\t"c\r\n', tabbed: 'a,b\t"c\r\n' },
];
for (const { style, line, tabbed } of LINES) {
  Deno.test(`toTabs(${JSON.stringify(line)}) between ${style}`, () => {
    const raw = new TextEncoder().encode(`x\n${line}y`);
    const end = toTabs(raw, 2, raw.length - 1, style);
    assert.equal(new TextDecoder().decode(raw.subarray(2, end)), tabbed);
  });
}
