import assert from "node:assert/strict";
import { InputError } from "../../../src/base/errors.ts";
import { splitHeader } from "../../../src/matrix/header.ts";
import type { LayoutOptions } from "../../../src/matrix/column_samples.ts";
import { matrixLayout } from "../../../src/matrix/layout.ts";

const AT = { file: "m.tsv", line: 1 };

function layout(header: string, options?: LayoutOptions) {
  return matrixLayout({ columns: header.split(" "), at: AT }, options);
}

const HEADERS: { line: string; names: string[] }[] = [
  { line: "#CHROM\tPOS\tREF\t10a\t\r", names: ["CHROM", "POS", "REF", "10a"] },
  { line: "\uFEFFCHROM\tPOS \t \t", names: ["CHROM", "POS"] },
  { line: "a b\t\tc", names: ["a b", "", "c"] },
  { line: '"#CHROM"\t"POS"\r', names: ["CHROM", "POS"] },
  { line: '# "CHROM"\t"POS"', names: ["CHROM", "POS"] },
  { line: '"CHROM"\tPOS', names: ['"CHROM"', "POS"] },
  { line: "# [1]CHROM\t[2]POS\t[3]S:GT", names: ["CHROM", "POS", "S:GT"] },
  { line: "# [1]CHROM\tPOS", names: ["[1]CHROM", "POS"] },
];
for (const { line, names } of HEADERS) {
  Deno.test(`splitHeader() of ${JSON.stringify(line)}`, () => {
    assert.deepEqual(splitHeader(line), names);
  });
}

// -1 left out, -2 CHROM, -3 POS, -4 REF, -5 ID, else the ordinal of the first haplotype.
const ROLES: { header: string; options?: LayoutOptions; roles: number[]; copies?: number[] }[] = [
  { header: "CHROM POS REF 1a 1b", roles: [-2, -3, -4, 0, 1] },
  { header: "1b ref Position ID 1a chr", roles: [1, -4, -3, -5, 0, -2] },
  { header: "seqname bp reference x", roles: [-2, -3, -4, 0] },
  { header: "chrom CHROM pos ref x", roles: [-1, -2, -3, -4, 0] }, // the exact name wins
  { header: "contig Chrom pos ref x", roles: [-1, -2, -3, -4, 0] }, // then the name itself
  ...["rsid", "RSID", "rs#", "Snp", "snpID"].map((name) => {
    return { header: `CHROM POS REF ${name} x`, roles: [-2, -3, -4, -5, 0] };
  }),
  { header: "CHROM POS REF ID rsid x", roles: [-2, -3, -4, -5, -1, 0] },
  ...["qual", "Filter", "FORMAT", "info", "INFO:DP", "Gene", "locus_tag", "all-freq", "QCcode"].map(
    (name) => ({ header: `CHROM POS REF ${name} x`, roles: [-2, -3, -4, -1, 0] }),
  ),
  { header: "CHROM POS REF S:GT S:AD T:AD", roles: [-2, -3, -4, 0, -1, 1] },
  {
    header: "CHROM POS REF ALT GENE ID",
    options: { samplesFile: { text: "s\tALT\tID\nGENE\tGENE\n", file: "s.tsv", exclude: false } },
    roles: [-2, -3, -4, 0, 2, 1],
  },
  {
    header: "CHROM POS REF x:PI x:PG_al ya yb",
    roles: [-2, -3, -4, -7, 0, 2, 3],
    copies: [0, 0, 0, 0, 2, 1, 1],
  },
  {
    header: "CHROM POS REF x y z",
    options: { samplesFile: { text: "s\tz\tx\n", file: "s.tsv", exclude: false } },
    roles: [-2, -3, -4, 1, -1, 0],
  },
  {
    header: "CHROM POS REF x y",
    options: { split: true },
    roles: [-2, -3, -4, 0, 2],
    copies: [0, 0, 0, 2, 2],
  },
  {
    header: "CHROM POS REF 1a 1b y",
    options: { split: true },
    roles: [-2, -3, -4, 0, 1, 2],
    copies: [0, 0, 0, 1, 1, 2],
  },
  {
    header: "CHROM POS REF all-alleles all-freq x:PI x:PG_al y:PI y:PG_al",
    roles: [-2, -3, -4, -6, -1, -7, 0, -7, 2],
    copies: [0, 0, 0, 0, 0, 0, 2, 0, 2],
  },
  {
    header: "contig pos ref alt x_PI x_PG_al",
    roles: [-2, -3, -4, -6, -7, 0],
    copies: [0, 0, 0, 0, 0, 2],
  },
];
for (const { header, options, roles, copies } of ROLES) {
  Deno.test(`matrixLayout() of ${header}, ${JSON.stringify(options ?? {})}`, () => {
    const found = layout(header, options);
    assert.deepEqual([...found.roles], roles);
    const ones = roles.map((role) => role >= 0 ? 1 : 0);
    assert.deepEqual([...found.copies], copies ?? ones);
    assert.equal(found.haplotypes, (copies ?? ones).reduce((a, b) => a + b));
    assert.equal(found.hasId, roles.includes(-5));
  });
}

