/**
 * Sums of genotypes: of every container against a slow oracle, after every change that must and that
 * must not change them; and outputs that a bug has spoilt, which `--verify` finds.
 *
 * The suite runs a slice. More: `deno test -A tests/convert/checksum_test.ts -- 500 7` (changes of
 * each kind and random matrices, seed).
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { convert, type ConvertRequest } from "../../mod.ts";
import { RecordSums } from "../../src/checksum/sum_records.ts";
import { sumLines } from "../../src/checksum/sums.ts";
import { compareInputs } from "../../src/convert/compare_inputs.ts";
import { sumInput } from "../../src/convert/sum_input.ts";
import { INFO_TAGS } from "../../src/vcf/info_fields.ts";
import { checksumOracle } from "../helpers/checksum_oracle.ts";
import { cli, cliInShell, listing, withFolder } from "../helpers/cli.ts";
import { matrixOf, readOutput } from "../helpers/convert_text.ts";
import { examplePath, EXAMPLES } from "../helpers/dialects.ts";
import { matrixText } from "../helpers/generated.ts";
import { matrices } from "../helpers/matrices.ts";
import { DATA, REAL_SETS, writeSheet } from "../helpers/real_data.ts";

const [runs = 25, seed = 30] = Deno.args.map(Number).filter(Number.isInteger);

type Request = Omit<ConvertRequest, "output">;

/** The sums of an input, as `checksum` prints them. */
async function sumsOf(input: string, options: Partial<Request> = {}): Promise<string[]> {
  return sumLines(await sumInput({ threads: 0, ...options, input }));
}

/** An input's sums are the oracle's of its VCF, whatever holds them. */
async function allAgree(folder: string, request: Request): Promise<void> {
  const into = (name: string, more: Partial<Request> = {}) =>
    convert({ threads: 0, verify: true, ...request, ...more, output: `${folder}/${name}` });
  await into("o.vcf", { database: `${folder}/k.duckdb` });
  for (const name of ["o.vcf.gz", "o.bcf"]) await into(name);
  await into("plain.bcf", { outputType: "u" });
  for (const kernels of [true, false]) await into("d.vcf", { direct: true, kernels });
  const expected = checksumOracle(await readOutput(`${folder}/o.vcf`));
  for (const name of ["o.vcf", "o.vcf.gz", "o.bcf", "plain.bcf"]) {
    assert.deepEqual(await sumsOf(`${folder}/${name}`), expected, name);
  }
  const { input, onBadRow: _, ...options } = request;
  assert.deepEqual(await sumsOf(String(input), { ...request }), expected, "the matrix");
  const { unphased, homozygous } = options;
  const written = { unphased, homozygous };
  assert.deepEqual(await sumsOf(`${folder}/k.duckdb`, written), expected, "the table");
  for (const name of await listing(folder)) {
    if (/^(o|d|k|plain)\./.test(name)) await Deno.remove(`${folder}/${name}`);
  }
}

Deno.test("checksum: random matrices have the oracle's sums in every container", () =>
  withFolder(async (folder) => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(matrices(), async ({ text, options }) => {
        const { header, samples, info, ploidy, variantsOnly: _, ...rest } = options;
        const write = async (name: string, text: string | undefined) => {
          if (text !== undefined) await Deno.writeTextFile(`${folder}/${name}`, text);
          return text === undefined ? undefined : `${folder}/${name}`;
        };
        const request = {
          ...rest,
          input: (await write("m.tsv", text))!,
          header: await write("header.txt", header),
          samplesFile: await write("samples.tsv", samples),
          info: info ? INFO_TAGS : [],
          ploidy: ploidy === "1" ? 1 : "auto",
        } as const;
        try {
          await convert({ ...request, output: `${folder}/try.vcf`, threads: 0 });
        } catch {
          return;
        }
        await allAgree(folder, request);
        compared++;
      }),
      { seed, numRuns: runs },
    );
    assert.ok(compared > runs / 2, `only ${compared} of ${runs}`);
  }));

for (const { file, dialect, options = {} } of EXAMPLES) {
  Deno.test(`checksum: ${file} (${dialect}) in every container`, () =>
    withFolder(async (folder) => {
      const needsRef = /hapmap|tped/.test(dialect) && options.reference === undefined;
      const refFrom = needsRef ? "first" : options.refFrom;
      const request = {
        input: examplePath(file),
        onBadRow: "skip",
        ...options,
        refFrom,
      } as Request;
      await allAgree(folder, request);
      await allAgree(folder, { ...request, unphased: true, homozygous: true });
    }));
}

