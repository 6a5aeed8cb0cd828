/**
 * All names that a run will write are apart from its inputs and from each other, by whatever links.
 */
import assert from "node:assert/strict";
import { checkFiles } from "../../src/convert/convert.ts";
import { convertOptions } from "../../src/convert/options.ts";
import type { ConvertRequest } from "../../src/convert/request.ts";
import { cli, listing, withFolder } from "../helpers/cli.ts";

/** Names of a run in a folder, each for one thing only. */
const OUTPUTS: Record<string, string> = {
  output: "o.vcf.gz",
  tbi: "o.vcf.gz.tbi",
  csi: "o.vcf.gz.csi",
  rejects: "o.vcf.gz.rejects.tsv",
  database: "k.duckdb",
  log: "k.duckdb.wal",
  recovery: "k.duckdb.wal.recovery",
  profile: "p.csv",
};
const INPUTS: Record<string, string> = {
  input: "m.tsv",
  header: "h.txt",
  samples: "s.txt",
  regions: "r.bed",
  reference: "g.fa.gz",
  fai: "g.fa.gz.fai",
  gzi: "g.fa.gz.gzi",
  dict: "g.dict",
};

/** How two names come to be one file. */
const LINKS: Record<string, (file: string, name: string) => void> = {
  symbolic: (file, name) => Deno.symlinkSync(file, name),
  hard: (file, name) => Deno.linkSync(file, name),
  "a chain of": (file, name) => {
    Deno.symlinkSync(file, `${name}.one`);
    Deno.symlinkSync(`${name}.one`, name);
  },
  relative: (file, name) => Deno.symlinkSync(`./${file.split("/").at(-1)}`, name),
};

function requestIn(folder: string): ConvertRequest {
  const at = (name: string) => `${folder}/${name}`;
  return {
    input: at(INPUTS.input),
    header: at(INPUTS.header),
    samplesFile: at(INPUTS.samples),
    regionsFile: at(INPUTS.regions),
    reference: at(INPUTS.reference),
    output: at(OUTPUTS.output),
    database: at(OUTPUTS.database),
    profile: at(OUTPUTS.profile),
    onBadRow: "skip",
  };
}

function lay(folder: string): void {
  for (const name of Object.values(INPUTS)) Deno.writeTextFileSync(`${folder}/${name}`, name);
}

