/**
 * `--reference`: the index of a FASTA file, contigs in the header, REF compared with the bases.
 */

import assert from "node:assert/strict";
import { convert, InputError } from "../../mod.ts";
import { checkContigs, openReference, referenceContigs } from "../../src/reference/fasta_index.ts";
import { ReferenceReader } from "../../src/reference/reference_reader.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import { columnsOf, convertText, matrixOf, type TextRequest } from "../helpers/convert_text.ts";
import { DATA, noDataNote, REAL_SETS } from "../helpers/real_data.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

// ---------------------------------------------------------------------------------------------
// The index.

const INDEXES: { name: string; fasta: string; fai: string }[] = [
  { name: "two lines", fasta: ">a\nACGT\nAC\n", fai: "a\t6\t3\t4\t5\n" },
  { name: "a description", fasta: ">a|1 of x\tyz\nACGT\n", fai: "a|1\t4\t13\t4\t5\n" },
  { name: "a blank before the name", fasta: "> a\nAC\n", fai: "a\t2\t4\t2\t3\n" },
  {
    name: "CRLF",
    fasta: ">a\r\nACGT\r\nAC\r\n>b\r\nAAA\r\n",
    fai: "a\t6\t4\t4\t6\nb\t3\t18\t3\t5\n",
  },
  { name: "no end of the last line", fasta: ">a\nACGT\nAC", fai: "a\t6\t3\t4\t5\n" },
  { name: "no end of the only line", fasta: ">a\nACGTAC", fai: "a\t6\t3\t6\t7\n" },
  { name: "a blank line before", fasta: "\n>a\nACGT\nAC\n", fai: "a\t6\t4\t4\t5\n" },
  {
    name: "blank lines after",
    fasta: ">a\nACGT\nAC\n\n\n>b\nA\n",
    fai: "a\t6\t3\t4\t5\nb\t1\t16\t1\t2\n",
  },
  {
    name: "a sequence without bases",
    fasta: ">a\nACGN\nRYac\n>b\n>c\nAC\n",
    fai: "a\t8\t3\t4\t5\nc\t2\t19\t2\t3\n",
  },
  {
    name: "lines longer than a read",
    fasta: `>a\n${"ACGT".repeat(300_000)}\nAC\n`,
    fai: "a\t1200002\t3\t1200000\t1200001\n",
  },
];
for (const { name, fasta, fai } of INDEXES) {
  Deno.test(`openReference() indexes ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/r.fa`, fasta);
      assert.equal((await openReference(`${folder}/r.fa`)).fai, fai);
      // The file's own index, if there is one, counts.
      await Deno.writeTextFile(`${folder}/r.fa.fai`, "x\t9\t3\t4\t5\n");
      const reference = await openReference(`${folder}/r.fa`);
      assert.deepEqual(referenceContigs(reference), [{ name: "x", length: 9 }]);
    }));

  Deno.test({
    name: `htslib makes the same index of ${name}${missingNote("bcftools")}`,
    ignore: !hasTool("bcftools"),
    fn: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/r.fa`, fasta);
        assert.equal(await indexOfHtslib(`${folder}/r.fa`), fai);
      }),
  });
}

/** The `.fai` that bcftools makes where there is none. */
async function indexOfHtslib(fasta: string): Promise<string> {
  const vcf = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
  const { code, stderr } = await run("bcftools", ["norm", "-f", fasta, "-"], vcf);
  assert.equal(code, 0, stderr);
  return await Deno.readTextFile(`${fasta}.fai`);
}

Deno.test("openReference() reads a sequence that begins after blank lines", () =>
  withFolder(async (folder) => {
    // htslib refuses such a file.
    await Deno.writeTextFile(`${folder}/r.fa`, ">a\n\n\nACGT\nTTAC\n");
    const reference = await openReference(`${folder}/r.fa`);
    assert.equal(reference.fai, "a\t8\t5\t4\t5\n");
    const reader = await ReferenceReader.open(reference);
    await reader.move("a", 1, 8);
    assert.equal(reader.at(3, 4), "GTTT");
  }));

const BAD_FASTAS: { name: string; fasta?: string; fai?: string; message: RegExp }[] = [
  { name: "no such file", message: /r\.fa: there is no such file$/ },
  { name: "an empty file", fasta: "", message: /r\.fa: the FASTA has no sequence$/ },
  { name: "names only", fasta: ">a\n>b\n", message: /r\.fa: the FASTA has no sequence$/ },
  {
    name: "no FASTA",
    fasta: "ACGT\n",
    message: /r\.fa: not a FASTA file: .* before the first '>'$/,
  },
  {
    name: "a short line amid",
    fasta: ">a\nACGT\nAC\nACGT\n",
    message: /'a' differ in length; rewrap/,
  },
  { name: "a long line amid", fasta: ">a\nAC\nACGT\n", message: /'a' differ in length; rewrap/ },
  { name: "a blank line amid", fasta: ">a\nAC\n\nAC\n", message: /'a' differ in length; rewrap/ },
  {
    name: "line ends of two kinds",
    fasta: ">a\nACGT\nACGT\r\nACGT\n",
    message: /'a' differ in length; rewrap/,
  },
  { name: "one name twice", fasta: ">a\nAC\n>a\nAC\n", message: /the sequence 'a' twice$/ },
  { name: "CR alone", fasta: ">a\rACGT\r>b\rAC\r", message: /r\.fa: the lines end in CR alone/ },
  { name: "no name", fasta: ">\nAC\n", message: /a sequence of the FASTA has no name$/ },
  { name: "no index", fasta: ">a\nAC\n", fai: "a,b\n", message: /r\.fa\.fai:1: not a line of a/ },
];
for (const { name, fasta, fai, message } of BAD_FASTAS) {
  Deno.test(`referenceContigs() refuses ${name}`, () =>
    withFolder(async (folder) => {
      if (fasta !== undefined) await Deno.writeTextFile(`${folder}/r.fa`, fasta);
      if (fai !== undefined) await Deno.writeTextFile(`${folder}/r.fa.fai`, fai);
      await assert.rejects(
        async () => referenceContigs(await openReference(`${folder}/r.fa`)),
        (error) => error instanceof InputError && message.test(error.message),
      );
    }));
}

Deno.test("openReference() refuses a folder", () =>
  withFolder(async (folder) => {
    await assert.rejects(openReference(folder), /this is a folder, not a file$/);
  }));

Deno.test("a compressed FASTA is read by its index, and refused without", {
  ignore: !hasTool("bgzip"),
}, () =>
  withFolder(async (folder) => {
    const fasta = `>a\n${"ACGTA\n".repeat(40_000)}`;
    await Deno.writeTextFile(`${folder}/r.fa`, fasta);
    const { fai } = await openReference(`${folder}/r.fa`);
    assert.equal((await run("bgzip", ["-i", `${folder}/r.fa`])).code, 0);
    await assert.rejects(openReference(`${folder}/r.fa.gz`), /needs its indexes .* samtools faidx/);
    await Deno.writeTextFile(`${folder}/r.fa.gz.fai`, fai);
    await Deno.writeTextFile(
      `${folder}/m.tsv`,
      matrixOf("CHROM POS REF 1a 1b", "a 1 ACGTAA A ACGTAA", "a 199996 ACGTA A A"),
    );
    const request = { input: `${folder}/m.tsv`, reference: `${folder}/r.fa.gz`, threads: 0 };
    const { records } = await convert({ ...request, output: `${folder}/o.vcf` });
    assert.equal(records, 2);
    await Deno.remove(`${folder}/r.fa.gz.gzi`);
    await assert.rejects(
      convert({ ...request, output: `${folder}/o.vcf` }),
      (error) => error instanceof InputError && /r\.fa\.gz.*samtools faidx/.test(error.message),
    );
  }));

// ---------------------------------------------------------------------------------------------
// Contigs.

const FASTA = ">9 nobody's\nACGT\n>b\nAAAACCCCGGGGTTTT\n>a\nacgtnRYSwk\nACGT\n";
const MATRIX = matrixOf("CHROM POS REF 1a 1b", "a 1 A A C", "b 5 C C T", "a 10 N A C");
const CONTIG_LINES = ["9,length=4", "b,length=16", "a,length=14"];

function contigLines(vcf: string): string[] {
  return [...vcf.matchAll(/^##contig=<ID=(.*)>$/mg)].map(([, line]) => line);
}

Deno.test("--reference gives the contigs their order and lengths, those of nobody too", async () => {
  const { text } = await convertText(MATRIX, { reference: FASTA });
  assert.deepEqual(contigLines(text), CONTIG_LINES);
  assert.deepEqual(columnsOf(text, 0, 1), ["b 5", "a 1", "a 10"]);
});

Deno.test("--reference: other formats follow its order, too", async () => {
  const { text } = await convertText(MATRIX, { reference: FASTA, format: "tsv" });
  assert.equal(text, matrixOf("CHROM POS REF 1a 1b", "b 5 C C T", "a 1 A A C", "a 10 N A C"));
});

Deno.test("--reference does not change the index's contigs", {
  ignore: !hasTool("bcftools"),
}, () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await Deno.writeTextFile(`${folder}/r.fa`, FASTA);
    const output = `${folder}/o.vcf.gz`;
    await convert({ input: `${folder}/m.tsv`, output, reference: `${folder}/r.fa`, threads: 2 });
    const { stdout } = await run("bcftools", ["index", "--stats", output]);
    assert.equal(stdout, "b\t16\t1\na\t14\t2\n");
    const found = await run("bcftools", ["query", "-f", "%POS\\n", "-r", "a:2-10", output]);
    assert.equal(found.stdout, "10\n");
  }));

Deno.test("--reference: names that VCF has no room for are left out", async () => {
  const { text, notes } = await convertText(MATRIX, { reference: `${FASTA}>x,y\nAC\n>=z\nAC\n` });
  assert.deepEqual(contigLines(text), CONTIG_LINES);
  assert.match(notes.join("\n"), /warning: .*'x,y' and 1 more/);
});

Deno.test("--reference: an index that is older than its FASTA is said", () =>
  withFolder(async (folder) => {
    const path = `${folder}/r.fa`, notes: string[] = [];
    await Deno.writeTextFile(path, ">1\nACGT\n");
    await Deno.writeTextFile(`${path}.fai`, "1\t4\t3\t4\t5\n");
    await Deno.utime(`${path}.fai`, 1000, 1000);
    await openReference(path, (note) => notes.push(note));
    assert.match(
      notes.join("\n"),
      /^warning: the index of .*r\.fa is older than the FASTA itself; /,
    );
    await Deno.utime(path, 999, 999);
    await openReference(path, (note) => notes.push(note));
    assert.equal(notes.length, 1);
  }));

Deno.test("--reference: a byte order mark, of the FASTA or of its index, is no part of a name", async () => {
  const fasta = `\ufeff>b\nACGT\n`, matrix = matrixOf("CHROM POS REF 1a", "b 2 C A", "b 4 T A");
  const { text } = await convertText(matrix, { reference: fasta });
  assert.deepEqual(contigLines(text), ["b,length=4"]);
  const fai = "\ufeffb\t4\t6\t4\t5\n";
  assert.equal((await convertText(matrix, { reference: fasta, fai })).text, text);
});

Deno.test("--reference: a name that is not UTF-8 is refused; a description may be anything", () =>
  withFolder(async (folder) => {
    const path = `${folder}/r.fa`;
    await Deno.writeFile(path, latin1(">b caf\xe9\nACGT\n"));
    assert.equal((await openReference(path)).fai, "b\t4\t8\t4\t5\n");
    await Deno.writeFile(path, latin1(">a\nA\n>caf\xe9\nACGT\n"));
    await assert.rejects(openReference(path), /r\.fa: the name of sequence 2 .* is not UTF-8; /);
    await Deno.writeFile(`${path}.fai`, latin1("a\t1\t3\t1\t2\ncaf\xe9\t4\t8\t4\t5\n"));
    await assert.rejects(openReference(path), /r\.fa\.fai:2: byte 4 of the line \(0xE9\) is not/);
  }));

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const CONTIG_ERRORS = [
  { matrix: "chr1", fasta: "1", hint: "it has '1': the two name contigs with and without chr" },
  { matrix: "1", fasta: "chr1", hint: "it has 'chr1': the two name contigs with and without chr" },
  { matrix: "2", fasta: "1", hint: "is it another assembly?" },
  { matrix: "MT", fasta: "chrM", hint: "it has 'chrM', which may be the same: M is MT, and" },
  { matrix: "chrM", fasta: "MT", hint: "it has 'MT', which may be the same: M is MT, and" },
  { matrix: "23", fasta: "X", hint: "it has 'X', which may be the same: M is MT, and PLINK" },
  { matrix: "Y", fasta: "chr24", hint: "it has 'chr24', which may be the same" },
  { matrix: "26", fasta: "chrM", hint: "it has 'chrM', which may be the same" },
  { matrix: "Chr1", fasta: "chr1", hint: "it has 'chr1': the two differ in case or in how" },
  { matrix: "x", fasta: "chrX", hint: "it has 'chrX': the two name contigs with and without" },
  { matrix: "3", fasta: "23", hint: "is it another assembly?" },
  { matrix: "chr", fasta: "1", hint: "is it another assembly?" },
];
for (const { matrix, fasta, hint } of CONTIG_ERRORS) {
  Deno.test(`checkContigs(): the matrix has '${matrix}', the reference '${fasta}'`, () => {
    const files = { matrix: "m.tsv", reference: "r.fa" };
    assert.throws(
      () => checkContigs([fasta, matrix], [{ name: fasta, length: 5 }], files),
      (error) =>
        error instanceof InputError && error.at.file === "m.tsv" &&
        error.detail.startsWith(`the contig '${matrix}' is not in the reference r.fa; ${hint}`),
    );
  });
}

Deno.test("--reference lacks a contig: nothing is written", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixOf("CHROM POS REF 1a", "chr9 1 A A"));
    await Deno.writeTextFile(`${folder}/r.fa`, FASTA);
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--reference", "r.fa", "--quiet"];
    const { code, stdout, stderr } = await cli(args, { cwd: folder });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(
      stderr,
      /^error: m\.tsv: the contig 'chr9' is not in the reference r\.fa; it has '9': .*\n$/,
    );
    assert.deepEqual(await listing(folder), ["m.tsv", "r.fa"]);
  }));

// ---------------------------------------------------------------------------------------------
// REF.

const AGREEING = [
  "a 1 A A C",
  "a 1 ACGTNNNNNNACGT A C", // the whole contig, small letters and ambiguous ones
  "a 9 N A C",
  "a 6 A A C", // R, of which VCF 4.3 takes the first base
  "a 5 NACCA A C", // N R Y S W
  "a 14 T T C",
  "b 4 AC A C",
];
const DISAGREEING: { row: string; there: string }[] = [
  { row: "a 2 A A C", there: "'C'" },
  { row: "a 1 N A C", there: "'A'" },
  { row: "a 6 C A C", there: "'R'" },
  { row: "a 6 G A C", there: "'R'" },
  { row: "a 7 A A C", there: "'Y'" },
  { row: "a 5 A A C", there: "'N'" },
  { row: "a 13 GTT G A", there: "'GT'" }, // past the end
  { row: "a 15 A C A", there: "no base" },
  { row: "a 2000000000 A C A", there: "no base" },
  { row: "b 4 ACA A C", there: "'ACC'" },
];

for (const row of AGREEING) {
  Deno.test(`--reference agrees with ${row}`, async () => {
    const matrix = matrixOf("CHROM POS REF 1a 1b", row);
    const { report } = await convertText(matrix, { reference: FASTA });
    assert.deepEqual([report.records, report.refMismatches], [1, 0]);
  });
}

for (const { row, there } of DISAGREEING) {
  for (const threads of [0, 2]) {
    Deno.test(`--reference disagrees with ${row}, ${threads} threads`, async () => {
      const [, pos, ref] = row.split(" ");
      const matrix = matrixOf("CHROM POS REF 1a 1b", AGREEING[4], row);
      await assert.rejects(convertText(matrix, { reference: FASTA, threads }), (error) => {
        assert.ok(error instanceof InputError);
        assert.deepEqual([error.at.line, error.at.column], [3, "REF"]);
        assert.match(error.at.file ?? "", /matrix\.tsv$/);
        assert.ok(
          error.detail.startsWith(
            `REF is '${ref}', but the reference has ${there} at ${pos}; is it the right assembly?`,
          ),
          error.detail,
        );
        return true;
      });
    });
  }
}

const MIXED = matrixOf(
  "CHROM POS REF 1a 1b",
  ...AGREEING,
  ...DISAGREEING.map(({ row }) => row),
);
const CHOICES: { refMismatch: TextRequest["refMismatch"]; records: number }[] = [
  { refMismatch: "skip", records: AGREEING.length },
  { refMismatch: "count", records: AGREEING.length + DISAGREEING.length },
];
for (const { refMismatch, records } of CHOICES) {
  Deno.test(`--ref-mismatch ${refMismatch}`, async () => {
    const { text, report } = await convertText(MIXED, { reference: FASTA, refMismatch });
    assert.equal(columnsOf(text, 1).length, records);
    assert.deepEqual([report.records, report.refMismatches], [records, DISAGREEING.length]);
  });
}

Deno.test("--ref-mismatch skip, then choices of sites: each row counts once", async () => {
  const { report } = await convertText(MIXED, {
    reference: FASTA,
    refMismatch: "skip",
    snpsOnly: true,
    regions: "a",
  });
  const left = Object.values(report.filtered).reduce((sum, n) => sum + n, 0);
  assert.equal(
    report.records + left + report.refMismatches,
    AGREEING.length + DISAGREEING.length,
  );
});

Deno.test("--reference along windows of a long contig", () =>
  withFolder(async (folder) => {
    const length = 2_500_000, bases = new Uint8Array(length);
    for (let i = 0; i < length; i++) bases[i] = "ACGT".charCodeAt((i * 2654435761 >>> 13) & 3);
    const sequence = new TextDecoder().decode(bases);
    const rows: string[] = [];
    for (const edge of [1, 1 << 20, (1 << 20) + 7, 2 << 20, length]) {
      for (let pos = Math.max(1, edge - 3); pos <= Math.min(length, edge + 3); pos++) {
        // Long ones at the edge itself, and on both sides of it.
        const long = [-3, 0, 1].includes(pos - edge) ? [300_000, 1_100_000] : [];
        for (const size of [1, 2, 5, ...long]) {
          const ref = sequence.slice(pos - 1, pos - 1 + size);
          rows.push(`c\t${pos}\t${ref}\t${ref}\tA\n`);
        }
      }
    }
    await Deno.writeTextFile(`${folder}/r.fa`, `>c\n${sequence.replaceAll(/(.{70})/g, "$1\n")}\n`);
    await Deno.writeTextFile(`${folder}/m.tsv`, `CHROM\tPOS\tREF\t1a\t1b\n${rows.join("")}`);
    const report = await convert({
      input: `${folder}/m.tsv`,
      output: `${folder}/o.vcf`,
      reference: `${folder}/r.fa`,
      refMismatch: "count",
      threads: 0,
    });
    assert.deepEqual([report.records, report.refMismatches], [rows.length, 0]);
  }));

// ---------------------------------------------------------------------------------------------
// Real data.

const PAIRS = [
  { set: "cfsan_lambda.matrix.tsv", fasta: "cfsan_lambda.fa" },
  { set: "cfsan_listeria.snpmatrix.tsv", fasta: "cfsan_listeria.fa" },
];
for (const { set, fasta } of PAIRS) {
  Deno.test({
    name: `--reference ${fasta}${missingNote("bcftools")}${noDataNote}`,
    ignore: !hasTool("bcftools") || REAL_SETS.length === 0,
    fn: () =>
      withFolder(async (folder) => {
        const reference = `${folder}/r.fa`, output = `${folder}/o.vcf`;
        await Deno.copyFile(`${DATA}/${fasta}`, reference);
        await Deno.chmod(reference, 0o644);
        const request = { input: `${DATA}/${set}`, output, reference, threads: 2 };
        const made = await openReference(reference);
        const report = await convert(request);
        assert.equal(report.refMismatches, 0);
        const without = await Deno.readTextFile(output);
        assert.equal(await indexOfHtslib(reference), made.fai);
        await convert(request);
        assert.ok(await Deno.readTextFile(output) === without, "the index changes the output");
        const [{ name, length }] = referenceContigs(made);
        assert.deepEqual(contigLines(without), [`${name},length=${length}`]);
        const check = await run("bcftools", ["norm", "-c", "e", "-f", reference, output]);
        assert.equal(check.code, 0, check.stderr);
        // One base further on, most rows disagree; bcftools finds the same.
        const shifted = `${folder}/s.fa`;
        const [, sequence] = (await Deno.readTextFile(reference)).split(/\n([^]*)/);
        await Deno.writeTextFile(
          shifted,
          `>${name}\nA${sequence.replaceAll("\n", "")}`.slice(0, -1) + "\n",
        );
        const counted = await convert({ ...request, reference: shifted, refMismatch: "count" });
        const { stderr } = await run("bcftools", ["norm", "-c", "w", "-f", shifted, output]);
        const theirs = stderr.split("\n").filter((line) => line.startsWith("REF_MISMATCH"));
        assert.ok(counted.refMismatches > report.records / 2);
        assert.equal(counted.refMismatches, theirs.length);
      }),
  });
}
