/**
 * Damages of files that were whole.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Dice } from "./settings.ts";

/** A damage of a file. */
export const DAMAGES: readonly {
  name: string;
  weight: number;
  apply: (bytes: Uint8Array, dice: Dice) => Uint8Array;
}[] = [
  { name: "a bit flipped", weight: 6, apply: flip },
  {
    name: "three bits flipped",
    weight: 1,
    apply: (bytes, dice) => flip(flip(flip(bytes, dice), dice), dice),
  },
  { name: "cut", weight: 3, apply: (bytes, dice) => bytes.subarray(0, dice.below(bytes.length)) },
  { name: "something behind", weight: 1, apply: behind },
  {
    name: "a piece of zeros",
    weight: 1,
    apply(bytes, dice) {
      const at = dice.below(bytes.length);
      return bytes.slice().fill(0, at, at + 1 + dice.below(512));
    },
  },
  {
    name: "a piece lost",
    weight: 1,
    apply(bytes, dice) {
      const at = dice.below(bytes.length);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(200))]);
    },
  },
];

function flip(bytes: Uint8Array, dice: Dice): Uint8Array {
  const flipped = bytes.slice();
  flipped[dice.below(bytes.length)] ^= 1 << dice.below(8);
  return flipped;
}

function behind(bytes: Uint8Array, dice: Dice): Uint8Array {
  const more = dice.pick([[0x1f, 0x8b], [0x1f, 0x8b, 8, 0], [65, 10], [0], Array(600).fill(0)]);
  return Buffer.concat([bytes, Uint8Array.from(more)]);
}
