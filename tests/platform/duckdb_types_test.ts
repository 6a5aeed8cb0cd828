/**
 * What DuckDB and its bindings do with types, vectors, names and settings of a table.
 */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { Duckdb, once, type } from "./duckdb_session.ts";
import { fact, withFolder } from "./fact.ts";

const BASES = ["A", "C", "G"];

/** Copies bytes into the first items of a vector. */
function copy(vector: duckdb.Vector, bytes: ArrayBuffer): void {
  duckdb.copy_data_to_vector(vector, 0, bytes, 0, bytes.byteLength);
}

/** Fills the first column of a chunk. */
const codes = (...bytes: number[]) => (chunk: duckdb.DataChunk) =>
  copy(duckdb.data_chunk_get_vector(chunk, 0), new Uint8Array(bytes).buffer);

fact("the items of an array column are one run of its child's items, row after row", {
  reliedOnBy: "the reading and filling of alleles, a whole chunk at a time",
  async check() {
    using database = await Duckdb.open();
    const row = duckdb.create_array_type(duckdb.create_enum_type(BASES), 3);
    const child = (chunk: duckdb.DataChunk) =>
      duckdb.array_vector_get_child(duckdb.data_chunk_get_vector(chunk, 0));
    const items = [0, 1, 2, 2, 1, 0];
    const rows = database.table(
      { row },
      once(2, (chunk) => {
        copy(child(chunk), new Uint8Array(items).buffer);
      }),
    );
    await database.run(`CREATE TABLE stored AS SELECT row FROM ${rows}()`);
    assert.deepEqual(await database.rows("SELECT row::VARCHAR FROM stored"), [
      ["[A, C, G]"],
      ["[G, C, A]"],
    ]);
    const chunk = await database.chunk("SELECT row FROM stored");
    assert.deepEqual([...duckdb.vector_get_data(child(chunk), 6)], items);
  },
});

fact("the code of an ENUM that a table function writes is not checked", {
  reliedOnBy: "the tokenizer and the dictionaries, which alone make sure that codes are right",
  async check() {
    using database = await Duckdb.open();
    const base = duckdb.create_enum_type(BASES);
    const rows = database.table({ base }, once(3, codes(0, 2, 77)));
    // Not its text, which DuckDB would read from beyond the end of the list.
    const found = await database.rows(
      `SELECT enum_code(base)::VARCHAR, base IS NULL FROM ${rows}()`,
    );
    assert.deepEqual(found, [["0", false], ["2", false], ["77", false]]);
  },
});

fact("an ENUM has codes of 1 byte up to 255 values, of 2 up to 65,535, then of 4", {
  reliedOnBy: "the width of codes in batches and chunks",
  check() {
    const { UTINYINT, USMALLINT, UINTEGER } = duckdb.Type;
    const sizes = [1, 255, 256, 65_535, 65_536];
    const types = sizes.map((size) => {
      const values = Array.from({ length: size }, (_, value) => `v${value}`);
      return duckdb.enum_internal_type(duckdb.create_enum_type(values));
    });
    assert.deepEqual(types, [UTINYINT, UTINYINT, USMALLINT, USMALLINT, UINTEGER]);
  },
});

fact("an ENUM can have 70,000 values, and values of 20,000 characters", {
  reliedOnBy: "matrices of many contigs and of long alleles",
  async check() {
    using database = await Duckdb.open();
    const values = Array.from({ length: 70_000 }, (_, value) => `'v${value}'`);
    values.push(`'${"A".repeat(20_000)}'`);
    await database.run(`CREATE TYPE wide AS ENUM (${values})`);
    assert.equal(await database.value("SELECT length(enum_last(NULL::wide)::VARCHAR)"), 20_000n);
  },
});

