/**
 * The recipes of `tasks/cluster/` without a cluster: `fake_slurm/` stands in for Slurm and runs the
 * tasks here. `slurm_test.ts` has the same with a real one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { cliProcess, filePath, listing, withFolder } from "../helpers/cli.ts";
import { run } from "../helpers/tools.ts";
import { assertSameOutput, failing, flakyLauncherIn, LEFT, said, writeMatrix } from "./program.ts";

const SHARDS = 3;

/** A folder with a matrix, the program on its PATH, and a Slurm that is none. */
class Site {
  private constructor(readonly folder: string) {}

  static async create(folder: string, megabytes: number): Promise<Site> {
    await flakyLauncherIn(folder);
    await Deno.mkdir(`${folder}/slurm`);
    await Deno.mkdir(`${folder}/my 100% 'data'`);
    await writeMatrix(`${folder}/my 100% 'data'/a matrix.tsv`, megabytes);
    return new Site(folder);
  }

  /** The folder of the matrix and the output. */
  get data(): string {
    return `${this.folder}/my 100% 'data'`;
  }

  slurmArray(
    options: string[] = [],
    env: Record<string, string> = {},
    output = "out.vcf.gz",
  ) {
    const recipe = filePath("tasks/cluster/slurm-array.sh");
    const path = `${this.folder}:${filePath("tests/cluster/fake_slurm")}:${Deno.env.get("PATH")}`;
    return run(recipe, ["a matrix.tsv", String(SHARDS), output, ...options], "", {
      cwd: this.data,
      env: { ...this.#slurm, PATH: path, THREADS: "1", MEMORY: "1500", ...env },
    });
  }

  get #slurm() {
    return { FAKE_SLURM: `${this.folder}/slurm`, FAKE_CLUSTER: "one_of_two" };
  }

  /** How often each shard was begun. */
  tries(): Promise<number[]> {
    return Promise.all(Array.from({ length: SHARDS }, async (_, shard) => {
      return (await this.log(`shard-${shard}`)).split(" begins\n").length - 1;
    }));
  }

  log(name: string): Promise<string> {
    return Deno.readTextFile(`${this.data}/out.vcf.gz.run/log/${name}.log`);
  }

  /** The options that the recipe gave to sbatch. */
  async calls(): Promise<string[]> {
    return (await Deno.readTextFile(`${this.folder}/slurm/calls`)).trimEnd().split("\n");
  }

  async assertConverted(options: string[]): Promise<void> {
    const args = ["convert", "a matrix.tsv", "-o", "one.vcf.gz", "--quiet", ...options];
    const { code, stderr } = await cliProcess(args, { cwd: this.data });
    assert.equal(code, 0, stderr);
    await assertSameOutput(`${this.data}/out.vcf.gz`, `${this.data}/one.vcf.gz`);
  }
}

Deno.test("slurm-array.sh: tasks that the machine failed start again, and it is one run's output", async () => {
  await withFolder(async (folder) => {
    const site = await Site.create(folder, 9);
    await failing(folder, 0, 143);
    await failing(folder, 2, 3, 3);
    const result = await site.slurmArray(["--info", "all", "--unphased"]);
    assert.equal(result.code, 0, said(result));
    assert.match(
      result.stdout,
      /^shards: job 100, gather: job 200, logs: \/.*out.vcf.gz.run\/log\n$/,
    );
    assert.deepEqual(await site.tries(), [2, 1, 3]);
    await site.assertConverted(["--info", "all", "--unphased"]);
    assert.deepEqual(await listing(`${site.data}/out.vcf.gz.run`), [
      "log/",
      ...["gather.log", "shard-0.log", "shard-1.log", "shard-2.log"]
        .map((name) => `log/${name}`),
      ...LEFT,
    ]);

    const [array, gather] = await site.calls();
    const both = /--requeue --open-mode=append .*--cpus-per-task=1 --mem=1500M/;
    assert.match(array, both);
    assert.match(array, /--array=0-2 .* --threads 1 --memory 1125MiB /);
    assert.match(gather, both);
    assert.match(gather, /--dependency=afterok:100 --kill-on-invalid-dep=yes/);
  });
});

Deno.test("slurm-array.sh: what fails for good fails alone, and the same command goes on", async () => {
  await withFolder(async (folder) => {
    const site = await Site.create(folder, 9);
    await failing(folder, 0, 1);
    await failing(folder, 1, 3, 3);
    const failed = await site.slurmArray([], { TRIES: "2" });
    assert.equal(failed.code, 0, said(failed));
    assert.deepEqual(await site.tries(), [1, 2, 1]);
    const gather = await Deno.readTextFile(`${folder}/slurm/job.200`);
    assert.equal(gather, "CANCELLED\n");
    const before = await manifests(site);
    assert.deepEqual([...before.keys()], ["2.json"]);
    assert.ok(!(await listing(site.data)).includes("out.vcf.gz"));

    await failing(folder, "gather", 1);
    assert.equal((await site.slurmArray()).code, 0);
    assert.deepEqual(await site.tries(), [2, 3, 2]);
    const after = await manifests(site);
    assert.equal(after.size, SHARDS);
    for (const [name, made] of before) assert.equal(after.get(name), made, `${name} made again`);

    assert.equal((await site.slurmArray()).code, 0);
    await site.assertConverted([]);
  });
});

/** The manifests of the shards that are done, and when they were written. */
async function manifests(site: Site): Promise<Map<string, number>> {
  const folder = `${site.data}/out.vcf.gz.run/shards`;
  const names = (await listing(folder)).filter((name) => name.endsWith(".json"));
  return new Map(names.map((name) => [name, Deno.statSync(`${folder}/${name}`).mtime!.getTime()]));
}

