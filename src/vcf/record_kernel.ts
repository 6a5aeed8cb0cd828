/**
 * Writes records that are as records mostly are with a kernel: one-base alleles, no ID, no INFO.
 *
 * @module
 */
import { TAB } from "../base/bytes.ts";
import { BASE_ALLELES } from "../base/alleles.ts";
import type { OutputBuffer } from "../base/output_buffer.ts";
import { type Kernel, KernelTrust, MemoryLayout, startKernel } from "../kernels/kernel.ts";
import { RECORDS } from "../kernels/modules.ts";
import type { RecordRows, RowStyle } from "./row_formatter.ts";
import { mostMissing, type SiteCounter, type SiteCounts } from "./site_filter.ts";

interface RecordFunctions {
  layOut(
    haplotypes: number,
    stride: number,
    codes: number,
    pos: number,
    ref: number,
    separators: number,
    text: number,
    ends: number,
  ): void;
  choose(fewestAlts: number, mostAlts: number, mostMissing: number): void;
  useContig(length: number): void;
  write(rows: number, limit: number): number;
  end: WebAssembly.Global;
}

/** Addresses that `kernels/records.ts` knows, and the first one that it does not. */
const BITS = 1024, BASES = 1040, NO_ID = 1072, NO_QUAL_GT = 1088, NO_CELLS = 1104, COUNTS = 1152;
const CONTIG = 2048, FREE = 4096;
/** Counts of the kernel, in its order; the positions of first and last record come after them. */
const COUNTED: readonly (keyof SiteCounts)[] = [
  "records",
  "variants",
  "multiallelic",
  "missing",
  "duplicates",
  "tooFewAlleles",
  "tooManyAlleles",
  "tooManyMissing",
];
const FIRST_POS = COUNTED.length, LAST_POS = FIRST_POS + 1;

/** Bytes of codes that are in the kernel's memory at a time, if a few rows fit. */
const WINDOW = 1 << 16;
/** Fewest and most rows of a call, and most haplotypes of a row. */
const FEWEST_ROWS = 4, MOST_ROWS = 2048, MOST_HAPLOTYPES = 1 << 17;
/** Bytes of the longest contig. */
const MOST_CONTIG = 256;
/** Bytes of a record, at most, beside contig and genotypes. */
const REST = 48;
/** Most codes between the end of a row and the next one. */
const MOST_PADDING = 16;

/** Writer of the usual ones among records. */
export class RecordKernel {
  /** Rows that the kernel has taken. */
  rows = 0;
  /** End of each record of the last call in the output; that of the one before for a row left out. */
  readonly ends: Uint32Array;
  readonly #kernel: Kernel<RecordFunctions>;
  readonly #trust = new KernelTrust();
  readonly #most: number;
  readonly #codes: number;
  readonly #separators: number;
  readonly #text: number;
  readonly #pos: Uint32Array;
  readonly #ref: Uint8Array;
  readonly #counts: Uint32Array;
  #stride = -1;
  #contigFits = false;

