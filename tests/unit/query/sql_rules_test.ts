/**
 * What SQL can do: the allow list for every type of statement that DuckDB has, the functions of this
 * DuckDB, and what each right allows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DuckDBInstance, StatementType } from "@duckdb/node-api";
import fc from "fast-check";
import { openMatrix } from "../../../mod.ts";
import { InputError } from "../../../src/base/errors.ts";
import { forbiddenCall } from "../../../src/query/sql_rules.ts";
import { SqlSession } from "../../../src/query/sql_session.ts";
import { cli } from "../../helpers/cli.ts";
import { glance, plantLog, runToEnd, snapshot, withKeptTable } from "../../helpers/kept_table.ts";

type Right = "anyone" | "write" | "external" | "nobody";

/** Statements of every type; the right that each needs. `@` is the folder. */
const STATEMENTS: Readonly<
  Record<keyof typeof StatementType, readonly (readonly [sql: string, right: Right])[]>
> = {
  // No text makes a statement of these types.
  INVALID: [],
  RELATION: [],
  LOGICAL_PLAN: [],
  MULTI: [],
  CREATE_FUNC: [],
  ANALYZE: [],
  VARIABLE_SET: [],
  SELECT: [
    ["SELECT count(*) FROM matrix", "anyone"],
    ["WITH a AS (FROM sites) SELECT * FROM a", "anyone"],
    ["VALUES (1)", "anyone"],
    ["(SELECT 1)", "anyone"],
    ["((FROM samples) UNION ALL TABLE samples)", "anyone"],
    ["DESCRIBE samples", "anyone"],
    ["SHOW TABLES", "anyone"],
    ["SUMMARIZE samples", "anyone"],
    ["FROM force_checkpoint()", "nobody"],
    ["PRAGMA version", "nobody"],
  ],
  INSERT: [["INSERT INTO passing VALUES (1)", "anyone"], [
    "INSERT INTO samples VALUES ('x', 9, 1, true)",
    "write",
  ]],
  UPDATE: [["UPDATE passing SET x = 2", "anyone"], ["UPDATE samples SET ploidy = 2", "write"]],
  DELETE: [["DELETE FROM passing", "anyone"], ["TRUNCATE passing", "anyone"], [
    "DELETE FROM samples",
    "write",
  ]],
  MERGE_INTO: [[
    "MERGE INTO samples USING (SELECT 1 AS y) ON false WHEN MATCHED THEN DELETE",
    "write",
  ]],
  EXPLAIN: [
    ["EXPLAIN SELECT 1", "anyone"],
    ["EXPLAIN DELETE FROM passing", "anyone"],
    ["EXPLAIN DELETE FROM samples", "write"],
    ["EXPLAIN ANALYZE SELECT 1", "anyone"],
    ["EXPLAIN (SELECT 1)", "anyone"],
    ["EXPLAIN ANALYZE(SELECT 1)", "anyone"],
    ["EXPLAIN (ANALYZE, FORMAT json) FROM samples", "anyone"],
    ["EXPLAIN ANALYZE DELETE FROM passing", "nobody"],
    ["EXPLAIN ANALYZE WITH a AS (SELECT 1) DELETE FROM samples", "nobody"],
    ["EXPLAIN ANALYZE EXECUTE ready", "nobody"],
    ["EXPLAIN (FORMAT json, ANALYZE) COPY samples TO '@/x.csv'", "nobody"],
  ],
  PREPARE: [
    ["PREPARE p AS SELECT $1", "anyone"],
    ['PREPARE "p;q" AS FROM samples', "anyone"],
    ["PREPARE p AS(SELECT 1)", "anyone"],
    ["PREPARE p AS INSERT INTO passing VALUES (1)", "nobody"],
    ["PREPARE p AS WITH a AS (SELECT 1) DELETE FROM samples", "nobody"],
    ["PREPARE p AS COPY samples TO '@/x.csv'", "nobody"],
  ],
  EXECUTE: [["EXECUTE ready", "anyone"], ["EXECUTE ready(enable_logging())", "nobody"]],
  CREATE: [
    ["CREATE OR REPLACE TEMP TABLE t AS FROM samples", "anyone"],
    ["CREATE OR REPLACE TEMPORARY VIEW v AS FROM samples", "anyone"],
    ["CREATE OR REPLACE TEMP MACRO f(x) AS x + 1", "anyone"],
    ["CREATE TABLE IF NOT EXISTS u (x INT)", "write"],
    ["CREATE OR REPLACE MACRO g(x) AS x + 1", "write"],
    ["CREATE SECRET s (TYPE http)", "nobody"],
  ],
  DROP: [
    ["DROP TABLE IF EXISTS temp.nothing", "anyone"],
    ["DEALLOCATE again", "anyone"],
    ["DROP SECRET s", "nobody"],
  ],
  ALTER: [
    ["ALTER TABLE samples ADD COLUMN IF NOT EXISTS note VARCHAR", "write"],
    ["COMMENT ON TABLE samples IS 'x'", "write"],
    ["ALTER DATABASE m SET ALIAS TO n", "nobody"],
  ],
  TRANSACTION: [["BEGIN", "anyone"], ["ROLLBACK", "anyone"], ["COMMIT", "anyone"]],
  SET: [
    ["SET VARIABLE a = 1", "anyone"],
    ["RESET VARIABLE a", "anyone"],
    ["SET threads = 1", "nobody"],
    ["RESET threads", "nobody"],
    ["USE temp", "nobody"],
  ],
  PRAGMA: [["PRAGMA enable_profiling", "nobody"], ["PRAGMA disable_progress_bar", "nobody"]],
  CALL: [["CHECKPOINT", "write"], ["CALL pragma_version()", "nobody"], [
    "CALL enable_logging()",
    "nobody",
  ]],
  VACUUM: [["VACUUM", "write"], ["ANALYZE", "write"]],
  LOAD: [["LOAD httpfs", "nobody"], ["INSTALL httpfs", "nobody"]],
  EXTENSION: [],
  UPDATE_EXTENSIONS: [["UPDATE EXTENSIONS", "nobody"]],
  COPY: [
    ["COPY samples TO '@/other/a.csv'", "external"],
    ["COPY (FROM samples) TO '@/other/b.csv' (FORMAT csv, NULLSTR ')')", "external"],
    ["COPY (FROM samples) TO '@/other/c' (FORMAT csv, PARTITION_BY ploidy, OVERWRITE)", "external"],
    ["COPY samples TO '@/m.duckdb'", "nobody"],
  ],
  EXPORT: [["EXPORT DATABASE '@/other/d'", "external"], ["EXPORT DATABASE '@'", "nobody"]],
  ATTACH: [
    ["ATTACH IF NOT EXISTS ':memory:' AS beside", "external"],
    ["ATTACH '@/m.duckdb' AS n", "nobody"],
  ],
  DETACH: [["DETACH DATABASE IF EXISTS beside", "external"]],
  COPY_DATABASE: [["COPY FROM DATABASE m TO temp", "nobody"]],
};

