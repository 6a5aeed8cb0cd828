/** How a VCF says where it comes from. */
import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { cli, withFolder } from "../helpers/cli.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\tX\n1\t5\tA\tA\tG\t-9\n1\t7\tC\tC\tC\tC\n";

async function headerOf(folder: string, request: Partial<ConvertRequest>): Promise<string> {
  const output = `${folder}/o.vcf`;
  await convert({ input: `${folder}/m.tsv`, output, missing: ["-9"], threads: 0, ...request });
  return (await Deno.readTextFile(output)).match(/^(?:#.*\n)*/)![0];
}

/** The command of a header; undefined without one. */
function commandOf(header: string): string | undefined {
  return header.match(/^##matrix2vcfCommand=(.*)$/m)?.[1];
}

const COMMANDS: { name: string; request: Partial<ConvertRequest>; command: string }[] = [
  { name: "no option", request: { missing: [], gap: "star" }, command: "convert --gap star" },
  {
    name: "options of the table, then of the output, in a fixed order",
    request: { unphased: true, info: ["NS", "AC"], onBadRow: "skip", ploidy: 1 },
    command: "convert --ploidy 1 --missing -9 --on-bad-row skip --info NS,AC --unphased",
  },
  {
    name: "the default of one option is none of another",
    request: { gap: "error", iupac: "missing" },
    command: "convert --missing -9 --gap error --iupac missing",
  },
  {
    name: "filters",
    request: { regions: "1:1-100", minAlleles: 1, maxMissingRate: 0.5, snpsOnly: true },
    command: "convert --missing -9 --regions 1:1-100 --snps-only --max-missing-rate 0.5",
  },
  {
    name: "what a shell would split is quoted",
    request: { missing: ["a b", "it's"] },
    command: "convert --missing 'a b,it'\\''s'",
  },
  {
    name: "what changes neither records nor header is left out",
    request: { memory: 2 ** 30, index: "none", compressionLevel: 9 },
    command: "convert --missing -9",
  },
];
for (const { name, request, command } of COMMANDS) {
  Deno.test(`##matrix2vcfCommand: ${name}; the same from a kept table`, () =>
    withFolder(async (folder) => {
      const text = request.missing?.length === 0 ? MATRIX.replace("-9", "-") : MATRIX;
      const cells = request.missing?.[0] === "a b" ? text.replace("-9", "a b") : text;
      await Deno.writeTextFile(`${folder}/m.tsv`, cells);
      const header = await headerOf(folder, request);
      assert.equal(commandOf(header), command);
      const database = `${folder}/k.duckdb`;
      for (let run = 0; run < 2; run++) {
        assert.equal(await headerOf(folder, { ...request, database }), header, `run ${run}`);
      }
      const { missing: _, ploidy: _p, gap: _g, iupac: _i, onBadRow: _b, ...output } = request;
      const kept = { input: database, missing: [], ...output };
      assert.equal(await headerOf(folder, kept), header, "the table as input");
    }));
}

Deno.test("files are named by their content: the same bytes under any path", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const headers: string[] = [];
    for (const name of ["one", "another"]) {
      await Deno.writeTextFile(`${folder}/${name}.sheet`, "s\t1a\t1b\n");
      await Deno.writeTextFile(`${folder}/${name}.bed`, "1\t0\t100\n");
      headers.push(
        await headerOf(folder, {
          samplesFile: `${folder}/${name}.sheet`,
          regionsFile: `${folder}/${name}.bed`,
        }),
      );
    }
    assert.equal(headers[0], headers[1]);
    const sums = "--samples [0-9a-f]{16} --missing -9 --regions-file [0-9a-f]{16}";
    assert.match(commandOf(headers[0])!, new RegExp(`^convert ${sums}$`));
  }));

Deno.test("##reference is the name of the FASTA; its dictionary gives MD5 sums", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await Deno.writeTextFile(`${folder}/ref.fa`, ">1\nAAAAAAC\n>2\nA\n");
    const plain = await headerOf(folder, { reference: `${folder}/ref.fa` });
    assert.match(plain, /^##reference=ref\.fa\n##contig=<ID=1,length=7>\n/m);
    const sum = "0123456789abcdef0123456789abcdef";
    const dict = `@HD\tVN:1.5\n@SQ\tSN:1\tLN:7\tM5:${sum}\tUR:file:/x\n@SQ\tSN:2\tLN:1\n`;
    await Deno.writeTextFile(`${folder}/ref.dict`, dict);
    const header = await headerOf(folder, { reference: `${folder}/ref.fa` });
    const contigs = `##contig=<ID=1,length=7,md5=${sum}>\n##contig=<ID=2,length=1>\n`;
    assert.ok(header.includes(contigs), header);
  }));

Deno.test("--no-version leaves version and command out, and nothing else", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const args = ["convert", "m.tsv", "-o", "-", "--missing=-9", "--quiet"];
    const { stdout } = await cli(args, { cwd: folder });
    const bare = await cli([...args, "--no-version"], { cwd: folder });
    assert.match(stdout, /^##source=matrix2vcf \d/m);
    assert.doesNotMatch(bare.stdout, /matrix2vcfCommand|matrix2vcf \d/);
    const lines = stdout.replace(/^##matrix2vcfCommand.*\n/m, "");
    assert.equal(bare.stdout, lines.replace(/^(##source=matrix2vcf) .*$/m, "$1"));
    assert.equal(await headerOf(folder, { noVersion: true }), bare.stdout.match(/^(?:#.*\n)*/)![0]);
  }));