  private constructor(private readonly haplotypes: number, { samples, sites }: RowStyle) {
    const stride = haplotypes + MOST_PADDING;
    this.#most = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor(WINDOW / stride)));
    const layout = new MemoryLayout(FREE), most = this.#most;
    const pos = layout.take(4 * most), ref = layout.take(most), ends = layout.take(4 * most);
    this.#separators = layout.take(stride);
    this.#codes = layout.take(most * stride);
    this.#text = layout.take(most * (MOST_CONTIG + REST + 2 * haplotypes));
    this.#kernel = startKernel<RecordFunctions>(RECORDS, layout.length);
    const { memory, functions } = this.#kernel, { buffer } = memory;
    this.#pos = new Uint32Array(buffer, pos, most);
    this.#ref = new Uint8Array(buffer, ref, most);
    this.ends = new Uint32Array(buffer, ends, most);
    this.#counts = new Uint32Array(buffer, COUNTS, LAST_POS + 1);
    memory.set(separatorsOf(samples), this.#separators);
    setTables(memory, haplotypes);
    const whole = (number: number) => Math.min(0x7fffffff, Math.max(-1, Math.floor(number)));
    const missing = mostMissing(sites, haplotypes);
    functions.choose(whole(sites.minAlleles - 1), whole(sites.maxAlleles - 1), whole(missing));
  }

  /** Returns the kernel for a style; undefined where its records are no usual ones. */
  static of(style: RowStyle): RecordKernel | undefined {
    const { format, samples, homozygous, info, kernels, extras, provisional, bcf } = style;
    const haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    const usual = kernels !== false && format === "vcf" && !bcf && info.length === 0 &&
      !provisional && !(extras && Object.values(extras).includes(true)) &&
      haplotypes > 0 && haplotypes <= MOST_HAPLOTYPES &&
      !(homozygous && samples.some(({ ploidy }) => ploidy === 1));
    return usual ? new RecordKernel(haplotypes, style) : undefined;
  }

  /** Goes on with another contig. */
  begin(contig: string): void {
    const bytes = new TextEncoder().encode(contig), { functions, memory } = this.#kernel;
    this.#contigFits = bytes.length < MOST_CONTIG;
    if (!this.#contigFits) return;
    memory.set(bytes, CONTIG);
    memory[CONTIG + bytes.length] = TAB;
    functions.useContig(bytes.length + 1);
  }

  /**
   * Appends records of rows `from` to `to` (0-based, exclusive), as far as they are usual, at most
   * one more than fit into `limit` bytes of the output. Counts them in `sites`.
   *
   * @returns The number of rows that are done, some of which may have been left out.
   */
  write(
    rows: RecordRows,
    from: number,
    to: number,
    out: OutputBuffer,
    limit: number,
    sites: SiteCounter,
  ): number {
    const { alleles, id, stride } = rows, most = Math.min(to - from, this.#most);
    const usual = most >= FEWEST_ROWS && !id && this.#contigFits && alleles instanceof Uint8Array;
    if (!usual || !this.#trust.asks()) return 0;
    if (stride !== this.#stride) this.#useStride(stride);
    const { memory, functions } = this.#kernel;
    memory.set(alleles.subarray(from * stride, (from + most) * stride), this.#codes);
    this.#pos.set(rows.pos.subarray(from, from + most));
    this.#ref.set((rows.ref as Uint8Array).subarray(from, from + most));
    this.#beginCounts(sites);
    const done = functions.write(most, Math.max(0, limit - out.length));
    this.#endCounts(sites);
    const text = memory.subarray(this.#text, functions.end.value);
    out.reserve(text.length);
    out.bytes.set(text, out.length);
    for (let n = 0; n < done; n++) this.ends[n] += out.length;
    out.length += text.length;
    this.rows += done;
    if (done < most && out.length < limit) this.#trust.note(done);
    return done;
  }

  #useStride(stride: number): void {
    if (stride > this.haplotypes + MOST_PADDING) throw new RangeError("rows are too far apart");
    this.#stride = stride;
    this.#kernel.functions.layOut(
      this.haplotypes,
      stride,
      this.#codes,
      this.#pos.byteOffset,
      this.#ref.byteOffset,
      this.#separators,
      this.#text,
      this.ends.byteOffset,
    );
  }

  #beginCounts({ firstPos, lastPos }: SiteCounter): void {
    const counts = this.#counts;
    counts.fill(0);
    counts[FIRST_POS] = firstPos;
    counts[LAST_POS] = lastPos;
  }

  #endCounts(sites: SiteCounter): void {
    const counts = this.#counts;
    for (let n = 0; n < COUNTED.length; n++) sites.counts[COUNTED[n]] += counts[n];
    sites.firstPos = counts[FIRST_POS];
    sites.lastPos = counts[LAST_POS];
  }
}

/** Returns what stands before each haplotype. */
function separatorsOf(samples: RowStyle["samples"]): Uint8Array {
  const bytes: number[] = [];
  for (const { ploidy, phased } of samples) {
    const separator = (phased ? "|" : "/").charCodeAt(0);
    for (let haplotype = 0; haplotype < ploidy; haplotype++) {
      bytes.push(haplotype === 0 ? TAB : separator);
    }
  }
  return Uint8Array.from(bytes);
}

function setTables(memory: Uint8Array, haplotypes: number): void {
  const encoder = new TextEncoder(), known = BASE_ALLELES.length;
  for (let code = 0; code < 16; code++) memory[BITS + code] = code < known ? 1 << code : 128;
  memory.set(encoder.encode(BASE_ALLELES.join("")), BASES);
  memory.set(encoder.encode("\t.\t"), NO_ID);
  memory.set(encoder.encode("\t.\t.\t.\tGT"), NO_QUAL_GT);
  memory.fill(255, NO_CELLS + ((haplotypes - 1) & 15) + 1, NO_CELLS + 16);
}
