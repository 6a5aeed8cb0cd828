/**
 * Does the fuzzer see anything? Faults are planted into copies of the program, one in each, and the
 * slice of the fuzzer must find every one of them.
 */
import assert from "node:assert/strict";
import { filePath, withFolder } from "../helpers/cli.ts";
import { SEED } from "./settings.ts";

/** A fault: a piece of text that stands in a file of `src/` once, and what it becomes. */
interface Fault {
  name: string;
  file: string;
  from: string;
  to: string;
}

const FAULTS: readonly Fault[] = [
  {
    name: "the haplotypes of a sample change places where alleles are long",
    file: "vcf/vcf_record.ts",
    from: "copy < ploidy ? copy : 0",
    to: "copy < ploidy ? ploidy - 1 - copy : 0",
  },
  {
    name: "ALT from right to left",
    file: "vcf/find_alts.ts",
    from: "for (let at = from; at < to; at++) {\n    const code",
    to: "for (let at = to - 1; at >= from; at--) {\n    const code",
  },
  {
    name: "a run of N is missing only but for its last letter",
    file: "matrix/cell_bytes.ts",
    from: "while (at < to && UPPER_CASE",
    to: "while (at < to - 1 && UPPER_CASE",
  },
  {
    name: "a byte is lost between two blocks",
    file: "bgzf/blocks.ts",
    from: "const payload = data.subarray(blocks.uncompressed[i],",
    to: "const payload = data.subarray(blocks.uncompressed[i] + Math.min(i, 1),",
  },
  {
    name: "a record that begins at the last base of a region is left out",
    file: "output/region.ts",
    from: "ends[this.#at + 1] < first",
    to: "ends[this.#at + 1] <= first",
  },
  {
    name: "a record of as many alleles as there may be is left out",
    file: "vcf/site_filter.ts",
    from: "if (alts + 1 > choice.maxAlleles)",
    to: "if (alts + 1 >= choice.maxAlleles)",
  },
  {
    name: "the work folder stays after a refusal",
    file: "base/owned_folder.ts",
    from: "removeContents(this.path);",
    to: "if (this.path === '') removeContents(this.path);",
  },
];

/** What the fuzzer needs of the repository. */
const PARTS = ["src", "mod.ts", "deno.json", "deno.lock", "tests/helpers", "tests/faults"];

for (const { name, file, from, to } of FAULTS) {
  Deno.test(`planted: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.mkdir(`${folder}/tests`);
      for (const part of PARTS) await copyAll(filePath(part), `${folder}/${part}`);
      const path = `${folder}/src/${file}`, text = await Deno.readTextFile(path);
      assert.equal(text.split(from).length, 2, `${file} has this once: ${from}`);
      await Deno.writeTextFile(path, text.replace(from, () => to));
      const { code, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "test",
          "-A",
          "--no-check",
          "--quiet",
          "tests/faults/fuzz_test.ts",
          "--",
          "--seed",
          `${SEED}`,
        ],
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      const decoder = new TextDecoder(), output = decoder.decode(stderr) + decoder.decode(stdout);
      const found = new RegExp(`seed ${SEED}, case (\\d+): `).exec(output);
      assert.ok(code === 1 && found, `the fuzzer does not see it:\n${output.slice(-2000)}`);
      const [, what] = /^AssertionError[^:]*: ([^\n]*)/m.exec(output) ?? [];
      console.log(`found by case ${found[1]}: ${what}`);
    }));
}

async function copyAll(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await copyAll(`${from}/${name}`, `${to}/${name}`);
  }
}
