/**
 * Rows of dialects from their bytes to records: each kind of cell, every way.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, openMatrix } from "../../mod.ts";
import { type NamedColumns, pairTable, TEST_DIALECTS as D } from "../helpers/dialect_columns.ts";
import {
  convertDialect,
  type DialectRequest,
  everyWay,
  recordsOf,
} from "../helpers/dialect_runs.ts";

const REFERENCE = ">1\nNCGTACGTACGTACGTACGT\n>2\nACGTACGTAC\n>X\nACGTACGTAC\n>MT\nATGTA\n";
const HEAD = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
const BASIC = { CHROM: "Chrom", POS: "Pos", REF: "Ref" } as const;

Deno.test("genotypes: phase, ploidy and missing alleles are those of the cell", async () => {
  const names = ["CHROM", "POS", "REF", "S1", "S2", "S3"];
  const text = names.join("\t") + `
1	5	A	A/A	A/G	./.
1	8	T	T|C	C|T	T|T
1	9	A	A/	G/	./
1	10	CGT	C/CGT	CGT/CGT	C/.
1	11	A	R	.	g
`;
  const { text: vcf } = await everyWay(text, pairTable(D.genotypes, names, BASIC));
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2\tS3
1	5	.	A	G	.	.	.	GT	0/0	0/1	./.
1	8	.	T	C	.	.	.	GT	0|1	1|0	0|0
1	9	.	A	G	.	.	.	GT	0	1	.
1	10	.	CGT	C	.	.	.	GT	1/0	0/0	1/.
1	11	.	A	G	.	.	.	GT	0/1	./.	1/1
`,
  );
});

Deno.test("codes: ALTs are the declared ones, in their order", async () => {
  const names = ["CHROM", "POS", "REF", "ALT", "S1", "S2"];
  const text = names.join("\t") + `
1	5	A	G	0|0	0/1
1	8	T	C,A	1|2	./.
1	9	A	T	0/0:12	0/0
1	10	A	N,T	0/2	1
X	3	G	A	1	0|1
X	4	G	.	.	0|.
`;
  const named = pairTable(D.codes, names, { ...BASIC, ALT: "Alt" });
  const { text: vcf } = await everyWay(text, named);
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2
1	5	.	A	G	.	.	.	GT	0|0	0/1
1	8	.	T	C,A	.	.	.	GT	1|2	./.
1	9	.	A	T	.	.	.	GT	0/0	0/0
1	10	.	A	N,T	.	.	.	GT	0/2	1
X	3	.	G	A	.	.	.	GT	1	0|1
X	4	.	G	.	.	.	.	GT	.	0|.
`,
  );
});

Deno.test("a matrix with an ALT column: the declared order, carried or not, and INFO", async () => {
  const names = ["CHROM", "POS", "ID", "REF", "ALT", "S1a", "S1b", "S2"];
  const text = names.join("\t") + `
1	5	rs1	A	G,T	T	A	.
1	6	.	A	c	A	A	A
1	7	x	AC	<DEL>,A	G	AC	A
1	8	.	N	<DEL>	N	N	<DEL>
1	9	.	N	.	N	A	C
`;
  const named: NamedColumns = {
    ...{ dialect: D.matrix, columns: names, headerLines: 1 },
    roles: { ...BASIC, ID: "Id", ALT: "Alt" },
    samples: [{ name: "S1", columns: [5, 6] }, { name: "S2", columns: [7] }],
  };
  const { text: vcf } = await everyWay(text, named, { info: ["AC", "AN"] });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2
1	5	rs1	A	G,T	.	.	AC=0,1;AN=2	GT	2|0	.
1	6	.	A	C	.	.	AC=0;AN=3	GT	0|0	0
1	7	x	AC	<DEL>,A,G	.	.	AC=0,1,1;AN=3	GT	3|0	2
1	8	.	N	<DEL>	.	.	AC=1;AN=3	GT	0|0	1
1	9	.	N	A,C	.	.	AC=1,1;AN=2	GT	.|1	2
`,
  );
});

Deno.test("columns may stand in any order, lines may end in CR, blanks and TABs", async () => {
  const names = ["S1", "CHROM", "ALT", "POS", "S2", "NOTE", "REF"];
  const text = names.join("\t") + "\r\n" +
    "0|1\t1\tG\t5\t1/.\tx\tA\r\n\n## note\n2\t1\tG,C\t6\t0|0\t\tA \t\t\r\n" +
    "0|1\t1\tG\t7\n0|3\t1\tG\t8\t0|0\tx\tA\n";
  const named: NamedColumns = {
    ...pairTable(D.codes, names, { ...BASIC, ALT: "Alt" }),
    samples: [{ name: "S1", columns: [0, 0] }, { name: "S2", columns: [4, 4] }],
  };
  const { text: vcf, rejects } = await everyWay(text, named, { onBadRow: "skip" });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2
1	5	.	A	G	.	.	.	GT	0|1	1/.
1	6	.	A	G,C	.	.	.	GT	2	0|0
`,
  );
  assert.match(
    rejects!,
    /^6\tthe row has 4 fields, expected 7.*\n7\tS1?:? ?'0\|3' is no genotype/m,
  );
});

Deno.test("SQL: the declared ALTs of a matrix", async () => {
  const names = ["CHROM", "POS", "REF", "ALT", "S1a", "S1b"];
  const named: NamedColumns = {
    ...{ dialect: D.matrix, columns: names, headerLines: 1 },
    roles: { ...BASIC, ALT: "Alt" },
    samples: [{ name: "S1", columns: [4, 5] }],
  };
  await convertDialect(names.join("\t") + "\n1\t5\tA\tG,T\tT\tA\n1\t6\tA\t.\tA\tA\n", named, {
    look: async (database) => {
      assert.deepEqual(
        await ask(database, `SELECT "POS", "ALT", gt, phased FROM genotypes ORDER BY line`),
        ["5 G,T T|A true", "6 - A|A true"],
      );
      assert.deepEqual(
        await ask(database, `SELECT "ALT", "AC", "AN" FROM sites ORDER BY line`),
        ["[G,T] [0,1] 2", "[] [] 2"],
      );
    },
  });
});

Deno.test("HapMap: REF is the first declared allele only if asked for, else the reference's", async () => {
  const names = ["rs#", "alleles", "chrom", "pos", "strand", "L1", "L2", "L3"];
  const roles = {
    "rs#": "Id",
    alleles: "Alt",
    chrom: "Chrom",
    pos: "Pos",
    strand: "Strand",
  } as const;
  const text = names.join("\t") + `
m1	A/G	1	5	+	A	R	N
m2	C/T	1	8	+	Y	T	C
m3	G	1	11	+	G	G	G
m4	-/+	1	12	+	-	0	+
m5	A/C	1	13	-	A	A	A
m6	A/G	1	14	+	A	A	C
`;
  const first = pairTable({ ...D.hapmap, ref: "first" }, names, roles);
  const provisional = await everyWay(text, first, { onBadRow: "skip" });
  assert.equal(
    recordsOf(provisional.text),
    `${HEAD}\tL1\tL2\tL3
1	5	m1	A	G	.	.	PR	GT	0/0	0/1	./.
1	8	m2	C	T	.	.	PR	GT	0/1	1/1	0/0
1	11	m3	G	.	.	.	PR	GT	0/0	0/0	0/0
`,
  );
  assert.match(
    provisional.text,
    /##INFO=<ID=PR,Number=0,Type=Flag,Description="REF is provisional/,
  );
  assert.equal(provisional.skipped, 3);
  const lookup = pairTable(D.hapmap, names, roles);
  const { text: vcf } = await everyWay(text, lookup, { reference: REFERENCE, onBadRow: "skip" });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tL1\tL2\tL3
1	5	m1	A	G	.	.	.	GT	0/0	0/1	./.
1	8	m2	T	C	.	.	.	GT	0/1	0/0	1/1
1	11	m3	G	.	.	.	.	GT	0/0	0/0	0/0
1	14	m6	C	A,G	.	.	.	GT	1/1	1/1	0/0
`,
  );
});

Deno.test("DNA tests: one letter is a haploid call, indels are no calls", async () => {
  const names = ["rsid", "chromosome", "position", "genotype"];
  const text = `rs1	1	2	CT
rs2	1	5	GG
rs3	1	6	--
rs4	1	7	DI
rs5	1	8	AC
rs6	X	3	A
rs7	MT	2	T
rs8	1	9	AI
`;
  const named: NamedColumns = {
    ...{ dialect: D.rawDna, columns: names, headerLines: 0 },
    roles: { rsid: "Id", chromosome: "Chrom", position: "Pos" },
    samples: [{ name: "ME", columns: [3, 3] }],
  };
  const { text: vcf, rejects } = await everyWay(text, named, {
    reference: REFERENCE,
    onBadRow: "skip",
  });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tME
1	2	rs1	C	T	.	.	.	GT	0/1
1	5	rs2	A	G	.	.	.	GT	1/1
1	6	rs3	C	.	.	.	.	GT	./.
1	7	rs4	G	.	.	.	.	GT	./.
1	8	rs5	T	A,C	.	.	.	GT	1/2
X	3	rs6	G	A	.	.	.	GT	1
MT	2	rs7	T	.	.	.	.	GT	0
`,
  );
  assert.match(rejects!, /'AI' is no genotype of letters/);
});

Deno.test("TPED: two columns a sample, REF from the reference, all alleles kept", async () => {
  const columns = ["chr", "id", "cm", "bp", "1", "2", "3", "4", "5", "6"];
  const text = `1	rs1	0	5	A	A	A	G	0	0
1	rs2	0	8	C	T	T	T	C	C
1	rs3	0.1	9	G	G	G	G	G	G
2	rs4	0	6	A	C	A	T	0	0
2	rs5	0	8	TA	T	A	T	0	0
`;
  const named: NamedColumns = {
    ...{ dialect: D.tped, columns, headerLines: 0 },
    roles: { chr: "Chrom", id: "Id", bp: "Pos" },
    samples: [4, 6, 8].map((at, n) => ({ name: `I${n + 1}`, columns: [at, at + 1] })),
  };
  const { text: vcf } = await everyWay(text, named, { reference: REFERENCE });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tI1\tI2\tI3
1	5	rs1	A	G	.	.	.	GT	0/0	0/1	./.
1	8	rs2	T	C	.	.	.	GT	1/0	0/0	1/1
1	9	rs3	A	G	.	.	.	GT	1/1	1/1	1/1
2	6	rs4	C	A,T	.	.	.	GT	1/0	1/2	./.
2	8	rs5	TA	T,A	.	.	.	GT	0/1	2/1	./.
`,
  );
});

Deno.test("a wrong strand, a wrong build, a contig of another name: said, and no REF is guessed", async () => {
  const named: NamedColumns = {
    ...{ dialect: D.tped, columns: ["chr", "id", "cm", "bp", "1", "2"], headerLines: 0 },
    roles: { chr: "Chrom", id: "Id", bp: "Pos" },
    samples: [{ name: "I1", columns: [4, 5] }],
  };
  const converted = (row: string, more: DialectRequest = {}) =>
    convertDialect(`${row}\n`, named, { reference: REFERENCE, ...more });
  const strand = "1\trs1\t0\t5\tT\tC";
  await assert.rejects(converted(strand), /REF is 'T', but the reference has 'A' at 5/);
  const { counts } = await converted(strand, { refMismatch: "count", direct: true });
  assert.equal(counts.refMismatches, 1);
  const { text } = await converted(strand, { refMismatch: "skip" });
  assert.match(text, /\tI1\n$/);
  await assert.rejects(converted("1\trs1\t0\t50\tT\tC"), /the reference has no base at 50/);
  await assert.rejects(converted("1\trs1\t0\t50\tT\tT"), /no base at 50 of '1'; is it the right/);
  await assert.rejects(
    converted("chr1\trs1\t0\t5\tT\tC"),
    /no contig 'chr1', so .*; it has '1': the two name contigs with and without chr; rename/,
  );
});

const HAPS_COLUMNS = ["chr", "id", "pos", "a0", "a1", "1", "2", "3", "4"];
const HAPS: NamedColumns = {
  ...{ dialect: D.haps, columns: HAPS_COLUMNS, headerLines: 0 },
  roles: { chr: "Chrom", id: "Id", pos: "Pos", a0: "Alt", a1: "Alt" },
  samples: [{ name: "S1", columns: [5, 6] }, { name: "S2", columns: [7, 8] }],
};

Deno.test("haps: REF is confirmed by IDs; a haplotype may be absent, or of no order", async () => {
  const text = `1	1:5_A_G	5	A	G	0	1	1	1
1	1:10_CGT_C	10	CGT	C	0	0	?	?
1	1:13_A_T	13	A	T	0	0	0*	1*
1	1:14_A_T	14	C	T	0	0	0	0
X	X:3_G_A	3	G	A	1	0	0	-
X	X:4_G_A	4	G	A	-1	-	1	-
`;
  const { text: vcf, rejects } = await everyWay(text, HAPS, { onBadRow: "skip" });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2
1	5	1:5_A_G	A	G	.	.	.	GT	0|1	1|1
1	10	1:10_CGT_C	CGT	C	.	.	.	GT	0|0	.|.
1	13	1:13_A_T	A	T	.	.	.	GT	0|0	0/1
X	3	X:3_G_A	G	A	.	.	.	GT	1|0	0
X	4	X:4_G_A	G	A	.	.	.	GT	.	1
`,
  );
  assert.match(rejects!, /the ID is not CHROM:POS_REF_ALT/);
  const looked = { ...HAPS, dialect: { ...D.haps, ref: "lookup" } as const };
  const swapped = await everyWay("1\trs\t5\tG\tA\t0\t1\t1\t1\n", looked, { reference: REFERENCE });
  assert.match(swapped.text, /\n1\t5\trs\tA\tG\t.\t.\t.\tGT\t1\|0\t0\|0\n/);
});

Deno.test("dosages: counts of ALT; a fraction is a bad row", async () => {
  const names = ["SNP", "CHROM", "POS", "REF", "ALT", "S1", "S2", "S3"];
  const text = names.join("\t") + `
d1	1	5	A	G	0	1	2
d2	1	8	T	C	NA	2	-1
d3	1	9	T	C	0.97	2	-1
`;
  const named = pairTable(D.dosage, names, { ...BASIC, SNP: "Id", ALT: "Alt" });
  const { text: vcf, rejects } = await everyWay(text, named, { onBadRow: "skip" });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2\tS3
1	5	d1	A	G	.	.	.	GT	0/0	0/1	1/1
1	8	d2	T	C	.	.	.	GT	./.	1/1	./.
`,
  );
  assert.match(rejects!, /no call is made of a fraction/);
});

Deno.test("letters: two of them, with or without a colon, or one", async () => {
  const names = ["SNP", "CHROM", "POS", "REF", "S1", "S2", "S3"];
  const text = names.join("\t") + `
snp1	1	5	A	AA	AG	NN
snp2	1	8	T	CT	TT	--
snp3	1	9	A	A:A	A:G	?
snp4	1	10	A	a	M	GN
`;
  const named = pairTable(D.letters, names, { ...BASIC, SNP: "Id" });
  const { text: vcf } = await everyWay(text, named, { missing: ["NN", "--", "?"] });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2\tS3
1	5	snp1	A	G	.	.	.	GT	0/0	0/1	./.
1	8	snp2	T	C	.	.	.	GT	1/0	0/0	./.
1	9	snp3	A	G	.	.	.	GT	0/0	0/1	./.
1	10	snp4	A	C,G	.	.	.	GT	0/0	0/1	2/.
`,
  );
});

const BLOCK_COLUMNS = [
  "CHROM",
  "POS",
  "REF",
  "all-alleles",
  "S1:PI",
  "S1:PG_al",
  "S2:PI",
  "S2:PG_al",
];
const BLOCKS: NamedColumns = {
  ...{ dialect: D.haplotypeTable, columns: BLOCK_COLUMNS, headerLines: 1 },
  roles: { ...BASIC, "all-alleles": "Alt" },
  samples: [{ name: "S1", columns: [5, 5], block: 4 }, { name: "S2", columns: [7, 7], block: 6 }],
};
const BLOCK_TEXT = BLOCK_COLUMNS.join("\t") + `
2	1	G	G,A	4	G|A	.	.
2	6	C	C,T	4	T|C	6	C|C
2	8	C	C,T,*	5	T|*	6	C|T
2	9	C	C,A	.	C/A	.	C/C
2	10	C	C,A,T	4	C/A	4	C|C
`;

Deno.test("haplotype tables: blocks become PS, and come back", async () => {
  const { text: vcf } = await everyWay(BLOCK_TEXT, BLOCKS);
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tS1\tS2
2	1	.	G	A	.	.	.	GT:PS	0|1:4	./.:.
2	6	.	C	T	.	.	.	GT:PS	1|0:4	0|0:6
2	8	.	C	T,*	.	.	.	GT:PS	1|2:5	0|1:6
2	9	.	C	A	.	.	.	GT:PS	0/1:.	0/0:.
2	10	.	C	A,T	.	.	.	GT:PS	0/1:.	0|0:4
`,
  );
  const bad = BLOCK_TEXT.replace("\t5\tT|*", "\tfive\tT|*");
  await assert.rejects(everyWay(bad, BLOCKS), /S1:PI: the phase block is 'five'/);
});

/** Returns the rows of a query on a kept table, as texts. */
async function ask(database: string, sql: string): Promise<string[]> {
  await using matrix = await openMatrix(database);
  const found: string[] = [];
  for await (const rows of matrix.query(sql)) {
    found.push(...rows.map((row) => Object.values(row).map(shown).join(" ")));
  }
  return found;
}

