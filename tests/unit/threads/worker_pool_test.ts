/**
 * Workers that fail: none may hang the run.
 */
import assert from "node:assert/strict";
import { convert } from "../../../mod.ts";
import type { Call } from "../../../src/threads/worker_calls.ts";
import { WorkerPool } from "../../../src/threads/worker_pool.ts";
import { cliProcess, filePath, withFolder } from "../../helpers/cli.ts";

function workerModule(code: string): string {
  return `data:application/javascript,${encodeURIComponent(code)}`;
}

/** A question that no worker of ours is asked. */
const ASK: Call<number, number, number> = { name: "ask" };

const FAILURES = [
  {
    name: "reports an error",
    code: `self.onmessage = ({ data: { id } }) => self.postMessage({ id, failed:
      { name: "InputError", message: "m.tsv:3: no", detail: "no", at: { file: "m.tsv", line: 3 } } });`,
    error: { name: "InputError", message: "m.tsv:3: no" },
  },
  {
    name: "throws in a handler",
    code: `self.onmessage = () => { throw new Error("boom"); };`,
    error: /worker \d died: .*boom/,
  },
  { name: "throws when it loads", code: `throw new Error("no start");`, error: /no start/ },
  { name: "does not exist", code: `import "./no_such_module.js";`, error: /worker \d died/ },
];

for (const { name, code, error } of FAILURES) {
  Deno.test(`a worker that ${name} ends the run with its message`, async () => {
    const pool = new WorkerPool(2, workerModule(code));
    try {
      await assert.rejects(pool.callAll(ASK, (worker) => worker), error);
    } finally {
      await pool.close();
    }
  });
}

Deno.test("after a failure workers still close what they have open, each in its turn", async () => {
  const code = `self.onmessage = ({ data }) => "close" in data
    ? setTimeout(() => self.postMessage({ closed: true }), 200)
    : self.postMessage({ id: data.id, failed: { name: "Error", message: "no" } });`;
  const pool = new WorkerPool(2, workerModule(code));
  await assert.rejects(pool.call(0, ASK, 7), /no/);
  const begun = performance.now();
  await pool.close();
  assert.ok(performance.now() - begun >= 190);
});

Deno.test("answers find their questions, whatever their order; parts come before them", async () => {
  const code = `self.onmessage = ({ data: { id, ask, close } }) => {
    if (close) return self.postMessage({ closed: true });
    self.postMessage({ id, part: ask + 1 });
    setTimeout(() => self.postMessage({ id, answer: ask * 2 }), 20 - ask);
  };`;
  const pool = new WorkerPool(1, workerModule(code));
  const parts: number[] = [];
  const onPart = (part: number) => void parts.push(part);
  const calls = [3, 9, 15].map((ask) => pool.call(0, ASK, ask, { onPart }));
  assert.equal(pool.busy, 1);
  assert.deepEqual(await Promise.all(calls), [6, 18, 30]);
  assert.deepEqual(parts, [4, 10, 16]);
  assert.equal(pool.busy, 0);
  await pool.close();
});

Deno.test("a pool keeps as many workers as it is told", async () => {
  const code = `self.onmessage = ({ data: { id, ask } }) =>
    self.postMessage(id ? { id, answer: ask } : { closed: true });`;
  const pool = new WorkerPool(3, workerModule(code));
  pool.keep(5);
  assert.equal(pool.size, 3);
  pool.keep(1);
  assert.equal(pool.size, 1);
  assert.deepEqual(await pool.callAll(ASK, (worker) => worker + 5), [5]);
  await pool.close();
});

Deno.test("a damaged database ends the run, and nothing is written", async () => {
  await withFolder(async (folder) => {
    const input = filePath("data/genome_matrix.tsv");
    const header = filePath("data/genome_matrix_header.txt");
    const database = `${folder}/keep.duckdb`;
    await convert({ input, header, output: `${folder}/a.vcf`, database, threads: 1 });
    using file = await Deno.open(database, { read: true, write: true });
    const { size } = await file.stat();
    // The blocks of the records come first; the headers are left alone.
    for (let offset = 3 * 4096 + 100; offset < size; offset += 4096) {
      await file.seek(offset, Deno.SeekMode.Start);
      await file.write(new Uint8Array(64).fill(0xa5));
    }
    const args = ["convert", "keep.duckdb", "-o", "b.vcf", "--quiet"];
    const { code, stderr } = await cliProcess(args, { cwd: folder });
    assert.equal(code, 1);
    assert.match(stderr, /^error: [^\n]*\n$/);
    await assert.rejects(Deno.stat(`${folder}/b.vcf`), Deno.errors.NotFound);
  });
});