const ERRORS: { header: string; message: RegExp; column?: string }[] = [
  { header: "POS REF x", message: /^the header has no CHROM column \(CHROM, CHR, CONTIG/ },
  { header: "CHROM x REF", message: /^the header has no POS column/ },
  { header: "CHROM POS x", message: /^the header has no REF column/ },
  { header: "chr1 100 A A", message: /^the first line looks like data \('chr1\\t100\\tA'\)/ },
  { header: "CHROM POS REF", message: /no allele columns after CHROM, POS and REF/ },
  { header: "CHR CONTIG POS REF x", message: /^'CHR' and 'CONTIG' could both be CHROM; call one/ },
  { header: "CHROM POS REF x x y", message: /^columns 4 and 5 have the same name/, column: "x" },
  { header: "CHROM POS REF  x", message: /^column 4 of the header has no name/ },
];
for (const { header, message, column } of ERRORS) {
  Deno.test(`matrixLayout() refuses ${header}`, () => {
    assert.throws(() => layout(header), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual({ ...error.at }, column ? { ...AT, column } : AT);
      assert.match(error.detail, message);
      return true;
    });
  });
}

Deno.test("matrixLayout() refuses more haplotypes than DuckDB's largest array holds", () => {
  const columns = Array.from({ length: 100_001 }, (_, i) => `s${i}`);
  const header = ["CHROM", "POS", "REF", ...columns];
  assert.throws(
    () => matrixLayout({ columns: header, at: AT }),
    /100001 haplotype columns; 100000/,
  );
  const most = matrixLayout({ columns: header.slice(0, -1), at: AT });
  assert.equal(most.haplotypes, 100_000);
});

Deno.test("matrixLayout() says where: in the header, or in the sheet", () => {
  assert.throws(
    () => layout("CHROM POS REF Sa Sb S_a S_b"),
    (error) => error instanceof InputError && error.at.file === "m.tsv",
  );
  const sheet = { text: "my s\tx\n", file: "s.tsv", exclude: false };
  assert.throws(
    () => layout("CHROM POS REF x", { samplesFile: sheet }),
    (error) => error instanceof InputError && error.at.file === "s.tsv",
  );
});

Deno.test("matrixLayout(): phase is known of pairs and tables, not of genotypes that are split", () => {
  const phased = (header: string, options?: LayoutOptions) =>
    layout(header, options).choice.samples.map((sample) => sample.phased);
  assert.deepEqual(phased("CHROM POS REF 1a 1b x"), [true, true]);
  assert.deepEqual(phased("CHROM POS REF 1a 1b x", { split: true }), [true, false]);
  assert.deepEqual(phased("CHROM POS REF x:PI x:PG_al", { split: true }), [true]);
});