/** Returns the genotypes that the library yields. */
async function genotypes(database: string): Promise<string[]> {
  await using matrix = await openMatrix(database);
  const found: string[] = [];
  for await (const rows of matrix.genotypes()) {
    found.push(
      ...rows.map(({ pos, alleles, phased, phaseSet }) =>
        `${pos} ${alleles.join(phased ? "|" : "/")} ${phaseSet ?? "-"}`
      ),
    );
  }
  return found;
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shown)}]` : value === null ? "-" : String(value);
}

Deno.test("SQL: phase and blocks by the cell; an absent haplotype is not there", async () => {
  await convertDialect(BLOCK_TEXT, BLOCKS, {
    look: async (database) => {
      assert.deepEqual(
        await ask(
          database,
          `SELECT "POS", sample, gt, phased, phase_set FROM genotypes
          WHERE sample = 'S1' ORDER BY line`,
        ),
        [
          "1 S1 G|A true 4",
          "6 S1 T|C true 4",
          "8 S1 T|* true 5",
          "9 S1 C/A false -",
          "10 S1 C/A false 4",
        ],
      );
      assert.deepEqual(
        (await genotypes(database)).slice(0, 6),
        ["1 G|A 4", "1 ./. -", "6 T|C 4", "6 C|C 6", "8 T|* 5", "8 C|T 6"],
      );
      assert.deepEqual(
        await ask(database, `SELECT * FROM blocks`),
        ["S1 2 4 1 6 2", "S1 2 5 8 8 1", "S2 2 6 6 8 2", "S2 2 4 10 10 1"],
      );
      assert.deepEqual(
        await ask(database, `SELECT "POS", "ALT", "AC", "AN", missing FROM sites ORDER BY line`),
        [
          "1 [A] [1] 2 2",
          "6 [T] [1] 4 0",
          "8 [T,*] [2,1] 4 0",
          "9 [A] [1] 4 0",
          "10 [A,T] [1,0] 4 0",
        ],
      );
    },
  });
});

Deno.test("a matrix: REF that is left open is looked up, other rows are read as ever", async () => {
  const names = ["CHR", "POS", "REF", "A1", "A2", "A3"];
  const text = names.join("\t") + `
