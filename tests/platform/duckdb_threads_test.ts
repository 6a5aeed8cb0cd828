/**
 * What DuckDB does with threads, interrupts, callbacks, and the instances of one file.
 */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { OPENER } from "./duckdb_opener.ts";
import { Duckdb, once, type } from "./duckdb_session.ts";
import { fact, pause, runModule, withFolder } from "./fact.ts";

const { UBIGINT, UTINYINT } = duckdb.Type;

const SESSION = new URL("./duckdb_session.ts", import.meta.url);

/** A query that takes hours. */
const ENDLESS =
  "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range = -b.range";

fact("interrupt() ends a running statement, which is rejected", {
  reliedOnBy: "Ctrl-C, and the closing of a connection, which waits for its statement first",
  async check() {
    using database = await Duckdb.open();
    const running = database.run(ENDLESS);
    const ended = assert.rejects(running, /INTERRUPT/);
    await pause(20);
    duckdb.interrupt(database.connection);
    await ended;
    assert.equal(await database.value("SELECT 1"), 1);
  },
});

fact("a second connection answers while the first one's statement runs", {
  reliedOnBy: "the look at DuckDB's memory while a table is stored",
  async check() {
    using database = await Duckdb.open();
    using other = await database.another();
    let over = false;
    const running = database.run(ENDLESS).catch(() => {}).finally(() => over = true);
    await pause(20);
    const [memory, temporary] = (await other.rows(
      "SELECT sum(memory_usage_bytes)::DOUBLE, sum(temporary_storage_bytes)::DOUBLE FROM duckdb_memory()",
    ))[0];
    assert.deepEqual([typeof memory, typeof temporary, over], ["number", "number", false]);
    duckdb.interrupt(database.connection);
    await running;
  },
});

fact(
  "what a table function's callback throws rejects the query: its message is kept, not its class",
  {
    reliedOnBy: "the store of a table, which keeps the error of its feed itself",
    async check() {
      using database = await Duckdb.open();
      class InputError extends Error {}
      const rows = database.table({ code: type(UTINYINT) }, () => {
        throw new InputError("a bad row");
      });
      await assert.rejects(database.run(`SELECT * FROM ${rows}()`), (error: Error) => {
        assert.match(error.message, /a bad row/);
        assert.equal(error instanceof InputError, false);
        return true;
      });
    },
  },
);

fact("a table function's callback runs on the thread that registered it, which may sleep in it", {
  reliedOnBy: "the feed of batches, which waits with Atomics.wait for those of other threads",
  async check() {
    using database = await Duckdb.open(":memory:", { threads: "2" });
    const words = new Int32Array(new SharedArrayBuffer(4));
    const code = `self.onmessage = ({ data }) => {
  const words = new Int32Array(data);
  Atomics.store(words, 0, 7);
  Atomics.notify(words, 0);
};`;
    const worker = new Worker(`data:application/javascript,${encodeURIComponent(code)}`, {
      type: "module",
    });
    const rows = database.table(
      { code: type(UTINYINT) },
      once(1, (chunk) => {
        worker.postMessage(words.buffer);
        Atomics.wait(words, 0, 0, 5000);
        const vector = duckdb.data_chunk_get_vector(chunk, 0);
        duckdb.copy_data_to_vector(vector, 0, new Uint8Array([words[0]]).buffer, 0, 1);
      }),
    );
    assert.equal(await database.value(`SELECT code FROM ${rows}()`), 7);
    worker.terminate();
  },
});

/** How many times of `most` a table's rows are not in the order in which they were made. */
async function disordered(preserveOrder: boolean, most: number): Promise<number> {
  const chunks = 150, size = 2048;
  using database = await Duckdb.open(":memory:", {
    threads: "4",
    preserve_insertion_order: String(preserveOrder),
  });
  let times = 0;
  for (let attempt = 0; attempt < most; attempt++) {
    const rows = database.table({ line: type(UBIGINT) }, (chunk, call) => {
      duckdb.data_chunk_set_size(chunk, call < chunks ? size : 0);
      if (call >= chunks) return;
      const lines = BigUint64Array.from({ length: size }, (_, row) => BigInt(call * size + row));
      const vector = duckdb.data_chunk_get_vector(chunk, 0);
      duckdb.copy_data_to_vector(vector, 0, lines.buffer, 0, lines.byteLength);
    }, 4);
    await database.run(`CREATE OR REPLACE TABLE t (line UBIGINT);
INSERT INTO t SELECT line FROM ${rows}()`);
    const [[stored, moved]] = await database.rows(
      "SELECT count(*), count(*) FILTER (line <> rowid) FROM t",
    );
    assert.equal(stored, BigInt(chunks * size));
    if (moved !== 0n && ++times && !preserveOrder) break;
  }
  return times;
}