const CASES = Object.entries(STATEMENTS).flatMap(([type, list]) =>
  list.map(([sql, right]) => ({ type: type as keyof typeof StatementType, sql, right }))
);

Deno.test("statements have the type that they stand under", async () => {
  await withKeptTable(async (folder) => {
    await Deno.mkdir(`${folder}/other`);
    const instance = await DuckDBInstance.create(`${folder}/m.duckdb`);
    const connection = await instance.connect();
    await connection.run("CREATE TEMP TABLE passing (x INT); PREPARE ready AS SELECT 1");
    await connection.run("PREPARE again AS SELECT 1; ATTACH ':memory:' AS beside");
    for (const { type, sql, right } of CASES) {
      // What nobody may do is refused by its text; some of it is another statement to DuckDB.
      if (right === "nobody") continue;
      const statements = await connection.extractStatements(sql.replaceAll("@", folder));
      const { statementType } = await statements.prepare(0);
      const expected = sql === "ANALYZE" ? StatementType.VACUUM : StatementType[type];
      assert.equal(StatementType[statementType], StatementType[expected], sql);
    }
    connection.closeSync();
    instance.closeSync();
  });
});

/** What may stand around words without any change. */
const BLANK = fc.constantFrom(
  " ",
  "\n",
  "\t",
  "\r",
  "\xa0",
  "\u200b",
  "/* ' */",
  '-- "\r',
  "--'\n",
);

Deno.test("only what the list allows, for all types of statements", async () => {
  const rights = [false, true].flatMap((write) =>
    [false, true].map((external) => ({ write, external }))
  );
  for (const [seed, mode] of rights.entries()) {
    await withKeptTable(async (folder) => {
      await Deno.mkdir(`${folder}/other`);
      await using session = await SqlSession.open(`${folder}/m.duckdb`, mode);
      await runToEnd(session, "CREATE TEMP TABLE passing (x INT)");
      await runToEnd(session, "PREPARE ready AS SELECT 1");
      const allowed = (right: Right) =>
        right === "anyone" || (right === "write" && mode.write) ||
        (right === "external" && mode.external);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...CASES),
          fc.array(BLANK, { minLength: 3, maxLength: 3 }),
          fc.boolean(),
          async ({ sql, right }, [before, between, after], lower) => {
            const [word, ...words] = sql.replaceAll("@", folder).split(" ");
            const first = lower ? word.toLowerCase() : word;
            const rest = words.length > 0 ? between + words.join(" ") : "";
            const seen = await glance(folder);
            const error = await runToEnd(session, before + first + rest + after).then(
              () => undefined,
              (error) => error,
            );
            // A transaction that failed would refuse all that follows.
            if (error) await runToEnd(session, "ROLLBACK").catch(() => {});
            const refused = error instanceof InputError &&
              /Permission Error|attached in read-only|configuration has been locked/.test(
                error.message,
              );
            assert.equal(refused, !allowed(right), `${sql}: ${error?.message ?? "ran"}`);
            if (refused) assert.deepEqual(await glance(folder), seen, sql);
          },
        ),
        // Every statement once as it stands, then at random.
        {
          seed,
          numRuns: CASES.length + 60,
          examples: CASES.map((statement) => [statement, [" ", " ", " "], false]),
        },
      );
    });
  }
});

