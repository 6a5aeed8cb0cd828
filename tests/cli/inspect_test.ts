/**
 * The sub-command `inspect`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { cli, cliInShell, cliProcess, filePath, withFolder } from "../helpers/cli.ts";
import { examplePath } from "../helpers/dialects.ts";

/** Blots out what depends on the machine. */
function withoutTime(text: string): string {
  return text.replace(/^(memory|time) .*$/gm, "$1 ...");
}

Deno.test("inspect a small matrix: what convert would read", async () => {
  const result = await cli([
    "inspect",
    filePath("data/genome_matrix.tsv"),
    "--header",
    filePath("data/genome_matrix_header.txt"),
  ]);
  assert.equal(result.stderr, "");
  const text = withoutTime(result.stdout).replaceAll(filePath("data/"), "");
  assert.equal(
    text,
    `\
genome_matrix.tsv: genome matrix, plain text, 0.1 MB
dialect   matrix
header    genome_matrix_header.txt, line 1: 34 columns
columns   CHROM 1, POS 2, REF 3, no ID; 31 haplotypes
samples   16 samples (15 diploid, 1 haploid): 14, 7, 15, ...
pairing   14 = 14a | 14b, 7 = 7a | 7b, 15 = 15a | 15b, 5 = 5a | 5b, ... (16)
contigs   1, 2, 3, 4
alleles   A, C, G, T, .
rows      2000
table     about 2.1 MB kept with --database, about 1.6 MB while it is temporary
bad rows  0 of 2000 that were looked at
output    about 0.2 MB
memory ...
time ...
convert   matrix2vcf convert genome_matrix.tsv --header genome_matrix_header.txt -o genome_matrix.vcf.gz

CHROM  POS  REF  14b  7a  15b  5a  Vida  7b  6b  6a  12a  ...
1      1    G    G    G   G    A   A     A   A   A   G    ...
1      17   G    A    G   G    A   A     A   A   A   G    ...
1      23   T    T    T   T    T   T     T   T   T   T    ...
`,
  );
});

Deno.test("inspect estimates what it does not read", async (t) => {
  await withFolder(async (folder) => {
    const made = await cli(["generate", "--rows", "200000", "-o", "m.tsv"], { cwd: folder });
    assert.equal(made.code, 0, made.stderr);
    const converted = await cli(
      ["convert", "m.tsv", "-o", "m.vcf", "--database", "m.duckdb", "--quiet"],
      { cwd: folder },
    );
    assert.equal(converted.code, 0, converted.stderr);
    const bytes = await Deno.readFile(`${folder}/m.tsv`);
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(bytes, { level: 1 }));
    const { size: kept } = await Deno.stat(`${folder}/m.duckdb`);
    for (const file of ["m.tsv", "m.tsv.gz"]) {
      await t.step(file, async () => {
        const { stdout, stderr, code } = await cli(["inspect", file, "--json"], { cwd: folder });
        assert.equal(code, 0, stderr);
        const report = JSON.parse(stdout);
        assert.equal(report.exact, false);
        assert.ok(Math.abs(report.rows / 200_000 - 1) < 0.05, `${report.rows} rows`);
        assert.ok(Math.abs(report.database / kept - 1) < 0.25, `${report.database} for ${kept}`);
        assert.equal(report.haplotypes, 31);
        assert.equal(report.compression, file.endsWith("gz") ? "gzip" : "none");
      });
    }
    await t.step("the database: bytes of its columns", async () => {
      const { stdout } = await cli(["inspect", "m.duckdb", "--json"], { cwd: folder });
      const report = JSON.parse(stdout);
      assert.equal(report.rows, 200_000);
      assert.equal(report.bytes, kept);
      const sum = (key: string) =>
        report.columns.reduce(
          (sum: number, column: Record<string, number>) => sum + column[key],
          0,
        );
      assert.equal(sum("disk") + report.rest, kept);
      const header = new TextDecoder().decode(bytes).indexOf("\n") + 1;
      assert.ok(Math.abs(sum("text") / (bytes.length - header) - 1) < 0.01, `${sum("text")}`);
      // CHROM is 1 to 4, which pandas reads as int64.
      assert.equal(sum("python"), 200_000 * (8 + 8 + 32 * 66));
      const lines = (await cli(["inspect", "m.duckdb"], { cwd: folder })).stdout;
      assert.match(lines, /^alleles +BitPacking +[\d ]+$/m);
    });
  });
});

