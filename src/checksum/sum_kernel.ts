/**
 * Lays out the memory of the kernel that sums genotypes, and takes the sums out of it.
 *
 * @module
 */
import { type Kernel, startKernel } from "../kernels/kernel.ts";
import { SUMS } from "../kernels/modules.ts";
import type { SumArrays } from "./sums.ts";

/** What `kernels/sums.ts` exports. */
export interface SumFunctions {
  layOut(
    samples: number,
    sums: number,
    called: number,
    alleles: number,
    mostAlleles: number,
    texts: number,
    textsEnd: number,
  ): void;
  useBcf(genotypeKey: number, contigs: number, count: number): void;
  useGroups(bases: number, contig: number): void;
  nextGroup(): void;
  beginSums(): void;
  sumLines(from: number, to: number): number;
  sumRecords(from: number, to: number): number;
  useCodes(
    missing: number,
    absent: number,
    ploidies: number,
    phased: number,
    homozygous: number,
  ): void;
  useAlleles(texts: number, lengths: number, count: number): number;
  useContig(at: number, length: number): void;
  sumRows(
    rows: number,
    codes: number,
    bytes: number,
    stride: number,
    pos: number,
    ref: number,
    refBytes: number,
  ): void;
  memory: WebAssembly.Memory;
  sites: WebAssembly.Global;
  records: WebAssembly.Global;
  next: WebAssembly.Global;
  contigAt: WebAssembly.Global;
  contigLength: WebAssembly.Global;
  position: WebAssembly.Global;
}

/** The first address that the kernel does not know. */
const FREE = 40960;
const PAGE = 65536;

/** The kernel with the sums of some samples, and a free part of its memory. */
export class SumKernel {
  readonly functions: SumFunctions;
  /** All memory; another array after it has grown. */
  memory: Uint8Array<ArrayBuffer>;
  /** First address that is nobody's. */
  readonly free: number;
  readonly #sums: number;
  readonly #called: number;
  readonly #alleles: number;

  /**
   * @param samples Number of samples.
   * @param mostAlleles Most alleles of a record, or of all rows of codes; one more is the missing one.
   */
  constructor(private readonly samples: number, private readonly mostAlleles: number) {
    this.#sums = FREE;
    this.#called = this.#sums + 16 * samples;
    this.#alleles = aligned(this.#called + 4 * samples);
    this.free = aligned(this.#alleles + 8 * mostAlleles);
    const { functions, memory }: Kernel<SumFunctions> = startKernel(SUMS, this.free);
    this.functions = functions;
    this.memory = memory;
  }

  /** Tells where texts of alleles go; what lies there is lost. */
  useTexts(from: number, to: number): void {
    this.reserve(to);
    const { functions, samples, mostAlleles } = this;
    functions.layOut(
      samples,
      this.#sums,
      this.#called,
      this.#alleles,
      mostAlleles,
      from,
      to,
    );
  }

  /** Makes the memory reach up to an address, and some bytes more that loads may touch. */
  reserve(to: number): void {
    const { memory } = this.functions, missing = to + 64 - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / PAGE));
    this.memory = new Uint8Array(memory.buffer as ArrayBuffer);
  }

  /** Returns the sums since the last call, and begins anew. */
  take(): SumArrays {
    const { functions, samples } = this, { buffer } = this.memory;
    const taken = {
      records: functions.records.value >>> 0,
      sites: BigInt.asUintN(64, functions.sites.value),
      called: new Uint32Array(buffer, this.#called, samples).slice(),
      sums: new BigUint64Array(buffer, this.#sums, 2 * samples).slice(),
    };
    functions.beginSums();
    return taken;
  }
}

/** Returns the next address at which all loads are fast. */
export function aligned(address: number): number {
  return (address + 63) & ~63;
}