fact("INSERT keeps the order of a table function's rows, on one thread, unless told otherwise", {
  reliedOnBy: "the setting preserve_insertion_order = false, which makes it use all threads",
  check: async () => assert.equal(await disordered(true, 3), 0),
});

fact("with preserve_insertion_order = false rows are stored in any order", {
  reliedOnBy: "the readers of partitions, which put rows in order by their line",
  check: async () => assert.notEqual(await disordered(false, 20), 0),
});

/** Makes a database of 1,000 rows in a folder. */
async function makeDatabase(folder: string): Promise<string> {
  const path = `${folder}/t.duckdb`;
  using database = await Duckdb.open(path);
  await database.run("CREATE TABLE t AS SELECT range AS i FROM range(1000)");
  return path;
}

fact("several workers can each open a database READ_ONLY at the same time", {
  reliedOnBy: "the readers of partitions",
  check: () =>
    withFolder(async (folder) => {
      const path = await makeDatabase(folder);
      // Under `deno test` a worker's static imports would be type-checked, for seconds.
      const code = `const { open } = await import([${JSON.stringify(OPENER)}][0]);
self.onmessage = async ({ data }) => self.postMessage(await open(data, "READ_ONLY"));`;
      const module = `data:application/javascript,${encodeURIComponent(code)}`;
      const workers = [1, 2, 3].map(() => new Worker(module, { type: "module" }));
      const answers = workers.map((worker) => {
        worker.postMessage(path);
        return new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
      });
      // All of them have it open until the last one has answered.
      assert.deepEqual(await Promise.all(answers), ["1000", "1000", "1000"]);
      for (const worker of workers) worker.terminate();
    }),
});

/** How another process fares that opens a database. */
async function elsewhere(path: string, mode: string): Promise<string> {
  const code = `import { open } from "${OPENER}";
console.log(await open(Deno.args[0], "${mode}"));
Deno.exit();`;
  const { stdout, stderr } = await runModule(code, ["--allow-all"], [path]);
  return stdout || stderr;
}

fact("a database open READ_ONLY lets other processes read it, and keeps writers out", {
  reliedOnBy: "pinned tables, which nobody may write to while they are read",
  check: () =>
    withFolder(async (folder) => {
      const path = await makeDatabase(folder);
      using _database = await Duckdb.open(path, { access_mode: "READ_ONLY" });
      const answers = [await elsewhere(path, "READ_ONLY"), await elsewhere(path, "READ_WRITE")];
      assert.deepEqual(answers, ["1000", "locked"]);
    }),
});

fact("two instances of one process may both write to a database, and lose rows", {
  reliedOnBy: "the store of a table, which alone writes to it, and closes it before others open it",
  check: () =>
    withFolder(async (folder) => {
      const path = await makeDatabase(folder);
      {
        using first = await Duckdb.open(path);
        using second = await Duckdb.open(path);
        for (const writer of [first, second]) await writer.run("INSERT INTO t VALUES (1), (2)");
        for (const writer of [first, second]) await writer.run("CHECKPOINT");
      }
      using database = await Duckdb.open(path);
      assert.equal(await database.value("SELECT count(*) FROM t"), 1002n);
    }),
});

fact("reading the file of an open database in the same process drops DuckDB's lock", {
  reliedOnBy: "the rule that nothing reads a table's file but DuckDB",
  only: "linux",
  check: () =>
    withFolder(async (folder) => {
      const path = await makeDatabase(folder);
      using _database = await Duckdb.open(path, { access_mode: "READ_ONLY" });
      await Deno.readFile(path);
      assert.equal(await elsewhere(path, "READ_WRITE"), "1000");
    }),
});

fact("DuckDB spills beside the database, or into the current folder, unless told otherwise", {
  reliedOnBy: "the folder for spilling that each instance is given: two that share one crash",
  check: () =>
    withFolder(async (folder) => {
      const path = await makeDatabase(folder);
      const spillsInto = async (path: string, temp_directory?: string) => {
        using database = await Duckdb.open(path, { temp_directory });
        return await database.value("SELECT current_setting('temp_directory')");
      };
      assert.equal(await spillsInto(path), `${path}.tmp`);
      assert.equal(await spillsInto(":memory:"), ".tmp");
      assert.equal(await spillsInto(path, ""), "");
    }),
});

fact("a DuckDB that is killed while it writes leaves its log (.wal) behind", {
  reliedOnBy: "the work folder, which removes the log of an unfinished table",
  only: "linux",
  check: () =>
    withFolder(async (folder) => {
      const path = `${folder}/t.duckdb`;
      const code = `import { Duckdb } from "${SESSION}";
const database = await Duckdb.open(Deno.args[0]);
await database.run("CREATE TABLE t AS SELECT 1 AS i");
Deno.kill(Deno.pid, "SIGKILL");`;
      await runModule(code, ["--allow-all"], [path]);
      assert.ok((await Deno.stat(`${path}.wal`)).size > 0);
    }),
});
