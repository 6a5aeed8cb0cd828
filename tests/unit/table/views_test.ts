/**
 * The views and macros of a table, against its VCF read in the plainest way.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert, openMatrix, type Row } from "../../../mod.ts";
import { filePath, withFolder } from "../../helpers/cli.ts";

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
