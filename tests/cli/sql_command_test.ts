/**
 * The sub-command `sql` without a terminal: what it prints, what it refuses, how it fails.
 *
 * @module
 */
import assert from "node:assert/strict";
import { InputError } from "../../src/base/errors.ts";
import { SqlSession } from "../../src/query/sql_session.ts";
import { cli, type CliResult, startCli, withFolder } from "../helpers/cli.ts";

const MATRIX = `CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\n` +
  `1\t10\tA\tA\tG\tA\tA\n` +
  `1\t20\tC\tC\tC\t.\tT\n` +
  `2\t5\tG\tG\tT\tT\tA\n`;

/** Gives a function a folder with a small matrix and its database `m.duckdb`. */
async function withDatabase(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const args = ["convert", "m.tsv", "-o", "m.vcf", "--database", "m.duckdb", "--quiet"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.equal(code, 0, stderr);
    await use(folder);
  });
}

function sql(folder: string, ...args: string[]): Promise<CliResult> {
  return cli(["sql", "m.duckdb", ...args], { cwd: folder });
}

Deno.test("formats", async (t) => {
  await withDatabase(async (folder) => {
    const query =
      `SELECT 'a,"b"' AS "x|y", '' AS empty, NULL AS nothing, 'l1\nl2' || chr(9) AS lines, ` +
      `1e-7::DOUBLE AS tiny, 1::DOUBLE AS one, 0.1::FLOAT AS float, [1.5, NULL] AS list, ` +
      `{'a': 1} AS s, MAP {'k': TRUE} AS m, 2::HUGEINT AS big, DATE '2020-01-02' AS day`;
    const cases: { format: string; output: string }[] = [
      {
        format: "csv",
        output: `x|y,empty,nothing,lines,tiny,one,float,list,s,m,big,day\n` +
          `"a,""b""","",,"l1\nl2\t",1e-07,1.0,0.1,"[1.5, NULL]",{'a': 1},{k=true},2,2020-01-02\n`,
      },
      {
        format: "tsv",
        output: `x|y\tempty\tnothing\tlines\ttiny\tone\tfloat\tlist\ts\tm\tbig\tday\n` +
          `a,"b"\t\t\tl1\\nl2\\t\t1e-07\t1.0\t0.1\t[1.5, NULL]\t{'a': 1}\t{k=true}\t2\t2020-01-02\n`,
      },
      {
        format: "json",
        output: `[{"x|y":"a,\\"b\\"","empty":"","nothing":null,"lines":"l1\\nl2\\t",` +
          `"tiny":1e-07,"one":1.0,"float":0.1,"list":[1.5,null],"s":{"a":1},"m":{"k":true},` +
          `"big":2,"day":"2020-01-02"}]\n`,
      },
      {
        format: "markdown",
        output:
          `| x\\|y | empty | nothing | lines | tiny | one | float | list | s | m | big | day |\n` +
          `| --- | --- | --: | --- | --: | --: | --: | --- | --- | --- | --: | --- |\n` +
          `| a,"b" |  | NULL | l1<br>l2\\t | 1e-07 | 1.0 | 0.1 | \\[1.5, NULL\\] | {'a': 1} | {k=true} | 2 ` +
          `| 2020-01-02 |\n`,
      },
    ];
    for (const { format, output } of cases) {
      await t.step(format, async () => {
        const result = await sql(folder, "--format", format, "-c", query);
        assert.deepEqual(result, { code: 0, stdout: output, stderr: "" });
        if (format === "json") JSON.parse(result.stdout);
      });
    }
    await t.step("JSON without rows", async () => {
      const result = await sql(folder, "--format", "json", "-c", "SELECT 1 AS a WHERE FALSE");
      assert.equal(result.stdout, "[]\n");
    });
    await t.step("control characters do not reach a table", async () => {
      const { stdout } = await sql(folder, "-c", "SELECT chr(27) || '[2J' AS x, chr(155) AS y");
      assert.match(stdout, /│ \\u\{1b\}\[2J │ \\u\{9b\} +│/);
    });
  });
});

Deno.test("statements on standard input and dot commands", async () => {
  await withDatabase(async (folder) => {
    const stdin = `.mode csv\nSELECT count(*) AS n -- of;\nFROM matrix; SELECT 2 AS two;\n` +
      `.output out.csv\nSELECT 3 AS three;\n.output\n.samples\nSELECT 4 AS unfinished`;
    const result = await cli(["sql", "m.duckdb"], { cwd: folder, stdin });
    assert.deepEqual(result, {
      code: 0,
      stdout: "n\n3\ntwo\n2\nsample,ploidy,haplotypes\n1,2,1a 1b\n2,2,2a 2b\nunfinished\n4\n",
      stderr: "",
    });
    assert.equal(await Deno.readTextFile(`${folder}/out.csv`), "three\n3\n");
  });
});

const REFUSED: readonly string[] = [
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM read_text('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM glob('/etc/*')",
  "FROM '/etc/passwd.csv'",
  "ATTACH 'other.duckdb'",
  "COPY matrix TO 'copy.csv'",
  "COPY (SELECT 1) TO '/dev/stdout'",
  "EXPORT DATABASE 'copy'",
  "IMPORT DATABASE 'copy'",
  "INSTALL httpfs",
  "INSTALL spatial FROM community",
  "LOAD httpfs",
  "LOAD './evil.duckdb_extension'",
  "UPDATE EXTENSIONS",
  "SELECT * FROM read_csv('https://example.org/x.csv')",
  "CREATE PERSISTENT SECRET s (TYPE http)",
  "SET threads = 1",
  "SET enable_external_access = true",
  "SET lock_configuration = false",
  "SET temp_directory = '/tmp'",
  "RESET threads",
  "PRAGMA threads = 1",
  "PRAGMA enable_profiling",
  "SELECT * FROM enable_profiling()",
  "CALL enable_logging(storage = 'file', storage_config = {'path': 'log'})",
  `SELECT * FROM "enable_logging"()`,
  "SET SESSION search_path = 'temp'",
  "CREATE TABLE t AS SELECT 1",
  "INSERT INTO samples VALUES ('x', 9, 1)",
  "UPDATE samples SET sample = 'x'",
  "DELETE FROM records",
  "DROP TABLE records",
];

const CHANGES = /^(?:CREATE T|INSERT|UPDATE s|DELETE|DROP)/;

Deno.test("what is refused", async (t) => {
  await withDatabase(async (folder) => {
    await Deno.writeTextFile(`${folder}/heights.tsv`, "sample\theight\n1\t1.8\n");
    await Deno.writeTextFile(`${folder}/populations.tsv`, "1\tnorth\n");
    const names = () => Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    const before = await names();
    for (const write of [false, true]) {
      await using session = await SqlSession.open(`${folder}/m.duckdb`, { write });
      await session.addTable("heights", `${folder}/heights.tsv`);
      await session.setPopulations(`${folder}/populations.tsv`);
      for (const statement of REFUSED.filter((text) => !write || !CHANGES.test(text))) {
        await t.step(`${write ? "--write: " : ""}${statement}`, async () => {
          await assert.rejects(async () => {
            for await (const _ of (await session.run(statement)).chunks) { /* to its end */ }
          }, InputError);
        });
      }
    }
    const given = ["--table", "heights=heights.tsv", "--populations", "populations.tsv"];
    for (const [index, statement] of REFUSED.filter((_, index) => index % 7 === 0).entries()) {
      await t.step(`command line: ${statement}`, async () => {
        const flags = index % 2 === 0 ? given : [];
        const { code, stdout, stderr } = await sql(folder, ...flags, "-c", statement);
        assert.equal(code, 1, stdout + stderr);
        assert.match(stderr, /^error: /);
        assert.equal(stdout, "");
      });
    }
    assert.deepEqual((await names()).sort(), before.sort());
  });
});