Deno.test("inspect: bad input and wrong use", async (t) => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/data.tsv`, "1\t5\tA\tA\n");
    await Deno.writeTextFile(`${folder}/empty.tsv`, "CHROM\tPOS\tREF\t1a\n");
    const cases: { args: string[]; code: number; error: RegExp }[] = [
      { args: ["none.tsv"], code: 1, error: /none\.tsv: there is no such file/ },
      { args: ["data.tsv"], code: 1, error: /looks like data.*--header/ },
      { args: ["-"], code: 1, error: /-: the file is empty/ },
      { args: ["data.tsv", "--ploidy", "3"], code: 2, error: /Allowed choices/ },
    ];
    for (const { args, code, error } of cases) {
      await t.step(args.join(" "), async () => {
        const result = await cli(["inspect", ...args], { cwd: folder });
        assert.match(result.stderr, error);
        assert.equal(result.code, code);
      });
    }
    await t.step("a matrix without rows", async () => {
      const { stdout, code } = await cli(["inspect", "empty.tsv"], { cwd: folder });
      assert.match(stdout, /^rows +0$/m);
      assert.equal(code, 0);
    });
    await t.step("a foreign database", async () => {
      await Deno.writeTextFile(`${folder}/x.duckdb`, "\0\0\0\0\0\0\0\0DUCK", { append: false });
      const { stderr, code } = await cli(["inspect", "x.duckdb"], { cwd: folder });
      assert.match(stderr, /^error: x\.duckdb: the database cannot be opened/);
      assert.equal(code, 1);
    });
  });
});

Deno.test("inspect counts rows only, and knows a header that --header repeats", async () => {
  await withFolder(async (folder) => {
    const header = "CHROM\tPOS\tREF\t1a\t1b\n";
    await Deno.writeTextFile(`${folder}/h.tsv`, header);
    const rows = "1\t5\tA\tA\tG\n\n## more\n1\t6\tA\tA\tG\n";
    await Deno.writeTextFile(`${folder}/m.tsv`, `##x\n${header}${rows}`);
    for (const args of [[], ["--header", "h.tsv"]]) {
      const { stdout } = await cli(["inspect", "m.tsv", ...args], { cwd: folder });
      assert.match(stdout, /^contigs +1\nalleles +A, G\nrows +2$/m);
    }
  });
});

Deno.test("inspect reads pipes as it reads files", async (t) => {
  await withFolder(async (folder) => {
    const matrix = "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n2\t6\tA\tA\tG\n";
    await Deno.writeTextFile(`${folder}/m.tsv`, matrix);
    await Deno.writeFile(`${folder}/m.tsv.gz`, gzipSync(matrix));
    const args = ["convert", "m.tsv", "-o", "m.vcf", "--database", "m.duckdb", "--quiet"];
    assert.equal((await cli(args, { cwd: folder })).code, 0);
    const expected = (await cli(["inspect", "m.tsv"], { cwd: folder })).stdout;
    assert.match(expected, /^contigs +1, 2$/m);
    for (const file of ["-", "/dev/stdin", "/dev/fd/0"]) {
      await t.step(file, async () => {
        const { code, stdout, stderr } = await cliProcess(["inspect", file], {
          cwd: folder,
          stdin: matrix,
        });
        assert.equal(stderr, "");
        assert.equal(code, 0);
        const ofPipe = expected.replaceAll("m.tsv", "-").replace("-o m.vcf.gz", "-o out.vcf.gz");
        assert.equal(withoutTime(stdout), withoutTime(ofPipe));
      });
    }
    await t.step("a pipe with gzip, by its path", async () => {
      const script = `mkfifo p; cat m.tsv.gz > p & "$@" p`;
      const { code, stdout, stderr } = await cliInShell(script, ["inspect"], folder);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^p: genome matrix, gzip[^]*^rows +2$/m);
    });
    await t.step("a table is read from its file only", async () => {
      const { code, stderr } = await cliInShell(`cat m.duckdb | "$@"`, ["inspect", "-"], folder);
      assert.match(stderr, /^error: -: a table is read from its file: give its path$/m);
      assert.equal(code, 1);
    });
  });
});

Deno.test("inspect says what a dialect is, what is missing, and the command to run", async () => {
  await withFolder(async (folder) => {
    await Deno.copyFile(examplePath("tped/in.tped"), `${folder}/a b.tped`);
    const { code, stdout } = await cli(["inspect", "a b.tped"], { cwd: folder });
    assert.equal(
      stdout,
      `\
a b.tped: tped (no header; rows of chromosome, ID, cM, position and pairs of alleles)
missing  tped has no names of samples; they are in a .tfam file, as a b.tfam or otherwise: --names FILE gives it
missing  nothing says what REF is, as tped has no column for it: --reference FASTA looks it up, and --ref-from first takes the first allele of each row, which is a guess and is marked so (INFO/PR)
convert  matrix2vcf convert 'a b.tped' --names FILE --reference FASTA -o 'a b.vcf.gz'
`,
    );
    assert.equal(code, 0);
    const { stdout: json } = await cli(["inspect", "a b.tped", "--json"], { cwd: folder });
    const { kind, dialect, missing: { length } } = JSON.parse(json);
    assert.deepEqual({ kind, dialect, length }, { kind: "dialect", dialect: "tped", length: 2 });
  });
});

Deno.test("inspect refuses what auto refuses", async () => {
  const { code, stderr } = await cli(["inspect", examplePath("refused/final_report.txt")]);
  assert.match(stderr, /^error: .*final_report\.txt:1: this is a FinalReport/);
  assert.equal(code, 1);
});