Deno.test("PIVOT is one query", async () => {
  await withKeptTable(async (folder) => {
    await using matrix = await openMatrix(`${folder}/m.duckdb`);
    for (
      const sql of [
        "PIVOT samples ON ploidy USING count(*) GROUP BY phased",
        "FROM (PIVOT samples ON ploidy USING count(*) GROUP BY phased)",
      ]
    ) {
      const [row] = (await Array.fromAsync(matrix.query(sql))).flat();
      assert.deepEqual(row, { phased: true, "2": 2n });
    }
  });
});

/** Functions of this DuckDB with effects that outlive a query, or none that a query shows. */
const EFFECTS = [
  ..."arrow_scan arrow_scan_dumb checkpoint force_checkpoint json_execute_serialized_sql".split(
    " ",
  ),
  ..."json_serialize_plan query truncate_duckdb_logs write_log".split(" "),
  ..."disable_logging disable_peg_parser disable_profiling".split(" "),
  ..."enable_logging enable_peg_parser enable_profiling".split(" "),
];

/** Table functions that only read; what files they read, settings decide. */
const READING = `
check_peg_parser duckdb_approx_database_count duckdb_columns duckdb_connection_count
duckdb_constraints duckdb_coordinate_systems duckdb_databases duckdb_dependencies duckdb_extensions
duckdb_external_file_cache duckdb_functions duckdb_indexes duckdb_keywords duckdb_log_contexts
duckdb_logs duckdb_logs_parsed duckdb_memory duckdb_optimizers duckdb_prepared_statements
duckdb_profiling_settings duckdb_schemas duckdb_secret_types duckdb_secrets duckdb_sequences
duckdb_settings duckdb_table_sample duckdb_tables duckdb_temporary_files duckdb_types
duckdb_variables duckdb_views generate_series glob histogram histogram_values icu_calendar_names
json_each json_tree parquet_bloom_probe parquet_file_metadata parquet_full_metadata
parquet_kv_metadata parquet_metadata parquet_scan parquet_schema pg_timezone_names
pragma_collations pragma_database_size pragma_metadata_info pragma_platform pragma_show
pragma_storage_info pragma_table_info pragma_user_agent pragma_version query_table range read_blob
read_csv read_csv_auto read_duckdb read_json read_json_auto read_json_objects
read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet read_text
repeat repeat_row seq_scan sniff_csv sql_auto_complete summary test_all_types test_vector_types
unnest which_secret`.trim().split(/\s+/);

/** Volatile functions whose effects end with their query, or stay in the session. */
const PASSING = `
current_connection_id current_query current_query_id current_transaction_id currval error gen_random_uuid nextval
random setseed sleep_ms stats txid_current uuid uuidv4 uuidv7`.trim().split(/\s+/);

Deno.test("every function of this DuckDB that may have effects has been looked at", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const found = await connection.runAndReadAll(`
SELECT DISTINCT function_name FROM duckdb_functions()
WHERE function_type IN ('table', 'table_macro') OR stability = 'VOLATILE'`);
  const names = found.getRows().map(([name]) => String(name));
  const known = new Set([...EFFECTS, ...READING, ...PASSING]);
  assert.deepEqual(names.filter((name) => !known.has(name)), []);
  for (const name of EFFECTS) assert.equal(forbiddenCall(`FROM "${name}" -- (`), name);
  for (const name of [...READING, ...PASSING]) assert.equal(forbiddenCall(`${name}()`), undefined);
  connection.closeSync();
  instance.closeSync();
});

