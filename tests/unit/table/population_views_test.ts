/**
 * The statistics of populations on random matrices, against a slow oracle, and what must and must not
 * change them.
 *
 * The suite runs a slice. More: `deno test -A tests/unit/table/population_views_test.ts -- 1000 7`
 * (number of random matrices, seed).
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, type Matrix, openMatrix } from "../../../mod.ts";
import { SqlSession } from "../../../src/query/sql_session.ts";
import { withFolder } from "../../helpers/cli.ts";
import { runToEnd } from "../../helpers/kept_table.ts";
import {
  oracleDivergence,
  oracleDiversity,
  oracleHeterozygosity,
  oracleLinkage,
  type OracleMatrix,
  type OracleSample,
  oracleWeirCockerham,
  type WindowOptions,
} from "../../helpers/popgen_oracle.ts";
import { ask, compareTables } from "../../helpers/popgen_tables.ts";

const [runs = 20, seed = 32] = Deno.args.map(Number).filter(Number.isInteger);

/** The allele that stands for an absent haplotype until the table is there. */
const ABSENT = "<ABSENT>";

const cell = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("A", "C") },
  { weight: 4, arbitrary: fc.constantFrom("G", "T") },
  { weight: 1, arbitrary: fc.constantFrom("*", "TA", "<DEL>", "GGCA") },
);

const cases = fc.record({
  ploidies: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 7 }),
  mostlyDiploid: fc.boolean(),
  /** Population of each sample; 0 is none. */
  populations: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 7, maxLength: 7 }),
  rows: fc.array(
    fc.record({
      contig: fc.constantFrom("1", "X", "HLA:A*01"),
      pos: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constantFrom(1, 2 ** 31 - 1)),
      ref: fc.constantFrom("A", "A", "C", "C", "N", "AC"),
      cells: fc.array(cell, { minLength: 1, maxLength: 42 }),
      invariant: fc.boolean(),
      holes: fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 42, maxLength: 42 }),
    }),
    { minLength: 1, maxLength: 14 },
  ),
  missing: fc.constantFrom(0, 10, 50, 100),
  absent: fc.constantFrom(0, 0, 20),
  window: fc.record({
    size: fc.option(fc.constantFrom(1, 2, 7, 10, 1000, 2 ** 31), { nil: undefined, freq: 3 }),
    step: fc.option(fc.constantFrom(1, 3, 10, 25), { nil: undefined }),
    indels: fc.boolean(),
    maxAlleles: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  }),
  maxDistance: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

/** Returns the matrix of a case, as the oracle has it. */
function oracleMatrix(
  { ploidies, mostlyDiploid, populations, rows, missing, absent }: Case,
): OracleMatrix {
  const samples: OracleSample[] = [];
  let columns = 0;
  for (const [at, ploidy] of ploidies.entries()) {
    const own = mostlyDiploid && ploidy > 2 ? 2 : ploidy;
    samples.push({ name: `s${at}`, columns: Array.from({ length: own }, () => columns++) });
  }
  const sites = rows.map(({ contig, pos, ref, cells, invariant, holes }, at) => ({
    contig,
    pos,
    ref,
    line: at + 2,
    cells: samples.flatMap(({ columns }) =>
      columns.map((column, place) => {
        const hole = holes[column % holes.length];
        // The first haplotype is never absent, and those behind an absent one are so, too.
        if (place > 0 && holes[columns[0] % holes.length] < absent) return "";
        if (hole >= 100 - missing) return ".";
        return invariant ? cells[0] : cells[(column * 7 + hole) % cells.length];
      })
    ),
  }));
  const named = samples.flatMap(({ name }, at) =>
    populations[at] === 0 ? [] : [[name, `p ${populations[at]}`] as const]
  );
  return { samples, sites, populations: new Map(named) };
}

/** The window of a case as SQL, and as the oracle takes it: small enough to be looped over. */
function windowOf(
  { window, rows }: Case,
): { sql: (limits: boolean) => string; options: WindowOptions } {
  const { size, step, indels, maxAlleles } = window;
  const isFar = rows.some(({ pos }) => pos > 30);
  // A window for each of 2^31 positions would be too many.
  const own = size === undefined || isFar && size < 1000 ? undefined : size;
  const steps = own === undefined || isFar ? undefined : step;
  const sql = (limits: boolean) =>
    [
      ...own === undefined ? [] : [`size := ${own}`],
      ...steps === undefined ? [] : [`step := ${steps}`],
      `indels := ${indels}`,
      ...limits && maxAlleles !== undefined ? [`max_alleles := ${maxAlleles}`] : [],
    ].join(", ");
  return { sql, options: { size: own, step: steps, indels, maxAlleles } };
}

/** Keeps the table of a matrix. */
async function keep(folder: string, { samples, sites }: OracleMatrix): Promise<string> {
  const columns = samples.flatMap(({ columns }) => columns.map((column) => `c${column}`));
  const text = [
    ["CHROM", "POS", "REF", ...columns],
    ...sites.map(({ contig, pos, ref, cells }) => [
      contig,
      pos,
      ref,
      ...cells.map((cell) => cell || ABSENT),
    ]),
  ];
  const sheet = samples.map((
    { name, columns },
  ) => [name, ...columns.map((column) => `c${column}`)]);
  const tsv = (rows: unknown[][]) => rows.map((row) => `${row.join("\t")}\n`).join("");
  const input = `${folder}/m.tsv`, samplesFile = `${folder}/s.tsv`, database = `${folder}/m.duckdb`;
  await Deno.writeTextFile(input, tsv(text));
  await Deno.writeTextFile(samplesFile, tsv(sheet));
  await Deno.remove(database).catch(() => {});
  await convert({ input, samplesFile, output: `${folder}/m.vcf`, database, threads: 0 });
  if (sites.some(({ cells }) => cells.includes(""))) await emptyAbsent(database, columns.length);
  return database;
}

