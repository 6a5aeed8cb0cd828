/**
 * Sums the genotypes of a VCF or a BCF, piece by piece as it is read. Nothing is kept but the piece
 * of a record that is not whole yet.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { HeaderPieces, type RecordsHeader } from "./records_header.ts";
import { aligned, SumKernel } from "./sum_kernel.ts";
import { addSums, namedSums, noSums, type SumArrays, type Sums } from "./sums.ts";

/** What the kernel returns where it stops. */
const Stop = { Done: 0, Group: 100 } as const;

/** What is wrong with a record, by what the kernel returns. */
const PROBLEMS: Readonly<Record<number, string>> = {
  1: "the record has another number of fields than the header; the file is damaged",
  2: "POS is no whole number of 0 to 4294967295",
  3: "a genotype has the number of an allele that the record does not have",
  4: "a cell of GT is no genotype",
  5: "the record has more alleles than can be read (65,535)",
  6: "the record is damaged: its parts do not fit into its length",
  7: "a line that begins with # among the records: is it two files in one?",
};

/** Most alleles of a record, and one that is missing. */
const MOST_ALLELES = 0x10000;
/** Bytes for a name of a contig, in which a group is told from the next. */
const CONTIG_BYTES = 1 << 16;
const FIRST_BYTES = 1 << 20;
const NOTHING = new Uint8Array(0);

/** A group of records that follow each other: of a contig, or of a window of it. */
export interface GroupSums extends Sums {
  contig: string;
  /** First position of the window, 1-based. */
  from: number;
}

/** Which records make up a group: those of so many positions, or all of a contig (`Infinity`). */
export interface Grouping {
  bases: number;
  /** Takes each group when it ends. */
  onGroup: (group: GroupSums) => void;
}

/** The sums of the records of one file. */
export class RecordSums {
  #header: RecordsHeader | undefined;
  #kernel: SumKernel | undefined;
  readonly #pieces: HeaderPieces;
  /** Bytes that are held in the kernel's memory, from its `#input` on. */
  #length = 0;
  #input = 0;
  /** Bytes of the kernel's memory for what is read. */
  #room = 0;
  /** Contig and position by which the open group goes. */
  #group: { contig: string; from: number } | undefined;
  /** Sums of the groups that have ended. */
  #total = noSums(0);

  /**
   * @param shown Path of the file, for messages.
   */
  constructor(private readonly shown: string, private readonly grouping?: Grouping) {
    this.#pieces = new HeaderPieces(shown);
  }

  /** Begins with the lines of a VCF whose header has been read. */
  static ofLines(shown: string, samples: string[]): RecordSums {
    const sums = new RecordSums(shown);
    sums.#begin({ samples, bytes: 0, lines: 0, bcf: undefined });
    return sums;
  }

