/**
 * What a streamed result of DuckDB does where the query does not come to its end.
 */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { Duckdb } from "./duckdb_session.ts";
import { fact, withFolder } from "./fact.ts";

const ROWS = 200_000;

/** A query whose stream breaks at a row, if there is such a row. */
const breakingAt = (row: number) =>
  `SELECT CASE WHEN range = ${row} THEN error('boom')::BIGINT ELSE range END FROM range(${ROWS})`;

/** Begins a streamed query. */
async function stream({ connection }: Duckdb, sql: string): Promise<duckdb.Result> {
  return await duckdb.execute_prepared_streaming(await duckdb.prepare(connection, sql));
}

/** The rows of a stream up to its first empty chunk, after each chunk of which something is done. */
async function streamedRows(
  result: duckdb.Result,
  afterChunk: (rows: number) => unknown = () => {},
): Promise<number> {
  let rows = 0;
  while (true) {
    const chunk = await duckdb.fetch_chunk(result);
    const size = chunk ? duckdb.data_chunk_get_size(chunk) : 0;
    if (size === 0) return rows;
    rows += size;
    await afterChunk(rows);
  }
}

const COUNT_ROWS = "the readers of partitions, which compare the rows streamed with those promised";

fact("a stream that comes to its end has all rows, though it looks like one that broke", {
  reliedOnBy: COUNT_ROWS,
  async check() {
    using database = await Duckdb.open();
    assert.equal(await streamedRows(await stream(database, breakingAt(-1))), ROWS);
  },
});

fact("an error in a stream looks like its end: nothing is thrown", {
  reliedOnBy: COUNT_ROWS,
  async check() {
    using database = await Duckdb.open();
    const rows = await streamedRows(await stream(database, breakingAt(ROWS - 1)));
    assert.ok(rows < ROWS, `${rows} rows`);
  },
});

fact("the same error without a stream is thrown", {
  reliedOnBy: "SQL sessions, which run a statement again under EXPLAIN ANALYZE to learn its error",
  async check() {
    using database = await Duckdb.open();
    await assert.rejects(database.run(breakingAt(ROWS - 1)), /boom/);
    await assert.rejects(database.run(`EXPLAIN ANALYZE\n${breakingAt(ROWS - 1)}`), /boom/);
  },
});

fact("an interrupt ends a stream as if it were whole", {
  reliedOnBy: COUNT_ROWS,
  async check() {
    using database = await Duckdb.open();
    const result = await stream(database, "SELECT range FROM range(5000000)");
    let interrupted = false;
    const rows = await streamedRows(result, () => {
      if (interrupted) return;
      duckdb.interrupt(database.connection);
      interrupted = true;
    });
    assert.ok(rows < 5_000_000, `${rows} rows`);
  },
});

fact("a stream from a damaged file ends early, and nothing is thrown", {
  reliedOnBy: COUNT_ROWS,
  check: () =>
    withFolder(async (folder) => {
      const path = `${folder}/t.duckdb`;
      {
        using database = await Duckdb.open(path);
        await database.run(
          `CREATE TABLE t AS SELECT hash(range) AS i FROM range(${ROWS}); CHECKPOINT`,
        );
      }
      const bytes = await Deno.readFile(path);
      // Blocks of 256 KiB after three headers of 4 KiB; those of the table come first.
      bytes.fill(0xa5, 3 * 4096 + 4 * 262_144 + 1000, 3 * 4096 + 4 * 262_144 + 1100);
      await Deno.writeFile(path, bytes);
      using database = await Duckdb.open(path, { access_mode: "READ_ONLY" });
      const rows = await streamedRows(await stream(database, "SELECT i FROM t"));
      assert.ok(rows < ROWS, `${rows} rows`);
      await assert.rejects(database.run("SELECT bit_xor(i) FROM t"), /checksum/);
    }),
});

fact("a second query on a connection ends an open stream early, and nothing is thrown", {
  reliedOnBy: "matrices opened by programs, which give each query a connection of its own",
  async check() {
    using database = await Duckdb.open();
    const result = await stream(database, "SELECT range FROM range(5000000)");
    const rows = await streamedRows(result, async (rows) => {
      if (rows <= 2048) await database.run("SELECT 1");
    });
    assert.ok(rows < 5_000_000, `${rows} rows`);
  },
});

fact("a query on another connection leaves an open stream alone", {
  reliedOnBy: "matrices opened by programs, of which several queries may run at a time",
  async check() {
    using database = await Duckdb.open();
    using other = await database.another();
    const result = await stream(database, breakingAt(-1));
    const rows = await streamedRows(result, async (rows) => {
      if (rows <= 2048) await other.run("SELECT 1");
    });
    assert.equal(rows, ROWS);
  },
});

for (
  const { what, row, broken } of [
    {
      what: "a stream that failed breaks the transaction that it is in",
      row: ROWS - 1,
      broken: true,
    },
    { what: "a whole stream leaves its transaction as it was", row: -1, broken: false },
  ]
) {
  fact(what, {
    reliedOnBy: "SQL sessions, which ask the transaction whether a stream was whole",
    async check() {
      using database = await Duckdb.open();
      await database.run("BEGIN TRANSACTION");
      await streamedRows(await stream(database, breakingAt(row)));
      const asked = database.run("SELECT 1");
      if (broken) await assert.rejects(asked, /transaction is aborted/);
      else await asked;
      await database.run("ROLLBACK");
    },
  });
}
