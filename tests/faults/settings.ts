/**
 * What all fault tests are told: how much, and by which seed. `deno task test:faults` runs a slice;
 * `--full` runs the numbers of `docs/reliability.md`; `--seed N` draws others; `--case N` runs one
 * case of the fuzzer, and `--case N --count M` runs M from there.
 *
 * @module
 */
import { Sfc32 } from "../../src/generate/random.ts";

/** True where the numbers of the promises are asked for, and not a slice of them. */
export const FULL = Deno.args.includes("--full");

/** The seed of everything that is drawn. */
export const SEED = numberAfter("--seed") ?? 26;

/** The one case of the fuzzer that is asked for, or the first and the number of some. */
export const CASE = numberAfter("--case"), COUNT = numberAfter("--count") ?? 1;

/** Returns how many there are to be. */
export function many(slice: number, full: number): number {
  return FULL ? full : slice;
}

function numberAfter(flag: string): number | undefined {
  const at = Deno.args.indexOf(flag);
  if (at < 0) return undefined;
  const value = Number(Deno.args[at + 1]);
  if (!Number.isSafeInteger(value)) throw new Error(`${flag} needs a whole number`);
  return value;
}

/** Numbers to make choices with; each stream and case has its own, so each can be run alone. */
export class Dice extends Sfc32 {
  constructor(stream: string, public readonly number: number) {
    super();
    const name = [...stream].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0) | 0, 7);
    this.start(SEED, name, number);
  }

  /** Returns one of a list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }

  /** Returns one of a list in which each has a weight. */
  weighted<T extends { weight: number }>(list: readonly T[]): T {
    let at = this.share() * list.reduce((sum, { weight }) => sum + weight, 0);
    return list.find(({ weight }) => (at -= weight) < 0) ?? list[0];
  }
}

/** Counts of what came of cases, to be printed and compared with what there must be. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  names(): string[] {
    return [...this.#counts.keys()];
  }

  /** Returns the sum over all names that a pattern fits. */
  sum(pattern: RegExp): number {
    return this.names().filter((name) => pattern.test(name))
      .reduce((sum, name) => sum + this.of(name), 0);
  }

  toString(): string {
    return [...this.#counts].sort().map(([what, count]) => `${what} ${count}`).join(", ");
  }
}
