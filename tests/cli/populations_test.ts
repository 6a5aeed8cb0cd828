/**
 * Populations and tables of a user's own, on the command line and in the library: what they give, and
 * what is wrong with them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert, openMatrix, type Row, UsageError } from "../../mod.ts";
import { SqlSession } from "../../src/query/sql_session.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";
import { runToEnd } from "../helpers/kept_table.ts";
import { ask } from "../helpers/popgen_tables.ts";

const SHEET = `Zoë\tZa\tZb\nO'Brien\tOa\tOb\n7\t7a\t7b\nhap\th\ntri\tt1\tt2\tt3\n`;
const MATRIX = `CHROM\tPOS\tREF\tZa\tZb\tOa\tOb\t7a\t7b\th\tt1\tt2\tt3\n` +
  `1\t10\tA\tA\tG\tA\tA\tG\tG\tA\tA\tA\tG\n` +
  `1\t2147483647\tC\tC\tC\tC\tT\tC\tT\tT\tC\t.\tT\n` +
  `X\t5\tG\tG\tT\tT\tA\tG\tG\tG\tT\tT\tT\n`;
const POPULATIONS = "Zoë\tn\nO'Brien\tn\n7\ts\n";

/** Gives a function a folder with a matrix of several ploidies, and its table. */
async function withTable(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, samplesFile = `${folder}/s.tsv`;
    await Deno.writeTextFile(input, MATRIX);
    await Deno.writeTextFile(samplesFile, SHEET);
    await Deno.writeTextFile(`${folder}/p.tsv`, POPULATIONS);
    const output = `${folder}/m.vcf`, database = `${folder}/m.duckdb`;
    await convert({ input, samplesFile, output, database, threads: 0 });
    await use(folder);
  });
}

/** Asks the table of a folder in the library. */
async function askTable(
  folder: string,
  sql: string,
  options: Parameters<typeof openMatrix>[1] = {},
): Promise<Row[]> {
  await using matrix = await openMatrix(`${folder}/m.duckdb`, options);
  return await ask(matrix, sql);
}

const WHO = "SELECT sample || ':' || population AS who FROM populations ORDER BY who";

const BAD_POPULATIONS: Readonly<Record<string, [text: string | Uint8Array, error: RegExp]>> = {
  "a sample that is not there": ["7\ts\nZoe\tn\n", /^error: b\.tsv:2: there is no sample 'Zoe'/],
  "a haplotype": ["7a\ts\n", /b\.tsv:1: there is no sample '7a'/],
  "a header": ["sample\tpopulation\n7\ts\n", /b\.tsv:1: .*'sample'.*the file has no header/],
  "a sample twice": ["7\ts\n\n#\n7\tn\n", /^error: b\.tsv:4: the sample '7' stands here twice/],
  "no second column": ["7\ts\nZoë\n", /b\.tsv:2: .*one column; write SAMPLE<TAB>POPULATION/],
  "blanks for TABs": ["7 s\n", /b\.tsv:1: the line has one column/],
  "three columns": ["7\t7\ts\n", /b\.tsv:1: the line has 3 columns; write SAMPLE<TAB>POPUL/],
  "an empty population": ["7\t\n", /b\.tsv:1: /],
  "an empty sample": ["\ts\n", /b\.tsv:1: the sample name is empty/],
  "an empty file": ["", /^error: b\.tsv: the file names no sample/],
  "comments only": ["# nobody\n\n", /^error: b\.tsv: the file names no sample/],
  "a control character": ["7\ts\x1b[2J\n", /b\.tsv:1: the population 's\\u\{1b\}\[2J'/],
  "a binary file": [Uint8Array.of(55, 9, 0, 115), /b\.tsv: the file is binary/],
  "Latin-1": [Uint8Array.of(0x5a, 0x6f, 0xeb, 9, 110), /b\.tsv:1: byte 3 .*not UTF-8/],
  "a gzip file that is cut": [
    gzipSync(POPULATIONS.repeat(9)).subarray(0, 30),
    /b\.tsv: the gzip file is damaged or cut off/,
  ],
};