1	5	A	A	g	G
1	8	T	-	C	N
1	9	-	A	G	-
1	10	.	CGT	A	C
1	11		<DEL>	.	N
1	12	T	A	A	A
1	13	-	C	C	C
`;
  const samples = ["A1", "A2", "A3"].map((name, n) => ({ name, columns: [3 + n] }));
  const named: NamedColumns = {
    ...{ dialect: D.matrix, columns: names, headerLines: 1, samples },
    roles: { CHR: "Chrom", POS: "Pos", REF: "Ref" },
  };
  const { text: vcf } = await everyWay(text, named, { reference: REFERENCE });
  assert.equal(
    recordsOf(vcf),
    `${HEAD}\tA1\tA2\tA3
1	5	.	A	G	.	.	.	GT	0	1	1
1	8	.	T	C	.	.	.	GT	.	1	.
1	9	.	A	G	.	.	.	GT	0	1	.
1	10	.	CGT	A,C	.	.	.	GT	0	1	2
1	11	.	G	<DEL>	.	.	.	GT	1	.	.
1	12	.	T	A	.	.	.	GT	1	1	1
1	13	.	A	C	.	.	.	GT	1	1	1
`,
  );
  const { skipped } = await convertDialect(text, named, { onBadRow: "skip" });
  assert.equal(skipped, 4);
});

Deno.test("SQL: haploid calls", async () => {
  const names = ["CHROM", "POS", "REF", "ALT", "S1", "S2"];
  const text = names.join("\t") + `
