/**
 * Starts the kernels: loops over bytes with SIMD, in WebAssembly. Each has a memory of its own, into
 * which rows are copied and out of which results are, some 100 kB at a time.
 *
 * @module
 */

/** A kernel that is ready: its functions, and all of its memory. */
export interface Kernel<Functions> {
  functions: Functions;
  memory: Uint8Array<ArrayBuffer>;
}

const PAGE = 1 << 16;
/** Compiled once in each thread. */
const compiled = new Map<string, WebAssembly.Module>();

/**
 * Starts a kernel.
 *
 * @param module Its module in base 64, of `modules.ts`.
 * @param bytes Bytes of memory, at least.
 * @throws {WebAssembly.CompileError} This processor has no SIMD.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { startKernel } from "./kernel.ts";
 * import { ROWS } from "./modules.ts";
 * const { functions, memory } = startKernel<{ read: CallableFunction }>(ROWS, 100_000);
 * assert(functions.read(0, 0, 0) === 0 && memory.length === 2 << 16);
 * ```
 */
export function startKernel<Functions>(module: string, bytes: number): Kernel<Functions> {
  let code = compiled.get(module);
  if (!code) {
    code = new WebAssembly.Module(Uint8Array.from(atob(module), (char) => char.charCodeAt(0)));
    compiled.set(module, code);
  }
  const { exports } = new WebAssembly.Instance(code);
  const memory = exports.memory as WebAssembly.Memory;
  const more = Math.ceil((bytes - memory.buffer.byteLength) / PAGE);
  if (more > 0) memory.grow(more);
  return {
    functions: exports as Functions,
    memory: new Uint8Array(memory.buffer as ArrayBuffer),
  };
}

/** Lays out parts of a kernel's memory one after the other. */
export class MemoryLayout {
  /** Bytes that are given away. */
  length: number;

  /** @param first Bytes at the start that are not given away. */
  constructor(first: number) {
    this.length = first;
  }

  /** Returns the address of so many bytes, with room for one load of 32 bytes more after them. */
  take(bytes: number): number {
    const at = this.length;
    this.length += (bytes + 32 + 63) & ~63;
    return at;
  }
}

/**
 * Tells when it is worth asking a kernel again: after rows that it could not take, ever more rows go
 * without it.
 */
export class KernelTrust {
  #pause = 0;
  #left = 0;

  /** Tells whether the kernel is asked for the next row. */
  asks(): boolean {
    if (this.#left === 0) return true;
    this.#left--;
    return false;
  }

  /** Notes how many rows the kernel took before one that it could not take. */
  note(rows: number): void {
    if (rows >= WORTH) this.#pause = 0;
    else this.#left = this.#pause = Math.min(LONGEST_PAUSE, 2 * this.#pause + 1);
  }
}

/** Rows that a call must take to be worth it, and most rows that go without it afterwards. */
const WORTH = 4, LONGEST_PAUSE = 255;
