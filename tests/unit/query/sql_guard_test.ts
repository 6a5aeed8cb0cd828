/**
 * What SQL cannot do: a table of attacks on the database's own files, on other files and on settings,
 * in every form and with every right; and the allow list, for every type of statement that DuckDB has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { InputError } from "../../../src/base/errors.ts";
import { SqlSession } from "../../../src/query/sql_session.ts";
import { SqlShell } from "../../../src/shell/sql_shell.ts";
import { openMatrix } from "../../../mod.ts";
import { glance, runToEnd, snapshot, withKeptTable } from "../../helpers/kept_table.ts";

const RIGHTS = [
  { name: "read-only", write: false, external: false },
  { name: "--write", write: true, external: false },
  { name: "--external", write: false, external: true },
  { name: "--write --external", write: true, external: true },
] as const;
const MODES = RIGHTS.flatMap((rights) => [
  { ...rights, given: false },
  { ...rights, name: `${rights.name} --table --populations`, given: true },
]);
type Mode = typeof MODES[number];

/** Gives a function a folder of its own with a database and links to it, and a session. */
async function withSession(
  mode: Mode,
  use: (session: SqlSession, folder: string) => Promise<void>,
): Promise<void> {
  await withKeptTable(async (folder) => {
    const database = `${folder}/m.duckdb`;
    for (const name of ["inner", "empty", "links"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.symlink("m.duckdb", `${folder}/link.csv`);
    await Deno.link(database, `${folder}/hard.csv`);
    await Deno.symlink(`${folder}/m.duckdb.wal`, `${folder}/dangling.csv`);
    await Deno.symlink("dangling.csv", `${folder}/dangling2.csv`);
    await Deno.symlink("..", `${folder}/inner/up`);
    await Deno.symlink("../m.duckdb", `${folder}/links/data_0.csv`);
    await Deno.writeTextFile(`${folder}/heights.tsv`, "sample\theight\n1\t1.8\n");
    await Deno.writeTextFile(`${folder}/populations.tsv`, "1\tnorth\n");
    await using session = await SqlSession.open(database, mode);
    if (mode.given) {
      await session.addTable("heights", `${folder}/heights.tsv`);
      await session.setPopulations(`${folder}/populations.tsv`);
    }
    await use(session, folder);
  });
}

/** Ways to have a statement run; each but the first hides it somewhere. */
const FORMS: Readonly<Record<string, (session: SqlSession, sql: string) => Promise<void>>> = {
  plain: runToEnd,
  "EXPLAIN ANALYZE": (session, sql) => runToEnd(session, `EXPLAIN ANALYZE ${sql}`),
  "EXPLAIN with options": (session, sql) =>
    runToEnd(session, `EXPLAIN ("ANALYZE", FORMAT json) ${sql}`),
  "PREPARE and EXECUTE": async (session, sql) => {
    await runToEnd(session, `PREPARE attack AS ${sql}`);
    await runToEnd(session, "EXECUTE attack");
  },
  "in a script": async (session, sql) => {
    const shell = new SqlShell(session, { format: "csv", say: () => {} });
    await shell.feed(`SET VARIABLE x = ';'; ${sql}\n; SELECT 1;`);
  },
  "behind a comment that ends at CR": (session, sql) => runToEnd(session, `-- SELECT 1 /*\r${sql}`),
  "blanks beyond ASCII": (session, sql) =>
    runToEnd(session, `\u200b${sql.replace(" ", "\xa0/* ' */\u3000")}`),
};

const OWN = ["m.duckdb", "m.duckdb.wal", "m.duckdb.wal.checkpoint", "m.duckdb.wal.recovery"];

/** What writes to the database's own files, by whatever name; `@` is its folder. */
const ON_OWN_FILES: readonly string[] = [
  ...OWN.map((name) => `COPY (SELECT 1) TO '@/${name}' (FORMAT csv, USE_TMP_FILE false)`),
  "COPY samples TO '@/m.duckdb'",
  "COPY samples (sample) TO '@/m.duckdb' WITH CSV HEADER",
  "COPY (SELECT 1) TO E'@/m\\x2educkdb' (FORMAT csv)",
  "COPY (SELECT 1) TO $$@/m.duckdb$$ (FORMAT csv)",
  'COPY (SELECT 1) TO "@/m.duckdb" (FORMAT csv)',
  "COPY (SELECT 1) TO '@/m'\n'.duckdb' (FORMAT csv)",
  "COPY (SELECT 1) TO ('@/m' || '.duckdb') (FORMAT csv)",
  "COPY (SELECT 1) TO (getvariable('path')) (FORMAT csv)",
  "COPY (SELECT 1) TO $1 (FORMAT csv)",
  "COPY (SELECT ') TO ''@/x.csv'' (') TO '@/m.duckdb' (FORMAT csv)",
  "COPY (SELECT 1) TO '@/m.duckdb' (FORMAT csv, NULLSTR ') TO ''@/x.csv''')",
  "COPY (SELECT e'\\'--' AS a) TO '@/m.duckdb' (FORMAT csv) --') TO '@/x.csv'",
  ...["./m.duckdb", "inner/../m.duckdb", "inner/up/m.duckdb", "inner/up/inner/../m.duckdb.wal"]
    .map((name) => `COPY (SELECT 1) TO '@/${name}' (FORMAT csv, USE_TMP_FILE false)`),
  ...["link.csv", "hard.csv", "dangling.csv", "dangling2.csv", "M.DUCKDB.WAL", "inner/up"]
    .map((name) => `COPY (SELECT 1) TO '@/${name}' (FORMAT csv, USE_TMP_FILE false)`),
  "COPY (SELECT 1) TO 'file://@/m.duckdb' (FORMAT csv)",
  "COPY (SELECT 1) TO 'file:@/m.duckdb' (FORMAT csv)",
  "COPY (SELECT 1) TO '#FD' (FORMAT csv, USE_TMP_FILE false)",
  "COPY (SELECT 1) TO '@' (FORMAT csv, PER_THREAD_OUTPUT, OVERWRITE true)",
  "COPY (SELECT 1 a, 2 b) TO '@' (FORMAT csv, PARTITION_BY a, OVERWRITE_OR_IGNORE)",
  "COPY (SELECT 1 a, 2 b) TO '@/links' (FORMAT csv, PARTITION_BY a, OVERWRITE_OR_IGNORE)",
  "COPY (SELECT 1) TO '@/links' (FORMAT csv, PER_THREAD_OUTPUT, OVERWRITE_OR_IGNORE)",
  "COPY (SELECT 1 a, 2 b) TO '@/new' (FORMAT csv, PARTITION_BY a, FILENAME_PATTERN '../../m')",
  "COPY (SELECT 1 a, 2 b) TO '@/new' (FORMAT csv, PARTITION_BY a, FILE_EXTENSION 'x/../../m')",
  "COPY (SELECT 1 a, 2 b) TO '@/new' (FORMAT csv, PARTITION_BY a, FILENAME_PATTERN 'a'\n'/../m')",
  "COPY (SELECT 1) TO '@/new' (FORMAT csv, PER_THREAD_OUTPUT, \"FILENAME_PATTERN\" E'\\x2e')",
  "EXPORT DATABASE '@'",
  "EXPORT DATABASE '@/links'",
  "EXPORT DATABASE m TO '@/inner/up'",
  "EXPORT DATABASE '@/m.duckdb.wal'",
  ...["m.duckdb", "./m.duckdb", "link.csv", "hard.csv", "m.duckdb.wal", "dangling.csv"]
    .map((name) => `ATTACH '@/${name}' AS other`),
  "ATTACH 'duckdb:@/m.duckdb' AS other",
  "ATTACH OR REPLACE '@/m.duckdb' AS m",
];

/** What is refused with every right. */
const NEVER: readonly string[] = [
  ...ON_OWN_FILES,
  "IMPORT DATABASE '@'",
  "PRAGMA import_database('@')",
  "COPY FROM DATABASE m TO temp",
  "CREATE PERSISTENT SECRET s (TYPE http)",
  "CREATE OR REPLACE TEMPORARY SECRET s (TYPE http)",
  "DROP PERSISTENT SECRET s",
  "LOAD '@/m.tsv'",
  "INSTALL httpfs",
  "SET threads = 1",
  "SET VARIABLE = 1",
  "USE temp",
  "PRAGMA enable_profiling = 'json'",
  "CALL enable_logging(storage = 'file', storage_path = '@/log')",
  "SELECT * FROM enable_logging(storage = 'stdout')",
  'SELECT * FROM "ENABLE_logging" -- (\r ()',
  "SELECT * FROM system.main.force_checkpoint\xa0/* */ ()",
  "SELECT write_log('x')",
  "SELECT * FROM query('SELECT * FROM enable_' || 'logging()')",
  "SELECT * FROM json_execute_serialized_sql(getvariable('path'))",
  "CREATE TEMP MACRO f() AS TABLE FROM truncate_duckdb_logs()",
  "ALTER DATABASE m SET ALIAS TO n",
  "DETACH m",
  "USE given_tables",
  "COPY FROM DATABASE given_tables TO m",
  "ALTER DATABASE given_tables SET ALIAS TO n",
  "EXPORT DATABASE given_tables TO '@/m.duckdb'",
  "COPY given_tables.main.heights TO '@/m.duckdb' (FORMAT csv)",
  "ATTACH OR REPLACE '@/m.duckdb' AS given_tables",
];

/** What is refused without `--external`. */
const OUTSIDE: readonly string[] = [
  "COPY samples TO '@/new.csv'",
  "COPY (SELECT 1) TO '/dev/stdout'",
  "EXPORT DATABASE '@/new'",
  "ATTACH '@/new.duckdb'",
  "ATTACH ':memory:' AS other",
  "COPY samples FROM '@/m.tsv'",
  "COPY heights TO '@/new.csv'",
  "DETACH given_tables",
];

/** What is refused without `--write`. */
const CHANGES: readonly string[] = [
  "CREATE TABLE t AS SELECT 1",
  "INSERT INTO samples VALUES ('x', 9, 1, true)",
  "WITH x AS (SELECT 1) DELETE FROM samples",
  "UPDATE samples SET sample = 'x'",
  "DROP VIEW sites",
  "ALTER TABLE samples RENAME TO others",
  "CHECKPOINT",
  "VACUUM",
];

const REFUSED = /Permission Error|read-only mode|There is no variable|cannot be/;

/** The path of the open database as a descriptor of this process. */
async function descriptor(database: string): Promise<string> {
  for await (const { name } of Deno.readDir("/proc/self/fd")) {
    const path = `/proc/self/fd/${name}`;
    if (await Deno.readLink(path).catch(() => "") === database) return path;
  }
  throw new Error("the database is not open");
}

for (const mode of MODES) {
  Deno.test(`attacks, ${mode.name}`, async (t) => {
    await withSession(mode, async (session, folder) => {
      const fd = await descriptor(await Deno.realPath(`${folder}/m.duckdb`));
      await runToEnd(session, `SET VARIABLE path = '${folder}/m.duckdb'`);
      const attacks = [
        ...NEVER,
        ...mode.external ? [] : OUTSIDE,
        ...mode.write ? [] : CHANGES,
      ];
      const before = await snapshot(folder), seen = await glance(folder);
      for (const [form, attempt] of Object.entries(FORMS)) {
        await t.step(form, async () => {
          for (const attack of attacks) {
            const sql = attack.replaceAll("@", folder).replaceAll("#FD", fd);
            await assert.rejects(attempt(session, sql), InputError, attack);
            assert.deepEqual(await glance(folder), seen, attack);
          }
          assert.deepEqual(await snapshot(folder), before);
        });
      }
      await t.step("through /dev/fd", async () => {
        const path = fd.replace("/proc/self", "/dev");
        await assert.rejects(
          runToEnd(session, `COPY (SELECT 1) TO '${path}' (FORMAT csv)`),
          REFUSED,
        );
      });
    });
  });
}

Deno.test("attacks through the library", async () => {
  await withSession(MODES[0], async (_, folder) => {
    await using matrix = await openMatrix(`${folder}/m.duckdb`, {
      populations: `${folder}/populations.tsv`,
      tables: { heights: `${folder}/heights.tsv` },
    });
    const before = await snapshot(folder), seen = await glance(folder);
    for (const attack of [...NEVER, ...OUTSIDE, ...CHANGES]) {
      for (const parameters of [[], [`${folder}/m.duckdb`]]) {
        const rows = matrix.query(attack.replaceAll("@", folder), parameters);
        await assert.rejects(Array.fromAsync(rows), InputError, attack);
      }
      assert.deepEqual(await glance(folder), seen, attack);
    }
    assert.deepEqual(await snapshot(folder), before);
  });
});