Deno.test("populations: what is wrong with a file is said, with its line, wherever it is given", async (t) => {
  await withTable(async (folder) => {
    for (const [name, [text, error]] of Object.entries(BAD_POPULATIONS)) {
      await t.step(name, async () => {
        const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
        await Deno.writeFile(`${folder}/b.tsv`, bytes);
        const before = await listing(folder);
        const converting = [
          "convert",
          "m.tsv",
          "-S",
          "s.tsv",
          "-o",
          "n.vcf",
          "--database",
          "n.duckdb",
        ];
        for (
          const args of [
            ["sql", "m.duckdb", "-c", WHO],
            converting,
            [...converting, "--dry-run"],
          ]
        ) {
          const { code, stderr } = await cli([...args, "--populations", "b.tsv"], { cwd: folder });
          assert.match(stderr.split("\n").find((line) => line.startsWith("error"))!, error);
          assert.equal(code, 1);
        }
        assert.deepEqual(await listing(folder), before);
      });
    }
  });
});

Deno.test("populations: how a file may be written", async (t) => {
  await withTable(async (folder) => {
    const quoted = POPULATIONS.replaceAll(/[^\t\n]+/g, '"$&"');
    const files: Readonly<Record<string, string | Uint8Array>> = {
      plain: POPULATIONS,
      "CRLF, no last one": POPULATIONS.replaceAll("\n", "\r\n").trimEnd(),
      "a byte order mark": `\uFEFF${POPULATIONS}`,
      "comments and blank lines": `# who is where\n\n${
        POPULATIONS.replaceAll("\n", "\n \n#7\tx\n")
      }`,
      "blanks and TABs behind": POPULATIONS.replaceAll("\n", "\t \n"),
      "quotes around all fields": quoted,
      gzip: gzipSync(POPULATIONS),
    };
    for (const [name, text] of Object.entries(files)) {
      await t.step(name, async () => {
        const populations = `${folder}/q.tsv`;
        await Deno.writeFile(
          populations,
          typeof text === "string" ? new TextEncoder().encode(text) : text,
        );
        const who = (await askTable(folder, WHO, { populations })).map(({ who }) => who);
        assert.deepEqual(who, ["7:s", "O'Brien:n", "Zoë:n"]);
      });
    }
    await t.step("standard input", async () => {
      const args = ["sql", "m.duckdb", "--populations", "-", "--format", "csv", "-c", WHO];
      const { stdout, stderr } = await cli(args, { cwd: folder, stdin: POPULATIONS });
      assert.equal(stdout, "who\n7:s\nO'Brien:n\nZoë:n\n", stderr);
    });
  });
});

