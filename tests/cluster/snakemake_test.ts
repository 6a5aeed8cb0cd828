/**
 * The Snakefile of `tasks/cluster/` on this machine alone; `slurm_test.ts` has it on a cluster.
 *
 * @module
 */
import assert from "node:assert/strict";
import { filePath, listing, withFolder } from "../helpers/cli.ts";
import { missingNote, run } from "../helpers/tools.ts";
import {
  assertSameOutput,
  failing,
  flakyLauncherIn,
  LEFT,
  must,
  said,
  writeMatrix,
} from "./program.ts";

Deno.test({
  name: "Snakemake: two shards at a time, one fails once, one run's output" +
    missingNote("snakemake"),
  ignore: missingNote("snakemake") !== "",
  async fn() {
    await withFolder(async (folder) => {
      const here = `${folder}/my data`, program = await flakyLauncherIn(folder);
      await Deno.mkdir(here);
      await writeMatrix(`${here}/a matrix.tsv`, 17);
      const snakemake = () =>
        run(
          "snakemake",
          [
            ...["-s", filePath("tasks/cluster/Snakefile"), "-j", "2", "--config"],
            ...["matrix=a matrix.tsv", "n=4", "out=out.vcf.gz", "threads=1", "memory=1500"],
            "options=--info all --unphased",
          ],
          "",
          { cwd: here, env: { MATRIX2VCF: program } },
        );
      await failing(folder, 2, 3);
      const result = await snakemake();
      assert.equal(result.code, 0, said(result));
      assert.match(result.stderr, /Error in rule shard:/);

      const options = ["--info", "all", "--unphased", "--quiet"];
      await must(program, ["convert", "a matrix.tsv", "-o", "one.vcf.gz", ...options], {
        cwd: here,
      });
      await assertSameOutput(`${here}/out.vcf.gz`, `${here}/one.vcf.gz`);
      assert.deepEqual(await listing(`${here}/out.vcf.gz.run`), LEFT);
      assert.match((await snakemake()).stderr, /Nothing to be done/);
    });
  },
});
