/**
 * Threads that are gone without a word, files that vanish, and interrupts while main waits: every wait
 * has an end, soon.
 */
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert } from "../../mod.ts";
import { gzipPieces } from "../../src/matrix/line_segments.ts";
import type { ProgressState } from "../../src/base/progress.ts";
import { CREDIT } from "../../src/output/calls.ts";
import { WorkerPool } from "../../src/threads/worker_pool.ts";
import { listing, withFolder } from "../helpers/cli.ts";

/** Milliseconds that a run may go on after what ends it. */
const PATIENCE = 5000;

/** Runs a function while all workers that are started are caught; what they are, in order. */
async function catchingWorkers<T>(use: (workers: Worker[]) => Promise<T>): Promise<T> {
  const workers: Worker[] = [], Original = globalThis.Worker;
  globalThis.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  try {
    return await use(workers);
  } finally {
    globalThis.Worker = Original;
  }
}

/** A matrix that takes about a second. */
function longMatrix(): string {
  const rows = Array.from({ length: 1_500_000 }, (_, row) => `1\t${row + 1}\tA\tG\tC\tA\tT\n`);
  return `CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\n${rows.join("")}`;
}

const long = longMatrix(), packed = gzipSync(long, { level: 1 });

const DEATHS: { who: string; worker: number; phase: ProgressState["phase"]; gzip?: boolean }[] = [
  { who: "a worker that tokenizes", worker: 0, phase: "ingest" },
  { who: "a worker that tokenizes gzip", worker: 0, phase: "ingest", gzip: true },
  { who: "the worker that stores", worker: 2, phase: "ingest" },
  { who: "a worker that formats", worker: 1, phase: "convert" },
];

for (const { who, worker, phase, gzip } of DEATHS) {
  Deno.test(`${who} is terminated: the run ends with an error, and leaves nothing`, () =>
    catchingWorkers((workers) =>
      withFolder(async (folder) => {
        const input = `${folder}/m.tsv${gzip ? ".gz" : ""}`;
        await Deno.writeFile(input, gzip ? packed : new TextEncoder().encode(long));
        let ended = Infinity;
        const run = convert({
          input,
          output: `${folder}/o.vcf`,
          threads: 2,
          onProgress(state) {
            if (state.phase !== phase || state.rows === 0 || ended < Infinity) return;
            ended = performance.now();
            workers[worker].terminate();
          },
        });
        await assert.rejects(run, { message: /^worker \d is gone without a word$/ });
        assert.ok(performance.now() - ended < PATIENCE);
        assert.deepEqual(await listing(folder), [input.slice(folder.length + 1)]);
      })
    ));
}

for (const phase of ["ingest", "convert"] as const) {
  for (const gzip of [false, true]) {
    Deno.test(`an interrupt in the phase ${phase} is heard at once${gzip ? ", gzip" : ""}`, () =>
      withFolder(async (folder) => {
        const input = `${folder}/m.tsv${gzip ? ".gz" : ""}`;
        await Deno.writeFile(input, gzip ? packed : new TextEncoder().encode(long));
        const interrupt = new AbortController();
        let asked = Infinity;
        const run = convert({
          input,
          output: `${folder}/o.vcf`,
          threads: 2,
          signal: interrupt.signal,
          onProgress(state) {
            if (state.phase !== phase || state.rows === 0 || asked < Infinity) return;
            asked = performance.now();
            interrupt.abort();
          },
        });
        await assert.rejects(run, { name: "AbortError" });
        assert.ok(performance.now() - asked < 2000);
        assert.deepEqual(await listing(folder), [input.slice(folder.length + 1)]);
      }));
  }
}

Deno.test("main's timers go on while rows come in", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, long);
    let last = performance.now(), worst = 0, ticks = 0, ingesting = false;
    const timer = setInterval(() => {
      const now = performance.now();
      if (ingesting) worst = Math.max(worst, now - last), ticks++;
      last = now;
    }, 5);
    await convert({
      input: `${folder}/m.tsv`,
      output: `${folder}/o.vcf`,
      threads: 2,
      onProgress: ({ phase, rows }) => ingesting = phase === "ingest" && rows > 0,
    });
    clearInterval(timer);
    // The INSERT on this thread kept it for as long as rows came in.
    assert.ok(ticks > 10, `${ticks} ticks`);
    assert.ok(worst < 250, `${worst} ms late`);
  }));

const LIVE = `navigator.locks.request(self.name, () => {
  self.postMessage({ living: true });
  return new Promise(() => {});
});`;
const ENDS = [
  ["closes itself", "self.close()"],
  ["exits", "Deno.exit(0)"],
];
for (const [name, code] of ENDS) {
  Deno.test(`a worker that ${name} while it is asked is noticed`, async () => {
    const source = `${LIVE} self.onmessage = () => { ${code}; };`;
    const pool = new WorkerPool(2, `data:application/javascript,${encodeURIComponent(source)}`);
    try {
      const asked = pool.callAll(CREDIT, () => undefined);
      await assert.rejects(asked, { message: /^worker \d is gone without a word$/ });
    } finally {
      await pool.close();
    }
  });
}

Deno.test("workers that a pool ends itself are not missed", async () => {
  const pool = new WorkerPool(3, new URL("../../src/worker.ts", import.meta.url));
  await pool.callAll(CREDIT, () => undefined);
  pool.keep(1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  await pool.call(0, CREDIT, undefined);
  await pool.close();
});

Deno.test("a gzip file that is gone when it is opened ends the run", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.tsv.gz`;
    const source = {
      path,
      shown: "m.tsv.gz",
      gzip: true,
      size: 9,
      start: 0,
      segmentBytes: 9,
      cellBytes: 9,
    };
    const read = async () => {
      for await (const _ of gzipPieces(source)) { /* read on */ }
    };
    await assert.rejects(read, { message: "m.tsv.gz: there is no such file" });
  });
});
