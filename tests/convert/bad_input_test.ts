/**
 * What bad input gets: one located line on standard error, exit code 1 (2 for wrong usage), and
 * nothing left behind, neither output nor temporary file nor database.
 */

import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { convert, type ConvertRequest, InputError } from "../../mod.ts";
import { compressBlocks } from "../../src/bgzf/blocks.ts";
import { cli, cliInShell, cliProcess, listing, startCli, withFolder } from "../helpers/cli.ts";
import { succeeds } from "../helpers/tools.ts";

interface BadInput {
  name: string;
  /** `m.tsv` as text or bytes, or several files by name; a name that ends in `/` is a folder. */
  input: string | Uint8Array | Record<string, string | Uint8Array>;
  /** After `convert`; `m.tsv -o out/o.vcf` if left out. */
  args?: string[];
  /** Options of `convert()`: then no command line is run, and no worker is started. */
  options?: Partial<ConvertRequest>;
  /** The whole of standard error, without the newline. */
  error: RegExp;
  code?: number;
}

const TO_OUT = ["-o", "out/o.vcf"];
/** Small files beside the matrix, of more than one line. */
const SMALL_FILES = [
  { flag: "--header", text: "##x\nCHROM\tPOS\tREF\tJos\u00e9\n" },
  { flag: "--samples-file", text: "Jos\u00e9\t10a\nx\t10b\n" },
  { flag: "--regions-file", text: "1\t0\t1\nJos\u00e9\t1\t5\n" },
];
const GOOD = matrix("1\t5\tA\tA\tC", "1\t9\tG\tT\tG");

