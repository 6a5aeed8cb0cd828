/**
 * The views and macros of a table, against its VCF read in the plainest way.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert, type Matrix, openMatrix, type Row } from "../../../mod.ts";
import { cli, filePath, withFolder } from "../../helpers/cli.ts";

interface VcfRecord {
  contig: string;
  pos: number;
  ref: string;
  alt: string[];
  /** Alleles by sample, as indexes; -1 is missing. */
  genotypes: number[][];
}

function readVcf(text: string): { samples: string[]; records: VcfRecord[] } {
  const lines = text.trim().split("\n").filter((line) => !line.startsWith("##"));
  const records = lines.slice(1).map((line) => {
    const [contig, pos, , ref, alt, , , , , ...genotypes] = line.split("\t");
    return {
      contig,
      pos: Number(pos),
      ref,
      alt: alt === "." ? [] : alt.split(","),
      genotypes: genotypes.map((gt) =>
        gt.split(/[|/]/).map((allele) => allele === "." ? -1 : Number(allele))
      ),
    };
  });
  return { samples: lines[0].split("\t").slice(9), records };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

Deno.test("views and macros agree with the VCF", async (t) => {
  await withFolder(async (folder) => {
    const output = `${folder}/m.vcf`, database = `${folder}/m.duckdb`;
    await convert({
      input: filePath("data/genome_matrix.tsv"),
      header: filePath("data/genome_matrix_header.txt"),
      output,
      database,
    });
    const { samples, records } = readVcf(await Deno.readTextFile(output));
    await using matrix = await openMatrix(database);
    const ask = async (sql: string): Promise<Row[]> =>
      (await Array.fromAsync(matrix.query(sql))).flat();

    await t.step("sites", async () => {
      const sites = (await Array.fromAsync(matrix.sites())).flat();
      const expected = records.map(({ contig, pos, ref, alt, genotypes }) => {
        const alleles = genotypes.flat(), an = alleles.filter((allele) => allele >= 0).length;
        const ac = alt.map((_, index) => alleles.filter((allele) => allele === index + 1).length);
        const af = ac.map((count) => round(count / an));
        return { contig, pos, ref, alt, ac, an, af, missing: alleles.length - an };
      });
      // The VCF does not know the lines; open_matrix_test does.
      assert.deepEqual(sites.map(({ line: _, ...site }) => site), expected);
    });

    await t.step("genotypes", async () => {
      const choice = { contig: "3", samples: ["Vida", "10"] };
      const genotypes = (await Array.fromAsync(matrix.genotypes(choice))).flat();
      const columns = samples.map((_, index) => index).filter((index) =>
        choice.samples.includes(samples[index])
      );
      const expected = records.filter(({ contig }) => contig === "3").flatMap((record) =>
        columns.map((column) => ({
          contig: "3",
          pos: record.pos,
          ref: record.ref,
          sample: samples[column],
          alleles: record.genotypes[column].map((allele) =>
            [".", record.ref, ...record.alt][allele + 1]
          ),
          phased: true,
        }))
      );
      const compared = genotypes.map(({ line: _, ...genotype }) => genotype);
      assert.deepEqual(compared, expected);
    });

    await t.step("sample_summary", async () => {
      const expected = samples.map((sample, column) => {
        const genotypes = records.map((record) => record.genotypes[column]);
        const ploidy = genotypes[0].length;
        const missing = genotypes.flat().filter((allele) => allele < 0).length;
        const called = genotypes.filter((alleles) => !alleles.includes(-1));
        const different = called.filter(([a, b]) => a !== b).length;
        return {
          sample,
          ploidy: BigInt(ploidy),
          sites: BigInt(records.length),
          missingness: round(missing / (records.length * ploidy)),
          heterozygous: ploidy === 2 ? BigInt(different) : null,
          heterozygosity: ploidy === 2 ? round(different / called.length) : null,
        };
      });
      assert.deepEqual(await ask("FROM sample_summary"), expected);
    });

    await t.step("site_frequency_spectrum", async () => {
      const counts = new Map<number, bigint>();
      for (const { alt, genotypes } of records) {
        const alleles = genotypes.flat();
        if (alt.length !== 1 || alleles.includes(-1)) continue;
        const ac = alleles.filter((allele) => allele === 1).length;
        const minor = Math.min(ac, alleles.length - ac);
        counts.set(minor, (counts.get(minor) ?? 0n) + 1n);
      }
      const expected = [...counts].sort(([a], [b]) => a - b).map(([minor_count, sites]) => ({
        minor_count,
        sites,
      }));
      assert.deepEqual(await ask("FROM site_frequency_spectrum()"), expected);
    });

    for (const [one, other] of [["10", "11"], ["Vida", "2"], ["7", "7"]]) {
      await t.step(`identity of ${one} and ${other}`, async () => {
        const pairs = records.map(({ genotypes }) =>
          [one, other].map((name) => {
            const [a, b = a] = genotypes[samples.indexOf(name)];
            return [a, b];
          })
        ).filter((pair) => !pair.flat().includes(-1));
        const shared = pairs.map(([[a, b], [c, d]]) =>
          Math.max(Number(a === c) + Number(b === d), Number(a === d) + Number(b === c))
        );
        const sum = shared.reduce((sum, count) => sum + count, 0);
        assert.deepEqual(await ask(`FROM identity('${one}', '${other}')`), [{
          sample_1: one,
          sample_2: other,
          sites: BigInt(pairs.length),
          same_genotype: BigInt(shared.filter((count) => count === 2).length),
          nothing_shared: BigInt(shared.filter((count) => count === 0).length),
          identity: round(sum / shared.length / 2),
        }]);
      });
    }

    await t.step("region and haplotype", async () => {
      const inside = records.filter(({ contig, pos }) =>
        contig === "2" && pos >= 100 && pos <= 300
      );
      const rows = await ask(`SELECT POS, "10b" AS allele FROM region('2', 100, 300)`);
      const expected = inside.map(({ pos, ref, alt, genotypes }) => ({
        POS: pos,
        allele: [".", ref, ...alt][genotypes[samples.indexOf("10")][1] + 1],
      }));
      assert.ok(expected.length > 5);
      assert.deepEqual(rows, expected);
      const haplotype = await ask(
        "SELECT POS, allele FROM haplotype('10b') WHERE CHROM = '2' AND POS BETWEEN 100 AND 300 ORDER BY POS",
      );
      assert.deepEqual(haplotype, expected);
      await assert.rejects(ask("FROM haplotype('nobody')"), /there is no haplotype 'nobody'/);
      await assert.rejects(ask("FROM identity('10', 'nobody')"), /there is no sample 'nobody'/);
    });
  });
});

const POLYPLOID = `CHROM\tPOS\tID\tREF\tq1\tq2\tq3\tq4\tr1\tr2\tr3\tr4\tVa\tWa\tWb
1\t7\trs1\tA\tA\tA\tG\tG\tA\tA\tA\tA\tA\tA\tG
1\t9\t.\tC\tC\tC\tC\tT\tT\tC\tC\tC\tC\tC\t<INS:ME|ALU>
1\t9\trs2\tC\tC\tC\tC\tT\tT\tT\tT\tT\tC\tC\t.
X\t3\trs9\tT\tT\tT\tC\tT\tT\tC\t.\tC\tT\tT\tC
`;
const SHEET = "q\tq1\tq2\tq3\tq4\nr\tr1\tr2\tr3\tr4\nV\tVa\nW\tWa\tWb\n";

async function withPolyploids(
  use: (ask: (sql: string) => Promise<Row[]>, database: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, samples = `${folder}/m.sheet`, database = `${folder}/m.duckdb`;
    await Deno.writeTextFile(input, POLYPLOID);
    await Deno.writeTextFile(samples, SHEET);
    await convert({ input, samplesFile: samples, output: `${folder}/m.vcf`, database, threads: 0 });
    await using matrix = await openMatrix(database);
    await use(async (sql) => (await Array.fromAsync(matrix.query(sql))).flat(), database);
  });
}

