/**
 * Reads rows that are as rows mostly are with a kernel: the contig of the row before, digits, a base
 * and one-letter cells.
 *
 * @module
 */
import { CR, LF, TAB } from "../base/bytes.ts";
import { type Kernel, KernelTrust, MemoryLayout, startKernel } from "../kernels/kernel.ts";
import { ROWS } from "../kernels/modules.ts";
import { type CellCodes, OTHER } from "./cell_codes.ts";
import { Role } from "./layout.ts";
import type { RowBatch } from "./row_batch.ts";
import type { TokenizerPlan } from "./tokenizer_plan.ts";

interface RowFunctions {
  layOut(
    columns: number,
    haplotypes: number,
    stride: number,
    codes: number,
    pos: number,
    ref: number,
    shuffles: number,
    inColumns: number,
  ): void;
  useContig(length: number): void;
  read(from: number, to: number, most: number): number;
  next: WebAssembly.Global;
}

/** The row before: its contig, as bytes and as code, and its line (1-based in its segment). */
interface RowBefore {
  contig: Uint8Array;
  code: number;
  line: number;
}

/** Addresses that `kernels/rows.ts` knows, and the first one that it does not. */
const LETTER_CODES = 1024, LETTERS = 1040, OTHER_CODES = 1056, OTHERS = 1072, LAST_ENDS = 1088;
const NO_CELLS = 1104, LAST_ENDS_CR = 1120, BASES = 1280, CONTIG = 2048, FREE = 4096;

/** Bytes of the longest contig that is read, and most bytes of the cells CHROM, POS and REF. */
const MOST_CONTIG = 1024, MOST_START = MOST_CONTIG + 16;
/** Bytes of text that are in the kernel's memory at a time, if a few rows fit. */
const WINDOW = 1 << 17;
/** Most rows of a call, and most columns of a row beside its start. */
const MOST_ROWS = 2048, MOST_COLUMNS = 1 << 17;

/** The rows of one matrix, read by a kernel as far as they are usual. */
export class RowKernel {
  /** Rows that the kernel has read. */
  rows = 0;
  readonly #kernel: Kernel<RowFunctions>;
  /** Columns of cells, some of which may be left out. */
  readonly #columns: number;
  readonly #trust = new KernelTrust();
  /** Most bytes of a row that the kernel reads. */
  readonly #rowBytes: number;
  readonly #window: number;
  /** Most rows of a call. */
  readonly #most: number;
  readonly #text: number;
  readonly #codes: number;
  readonly #shuffles: number;
  readonly #inColumns: number;
  readonly #pos: Uint32Array;
  readonly #ref: Uint8Array;
  #stride = -1;
  /** Code of the contig that the kernel knows. */
  #contig = -1;
  /** Offsets in the caller's bytes of what is in the window. */
  #from = 0;
  #to = 0;