Deno.test("slurm-array.sh: a bad row is named, is not tried again, and can be mended", async () => {
  await withFolder(async (folder) => {
    // The one cell of the matrix is that of the last shard.
    const site = await Site.create(folder, 0.01), matrix = `${site.data}/a matrix.tsv`;
    const rows = await Deno.readTextFile(matrix), lines = rows.split("\n").length;
    await Deno.writeTextFile(matrix, `${rows}1\tno position\n`);
    assert.equal((await site.slurmArray()).code, 0);
    assert.deepEqual(await site.tries(), [1, 1, 1]);
    assert.ok((await site.log("shard-2")).includes(`a matrix.tsv:${lines}: `), "the line's number");
    assert.equal(await Deno.readTextFile(`${folder}/slurm/job.200`), "CANCELLED\n");

    await Deno.writeTextFile(matrix, rows);
    assert.equal((await site.slurmArray()).code, 0);
    await site.assertConverted([]);
  });
});

Deno.test("slurm-array.sh: the name of the output says what it is", async () => {
  await withFolder(async (folder) => {
    const site = await Site.create(folder, 0.01);
    const { code, stderr } = await site.slurmArray([], {}, "out.bcf");
    assert.equal(code, 2);
    assert.match(stderr, /bcftools view -Ob/);
    await site.slurmArray([], {}, "out.vcf");
    assert.match(await Deno.readTextFile(`${site.data}/out.vcf`), /^##fileformat=VCF/);
  });
});

Deno.test("slurm-array.sh: what cannot be cut is not submitted", async () => {
  await withFolder(async (folder) => {
    const site = await Site.create(folder, 0.01);
    await Deno.remove(`${site.data}/a matrix.tsv`);
    const { code, stderr } = await site.slurmArray();
    assert.equal(code, 1);
    assert.match(stderr, /^error: .*a matrix\.tsv/);
    assert.deepEqual(await listing(`${folder}/slurm`), []);
    const missing = await site.slurmArray([], { MATRIX2VCF: "/nowhere/matrix2vcf" });
    assert.equal(missing.code, 2);
    assert.equal(
      missing.stderr,
      "error: /nowhere/matrix2vcf is not there; put it on the PATH or name it by MATRIX2VCF\n",
    );
  });
});

/** What scontrol says of a job in a state. */
function answer(state: string): string {
  return `JobId=7 JobName=a JobState=FAILED b
   UserId=me(1000) GroupId=me(1000) MCS_label=N/A
   Priority=4294901759 Nice=0 Account=(null) QOS=(null)
   JobState=${state} Reason=None Dependency=(null)
   Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
`;
}

/** What Snakemake is to be told of each state of a job. */
const STATES = {
  success: ["COMPLETED"],
  failed: [
    ...["BOOT_FAIL", "CANCELLED", "DEADLINE", "FAILED", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT"],
  ],
  running: [
    ...["PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED", "NODE_FAIL"],
    ...["REQUEUE_HOLD", "SPECIAL_EXIT", "STAGE_OUT"],
  ],
};

Deno.test("status.sh: what scontrol answers is success, failed or running", async () => {
  await withFolder(async (folder) => {
    for (const [said, states] of Object.entries(STATES)) {
      for (const state of states) {
        await Deno.writeTextFile(`${folder}/answer.7`, answer(state));
        assert.equal(await status(folder, "7;cluster"), said, state);
      }
    }
    assert.deepEqual(await listing(folder), ["answer.7"]);
  });
});

Deno.test("status.sh: an answer that stays empty is a failure after 10 minutes, for each job apart", async () => {
  await withFolder(async (folder) => {
    const at = (seconds: number, job: string) => status(folder, job, 1_800_000_000 + seconds);
    // Many callers at once for two jobs: the first sets the time of its job.
    const first = await Promise.all(["7", "8", "7", "8", "7"].map((job) => at(0, job)));
    assert.deepEqual(first, Array(5).fill("running"));
    assert.equal(await at(300, "9"), "running");
    assert.equal(await at(599, "7"), "running");

    await Deno.writeTextFile(`${folder}/answer.8`, answer("RUNNING"));
    assert.equal(await at(599, "8"), "running");
    await Deno.remove(`${folder}/answer.8`);

    assert.equal(await at(600, "7"), "failed");
    assert.equal(await at(600, "8"), "running", "it was heard of 1 second ago");
    assert.equal(await at(600, "9"), "running", "it was asked for 5 minutes ago");
    assert.equal(await at(900, "9"), "failed");
    assert.equal(await at(1200, "8"), "failed");
    assert.deepEqual(await listing(`${folder}/.snakemake/cluster-status`), []);
  });
});

/** Asks status.sh for a job, at a time in seconds; answers of scontrol lie in the folder. */
async function status(folder: string, job: string, seconds?: number): Promise<string> {
  const path = [filePath("tests/cluster/fake_slurm"), Deno.env.get("PATH")];
  if (seconds !== undefined) {
    const clock = await Deno.makeTempDir({ dir: folder, prefix: ".clock" });
    await Deno.writeTextFile(`${clock}/date`, `#!/bin/sh\necho ${seconds}\n`, { mode: 0o755 });
    path.unshift(clock);
  }
  const env = { FAKE_SLURM: folder, PATH: path.join(":") };
  const result = await run(filePath("tasks/cluster/status.sh"), [job], "", { cwd: folder, env });
  assert.equal(result.code, 0, said(result));
  return result.stdout.trimEnd();
}