Deno.test("identity looks at all haplotypes of a polyploid sample", () =>
  withPolyploids(async (ask) => {
    const of = async (one: string, other: string) => {
      const [{ sites, same_genotype, nothing_shared, identity }] = await ask(
        `FROM identity('${one}', '${other}')`,
      );
      return [sites, same_genotype, nothing_shared, identity];
    };
    // Shared of AAGG and AAAA are 2 of 4, of CCCT and TCCC 4, of CCCT and TTTT 1; the last is missing.
    assert.deepEqual(await of("q", "r"), [3n, 1n, 0n, round((0.5 + 1 + 0.25) / 3)]);
    assert.deepEqual(await of("q", "q"), [4n, 4n, 0n, 1]);
    // A haploid sample counts as homozygous, whatever the ploidy of the other.
    assert.deepEqual(await of("q", "V"), [4n, 0n, 0n, round((0.5 + 0.75 + 0.75 + 0.75) / 4)]);
    assert.deepEqual(await of("q", "W"), [3n, 1n, 0n, round((1 + 0.5 + 0.75) / 3)]);
    assert.deepEqual(await of("W", "V"), [3n, 0n, 0n, 0.5]);
    await assert.rejects(of("q", "nobody"), /there is no sample 'nobody'/);
  }));

Deno.test("genotypes: alleles as a list, as one may contain the bar; ID and line tell rows apart", () =>
  withPolyploids(async (ask, database) => {
    const where = "WHERE CHROM = '1' AND POS = 9 AND sample IN ('W', 'q')";
    assert.deepEqual(
      await ask(`FROM genotypes ${where} ORDER BY line, sample`),
      [
        [null, "W", "C|<INS:ME|ALU>", ["C", "<INS:ME|ALU>"], 3n],
        [null, "q", "C|C|C|T", ["C", "C", "C", "T"], 3n],
        ["rs2", "W", "C|.", ["C", "."], 4n],
        ["rs2", "q", "C|C|C|T", ["C", "C", "C", "T"], 4n],
      ].map(([ID, sample, gt, alleles, line]) => {
        return { CHROM: "1", POS: 9, ID, REF: "C", sample, gt, alleles, phased: true, line };
      }),
    );
    await using matrix = await openMatrix(database);
    const some = (await Array.fromAsync(matrix.genotypes({ contig: "1", samples: ["W"] }))).flat();
    assert.deepEqual(some.map(({ alleles }) => alleles), [
      ["A", "G"],
      ["C", "<INS:ME|ALU>"],
      ["C", "."],
    ]);
  }));