fact("an integer cannot be cast to an ENUM", {
  reliedOnBy: "the table function, which writes codes since SQL cannot",
  async check() {
    using database = await Duckdb.open();
    await assert.rejects(database.run("SELECT 1::INTEGER::ENUM('A', 'C')"), /Unimplemented type/);
    assert.equal(await database.value("SELECT 'C'::ENUM('A', 'C')"), "C");
  },
});

for (
  const { what, alias, casts } of [
    { what: "two ENUMs without an alias are one type, and INSERT does not cast", casts: false },
    { what: "an alias makes an ENUM another type, and INSERT casts", alias: "base", casts: true },
  ]
) {
  fact(what, {
    reliedOnBy: "the INSERT of a matrix, which takes twice as long where it casts each allele",
    async check() {
      using database = await Duckdb.open();
      await database.run(
        `CREATE TYPE base AS ENUM ('A', 'C', 'G'); CREATE TABLE stored (row base[2])`,
      );
      const base = duckdb.create_enum_type(BASES);
      if (alias) duckdb.logical_type_set_alias(base, alias);
      const rows = database.table({ row: duckdb.create_array_type(base, 2) }, once(0, () => {}));
      const plan = await database.plan(`INSERT INTO stored SELECT row FROM ${rows}()`);
      assert.match(plan, /INSERT/);
      assert.equal(/PROJECTION/.test(plan), casts, plan);
    },
  });
}

fact("vector_get_data gives a copy", {
  reliedOnBy: "the columns that are kept after their chunk, and the filling by copy_data_to_vector",
  async check() {
    using database = await Duckdb.open();
    const chunk = await database.chunk("SELECT 7::UTINYINT");
    const vector = duckdb.data_chunk_get_vector(chunk, 0);
    duckdb.vector_get_data(vector, 1)[0] = 9;
    assert.equal(duckdb.vector_get_data(vector, 1)[0], 7);
  },
});

fact("vector_get_validity gives a copy, and null where all rows are valid", {
  reliedOnBy: "the texts of a column, and the filling of IDs, which writes validity back",
  async check() {
    using database = await Duckdb.open();
    const chunk = await database.chunk("SELECT 7, NULL::INTEGER");
    const [whole, gaps] = [0, 1].map((column) => duckdb.data_chunk_get_vector(chunk, column));
    assert.equal(duckdb.vector_get_validity(whole, 8), null);
    assert.equal(duckdb.validity_row_is_valid(null, 0), true);
    const validity = duckdb.vector_get_validity(gaps, 8);
    assert.equal(duckdb.validity_row_is_valid(validity, 0), false);
    validity[0] = 0xff;
    assert.equal(duckdb.validity_row_is_valid(duckdb.vector_get_validity(gaps, 8), 0), false);
  },
});

fact("copy_data_to_vector_validity makes rows NULL", {
  reliedOnBy: "the filling of IDs, of which some rows have none",
  async check() {
    using database = await Duckdb.open();
    const rows = database.table(
      { id: type(duckdb.Type.VARCHAR) },
      once(2, (chunk) => {
        const vector = duckdb.data_chunk_get_vector(chunk, 0);
        for (const row of [0, 1]) duckdb.vector_assign_string_element(vector, row, `id ${row}`);
        const validity = new Uint8Array(8).fill(0xff);
        duckdb.validity_set_row_invalid(validity, 0);
        duckdb.vector_ensure_validity_writable(vector);
        duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, validity.length);
      }),
    );
    assert.deepEqual(await database.rows(`SELECT id FROM ${rows}()`), [[null], ["id 1"]]);
  },
});

fact("copy_data_to_vector refuses a SharedArrayBuffer", {
  reliedOnBy: "the stage between batches, which are in shared memory, and chunks",
  async check() {
    using database = await Duckdb.open();
    const shared = new SharedArrayBuffer(1) as unknown as ArrayBuffer;
    let refused: unknown;
    const rows = database.table(
      { code: type(duckdb.Type.UTINYINT) },
      once(1, (chunk) => {
        try {
          copy(duckdb.data_chunk_get_vector(chunk, 0), shared);
        } catch (error) {
          refused = error;
        }
      }),
    );
    await database.run(`SELECT * FROM ${rows}()`);
    assert.match(String(refused), /Invalid argument/);
  },
});

