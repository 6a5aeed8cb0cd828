/**
 * What a database that is shut in still lets SQL do, and what DuckDB says of a statement before it
 * runs.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { StatementType } from "@duckdb/node-api";
import { Duckdb } from "./duckdb_session.ts";
import { fact, withFolder } from "./fact.ts";

/** The settings that shut a session in; their order matters. */
const SHUT_IN = {
  access_mode: "READ_ONLY",
  temp_directory: "",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  enable_external_access: "false",
  lock_configuration: "true",
};

/** Runs a function with a database that is shut in, and its path. */
function shutIn(use: (database: Duckdb, path: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const path = `${folder}/t.duckdb`;
    {
      using made = await Duckdb.open(path);
      await made.run("CREATE TABLE t AS SELECT range AS i FROM range(3)");
    }
    using database = await Duckdb.open(path, SHUT_IN);
    await use(database, path);
  });
}

const SHELL = "the options that shut the SQL shell in";
const GUARD = "the guard of the SQL shell, which refuses statements by kind and by text";

fact("temp_directory must be set before enable_external_access", {
  reliedOnBy: SHELL,
  async check() {
    const open = async (settings: Record<string, string>) => {
      using database = await Duckdb.open(":memory:", settings);
      await database.run("SELECT 1");
    };
    await open({ temp_directory: "", enable_external_access: "false" });
    const turned = open({ enable_external_access: "false", temp_directory: "" });
    await assert.rejects(turned, /Failed to set config/);
  },
});

fact("a database that is shut in reads and writes no other file", {
  reliedOnBy: SHELL,
  check: () =>
    shutIn(async (database, path) => {
      await Deno.writeTextFile(`${path}.csv`, "1\n");
      const refused = [
        `SELECT * FROM read_csv('${path}.csv')`,
        `SELECT * FROM '${path}.csv'`,
        `COPY t TO '${path}.new'`,
        `ATTACH '${path}.other' AS other`,
        "INSTALL spatial",
      ];
      for (const sql of refused) {
        await assert.rejects(database.run(sql), /Permission Error/, sql);
      }
    }),
});

fact("a database that is shut in still lets COPY write over its own file and its logs", {
  reliedOnBy: "the guard of the SQL shell, which alone can keep COPY from it",
  check: () =>
    shutIn(async (database, path) => {
      for (const suffix of [".wal", ".wal.checkpoint", ".wal.recovery", ""]) {
        await database.run(`COPY t TO '${path}${suffix}' (FORMAT csv, USE_TMP_FILE false)`);
        assert.equal(await Deno.readTextFile(path + suffix), "i\n0\n1\n2\n", suffix);
      }
    }),
});

for (const within of ["EXPLAIN ANALYZE", "PREPARE copies AS"]) {
  fact(`that COPY also runs inside ${within === "EXPLAIN ANALYZE" ? within : "EXECUTE"}`, {
    reliedOnBy: "the guard of the SQL shell, which must look for COPY inside of statements",
    check: () =>
      shutIn(async (database, path) => {
        const log = `${path}.wal`;
        await database.run(`${within} COPY t TO '${log}' (FORMAT csv, USE_TMP_FILE false)`);
        if (within !== "EXPLAIN ANALYZE") await database.run("EXECUTE copies");
        assert.equal(await Deno.readTextFile(log), "i\n0\n1\n2\n");
      }),
  });
}

fact("lock_configuration refuses SET, and lets SET VARIABLE through", {
  reliedOnBy: SHELL,
  check: () =>
    shutIn(async (database) => {
      await assert.rejects(database.run("SET threads = 2"), /configuration has been locked/);
      await database.run("SET VARIABLE mine = 7");
      assert.equal(await database.value("SELECT getvariable('mine')"), 7);
    }),
});

for (
  const { sql, undo } of [
    { sql: "PRAGMA enable_profiling", undo: "PRAGMA disable_profiling" },
    { sql: "CALL enable_logging()", undo: "CALL disable_logging()" },
    { sql: "SELECT * FROM enable_logging()", undo: "CALL disable_logging()" },
    { sql: "CALL truncate_duckdb_logs()", undo: undefined },
  ]
) {
  fact(`lock_configuration lets \`${sql}\` through`, {
    reliedOnBy: "the guard of the SQL shell, which refuses it",
    check: () =>
      shutIn(async (database) => {
        await database.run(sql);
        if (undo) await database.run(undo);
      }),
  });
}