const wide = (length: number) =>
  Array.from(
    { length },
    (_, n) => [...n.toString(4).padStart(6, "0")].map((digit) => "ACGT"[Number(digit)]).join(""),
  ).join(" ");
Deno.test("checksum: ploidies of one to four, 300 alleles, symbols and long IDs", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, samplesFile = `${folder}/s.tsv`;
    const names = Array.from({ length: 300 }, (_, n) => `s${n}`).join(" ");
    for (
      const [text, sheet] of [
        [matrixOf(
          `CHROM POS REF ${names}`,
          `1 1 AAAAAA ${wide(300)}`,
          `1 2 A ${"C ".repeat(300)}`,
        )],
        [
          matrixOf(
            "CHROM POS REF a b c d e f g h",
            "1 1 A A C G T A . . *",
            "1 2 A . . . . . . . <X>",
          ),
          "one\ta\ntwo\tb\tc\nfour\td\te\tf\tg\nlast\th\n",
        ],
        [matrixText({ rows: 3000, multiallelic: 0.3, indels: 0.2, shuffle: true })],
      ]
    ) {
      await Deno.writeTextFile(input, text);
      if (sheet) await Deno.writeTextFile(samplesFile, sheet);
      await allAgree(folder, { input, ...sheet ? { samplesFile } : {} });
    }
  }));

/** A VCF as its header, samples and records, to be changed. */
interface Parts {
  header: string[];
  names: string[];
  records: string[][];
}

function partsOf(vcf: string): Parts {
  const lines = vcf.trimEnd().split("\n"), header = lines.filter((line) => line.startsWith("##"));
  const [first, ...records] = lines.slice(header.length).map((line) => line.split("\t"));
  return { header, names: first.slice(9), records };
}

function textOf({ header, names, records }: Parts): string {
  const fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"];
  return [...header, [...fixed, ...names].join("\t"), ...records.map((of) => of.join("\t")), ""]
    .join("\n");
}

function sumText(vcf: string): string[] {
  const sums = new RecordSums("x.vcf"), bytes = new TextEncoder().encode(vcf);
  // In pieces that end anywhere.
  for (let at = 0; at < bytes.length; at += 997) sums.add(bytes.subarray(at, at + 997));
  return sumLines(sums.finish());
}

const star = (lines: string[]) => lines.slice(-2).join("\n");

type Dice = (below: number) => number;

/** Genotypes of different alleles, as `[record, column]`. */
function heterozygous({ records }: Parts): [number, number][] {
  return records.flatMap((of, n) =>
    of.flatMap((cell, column): [number, number][] => {
      const [a, b] = cell.split("|");
      return column >= 9 && b !== undefined && a !== b ? [[n, column]] : [];
    })
  );
}

/** Changes that leave the sums over all samples as they are. */
const SAME: Record<string, (parts: Parts, dice: Dice) => void> = {
  "records are shuffled": ({ records }, dice) => void shuffle(records, dice),
  "samples are shuffled": (parts, dice) => {
    const order = shuffle([...parts.names.keys()], dice);
    parts.names = order.map((n) => parts.names[n]);
    parts.records = parts.records.map((of) => [...of.slice(0, 9), ...order.map((n) => of[9 + n])]);
  },
  "bases in lower case, ALTs in another order, other fields": (parts) => {
    for (const of of parts.records) {
      const alts = of[4] === "." ? [] : of[4].split(",");
      of[4] = alts.toReversed().join().toLowerCase() || ".";
      of[3] = of[3].toLowerCase();
      of[2] = "rs1", of[5] = "30", of[6] = "PASS", of[7] = "DP=3", of[8] = "DP:GT:PS";
      const turned = (code: string) =>
        code === "0" || code === "." ? code : `${alts.length + 1 - +code}`;
      for (let n = 9; n < of.length; n++) {
        of[n] = `7:${of[n].split("|").map(turned).join("|").replace(/^(\d)\|\1$/, "$1/$1")}:5`;
      }
    }
  },
};

