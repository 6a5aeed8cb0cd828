/**
 * Older versions of DuckDB read a kept table as the current one does: tables, views and macros.
 * docs/sql.md promises it from the first of {@linkcode VERSIONS} on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { SqlSession } from "../../src/query/sql_session.ts";
import { filePath, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { runToEnd, withKeptTable } from "../helpers/kept_table.ts";
import { run } from "../helpers/tools.ts";
import type { Answer } from "./older_duckdb/ask_table.ts";

/**
 * Versions of `@duckdb/node-api`: the oldest that is promised, and one in between. npm has both of
 * them for all platforms, which Deno asks for; many versions are there for some platforms only.
 */
const VERSIONS = ["1.2.1-alpha.17", "1.4.4-r.3"];

const SCRIPT = filePath("tests/judges/older_duckdb/ask_table.ts");

/** The project's configuration, with the current version. */
const CURRENT = filePath("deno.json");

/** How Deno says that npm cannot be reached, as opposed to a version that npm does not have. */
const NO_NETWORK = /error sending request|client error|dns error|connection (?:refused|reset)/i;

/** A matrix, and what to convert it with. */
interface Case {
  text: string;
  request?: Partial<ConvertRequest>;
}

/** Bases for a number: another text for each. */
function bases(number: number): string {
  return [...number.toString(4)].map((digit) => "ACGT"[Number(digit)]).join("");
}

function lines(count: number, line: (row: number) => string): string {
  return Array.from({ length: count }, (_, row) => `${line(row)}\n`).join("");
}

function dialect(file: string, request?: Partial<ConvertRequest>): Case {
  return { text: Deno.readTextFileSync(filePath(`tests/dialects/${file}`)), request };
}

const CASES: Readonly<Record<string, Case>> = {
  plain: { text: matrixText({ rows: 400, samples: 5, indels: 0.1, shuffle: true }) },
  wide: { text: matrixText({ rows: 8, samples: 1050, haploid: 0, chromosomes: 1 }) },
  // IDs as long as these make row groups of the fewest rows, so that there are several.
  many_alleles: {
    text: "CHROM\tPOS\tID\tREF\t1a\t1b\t2\n" +
      lines(2100, (row) => {
        const id = row % 10 === 0 ? "." : `rs${1000 + row}_`.repeat(560);
        return `1\t${row + 1}\t${id}\tA\tA\t${bases(row % 400)}\t${row % 5 === 0 ? "." : "G"}`;
      }),
  },
  polyploid_rejects: {
    text: "CHROM\tPOS\tREF\ta1\ta2\ta3\ta4\tb1\tb2\n1\t5\tA\tA\tG\tA\tG\tA\tT\n" +
      "1\tx\tA\tA\tG\tA\tG\tA\tT\nX\t5\tC\tC\t.\tC\tG\tC\tT\nX\t9\tC\tC\tR\tC\tG\tC\tT\n",
    request: { onBadRow: "skip" },
  },
  empty: { text: "CHROM\tPOS\tREF\t1a\t1b\n" },
  codes: dialect("codes/in.tsv"),
  phase_sets: dialect("haplotype-table/in.tsv"),
  haploid_calls: dialect("raw-dna/in.txt", { reference: filePath("tests/dialects/ref.fa") }),
};

/** Makes the kept tables of all cases in a folder; returns their names. */
async function keepTables(folder: string): Promise<string[]> {
  for (const [name, { text, request }] of Object.entries(CASES)) {
    const input = `${folder}/${name}.tsv`, database = `${folder}/${name}.duckdb`;
    await Deno.writeTextFile(input, text);
    await convert({ ...request, input, output: `${folder}/${name}.vcf`, database, threads: 0 });
  }
  return Object.keys(CASES).map((name) => `${name}.duckdb`);
}

/** Flags of Deno for a configuration. No version but the current one may get into the lock. */
function configFlags(config: string): string[] {
  return ["--quiet", "--config", config, config === CURRENT ? "--frozen" : "--no-lock"];
}