  /** @param order The haplotype (0-based) of each column, or less than 0 where it is left out. */
  private constructor(
    private readonly haplotypes: number,
    order: Int32Array,
    codes: CellCodes,
  ) {
    this.#columns = order.length;
    this.#rowBytes = MOST_START + 2 * order.length;
    this.#window = Math.max(WINDOW, 4 * this.#rowBytes);
    this.#most = Math.min(MOST_ROWS, Math.ceil(this.#window / (2 * order.length + 8)));
    const layout = new MemoryLayout(FREE), shuffles = shufflesOf(order);
    const pos = layout.take(4 * this.#most), ref = layout.take(this.#most);
    this.#shuffles = shuffles ? layout.take(shuffles.length) : 0;
    this.#inColumns = layout.take(order.length + 16);
    this.#text = layout.take(this.#window);
    this.#codes = layout.take(this.#most * (haplotypes + MOST_PADDING));
    this.#kernel = startKernel<RowFunctions>(ROWS, layout.length);
    const { memory } = this.#kernel;
    this.#pos = new Uint32Array(memory.buffer, pos, this.#most);
    this.#ref = new Uint8Array(memory.buffer, ref, this.#most);
    if (shuffles) memory.set(shuffles, this.#shuffles);
    setTables(memory, codes, order.length);
  }

  /** Returns the kernel for a matrix; undefined where its columns are no usual ones. */
  static of({ roles, copies, kernels }: TokenizerPlan, codes: CellCodes): RowKernel | undefined {
    const order = roles.subarray(3), chosen = order.filter((ordinal) => ordinal >= 0);
    const haplotypes = chosen.length;
    const usual = kernels !== false && haplotypes > 0 && order.length <= MOST_COLUMNS &&
      roles[0] === Role.Chrom && roles[1] === Role.Pos && roles[2] === Role.Ref &&
      order.every((role, column) => role === Role.Ignored || copies[column + 3] === 1);
    return usual ? new RowKernel(haplotypes, order, codes) : undefined;
  }

  /** Forgets the text of the call before. */
  begin(): void {
    this.#from = this.#to = 0;
  }

  /**
   * Adds rows of `raw[at..to)`, whole lines, to a batch: as far as they are usual and of the contig
   * of the row before, and as the batch has room.
   *
   * @returns The offset of the first row that was not read.
   */
  read(
    raw: Uint8Array,
    at: number,
    to: number,
    batch: RowBatch,
    { contig, code, line }: RowBefore,
  ): number {
    if (contig.length === 0 || contig.length >= MOST_CONTIG || !this.#trust.asks()) return at;
    if (batch.shape.stride !== this.#stride) this.#useStride(batch.shape.stride);
    if (code !== this.#contig) this.#useContig(contig, code);
    const before = batch.rows;
    let p = at;
    while (p < to && batch.rows < batch.shape.capacity) {
      const room = Math.min(batch.shape.capacity - batch.rows, this.#most);
      if (p < this.#from || p >= this.#wholeTo(to)) this.#load(raw, p, to, room);
      const { functions } = this.#kernel, text = this.#text - this.#from;
      const rows = functions.read(text + p, text + this.#to, room);
      if (rows > 0) this.#take(rows, batch);
      p = functions.next.value - text;
      // A row that ends the run in the midst of the window is not a usual one.
      if (rows < room && p < this.#wholeTo(to)) {
        this.#trust.note(batch.rows - before);
        break;
      }
    }
    batch.chrom.fill(code, before, batch.rows);
    for (let row = before; row < batch.rows; row++) batch.line[row] = line + 1 + row - before;
    return p;
  }

  /** Returns the offset up to which (exclusive) a row that begins in the window is whole in it. */
  #wholeTo(to: number): number {
    return this.#to === to ? to : this.#to - this.#rowBytes;
  }

  #load(raw: Uint8Array, at: number, to: number, room: number): void {
    const wanted = Math.max(2 * this.#rowBytes, room * (2 * this.#columns + 32));
    this.#from = at;
    this.#to = Math.min(to, at + Math.min(wanted, this.#window));
    this.#kernel.memory.set(raw.subarray(at, this.#to), this.#text);
  }

  /** Copies the first rows of the kernel's into a batch. */
  #take(rows: number, batch: RowBatch): void {
    const { memory } = this.#kernel, first = batch.rows, stride = this.#stride;
    batch.pos.set(this.#pos.subarray(0, rows), first);
    batch.ref.set(this.#ref.subarray(0, rows), first);
    const codes = memory.subarray(this.#codes, this.#codes + rows * stride);
    batch.alleles.set(codes, first * stride);
    batch.rows += rows;
    this.rows += rows;
  }

  #useStride(stride: number): void {
    if (stride > this.haplotypes + MOST_PADDING) throw new RangeError("rows are too far apart");
    this.#stride = stride;
    const { functions, memory } = this.#kernel,
      rows = this.#most * (this.haplotypes + MOST_PADDING);
    memory.fill(0, this.#codes, this.#codes + rows);
    functions.layOut(
      this.#columns,
      this.haplotypes,
      stride,
      this.#codes,
      this.#pos.byteOffset,
      this.#ref.byteOffset,
      this.#shuffles,
      this.#inColumns,
    );
  }

  #useContig(contig: Uint8Array, code: number): void {
    this.#contig = code;
    const { functions, memory } = this.#kernel;
    memory.set(contig, CONTIG);
    memory[CONTIG + contig.length] = TAB;
    functions.useContig(contig.length + 1);
  }
}

/** Most codes between the end of a row and the next one: a row fills whole words. */
const MOST_PADDING = 16;

/**
 * Returns which columns 16 haplotypes each come from, as `kernels/rows.ts` reads it; undefined where
 * each haplotype is at the place of its column.
 *
 * @param order The haplotype (0-based) of each column, or less than 0 where it is left out.
 */
function shufflesOf(order: Int32Array): Uint8Array | undefined {
  if (order.every((ordinal, column) => ordinal === column)) return undefined;
  const haplotypes = order.filter((ordinal) => ordinal >= 0).length;
  const columns = new Int32Array(haplotypes), parts: Uint8Array[] = [];
  order.forEach((ordinal, column) => {
    if (ordinal >= 0) columns[ordinal] = column;
  });
  for (let first = 0; first < columns.length; first += 16) {
    const lanes = new Map<number, Uint8Array>();
    columns.subarray(first, first + 16).forEach((column, lane) => {
      const block = column & ~15;
      if (!lanes.has(block)) lanes.set(block, new Uint8Array(16).fill(255));
      lanes.get(block)![lane] = column & 15;
    });
    parts.push(wordOf(lanes.size));
    for (const [block, from] of lanes) parts.push(wordOf(block), from);
  }
  const bytes = new Uint8Array(16 * parts.length);
  parts.forEach((part, n) => bytes.set(part, 16 * n));
  return bytes;
}

/** Returns a number in the first four of 16 bytes, little-endian. */
function wordOf(number: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(0, number, true);
  return bytes;
}

/**
 * Sets the tables of cells. Two bytes with the same low four bits go into different ones; a byte
 * that finds no place is left to the slow path.
 */
function setTables(memory: Uint8Array, codes: CellCodes, columns: number): void {
  // A byte that no cell with these low bits can be: it has others.
  for (let low = 0; low < 16; low++) [memory[LETTERS + low], memory[OTHERS + low]] = [255, low ^ 1];
  const taken = new Set<number>(), others = new Set<number>(), { alleles } = codes;
  for (let byte = 0; byte < 128; byte++) {
    const code = alleles[byte], low = byte & 15, isUpper = byte >= 65 && byte <= 90;
    if (code === OTHER || byte === TAB || byte === LF || byte === CR) continue;
    if (isUpper && alleles[byte | 32] === code && !taken.has(low)) {
      taken.add(low);
      [memory[LETTERS + low], memory[LETTER_CODES + low]] = [byte, code];
    } else if (memory[LETTERS + low] !== (byte & ~32) && !others.has(low)) {
      others.add(low);
      [memory[OTHERS + low], memory[OTHER_CODES + low]] = [byte, code];
    }
  }
  memory.set(codes.bases, BASES);
  const last = ((columns - 1) & 15) + 1, overlaps = columns > 16;
  for (const [ends, end] of [[LAST_ENDS, LF], [LAST_ENDS_CR, CR]]) {
    memory.fill(TAB, ends, ends + 16);
    memory[ends + (overlaps ? 15 : last - 1)] = end;
  }
  if (!overlaps) memory.fill(255, NO_CELLS + last, NO_CELLS + 16);
}