/** Changes that must be found, and what `--compare` must say of the place. */
const DIFFERENT: Record<string, (parts: Parts, dice: Dice) => RegExp | undefined> = {
  "one cell": ({ records }, dice) => {
    const n = dice(records.length), column = 9 + dice(records[n].length - 9), of = records[n];
    const before = of[column];
    of[column] = before.replace(/^./, (code) => code === "0" ? "." : "0");
    return before.startsWith(".") && before === of[column] ? undefined : /^first difference: /;
  },
  "one position": ({ records }, dice) => {
    const of = records[dice(records.length)];
    of[1] = String(Number(of[1]) + 1);
    return /^first difference: the record at /;
  },
  "two samples are swapped": ({ records }, dice) => {
    const one = 9 + dice(records[0].length - 9), other = 9 + dice(records[0].length - 9);
    if (records.every((of) => of[one] === of[other])) return undefined;
    for (const of of records) [of[one], of[other]] = [of[other], of[one]];
    return /^first difference: .* sample /;
  },
  "a record is lost": ({ records }, dice) => {
    records.splice(dice(records.length), 1);
    return /^first difference: the record at .* is in A only/;
  },
  "a record is doubled": ({ records }, dice) => {
    const n = dice(records.length);
    records.splice(n, 0, records[n]);
    return /^first difference: the record at .* is in B only/;
  },
  "one bar between different alleles": (parts, dice) => {
    const found = heterozygous(parts);
    if (found.length === 0) return undefined;
    const [n, column] = found[dice(found.length)];
    parts.records[n][column] = parts.records[n][column].replace("|", "/");
    return /^first difference: /;
  },
};

function shuffle<T>(items: T[], dice: Dice): T[] {
  for (let n = items.length - 1; n > 0; n--) {
    const other = dice(n + 1);
    [items[n], items[other]] = [items[other], items[n]];
  }
  return items;
}

