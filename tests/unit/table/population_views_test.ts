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
import { ask, compareTables, type TextRow } from "../../helpers/popgen_tables.ts";

const [runs = 12, seed = 32] = Deno.args.map(Number).filter(Number.isInteger);

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
  const output = `${folder}/m.vcf`;
  await convert({ input, samplesFile, dialect: "matrix", output, database, threads: 0 });
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
      { seed, numRuns: runs, endOnFailure: true },
    );
    console.log(`${values} values of ${runs} matrices`);
    assert.ok(values > 20 * runs, `only ${values} values`);
  }));

const SAMPLES = 5;

/** Genotypes of a dialect whose cells tell phase: two alleles, `|` or not, and a block or none. */
const phasedCases = fc.record({
  rows: fc.array(
    fc.record({
      pos: fc.integer({ min: 1, max: 40 }),
      genotypes: fc.array(
        fc.record({
          alleles: fc.tuple(
            fc.constantFrom("A", "C", "A", "C", "."),
            fc.constantFrom("A", "C", "."),
          ),
          phased: fc.boolean(),
          block: fc.constantFrom("4", "4", "7", "."),
        }),
        { minLength: SAMPLES, maxLength: SAMPLES },
      ),
    }),
    { minLength: 2, maxLength: 9 },
  ),
  blocks: fc.boolean(),
});

Deno.test("linkage of genotypes that are phased each for itself, and in blocks", () =>
  withFolder(async (folder) => {
    let pairs = 0;
    const property = fc.asyncProperty(phasedCases, async ({ rows, blocks }) => {
      const names = Array.from({ length: SAMPLES }, (_, at) => `s${at}`);
      const header = blocks
        ? ["all-alleles", "all-freq", ...names.flatMap((name) => [`${name}:PI`, `${name}:PG_al`])]
        : names;
      const lines = rows.map(({ pos, genotypes }) => [
        ...["1", pos, "A"],
        ...blocks ? ["A,C", "."] : [],
        ...genotypes.flatMap(({ alleles, phased, block }) => {
          const cell = alleles.join(phased ? "|" : "/");
          return blocks ? [block, cell] : [cell];
        }),
      ]);
      const text = [["CHROM", "POS", "REF", ...header], ...lines];
      const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
      await Deno.writeTextFile(input, text.map((row) => `${row.join("\t")}\n`).join(""));
      await Deno.remove(database).catch(() => {});
      const dialect = blocks ? "haplotype-table" : "genotypes";
      await convert({ input, dialect, output: `${folder}/m.vcf`, database, threads: 0 });
      const matrix: OracleMatrix = {
        samples: names.map((name, at) => ({ name, columns: [2 * at, 2 * at + 1] })),
        populations: new Map(names.map((name, at) => [name, at < 3 ? "north" : "south"])),
        sites: rows.map(({ pos, genotypes }, at) => ({
          contig: "1",
          pos,
          ref: "A",
          line: at + 2,
          cells: genotypes.flatMap(({ alleles }) => alleles),
          blocks: genotypes.map(({ phased, block }) =>
            !phased || blocks && block === "." ? undefined : blocks ? block : "contig"
          ),
        })),
      };
      const populations = await writePopulations(folder, matrix);
      await using table = await openMatrix(database, { populations, threads: 1 });
      for (const population of [undefined, "north"]) {
        const call = `ld('1', 1, 99${population ? `, population := '${population}'` : ""})`;
        const range = { contig: "1", first: 1, last: 99, population };
        const expected = oracleLinkage(matrix, range);
        pairs += expected.length;
        compareTables(await ask(table, `FROM ${call}`), expected, 1e-9, call);
      }
    });
    await fc.assert(property, { seed, numRuns: runs, endOnFailure: true });
    assert.ok(pairs > runs, `only ${pairs} pairs`);
  }));

/** Asks a matrix by itself. */
async function askMatrix(folder: string, matrix: OracleMatrix, sql: string): Promise<TextRow[]> {
  const database = await keep(folder, matrix);
  const populations = await writePopulations(folder, matrix);
  await using table = await openMatrix(database, { populations, threads: 1 });
  return (await ask(table, sql)).map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value === null ? "" : String(value)]),
    )
  );
}

/** Returns a matrix with its columns in another order, within each sample and among samples. */
function reordered({ samples, sites, populations }: OracleMatrix): OracleMatrix {
  const order = samples.flatMap(({ columns }) => columns).reverse();
  const placeOf = new Map(order.map((column, place) => [column, place]));
  const turned = samples.map(({ name, columns }) => ({
    name,
    columns: columns.map((column) => placeOf.get(column)!).sort((a, b) => a - b),
  })).reverse();
  const cells = (row: readonly string[]) => order.map((column) => row[column]);
  return {
    samples: turned,
    sites: sites.map((site) => ({ ...site, cells: cells(site.cells) })),
    populations,
  };
}

/** The two populations of a row, whichever comes first. */
function unordered(rows: readonly TextRow[]): TextRow[] {
  return rows.map((row) => {
    if (row.population_1 === undefined || row.population_1 < row.population_2) return row;
    return { ...row, population_1: row.population_2, population_2: row.population_1 };
  });
}

Deno.test("what must not change the statistics of populations, and what they have in common", () =>
  withFolder(async (folder) => {
    let compared = 0;
    const property = fc.asyncProperty(cases, async (given) => {
      const matrix = oracleMatrix({ ...given, absent: 0 });
      if (matrix.populations.size === 0) return;
      const calls = ["diversity", "divergence", "weir_cockerham"].map((name) => `FROM ${name}(10)`);
      const small = { ...matrix, sites: matrix.sites.filter(({ pos }) => pos < 100) };
      if (small.sites.length === 0) return;
      for (const call of calls) {
        const rows = await askMatrix(folder, small, call);
        const turned = await askMatrix(folder, reordered(small), call);
        compared += compareTables(unordered(turned), unordered(rows), 1e-9, "another order");
        const ref = (before: string) => before.length > 1 ? before : "G";
        const sites = small.sites.map((site) => ({ ...site, ref: ref(site.ref) }));
        const other = await askMatrix(folder, { ...small, sites }, call);
        compared += compareTables(other, rows, 1e-9, "another REF");
        const twice = [...small.sites, ...small.sites].map((site, at) => ({
          ...site,
          line: at + 2,
        }));
        const doubled = await askMatrix(folder, { ...small, sites: twice }, call);
        const ratios = rows.map((row) => {
          const kept = Object.entries(row).filter(([name]) =>
            /^(?:CHROM|.*pos|population.*|pi|theta_w|missingness|dxy|fst)$/.test(name)
          );
          return Object.fromEntries(kept);
        });
        compared += compareTables(doubled, ratios, 1e-9, "every row twice");
      }
      const diploid = small.samples.find(({ columns }) => columns.length === 2);
      if (!diploid) return;
      const alone = { ...small, populations: new Map([[diploid.name, "alone"]]) };
      // All samples decide for heterozygosity, so that indels must be in both.
      const sql = `SELECT pi, heterozygosity FROM diversity(10, indels := true) d
        JOIN heterozygosity(10, indels := true) h USING ("CHROM", first_pos)
        WHERE sample = '${diploid.name}'`;
      for (const { pi, heterozygosity } of await askMatrix(folder, alone, sql)) {
        assert.equal(pi, heterozygosity);
        compared++;
      }
    });
    await fc.assert(property, { seed, numRuns: Math.ceil(runs / 4), endOnFailure: true });
    assert.ok(compared > runs, `only ${compared} values`);
  }));
