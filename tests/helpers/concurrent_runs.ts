/**
 * Rounds of runs that want the same names at once, for `concurrent_test.ts`, and in numbers:
 * `deno run -A --v8-flags=--expose-gc tests/helpers/concurrent_runs.ts 100`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { convert } from "../../mod.ts";
import { generateMatrix } from "../../src/generate/generate.ts";
import { startCli, withFolder } from "./cli.ts";

/** A matrix, and what a run that is alone makes of it. */
export interface Matrix {
  path: string;
  /** Hashes of `o.vcf`, `o.vcf.gz` and the files beside them, by name. */
  alone: Record<string, string>;
}

/** What came of a run: `own` output, or words of the one line that says why there is none. */
export type Outcome = string;

const SKIP = ["--on-bad-row", "skip"];
const FILES = ["o.vcf", "o.vcf.rejects.tsv", "o.vcf.gz", "o.vcf.gz.tbi", "o.vcf.gz.rejects.tsv"];

/**
 * Lays out matrices, each with a bad row of its own, and runs each alone.
 *
 * @param rows Rows of those with 16 samples; the others have a few more.
 * @param shapes Samples of each matrix.
 */
export async function layMatrices(
  folder: string,
  rows: number,
  shapes = [16, 16, 16, 9, 30],
): Promise<Matrix[]> {
  const matrices: Matrix[] = [];
  for (const [seed, samples] of shapes.entries()) {
    const path = `${folder}/m${seed}.tsv`, count = rows + (samples === 16 ? 0 : seed);
    using file = await Deno.open(path, { write: true, createNew: true });
    for (const block of generateMatrix({ rows: count, samples, seed })) await writeAll(file, block);
    await writeAll(file, new TextEncoder().encode(`bad row of ${seed}\n`));
    const own = `${folder}/alone${seed}`;
    await Deno.mkdir(own);
    for (const output of ["o.vcf", "o.vcf.gz"]) {
      await convert({ input: path, output: `${own}/${output}`, onBadRow: "skip", threads: 0 });
    }
    const hashes = FILES.map(async (name) => [name, await hash(`${own}/${name}`)]);
    matrices.push({ path, alone: Object.fromEntries(await Promise.all(hashes)) });
    await Deno.remove(own, { recursive: true });
  }
  return matrices;
}

/**
 * Starts a run of each matrix with one database that does not exist yet.
 *
 * @param stopped Stops all runs as soon as the name is there, has another table take the name, and
 * lets them go on one after the other, the last first.
 */