Deno.test("populations: kept by convert, hidden in a session, the same where a table is reused", () =>
  withTable(async (folder) => {
    assert.deepEqual(
      await askTable(folder, "SELECT DISTINCT population FROM populations"),
      [{ population: "all" }],
    );
    const run = (...more: string[]) =>
      cli(["convert", "m.tsv", "-S", "s.tsv", "-o", "k.vcf", "--database", ...more], {
        cwd: folder,
      });
    const kept = await run("k.duckdb", "--populations", "p.tsv");
    assert.equal(kept.code, 0, kept.stderr);
    const who = async (...flags: string[]) => {
      const args = ["sql", "k.duckdb", ...flags, "--format", "csv", "-c", WHO];
      return (await cli(args, { cwd: folder })).stdout;
    };
    assert.equal(await who(), "who\n7:s\nO'Brien:n\nZoë:n\n");
    await Deno.writeTextFile(`${folder}/other.tsv`, "hap\tone\n");
    assert.equal(await who("--populations", "other.tsv"), "who\nhap:one\n");
    const hidden = await cli(
      [
        "sql",
        "k.duckdb",
        "--populations",
        "other.tsv",
        "-c",
        "FROM diversity()",
        "--format",
        "csv",
      ],
      { cwd: folder },
    );
    assert.match(hidden.stdout, /^1,1,2147483647,one,2,0,/m);
    assert.equal((await run("k.duckdb", "--populations", "p.tsv")).code, 0);
    assert.equal((await run("k.duckdb")).code, 0);
    const differs = await run("k.duckdb", "--populations", "other.tsv");
    assert.match(differs.stderr, /k\.duckdb: the table keeps other populations: ask it with 'sql/);
    assert.equal(differs.code, 1);
    const none = await run("m.duckdb", "--populations", "p.tsv");
    assert.match(none.stderr, /m\.duckdb: the table keeps no populations/);
  }));

Deno.test("populations: what makes no sense is wrong usage", () =>
  withTable(async (folder) => {
    for (
      const [args, error] of [
        [["convert", "m.tsv", "-o", "n.vcf", "--populations", "p.tsv"], /name a --database/],
        [
          [
            "convert",
            "m.duckdb",
            "-o",
            "n.vcf",
            "--populations",
            "p.tsv",
            "--database",
            "n.duckdb",
          ],
          /--populations: for a matrix/,
        ],
        [["sql", "m.duckdb", "--populations", "-"], /standard input is the SQL/],
        [
          ["sql", "m.duckdb", "--populations", "-", "--table", "t=-", "-c", "SELECT 1"],
          /cannot both be standard input/,
        ],
        [["sql", "m.duckdb", "--table", "t", "-c", "SELECT 1"], /--table is NAME=FILE, not 't'/],
        [["sql", "m.duckdb", "--table", "=t", "-c", "SELECT 1"], /--table is NAME=FILE/],
        [["sql", "m.duckdb", "-c", ".table t"], /\.table NAME FILE/],
      ] as [string[], RegExp][]
    ) {
      const { code, stderr } = await cli(args, { cwd: folder, stdin: "SELECT 1" });
      assert.match(stderr, error);
      assert.equal(code, 2, stderr);
    }
    await assert.rejects(askTable(folder, "", { tables: { "": `${folder}/p.tsv` } }), UsageError);
    // deno-lint-ignore no-explicit-any
    await assert.rejects(askTable(folder, "", { populations: 7 as any }), UsageError);
  }));

Deno.test("statistics: what a user gets at the edges", async (t) => {
  await withTable(async (folder) => {
    const populations = `${folder}/p.tsv`;
    const rows = (sql: string) => askTable(folder, sql, { populations });
    await t.step("one population: no pairs", async () => {
      assert.deepEqual(await askTable(folder, "FROM divergence()"), []);
      assert.deepEqual(await askTable(folder, "FROM weir_cockerham()"), []);
      assert.equal((await askTable(folder, "FROM diversity()")).length, 2);
    });
    await t.step("a population of one haplotype: no pairs within it", async () => {
      await Deno.writeTextFile(`${folder}/one.tsv`, "hap\th\n7\ts\n");
      const [row] = await askTable(
        folder,
        "FROM diversity() WHERE population = 'h' AND CHROM = '1'",
        { populations: `${folder}/one.tsv` },
      );
      assert.deepEqual([row.sites, row.pi, row.theta_w, row.tajima_d, row.comparisons], [
        2n,
        null,
        0,
        null,
        0n,
      ]);
      const [pair] = await askTable(folder, "FROM divergence() WHERE CHROM = '1'", {
        populations: `${folder}/one.tsv`,
      });
      assert.deepEqual([pair.dxy, pair.fst, pair.snps, pair.comparisons], [0.75, null, 0n, 4n]);
    });
    await t.step("26 populations: 325 pairs", () => many(26));
    await t.step("a window without sites is left out", async () => {
      const places = await rows(
        "SELECT DISTINCT first_pos, last_pos FROM diversity(100) WHERE CHROM = '1' ORDER BY ALL",
      );
      assert.deepEqual(places, [
        { first_pos: 1n, last_pos: 100n },
        { first_pos: 2147483601n, last_pos: 2147483700n },
      ]);
    });
    await t.step("positions near the last one, and a size beyond it", async () => {
      const last = "SELECT max(last_pos) AS last FROM";
      assert.deepEqual(await rows(`${last} diversity(2147483647)`), [{ last: 2147483647n }]);
      assert.deepEqual(await rows(`${last} divergence(4294967296)`), [{ last: 4294967296n }]);
      const at = "WHERE CHROM = '1' AND first_pos > 20";
      assert.deepEqual(
        await rows(`SELECT first_pos, last_pos FROM heterozygosity(1) ${at} AND sample = '7'`),
        [{ first_pos: 2147483647n, last_pos: 2147483647n }],
      );
      assert.deepEqual(
        await rows(`SELECT first_pos FROM weir_cockerham(10, 5) ${at} ORDER BY ALL`),
        [{ first_pos: 2147483641n }, { first_pos: 2147483646n }],
      );
    });
    await t.step("a step greater than the size leaves sites out", async () => {
      assert.deepEqual(
        await rows("SELECT first_pos, last_pos FROM divergence(3, 8) WHERE CHROM = '1' ORDER BY 1"),
        [{ first_pos: 9n, last_pos: 11n }],
      );
      assert.deepEqual(await rows("FROM divergence(3, 5) WHERE CHROM = 'X'"), []);
    });
    await t.step("NULL is as if nothing was given", async () => {
      assert.deepEqual(
        await rows("FROM diversity(NULL, NULL) ORDER BY ALL"),
        await rows(
          "FROM diversity() ORDER BY ALL",
        ),
      );
      assert.deepEqual(
        await rows("FROM diversity(max_alleles := NULL, indels := NULL) ORDER BY ALL"),
        await rows("FROM diversity() ORDER BY ALL"),
      );
      assert.equal((await rows("FROM ld('1', NULL, NULL)")).length, 1);
    });
    await t.step("a contig may be a number", async () => {
      assert.deepEqual(
        await rows("FROM ld(1, 1, 2147483647)"),
        await rows(
          "FROM ld('1', 1, 2147483647)",
        ),
      );
    });
    await t.step("a contig that is not there: no rows of windows", async () => {
      assert.deepEqual(await rows("FROM diversity() WHERE CHROM = '7'"), []);
    });
    const wrong: [call: string, error: RegExp][] = [
      ["diversity(0)", /size is a whole number of bases from 1 on/],
      ["divergence(-5)", /size is a whole number/],
      ["weir_cockerham(1.5)", /size is a whole number/],
      ["heterozygosity(10, 0)", /step is a whole number/],
      ["diversity(10, -1)", /step is a whole number/],
      ["divergence(step := 5)", /a step needs a size/],
      ["diversity(max_alleles := 0)", /max_alleles is a number from 1 on/],
      ["diversity('ten')", /ten/],
      ["ld('7', 1, 10)", /there is no contig '7'; \.contigs lists them/],
      ["ld(NULL, 1, 10)", /there is no contig 'NULL'/],
      ["ld('1', 1, 10, population := 'x')", /there is no population 'x'/],
      ["ld('1', 1, 10, max_distance := -1)", /max_distance is a whole number/],
    ];
    for (const [call, error] of wrong) {
      await t.step(call, () => assert.rejects(rows(`FROM ${call}`), error));
    }
  });
});

/** A population for each of many samples, and a pair of each two. */
function many(count: number): Promise<void> {
  return withFolder(async (folder) => {
    const names = Array.from({ length: count }, (_, at) => `s${at}`);
    const cells = names.map((_, at) => "ACGT"[at % 4]).join("\t");
    await Deno.writeTextFile(
      `${folder}/m.tsv`,
      `CHROM\tPOS\tREF\t${names.join("\t")}\n1\t5\tA\t${cells}\n1\t6\tA\t${cells}\n`,
    );
    const populations = `${folder}/p.tsv`;
    await Deno.writeTextFile(populations, names.map((name) => `${name}\tp${name}\n`).join(""));
    const output = `${folder}/m.vcf`, database = `${folder}/m.duckdb`;
    await convert({ input: `${folder}/m.tsv`, output, database, populations, threads: 0 });
    const pairs = await askTable(folder, "FROM divergence()");
    assert.equal(pairs.length, count * (count - 1) / 2);
    for (const { population_1, population_2, dxy } of pairs) {
      const [a, b] = [population_1, population_2].map((name) => Number(String(name).slice(2)));
      assert.equal(dxy, a % 4 === b % 4 ? 0 : 1);
    }
  });
}

/** What a version without the macros kept. */
const WITHOUT = ["VIEW population_counts", "VIEW populations"].concat(
  ["diversity", "divergence", "weir_cockerham", "heterozygosity", "ld"].map((name) =>
    `MACRO TABLE ${name}`
  ),
);

Deno.test("a table of a version without the macros has them in a session, and is left as it is", () =>
  withTable(async (folder) => {
    const populations = `${folder}/p.tsv`, now = `${folder}/m.duckdb`;
    const calls = ["diversity(10, 5)", "divergence()", "weir_cockerham()", "heterozygosity()"];
    const asked = [...calls, "ld('1', 1, 2147483647)", "population_counts", "populations"];
    const answers = () =>
      Promise.all(
        [undefined, populations].flatMap((populations) =>
          asked.map((call) => askTable(folder, `FROM ${call} ORDER BY ALL`, { populations }))
        ),
      );
    const expected = await answers();
    {
      await using session = await SqlSession.open(now, { write: true });
      for (const object of WITHOUT) await runToEnd(session, `DROP ${object}`);
    }
    const bytes = await Deno.readFile(now);
    assert.deepEqual(await answers(), expected);
    const shell = await cli(["sql", now, "-c", "FROM ld('1', 1, 99)", "-c", ".tables"]);
    assert.match(shell.stdout, /population_counts │ temporary/);
    assert.deepEqual(await Deno.readFile(now), bytes);
  }));

const GFF =
  '##gff-version 3\n1\tx\tgene\t1\t10\t.\t+\t.\tID=g1;Name="a b"\n#c\n##FASTA\n>1\nACGT\n';
const TABLES: Readonly<
  Record<string, [file: string, text: string | Uint8Array, rows: unknown[][]]>
> = {
  "TSV with all kinds": [
    "t.tsv",
    "sample\tn\tx\tok\tday\tid\tnote\n7\t1\t1.5\ttrue\t2026-01-31\t007\tNA\n" +
    "Zoë\tNA\t.\tFALSE\t\t010\t.\n",
    [["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "DATE", "VARCHAR", "VARCHAR"], [
      "7",
      1n,
      1.5,
      true,
      new Date("2026-01-31"),
      "007",
      null,
    ], ["Zoë", null, null, false, null, "010", "."]],
  ],
  "CSV with quotes and a line end": [
    "t.csv",
    'sample,"a ""b"""\r\n7,"x, y\nz"\r\n\r\nhap,\r\n',
    [["VARCHAR", "VARCHAR"], ["7", "x, y\nz"], ["hap", null]],
  ],
  "semicolons": ["t.csv", "sample;n\n7;-3\n", [["VARCHAR", "BIGINT"], ["7", -3n]]],
  "comments before the header": [
    "t.txt",
    "## made by hand\n#sample\tn\n7\t1e3\n",
    [["VARCHAR", "DOUBLE"], ["7", 1000]],
  ],
  "a byte order mark, and no header": ["t.tsv", "\uFEFF7\t2\nhap\t3\n", [
    ["VARCHAR", "BIGINT"],
    ["7", 2n],
    ["hap", 3n],
  ]],
  "BED, with gzip": ["t.bed.gz", gzipSync("track name=x\n1\t0\t10\n1 20 30\n"), [
    ["VARCHAR", "BIGINT", "BIGINT"],
    ["1", 0n, 10n],
    ["1", 20n, 30n],
  ]],
  "GFF": ["t.gff3", GFF, [
    [
      "VARCHAR",
      "VARCHAR",
      "VARCHAR",
      "BIGINT",
      "BIGINT",
      "VARCHAR",
      "VARCHAR",
      "VARCHAR",
      "VARCHAR",
    ],
    ["1", "x", "gene", 1n, 10n, null, "+", null, 'ID=g1;Name="a b"'],
  ]],
  "numbers with more digits than can be told apart": ["t.tsv", "a\n123456789012345678901\n", [
    ["VARCHAR"],
    ["123456789012345678901"],
  ]],
  "names of contigs and samples are texts": ["t.tsv", "chrom\tsample\tPOS\n1\t7\t5\n", [
    ["VARCHAR", "VARCHAR", "BIGINT"],
    ["1", "7", 5n],
  ]],
  "a header with numbers, which begins like one": ["t.tsv", "sample\t0.5\n7\t1\n", [
    ["VARCHAR", "BIGINT"],
    ["7", 1n],
  ]],
  "a header alone": ["t.tsv", "sample\tn\n", [["VARCHAR", "VARCHAR"]]],
};

Deno.test("tables of a user's own: kinds and values", async (t) => {
  await withTable(async (folder) => {
    for (const [name, [file, text, [kinds, ...expected]]] of Object.entries(TABLES)) {
      await t.step(name, async () => {
        const path = `${folder}/${file}`;
        await Deno.writeFile(
          path,
          typeof text === "string" ? new TextEncoder().encode(text) : text,
        );
        await using matrix = await openMatrix(`${folder}/m.duckdb`, {
          tables: { "my Table": path },
        });
        const columns = await ask(matrix, 'SELECT column_type AS kind FROM (DESCRIBE "my Table")');
        assert.deepEqual(columns.map(({ kind }) => kind), kinds);
        const rows = await ask(matrix, 'FROM "my Table"');
        assert.deepEqual(rows.map((row) => Object.values(row)), expected);
      });
    }
  });
});

Deno.test("tables of a user's own are joined in the shell, by flags and by .table", () =>
  withTable(async (folder) => {
    await Deno.writeTextFile(`${folder}/my heights.tsv`, "sample\theight\n7\t1.8\nhap\t1.7\n");
    await Deno.writeTextFile(`${folder}/peaks.bed`, "1\t0\t10\n");
    const joined = "SELECT sample, height, ploidy FROM h JOIN samples USING (sample) ORDER BY 1";
    const peaks = "SELECT POS FROM sites JOIN peaks USING (chrom) " +
      'WHERE POS BETWEEN "chromStart" + 1 AND "chromEnd"';
    const script = `.table h my heights.tsv\n${joined};\n${
      peaks.replace("= chrom", "= peaks.chrom")
    };\n`;
    const { stdout, stderr } = await cli(
      ["sql", "m.duckdb", "--table", "peaks=peaks.bed", "--format", "csv"],
      { cwd: folder, stdin: script },
    );
    assert.equal(stderr, "");
    assert.equal(stdout, "sample,height,ploidy\n7,1.8,2\nhap,1.7,1\nPOS\n10\n");
    await Deno.writeTextFile(`${folder}/bare.tsv`, "7\t1.8\n");
    const bare = await cli(
      ["sql", "m.duckdb", "--table", "b=bare.tsv", "--format", "csv", "-c", "FROM b"],
      { cwd: folder },
    );
    assert.equal(bare.stdout, "column0,column1\n7,1.8\n");
    assert.match(bare.stderr, /^note: bare\.tsv has no header/);
  }));

Deno.test("tables of a user's own: what is wrong is said, with its line", async (t) => {
  await withTable(async (folder) => {
    const bad: [name: string, file: string, text: string, error: RegExp][] = [
      ["t", "t.tsv", "a\tb\n1\t2\n3\n", /^error: t\.tsv:3: 1 field, expected 2/],
      ["t", "t.tsv", "a\tb\n1\t2\t3\n", /^error: t\.tsv:2: 3 fields, expected 2/],
      ["t", "t.tsv", "a\tA\n1\t2\n", /^error: t\.tsv:1: the column 'A' is there twice/],
      ["t", "t.csv", 'a,b\n1,"2\n3,4\n', /^error: t\.csv:2: the quotes of a field do not end/],
      ["t", "t.bed", "1\t5\n", /^error: t\.bed:1: 2 fields, expected 3/],
      ["t", "t.gff", "1\tx\tgene\n", /^error: t\.gff:1: 3 fields, expected 9/],
      ["t", "t.tsv", "", /^error: t\.tsv: the file has no rows/],
      ["samples", "t.tsv", "a\n1\n", /^error: there is a table 'samples' already/],
      ["RECORDS", "t.tsv", "a\n1\n", /^error: there is a table 'RECORDS' already/],
      ["populations", "t.tsv", "a\n1\n", /^error: there is a table 'populations' already/],
      ["t", "none.tsv", "", /^error: none\.tsv: there is no such file/],
      ["t", "m.duckdb", "", /^error: m\.duckdb: this is the open database/],
    ];
    for (const [name, file, text, error] of bad) {
      await t.step(`${name}=${file}: ${error.source.slice(0, 60)}`, async () => {
        if (!/none|duckdb/.test(file)) await Deno.writeTextFile(`${folder}/${file}`, text);
        const args = ["sql", "m.duckdb", "--table", `${name}=${file}`, "-c", "SELECT 1"];
        const { code, stderr, stdout } = await cli(args, { cwd: folder });
        assert.match(stderr, error);
        assert.deepEqual([code, stdout], [1, ""]);
      });
    }
    await t.step("more than the memory holds", async () => {
      const rows = Array.from({ length: 400_000 }, (_, at) => `${at}\t${"x".repeat(60)}${at}\n`);
      await Deno.writeTextFile(`${folder}/t.tsv`, `n\tt\n${rows.join("")}`);
      const args = ["sql", "m.duckdb", "--table", "t=t.tsv", "--memory", "16MiB", "-c", "SELECT 1"];
      const { code, stderr } = await cli(args, { cwd: folder });
      assert.match(stderr, /^error: .*memory ran out/);
      assert.equal(code, 3);
    });
  });
});

Deno.test("a table of the user's own is there in all queries of a program", () =>
  withTable(async (folder) => {
    await Deno.writeTextFile(`${folder}/t.tsv`, "sample\tn\n7\t1\n");
    await using matrix = await openMatrix(`${folder}/m.duckdb`, {
      tables: { t: new URL(`file://${folder}/t.tsv`) },
      populations: `${folder}/p.tsv`,
    });
    const both = await Promise.all(
      [1, 2, 3].map(() =>
        ask(matrix, "SELECT n, population FROM t JOIN populations USING (sample)")
      ),
    );
    assert.deepEqual(both.flat(), Array(3).fill({ n: 1n, population: "s" }));
  }));

Deno.test("a kept table may have any name, and its populations are the user's", () =>
  withTable(async (folder) => {
    await Deno.copyFile(`${folder}/m.duckdb`, `${folder}/given_tables.duckdb`);
    await Deno.writeTextFile(`${folder}/t.tsv`, "a\tb\n1\t2\n");
    const given = ["sql", "given_tables.duckdb", "--format", "csv"];
    for (const more of [["--table", "t=t.tsv"], ["--write", "--table", "t=t.tsv"]]) {
      const { code, stdout, stderr } = await cli([...given, ...more, "-c", "FROM t"], {
        cwd: folder,
      });
      assert.equal(code, 0, stderr);
      assert.equal(stdout, "a,b\n1,2\n");
    }
    const { stdout } = await cli([...given, "-c", "SHOW TABLES"], { cwd: folder });
    assert.doesNotMatch(stdout, /^t$/m);
    const twice = [
      "--populations",
      "p.tsv",
      "--table",
      "Populations=t.tsv",
      "-c",
      "FROM populations",
    ];
    const refused = await cli(["sql", "m.duckdb", ...twice], { cwd: folder });
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /there is a table 'Populations' already/);
  }));