/** A small seeded generator of whole numbers below a bound. */
function seeded(seed: number): Dice {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

/** VCFs of a few samples, each another one. */
function vcfOf(dice: Dice): string {
  const records = 3 + dice(20), samples = 2 + dice(4), cell = () => "01.2"[dice(4)];
  const names = Array.from({ length: samples }, (_, n) => `s${n}é`);
  const rows = Array.from({ length: records }, (_, n) => [
    `chr${1 + Math.floor(n / 8)}`,
    String(1 + n * 400_000 % 3_000_000 + 400_000 * (n % 8)),
    ...[".", "A", "C,GT", ".", ".", ".", "GT"],
    ...names.map(() => `${cell()}|${cell()}`),
  ]);
  const contigs = [...new Set(rows.map(([contig]) => contig))];
  for (const contig of contigs) {
    const own = rows.filter(([name]) => name === contig);
    own.sort((a, b) => Number(a[1]) - Number(b[1]));
    rows.splice(rows.findIndex(([name]) => name === contig), own.length, ...own);
  }
  return textOf({ header: ["##fileformat=VCFv4.2"], names, records: rows });
}

Deno.test("checksum: what leaves the sums as they are", () => {
  for (const [what, change] of Object.entries(SAME)) {
    for (let run = 0; run < runs; run++) {
      const dice = seeded(seed * 1000 + run), vcf = vcfOf(dice), parts = partsOf(vcf);
      change(parts, dice);
      const changed = textOf(parts);
      assert.equal(star(sumText(changed)), star(sumText(vcf)), `${what}, run ${run}`);
      assert.deepEqual(sumText(changed), checksumOracle(changed), `${what}, run ${run}`);
    }
  }
});

for (const [what, change] of Object.entries(DIFFERENT)) {
  Deno.test(`checksum: ${what} is found, and its place named`, () =>
    withFolder(async (folder) => {
      let found = 0;
      for (let run = 0; found < runs; run++) {
        const dice = seeded(seed * 7000 + run), vcf = vcfOf(dice), parts = partsOf(vcf);
        const expected = change(parts, dice);
        if (!expected) continue;
        const changed = textOf(parts);
        assert.notEqual(star(sumText(changed)), star(sumText(vcf)), `run ${run}`);
        await Deno.writeTextFile(`${folder}/a.vcf`, vcf);
        await Deno.writeFile(`${folder}/b.vcf.gz`, gzipSync(changed));
        const { equal, differences } = await compareInputs(
          `${folder}/a.vcf`,
          `${folder}/b.vcf.gz`,
          1_000_000,
          {},
        );
        assert.equal(equal, false, `run ${run}`);
        const place = differences.at(-1)!;
        assert.match(place, expected, `run ${run}: ${differences.join("\n")}`);
        found++;
      }
    }));
}

Deno.test("checksum --compare: renamed, missing and other samples are said as such", () =>
  withFolder(async (folder) => {
    const vcf = vcfOf(seeded(5)), parts = partsOf(vcf);
    parts.names = parts.names.map((name, n) => n === 0 ? "new name" : name);
    const renamed = textOf(parts);
    parts.names = parts.names.slice(1);
    parts.records = parts.records.map((of) => of.toSpliced(9, 1));
    for (const [name, text] of Object.entries({ a: vcf, b: renamed, c: textOf(parts) })) {
      await Deno.writeTextFile(`${folder}/${name}.vcf`, text);
    }
    const compare = (b: string) => cli(["checksum", "--compare", "a.vcf", b], { cwd: folder });
    const same = await compare("a.vcf");
    assert.match(same.stdout, /^equal: \d+ records, \d+ genotypes, checksum [0-9a-f]{16}\n$/);
    assert.deepEqual([same.code, same.stderr], [0, ""]);
    const other = await compare("b.vcf");
    assert.equal(other.stdout, "renamed samples: s0é is new name in B\n");
    assert.equal(other.stderr, "error: b.vcf: the genotypes differ from those of a.vcf\n");
    assert.equal(other.code, 1);
    assert.equal((await compare("c.vcf")).stdout, "samples in A only: s0é\n");
  }));

const HEADER =
  "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\n";
const record = (pos: number, ref: string, alt: string, ...cells: string[]) =>
  ["1", pos, ".", ref, alt, ".", ".", ".", "GT", ...cells].join("\t") + "\n";

/** Records that are odd and that other programs read, which must leave others as they are. */
const ODD = [
  record(1, ".", "C", "0/0", "0|1"),
  record(2, "A", "C,.", "2/2", "1/2"),
  record(3, "A", "C,c", "1|2", "0|1"),
  record(4, "A", "<DEL>,*,<NON_REF>,A[2:3[", "1|2", "3/4"),
  record(5, "A", "C", "./.", ".|."),
  record(0, "A", "C", "|0|1", "."),
  record(6, "a", "acgt", "0/1/1", "1"),
];
Deno.test("checksum: odd records count for themselves, in any order", () => {
  const expected = star(checksumOracle(HEADER + ODD.join("")));
  for (let run = 0; run < 50; run++) {
    const text = HEADER + shuffle([...ODD], seeded(run)).join("");
    assert.equal(star(sumText(text)), expected, text);
    assert.deepEqual(sumText(text), checksumOracle(text));
  }
});

Deno.test("checksum: by contig and window with a telomere, and its place in --compare", () =>
  withFolder(async (folder) => {
    const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
    const lines = [0, 5, 1_000_000, 1_000_001].map((pos) => record(pos, "A", "C", "0|1", "0|0"));
    await write("a.vcf", HEADER + lines.join(""));
    await write("b.vcf", HEADER + lines.join("").replace("0|1", "1|1"));
    const run = (...args: string[]) => cli(["checksum", ...args], { cwd: folder });
    const windows = (await run("--by", "window", "a.vcf")).stdout.split("\n");
    assert.match(windows[1], /^1\t1\t1000000\t3\t/);
    assert.match(windows[2], /^1\t1000001\t2000000\t1\t/);
    assert.equal((await run("--by", "contig", "a.vcf")).code, 0);
    const { stdout } = await run("--compare", "a.vcf", "b.vcf");
    assert.match(
      stdout,
      /^differs in 1:1-1000000\nfirst difference: 1:0 A, sample a: A\|C in A, C\/C/m,
    );
    await write("c.vcf", HEADER + lines.toReversed().join("").replace("0|1", "1|1"));
    const shuffled = (await run("--compare", "a.vcf", "c.vcf")).stdout;
    assert.match(shuffled, /^differs in 1:1000001-2000000\nfirst difference: /m);
    await write(
      "d.vcf",
      HEADER + [lines[1], lines[0], lines[2], lines[3]].join("").replace("0|1", "1|1"),
    );
    assert.match(
      (await run("--compare", "a.vcf", "d.vcf")).stdout,
      /differs in 1:1-1000000\n.*not sorted/,
    );
  }));

Deno.test("checksum --compare: pipes are read once", () =>
  withFolder(async (folder) => {
    const text = HEADER + record(5, "A", "C", "0|1", "0|0");
    await Deno.writeTextFile(`${folder}/a.vcf`, text);
    await Deno.writeTextFile(`${folder}/b.vcf`, text.replace("0|1", "1|1"));
    const script = 'mkfifo ff; cat a.vcf > ff & "$@"';
    const { code, stdout } = await cliInShell(
      script,
      ["checksum", "--compare", "ff", "b.vcf"],
      folder,
    );
    assert.equal(stdout, "samples whose alleles differ: a\n");
    assert.equal(code, 1);
  }));

Deno.test("checksum: a BCF whose header has its numbers anywhere, and options that are a matrix's", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 50 }));
    const output = `${folder}/o.bcf`;
    await convert({ input: `${folder}/m.tsv`, output, outputType: "u", threads: 0 });
    const sums = await sumsOf(output),
      text = new TextDecoder("latin1").decode(await Deno.readFile(output));
    const turned = text.replaceAll(/contig=<ID=(\d+),IDX=(\d+)>/g, "contig=<IDX=$2,ID=$1>")
      .replace(/(FORMAT=<)(ID=GT,.*),(IDX=\d+)>/, "$1$3,$2>");
    assert.notEqual(turned, text);
    await Deno.writeFile(output, Uint8Array.from(turned, (char) => char.charCodeAt(0)));
    assert.deepEqual(await sumsOf(output), sums);
    for (const args of [["-s", "1"], ["--unphased"], ["--reference", "x.fa"]]) {
      const { code, stderr } = await cli(["checksum", "o.bcf", ...args], { cwd: folder });
      assert.match(stderr, /^error: --[a-z]+ says how a matrix is read, and this is a VCF or BCF/);
      assert.equal(code, 2);
    }
  }));