X	1	A	G,T	0|1	1
X	2	A	T	0/0	.
X	3	A	.	.	./.
`;
  const named = pairTable(D.codes, names, { ...BASIC, ALT: "Alt" });
  const { counts } = await convertDialect(text, named, {
    look: async (database) => {
      assert.deepEqual(
        await ask(
          database,
          `SELECT "POS", sample, gt, alleles, phased FROM genotypes
          ORDER BY line, sample`,
        ),
        [
          "1 S1 A|G [A,G] true",
          "1 S2 G [G] true",
          "2 S1 A/A [A,A] false",
          "2 S2 . [.] true",
          "3 S1 . [.] true",
          "3 S2 ./. [.,.] false",
        ],
      );
      assert.deepEqual(
        await ask(database, `SELECT "POS", "ALT", "AC", "AN", missing FROM sites ORDER BY line`),
        ["1 [G,T] [2,0] 3 0", "2 [T] [0] 2 1", "3 [] [] 0 3"],
      );
      assert.deepEqual(
        await genotypes(database),
        ["1 A|G -", "1 G -", "2 A/A -", "2 . -", "3 . -", "3 ./. -"],
      );
      assert.deepEqual(
        await ask(database, "SELECT * FROM sample_summary"),
        ["S1 2 3 0.2 1 0.5", "S2 2 3 0.75 0 -"],
      );
      assert.deepEqual(
        await ask(database, `SELECT "S2_1", "S2_2" FROM matrix ORDER BY "POS"`),
        ["G ", ". ", ". ."],
      );
      assert.deepEqual(await ask(database, "SELECT * FROM identity('S1', 'S2')"), [
        "S1 S2 1 0 0 0.5",
      ]);
    },
  });
  assert.equal(counts.missing, 4);
  assert.equal(counts.absent, 3);
  const { text: vcf } = await everyWay(text, named, { info: ["AC", "AN", "NS"], homozygous: true });
  assert.match(vcf, /AC=3,0;AN=4;NS=2\tGT\t0\|1\t1\|1\n/);
  assert.match(vcf, /AC=0;AN=2;NS=1\tGT\t0\/0\t\.\|\.\n/);
  // Three of five haplotypes of the last row are there, and all of them are missing.
  const few = await everyWay(text, named, { maxMissingRate: 0.4 });
  assert.equal(few.counts.tooManyMissing, 1);
});

Deno.test("haplotype tables come back: blocks, declared alleles, frequencies, haploid calls", async () => {
  const columns = [...BLOCK_COLUMNS.slice(0, 4), "all-freq", ...BLOCK_COLUMNS.slice(4)];
  const text = columns.join("\t") + `
