/** The SQL of each chart of a report, over the views of the kept table, gives the table of the chart. */
import assert from "node:assert/strict";
import { convert, type ConvertRequest, openMatrix, type Value } from "../../mod.ts";
import type { CountRow } from "../../src/counts/count_table.ts";
import type { Cell, Chart } from "../../src/report/chart.ts";
import { Counts } from "../../src/report/counts_reader.ts";
import { identityChart, samplesChart } from "../../src/report/sample_charts.ts";
import { identitySql } from "../../src/report/sql.ts";
import { siteCharts } from "../../src/report/site_charts.ts";
import { withFolder } from "../helpers/cli.ts";
import { examplePath } from "../helpers/dialects.ts";
import { matrixText } from "../helpers/generated.ts";
import { DATA, noDataNote, REAL_SETS, writeHead } from "../helpers/real_data.ts";
import { countsOfInput } from "../helpers/report_oracle.ts";

/** Returns a value of a result as a cell of a chart has it. */
function cellOf(value: Value): Cell {
  return typeof value === "bigint" ? Number(value) : value as Cell;
}

async function rowsOf(database: string, sql: string): Promise<Record<string, Value>[]> {
  await using matrix = await openMatrix(database);
  const rows = [];
  for await (const some of matrix.query(sql)) rows.push(...some);
  return rows;
}

/** Shares may differ in the last digit that is shown, as a half is rounded here or there. */
function assertAlike(found: readonly Cell[], expected: readonly Cell[], what: string): void {
  assert.equal(found.length, expected.length, what);
  found.forEach((cell, n) => {
    const other = expected[n];
    if (typeof cell !== "number" || typeof other !== "number") {
      return assert.equal(cell, other, what);
    }
    const near = Number.isInteger(cell) ? cell === other : Math.abs(cell - other) < 1.5e-6;
    assert.ok(near, `${what}: ${found} and ${expected}`);
  });
}

async function compareChart(database: string, chart: Chart): Promise<void> {
  if (chart.rows.length === 0) return;
  const rows = await rowsOf(database, chart.sql!);
  assert.ok(rows.length > 0, chart.id);
  assert.deepEqual(Object.keys(rows[0]), chart.columns, chart.id);
  const wanted = chart.rows.filter(([name]) => name !== "all others");
  assert.equal(rows.length, wanted.length, chart.id);
  rows.forEach((row, n) => assertAlike(Object.values(row).map(cellOf), wanted[n], chart.id));
}

async function compareAll(request: Omit<ConvertRequest, "output">, folder: string): Promise<void> {
  const database = `${folder}/m.duckdb`;
  await convert({ threads: 0, ...request, output: `${folder}/o.vcf`, database });
  const counts = new Counts(
    await countsOfInput({ input: database, output: `${folder}/o.vcf` }) as CountRow[],
  );
  for (const chart of [samplesChart(counts), ...siteCharts(counts)]) {
    await compareChart(database, chart);
  }
  const pairs = identityChart(counts);
  if (!("rows" in pairs)) return;
  assert.equal(counts.total("identity_sites"), counts.total("records"), "no sample is drawn here");
  const [one, other] = pairs.columns.slice(1);
  assert.equal(pairs.sql, identitySql(one, other));
  for (const [a, b] of [[0, 1], [pairs.rows.length - 1, 0]]) {
    await comparePair(database, pairs, a, b);
  }
}

/** The SQL of the heat map is for two samples. */
async function comparePair(
  database: string,
  { columns, rows }: Chart,
  a: number,
  b: number,
): Promise<void> {
  const [row] = await rowsOf(database, identitySql(columns[a + 1], columns[b + 1]));
  assertAlike([cellOf(row.identity)], [rows[a][b + 1]], `${columns[a + 1]}, ${columns[b + 1]}`);
}

Deno.test("report SQL: indels, many alleles, missing and rows in any order", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(
      input,
      matrixText({ rows: 900, multiallelic: 0.3, indels: 0.2, shuffle: true }),
    );
    await compareAll({ input }, folder);
  }));

Deno.test("report SQL: quotes in names, one sample, symbols, no call at all", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`;
    await Deno.writeTextFile(
      input,
      "CHROM\tPOS\tREF\tO'Neila\tO'Neilb\n1\t1\tA\tA\t<DEL>\n1\t9\tAC\t*\tACGT\n1\t9\tA\t.\t.\n",
    );
    await compareAll({ input }, folder);
  }));

for (const file of ["codes/in.tsv", "dosage/in.tsv", "haps/in.haps", "hap-legend/in.hap"]) {
  Deno.test(`report SQL: ${file}`, () =>
    withFolder((folder) => compareAll({ input: examplePath(file) }, folder)));
}

/** Lines of a real matrix; \`-- 100000\` takes all of them. */
const [lines = 120] = Deno.args.map(Number).filter(Number.isInteger);
const REAL = ["hail_sample2", "hprc_chr8", "bcftools_convert_chrX", "cyvcf2_halfcalls"];
for (const name of REAL) {
  Deno.test({
    name: `report SQL: ${name}${noDataNote}`,
    ignore: REAL_SETS.length === 0,
    fn: () =>
      withFolder(async (folder) => {
        const input = await writeHead(`${DATA}/${name}.matrix.tsv`, lines, `${folder}/m.tsv`);
        await compareAll({ input }, folder);
      }),
  });
}
