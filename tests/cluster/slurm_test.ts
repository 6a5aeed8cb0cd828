/**
 * The recipes of `tasks/cluster/` on a real Slurm of two nodes, which are killed and cut off while
 * they work. `--megabytes N` is the size of the matrix.
 *
 * @module
 */
import assert from "node:assert/strict";
import { filePath, listing, withFolder } from "../helpers/cli.ts";
import {
  assertSameOutput,
  failing,
  flakyLauncherIn,
  launcherIn,
  LEFT,
  must,
  said,
  writeMatrix,
} from "./program.ts";
import { noClusterNote, type Process, processes, SlurmCluster } from "./slurm_cluster.ts";

const MEGABYTES = Number(/--megabytes (\d+)/.exec(Deno.args.join(" "))?.[1] ?? 300);

/** Seconds within which a cluster has to notice a lost node, and to do its work again. */
const PATIENCE = 240;

/** A matrix, what one run makes of it, and a cluster to make it on. */
class Lab {
  readonly plan: string;

  constructor(
    readonly folder: string,
    readonly matrix: string,
    readonly one: string,
    readonly cluster: SlurmCluster,
    readonly program: string,
  ) {
    this.plan = `${folder}/out.vcf.gz.run/plan.json`;
  }

  /** What a command of a user is told about the machines here. */
  get #env(): Record<string, string> {
    const own = { THREADS: "1", MEMORY: "1500", TMPDIR: `${this.folder}/tmp` };
    return { ...own, MATRIX2VCF: this.program };
  }

  run(...command: string[]) {
    return this.cluster.run(this.folder, command, this.#env);
  }

  /** Submits `slurm-array.sh`; returns the numbers of its two jobs. */
  async submit(shards: number): Promise<{ array: string; gather: string }> {
    const recipe = filePath("tasks/cluster/slurm-array.sh");
    const result = await this.run(recipe, this.matrix, String(shards), "out.vcf.gz");
    const [, array, gather] = /^shards: job (\d+), gather: job (\d+),/.exec(result.stdout) ??
      assert.fail(said(result));
    return { array, gather };
  }

  log(shard: string): string {
    return Deno.readTextFileSync(`${this.folder}/out.vcf.gz.run/log/shard-${shard}.log`);
  }

  isDone(shard: string): boolean {
    return exists(this.#manifest(shard));
  }

  /** Tells one manifest of a shard from another. */
  madeAt(shard: string): string {
    const { ino, mtime } = Deno.statSync(this.#manifest(shard));
    return `${ino} ${mtime!.getTime()}`;
  }

  #manifest(shard: string): string {
    return `${this.folder}/out.vcf.gz.run/shards/${shard}.json`;
  }

  /** Waits until a shard is being read, and written, on one of the nodes. It then stands still, so that it cannot end. */
  async stoppedShard(...nodes: string[]): Promise<Victim> {
    const victim = await until(`a shard on ${nodes}`, () => {
      for (const node of nodes) {
        const found = this.cluster.processes(node).find((process) => this.#isShard(process));
        if (found && this.#reads(found) && this.#writes(node)) {
          return { ...found, node, shard: found.args.at(-1)! };
        }
      }
    });
    Deno.kill(victim.pid, "SIGSTOP");
    const environment = await Deno.readTextFile(`/proc/${victim.pid}/environ`);
    const job = /(?:^|\0)SLURM_JOB_ID=(\d+)/.exec(environment)![1];
    const { JobState, NodeList } = await this.cluster.job(job);
    assert.deepEqual({ JobState, NodeList }, { JobState: "RUNNING", NodeList: victim.node });
    assert.ok(!this.isDone(victim.shard), "it stands still before its end");
    return { ...victim, job };
  }

  #isShard({ args }: Process): boolean {
    return args.includes("shard") && args.some((arg) => arg.endsWith("main.ts")) &&
      args.some((arg) => this.plan.endsWith(arg));
  }

  #reads({ pid }: Process): boolean {
    try {
      return [...Deno.readDirSync(`/proc/${pid}/fd`)]
        .some(({ name }) => Deno.readLinkSync(`/proc/${pid}/fd/${name}`) === this.matrix);
    } catch {
      return false;
    }
  }

  /** Whether something half-made of a node is there. */
  #writes(node: string): boolean {
    return [...Deno.readDirSync(`${this.folder}/out.vcf.gz.run/shards`)]
      .some(({ name }) => name.startsWith(`.matrix2vcf-${node}-`));
  }

  /** Waits until a job has a state that it keeps. */
  async ends(job: string): Promise<string> {
    return await until(`the end of job ${job}`, async () => {
      const { JobState } = await this.cluster.job(job);
      return !/^(?:PENDING|RUNNING|COMPLETING|CONFIGURING)$/.test(JobState) && JobState;
    });
  }

  async assertIdentical(): Promise<void> {
    await assertSameOutput(`${this.folder}/out.vcf.gz`, this.one);
    const left = await listing(`${this.folder}/out.vcf.gz.run`);
    assert.deepEqual(left.filter((name) => !name.startsWith("log/")), LEFT);
  }
}