Deno.test("genotypes shows unphased ones as unphased, as the VCF does", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
    await Deno.writeTextFile(input, "CHROM\tPOS\tREF\tA\tB\n1\t5\tA\tR\tG\n1\t6\tA\tA\tN\n");
    await convert({ input, output: `${folder}/m.vcf`, database, iupac: "split", threads: 0 });
    await using matrix = await openMatrix(database);
    const rows = (await Array.fromAsync(
      matrix.query("SELECT sample, gt, phased FROM genotypes ORDER BY line, sample"),
    )).flat();
    assert.deepEqual(rows.map(({ gt }) => gt), ["A/G", "G/G", "A/A", "./."]);
    assert.ok(rows.every(({ phased }) => phased === false));
    const genotypes = (await Array.fromAsync(matrix.genotypes())).flat();
    assert.deepEqual(genotypes.map(({ alleles }) => alleles.join("/")), rows.map(({ gt }) => gt));
    assert.ok(genotypes.every(({ phased }) => !phased));
  }));

Deno.test("numbers of the views are signed", () =>
  withPolyploids(async (ask) => {
    const row = (sql: string) => ask(sql).then(([row]) => Object.values(row));
    for (const view of ["sites", "matrix", "genotypes", "haplotype('Va')", "region('1', 7, 7)"]) {
      assert.deepEqual(await row(`SELECT min(POS - 100) FROM ${view} WHERE POS = 7`), [-93], view);
    }
    assert.deepEqual(await row("SELECT AN - 2 * AC[1], AC[1] - AN FROM sites WHERE POS = 7"), [
      5,
      -8,
    ]);
    assert.deepEqual(await row("SELECT min(missing - 1), min(line - 10) FROM sites"), [-1, -8n]);
    assert.deepEqual(
      await ask(
        "SELECT POS - lag(POS) OVER (ORDER BY POS DESC, line) AS d FROM sites ORDER BY POS, line",
      ),
      [{ d: -4 }, { d: -2 }, { d: null }, { d: 0 }],
    );
    const near =
      "SELECT count(*) OVER (ORDER BY POS RANGE 100 PRECEDING) AS n FROM sites ORDER BY n";
    assert.deepEqual((await ask(near)).map(({ n }) => n), [1n, 2n, 4n, 4n]);
    // A position is at most 2^31 - 1, so that no difference of two overflows.
    assert.deepEqual(await row("SELECT typeof(POS), typeof(AN), typeof(AC) FROM sites"), [
      "INTEGER",
      "INTEGER",
      "INTEGER[]",
    ]);
  }));

