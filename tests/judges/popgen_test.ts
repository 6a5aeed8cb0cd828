/**
 * The statistics of populations against the tables of `../shared/popgen`, which outside programs and
 * hands have made: pixy, genomics_general, vcftools, plink2, examples that fit on a page.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert, openMatrix } from "../../mod.ts";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { ask, compareTables, readTable } from "../helpers/popgen_tables.ts";

const SETS = filePath("../shared/popgen");

/** What outside programs of few digits print is equal within this. */
const PRINTED = 2e-5;
const EXACT = 1e-9;

/** A question, and what the file of that name expects of it. */
type Asked = readonly [file: string, sql: string, tolerance?: number];

/** pixy leaves out windows without comparisons. */
const compared = (call: string) => `FROM ${call} WHERE comparisons > 0`;
const biallelic = (call: string, limited: string) =>
  `SELECT a.*, b.fst AS fst_biallelic FROM ${call} a JOIN ${limited} b
   USING ("CHROM", first_pos, population_1, population_2) WHERE a.comparisons > 0`;

/** Returns the questions of a set that pixy, and vcftools or the oracle, answered by window. */
function windows(size: number, tolerance = EXACT): Asked[] {
  const both = biallelic(`divergence(${size})`, `divergence(${size}, max_alleles := 2)`);
  return [
    ["diversity.tsv", compared(`diversity(${size})`)],
    ["divergence.tsv", both],
    ["weir_cockerham.tsv", `FROM weir_cockerham(${size})`, tolerance],
  ];
}

const SETS_ASKED: Readonly<Record<string, readonly Asked[]>> = {
  cyvcf2_halfcalls: windows(1e9),
  hand_absent: [
    ["diversity.tsv", "FROM diversity()"],
    ["divergence.tsv", "FROM divergence()"],
    ["weir_cockerham.tsv", "FROM weir_cockerham()"],
    ["heterozygosity.tsv", "FROM heterozygosity()"],
    ["ld.tsv", "FROM ld('X', 1, 100)"],
    ["ld_north.tsv", "FROM ld('X', 1, 100, population := 'north')"],
  ],
  hand_ld: [["ld.tsv", "FROM ld('1', 1, 100)"]],
  hand_mixed_ploidy: [
    ["diversity.tsv", "FROM diversity()"],
    ["divergence.tsv", "FROM divergence()"],
    ["heterozygosity.tsv", "FROM heterozygosity()"],
  ],
  hand_windows: [
    ["diversity.tsv", "FROM diversity(10, 5)"],
    ["divergence.tsv", "FROM divergence(10, 5)"],
  ],
  kg3_chr22: [
    ...windows(100_000, PRINTED),
    [
      "ld.tsv",
      "FROM ld('22', 16000001, 16500000, max_distance := 1000) ORDER BY pos_1, pos_2 LIMIT 300",
      PRINTED,
    ],
    [
      "fst_whole.tsv",
      biallelic("divergence()", "divergence(max_alleles := 2)"),
      PRINTED,
    ],
    [
      "weir_cockerham_whole.tsv",
      "SELECT *, fst AS fst_biallelic FROM weir_cockerham(max_alleles := 2)",
      PRINTED,
    ],
  ],
  kidd_aims_1kg: windows(1e9),
  mixed_ploidy_kg3: [
    ["diversity.tsv", "FROM diversity(100000)"],
    ["divergence.tsv", "FROM divergence(100000)"],
    ["weir_cockerham.tsv", "FROM weir_cockerham(100000)"],
    [
      "outside.tsv",
      `SELECT d.*, e.pi AS pi_east, w.pi AS pi_west FROM divergence(100000) d
       JOIN diversity(100000) e ON e.first_pos = d.first_pos AND e.population = 'east'
       JOIN diversity(100000) w ON w.first_pos = d.first_pos AND w.population = 'west'`,
    ],
  ],
  whatshap_tetraploid: windows(1e9).slice(0, 2),
};

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

function matrixOf(set: string): string {
  const own = `${SETS}/${set}/matrix.tsv`;
  const shared = set === "mixed_ploidy_kg3" ? "kg3_chr22" : set;
  return isThere(own) ? own : filePath(`../shared/data/${shared}.matrix.tsv`);
}

const none = isThere(SETS) ? "" : ` (ignored: no ${SETS})`;

for (const [set, asked] of Object.entries(SETS_ASKED)) {
  Deno.test({
    name: `expected tables: ${set}${none}`,
    ignore: none !== "",
    fn: () =>
      withFolder(async (folder) => {
        const database = `${folder}/x.duckdb`, populations = `${SETS}/${set}/populations.tsv`;
        const sheet = `${SETS}/${set}/samples.tsv`, script = `${SETS}/${set}/table.sql`;
        await convert({
          input: matrixOf(set),
          output: `${folder}/x.vcf`,
          database,
          samplesFile: isThere(sheet) ? sheet : undefined,
        });
        if (isThere(script)) {
          const stdin = await Deno.readTextFile(script);
          const { code, stderr } = await cli(["sql", database, "--write"], { stdin });
          assert.equal(code, 0, stderr);
        }
        await using matrix = await openMatrix(database, { populations });
        for (const [file, sql, tolerance = EXACT] of asked) {
          const expected = readTable(`${SETS}/${set}/${file}`);
          assert.ok(expected.length > 0, file);
          assert.ok(compareTables(await ask(matrix, sql), expected, tolerance, file) > 0);
        }
      }),
  });
}

Deno.test({
  name: `expected tables: every folder is asked${none}`,
  ignore: none !== "",
  fn: () => {
    const folders = [...Deno.readDirSync(SETS)].filter(({ isDirectory }) => isDirectory);
    const unasked = folders.filter(({ name }) => {
      const files = [...Deno.readDirSync(`${SETS}/${name}`)].map((file) => file.name)
        .filter((file) =>
          /\.tsv$/.test(file) && !/^(?:matrix|samples|populations)\.tsv$/.test(file)
        );
      const asked = SETS_ASKED[name]?.map(([file]) => file) ?? [];
      return files.sort().join() !== asked.toSorted().join();
    });
    assert.deepEqual(unasked.map(({ name }) => name), []);
  },
});
