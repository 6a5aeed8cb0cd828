/**
 * Writes rows as their codes, in output order: what the views of a table are made from. Pure.
 *
 * A row is, in little-endian numbers: the place of its contig, POS, its line as 64 bits and the code
 * of REF; the bytes of its ID, where the table has IDs; the number of its declared ALTs, where they
 * are declared; then the codes of its haplotypes, its bits of phase, its blocks, its ID, and the
 * codes of its ALTs.
 *
 * @module
 */
import { STAR } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";
import { Dictionary } from "../base/dictionary.ts";
import { OutputBuffer } from "../base/output_buffer.ts";
import { NO_EXTRAS } from "../matrix/dialects/dialect.ts";
import { codesOfAlts, RowAlleles } from "./declared_alts.ts";
import type { RecordRows, RowFormatter, RowStyle } from "./row_formatter.ts";
import { SiteCounter } from "./site_filter.ts";

/** Bytes of the numbers that each row begins with. */
export const ROW_HEAD = 20;

const NOTHING = new Uint8Array(0), NO_ALTS = new Uint32Array(0);

/** The formatter of rows as codes. */
export class CodeFormatter implements RowFormatter {
  readonly out: OutputBuffer = new OutputBuffer();
  readonly sites: SiteCounter;
  readonly #alleles: RowAlleles;
  readonly #dictionary: Dictionary;
  readonly #haplotypes: number;
  readonly #samples: number;
  /** Places of the contigs by name. */
  readonly #places: ReadonlyMap<string, number>;
  #contig = 0;

  constructor({ alleles, samples, sites, contigs = [], extras = NO_EXTRAS }: RowStyle) {
    this.#samples = samples.length;
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.#alleles = new RowAlleles(alleles, extras.absent, this.#haplotypes);
    this.#dictionary = new Dictionary(alleles);
    this.#places = new Map(contigs.map((name, place) => [name, place]));
    this.sites = new SiteCounter(sites, this.#haplotypes);
  }

  begin(contig: string): void {
    this.#contig = this.#places.get(contig)!;
    this.sites.nextContig();
  }

  write(rows: RecordRows, row: number): void {
    const found = this.#alleles;
    found.take(rows, row);
    const { ref, alts, missing, absent } = found;
    const snp = ref <= STAR && alts.every((code) => code <= STAR);
    if (!this.sites.takes(rows.pos[row], alts.length, missing, snp, absent)) return;
    const id = rows.id?.(row) ?? NOTHING, declared = this.#declared(rows, row);
    this.#writeHead(rows, row);
    if (rows.id) this.#number(id.length);
    if (rows.alt) this.#number(declared.length);
    const from = row * rows.stride;
    this.#copy(rows.alleles, from, from + this.#haplotypes);
    this.#writePhase(rows, row);
    this.out.append(id);
    this.#copy(declared, 0, declared.length);
  }

  #writeHead({ pos, ref, line }: RecordRows, row: number): void {
    const number = line(row);
    this.#number(this.#contig);
    this.#number(pos[row]);
    this.#number(number >>> 0);
    this.#number(Math.floor(number / 2 ** 32));
    this.#number(ref[row]);
  }

  #writePhase({ phased, sets }: RecordRows, row: number): void {
    const samples = this.#samples, bytes = Math.ceil(samples / 8);
    if (phased) this.#copy(phased, row * bytes, (row + 1) * bytes);
    if (sets) this.#copy(sets, row * samples, (row + 1) * samples);
  }

  /** Returns the codes of the declared ALTs of a row. */
  #declared({ alt }: RecordRows, row: number): Uint32Array {
    const declared = alt?.(row) ?? NO_ALTS;
    return declared instanceof Uint32Array ? declared : codesOfAlts(declared, this.#dictionary);
  }

  #number(number: number): void {
    const { out } = this;
    out.reserve(4);
    out.view.setUint32(out.length, number, true);
    out.length += 4;
  }

  /** Appends numbers `from` to `to` (exclusive) of an array as they lie in memory. */
  #copy({ buffer, byteOffset, BYTES_PER_ELEMENT: width }: Codes, from: number, to: number): void {
    this.out.append(new Uint8Array(buffer, byteOffset + from * width, (to - from) * width));
  }
}