2	1	G	G,A	0.5,0.5	4	G|A	.	.
2	6	C	C,T	.	4	T|C	6	C|C
2	8	C	C,T,*	0.7,0.2,1e-1	5	T|*	6	C|T
2	9	C	C,A	.	.	C/A	.	C/
2	10	C	C,A,T	.	4	C/A	4	C|C
`;
  const named: NamedColumns = {
    ...BLOCKS,
    columns,
    roles: { ...BLOCKS.roles, "all-freq": "Freq" },
    samples: [{ name: "S1", columns: [6, 6], block: 5 }, { name: "S2", columns: [8, 8], block: 7 }],
  };
  const { text: same } = await everyWay(text, named, { format: "haplotype" });
  assert.equal(same, text);
  const { text: legacy } = await everyWay(text, named, { format: "haplotype-legacy" });
  assert.equal(
    legacy.split("\n").slice(0, 2).join("\n"),
    "contig\tpos\tref\talt\tall-freq\tS1_PI\tS1_PG_al\tS2_PI\tS2_PG_al\n" +
      "2\t1\tG\tA\t0.5,0.5\t4\tG|A\t.\t.",
  );
});

Deno.test("a haplotype table without REF: looked up, or left open where none is written", async () => {
  const text = BLOCK_COLUMNS.join("\t") +
    "\n2\t1\t.\t.\t4\tG|A\t.\t.\n2\t6\t.\t.\t4\tT|C\t6\tC|C\n";
  const { text: vcf } = await everyWay(text, BLOCKS, { reference: REFERENCE });
  assert.match(vcf, /\n2\t1\t.\tA\tG\t.\t.\t.\tGT:PS\t1\|0:4\t.\/.:.\n2\t6\t.\tC\tT\t/);
  await assert.rejects(everyWay(text, BLOCKS), /REF is '.', .*--reference FASTA looks it up/);
  const open = { ...BLOCKS, facts: { refMayMiss: true } };
  const { text: same } = await everyWay(text, open, { format: "haplotype" });
  assert.equal(same, text);
  // A kept table of it is no VCF either.
  await convertDialect(text, open, {
    format: "haplotype",
    look: async (input) => {
      const output = `${input}.vcf`;
      await assert.rejects(convert({ input, output, threads: 1 }), /2: REF: REF is '.', and a VCF/);
      await assert.rejects(Deno.stat(output));
    },
  });
});

/** A genotype of a random table: codes of alleles, -1 for missing, and whether they are in order. */
interface Call {
  alleles: number[];
  phased: boolean;
}

/** A random row, whose alleles are REF and ALTs as they are declared. */
interface RandomRow {
  alleles: string[];
  calls: Call[];
}

const random = fc.record({
  alleles: fc.uniqueArray(fc.constantFrom("A", "C", "G", "T", "AC", "CGT", "*", "<DEL>"), {
    minLength: 1,
    maxLength: 5,
  }).filter(([ref]) => /^[ACGT]+$/.test(ref)),
  seeds: fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean(), fc.nat(9)), {
    minLength: 9,
    maxLength: 9,
  }),
}).map(({ alleles, seeds }): RandomRow => ({
  alleles,
  calls: seeds.map(([first, second, phased, kind]) => {
    const code = (seed: number) => seed === 5 ? -1 : seed % alleles.length;
    return kind === 0
      ? { alleles: [code(first)], phased: true }
      : { alleles: [code(first), code(second)], phased };
  }),
}));

/** Writes the VCF of random rows, as `codes` and `genotypes` declare ALTs, or do not. */
function slowVcf(rows: RandomRow[], declared: boolean): string {
  const names = Array.from({ length: 9 }, (_, n) => `S${n + 1}`);
  const records = rows.map(({ alleles, calls }, row) => {
    const [ref, ...alts] = alleles, order = declared ? [...alts] : [];
    for (const code of calls.flatMap((call) => call.alleles)) {
      if (code > 0 && !order.includes(alleles[code])) order.push(alleles[code]);
    }
    const gts = calls.map(({ alleles: codes, phased }) =>
      codes.map((code) => code < 0 ? "." : code === 0 ? "0" : order.indexOf(alleles[code]) + 1)
        .join(phased ? "|" : "/")
    );
    const alt = order.join(",") || ".";
    return ["1", row + 1, ".", ref, alt, ".", ".", ".", "GT", ...gts].join("\t") + "\n";
  });
  return `${HEAD}\t${names.join("\t")}\n${records.join("")}`;
}

Deno.test("random tables of codes and genotypes are what a slow writer makes of them", async () => {
  const names = ["CHROM", "POS", "REF", "ALT", ...Array.from({ length: 9 }, (_, n) => `S${n + 1}`)];
  const written = (rows: RandomRow[], cell: (row: RandomRow, call: Call) => string) =>
    names.join("\t") + "\n" + rows.map((row, n) => {
      const [ref, ...alts] = row.alleles, cells = row.calls.map((call) => cell(row, call));
      return ["1", n + 1, ref, alts.join() || ".", ...cells].join("\t") + "\n";
    }).join("");
  const code = (_: RandomRow, { alleles, phased }: Call) =>
    alleles.map((one) => one < 0 ? "." : one).join(phased ? "|" : "/");
  const pair = ({ alleles: all }: RandomRow, { alleles, phased }: Call) => {
    const texts = alleles.map((one) => one < 0 ? "." : all[one]);
    return texts.length === 1 ? `${texts[0]}/` : texts.join(phased ? "|" : "/");
  };
  const roles = { ...BASIC, ALT: "Alt" } as const;
  await fc.assert(
    fc.asyncProperty(
      fc.array(random, { minLength: 1, maxLength: 12 }),
      fc.constantFrom(0, 1, 3),
      fc.boolean(),
      async (rows, threads, direct) => {
        const request = { threads, direct };
        const codes = pairTable(D.codes, names, roles);
        const ofCodes = await convertDialect(written(rows, code), codes, request);
        assert.equal(recordsOf(ofCodes.text), slowVcf(rows, true));
        const pairs = pairTable(D.genotypes, names, roles);
        const ofPairs = await convertDialect(written(rows, pair), pairs, request);
        assert.equal(recordsOf(ofPairs.text), slowVcf(rows, true));
        const bare = { ...pairs, roles: { ...BASIC } };
        const undeclared = await convertDialect(written(rows, pair), bare, request);
        assert.equal(recordsOf(undeclared.text), slowVcf(rows, false));
      },
    ),
    { numRuns: 6 },
  );
});
