/** Reports on the command line: which files come, when none does, what a kept table keeps. */
import assert from "node:assert/strict";
import { openMatrix } from "../../mod.ts";
import { cli, type CliResult, listing, withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\n1\t10\tA\tA\tG\tA\tA\n2\t5\tG\tG\tT\t.\tA\n";

/** Runs a command in a folder with the matrix `m.tsv`. */
function inFolder(
  use: (run: (...args: string[]) => Promise<CliResult>, folder: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await use((...args) => cli(args, { cwd: folder }), folder);
  });
}

/** Returns what a page shows of the records, without what it says of the run. */
async function figuresOf(page: string): Promise<string> {
  const text = await Deno.readTextFile(page);
  return text.slice(text.indexOf('<section id="samples">'), text.indexOf("</main>"));
}

async function tablesOf(database: string): Promise<string[]> {
  await using matrix = await openMatrix(database);
  const names = [];
  for await (const rows of matrix.query("SELECT name FROM (SHOW TABLES)")) {
    names.push(...rows.map(({ name }) => String(name)));
  }
  return names;
}

async function hashOf(path: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(path))).toHex();
}

Deno.test("report: of a conversion, of its table, and of one without counts, the figures are the same", () =>
  inFolder(async (run, folder) => {
    const convert = ["convert", "m.tsv", "-o", "o.vcf"];
    const made = await run(...convert, "--database", "k.duckdb", "--report", "a.html", "--multiqc");
    assert.equal(made.code, 0, made.stderr);
    await run(...convert, "--database", "n.duckdb");
    assert.ok((await tablesOf(`${folder}/k.duckdb`)).includes("report_counts"));
    assert.ok(!(await tablesOf(`${folder}/n.duckdb`)).includes("report_counts"));
    for (const name of ["k", "n"]) {
      const before = await hashOf(`${folder}/${name}.duckdb`);
      const { code, stdout, stderr } = await run(
        ...["report", `${name}.duckdb`, "-o", `${name}.html`, "--multiqc", "--json"],
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), {
        input: `${name}.duckdb`,
        output: `${name}.html`,
        kept: name === "k",
        records: 2,
      });
      assert.equal(await hashOf(`${folder}/${name}.duckdb`), before);
      assert.equal(await figuresOf(`${folder}/${name}.html`), await figuresOf(`${folder}/a.html`));
    }
    // A later conversion from the table draws it, too, and does not write to it.
    const before = await hashOf(`${folder}/n.duckdb`);
    await run("convert", "n.duckdb", "-o", "p.vcf", "--report", "p.html");
    assert.equal(await hashOf(`${folder}/n.duckdb`), before);
    assert.equal(await figuresOf(`${folder}/p.html`), await figuresOf(`${folder}/a.html`));
    assert.deepEqual(await listing(folder), [
      ...["a.html", "a_mqc.json", "k.duckdb", "k.html", "k_mqc.json", "m.tsv", "n.duckdb"],
      ...["n.html", "n_mqc.json", "o.vcf", "p.html", "p.vcf"],
    ]);
  }));

Deno.test("report: with --direct beside its table, too; not where records were left out", () =>
  inFolder(async (run, folder) => {
    const convert = (name: string, ...more: string[]) =>
      run(
        ...["convert", "m.tsv", "-o", `${name}.vcf`, "--database", `${name}.duckdb`],
        ...["--report", `${name}.html`, ...more],
      );
    assert.equal((await convert("direct", "--direct", "-@", "2")).code, 0);
    assert.equal((await convert("some", "--regions", "1")).code, 0);
    assert.ok((await tablesOf(`${folder}/direct.duckdb`)).includes("report_counts"));
    assert.ok(!(await tablesOf(`${folder}/some.duckdb`)).includes("report_counts"));
    assert.match(await figuresOf(`${folder}/some.html`), /<td>1<\/td><td>1<\/td><td>0<\/td>/);
  }));

Deno.test("report: tells of the run: options, warnings, refused rows, memory", () =>
  inFolder(async (run, folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, `${MATRIX}2\t<b>\tG\tG\tT\tG\tA\n`);
    const { code } = await run(
      ...["convert", "m.tsv", "-o", "o.vcf", "--on-bad-row", "skip", "--report", "o.html"],
      ...["--profile", "p.csv", "--verify", "--max-alleles", "2"],
    );
    assert.equal(code, 0);
    const page = await Deno.readTextFile(`${folder}/o.html`);
    for (
      const part of [
        "line 4: POS: POS is &#39;&lt;b&gt;&#39;",
        "1 row was bad and left out",
        "2 samples (2 diploid)",
        "verify true, maxAlleles 2, onBadRow skip",
        "1 with too many alleles",
        "<h2>Memory over time</h2>",
      ]
    ) assert.ok(page.includes(part), part);
    assert.match(page, /<th scope="row">Checksum<\/th><td>alleles [0-9a-f]{16}, /);
  }));

