/**
 * Golden pairs: every folder of `tests/golden/` is a test. `matrix.tsv`, `header.txt` and
 * `samples.tsv` (if there) and the flags of `args.txt` must give `expected.vcf`.
 */

import assert from "node:assert/strict";
import { cli, filePath, withFolder } from "../helpers/cli.ts";
import { oracle, type OracleOptions, withoutVersion } from "../helpers/oracle.ts";

interface Golden {
  name: string;
  matrix: string;
  header?: string;
  samples?: string;
  flags: string[];
  expected: string;
}

for (const golden of goldens()) {
  Deno.test(`golden ${golden.name}: the command line, both ways`, async () => {
    await withFolder(async (folder) => {
      const args = ["convert", golden.matrix, "-o", `${folder}/out.vcf`, ...golden.flags];
      if (golden.header) args.push("--header", golden.header);
      if (golden.samples) args.push("-S", golden.samples);
      const { code, stdout, stderr } = await cli([...args, "--threads", "1", "--quiet"]);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
      const vcf = await Deno.readTextFile(`${folder}/out.vcf`);
      assert.match(vcf, /^##source=matrix2vcf \d+\.\d+\.\d+/m);
      assert.equal(withoutVersion(vcf), golden.expected);
      const direct = await cli([...args, "--threads", "1", "--quiet", "--direct"]);
      assert.deepEqual(direct, { code: 0, stdout: "", stderr: "" });
      assert.equal(await Deno.readTextFile(`${folder}/out.vcf`), vcf);
    });
  });

  Deno.test(`golden ${golden.name}: the oracle`, () => {
    const { flags } = golden;
    const { vcf } = oracle(Deno.readTextFileSync(golden.matrix), {
      header: golden.header && Deno.readTextFileSync(golden.header),
      samples: golden.samples && Deno.readTextFileSync(golden.samples),
      ploidy: valueOf(flags, "--ploidy") as OracleOptions["ploidy"],
      missing: valueOf(flags, "--missing")?.split(","),
      variantsOnly: flags.includes("--variants-only"),
      unphased: flags.includes("--unphased"),
      homozygous: flags.includes("--homozygous"),
    });
    assert.equal(vcf, golden.expected);
  });
}

function goldens(): Golden[] {
  const root = filePath("tests/golden");
  const names = [...Deno.readDirSync(root)].map((entry) => entry.name).sort();
  return names.map((name) => ({
    name,
    matrix: `${root}/${name}/matrix.tsv`,
    header: ifThere(`${root}/${name}/header.txt`),
    samples: ifThere(`${root}/${name}/samples.tsv`),
    flags: Deno.readTextFileSync(`${root}/${name}/args.txt`).split(/\s+/).filter((s) => s !== ""),
    expected: Deno.readTextFileSync(`${root}/${name}/expected.vcf`),
  }));
}

function ifThere(path: string): string | undefined {
  try {
    Deno.statSync(path);
    return path;
  } catch {
    return undefined;
  }
}

function valueOf(flags: string[], name: string): string | undefined {
  const index = flags.indexOf(name);
  return index < 0 ? undefined : flags[index + 1];
}