const BAD: [text: string, message: RegExp][] = [
  ["1\t5\t.\tA\tC\t.\t.\t.\tGT:DP\t:5\n", /^x\.vcf:3: a cell of GT is no genotype/],
  ["#CHROM\tPOS\n", /^x\.vcf:3: a line that begins with # among the records: is it two files/],
  ["1\t4294967296\t.\tA\tC\t.\t.\t.\tGT\t0\n", /POS is no whole number of 0 to 4294967295/],
  ["1\t5\t.\tA\tC\t.\t.\t.\tGT\t0|2\n", /^x\.vcf:3: a genotype has the number of an allele/],
  ["1\t5\t.\tA\tC\t.\t.\t.\tGT\t0|a\n", /^x\.vcf:3: a cell of GT is no genotype/],
  ["1\t5\t.\tA\tC\t.\t.\t.\tGT\n", /^x\.vcf:3: the record has another number of fields/],
  ["1\t5\t.\tA\tC\t.\t.\t.\tGT\t0\t1\n", /^x\.vcf:3: the record has another number of fields/],
  ["1\tx\t.\tA\tC\t.\t.\t.\tGT\t0\n", /^x\.vcf:3: POS is no whole number/],
  ["1\t5\t.\tA\n", /^x\.vcf:3: the record has another number of fields/],
];
Deno.test("checksum: bad records are refused with their line", () => {
  const header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n";
  for (const [text, message] of BAD) assert.throws(() => sumText(header + text), { message });
  assert.throws(() => sumText(header.replace("\tS\n", "\tS\tS\n")), {
    message: /two samples have/,
  });
  assert.throws(() => sumText("##fileformat=VCFv4.2\n"), {
    message: /ends before its header does/,
  });
});

Deno.test("checksum: a BCF that ends early is refused", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 50 }));
    const output = `${folder}/o.bcf`;
    await convert({ input: `${folder}/m.tsv`, output, outputType: "u", threads: 0 });
    const bytes = await Deno.readFile(output);
    await Deno.writeFile(output, bytes.subarray(0, bytes.length - 3));
    await assert.rejects(sumsOf(output), { message: /the file ends within a record: it is trunc/ });
  }));

Deno.test("checksum: the sub-command by sample, contig and window, and as JSON", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 400, chromosomes: 2 }));
    await convert({ input: `${folder}/m.tsv`, output: `${folder}/o.vcf`, threads: 0 });
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli(["checksum", ...args], { cwd: folder });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      return stdout;
    };
    const expected = checksumOracle(await readOutput(`${folder}/o.vcf`)).join("\n") + "\n";
    assert.equal(await run("o.vcf"), expected);
    assert.equal(await run("m.tsv"), expected);
    assert.equal(await run("m.tsv", "o.vcf"), `# m.tsv\n${expected}# o.vcf\n${expected}`);
    for (const by of ["contig", "window"]) {
      const lines = await run("--by", by, "o.vcf");
      assert.equal(await run("--by", by, "m.tsv"), lines);
      const [header, ...groups] = lines.trimEnd().split("\n").map((line) => line.split("\t"));
      const at = header.indexOf("records");
      const sum = groups.slice(0, -1).reduce((sum, group) => sum + Number(group[at]), 0);
      assert.equal(sum, 400);
      assert.deepEqual(new Set(groups.map(([contig]) => contig)), new Set(["1", "2", "*"]));
    }
    const json = JSON.parse(await run("--json", "o.vcf"));
    assert.equal(
      [json.all.alleles, json.all.phase].join("\t"),
      expected.split("\n").at(-3)!.split("\t").slice(3).join("\t"),
    );
  }));