Deno.test("--write and --external", async () => {
  await withDatabase(async (folder) => {
    const made = await sql(folder, "--write", "-c", "CREATE TABLE t AS SELECT 7 AS x");
    assert.deepEqual(made, { code: 0, stdout: "", stderr: "" });
    assert.match((await sql(folder, "-c", "FROM t")).stdout, /7/);
    const copied = await sql(
      folder,
      "--external",
      "-c",
      "COPY (SELECT CHROM, POS FROM sites ORDER BY ALL) TO 'sites.parquet'; FROM 'sites.parquet'",
      "--format",
      "csv",
    );
    assert.equal(copied.stderr, "3 rows changed\n");
    assert.equal(copied.stdout, "CHROM,POS\n1,10\n1,20\n2,5\n");
    const install = await sql(folder, "--external", "-c", "INSTALL httpfs");
    assert.match(install.stderr, /extensions cannot be installed/);
  });
});

Deno.test("mistakes", async (t) => {
  await withDatabase(async (folder) => {
    await t.step("a caret stands under the place", async () => {
      const result = await sql(folder, "-c", "SELECT 1;\nSELECT *\nFROM nowhere");
      assert.equal(result.code, 1);
      assert.match(result.stdout, /│ +1 │/);
      assert.match(
        result.stderr,
        /^error: Catalog Error: Table with name nowhere does not exist!.*\nLINE 2: FROM nowhere\n {13}\^\n$/,
      );
    });
    await t.step("a query that breaks off in the middle is no success", async () => {
      const result = await sql(
        folder,
        "--format",
        "csv",
        "-c",
        "SELECT CASE WHEN i = 900000 THEN ('x' || i)::INT ELSE i END AS n FROM range(1000000) t(i)",
      );
      assert.equal(result.code, 1);
      assert.match(result.stderr, /^error: Conversion Error: .*'x900000'.*\nLINE 1: SELECT CASE/);
    });
    const cases: { name: string; args: string[]; code: number; error: RegExp }[] = [
      {
        name: "no file",
        args: ["sql", "no.duckdb"],
        code: 1,
        error: /no\.duckdb: there is no such/,
      },
      { name: "a folder", args: ["sql", "."], code: 1, error: /not a file/ },
      {
        name: "no database",
        args: ["sql", "m.tsv"],
        code: 1,
        error: /m\.tsv: this is a text file, no DuckDB table/,
      },
      { name: "no argument", args: ["sql"], code: 2, error: /missing required argument/ },
      { name: "format", args: ["sql", "m.duckdb", "--format", "xml"], code: 2, error: /Allowed/ },
      {
        name: "dot",
        args: ["sql", "m.duckdb", "-c", ".foo"],
        code: 2,
        error: /'\.foo'; see \.help/,
      },
      { name: "mode", args: ["sql", "m.duckdb", "-c", ".mode x"], code: 2, error: /box\|csv/ },
    ];
    for (const { name, args, code, error } of cases) {
      await t.step(name, async () => {
        const result = await cli(args, { cwd: folder });
        assert.match(result.stderr, error);
        assert.equal(result.code, code);
      });
    }
  });
});

