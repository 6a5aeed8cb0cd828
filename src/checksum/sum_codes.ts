/**
 * Sums the genotypes of rows of codes, as they come to the formatter.
 *
 * @module
 */
import { ABSENT, MISSING } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";
import type { RecordRows, RowStyle } from "../vcf/row_formatter.ts";
import { SamplePhase } from "../vcf/sample_phase.ts";
import { aligned, SumKernel } from "./sum_kernel.ts";
import type { SumArrays } from "./sums.ts";

/** Bytes of codes that are summed at once, if a row fits, and most rows. */
const WINDOW = 1 << 16, MOST_ROWS = 2048;

/** The sums of rows of one style. The samples have no names here. */
export class CodeSums {
  readonly #kernel: SumKernel;
  readonly #phase: SamplePhase;
  /** True where cells tell the phase, so that each row has bits of its own. */
  readonly #hasPhase: boolean;
  readonly #samples: number;
  readonly #haplotypes: number;
  /** Addresses of bits, of the contig, and of what lies behind it. */
  readonly #bits: number;
  readonly #contig: number;
  #rest = 0;

  constructor(private readonly style: RowStyle) {
    const { alleles, samples, extras, homozygous } = style;
    const encoder = new TextEncoder(), texts = alleles.map((allele) => encoder.encode(allele));
    const bytes = texts.reduce((sum, { length }) => sum + length, 0);
    const kernel = new SumKernel(samples.length, alleles.length);
    this.#kernel = kernel;
    this.#samples = samples.length;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.#phase = new SamplePhase(style);
    this.#hasPhase = extras?.phase === true || extras?.sets === true;
    const put = aligned(kernel.free + bytes), ploidies = aligned(put + 4 * texts.length + bytes);
    this.#bits = aligned(ploidies + samples.length);
    this.#contig = aligned(this.#bits + Math.ceil(samples.length / 8));
    kernel.useTexts(kernel.free, put);
    this.#putAlleles(texts, put);
    kernel.reserve(this.#contig);
    kernel.memory.set(samples.map(({ ploidy }) => ploidy), ploidies);
    const absent = extras?.absent ? ABSENT : -1;
    kernel.functions.useCodes(MISSING, absent, ploidies, this.#bits, Number(homozygous));
    if (!this.#hasPhase) this.#putBits();
    kernel.functions.beginSums();
  }

  /** Puts the alleles at an address from which the kernel takes them. */
  #putAlleles(texts: readonly Uint8Array[], at: number): void {
    const kernel = this.#kernel, from = at + 4 * texts.length;
    kernel.reserve(from + texts.reduce((sum, { length }) => sum + length, 0));
    const view = new DataView(kernel.memory.buffer);
    let next = from;
    texts.forEach((text, code) => {
      view.setInt32(at + 4 * code, text.length, true);
      kernel.memory.set(text, next);
      next += text.length;
    });
    kernel.functions.useAlleles(from, at, texts.length);
  }

  /** Puts a bit for each sample: whether the order of its haplotypes is known. */
  #putBits(): void {
    const { memory } = this.#kernel, bits = this.#bits;
    memory.fill(0, bits, bits + Math.ceil(this.#samples / 8));
    for (let sample = 0; sample < this.#samples; sample++) {
      if (this.#phase.isOrdered(sample)) memory[bits + (sample >> 3)] |= 1 << (sample & 7);
    }
  }

  /** Goes on with another contig. */
  begin(contig: string): void {
    const kernel = this.#kernel, name = new TextEncoder().encode(contig);
    this.#rest = aligned(this.#contig + name.length);
    kernel.reserve(this.#rest);
    kernel.memory.set(name, this.#contig);
    kernel.functions.useContig(this.#contig, name.length);
  }

  /** Adds rows `from` to `to` (0-based, exclusive). */
  add(rows: RecordRows, from: number, to: number): void {
    if (!this.#hasPhase) return this.#add(rows, from, to);
    for (let row = from; row < to; row++) {
      this.#phase.take(rows, row);
      this.#putBits();
      this.#add(rows, row, row + 1);
    }
  }

  #add(rows: RecordRows, from: number, to: number): void {
    const width = rows.alleles.BYTES_PER_ELEMENT, refWidth = rows.ref.BYTES_PER_ELEMENT;
    const rowBytes = rows.stride * width;
    const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(WINDOW / rowBytes)));
    const pos = this.#rest, ref = aligned(pos + 4 * most), codes = aligned(ref + refWidth * most);
    const kernel = this.#kernel;
    kernel.reserve(codes + most * rowBytes);
    for (let row = from; row < to;) {
      const count = Math.min(most, to - row), last = (row + count - 1) * rows.stride;
      put(kernel.memory, pos, rows.pos.subarray(row, row + count));
      put(kernel.memory, ref, rows.ref.subarray(row, row + count));
      // Behind the last haplotype of the last row there need not be any more.
      put(
        kernel.memory,
        codes,
        rows.alleles.subarray(row * rows.stride, last + this.#haplotypes),
      );
      kernel.functions.sumRows(count, codes, width, rowBytes, pos, ref, refWidth);
      row += count;
    }
  }

  /** Returns the sums since the last call, and begins anew. */
  take(): SumArrays {
    return this.#kernel.take();
  }
}

function put(memory: Uint8Array, at: number, { buffer, byteOffset, byteLength }: Codes): void {
  memory.set(new Uint8Array(buffer, byteOffset, byteLength), at);
}