/** Puts the text that absent haplotypes have in a table in the place of {@linkcode ABSENT}. */
async function emptyAbsent(database: string, haplotypes: number): Promise<void> {
  await using session = await SqlSession.open(database, { write: true });
  const [{ alleles }] = await session.rows<{ alleles: string[] }>(
    "SELECT CAST(enum_range(NULL::allele) AS VARCHAR[]) AS alleles",
  );
  const values = alleles.map((allele) => `'${allele === ABSENT ? "" : allele}'`).join(", ");
  for (
    const statement of [
      `CREATE TABLE before AS SELECT chrom, pos, CAST(ref AS VARCHAR) AS ref, line,
       list_transform(CAST(alleles AS VARCHAR[]), lambda a: replace(a, '${ABSENT}', '')) AS alleles
       FROM records`,
      "DROP TABLE records",
      "DROP TYPE allele",
      `CREATE TYPE allele AS ENUM (${values})`,
      `CREATE TABLE records (chrom contig, pos INTEGER, ref allele, alleles allele[${haplotypes}],
       line UBIGINT)`,
      "INSERT INTO records SELECT chrom, pos, ref, alleles, line FROM before",
      "DROP TABLE before",
    ]
  ) await runToEnd(session, statement);
}

async function writePopulations(folder: string, { populations }: OracleMatrix): Promise<string> {
  const file = `${folder}/p.tsv`;
  const lines = [...populations].map(([sample, population]) => `${sample}\t${population}\n`);
  await Deno.writeTextFile(file, lines.join(""));
  return file;
}

/** Compares all statistics of a case; returns the number of values. */
async function compareCase(folder: string, given: Case): Promise<number> {
  const matrix = oracleMatrix(given), { sql, options } = windowOf(given);
  const database = await keep(folder, matrix), { maxAlleles: _, ...rest } = options;
  if (matrix.populations.size === 0) return 0;
  const populations = await writePopulations(folder, matrix);
  await using table = await openMatrix(database, { populations, threads: 1 });
  const { indels, maxDistance } = { ...options, ...given };
  let values = 0;
  const compare = async (call: string, expected: Parameters<typeof compareTables>[1]) => {
    values += compareTables(await ask(table, `FROM ${call}`), expected, 1e-9, call);
  };
  await compare(`diversity(${sql(true)})`, oracleDiversity(matrix, options));
  await compare(`divergence(${sql(true)})`, oracleDivergence(matrix, options));
  await compare(`weir_cockerham(${sql(true)})`, oracleWeirCockerham(matrix, options));
  await compare(`heterozygosity(${sql(false)})`, oracleHeterozygosity(matrix, rest));
  const [{ contig }] = matrix.sites, range = { contig, first: 2, last: 2 ** 31 - 1 };
  const far = maxDistance === undefined ? "" : `, max_distance := ${maxDistance}`;
  for (const population of [undefined, matrix.populations.values().next().value]) {
    const asked = population === undefined ? "" : `, population := '${population}'`;
    await compare(
      `ld('${contig.replaceAll("'", "''")}', 2, ${range.last}, indels := ${indels}${far}${asked})`,
      oracleLinkage(matrix, { ...range, population, maxDistance, indels }),
    );
  }
  await compareCounts(table, matrix);
  return values;
}

/** Compares `population_counts`, which has all rows. */
async function compareCounts(table: Matrix, { samples, sites, populations }: OracleMatrix) {
  const rows = await ask(
    table,
    "SELECT line, population, map_entries(counts) AS counts, called, missing FROM population_counts",
  );
  const found = rows.map(({ line, population, counts, called, missing }) => {
    const each = (counts as { key: string; value: bigint }[])
      .map(({ key, value }) => `${key} ${value}`).sort();
    return [line, population, each.join(), called, missing].join("; ");
  });
  const expected = sites.flatMap(({ cells, line }) =>
    [...new Set(populations.values())].map((population) => {
      const own = samples.filter(({ name }) => populations.get(name) === population)
        .flatMap(({ columns }) => columns.map((column) => cells[column]));
      const called = own.filter((cell) => cell !== "." && cell !== "");
      const each = [...Map.groupBy(called, (cell) => cell)]
        .map(([allele, all]) => `${allele} ${all.length}`).sort();
      const missing = own.filter((cell) => cell === ".").length;
      return [line, population, each.join(), called.length, missing].join("; ");
    })
  );
  assert.deepEqual(found.sort(), expected.sort());
}

Deno.test("statistics of populations are the oracle's on random matrices of any ploidy", () =>
  withFolder(async (folder) => {
    let values = 0;
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        values += await compareCase(folder, given);
      }),
      { seed, numRuns: runs },
    );
    console.log(`${values} values of ${runs} matrices`);
    assert.ok(values > 20 * runs, `only ${values} values`);
  }));