  /** Takes the next bytes, decompressed. */
  add(bytes: Uint8Array): void {
    if (this.#kernel) return this.#sum(bytes);
    const header = this.#pieces.add(bytes);
    if (!header) return;
    this.#begin(header);
    this.#sum(this.#pieces.held);
    this.#pieces.held = NOTHING;
  }

  /** Returns the sums of all records. */
  finish(): Sums {
    const arrays = this.finishArrays();
    return namedSums(this.#header!.samples, arrays);
  }

  /** Returns the sums of all records, without names. */
  finishArrays(): SumArrays {
    const kernel = this.#kernel, file = this.shown;
    if (!kernel) throw new InputError("the file ends before its header does", { file });
    if (this.#length > 0) {
      if (this.#header!.bcf) {
        throw new InputError("the file ends within a record: it is truncated", { file });
      }
      this.#sum(Uint8Array.of(LF));
    }
    this.#endGroup();
    addSums(this.#total, kernel.take());
    return this.#total;
  }

  #begin(header: RecordsHeader): void {
    const { samples, bcf } = header;
    const kernel = new SumKernel(samples.length, MOST_ALLELES), { functions } = kernel;
    this.#header = header;
    this.#kernel = kernel;
    this.#total = noSums(samples.length);
    let free = kernel.free;
    if (this.grouping) {
      kernel.reserve(free + CONTIG_BYTES);
      functions.useGroups(Math.min(this.grouping.bases, 0xffffffff), free);
      free += CONTIG_BYTES;
    }
    if (bcf) free = this.#putContigs(bcf.contigs, bcf.genotypeKey, free);
    this.#input = aligned(free);
    this.#makeRoom(FIRST_BYTES);
    functions.beginSums();
  }

  #putContigs(contigs: readonly (string | undefined)[], genotypeKey: number, at: number): number {
    const kernel = this.#kernel!, texts = contigs.map((name) => new TextEncoder().encode(name));
    const table = at, bytes = texts.reduce((sum, { length }) => sum + length, 0);
    kernel.reserve(table + 8 * contigs.length + bytes);
    const view = new DataView(kernel.memory.buffer);
    let text = table + 8 * contigs.length;
    texts.forEach((name, n) => {
      view.setUint32(table + 8 * n, text, true);
      view.setInt32(table + 8 * n + 4, contigs[n] === undefined ? -1 : name.length, true);
      kernel.memory.set(name, text);
      text += name.length;
    });
    kernel.functions.useBcf(genotypeKey, table, contigs.length);
    return text;
  }

  /** Makes room for so many bytes that are read, and for the alleles of a record of them. */
  #makeRoom(bytes: number): void {
    if (bytes <= this.#room) return;
    this.#room = Math.max(bytes, 2 * this.#room);
    const texts = aligned(this.#input + this.#room);
    this.#kernel!.useTexts(texts, texts + this.#room);
  }

  #sum(bytes: Uint8Array): void {
    const kernel = this.#kernel!, { bcf } = this.#header!, from = this.#input;
    this.#makeRoom(this.#length + bytes.length);
    kernel.memory.set(bytes, from + this.#length);
    const held = this.#length;
    this.#length += bytes.length;
    const end = bcf ? this.#length : held + bytes.lastIndexOf(LF) + 1;
    if (!bcf && end === held) return;
    const next = this.#sumUpTo(from + end);
    kernel.memory.copyWithin(from, next, from + this.#length);
    this.#length -= next - from;
  }

  /** Sums what is whole; returns the address of what is not. */
  #sumUpTo(end: number): number {
    const { functions } = this.#kernel!, { bcf } = this.#header!;
    for (let at = this.#input;;) {
      const stop = bcf ? functions.sumRecords(at, end) : functions.sumLines(at, end);
      at = functions.next.value;
      if (stop === Stop.Done) return at;
      if (stop !== Stop.Group) throw this.#problem(stop);
      this.#endGroup();
      this.#beginGroup();
      functions.nextGroup();
    }
  }

  #beginGroup(): void {
    const { functions, memory } = this.#kernel!, { bases } = this.grouping!;
    const at = functions.contigAt.value, position = functions.position.value >>> 0;
    const contig = new TextDecoder().decode(memory.slice(at, at + functions.contigLength.value));
    const from = bases === Infinity || position === 0 ? 1 : position - (position - 1) % bases;
    this.#group = { contig, from };
  }

  #endGroup(): void {
    if (!this.grouping || !this.#group) return;
    const sums = this.#kernel!.take();
    addSums(this.#total, sums);
    this.grouping.onGroup({ ...namedSums(this.#header!.samples, sums), ...this.#group });
    this.#group = undefined;
  }

  #problem(stop: number): InputError {
    const { lines, bcf } = this.#header!;
    const number = this.#total.records + (this.#kernel!.functions.records.value >>> 0) + 1;
    const detail = PROBLEMS[stop];
    return bcf
      ? new InputError(`record ${number}: ${detail}`, { file: this.shown })
      : new InputError(detail, { file: this.shown, line: lines + number });
  }
}