/** Asks all tables of a folder, with the DuckDB of a configuration of Deno. */
async function askAll(
  config: string,
  folder: string,
  files: readonly string[],
): Promise<{ version: string; answers: Answer[] }> {
  const flags = ["--no-prompt", "--no-check", "--allow-read", "--allow-ffi"];
  const args = ["run", ...configFlags(config), ...flags, SCRIPT, ...files];
  const { code, stdout, stderr } = await run(Deno.execPath(), args, "", { cwd: folder });
  assert.equal(code, 0, stderr);
  const [version, ...answers] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  return { version, answers };
}

/** Writes a configuration with an older DuckDB, and gets it; returns why it cannot be got, if so. */
async function getVersion(config: string, version: string): Promise<string | undefined> {
  const imports = { "@duckdb/node-api": `npm:@duckdb/node-api@${version}` };
  await Deno.writeTextFile(config, JSON.stringify({ imports }));
  const args = ["cache", ...configFlags(config), SCRIPT];
  const { code, stderr } = await run(Deno.execPath(), args, "", { env: { NO_COLOR: "1" } });
  if (code !== 0 && NO_NETWORK.test(stderr)) return "npm cannot be reached";
  assert.equal(code, 0, stderr);
}

/** Returns the answer to the first question of a table that matches. */
function answerOf(answers: readonly Answer[], file: string, question: RegExp): Answer {
  const found = answers.find((answer) => answer.file === file && question.test(answer.question));
  assert.ok(found, `${file}: ${question}`);
  return found;
}

/** Makes sure that the tables are what they are here for, and that nothing is left out. */
function checkCases(answers: readonly Answer[]): void {
  const countOf = (file: string, question: RegExp) =>
    answerOf(answers, file, question).rows?.count ?? 0;
  assert.ok(countOf("many_alleles.duckdb", /row_group_id/) > 1);
  assert.ok(countOf("phase_sets.duckdb", /"blocks"/) > 0);
  assert.ok(countOf("polyploid_rejects.duckdb", /"rejects"/) > 0);
  assert.equal(countOf("empty.duckdb", /"records"/), 0);
  const features = answers.filter(({ question }) => question === 'FROM "metadata"');
  assert.match(JSON.stringify(features), /declared_alts.*phase_sets.*absent_haplotypes/);
  for (const { file, question, error } of answers) {
    if (!/no contig/.test(question)) assert.equal(error, undefined, `${file}: ${question}`);
  }
  const called = answers.map(({ question }) => question).join();
  const macros = answerOf(answers, "plain.duckdb", /duckdb_functions/).rows!.some;
  for (const [macro] of macros.map((row) => JSON.parse(row))) {
    assert.ok(called.includes(`${macro}(`), `${macro}() is not called`);
  }
}

Deno.test("older versions of DuckDB read kept tables as the current one does", async (test) => {
  await withFolder(async (folder) => {
    const files = await keepTables(folder);
    const current = await askAll(CURRENT, folder, files);
    checkCases(current.answers);
    for (const version of VERSIONS) {
      const config = `${folder}/${version}.json`, why = await getVersion(config, version);
      await test.step({
        name: why === undefined ? version : `${version} (ignored: ${why})`,
        ignore: why !== undefined,
        async fn() {
          const older = await askAll(config, folder, files);
          assert.equal(older.version, `v${/^[\d.]+/.exec(version)![0].replace(/\.$/, "")}`);
          assert.deepEqual(older.answers, current.answers);
        },
      });
    }
  });
});

/** Returns the number that a database file has for its storage; 64 is what DuckDB 1.0 to 1.1 write. */
async function storageOf(path: string): Promise<bigint> {
  return new DataView((await Deno.readFile(path)).buffer).getBigUint64(12, true);
}

Deno.test("the storage of a kept table is an old one, and stays so where SQL writes", () =>
  withKeptTable(async (folder) => {
    const database = `${folder}/m.duckdb`;
    assert.equal(await storageOf(database), 64n);
    {
      await using session = await SqlSession.open(database, { write: true });
      await runToEnd(session, "UPDATE samples SET sample = 'new' WHERE ordinal = 0");
      await runToEnd(session, "CREATE TABLE notes AS SELECT 'a note' AS note");
      await runToEnd(session, "CHECKPOINT");
    }
    assert.equal(await storageOf(database), 64n);
  }));