fact("a database opened READ_ONLY refuses changes, but makes temporary tables", {
  reliedOnBy: SHELL,
  check: () =>
    shutIn(async (database) => {
      await assert.rejects(database.run("INSERT INTO t VALUES (1)"), /read-only/);
      await database.run("CREATE TEMP TABLE mine AS FROM t");
      assert.equal(await database.value("SELECT count(*) FROM mine"), 3n);
    }),
});

for (const [end, name] of [["\r", "CR"], ["\n", "LF"]]) {
  fact(`a comment that begins with -- ends at ${name}`, {
    reliedOnBy: "the splitting of SQL into statements, and the guard, which leaves comments out",
    async check() {
      using database = await Duckdb.open();
      assert.equal(await database.value(`SELECT 1 -- one${end} + 1`), 2);
    },
  });
}

fact("two statements are not prepared as one, and extractStatements counts them", {
  reliedOnBy: GUARD,
  async check() {
    using database = await Duckdb.open();
    const two = "SELECT ';'; -- ;\nSELECT 2;";
    await assert.rejects(database.api.prepare(two), /Cannot prepare multiple statements/);
    assert.equal((await database.api.extractStatements(two)).count, 2);
  },
});

const KINDS: { sql: string; kinds: (keyof typeof StatementType)[] }[] = [
  { sql: "CHECKPOINT", kinds: ["CALL"] },
  { sql: "PIVOT t ON i USING count(*)", kinds: ["CREATE", "SELECT"] },
  { sql: "EXPLAIN ANALYZE COPY t TO '$PATH'", kinds: ["EXPLAIN"] },
  { sql: "PREPARE p AS COPY t TO '$PATH'", kinds: ["PREPARE"] },
  { sql: "SET VARIABLE mine = 1", kinds: ["SET"] },
  { sql: "SET threads = 1", kinds: ["SET"] },
  { sql: "USE memory", kinds: ["SET"] },
  { sql: "SELECT * FROM enable_logging()", kinds: ["SELECT"] },
  { sql: "PRAGMA enable_profiling", kinds: ["PRAGMA"] },
  { sql: "INSTALL json", kinds: ["LOAD"] },
  { sql: "UPDATE EXTENSIONS", kinds: ["UPDATE_EXTENSIONS"] },
];

for (const { sql, kinds } of KINDS) {
  fact(`\`${sql.split(" '")[0]}\` is bound as ${kinds.join(" and ")}`, {
    reliedOnBy: GUARD,
    check: () =>
      withFolder(async (folder) => {
        using database = await Duckdb.open();
        await database.run("CREATE TABLE t AS SELECT range AS i FROM range(3)");
        const extracted = await database.api.extractStatements(
          sql.replace("$PATH", `${folder}/out.csv`),
        );
        const found: string[] = [];
        for (let index = 0; index < extracted.count; index++) {
          const statement = await extracted.prepare(index);
          found.push(StatementType[statement.statementType]);
          // What a later statement asks, an earlier one makes.
          if (index < extracted.count - 1) await statement.run();
        }
        assert.deepEqual(found, kinds);
      }),
  });
}

for (
  const { what, part, rows } of [
    {
      what: "read_csv reads a gzip file whole",
      part: 1,
      rows: (count: bigint) => count === 20_000n,
    },
    {
      what: "read_csv takes a truncated gzip file for a whole one, without an error",
      part: 0.5,
      rows: (count: bigint) => count > 0n && count < 20_000n,
    },
  ]
) {
  fact(what, {
    reliedOnBy: "the choice of node:zlib and of our own reading for inputs",
    check: () =>
      withFolder(async (folder) => {
        const lines = Array.from({ length: 20_000 }, (_, row) => `${row}\t${row * 7919 % 100_003}`);
        const bytes = gzipSync(`${lines.join("\n")}\n`);
        const path = `${folder}/m.tsv.gz`;
        await Deno.writeFile(path, bytes.subarray(0, bytes.length * part));
        using database = await Duckdb.open();
        const count = await database.value(
          `SELECT count(*) FROM read_csv('${path}', delim = '\t', header = false)`,
        ) as bigint;
        assert.ok(rows(count), `${count} rows`);
      }),
  });
}
