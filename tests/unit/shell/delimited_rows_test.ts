/** CSV of the shell against the CSV that DuckDB writes itself. */
import assert from "node:assert/strict";
import { convert } from "../../../mod.ts";
import { SqlSession } from "../../../src/query/sql_session.ts";
import { writeStream } from "../../../src/shell/result_formats.ts";
import { withFolder } from "../../helpers/cli.ts";
import { matrixText } from "../../helpers/generated.ts";

/** Makes a kept table, and gives a session on it to a test. */
function withSession(use: (session: SqlSession, folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const database = `${folder}/k.duckdb`, input = `${folder}/m.tsv`;
    await Deno.writeTextFile(input, matrixText({ rows: 3000, samples: 4, indels: 0.1 }));
    await convert({ input, output: `${folder}/o.vcf`, database });
    await using session = await SqlSession.open(database, { external: true });
    await use(session, folder);
  });
}

async function written(session: SqlSession, sql: string, format: "csv" | "tsv"): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  const rows = await writeStream(await session.run(sql), format, {
    write: (part) => Promise.resolve(void (text += part)),
    writeBytes: (bytes) => Promise.resolve(void (text += decoder.decode(bytes, { stream: true }))),
  });
  assert.equal(rows, text.split("\n").length - 2, "no text has a line end here");
  return text;
}

const ODD = `SELECT * FROM (VALUES
  (1::INTEGER, 1::UINTEGER, 1::BIGINT, 'a', TRUE, 1.5::DOUBLE, [1, 2], 'A'::ENUM('A', '', 'x,"y')),
  (-2147483648, 4294967295, -9223372036854775808, 'é "q", longer than twelve', FALSE, 1e-300, [], ''),
  (0, 0, 9007199254740993, '', NULL, 'inf', NULL, 'x,"y'),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS t(i, u, b, "s,s", y, d, l, e)`;

Deno.test("CSV is what COPY writes: views of a table, and odd values", () =>
  withSession(async (session, folder) => {
    for (
      const sql of [
        "SELECT * FROM genotypes ORDER BY ALL LIMIT 9000",
        "SELECT * FROM matrix ORDER BY ALL",
        "SELECT chrom, pos, ref, line FROM records ORDER BY ALL",
        ODD,
      ]
    ) {
      const copied = await session.run(`COPY (${sql}) TO '${folder}/c.csv' (FORMAT csv, HEADER)`);
      for await (const _ of copied.chunks) { /* a statement is over with its stream */ }
      assert.equal(await written(session, sql, "csv"), await Deno.readTextFile(`${folder}/c.csv`));
    }
  }));

Deno.test("TSV escapes, and NULL is empty", () =>
  withSession(async (session) => {
    const text = await written(session, `SELECT 'a\tb\\c' AS x, NULL AS y, '"' AS z`, "tsv");
    assert.equal(text, 'x\ty\tz\na\\tb\\\\c\t\t"\n');
  }));