const FIELDS: BadInput[] = [
  {
    name: "too few fields",
    input: matrix("1\t5\tA\tA\tC", "1\t6\tA\tA"),
    error: /^error: m\.tsv:3: (?=.*\b4\b)(?=.*\b5\b)/,
  },
  {
    name: "too many fields",
    input: matrix("1\t5\tA\tA\tC\tG\t"),
    error: /^error: m\.tsv:2: (?=.*\b6\b)(?=.*\b5\b)/,
  },
  {
    name: "a line with one field",
    input: matrix("1\t5\tA\tA\tC", "oops"),
    error: /^error: m\.tsv:3: (?=.*\b1\b)(?=.*\b5\b)/,
  },
  ...["0", "-7", "x", "1e6", "1.5", "2147483648", "99999999999999999999", "", " 5", "0x10"]
    .map((pos) => ({
      name: `POS '${pos}'`,
      input: matrix("1\t5\tA\tA\tC", `1\t${pos}\tA\tA\tC`),
      error: located("m.tsv:3: POS", pos),
    })),
  {
    name: "empty CHROM",
    input: matrix("\t5\tA\tA\tC"),
    error: located("m.tsv:2: CHROM", ""),
  },
  ...[
    ...["chr 1", "a,b", "<1>", "*", "=x", "chr1[", "#1", 'chr"1"', "ch\u00e9r"],
    ...[".", "-", "NA", "na", "nan", "NaN", "None", "NULL", "n/a"],
  ].map((chrom) => ({
    name: `contig '${chrom}'`,
    input: matrix("1\t5\tA\tA\tC", `${chrom}\t5\tA\tA\tC`),
    error: located("m.tsv:3: CHROM", chrom),
  })),
  ...["", ".", "-", "R", "ARG", "*", "<DEL>", "A,C", "A C", "X"].map((ref) => ({
    name: `REF '${ref}'`,
    input: matrix("1\t5\tA\tA\tC", `1\t6\t${ref}\tA\tC`),
    error: new RegExp(located("m.tsv:3: REF", ref).source + ".{20,}"), // with a hint
  })),
  ...["R", "A/C", "AU", "A C", " A", "<DEL", "<>", "<A B>", "**", "A*", "+", "0", "A\rC", "\u00c4"]
    .map((allele) => ({
      name: `allele ${JSON.stringify(allele)}`,
      input: matrix("1\t5\tA\tA\tC", `1\t6\tA\t${allele}\tC`),
      error: located("m.tsv:3: 10a", allele),
    })),
  {
    name: "an allele in the last column of the last line, without newline, after CRLF lines",
    input: "##x\r\n" + GOOD.replaceAll("\n", "\r\n") + "2\t5\tA\tA\tQ",
    error: located("m.tsv:5: 10b", "Q"),
  },
  {
    name: "the first of many bad rows is the one that is named",
    args: ["m.tsv", ...TO_OUT],
    input: matrix(
      ...Array.from({ length: 40_000 }, (_, i) => `1\t${i + 1}\tA\tA\t${i > 7 ? "Q" : "A"}`),
    ),
    error: located("m.tsv:10: 10b", "Q"),
  },
  {
    name: "CHROM 'NA' says that it stands for no value",
    input: matrix("NA\t5\tA\tA\tC"),
    error: /^error: m\.tsv:2: CHROM: CHROM is 'NA', which stands for no value; every row names its/,
  },
  {
    name: "an ID in Latin-1",
    input: latin1("CHROM\tPOS\tID\tREF\t1a\n1\t5\trs1\tA\tA\n1\t6\trs\xe9x\tA\tA\n"),
    error: /^error: m\.tsv:3: ID: byte 3 of the ID \(0xE9\) is not UTF-8: .*\(iconv -f LATIN1/,
  },
  {
    name: "a contig in Latin-1",
    input: latin1("CHROM\tPOS\tREF\t1a\ncaf\xe9\t6\tA\tA\n"),
    error: /^error: m\.tsv:2: CHROM: byte 4 of the contig name \(0xE9\) is not UTF-8: .*iconv/,
  },
  ...["0|1", "0/1", "./1", "1", "0", "2", "1|2|0", "10"].map((cell) => ({
    name: `the code '${cell}' of an allele`,
    input: matrix(`1\t6\tA\tA\t${cell}`),
    error:
      /^error: m\.tsv:2: 10b: '.*' is not an allele; .*; a number is the code of an allele, not/,
  })),
  {
    name: "an aligned gap where gaps are errors",
    input: matrix("1\t6\tA\t---\tC"),
    options: { gap: "error" as const },
    error: /^error: m\.tsv:2: 10a: '---' is not an allele; .*; --gap missing or star reads it$/m,
  },
  ...[
    { cells: ["AA\tAG", "NN\tGG"], at: "2: 10a", iupac: "error" as const },
    { cells: ["A\tA", "NN\tAA", "--\tgg", "NN\tNN"], at: "3: 10b", iupac: "error" as const },
    { cells: ["A/A\tA", "NN\tAG", "--\tGG"], at: "3: 10b", iupac: "split" as const },
  ].map(({ cells, at, iupac }) => ({
    name: `genotypes of two letters: ${cells.join(", ")}, --iupac ${iupac}`,
    input: matrix(...cells.map((pair, i) => `1\t${i + 1}\tA\t${pair}`)),
    options: { iupac },
    error: new RegExp(
      `^error: m\\.tsv:${at}: '..' looks like a genotype of two letters, .*--dialect genotypes`,
    ),
  })),
  {
    name: "a NUL byte in a row",
    args: ["m.tsv", ...TO_OUT],
    input: matrix("1\t5\tA\tA\tC", "1\t6\tA\tA\0\tC"),
    error: /^error: m\.tsv:3: .*NUL/,
  },
];

const FILES: BadInput[] = [
  { name: "a missing file", input: {}, error: /^error: m\.tsv: .*(not found|no such file)/i },
  { name: "an empty file", input: "", error: /^error: m\.tsv: .*empty/i },
  {
    name: "a folder",
    input: { "m.tsv/": "" },
    error: /^error: m\.tsv: .*(folder|directory)/i,
  },
  {
    name: "a binary file",
    input: Uint8Array.from({ length: 5000 }, (_, i) => (i * i * 31 + i * 7) % 256),
    error: /^error: m\.tsv(:1)?: .*(binary|not text|not a text)/i,
  },
  {
    name: "a VCF",
    input: "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t1\n",
    error: /^error: m\.tsv:2: this is a VCF already; /,
  },
  ...["", "##x\r"].map((before) => ({
    name: `lines that end in CR alone, ${before === "" ? "a header" : "a comment"} first`,
    input: before + GOOD.replaceAll("\n", "\r"),
    error: /^error: m\.tsv(:1)?: the lines end in CR alone, as on old Macs, .*\(tr /,
  })),
  {
    name: "a header with CR inside, in a file with LF",
    input: "CHROM\tPOS\tREF\t1a\r1\t5\tA\tA\n1\t6\tA\tA\n",
    error: /^error: m\.tsv:1: the lines end in CR alone/,
  },
  {
    name: "a file that was compressed twice",
    input: { "m.tsv.gz": new Uint8Array(gzipSync(gzipSync(GOOD))) },
    args: ["m.tsv.gz", ...TO_OUT],
    error:
      /^error: m\.tsv\.gz: the file is compressed with gzip twice; decompress it once \(gzip -dc/,
  },
  {
    name: "a gzip of UTF-16",
    input: { "m.tsv.gz": new Uint8Array(gzipSync(utf16(GOOD))) },
    args: ["m.tsv.gz", ...TO_OUT],
    error: /^error: m\.tsv\.gz: the file is UTF-16 text; convert it to UTF-8/,
  },
  {
    name: "a header in Latin-1",
    input: latin1("CHROM\tPOS\tREF\tJos\xe9\n1\t5\tA\tA\n"),
    error: /^error: m\.tsv:1: byte 18 of the line \(0xE9\) is not UTF-8: .*\(iconv -f LATIN1/,
  },
  {
    name: "all rows bad",
    input: matrix("1\tx\tA\tA\tA"),
    args: ["m.tsv", ...TO_OUT, "--on-bad-row", "skip"],
    error: /^error: m\.tsv: all 1 rows are bad$/m,
  },
  ...[
    {
      what: "in Latin-1",
      bytes: (text: string) => latin1(`##\n${text}`),
      says: /:[23]: byte \d+ of the line \(0x/,
    },
    { what: "in UTF-16", bytes: utf16, says: /: the file is UTF-16 text; convert it to UTF-8/ },
    {
      what: "compressed twice",
      bytes: (text: string) => new Uint8Array(gzipSync(gzipSync(text))),
      says: /: the file is compressed with gzip twice; /,
    },
    {
      what: "of a truncated gzip",
      bytes: (text: string) => new Uint8Array(gzipSync(text).subarray(0, -9)),
      says: /: the gzip file is damaged or cut off/,
    },
    {
      what: "with lines that end in CR alone",
      bytes: (text: string) => latin1(text.replaceAll("\n", "\r")),
      says: /: the lines end in CR alone, /,
    },
  ].flatMap(({ what, bytes, says }) =>
    SMALL_FILES.map(({ flag, text }) => ({
      name: `a ${flag} file ${what}`,
      input: { "m.tsv": GOOD, "x.bed": bytes(text) },
      args: ["m.tsv", flag, "x.bed", ...TO_OUT],
      error: new RegExp(`^error: x\\.bed${says.source}`),
    }))
  ),
  {
    name: "a file that is one endless line",
    input: new Uint8Array(65 << 20).fill(65),
    error: /^error: m\.tsv: the first 64 MiB have no header line; is it text\?$/m,
  },
  {
    name: "a truncated gzip",
    input: { "m.tsv.gz": gzipped(many(5000)).slice(0, -2000) },
    args: ["m.tsv.gz", ...TO_OUT],
    error: /^error: m\.tsv\.gz(:\d+)?: .*(truncated|unexpected end|incomplete|cut)/i,
  },
  {
    name: "a BGZF file cut between two blocks",
    input: { "m.tsv.gz": compressBlocks(new TextEncoder().encode(GOOD), 5).bytes },
    args: ["m.tsv.gz", ...TO_OUT],
    error: /^error: m\.tsv\.gz: the BGZF file has no end marker: it is truncated; /,
  },
  {
    name: "a gzip cut at its last byte",
    input: { "m.tsv.gz": gzipped(GOOD).slice(0, -1) },
    args: ["m.tsv.gz", ...TO_OUT],
    error: /^error: m\.tsv\.gz(:\d+)?: .*(truncated|unexpected end|incomplete|cut)/i,
  },
  {
    name: "a damaged gzip",
    input: { "m.tsv.gz": gzipped(many(5000)).map((byte, i) => i === 3000 ? byte ^ 255 : byte) },
    args: ["m.tsv.gz", ...TO_OUT],
    error: /^error: m\.tsv\.gz(:\d+)?: /,
  },
  {
    name: "a missing --header file",
    input: GOOD,
    args: ["m.tsv", "--header", "h.txt", ...TO_OUT],
    error: /^error: h\.txt: /,
  },
  {
    name: "a missing --samples-file",
    input: GOOD,
    args: ["m.tsv", "--samples-file", "s.tsv", ...TO_OUT],
    error: /^error: s\.tsv: /,
  },
];

const HEADERS: BadInput[] = [
  {
    name: "no header: says how to give one",
    input: "1\t5\tA\tA\tC\n1\t6\tA\tA\tC\n",
    error: /^error: m\.tsv:1: .*--header/,
  },
  {
    name: "a header without REF",
    input: "CHROM\tPOS\t10a\n1\t5\tA\n",
    error: /^error: m\.tsv:1: .*REF/,
  },
  {
    name: "two columns that could be POS",
    input: "CHROM\tBP\tPosition\tREF\t10a\n1\t5\t5\tA\tA\n",
    error: /^error: m\.tsv:1: .*(?=.*BP)(?=.*Position)/,
  },
  {
    name: "duplicate column names",
    input: "CHROM\tPOS\tREF\t10a\t11\t10a\n1\t5\tA\tA\tA\tA\n",
    error: /^error: m\.tsv:1: .*10a/,
  },
  {
    name: "a column without a name",
    input: "CHROM\tPOS\tREF\t10a\t\t10b\n1\t5\tA\tA\tA\tA\n",
    error: /^error: m\.tsv:1: .*\b5\b/,
  },
  {
    name: "no allele columns",
    input: "CHROM\tPOS\tREF\n1\t5\tA\n",
    error: /^error: m\.tsv:1: .*column/,
  },
  {
    name: "two pairs of one name",
    input: "CHROM\tPOS\tREF\tsa\tsb\ts_1\ts_2\n1\t5\tA\tA\tA\tA\tA\n",
    error: /^error: m\.tsv:1: .*'s'.*--samples/,
  },
  {
    name: "--ploidy 2 with a column that has no partner",
    input: "CHROM\tPOS\tREF\t10a\t10b\tVida\n1\t5\tA\tA\tA\tA\n",
    options: { ploidy: 2 },
    error: /^error: m\.tsv:1: .*Vida/,
  },
];

/** Columns that are no haplotypes, quotes, and rows with a name. */
const COLUMNS: BadInput[] = [
  {
    name: "a VCF with names in lower case",
    input: "#chrom\tpos\tid\tref\talt\tqual\tfilter\tinfo\tformat\t1\n",
    error: /^error: m\.tsv:1: this is a VCF already; /,
  },
  ...["", "Unnamed: 0"].map((name) => ({
    name: `the index of pandas as '${name}'`,
    input: `${name}\tCHROM\tPOS\tREF\t1a\n0\t1\t5\tA\tA\n`,
    error: /^error: m\.tsv:1: column 1 of the header has no name; .*index=False.*--samples/,
  })),
  {
    name: "a column of annotation",
    input: "CHROM\tPOS\tREF\t1a\tnote\n1\t5\tA\tA\t.\n1\t6\tA\tA\tgyrB x\n1\t7\tA\tA\t\n",
    error:
      /^error: m\.tsv:3: note: 'gyrB x' is not an allele; .*of the 1 cells .* first 3 rows, .*--samples/,
  },
  {
    name: "a column of annotation, with bad rows skipped",
    input: "CHROM\tPOS\tREF\t1a\tDP\n1\t5\tA\tA\t31\n1\t6\tA\tA\t12\n1\t7\tA\tA\tA\n",
    options: { onBadRow: "skip" },
    error: /^error: m\.tsv:2: DP: '31' is not an allele; .*2 of the 3 cells/,
  },
  {
    name: "a bad cell in a column of alleles",
    input: "CHROM\tPOS\tREF\t1a\n1\t5\tA\tA\n1\t6\tA\t31\n",
    error: /^error: m\.tsv:3: 1a: '31' is not an allele; (?!.* are no alleles)/m,
  },
  {
    name: "a column of genotypes in a matrix",
    options: { dialect: "matrix" },
    input: "CHROM\tPOS\tREF\t1\n1\t5\tA\tA/G\n1\t6\tA\tA/A\n",
    error: /^error: m\.tsv:2: 1: 'A\/G' is not an allele; .*--iupac split reads both/,
  },
  {
    name: "names of rows, as R writes them",
    input: '"CHROM"\t"POS"\t"REF"\t"10a"\n"r1"\t"1"\t5\t"A"\t"A"\n"r2"\t"1"\t6\t"A"\t"A"\n',
    error: /^error: m\.tsv:2: the row has 5 fields, expected 4; .*row\.names=FALSE/,
  },
  {
    name: "quotes around some names",
    input: 'CHROM\tPOS\tREF\t"10a"\t10b\n1\t5\tA\tA\tA\n',
    error: /^error: m\.tsv:1: "10a": the name has quotes, and not all names/,
  },
  {
    name: "quotes around cells under a header without",
    input: 'CHROM\tPOS\tREF\t10a\n1\t5\tA\tC\n1\t6\tA\t"C"\n',
    error: /^error: m\.tsv:3: 10a: '"C"' is not an allele; .*quotes/,
  },
  {
    name: "quotes around an ID under a header without",
    input: 'CHROM\tPOS\tREF\trsid\t10a\n1\t5\tA\t"rs1"\tC\n',
    error: /^error: m\.tsv:2: rsid: the ID has .*quote/,
  },
  {
    name: "a quote at one side of a cell",
    input: '"CHROM"\t"POS"\t"REF"\t"10a"\n1\t5\tA\tA\n"1"\t5\t"A"\t"C\n',
    error: /^error: m\.tsv:3: 10a: '"C' is not an allele/,
  },
  {
    name: "names that come twice, not side by side",
    input: "CHROM\tPOS\tREF\t1\t2\t1\t2\n1\t5\tA\tA\tA\tA\tA\n",
    error: /^error: m\.tsv:1: 1: columns 4 and 6 have the same name; .*side by side/,
  },
  {
    name: "comments and no header",
    input: "# made by hand\n# on a day\n1\t5\tA\tA\n",
    error: /^error: m\.tsv:3: the first line looks like data .*--header/,
  },
];

const SHEETS: BadInput[] = [
  { name: "a sample twice", sheet: "x\t10a\n# y\nx\t10b\n", error: /^error: s\.tsv:3: .*'x'/ },
  { name: "an unknown column", sheet: "x\t10a\ny\t10c\n", error: /^error: s\.tsv:2: .*'10c'/ },
  { name: "a sample without columns", sheet: "x\t10a\ny\n", error: /^error: s\.tsv:2: .*'y'/ },
  { name: "a sample without a name", sheet: "\t10a\n", error: /^error: s\.tsv:1: .*name/ },
  { name: "quotes around a name", sheet: '"x"\t10a\n', error: /^error: s\.tsv:1: .*quotes/ },
  { name: "nothing", sheet: "# only a comment\n", error: /^error: s\.tsv: .*(sample|empty)/ },
].map(({ name, sheet, error }) => ({
  name: `--samples-file with ${name}`,
  input: { "m.tsv": GOOD, "s.tsv": sheet },
  options: { samplesFile: "s.tsv" },
  error,
}));

const OUTPUTS: BadInput[] = [
  {
    name: "an output folder that does not exist",
    input: GOOD,
    args: ["m.tsv", "-o", "nowhere/o.vcf"],
    error: /^error: nowhere(\/o\.vcf)?: /,
  },
  {
    name: "a folder of the database that does not exist",
    input: GOOD,
    args: ["m.tsv", "-o", "o.vcf", "--database", "nowhere/k.duckdb"],
    error: /^error: nowhere\/k\.duckdb: the folder 'nowhere' does not exist; make it first$/m,
  },
  {
    name: "an output that is a folder",
    input: { "m.tsv": GOOD, "o.vcf/": "" },
    args: ["m.tsv", "-o", "o.vcf"],
    error: /^error: o\.vcf: .*(folder|directory)/i,
  },
  {
    name: "an output that is the input",
    input: { "m.vcf": GOOD },
    args: ["m.vcf", "-o", "./m.vcf"],
    error: /^error: (\.\/)?m\.vcf: .*input/,
  },
  {
    name: "an output that is the input by another name",
    input: { "m.vcf": GOOD, "sub/": "" },
    args: ["m.vcf", "-o", "sub/../m.vcf"],
    error: /^error: sub\/\.\.\/m\.vcf: .*input/,
  },
  {
    name: "an output that is the database, too",
    input: GOOD,
    args: ["m.tsv", "-o", "k.duckdb", "--database", "./k.duckdb"],
    error: /^error: \.\/k\.duckdb: this output is also another output; /,
  },
  {
    name: "an output that is a log of the database",
    input: GOOD,
    args: ["m.tsv", "-o", "./k.duckdb.wal", "--database", "k.duckdb"],
    error: /^error: \.\/k\.duckdb\.wal: this output is also a log of the database; /,
  },
  {
    name: "a new database beside which somebody has laid a log",
    input: { "m.tsv": GOOD, "k.duckdb.wal": "x" },
    args: ["m.tsv", "-o", "o.vcf", "--database", "k.duckdb"],
    error:
      /^error: k\.duckdb: changes that are not in the table yet lie beside it in k\.duckdb\.wal/,
  },
  {
    name: "a database that would be the index of the output",
    input: GOOD,
    args: ["m.tsv", "-o", "o.vcf.gz", "--database", "o.vcf.gz.tbi"],
    error: /^error: o\.vcf\.gz\.tbi: this output is also another output; /,
  },
  {
    name: "a profile that is the input",
    input: GOOD,
    args: ["m.tsv", "-o", "o.vcf", "--profile", "m.tsv"],
    error: /^error: m\.tsv: this output is also an input; /,
  },
  {
    name: "an output that is the sample sheet",
    input: { "m.tsv": GOOD, "s.vcf": "x\t10a\n" },
    args: ["m.tsv", "--samples-file", "s.vcf", "-o", "s.vcf"],
    error: /^error: s\.vcf: .*(input|--samples)/,
  },
  {
    name: "an output that exists stays as it was",
    input: { "m.tsv": matrix("1\t5\tA\tA\tQ"), "out/o.vcf": "from yesterday\n" },
    error: located("m.tsv:2: 10b", "Q"),
  },
  {
    name: "bad input with a .vcf.gz output",
    input: matrix("1\t5\tA\tA\tQ"),
    args: ["m.tsv", "-o", "out/o.vcf.gz"],
    error: located("m.tsv:2: 10b", "Q"),
  },
  {
    name: "bad input with a database to keep",
    input: matrix("1\t5\tA\tA\tQ"),
    args: ["m.tsv", ...TO_OUT, "--database", "out/m.duckdb"],
    error: located("m.tsv:2: 10b", "Q"),
  },
  {
    name: "a --database that is some other file",
    input: { "m.tsv": GOOD, "notes.duckdb": "my notes\n" },
    args: ["m.tsv", ...TO_OUT, "--database", "notes.duckdb"],
    error: /^error: notes\.duckdb: /,
  },
];

const USAGE: BadInput[] = [
  { name: "no -o", args: ["m.tsv"], error: /^error: .*(-o|--output)/ },
  { name: "no INPUT", args: TO_OUT, error: /^error: .*input/i },
  {
    name: "an unknown flag",
    args: ["m.tsv", ...TO_OUT, "--thread"],
    error: /^error: .*'--thread'/,
  },
  { name: "--threads 0", args: ["m.tsv", ...TO_OUT, "--threads", "0"], error: /--threads.*'?0/ },
  { name: "--threads x", args: ["m.tsv", ...TO_OUT, "--threads", "x"], error: /--threads.*x/ },
  {
    name: "--threads 1.5",
    args: ["m.tsv", ...TO_OUT, "--threads", "1.5"],
    error: /--threads.*1\.5/,
  },
  { name: "--ploidy 3", args: ["m.tsv", ...TO_OUT, "--ploidy", "3"], error: /--ploidy.*3/ },
  {
    name: "--memory much",
    args: ["m.tsv", ...TO_OUT, "--memory", "much"],
    error: /--memory.*much/,
  },
  {
    name: "--on-bad-row x",
    args: ["m.tsv", ...TO_OUT, "--on-bad-row", "x"],
    error: /--on-bad-row.*x/,
  },
  { name: "--progress x", args: ["m.tsv", ...TO_OUT, "--progress", "x"], error: /--progress.*x/ },
  {
    name: "two readers of standard input",
    args: ["-", "--header", "-", ...TO_OUT],
    error: /^error: the input and --header cannot both be standard input; /,
  },
  {
    name: "two files from standard input",
    args: ["m.tsv", "--samples-file", "-", "--regions-file", "-", ...TO_OUT],
    error: /^error: --samples-file and --regions-file cannot both be standard input; /,
  },
  { name: "two inputs", args: ["m.tsv", "m.tsv", ...TO_OUT], error: /^error: / },
].map((usage) => ({ ...usage, name: `usage: ${usage.name}`, input: GOOD, code: 2 }));

/** Those that say nothing of a command line: what it prints is the message of the library. */
const INLINE = [...HEADERS, ...COLUMNS, ...FIELDS, ...SHEETS].filter(({ args }) =>
  args === undefined
);
for (const { name, input, options, error } of INLINE) {
  Deno.test(`bad input: ${name}`, async () => {
    await withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/out`);
      await lay(folder, input);
      const before = await contents(folder);
      const run = convert({
        ...options,
        input: `${folder}/m.tsv`,
        output: `${folder}/out/o.vcf`,
        samplesFile: options?.samplesFile && `${folder}/${options.samplesFile}`,
        threads: 0,
      });
      await assert.rejects(run, (thrown) => {
        assert.ok(thrown instanceof InputError, String(thrown));
        assertOneLine(`error: ${thrown.message.replaceAll(`${folder}/`, "")}\n`, error);
        return true;
      });
      assert.deepEqual(await contents(folder), before);
    });
  });
}

/** The same by a worker: a bad cell of each kind. */
const BY_WORKER = ["too few fields", "POS 'x'", "contig 'a,b'", "REF 'R'", 'allele "A/C"'];
const LINES = [
  ...FILES,
  ...[...HEADERS, ...FIELDS].filter(({ args }) => args !== undefined),
  ...FIELDS.filter(({ name }) => BY_WORKER.includes(name)).map((bad) => ({
    ...bad,
    name: `${bad.name}, by a worker`,
  })),
  ...OUTPUTS,
  ...USAGE,
];
for (const bad of LINES) {
  Deno.test(`bad input: ${bad.name}`, async () => {
    await withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/out`);
      await lay(folder, bad.input);
      const before = await contents(folder);
      const args = ["convert", ...(bad.args ?? ["m.tsv", ...TO_OUT]), "--quiet"];
      if (bad.code === undefined) args.push("--threads", "1");
      const { code, stdout, stderr } = await cli(args, { cwd: folder });
      if (bad.code === 2) assert.match(stderr, bad.error); // a suggestion may follow
      else assertOneLine(stderr, bad.error);
      assert.deepEqual({ code, stdout }, { code: bad.code ?? 1, stdout: "" });
      assert.deepEqual(await contents(folder), before);
    });
  });
}

Deno.test("bad input: standard input is called '-'", async () => {
  await withFolder(async (folder) => {
    const stdin = matrix("1\t5\tA\tA\tQ");
    const { code, stdout, stderr } = await cli(["convert", "-", "-o", "-", "--quiet"], {
      cwd: folder,
      stdin,
    });
    assertOneLine(stderr, located("-:2: 10b", "Q"));
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.deepEqual(await listing(folder), []);
  });
});

Deno.test("bad input: without --quiet the error is one line too, and the last", async () => {
  await withFolder(async (folder) => {
    await lay(folder, matrix("1\t5\tA\tA\tQ"));
    const { code, stderr } = await cli(["convert", "m.tsv", "-o", "o.vcf"], { cwd: folder });
    const lines = stderr.trimEnd().split("\n");
    assert.equal(code, 1);
    assert.match(lines.at(-1) ?? "", located("m.tsv:2: 10b", "Q"));
    assert.deepEqual(lines.filter((line) => line.startsWith("error")).length, 1);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  });
});

const UNREADABLE = "bad input: an unreadable file";
Deno.test({
  name: readsEverything() ? `${UNREADABLE} (skipped: this user reads every file)` : UNREADABLE,
  ignore: readsEverything(),
  fn: () =>
    withFolder(async (folder) => {
      await lay(folder, GOOD);
      await Deno.chmod(`${folder}/m.tsv`, 0o000);
      const args = ["convert", "m.tsv", "-o", "o.vcf", "--quiet"];
      const { code, stderr } = await cli(args, { cwd: folder });
      assertOneLine(stderr, /^error: m\.tsv: .*(permission|read)/i);
      assert.equal(code, 1);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
    }),
});

const SKIP_CASES = [
  { name: "one thread", threads: "1" },
  { name: "three threads", threads: "3" },
];
for (const { name, threads } of SKIP_CASES) {
  Deno.test(`--on-bad-row skip: bad rows go to OUT.rejects.tsv, the rest is converted: ${name}`, async () => {
    await withFolder(async (folder) => {
      const bad = new Map([
        [3, { row: "1\t0\tA\tA\tC", reason: /POS/ }],
        [5, { row: "1\t6\tA\tA", reason: /4.*5|5.*4/ }],
        [6, { row: "1\t7\tR\tA\tC", reason: /REF/ }],
        [7, { row: "1 x\t8\tA\tA\tC", reason: /CHROM/ }],
        [9, { row: "1\t9\tA\tC\tQ", reason: /10b/ }],
      ]);
      const good = new Map([[2, "1\t5\tA\tA\tC"], [4, "2\t1\tA\tA\tA"], [8, "1\t2\tG\tT\tG"]]);
      const rows = [2, 3, 4, 5, 6, 7, 8, 9].map((line) =>
        good.get(line) ?? bad.get(line)?.row ?? ""
      );
      await lay(folder, matrix(...rows));
      const args = ["m.tsv", "-o", "o.vcf", "--on-bad-row", "skip", "--threads", threads];
      const { code, stderr } = await cli(["convert", ...args], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /\b5\b.*(skipped|rejected)|(skipped|rejected).*\b5\b/i);
      assert.deepEqual(await listing(folder), ["m.tsv", "o.vcf", "o.vcf.rejects.tsv"]);

      const records = (await Deno.readTextFile(`${folder}/o.vcf`)).split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"));
      assert.deepEqual(records.map((line) => line.split("\t").slice(0, 2).join(":")), [
        "1:2",
        "1:5",
        "2:1",
      ]);

      const rejects = (await Deno.readTextFile(`${folder}/o.vcf.rejects.tsv`)).trimEnd().split("\n")
        .filter((line) => !/^#?line\t/i.test(line));
      assert.equal(rejects.length, bad.size);
      for (const [i, [line, { row, reason }]] of [...bad].entries()) {
        assert.match(rejects[i], new RegExp(`^${line}\t`)); // line, reason, the row as it was
        assert.match(rejects[i].slice(0, -row.length), reason);
        assert.ok(rejects[i].endsWith(`\t${row}`), rejects[i]);
      }
    });
  });
}

Deno.test("a first line that begins with CR is no blank line, with the header in a file of its own", async () => {
  await withFolder(async (folder) => {
    await lay(folder, "\r1\t5\tA\tA\tG\n1\t6\tA\tA\tG\n");
    await Deno.writeTextFile(`${folder}/h.txt`, "CHROM\tPOS\tREF\t1a\t1b\n");
    const args = ["convert", "m.tsv", "--header", "h.txt", "-o", "o.vcf", "--quiet"];
    for (const more of [[], ["--direct"]]) {
      const { code, stderr } = await cli([...args, ...more], { cwd: folder });
      assertOneLine(stderr, /^error: m\.tsv:1: CHROM: /);
      assert.equal(code, 1);
    }
  });
});

Deno.test("--on-bad-row skip: no rejects file where no row is bad", async () => {
  await withFolder(async (folder) => {
    await lay(folder, GOOD);
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--on-bad-row", "skip", "--quiet"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.deepEqual(await listing(folder), ["m.tsv", "o.vcf"]);
  });
});

Deno.test("--on-bad-row skip: only bad rows is an error", async () => {
  await withFolder(async (folder) => {
    await lay(folder, matrix("1\t0\tA\tA\tC"));
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--on-bad-row", "skip", "--quiet"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assertOneLine(stderr, /^error: m\.tsv: .*(rows|records)/i);
    assert.equal(code, 1);
    assert.ok(!(await listing(folder)).includes("o.vcf"));
  });
});

Deno.test("full disk: /dev/full as standard output", async () => {
  await withFolder(async (folder) => {
    await lay(folder, many(2000));
    const { code, stderr } = await cliInShell(
      '"$@" >/dev/full',
      ["convert", "m.tsv", "-o", "-", "--quiet"],
      folder,
    );
    assertOneLine(stderr, /^error: -: the output cannot be written: no space left on the disk; /);
    assert.equal(code, 3);
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  });
});

const DISKS = [
  {
    name: "while the table is written",
    size: "256k",
    rows: 60_000,
    error: /^error: disk: the temporary table in this folder cannot be written: no space left on /,
  },
  {
    name: "while the output is written",
    // The table takes 7.5 to 11 MB, as DuckDB's threads share its blocks, and the output 12.
    size: "16m",
    rows: 400_000,
    error:
      /^error: disk\/o\.vcf: the output cannot be written: no space left on the disk \(0 bytes /,
  },
];
for (const { name, size, rows, error } of DISKS) {
  Deno.test(`full disk: ${name}`, async (t) => {
    await withFolder(async (folder) => {
      const disk = `${folder}/disk`;
      await Deno.mkdir(disk);
      const mount = ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", disk];
      if (!await succeeds("mount", mount)) {
        await t.step({ name: "skipped: tmpfs cannot be mounted", ignore: true, fn: () => {} });
        return;
      }
      try {
        await lay(folder, many(rows));
        const args = ["convert", "m.tsv", "-o", "disk/o.vcf", "--quiet"];
        const { code, stderr } = await cliProcess(args, { cwd: folder });
        assertOneLine(stderr, error);
        assert.equal(code, 3);
        assert.deepEqual(await listing(folder), ["disk/", "m.tsv"]);
      } finally {
        await succeeds("umount", [disk]);
      }
    });
  });
}

Deno.test("a closed pipe ends the run quietly", async () => {
  await withFolder(async (folder) => {
    await lay(folder, many(100_000));
    const args = ["convert", "m.tsv", "-o", "-", "--quiet"];
    const { stdout, stderr } = await cliInShell('"$@" | head -n 1', args, folder);
    assert.deepEqual({ stdout, stderr }, { stdout: "##fileformat=VCFv4.2\n", stderr: "" });
    assert.deepEqual(await listing(folder), ["m.tsv"]);
  });
});

/** A run is killed once what it writes passes so many bytes. */
const KILLS = [
  { signal: "SIGINT", moment: "early", bytes: 0, output: "o.vcf" },
  { signal: "SIGINT", moment: "late", bytes: 6_000_000, output: "o.vcf" },
  { signal: "SIGINT", moment: "early, with an index to come", bytes: 0, output: "o.vcf.gz" },
  { signal: "SIGHUP", moment: "early", bytes: 0, output: "o.vcf" },
  { signal: "SIGHUP", moment: "late", bytes: 6_000_000, output: "o.vcf.gz" },
  { signal: "SIGTERM", moment: "late", bytes: 6_000_000, output: "o.vcf" },
  { signal: "SIGKILL", moment: "early", bytes: 0, output: "o.vcf" },
  { signal: "SIGKILL", moment: "late", bytes: 6_000_000, output: "o.vcf" },
] as const;

const CODES = { SIGHUP: 129, SIGINT: 130, SIGKILL: 137, SIGTERM: 143 };

for (const { signal, moment, bytes, output } of KILLS) {
  Deno.test(`killed run: ${signal}, ${moment}, leaves nothing that looks finished`, async () => {
    await withFolder(async (folder) => {
      const rows = await layLarge(`${folder}/m.tsv`);
      const args = ["convert", "m.tsv", "-o", output, "--database", "keep.duckdb", "--quiet"];
      const child = startCli(args, folder);
      const ended = child.output();
      await child.stdin.close();
      await written(folder, bytes);
      child.kill(signal);
      const { code, stderr } = await ended;
      const left = await listing(folder);
      assert.equal(code, CODES[signal]);
      if (signal !== "SIGKILL") {
        assertOneLine(new TextDecoder().decode(stderr), /interrupted/i);
        assert.deepEqual(left.filter((name) => name !== "keep.duckdb"), ["m.tsv"]);
      } else {
        assert.deepEqual(left.filter((name) => /\.(vcf|gz|tbi|csi|tsv)$/.test(name)), ["m.tsv"]);
      }
      // A table appears only when it is whole: then the next run uses it.
      const again = await cli(args, { cwd: folder });
      assert.deepEqual(again, { code: 0, stdout: "", stderr: "" });
      assert.equal(await records(`${folder}/${output}`), rows);
      const index = output === "o.vcf.gz" ? ["o.vcf.gz.tbi"] : [];
      assert.deepEqual(await listing(folder), ["keep.duckdb", "m.tsv", output, ...index].sort());
    });
  });
}

for (const args of [["-"], ["m.tsv", "--samples-file", "-"]]) {
  Deno.test(`killed run: SIGINT while standard input is idle: ${args.join(" ")}`, async () => {
    await withFolder(async (folder) => {
      if (args[0] !== "-") await lay(folder, GOOD);
      const before = await listing(folder);
      const child = startCli(["convert", ...args, "-o", "o.vcf", "--quiet"], folder);
      const ended = child.output();
      const stdin = child.stdin.getWriter();
      await stdin.write(new TextEncoder().encode(many(args[0] === "-" ? 50_000 : 1)));
      await new Promise((resolve) => setTimeout(resolve, 1000));
      child.kill("SIGINT");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      const { code, stderr } = await ended;
      clearTimeout(timer);
      await stdin.close().catch(() => {});
      assert.equal(code, 130, "it did not end within 5 s, or not with 130");
      assertOneLine(new TextDecoder().decode(stderr), /interrupted/i);
      assert.deepEqual(await listing(folder), before);
    });
  });
}

/** A line that names the place and shows what was found, quoted or escaped. */
function located(place: string, found: string): RegExp {
  const plain = found.replace(/[\r\u0080-\uffff]/g, "\u0000"); // may be shown as escapes
  const shown = escaped(plain).replaceAll("\u0000", ".{1,10}");
  return new RegExp(`^error: ${escaped(place)}: .*${found === "" ? "empty" : shown}`, "i");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function assertOneLine(stderr: string, error: RegExp) {
  assert.match(stderr, /^error: [^\n]*\n$/);
  assert.match(stderr, error);
}

/** A matrix of one diploid sample. */
function matrix(...rows: string[]): string {
  return ["CHROM\tPOS\tREF\t10a\t10b"].concat(rows).map((row) => `${row}\n`).join("");
}

function many(rows: number): string {
  const row = (i: number) =>
    `chr${i % 3}\t${i + 1}\tA\t${"ACGT"[(i * 7) % 4]}\t${"AG"[(i >> 3) % 2]}`;
  return matrix() + Array.from({ length: rows }, (_, i) => `${row(i)}\n`).join("");
}

/** Writes a matrix of about 18 MB and 30 haplotypes; returns its number of rows. */
async function layLarge(path: string): Promise<number> {
  const rows = 250_000;
  const names = Array.from({ length: 30 }, (_, i) => `s${i >> 1}${"ab"[i % 2]}`);
  const cells = names.map((_, k) => names.map((_, i) => "ACGT"[(i * i + k) % 4]).join("\t"));
  const file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  await writer.write(encoder.encode(`CHROM\tPOS\tREF\t${names.join("\t")}\n`));
  for (let row = 0; row < rows; row += 10_000) {
    const line = (_: unknown, i: number) => `chr1\t${row + i + 1}\tA\t${cells[i % cells.length]}\n`;
    await writer.write(encoder.encode(Array.from({ length: 10_000 }, line).join("")));
  }
  await writer.close();
  return rows;
}

/** Waits until a run has put something beside the input, of so many bytes in all. */
async function written(folder: string, bytes: number): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    let files = 0;
    let total = 0;
    for (const name of await listing(folder).catch(() => [])) {
      if (name === "m.tsv") continue;
      files++;
      total += (await Deno.stat(`${folder}/${name}`).catch(() => ({ size: 0 }))).size;
    }
    if (files > 0 && total >= bytes) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`the run wrote less than ${bytes} bytes within 20 s`);
}

async function records(path: string): Promise<number> {
  const bytes = await Deno.readFile(path);
  const text = path.endsWith(".gz")
    ? gunzipSync(bytes).toString()
    : new TextDecoder().decode(bytes);
  return text.split("\nchr1\t").length - 1;
}

function gzipped(text: string): Uint8Array {
  return new Uint8Array(gzipSync(text));
}

/** Lays out the files of a case. */
async function lay(folder: string, input: BadInput["input"]): Promise<void> {
  const single = typeof input === "string" || input instanceof Uint8Array;
  const files = single ? { "m.tsv": input } : input;
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) await Deno.mkdir(`${folder}/${name}`);
    else if (typeof content === "string") await Deno.writeTextFile(`${folder}/${name}`, content);
    else await Deno.writeFile(`${folder}/${name}`, content);
  }
}

/** Everything in a folder: names, and what the files hold. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = (await listing(folder)).map(async (name) => [
    name,
    name.endsWith("/") ? "" : (await Deno.readFile(`${folder}/${name}`)).toBase64(),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

function readsEverything(): boolean {
  const file = Deno.makeTempFileSync();
  try {
    Deno.chmodSync(file, 0o000);
    Deno.openSync(file).close();
    return true;
  } catch {
    return false;
  } finally {
    Deno.removeSync(file);
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function utf16(text: string): Uint8Array {
  return Uint8Array.from([0xff, 0xfe, ...[...latin1(text)].flatMap((byte) => [byte, 0])]);
}
