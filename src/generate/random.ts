/**
 * Makes random numbers from a seed, the same on every machine.
 *
 * @module
 */

const TWO_32 = 2 ** 32;

/**
 * The small fast counter generator sfc32 by Chris Doty-Humphrey: 128 bits of state, no weak seeds.
 */
export class Sfc32 {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  /** Begins the stream that belongs to three whole numbers, of which the low 32 bits count. */
  start(a: number, b: number, c: number): void {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    this.#counter = 1;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** Returns a whole number from 0 to 2^32 - 1. */
  next(): number {
    const drawn = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + drawn) | 0;
    return drawn >>> 0;
  }

  /** Returns a number from 0 to 1, exclusive. */
  share(): number {
    return this.next() / TWO_32;
  }

  /** Returns a whole number from 0 to `limit`, exclusive. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  /** Returns true in this share of the calls: never for 0, always for 1. */
  chance(share: number): boolean {
    return this.share() < share;
  }
}

/**
 * Returns a permutation of 0 to `size`, exclusive, that is computed, not stored: a Feistel network
 * over a rectangle that holds `size` numbers. What falls outside `size` is sent through again.
 */
export function permutation(size: number, key: number): (index: number) => number {
  const width = Math.ceil(Math.sqrt(size));
  const height = Math.ceil(size / width);
  return (index) => {
    let at = index;
    do {
      let x = Math.floor(at / height);
      let y = at % height;
      for (let round = 0; round < 4; round += 2) {
        x = turn(x, mix(y ^ mix(key + round)), width);
        y = turn(y, mix(x ^ mix(key + round + 1)), height);
      }
      at = x * height + y;
    } while (at >= size);
    return at;
  };
}

/** Moves `at` around a circle of `size` places, by the part of it that 32 random bits give. */
function turn(at: number, bits: number, size: number): number {
  const moved = at + Math.floor((bits / TWO_32) * size);
  return moved < size ? moved : moved - size;
}

/** Scrambles 32 bits, one to one (constants found by the hash-prospector project). */
export function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
