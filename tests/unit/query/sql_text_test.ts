import assert from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { splitSql, withoutComments } from "../../../src/query/sql_text.ts";

const CASES: { name: string; sql: string; statements: string[]; rest: string }[] = [
  { name: "nothing", sql: "", statements: [], rest: "" },
  { name: "no semicolon", sql: "SELECT 1", statements: [], rest: "SELECT 1" },
  { name: "two, and a third begun", sql: "a; b;c", statements: ["a", "b"], rest: "c" },
  { name: "empty statements", sql: ";; a ;;", statements: ["a"], rest: "" },
  {
    name: "in a literal",
    sql: "SELECT ';' || 'it''s;';",
    statements: ["SELECT ';' || 'it''s;'"],
    rest: "",
  },
  { name: "in a name", sql: 'SELECT "a;""b";', statements: ['SELECT "a;""b"'], rest: "" },
  {
    name: "in a comment to the end of the line",
    sql: "a -- x;\n;",
    statements: ["a -- x;"],
    rest: "",
  },
  { name: "only a comment", sql: "a; -- done", statements: ["a"], rest: "" },
  {
    name: "in nested comments",
    sql: "a /* ; /* ; */ ; */ ;",
    statements: ["a /* ; /* ; */ ; */"],
    rest: "",
  },
  {
    name: "between dollars",
    sql: "SELECT $x$ ; $$ $x$;",
    statements: ["SELECT $x$ ; $$ $x$"],
    rest: "",
  },
  { name: "an escaped quote", sql: "SELECT e'\\';';", statements: ["SELECT e'\\';'"], rest: "" },
  { name: "an open literal", sql: "SELECT 'a;\n", statements: [], rest: "SELECT 'a;\n" },
  { name: "an open comment", sql: "/* a;\n", statements: [], rest: "/* a;\n" },
];

for (const { name, sql, statements, rest } of CASES) {
  Deno.test(`splitSql: ${name}`, () => {
    assert.deepEqual(splitSql(sql), { statements, rest });
  });
}

Deno.test("withoutComments keeps everything else in its place", () => {
  const statement = "SELECT '--' -- a\r/* ö /* */ */1\xa0AS\u200b\"--\xa0\" /* open";
  assert.equal(
    withoutComments(statement),
    "SELECT '--'     \r             1 AS \"--\xa0\" /* open",
  );
  assert.equal(withoutComments(statement).length, statement.length);
});

Deno.test("splitSql finds as many statements as DuckDB", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const part = fc.constantFrom(
    "SELECT 1",
    " 'a;b'",
    ' AS "x;y"',
    ";",
    "\n",
    " -- ; '\n",
    " /* ; ' /* */ \" */ ",
    " || $$;'$$",
    " || $q$ ; $$ $q$",
    " || e'\\';'",
    "\r",
    "--;",
    "\xa0",
    "\u200b",
    " AS \u2028",
    " AS é",
    " AS é$$",
    "$é$;$$$é$",
    "$1",
    " 1",
    "e'a'\n'\\';'",
    " 'a' --'\r\n ';'",
    "/*",
    "*/",
    '"',
    "'",
    "$$",
    "\\",
    "+--",
    "*/*",
    "x",
  );
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const sql = parts.join("");
        let count;
        try {
          count = (await connection.extractStatements(sql)).count;
        } catch {
          // What DuckDB cannot read has no number of statements.
          return;
        }
        const bare = withoutComments(sql);
        assert.equal((await connection.extractStatements(bare)).count, count, bare);
        const { statements, rest } = splitSql(sql);
        assert.equal(statements.length + (rest.trim() === "" ? 0 : 1), count, sql);
      }),
      { seed: 4, numRuns: 3000 },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
