/**
 * What Deno's workers do and leave out: ends without an event, locks, errors, shared memory.
 */
import assert from "node:assert/strict";
import { fact, pause, runModule } from "./fact.ts";

/** A worker that runs a source text. */
function startWorker(code: string, name = crypto.randomUUID()): Worker {
  const module = `data:application/javascript,${encodeURIComponent(code)}`;
  return new Worker(module, { type: "module", name });
}

/** The first message of a worker. */
function message(worker: Worker): Promise<unknown> {
  return new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data));
}

/** The part of `navigator.locks` that is used; Deno's types leave it out. */
interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; ifAvailable?: boolean },
    granted: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

const { locks } = navigator as unknown as { locks: Locks };

/** Holds the lock of its name for as long as it lives, and does `ending` when it is asked. */
const livesUntil = (ending: string) =>
  `navigator.locks.request(self.name, () => {
  self.postMessage("living");
  return new Promise(() => {});
});
self.onmessage = () => { ${ending} };`;

const ENDS = [
  { how: "closes itself", ending: "self.close()" },
  { how: "calls Deno.exit()", ending: "Deno.exit(3)" },
  { how: "is terminated", ending: "", terminate: true },
];

for (const { how, ending, terminate } of ENDS) {
  fact(`a worker that ${how} sends no event, but its Web Lock is released`, {
    reliedOnBy: "the watch over workers, which waits for a lock since no event comes",
    async check() {
      const name = crypto.randomUUID(), worker = startWorker(livesUntil(ending), name);
      assert.equal(await message(worker), "living");
      const events: string[] = [];
      for (const type of ["message", "messageerror", "error", "close", "exit"]) {
        worker.addEventListener(type, (event) => {
          event.preventDefault();
          events.push(type);
        });
      }
      const patience = AbortSignal.timeout(5000);
      let released = false;
      const watch = locks.request(name, { signal: patience }, () => released = true);
      await pause(20);
      assert.equal(released, false, "the lock is held while the worker lives");
      if (terminate) worker.terminate();
      else worker.postMessage("end");
      await watch;
      await pause(50);
      worker.terminate();
      assert.deepEqual(events, []);
    },
  });
}

/** Counts in shared memory, for a time of its own, until it is told to stop. */
const counts = (rest: string) =>
  `import { setImmediate } from "node:timers";
self.onmessage = async ({ data }) => {
  const words = new Int32Array(data);
  while (Atomics.load(words, 1) === 0) {
    Atomics.add(words, 0, 1);
    ${rest}
  }
};`;

/** Does a worker that counts go on after terminate()? */
async function countsOn(rest: string): Promise<boolean> {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = startWorker(counts(rest));
  worker.postMessage(words.buffer);
  while (Atomics.load(words, 0) === 0) await pause(2);
  worker.terminate();
  await pause(300);
  const before = Atomics.load(words, 0);
  await pause(100);
  const after = Atomics.load(words, 0);
  Atomics.store(words, 1, 1);
  return after !== before;
}

fact("terminate() does not end a worker that only awaits what is settled already", {
  reliedOnBy: "the workers that tokenize, which return to their event loop after each segment",
  check: async () => assert.equal(await countsOn("await undefined;"), true),
});

fact("terminate() ends a worker that awaits a setImmediate", {
  reliedOnBy: "the workers that tokenize, which use it to return to their event loop",
  check: async () => {
    assert.equal(await countsOn("await new Promise((resolve) => setImmediate(resolve));"), false);
  },
});

fact("Atomics.wait works on the main thread, and a worker's notify ends it", {
  reliedOnBy: "the batch rings, whose consumer is main where there are no workers to store",
  check() {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const worker = startWorker(`self.onmessage = ({ data }) => {
  const words = new Int32Array(data);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
};`);
    worker.postMessage(words.buffer);
    // The thread sleeps: a worker that needed this event loop would never come to notify.
    const ended = Atomics.wait(words, 0, 0, 5000);
    worker.terminate();
    assert.ok(ended === "ok" || ended === "not-equal", ended);
    assert.equal(words[0], 1);
  },
});

for (
  const { when, code } of [
    { when: "while it loads", code: `throw new RangeError("boom");` },
    { when: "in a handler", code: `self.onmessage = () => { throw new RangeError("boom"); };` },
    { when: "in a promise that nobody waits for", code: `Promise.reject(new RangeError("boom"));` },
  ]
) {
  fact(`what a worker throws ${when} arrives in onerror, and preventDefault() keeps main alive`, {
    reliedOnBy: "the pool of workers, which ends the run with the worker's message",
    async check() {
      const worker = startWorker(code);
      const arrived = new Promise<string>((resolve) => {
        worker.onerror = (event) => {
          event.preventDefault();
          resolve(event.message);
        };
      });
      worker.postMessage("begin");
      assert.match(await arrived, /boom/);
      worker.terminate();
    },
  });
}

fact("a worker's error that nobody prevents ends the process", {
  reliedOnBy: "the pool of workers, whose onerror calls preventDefault()",
  async check() {
    const { code, stdout } = await runModule(`const worker = new Worker(
  "data:application/javascript,throw new Error('boom')",
  { type: "module" },
);
worker.onerror = () => console.log("heard");
setTimeout(() => console.log("alive"), 5000);`);
    assert.deepEqual([code, stdout], [1, "heard"]);
  },
});

fact("an error of a class of our own arrives from a worker as a plain Error without its fields", {
  reliedOnBy: "the plain form of errors, which crosses threads instead",
  async check() {
    const worker = startWorker(`class InputError extends Error {
  name = "InputError";
  detail = "what was found";
}
self.postMessage(new InputError("bad input"));`);
    const arrived = await message(worker) as Error & { detail?: string };
    worker.terminate();
    assert.deepEqual(
      [arrived.constructor, arrived.name, arrived.message, arrived.detail],
      [Error, "Error", "bad input", undefined],
    );
  },
});

fact("navigator.locks is there without flags, on main and in workers", {
  reliedOnBy: "the watch over workers",
  async check() {
    const { stdout } = await runModule(`const worker = new Worker(
  "data:application/javascript,self.postMessage(typeof navigator.locks.request)",
  { type: "module" },
);
worker.onmessage = ({ data }) => {
  console.log(typeof navigator.locks.request, data);
  worker.terminate();
};`);
    assert.equal(stdout, "function function");
  },
});

const SAYS_GC = `const worker = new Worker(
  "data:application/javascript,self.postMessage(typeof gc)",
  { type: "module" },
);
worker.onmessage = ({ data }) => {
  console.log(typeof gc, data, String(globalThis.gc?.({ type: "minor" })));
  worker.terminate();
};`;

for (
  const { what, flags, said } of [
    {
      what: "--v8-flags=--expose-gc gives gc() to main and to its workers",
      flags: ["--v8-flags=--expose-gc"],
      said: "function function undefined",
    },
    {
      what: "without a flag there is no gc()",
      flags: [],
      said: "undefined undefined undefined",
    },
  ]
) {
  fact(what, {
    reliedOnBy: "the collection of DuckDB's chunks, which asks for gc() and goes without it",
    check: async () => assert.equal((await runModule(SAYS_GC, flags)).stdout, said),
  });
}