/** A process that is at work on a shard. */
interface Victim extends Process {
  shard: string;
  job: string;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}

/** Waits until a condition has a value. */
async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = performance.now() + PATIENCE * 1000;
  while (performance.now() < end) {
    const value = await condition();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited ${PATIENCE} s for ${what} in vain`);
}

/** Runs a test in a laboratory of its own; afterwards nothing of its cluster is left. */
function inLab(
  name: string,
  { megabytes = MEGABYTES, flaky = false, tools = [] as string[] },
  test: (lab: Lab) => Promise<void>,
): void {
  const note = noClusterNote(...tools);
  Deno.test({
    name: name + note,
    ignore: note !== "",
    fn: () =>
      withFolder(async (folder) => {
        const matrix = `${folder}/a matrix.tsv`, one = `${folder}/one.vcf.gz`;
        await Deno.mkdir(`${folder}/tmp`);
        const program = await (flaky ? flakyLauncherIn(folder) : launcherIn(folder));
        await writeMatrix(matrix, megabytes);
        await must(program, ["convert", matrix, "-o", one, "--quiet"]);
        {
          await using cluster = await SlurmCluster.start(`${folder}/slurm`);
          await test(new Lab(folder, matrix, one, cluster, program));
        }
        const left = processes().filter(({ args }) => args.some((arg) => arg.includes(folder)));
        assert.deepEqual(left, []);
      }),
  });
}

/** The nodes on which shards were begun, by the logs of the shards. */
function nodesOf(log: string): string[] {
  return [...log.matchAll(/ on (\w+), try \d of 3: begins$/gm)].map(([, node]) => node);
}

inLab(
  "Slurm: an array of 8 on two nodes, one is killed at work, one run's output",
  {},
  async (lab) => {
    const { array, gather } = await lab.submit(8);
    const victim = await lab.stoppedShard("n2");
    lab.cluster.kill("n2");
    const killed = performance.now();
    await until("the death of the shard", () => !exists(`/proc/${victim.pid}`));
    assert.ok(!lab.isDone(victim.shard), "it was at work when its node was killed");

    assert.equal(await lab.ends(gather), "COMPLETED");
    const seconds = ((performance.now() - killed) / 1000).toFixed(0);
    console.log(`n2 was killed at shard ${victim.shard}; the output was there ${seconds} s later`);
    await lab.assertIdentical();

    const shards = Array.from({ length: 8 }, (_, shard) => String(shard));
    const nodes = new Map(shards.map((shard) => [shard, nodesOf(lab.log(shard))]));
    assert.deepEqual(new Set([...nodes.values()].flat()), new Set(["n1", "n2"]));
    for (const shard of shards) {
      const job = await lab.cluster.job(`${array}_${shard}`);
      const restarts = shard === victim.shard ? 1 : 0;
      assert.deepEqual([job.JobState, job.Restarts], ["COMPLETED", String(restarts)], shard);
      assert.equal(job.NodeList, nodes.get(shard)!.at(-1), shard);
      assert.equal(nodes.get(shard)!.length, 1 + restarts, shard);
    }
    assert.deepEqual(nodes.get(victim.shard), ["n2", "n1"]);
  },
);

/** Submits two shards, and cuts n2 off from the network while it stands still at its shard. */
async function cutOffShard(lab: Lab): Promise<{ first: Victim; gather: string }> {
  const { gather } = await lab.submit(2);
  // The shards go away when they are gathered.
  await lab.cluster.control("hold", gather);
  const first = await lab.stoppedShard("n2");
  await lab.cluster.cutOff("n2");
  return { first, gather };
}

/** Waits until two tries of a shard have ended well, and has the shards gathered. */
async function bothEnd(lab: Lab, shard: string, gather: string): Promise<void> {
  const ends = () => lab.log(shard).match(/exit code 0$/gm)?.length;
  await until("the end of both tries", () => ends() === 2);
  assert.deepEqual(nodesOf(lab.log(shard)), ["n2", "n1"]);
  await lab.cluster.control("release", gather);
  assert.equal(await lab.ends(gather), "COMPLETED");
  await lab.assertIdentical();
}

inLab(
  "Slurm: a node that is cut off ends its shard, the next try finds it done",
  {},
  async (lab) => {
    const { first, gather } = await cutOffShard(lab);
    Deno.kill(first.pid, "SIGCONT");
    await until("the end of the shard", () => lab.isDone(first.shard));
    const made = lab.madeAt(first.shard);
    assert.equal((await lab.cluster.job(first.job)).Restarts, "0");
    await until("the next try", () => nodesOf(lab.log(first.shard)).length === 2);
    await until("its end", async () => (await lab.cluster.job(first.job)).JobState === "COMPLETED");
    assert.equal(lab.madeAt(first.shard), made, "the first try's shard stays");
    await bothEnd(lab, first.shard, gather);
  },
);

inLab("Slurm: a node is cut off, and both tries of its shard end at one time", {}, async (lab) => {
  const { first, gather } = await cutOffShard(lab);
  // The node that is left ends its own shard before it gets the other one.
  const own = await lab.stoppedShard("n1");
  Deno.kill(own.pid, "SIGCONT");
  await until("the end of the other shard", () => !exists(`/proc/${own.pid}`));
  const second = await lab.stoppedShard("n1");
  assert.deepEqual([second.shard, second.job], [first.shard, first.job]);
  assert.ok(exists(`/proc/${first.pid}`), "the first try is still there");
  for (const { pid } of [second, first]) Deno.kill(pid, "SIGCONT");
  await bothEnd(lab, first.shard, gather);
});

inLab(
  "Slurm: bad input and scancel end a task, a failure of the machine does not",
  { megabytes: 17, flaky: true },
  async (lab) => {
    // The last task has the number of the whole array as its own.
    const tries = () => ["0", "1", "2", "3"].map((shard) => nodesOf(lab.log(shard)).length);
    await failing(lab.folder, 3, 1);
    const bad = await lab.submit(4);
    assert.equal(await lab.ends(bad.gather), "CANCELLED");
    assert.equal(await lab.ends(`${bad.array}_3`), "FAILED");
    assert.deepEqual(tries(), [1, 1, 1, 1]);
    assert.deepEqual(["0", "1", "2", "3"].map((shard) => lab.isDone(shard)), [
      true,
      true,
      true,
      false,
    ]);

    const cancelled = await lab.submit(4);
    // It stands still until Slurm sends SIGCONT and SIGTERM.
    await lab.stoppedShard("n1", "n2");
    assert.equal((await lab.run("scancel", cancelled.array)).code, 0);
    assert.equal(await lab.ends(`${cancelled.array}_3`), "CANCELLED");
    assert.equal(await lab.ends(cancelled.gather), "CANCELLED");
    assert.deepEqual(tries(), [2, 2, 2, 2]);
    const files = await listing(`${lab.folder}/out.vcf.gz.run/shards`);
    assert.deepEqual(files.filter((name) => /^3|^\./.test(name)), [], "it has cleaned up");

    await failing(lab.folder, 3, 3, 143);
    const { array, gather } = await lab.submit(4);
    assert.equal(await lab.ends(gather), "COMPLETED");
    assert.equal((await lab.cluster.job(`${array}_3`)).Restarts, "2");
    assert.deepEqual(tries(), [3, 3, 3, 5]);
    await lab.assertIdentical();
  },
);

inLab(
  "Snakemake on Slurm: a node is killed at work, one run's output",
  { tools: ["snakemake"] },
  async (lab) => {
    const recipes = filePath("tasks/cluster");
    const config = [`matrix=${lab.matrix}`, "n=4", "out=out.vcf.gz", "threads=1", "memory=1500"];
    const submit = "sbatch --parsable --requeue --open-mode=append --cpus-per-task={threads}" +
      " --mem={resources.mem_mb}";
    const whole = lab.run(
      ...["snakemake", "-s", `${recipes}/Snakefile`, "-j", "4", "--config", ...config],
      ...["--cluster", submit, "--cluster-status", `${recipes}/status.sh`, "--latency-wait", "60"],
    );
    const victim = await lab.stoppedShard("n2");
    lab.cluster.kill("n2");
    await until("the death of the shard", () => !exists(`/proc/${victim.pid}`));
    assert.ok(!lab.isDone(victim.shard), "it was at work when its node was killed");

    const result = await whole;
    assert.equal(result.code, 0, said(result));
    await lab.assertIdentical();
    const { JobState, Restarts, NodeList } = await lab.cluster.job(victim.job);
    assert.deepEqual([JobState, Restarts, NodeList], ["COMPLETED", "1", "n1"]);
    assert.doesNotMatch(result.stderr, /Error in rule/, "it was Slurm that started it again");
  },
);
