/**
 * Texts of a column, short and long, near each other or not, against those that were put in.
 *
 * @module
 */
import assert from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { chunksOf, ColumnTexts } from "../../../src/table/columns.ts";

/** SQL of a text for row `i`; two in a row are often on both sides of 12 bytes. */
const TEXTS = {
  "all of one length": "repeat(chr(97 + (i % 26)::INT), 20)",
  "short and long": "repeat(chr(97 + (i % 26)::INT), (i * 7 % 31)::INT)",
  "two bytes a letter": "repeat('ü', (i * 5 % 17)::INT)",
  "without some": "CASE WHEN i % 3 = 0 THEN NULL ELSE 'a long text ' || i END",
  "the same ones": "'one of four texts: ' || (i % 4)",
  "very long": "repeat(i::VARCHAR, (i % 50 * 20)::INT)",
};

async function textsOf(connection: duckdb.Connection, sql: string, backwards: boolean) {
  const texts: (string | null)[] = [], decoder = new TextDecoder();
  for await (const { chunk, rowCount } of chunksOf(await duckdb.query(connection, sql))) {
    const column = new ColumnTexts(chunk, 0, rowCount), base = texts.length;
    for (let n = 0; n < rowCount; n++) {
      const row = backwards ? rowCount - 1 - n : n, bytes = column.at(row);
      texts[base + row] = bytes && decoder.decode(bytes);
    }
  }
  return texts;
}

Deno.test("texts of a column are those that were put in", async (t) => {
  const connection = await duckdb.connect(await duckdb.open(":memory:"));
  for (const [name, text] of Object.entries(TEXTS)) {
    await t.step(name, async () => {
      await duckdb.query(
        connection,
        `CREATE OR REPLACE TEMP TABLE t AS SELECT i, ${text} AS x FROM range(5000) r(i)`,
      );
      // The truth goes another way: as one text, hex of all of them.
      const [all] = await textsOf(
        connection,
        "SELECT string_agg(coalesce(hex(x), '-'), ' ' ORDER BY i) FROM t",
        false,
      );
      const truth = all!.split(" ").map((hex) =>
        hex === "-" ? null : new TextDecoder().decode(
          Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
        )
      );
      // 2679 is the inverse of 7919.
      const shuffled = truth.map((_, at) => truth[at * 2679 % 5000]);
      for (
        const [sql, expected] of [
          ["SELECT x FROM t", truth],
          ["SELECT x FROM t ORDER BY i * 7919 % 5000", shuffled],
        ] as const
      ) {
        assert.deepEqual(await textsOf(connection, sql, false), expected);
        assert.deepEqual(await textsOf(connection, sql, true), expected);
      }
    });
  }
});