export async function makers(matrices: readonly Matrix[], stopped: boolean): Promise<Outcome[]> {
  return await withFolder(async (folder) => {
    const other = `${folder}/other.duckdb`;
    if (stopped) await madeFrom(matrices.at(-1)!, other);
    const runs = matrices.map(({ path }, index) => {
      return start(
        ["convert", path, "-o", `${index}/o.vcf`, "--database", "k.duckdb"],
        folder,
        index,
      );
    });
    if (stopped) {
      await appears(folder, (name) => name === "k.duckdb");
      for (const run of runs) run.signal("SIGSTOP");
      await Deno.rename(other, `${folder}/k.duckdb`);
      for (const run of runs.toReversed()) {
        run.signal("SIGCONT");
        await run.ended;
      }
    }
    const outcomes = runs.map((run, index) => run.outcome(matrices[index], FILES.slice(0, 2)));
    const left = async () => (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    const all = await Promise.all(outcomes);
    assert.deepEqual((await left()).filter((name) => !/^(\d|k\.duckdb)$/.test(name)), []);
    return all;
  });
}

/**
 * Starts a run that reuses a table, takes the table away under it, and has another run make one of
 * that name.
 */
export async function reuserAndMaker(reused: Matrix, made: Matrix): Promise<Outcome[]> {
  return await withFolder(async (folder) => {
    await madeFrom(reused, `${folder}/k.duckdb`);
    const args = (matrix: Matrix, index: number) => {
      return ["convert", matrix.path, "-o", `${index}/o.vcf`, "--database", "k.duckdb"];
    };
    const reuser = start(args(reused, 0), folder, 0);
    // A run that has made its work folder looks at the table next.
    await appears(`${folder}/0`, (name) => name.startsWith(".matrix2vcf-"));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    reuser.signal("SIGSTOP");
    await Deno.remove(`${folder}/k.duckdb`);
    const maker = start(args(made, 1), folder, 1);
    await maker.ended;
    reuser.signal("SIGCONT");
    return await Promise.all([
      reuser.outcome(reused, FILES.slice(0, 2)),
      maker.outcome(made, FILES.slice(0, 2)),
    ]);
  });
}

/** Starts two runs with one output and one profile, so that both are under way at one time. */
export async function oneOutput(first: Matrix, second: Matrix): Promise<Outcome[]> {
  return await withFolder(async (folder) => {
    // The profile tells them apart by their budgets.
    const args = ({ path }: Matrix, memory: number) => {
      return ["convert", path, "-o", "o.vcf.gz", "--profile", "p.csv", "--memory", `${memory}`];
    };
    const one = start(args(first, 1e9), folder);
    await appears(folder, (name) => name.startsWith(".matrix2vcf-"));
    one.signal("SIGSTOP");
    const two = start(args(second, 1.1e9), folder);
    const begun = new Set<string>();
    await appears(folder, (name) => name.startsWith(".matrix2vcf-") && begun.add(name).size === 2);
    one.signal("SIGCONT");
    const [code] = [(await one.ended).code, (await two.ended).code];
    const [winner, loser] = code === 0 ? [one, two] : [two, one];
    const matrix = code === 0 ? first : second;
    assert.equal((await winner.ended).code, 0, (await winner.ended).stderr);
    const refusal = refused(await loser.ended);
    for (const name of FILES.slice(2)) {
      assert.equal(await hash(`${folder}/${name}`), matrix.alone[name], name);
    }
    const profile = (await Deno.readTextFile(`${folder}/p.csv`)).trim().split("\n");
    const budgets = new Set(profile.slice(1).map((line) => line.split(",").at(-1)));
    assert.deepEqual([...budgets], [code === 0 ? "1000000000" : "1100000000"]);
    const left = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
    assert.deepEqual(left.sort(), [...FILES.slice(2), "p.csv"].sort());
    return ["own", refusal];
  });
}

/** A run, with an output folder of its own where it has a number. */
function start(args: string[], folder: string, own?: number) {
  if (own !== undefined) Deno.mkdirSync(`${folder}/${own}`);
  const child = startCli([...args, ...SKIP, "--threads", "1", "--quiet"], folder);
  const decoder = new TextDecoder();
  const ended = child.output().then(({ code, stderr }) => {
    return { code, stderr: decoder.decode(stderr) };
  });
  child.stdin.close();
  return {
    ended,
    signal(signal: Deno.Signal): void {
      try {
        child.kill(signal);
      } catch (error) {
        // It has ended already.
        if (!(error instanceof TypeError)) throw error;
      }
    },
    /** Its files must be its own, and all there, or none of them. */
    async outcome({ alone }: Matrix, files: readonly string[]): Promise<Outcome> {
      const { code, stderr } = await ended;
      const there = (await Array.fromAsync(Deno.readDir(`${folder}/${own}`))).map(({ name }) =>
        name
      );
      if (code !== 0) {
        assert.deepEqual(there, []);
        return refused({ code, stderr });
      }
      assert.deepEqual(there.sort(), [...files]);
      for (const name of files) {
        assert.equal(await hash(`${folder}/${own}/${name}`), alone[name], `${own}/${name}`);
      }
      return "own";
    },
  };
}

function refused({ code, stderr }: { code: number; stderr: string }): Outcome {
  assert.equal(code, 1, stderr);
  const line = /^error: [^\n]*(made differently|made this|changed while|another run)[^\n]*\n$/;
  assert.match(stderr, line);
  return line.exec(stderr)![1];
}

/** Makes a table of a matrix, and nothing else. */
async function madeFrom({ path }: Matrix, database: string): Promise<void> {
  const output = await Deno.makeTempFile();
  await convert({ input: path, output, database, onBadRow: "skip", threads: 0 });
  for (const file of [output, `${output}.rejects.tsv`]) await Deno.remove(file);
}

/** Waits until a folder has a file of such a name. */
export async function appears(folder: string, wanted: (name: string) => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    for (const { name } of Deno.readDirSync(folder)) if (wanted(name)) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`nothing of that name came up in ${folder} within 20 s`);
}

async function hash(path: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
  return new Uint8Array(digest).toHex();
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 100);
  await withFolder(async (folder) => {
    for (const [size, rows] of [["small", 2000], ["50 MB", 700_000]] as const) {
      await Deno.mkdir(`${folder}/${rows}`);
      const all = await layMatrices(`${folder}/${rows}`, rows), [a, b, c, d, e] = all;
      const kinds: Record<string, () => Promise<Outcome[]>> = {
        "makers, one shape, one input twice": () => makers([a, b, a, c], false),
        "makers, other shapes": () => makers([a, d, b, e], false),
        "makers, one shape, stopped": () => makers([a, b, a, c], true),
        "makers, other shapes, stopped": () => makers([e, d, b, a], true),
        "reuser and maker, one shape": () => reuserAndMaker(a, b),
        "reuser and maker, other shape": () => reuserAndMaker(a, e),
        "one output": () => oneOutput(a, d),
      };
      for (const [kind, round] of Object.entries(kinds)) {
        const counts: Record<Outcome, number> = {}, begun = Date.now();
        const times = size === "small" ? rounds : Math.ceil(rounds / 5);
        for (let n = 0; n < times; n++) {
          for (const outcome of await round()) counts[outcome] = (counts[outcome] ?? 0) + 1;
        }
        const seconds = Math.round((Date.now() - begun) / 1000);
        console.log(`${size}, ${kind}: ${times} rounds, ${JSON.stringify(counts)}, ${seconds} s`);
      }
    }
  });
}