Deno.test("a reader that goes away ends a query, with the code of a broken pipe", async () => {
  await withDatabase(async (folder) => {
    const query = "SELECT i FROM range(1000000000) t(i)";
    const child = startCli(["sql", "m.duckdb", "--format", "csv", "-c", query], folder);
    const reader = child.stdout.getReader();
    await reader.read();
    await reader.cancel();
    await child.stdin.close();
    const [{ code }, stderr] = await Promise.all([
      child.status,
      new Response(child.stderr).text(),
    ]);
    assert.equal(stderr, "");
    assert.equal(code, 141);
  });
});

Deno.test("1.1 million rows of 200 bytes as CSV take no more memory than a fifth of them", async () => {
  await withDatabase(async (folder) => {
    const peak = async (rows: number) => {
      const query = `SELECT i, repeat('text ', 40) || i AS t FROM range(${rows}) t(i)`;
      const child = startCli(["sql", "m.duckdb", "--format", "csv", "-c", query], folder);
      await child.stdin.close();
      const stderr = new Response(child.stderr).text();
      let bytes = 0, most = 0, chunks = 0;
      for await (const chunk of child.stdout) {
        bytes += chunk.length;
        if (chunks++ % 16 === 0) most = Math.max(most, residentBytes(child.pid));
      }
      assert.equal((await child.status).code, 0, await stderr);
      return { bytes, most };
    };
    const small = await peak(200_000), large = await peak(1_100_000);
    assert.ok(large.bytes > 200e6);
    // The heap of JavaScript breathes; the result itself would be hundreds of MB.
    assert.ok(large.most < small.most + 100e6, `${small.most} and ${large.most} bytes`);
  });
});