Deno.test("a table without the macros keeps the populations that a user has made in it", () =>
  withTable(async (folder) => {
    const database = `${folder}/m.duckdb`;
    const session = await SqlSession.open(database, { write: true });
    const MACROS = ["diversity", "divergence", "weir_cockerham", "heterozygosity", "ld"];
    for (const macro of MACROS) await runToEnd(session, `DROP MACRO TABLE ${macro}`);
    await runToEnd(session, "DROP VIEW population_counts");
    await runToEnd(session, "DROP VIEW populations");
    await runToEnd(session, "CREATE TABLE populations (sample VARCHAR, population VARCHAR)");
    await runToEnd(session, "INSERT INTO populations VALUES ('7', 'mine')");
    await session[Symbol.asyncDispose]();
    assert.deepEqual(await askTable(folder, WHO), [{ who: "7:mine" }]);
    const asked = await askTable(folder, "SELECT DISTINCT population FROM diversity()");
    assert.deepEqual(asked, [{ population: "mine" }]);
  }));

Deno.test("no query changes the tables that all queries have in common", () =>
  withTable(async (folder) => {
    await Deno.writeTextFile(`${folder}/t.tsv`, "a\n1\n");
    await Deno.writeTextFile(`${folder}/u.tsv`, "a\n3\n");
    const tables = { t: `${folder}/t.tsv`, "Ä": `${folder}/t.tsv`, "ä": `${folder}/u.tsv` };
    const options = { populations: `${folder}/p.tsv`, tables };
    await using matrix = await openMatrix(`${folder}/m.duckdb`, options);
    const names = await ask(
      matrix,
      "SELECT database_name AS name FROM duckdb_databases() WHERE database_name LIKE 'given%'",
    );
    const { name } = names[0] as { name: string };
    for (
      const statement of [
        `DROP TABLE ${name}.main.t`,
        `DELETE FROM "${name.toUpperCase()}".main.populations`,
        `DETACH ${name}`,
      ]
    ) await assert.rejects(ask(matrix, statement), /Permission Error/, statement);
    assert.deepEqual(await ask(matrix, 'SELECT t.a, u.a AS b FROM t, "ä" u'), [{ a: 1n, b: 3n }]);
    assert.equal((await ask(matrix, WHO)).length, 3);
  }));

