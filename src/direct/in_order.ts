/**
 * Hands things on in the order of their numbers.
 *
 * @module
 */

/**
 * A queue of numbered things that come in any order and are handed on as 0, 1, 2 ...
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { InOrder } from "./in_order.ts";
 * const seen: string[] = [];
 * const queue = new InOrder((text: string) => seen.push(text));
 * queue.take(1, "b");
 * queue.take(0, "a");
 * assert(seen.join("") === "ab" && queue.next === 2);
 * ```
 */
export class InOrder<Thing> {
  /** Number of the thing that is handed on next. */
  next = 0;
  readonly #held = new Map<number, Thing>();

  /** @param use Receives the things. */
  constructor(private readonly use: (thing: Thing) => void) {}

  /** Takes a thing; each number comes once. */
  take(number: number, thing: Thing): void {
    this.#held.set(number, thing);
    for (let ready; (ready = this.#held.get(this.next)) !== undefined;) {
      this.#held.delete(this.next++);
      this.use(ready);
    }
  }
}
