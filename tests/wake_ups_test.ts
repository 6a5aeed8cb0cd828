/**
 * One timer wakes a thread, however many ask for it.
 */

import assert from "node:assert/strict";
import { startWakeUps, stopWakeUps } from "../src/wake_ups.ts";

Deno.test("wake-ups are one timer, from the first who asks to the last who is done", () => {
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
    startWakeUps();
    startWakeUps();
    assert.equal(running.size, 1);
    stopWakeUps();
    assert.equal(running.size, 1);
    stopWakeUps();
    assert.equal(running.size, 0);
  } finally {
    Object.assign(globalThis, { setInterval: set, clearInterval: clear });
  }
});