/** Checks the files of a run in a new folder, in which two names have become one file. */
async function refusal(
  prepare: (folder: string) => void,
  change: Partial<ConvertRequest> = {},
): Promise<string> {
  return await withFolder((folder) => {
    lay(folder);
    prepare(folder);
    try {
      checkFiles(convertOptions({ ...requestIn(folder), ...change }));
      return "";
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message.replaceAll(folder, "")}`;
    }
  });
}

Deno.test("names: those of a run that are apart are not refused, new or there", async () => {
  assert.equal(await refusal(() => {}), "");
  const there = await refusal((folder) => {
    for (const [what, name] of Object.entries(OUTPUTS)) {
      if (!/log|recovery/.test(what)) Deno.writeTextFileSync(`${folder}/${name}`, what);
    }
  });
  assert.equal(there, "");
});

for (const [kind, link] of Object.entries(LINKS)) {
  Deno.test(`names: no file to write is an input, by ${kind} links`, async () => {
    const accepted: string[] = [];
    for (const [what, output] of Object.entries(OUTPUTS)) {
      for (const [which, input] of Object.entries(INPUTS)) {
        const line = await refusal((folder) => link(`${folder}/${input}`, `${folder}/${output}`));
        const wanted =
          /^InputError: \/\S+: (?:this output is also an input|DuckDB would take this)/;
        if (!wanted.test(line)) accepted.push(`${what} ${which}: ${line}`);
      }
    }
    assert.deepEqual(accepted, []);
  });

  Deno.test(`names: no two files to write are one, by ${kind} links`, async () => {
    const accepted: string[] = [], names = Object.entries(OUTPUTS);
    for (const [what, one] of names) {
      for (const [which, other] of names) {
        const logs = /log|recovery/.test(what) && /log|recovery/.test(which);
        // The index of an output that leads to such a name has another one.
        const index = which === "output" && /tbi|csi/.test(what) && kind !== "hard";
        if (one === other || logs || index) continue;
        const line = await refusal((folder) => {
          if (kind === "hard") Deno.writeTextFileSync(`${folder}/${one}`, "");
          link(`${folder}/${one}`, `${folder}/${other}`);
        });
        const wanted = /^InputError: \/\S+: this output is also (?:another output|a log of)/;
        if (!wanted.test(line)) accepted.push(`${what} ${which}: ${line}`);
      }
    }
    assert.deepEqual(accepted, []);
  });
}

Deno.test("names: the index of an output that is a link lies beside its target", () =>
  withFolder((folder) => {
    lay(folder);
    Deno.mkdirSync(`${folder}/sub`);
    Deno.renameSync(`${folder}/m.tsv`, `${folder}/sub/real.vcf.gz.tbi`);
    Deno.symlinkSync("sub/real.vcf.gz", `${folder}/o.vcf.gz`);
    const request = { ...requestIn(folder), input: `${folder}/sub/real.vcf.gz.tbi` };
    assert.throws(() => checkFiles(convertOptions(request)), /tbi: this output is also an input/);
  }));

Deno.test("names: `..` after a link to a folder is that folder's parent", () =>
  withFolder((folder) => {
    lay(folder);
    Deno.mkdirSync(`${folder}/far/sub`, { recursive: true });
    Deno.symlinkSync("far/sub", `${folder}/near`);
    Deno.symlinkSync("../o.vcf.gz", `${folder}/far/sub/p.csv`);
    Deno.writeTextFileSync(`${folder}/m.tsv`, "");
    const request = {
      ...requestIn(folder),
      output: `${folder}/far/o.vcf.gz`,
      profile: `${folder}/near/p.csv`,
    };
    assert.throws(() => checkFiles(convertOptions(request)), /another output/);
  }));

/** Command lines of other sub-commands whose output is one of their inputs, or another output. */
const OTHERS: [args: string[], line: RegExp][] = [
  [["generate", "-o", "a.tsv", "--header", "link", "--rows", "5"], /also another output/],
  [["generate", "-o", "a.tsv", "--header", "twin", "--rows", "5"], /also another output/],
  [["profile", "a.csv", "-o", "link.svg"], /also an input/],
  [["profile", "a.csv", "-o", "twin.svg"], /also an input/],
  [["profile", "convert", "a.csv", "-o", "o.vcf", "--profile", "a.csv"], /another profile/],
  [["profile", "convert", "a.csv", "-o", "o.vcf", "--profile=link.svg"], /another profile/],
  [["profile", "convert", "a.tsv", "-o", "o.csv", "--profile", "o.csv"], /another profile/],
  [["profile", "convert", "a.tsv", "--output=o.csv", "--profile=o.csv"], /another profile/],
];
for (const [args, line] of OTHERS) {
  Deno.test(`names: refused: ${args.join(" ")}`, () =>
    withFolder(async (folder) => {
      for (const name of ["a.tsv", "a.csv"]) Deno.writeTextFileSync(`${folder}/${name}`, name);
      Deno.symlinkSync("a.tsv", `${folder}/link`);
      Deno.linkSync(`${folder}/a.tsv`, `${folder}/twin`);
      Deno.symlinkSync("a.csv", `${folder}/link.svg`);
      Deno.linkSync(`${folder}/a.csv`, `${folder}/twin.svg`);
      const before = await listing(folder);
      const { code, stderr } = await cli(args, { cwd: folder });
      assert.match(stderr, line);
      assert.equal(stderr.split("\n").length, 2);
      assert.equal(code, 1);
      assert.deepEqual(await listing(folder), before);
      assert.equal(await Deno.readTextFile(`${folder}/a.csv`), "a.csv");
      assert.equal(await Deno.readTextFile(`${folder}/a.tsv`), "a.tsv");
    }));
}