Deno.test("tables of a user's own: no row is lost, and none is cut, without a word", async (t) => {
  const CASES: Record<string, [file: string, text: string, rows: number | RegExp]> = {
    "rows of nothing but TABs": ["t.tsv", "a\tb\n1\t2\n\t\n3\t4\n", 3],
    "contigs like words of a BED": [
      "t.bed",
      "track-1\t0\t5\nbrowser.x\t0\t5\ntrack name=x\n1\t0\t5\n",
      3,
    ],
    "text behind quotes": [
      "t.csv",
      'a,b\n"Smith" Jr,5\n',
      /t\.csv:2: text stands behind the quotes/,
    ],
    "digits behind quotes": ["t.csv", 'a,b\n"1"2,5\n', /t\.csv:2: text stands behind the quotes/],
    "blanks behind quotes": ["t.csv", 'a,b\n"1" ,5\n', 1],
    "a TAB within quotes of a CSV": ["t.csv", 'a,b\n"x\ty",5\n', 1],
    "many blank lines first": ["t.tsv", `${"\n".repeat(200_000)}a\tb\n1\t2\n`, 1],
  };
  for (const [name, [file, text, rows]] of Object.entries(CASES)) {
    await t.step(name, () =>
      withTable(async (folder) => {
        await Deno.writeTextFile(`${folder}/${file}`, text);
        const options = { tables: { t: `${folder}/${file}` } };
        if (rows instanceof RegExp) {
          return await assert.rejects(askTable(folder, "FROM t", options), rows);
        }
        assert.deepEqual(await askTable(folder, "SELECT count(*) AS n FROM t", options), [{
          n: BigInt(rows),
        }]);
      }));
  }
});