Deno.test("region: a contig that the table does not have is an error, a place without rows is none", () =>
  withPolyploids(async (ask) => {
    await assert.rejects(ask("FROM region('7', 1, 3)"), /there is no contig '7'; \.contigs lists/);
    await assert.rejects(ask("SELECT count(*) FROM region('x', 1, 3)"), /there is no contig 'x'/);
    assert.deepEqual(await ask("FROM region('1', 100, 300)"), []);
    assert.deepEqual(await ask("SELECT Va FROM region(1, 1, 8)"), [{ Va: "A" }]);
  }));

Deno.test("a contig that is compared with a number: the error says what to do", () =>
  withPolyploids(async (ask) => {
    const hint =
      /'X' to INT.*'X' is a contig, and CHROM is text: write CHROM = '1', or .*VARCHAR\)/;
    const bed = "(VALUES (1, 0, 100), (2, 0, 10)) bed(contig, first, last)";
    for (
      const statement of [
        "FROM sites WHERE CHROM = 1",
        "FROM matrix WHERE CHROM IN (1, 2)",
        `SELECT * FROM sites JOIN ${bed} ON CHROM = bed.contig`,
      ]
    ) await assert.rejects(ask(statement), { name: "StatementError", message: hint });
    await assert.rejects(ask("SELECT 'Y'::INT"), (error: Error) => !/contig/.test(error.message));
    const joined =
      `SELECT DISTINCT CHROM FROM sites JOIN ${bed} ON CHROM = CAST(bed.contig AS VARCHAR)`;
    assert.deepEqual(await ask(joined), [{ CHROM: "1" }]);
  }));

Deno.test("filters of positions reach the scan, where they skip row groups", () =>
  withPolyploids(async (ask) => {
    for (const view of ["matrix", "sites", "genotypes", "region('1', 5, 9)", "haplotype('Va')"]) {
      const [plan] = await ask(`EXPLAIN SELECT * FROM ${view} WHERE POS BETWEEN 5 AND 9`);
      assert.match(String(plan.explain_value), /pos>=5 AND pos<=9/, view);
    }
  }));