Deno.test("names of haplotypes that SQL takes for constants: the shell says so, and results stay", async () => {
  await withDatabase(async (folder) => {
    const cases: [statement: string, notes: string[]][] = [
      ["SELECT '1a' FROM matrix", [`'1a' is a text in SQL; the haplotype is "1a"`]],
      ["SELECT 1A FROM matrix", [
        `1a is the number 1 under the name a in SQL; the haplotype is "1a"`,
      ]],
      ["SELECT 9z FROM matrix", [
        `9z is the number 9 .*a name that begins with a digit needs .*"9z"`,
      ]],
      ["SELECT POS FROM matrix WHERE '1a' <> '1b'", [`'1a' is a text`, `'1b' is a text`]],
      ["SELECT '1x' FROM matrix", []],
      [`SELECT "1a" FROM haplotype('1a'), matrix WHERE "1b" = 'A'`, []],
    ];
    for (const [statement, notes] of cases) {
      const { stderr, code } = await sql(folder, "--format", "csv", "-c", statement);
      assert.equal(code, 0);
      const lines = stderr.split("\n").filter((line) => line !== "");
      assert.equal(lines.length, notes.length, stderr);
      notes.forEach((note, at) => assert.match(lines[at], new RegExp(`^note: ${note}`)));
    }
    assert.equal((await sql(folder, "-c", "SELECT 1a", "--format", "csv")).stdout, "a\n1\n");
  });
});

Deno.test("what is no table: said, with how to make one", async (t) => {
  await withDatabase(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty`, "");
    await Deno.writeFile(`${folder}/m.tsv.gz`, Uint8Array.of(0x1f, 0x8b, 8, 0));
    for (
      const [file, kind] of [
        ["m.tsv", "a text file"],
        ["m.vcf", "a text file"],
        ["empty", "an empty file"],
        ["m.tsv.gz", "a gzip file"],
      ]
    ) {
      await t.step(file, async () => {
        const error = new RegExp(
          `^error: ${file}: this is ${kind}, no DuckDB table; 'convert M`,
        );
        const asked = await cli(["sql", file, "-c", "SELECT 1"], { cwd: folder });
        assert.match(asked.stderr, error);
        assert.equal(asked.code, 1);
        const args = [
          "convert",
          "m.tsv",
          "-o",
          "o.vcf",
          "--database",
          file === "m.tsv" ? "m.vcf" : file,
        ];
        const { stderr, code } = await cli(args, { cwd: folder });
        assert.match(stderr, /no DuckDB table/);
        assert.equal(code, 1);
      });
    }
  });
});

/** Starts a run, sends it SIGINT at each of some moments (in ms), and returns when and how it ended. */
async function interrupted(args: string[], folder: string, moments: number[]) {
  const child = startCli(args, folder), stderr = new Response(child.stderr).text();
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const killer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  for (const moment of moments) {
    await new Promise((resolve) => setTimeout(resolve, moment));
    child.kill("SIGINT");
  }
  const { code, signal } = await child.status;
  clearTimeout(killer);
  await child.stdout.cancel();
  await child.stdin.close().catch(() => {});
  return { code, signal, stderr: await stderr };
}

Deno.test("Ctrl-C: at once on an idle standard input, and the second one always", async (t) => {
  await withDatabase(async (folder) => {
    await t.step("sql waits for statements", async () => {
      const { code, signal, stderr } = await interrupted(["sql", "m.duckdb"], folder, [0]);
      assert.deepEqual([code, signal, stderr], [130, null, "error: interrupted\n"]);
    });
    await t.step("inspect waits for a matrix, and leaves no copy", async () => {
      const { code, signal, stderr } = await interrupted(["inspect", "-"], folder, [0]);
      assert.deepEqual([code, signal, stderr], [130, null, "error: interrupted\n"]);
    });
    await t.step("nobody reads the result: the second one", async () => {
      const query = "SELECT i FROM range(100000000) t(i)";
      const args = ["sql", "m.duckdb", "--format", "csv", "-c", query];
      const { code, signal } = await interrupted(args, folder, [0, 300]);
      assert.deepEqual([code, signal], [130, null]);
    });
  });
});

function residentBytes(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}