Deno.test("report: nothing is made of a conversion that fails, and an earlier report stays", () =>
  inFolder(async (run, folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, `${MATRIX}2\tx\tG\tG\tT\tG\tA\n`);
    await Deno.writeTextFile(`${folder}/o.html`, "earlier");
    const { code, stderr } = await run(
      ...["convert", "m.tsv", "-o", "o.vcf", "--database", "k.duckdb", "--report", "o.html"],
    );
    assert.equal(code, 1);
    assert.match(stderr, /^error: m\.tsv:4: POS: /m);
    assert.equal(await Deno.readTextFile(`${folder}/o.html`), "earlier");
    assert.deepEqual(await listing(folder), ["m.tsv", "o.html"]);
  }));

/** Arguments, the exit code, and how the error begins. */
const REFUSED: readonly [args: string, code: number, error: RegExp][] = [
  ["convert m.tsv -o o.vcf --report o.vcf", 1, /o\.vcf: this output is also another output/],
  ["convert m.tsv -o o.vcf --report m.tsv", 1, /m\.tsv: this output is also /],
  ["convert m.tsv -o o.vcf --report none/o.html", 1, /the folder 'none' does not exist/],
  ["convert m.tsv -o o.vcf --report locked.html", 1, /locked\.html: the file is write-protected/],
  ["convert m.tsv -o o.vcf --report -", 2, /--report is a file/],
  ["convert m.tsv -o o.vcf --multiqc", 2, /--multiqc writes its file beside a --report/],
  ["convert m.tsv -o a_mqc.json --report a.html --multiqc", 1, /a_mqc\.json: this output is also /],
  ["report m.tsv -o o.html", 1, /m\.tsv: this is no table; .* convert --report/],
  ["report none.duckdb -o o.html", 1, /none\.duckdb: there is no such file/],
  ["report k.duckdb -o k.duckdb", 1, /k\.duckdb: this output is also /],
  ["report k.duckdb", 2, /required option '-o, --output <file>'/],
  ["report k.duckdb -o -", 2, /--report is a file/],
];

Deno.test("report: what is refused, before the work", () =>
  inFolder(async (run, folder) => {
    await run("convert", "m.tsv", "-o", "o.vcf", "--database", "k.duckdb");
    await Deno.remove(`${folder}/o.vcf`);
    await Deno.writeTextFile(`${folder}/locked.html`, "");
    await Deno.chmod(`${folder}/locked.html`, 0o444);
    for (const [args, code, error] of REFUSED) {
      const done = await run(...args.split(" "));
      assert.equal(done.code, code, `${args}: ${done.stderr}`);
      assert.match(done.stderr, error);
    }
    assert.deepEqual(await listing(folder), ["k.duckdb", "locked.html", "m.tsv"]);
  }));

/** What the documentation of MultiQC asks of custom content as JSON: a table by sample and column. */
function checkSchema(text: string): void {
  const { id, plot_type, pconfig, headers, data, ...rest } = JSON.parse(text);
  assert.deepEqual([id, plot_type], ["matrix2vcf", "table"]);
  assert.deepEqual(Object.keys(rest).sort(), ["description", "section_name"]);
  assert.equal(typeof pconfig.id, "string");
  for (const header of Object.values<Record<string, string>>(headers)) {
    assert.deepEqual(Object.keys(header).sort(), ["description", "format", "title"]);
  }
  for (const row of Object.values<Record<string, unknown>>(data)) {
    for (const [column, value] of Object.entries(row)) {
      assert.ok(column in headers && typeof value === "number", column);
    }
  }
}

Deno.test("report: the file for MultiQC is custom content with the figures of the page", () =>
  inFolder(async (run, folder) => {
    await run("convert", "m.tsv", "-o", "o.vcf", "--report", "r.htm", "--multiqc");
    const text = await Deno.readTextFile(`${folder}/r_mqc.json`);
    checkSchema(text);
    const { data } = JSON.parse(text);
    assert.deepEqual(Object.keys(data), ["o", "o: 1", "o: 2"]);
    assert.deepEqual(data["o: 2"], {
      missing: 0.25,
      heterozygosity: 0,
      alternate: 0.333333,
      missing_haplotypes: 1,
      heterozygous_genotypes: 0,
      alternate_haplotypes: 1,
      singletons: 1,
    });
    assert.equal(data.o.ts_tv, 2);
  }));

Deno.test({
  name: `report: multiqc reads the file${missingNote("multiqc")}`,
  ignore: !hasTool("multiqc"),
  fn: () =>
    inFolder(async (start, folder) => {
      await start("convert", "m.tsv", "-o", "o.vcf", "--report", "r.html", "--multiqc");
      const { code, stderr } = await run("multiqc", [".", "-q"], "", { cwd: folder });
      assert.equal(code, 0, stderr);
      const table = await Deno.readTextFile(
        `${folder}/multiqc_data/multiqc_matrix2vcf_table.txt`,
      );
      assert.deepEqual(table.trim().split("\n").map((line) => line.split("\t")[0]), [
        "Sample",
        "o",
        "o: 1",
        "o: 2",
      ]);
    }),
});