Deno.test("names that differ in case only: none answers for another in the view", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`, notes: string[] = [];
    await Deno.writeTextFile(
      input,
      "CHROM\tPOS\tREF\tMo17\tpos\tMO17\tmo17_1\tB73\n1\t7\tA\tA\tC\tG\tT\tN\n",
    );
    // A column that is named like POS is a haplotype only if a sheet says so.
    const samples = `${folder}/samples.tsv`, names = ["Mo17", "pos", "MO17", "mo17_1", "B73"];
    await Deno.writeTextFile(samples, names.map((name) => `${name}\t${name}\n`).join(""));
    const onNote = (line: string) => notes.push(line);
    await convert({
      input,
      output: `${folder}/m.vcf`,
      database,
      threads: 0,
      samplesFile: samples,
      onNote,
    });
    await using matrix = await openMatrix(database);
    const ask = async (sql: string) => (await Array.fromAsync(matrix.query(sql))).flat();
    assert.deepEqual(await ask("FROM matrix"), [{
      CHROM: "1",
      POS: 7,
      REF: "A",
      Mo17_2: "A",
      pos_1: "C",
      MO17_3: "G",
      mo17_1: "T",
      B73: ".",
    }]);
    for (const name of ["Mo17", "MO17", "mo17"]) {
      await assert.rejects(ask(`SELECT "${name}" FROM matrix`), /"(?:mo17|MO17|Mo17)" not found/);
    }
    assert.deepEqual(await ask("SELECT allele FROM haplotype('MO17')"), [{ allele: "G" }]);
    assert.deepEqual(
      (await ask("SELECT name, view_column FROM haplotypes ORDER BY source_column"))
        .map(({ name, view_column }) => `${name} ${view_column}`),
      ["Mo17 Mo17_2", "pos pos_1", "MO17 MO17_3", "mo17_1 mo17_1", "B73 B73"],
    );
    assert.equal(notes.filter((note) => /names there ignore case/.test(note)).length, 3);
  }));

/** The views and the type of POS as 081f408 made them. */
const FORMER = `
DROP VIEW sites; DROP VIEW genotypes; DROP VIEW matrix;
ALTER TABLE records ALTER pos TYPE UINTEGER;
CREATE VIEW matrix AS SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", alleles[10] AS "Wa" FROM records;
CREATE VIEW sites AS SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", [ref][:0] AS "ALT",
  []::UINTEGER[] AS "AC", 11::UINTEGER AS "AN", []::DOUBLE[] AS "AF", 0::UINTEGER AS missing, line FROM records;
CREATE VIEW genotypes AS SELECT chrom AS "CHROM", pos AS "POS", ref AS "REF", 'W' AS sample,
  alleles[10] || '|' || alleles[11] AS gt, line FROM records`;

Deno.test("a table of the former views opens, and gives the same sites, genotypes and VCF", () =>
  withPolyploids(async (_ask, database) => {
    const former = `${database}.former.duckdb`;
    await Deno.copyFile(database, former);
    await cli(["sql", former, "--write", ...FORMER.split(";").flatMap((sql) => ["-c", sql])]);
    await using now = await openMatrix(database);
    await using before = await openMatrix(former);
    const read = async (matrix: Matrix) => ({
      genotypes: (await Array.fromAsync(matrix.genotypes())).flat(),
      some: (await Array.fromAsync(matrix.genotypes({ contig: "1", first: 9, last: 9 }))).flat(),
      places: (await Array.fromAsync(matrix.sites())).flat().map(({ pos, line }) => [pos, line]),
    });
    const [{ typed }] = (await Array.fromAsync(
      before.query("SELECT typeof(POS) AS typed FROM sites LIMIT 1"),
    )).flat();
    assert.equal(typed, "UINTEGER");
    assert.deepEqual(await read(before), await read(now));
    const text = async (input: string, regions?: string) => {
      await convert({ input, output: `${database}.vcf`, threads: 0, regions });
      return await Deno.readTextFile(`${database}.vcf`);
    };
    assert.equal(await text(former), await text(database));
    assert.equal(await text(former, "1:8-9"), await text(database, "1:8-9"));
    for (const format of ["matrix", "sites", "genotypes"] as const) {
      const bytes = async (input: string) => {
        await convert({ input, output: `${database}.parquet`, threads: 0, format });
        return await Deno.readFile(`${database}.parquet`);
      };
      assert.deepEqual(await bytes(former), await bytes(database), format);
    }
  }));