Deno.test("views and macros that call what statements must not", async () => {
  await withKeptTable(async (folder) => {
    const instance = await DuckDBInstance.create(`${folder}/evil.duckdb`);
    const connection = await instance.connect();
    await connection.run("CREATE VIEW innocent AS FROM enable_logging(storage := 'stdout')");
    connection.closeSync();
    instance.closeSync();
    const external = { external: true };
    await assert.rejects(
      SqlSession.open(`${folder}/evil.duckdb`, external),
      /'innocent' of 'evil'/,
    );
    await using session = await SqlSession.open(`${folder}/m.duckdb`, external);
    for (const begin of ["SELECT 1", "BEGIN"]) {
      await runToEnd(session, begin);
      const attach = runToEnd(session, `ATTACH '${folder}/evil.duckdb' AS e`);
      await assert.rejects(attach, /'innocent' of 'e'/);
      await assert.rejects(runToEnd(session, "FROM e.innocent"), /Catalog|Binder/);
    }
  });
});

Deno.test("a log beside a table", async (t) => {
  const commands: Readonly<Record<string, string[]>> = {
    sql: ["sql", "m.duckdb", "-c", "FROM samples"],
    "sql, by a link": ["sql", "link.duckdb", "-c", "FROM samples"],
    inspect: ["inspect", "m.duckdb"],
    "convert, as input": ["convert", "m.duckdb", "-o", "again.vcf"],
    "convert, by a link": ["convert", "link.duckdb", "-o", "again.vcf"],
    "convert --database": ["convert", "m.tsv", "-o", "again.vcf", "--database", "m.duckdb"],
  };
  await withKeptTable(async (folder) => {
    await Deno.symlink("m.duckdb", `${folder}/link.duckdb`);
    const opens = await cli(["sql", "link.duckdb", "-c", "SELECT 1"], { cwd: folder });
    assert.equal(opens.code, 0, opens.stderr);
    await plantLog(`${folder}/m.duckdb`);
    const log = await Deno.readFile(`${folder}/m.duckdb.wal`);
    for (const suffix of ["wal", "wal.checkpoint", "wal.recovery"]) {
      for (const other of ["wal", "wal.checkpoint", "wal.recovery"]) {
        await Deno.remove(`${folder}/m.duckdb.${other}`).catch(() => {});
      }
      await Deno.writeFile(`${folder}/m.duckdb.${suffix}`, log);
      const before = await snapshot(folder);
      for (const [name, args] of Object.entries(commands)) {
        if (suffix !== "wal" && !/^sql$|^convert --/.test(name)) continue;
        await t.step(`${name}: .${suffix}`, async () => {
          const { code, stdout, stderr } = await cli(args, { cwd: folder });
          assert.equal(code, 1, stderr);
          assert.equal(stdout, "");
          assert.match(stderr, new RegExp(`\\.duckdb\\.${suffix}: if nobody has it open.*\\n$`));
          assert.deepEqual(await snapshot(folder), before);
        });
      }
      await t.step(`openMatrix: .${suffix}`, async () => {
        await assert.rejects(openMatrix(`${folder}/m.duckdb`), /--write -c CHECKPOINT/);
      });
    }
    await t.step("sql --write takes it in", async () => {
      await Deno.remove(`${folder}/m.duckdb.wal.recovery`);
      await Deno.writeFile(`${folder}/m.duckdb.wal`, log);
      const args = ["sql", "m.duckdb", "--write", "-c", "CHECKPOINT"];
      const { code, stderr } = await cli(args, { cwd: folder });
      assert.equal(stderr, "taking in the changes in m.duckdb.wal\n");
      assert.equal(code, 0);
      const args2 = ["sql", "m.duckdb", "--format", "csv", "-c", "SELECT sample FROM samples"];
      assert.equal((await cli(args2, { cwd: folder })).stdout, "sample\nchanged\n2\n");
    });
  });
});

Deno.test("--external reaches other files, .output not the database", async () => {
  await withKeptTable(async (folder) => {
    for (const file of ["m.duckdb", "./m.duckdb.wal"]) {
      const output = await cli(["sql", "m.duckdb"], {
        cwd: folder,
        stdin: `.output ${file}\nSELECT 1;\n`,
      });
      assert.match(output.stderr, /must not write over the files of the open database/);
    }
    const script =
      "COPY samples TO 'tmp_s.csv'; COPY (SELECT 1 AS a) TO '/dev/stdout' (FORMAT csv);" +
      "ATTACH 'other.duckdb' AS o (READ_WRITE); CREATE TABLE o.t AS FROM samples; DETACH o";
    const done = await cli(["sql", "m.duckdb", "--external"], { cwd: folder, stdin: script });
    assert.equal(done.code, 0, done.stderr);
    assert.equal(done.stdout, "a\n1\n");
    await Deno.rename(`${folder}/m.duckdb`, `${folder}/tmp_x.csv`);
    const temporary = await cli(
      ["sql", "tmp_x.csv", "--external", "-c", "COPY samples TO 'x.csv'"],
      { cwd: folder },
    );
    assert.match(temporary.stderr, /must not write over/);
  });
});
