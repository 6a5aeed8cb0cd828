/**
 * One timer wakes a thread, however many ask for it.
 */

import assert from "node:assert/strict";
import { convert } from "../../../src/convert/convert.ts";
import { WakeUps } from "../../../src/threads/wake_ups.ts";

/** What runs of timers that repeat after `action`, watched from its start. */
async function leftAfter(action: (running: Set<unknown>) => unknown): Promise<number> {
  const { setInterval: set, clearInterval: clear } = globalThis;
  const running = new Set<unknown>();
  globalThis.setInterval = ((...args: Parameters<typeof set>) => {
    const timer = set(...args);
    running.add(timer);
    return timer;
  }) as typeof set;
  globalThis.clearInterval = (timer) => {
    running.delete(timer);
    clear(timer);
  };
  try {
    await action(running);
    return running.size;
  } finally {
    Object.assign(globalThis, { setInterval: set, clearInterval: clear });
  }
}

Deno.test("wake-ups are one timer, from the first who asks to the last who is done", async () => {
  const left = await leftAfter((running) => {
    const first = new WakeUps(), second = new WakeUps();
    assert.equal(running.size, 1);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    assert.equal(running.size, 1);
    second[Symbol.dispose]();
  });
  assert.equal(left, 0);
});

for (const threads of [0, 2]) {
  Deno.test(`wake-ups end with a conversion that starts ingest again, ${threads} threads`, async () => {
    const folder = await Deno.makeTempDir();
    const input = `${folder}/m.tsv`, output = `${folder}/m.vcf`;
    await Deno.writeTextFile(input, "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tACGT\n");
    const left = await leftAfter(async (running) => {
      for (let run = 0; run < 2; run++) {
        await convert({ input, output, threads });
        assert.equal(running.size, 0);
      }
    });
    assert.equal(left, 0);
    await Deno.remove(folder, { recursive: true });
  });
}