fact("a text of a vector has 16 bytes: its length, and itself up to 12 bytes or a pointer to it", {
  reliedOnBy: "the texts of a column, which are read without making strings",
  async check() {
    using database = await Duckdb.open();
    const texts = ["", "twelve bytes", "thirteen byte", "Ã".repeat(100)];
    const list = texts.map((text) => `('${text}')`).join();
    const chunk = await database.chunk(`SELECT text FROM (VALUES ${list}) t(text)`);
    const items = duckdb.vector_get_data(
      duckdb.data_chunk_get_vector(chunk, 0),
      16 * texts.length,
    );
    const { buffer, byteOffset } = items, view = new DataView(buffer, byteOffset);
    const read = texts.map((_, row) => {
      const at = row * 16, length = view.getUint32(at, true);
      return length <= 12
        ? items.subarray(at + 4, at + 4 + length)
        : duckdb.get_data_from_pointer(buffer as ArrayBuffer, byteOffset + at + 8, length);
    });
    assert.deepEqual(read.map((bytes) => new TextDecoder().decode(bytes)), texts);
  },
});

fact("vector_assign_string_element_len loses a text that is not UTF-8", {
  reliedOnBy: "the filling of IDs, which decodes bytes first, with replacement characters",
  async check() {
    using database = await Duckdb.open();
    const rows = database.table(
      { text: type(duckdb.Type.VARCHAR) },
      once(2, (chunk) => {
        const vector = duckdb.data_chunk_get_vector(chunk, 0);
        duckdb.vector_assign_string_element_len(vector, 0, new Uint8Array([0x41, 0xe9, 0x42]));
        duckdb.vector_assign_string_element_len(vector, 1, new Uint8Array([0x41, 0x42]));
      }),
    );
    assert.deepEqual(await database.rows(`SELECT text FROM ${rows}()`), [[null], ["AB"]]);
  },
});

fact("a chunk has 2,048 rows at most", {
  reliedOnBy: "the places of rows, which have 11 bits for the row in its chunk, and the batches",
  async check() {
    assert.equal(duckdb.vector_size(), 2048);
    using database = await Duckdb.open();
    const chunk = await database.chunk("SELECT * FROM range(5000)");
    assert.equal(duckdb.data_chunk_get_size(chunk), 2048);
  },
});

fact("names ignore case, quoted or not, and a view renames the second of two without a word", {
  reliedOnBy: "the columns of the view `matrix`, which are made different before",
  async check() {
    using database = await Duckdb.open();
    await database.run(`CREATE VIEW matrix AS SELECT 1 AS "sA", 2 AS "Sa"`);
    assert.deepEqual(await database.rows(`SELECT "Sa", "sA", "SA" FROM matrix`), [[1, 1, 1]]);
    assert.equal(await database.value(`SELECT "Sa_1" FROM matrix`), 2);
  },
});

for (
  const { what, value, pushed } of [
    { what: "a BIGINT compared with a UBIGINT column is not pushed into the scan", value: "$1" },
    {
      what: "a parameter cast to UBIGINT is pushed into the scan of a UBIGINT column",
      value: "$1::UBIGINT",
      pushed: true,
    },
  ]
) {
  fact(what, {
    reliedOnBy: "the queries for ranges of lines, which would read the whole table",
    async check() {
      using database = await Duckdb.open();
      await database.run("CREATE TABLE records AS SELECT range::UBIGINT AS line FROM range(9999)");
      const prepared = await database.api.prepare(
        `EXPLAIN SELECT * FROM records WHERE line >= ${value}`,
      );
      prepared.bindBigInt(1, 5n);
      const plan = String((await prepared.runAndReadAll()).getRowsJS()[0][1]);
      assert.equal(/HUGEINT/.test(plan), !pushed, plan);
      assert.equal(/Filters:[^]*line>=5/.test(plan), pushed ?? false, plan);
    },
  });
}

