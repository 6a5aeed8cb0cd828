/**
 * Does `--verify` see anything? Bugs are planted into the writers of copies of the program, one in
 * each, and a conversion that is verified must end with an error, and give its output no name.
 */
import assert from "node:assert/strict";
import { filePath, listing, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";

/** A bug: a piece of text that stands in a file of `src/` once, and what it becomes. */
interface Bug {
  name: string;
  file: string;
  from: string;
  to: string;
  output: string;
}

const BUGS: readonly Bug[] = [
  {
    name: "a row is dropped at the edge of a block",
    file: "output/partition_formatter.ts",
    from: "n += this.#writeRun(rows, row, row + this.#judged - n);",
    to:
      "n += this.#writeRun(rows, row, row + this.#judged - n) + (out.length < BLOCK_BYTES ? 0 : 1);",
    output: "o.vcf",
  },
  {
    name: "a record is counted and not written",
    file: "vcf/vcf_record.ts",
    from: "missing, true)) return;",
    to: "missing, true) || rows.pos[row] % 1000 === 7) return;",
    output: "o.vcf",
  },
  {
    name: "ALTs have another order than their numbers",
    file: "vcf/vcf_record.ts",
    from: "alts.map((code) => BASE_ALLELES[code]).join()",
    to: "alts.map((code) => BASE_ALLELES[code]).toReversed().join()",
    output: "o.vcf.gz",
  },
  {
    name: "the haplotypes of a pair are swapped",
    file: "vcf/vcf_record.ts",
    from: "TAB | glyphs[a] << 8 | glyphs[b] << 24",
    to: "TAB | glyphs[b] << 8 | glyphs[a] << 24",
    output: "o.vcf",
  },
  {
    name: "a missing allele is written as REF",
    file: "vcf/vcf_record.ts",
    from: "const glyphs = new Uint8Array(8).fill(DOT);",
    to: "const glyphs = new Uint8Array(8).fill(ZERO);",
    output: "o.vcf.gz",
  },
  {
    name: "genotypes are shifted by a sample",
    file: "vcf/vcf_record.ts",
    from: "let at = from, n = this.out.length;",
    to: "let at = from + 2, n = this.out.length;",
    output: "o.vcf",
  },
  {
    name: "codes come out of the table as others",
    file: "base/packed_codes.ts",
    from: "(eight & 0xff | (eight & 0xff00) << 8) >>> 0",
    to: "(eight & 0xff | (eight & 0xef00) << 8) >>> 0",
    output: "o.vcf",
  },
  {
    name: "BCF: numbers of alleles are too small by one",
    file: "vcf/bcf_record.ts",
    from: "values[code] = (rank + 1) << 1",
    to: "values[code] = rank << 1",
    output: "o.bcf",
  },
  {
    name: "BCF: phase is lost",
    file: "vcf/bcf_record.ts",
    from: "const bits = phase << 8,",
    to: "const bits = 0,",
    output: "o.bcf",
  },
  {
    name: "BCF: positions are too large by one",
    file: "vcf/bcf_record.ts",
    from: "view.setInt32(at + 12, pos - 1, true);",
    to: "view.setInt32(at + 12, pos, true);",
    output: "o.bcf",
  },
];

for (const { name, file, from, to, output } of BUGS) {
  Deno.test(`--verify finds: ${name}`, () =>
    withFolder(async (folder) => {
      for (const part of ["src", "deno.json", "deno.lock"]) {
        await copyAll(filePath(part), `${folder}/${part}`);
      }
      const path = `${folder}/src/${file}`, text = await Deno.readTextFile(path);
      assert.equal(text.split(from).length, 2, `${file} has this once: ${from}`);
      await Deno.writeTextFile(path, text.replace(from, () => to));
      await Deno.mkdir(`${folder}/run`);
      // Two blocks of one contig.
      await Deno.writeTextFile(`${folder}/run/m.tsv`, matrixText({ rows: 20_000, chromosomes: 1 }));
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "-A", "--no-check", "--quiet", `${folder}/src/main.ts`, "convert", "m.tsv"],
          ...["-o", output, "--verify", "--no-kernels", "--quiet"],
        ],
        cwd: `${folder}/run`,
        env: { NO_COLOR: "1" },
      }).output();
      const error = new TextDecoder().decode(stderr);
      assert.match(error, /^error: [^]*\bbug\b/, error);
      assert.ok(code === 1 || code === 70, `code ${code}`);
      assert.deepEqual(await listing(`${folder}/run`), ["m.tsv"]);
    }));
}

async function copyAll(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copyAll(`${from}/${name}`, `${to}/${name}`);
  }
}