Deno.test("convert --verify: the report has the sums, and streams and tables of text are refused", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrixText({ rows: 300 }));
    const args = ["convert", "m.tsv", "--verify", "--json"];
    const { stdout, stderr } = await cli([...args, "-o", "o.bcf"], { cwd: folder });
    const [, , , alleles, phase] = checksumOracle(await readOutput(`${folder}/o.bcf`)).at(-2)!
      .split("\t");
    const { checksum } = JSON.parse(stdout);
    assert.deepEqual([checksum.alleles, checksum.phase], [alleles, phase]);
    assert.match(
      stderr,
      new RegExp(`^verified: ${checksum.called} genotypes, checksum ${alleles}$`, "m"),
    );
    const refused = async (...more: string[]) =>
      (await cli([...args, ...more, "--quiet"], { cwd: folder })).stderr;
    assert.match(
      await refused("-o", "-"),
      /^error: --verify reads the output back; standard output/,
    );
    assert.match(
      await refused("-o", "o.tsv", "--format", "tsv"),
      /^error: --verify is for VCF and BCF/,
    );
  }));

Deno.test("convert --verify --database: the table keeps the sums of what was read", () =>
  withFolder(async (folder) => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await cli(args, { cwd: folder });
      assert.equal(code, 0, stderr);
      return stdout;
    };
    const rows = matrixText({ rows: 3000, multiallelic: 0.3, indels: 0.2, shuffle: true });
    await Deno.writeTextFile(`${folder}/m.tsv`, rows);
    const convert = ["convert", "m.tsv", "--quiet", "--database"];
    await run(...convert, "bare.duckdb", "-o", "o.vcf");
    const expected = checksumOracle(await readOutput(`${folder}/o.vcf`)).join("\n") + "\n";
    for (const more of [[], ["-@", "2"], ["--direct"], ["-@", "2", "--variants-only"]]) {
      await run(...convert, "k.duckdb", "-o", "o.bcf", "--verify", ...more);
      assert.equal(await run("checksum", "k.duckdb"), expected, more.join(" "));
      const { checksum } = JSON.parse(await run("inspect", "--json", "k.duckdb"));
      const [, , , alleles, phase] = expected.split("\n").at(-3)!.split("\t");
      assert.deepEqual(checksum, { alleles, phase });
      // It is reused, and what it gives is what was read.
      await run(...convert, "k.duckdb", "-o", "again.vcf.gz", "--verify");
      await run("checksum", "--compare", "k.duckdb", "again.vcf.gz");
      const unphased = await run("checksum", "--unphased", "k.duckdb");
      await run("convert", "k.duckdb", "--unphased", "-o", "u.vcf", "--verify", "--quiet");
      assert.equal(unphased, await run("checksum", "u.vcf"));
      await Deno.remove(`${folder}/k.duckdb`);
    }
    assert.equal(await run("checksum", "bare.duckdb"), expected);
    assert.equal(JSON.parse(await run("inspect", "--json", "bare.duckdb")).checksum, null);
  }));

for (const { name, matrix, truth, polyploid } of REAL_SETS) {
  Deno.test(`checksum: ${name} in every container, and as its truth`, () =>
    withFolder(async (folder) => {
      const samplesFile = polyploid ? await writeSheet(matrix, `${folder}/s.tsv`) : undefined;
      await allAgree(folder, { input: matrix, ...samplesFile ? { samplesFile } : {} });
      if (truth === undefined) return;
      const plain = (lines: string[]) =>
        lines.map((line) => line.split("\t").slice(0, 4).join("\t"));
      const own = await sumsOf(truth);
      assert.deepEqual(own, checksumOracle(await Deno.readTextFile(truth)));
      // Samples may have another order, and a matrix tells no absent haplotype from a missing one.
      if (/chrX/.test(name)) return;
      const sums = await sumsOf(matrix, samplesFile ? { samplesFile } : {});
      assert.deepEqual(plain(sums).toSorted(), plain(own).toSorted());
    }));
}
if (REAL_SETS.length === 0) {
  Deno.test({ name: `checksum: real data (ignored: no ${DATA})`, ignore: true, fn: () => {} });
}