/** Makes a database with row groups of a size; the rows of its largest one. */
function rowGroup(size: number): Promise<bigint> {
  return withFolder(async (folder) => {
    using database = await Duckdb.open();
    await database.run(`ATTACH '${folder}/t.duckdb' AS target (ROW_GROUP_SIZE ${size})`);
    await database.run("CREATE TABLE target.t AS SELECT range FROM range(130000)");
    await database.run("CHECKPOINT target");
    return await database.value(
      "SELECT max(count) FROM pragma_storage_info('target.t')",
    ) as bigint;
  });
}

fact("ROW_GROUP_SIZE can be any whole number of chunks up to 122,880 rows, and no more", {
  reliedOnBy: "the row groups of a new table, whose size goes by the width of a row",
  async check() {
    assert.equal(await rowGroup(2048), 2048n);
    assert.equal(await rowGroup(3 * 2048), 3n * 2048n);
    assert.equal(await rowGroup(122_880), 122_880n);
    await assert.rejects(rowGroup(5000), /divisible by the vector size/);
    await assert.rejects(rowGroup(122_880 + 2048), /STORAGE_VERSION/);
  },
});

for (const method of ["Uncompressed", "BitPacking"]) {
  fact(`force_compression = '${method.toLowerCase()}' decides how alleles are stored`, {
    reliedOnBy: "the speed of storing a table, and the size of a kept one",
    check: () =>
      withFolder(async (folder) => {
        using database = await Duckdb.open(`${folder}/t.duckdb`);
        await database.run(`SET force_compression = '${method.toLowerCase()}';
SET write_buffer_row_group_count = 1;
CREATE TABLE t AS SELECT ['A', 'C']::ENUM('A', 'C')[2] AS alleles FROM range(5000);
CHECKPOINT`);
        const methods = await database.rows(`SELECT DISTINCT compression
FROM pragma_storage_info('t') WHERE segment_type NOT IN ('VALIDITY', 'ARRAY')`);
        assert.deepEqual(methods, [[method]]);
      }),
  });
}

fact("an appender casts a text to the type of its column", {
  reliedOnBy: "the small tables of a kept table, which are appended as texts",
  async check() {
    using database = await Duckdb.open();
    await database.run("CREATE TABLE t (a UBIGINT, b TIMESTAMP_MS, c BOOLEAN)");
    const appender = duckdb.appender_create(database.connection, null, "t");
    const texts = ["18446744073709551615", "2026-01-02T03:04:05.678Z", "true"];
    for (const text of texts) duckdb.append_varchar(appender, text);
    duckdb.appender_end_row(appender);
    duckdb.appender_close_sync(appender);
    assert.deepEqual(await database.rows("SELECT a, epoch_ms(b), c FROM t"), [
      [2n ** 64n - 1n, BigInt(Date.parse(texts[1])), true],
    ]);
  },
});

fact("the storage before that of DuckDB 1.3 takes dictionary compression, and later ones do not", {
  reliedOnBy: "STORAGE_VERSION of src/table/database.ts, and the compression of IDs and ALTs",
  check: () =>
    withFolder(async (folder) => {
      using database = await Duckdb.open();
      for (const storage of ["v1.0.0", "v1.3.0"]) {
        const name = storage.replaceAll(".", "_");
        await database.run(
          `ATTACH '${folder}/${name}.duckdb' AS ${name} (STORAGE_VERSION '${storage}')`,
        );
        const create = `CREATE TABLE ${name}.ids (id VARCHAR USING COMPRESSION dictionary)`;
        if (storage === "v1.0.0") await database.run(create);
        else await assert.rejects(database.run(create), /Dictionary.*deprecated/);
      }
    }),
});
