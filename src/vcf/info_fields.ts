/**
 * Writes INFO of a record of VCF, as `bcftools +fill-tags` does.
 *
 * @module
 */
import type { Codes } from "../base/codes.ts";
import type { OutputBuffer } from "../base/output_buffer.ts";
import { COMMA, DOT } from "../base/bytes.ts";
import { AlleleCounts } from "./allele_counts.ts";

/** A tag of INFO that can be written. */
export type InfoTag = "AC" | "AN" | "AF" | "NS";
/** Tags in the order in which they are written. */
export const INFO_TAGS: readonly InfoTag[] = ["AC", "AN", "AF", "NS"];

/** Header lines by tag. */
export const INFO_LINES: Readonly<Record<InfoTag, string>> = {
  AC: '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count in genotypes">',
  AN:
    '##INFO=<ID=AN,Number=1,Type=Integer,Description="Total number of alleles in called genotypes">',
  AF: '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">',
  NS: '##INFO=<ID=NS,Number=1,Type=Integer,Description="Number of samples with data">',
};

/** Most frequencies whose texts are kept. */
const MOST_FREQUENCIES = 1 << 16;
const encoder = new TextEncoder();
const PREFIXES = new Map(INFO_TAGS.map((tag) => [tag, encoder.encode(`${tag}=`)]));
const LATER_PREFIXES = new Map(INFO_TAGS.map((tag) => [tag, encoder.encode(`;${tag}=`)]));

/** Returns `TAG=`, after a semicolon where the tag is not the first. */
function prefix(tag: InfoTag, later: boolean): Uint8Array {
  return (later ? LATER_PREFIXES : PREFIXES).get(tag)!;
}

/** A writer of INFO. */
export class InfoWriter {
  readonly #tags: ReadonlySet<InfoTag>;
  /** Texts of frequencies, by count and total. */
  readonly #frequencies = new Map<number, Uint8Array>();

  /**
   * @param tags Tags to write.
   * @param counts Counts a record.
   */
  constructor(tags: readonly InfoTag[], private readonly counts: AlleleCounts) {
    this.#tags = new Set(tags);
  }

  /** Appends INFO of a record, whose haplotypes begin at `from`; `alts` are in order of rank. */
  write(
    out: OutputBuffer,
    alleles: Codes,
    from: number,
    ref: number,
    alts: readonly number[],
  ): void {
    const { counts } = this;
    counts.take(alleles, from);
    const start = out.length, some = alts.length > 0;
    if (some && this.#tags.has("AC")) this.#perAlt(out, start, "AC", alts);
    if (this.#tags.has("AN")) {
      out.append(prefix("AN", out.length > start));
      out.number(counts.total);
    }
    // Without a called allele there is no frequency.
    if (some && counts.total > 0 && this.#tags.has("AF")) this.#perAlt(out, start, "AF", alts);
    if (this.#tags.has("NS")) {
      out.append(prefix("NS", out.length > start));
      out.number(counts.samples);
    }
    if (out.length === start) out.byte(DOT);
    counts.clear(ref, alts);
  }

  #perAlt(out: OutputBuffer, start: number, tag: "AC" | "AF", alts: readonly number[]): void {
    out.append(prefix(tag, out.length > start));
    for (let rank = 0; rank < alts.length; rank++) {
      if (rank > 0) out.byte(COMMA);
      const count = this.counts.byCode[alts[rank]];
      if (tag === "AC") out.number(count);
      else out.append(this.#frequency(count));
    }
  }

  #frequency(count: number): Uint8Array {
    const key = this.counts.total * 2 ** 24 + count;
    const known = this.#frequencies.get(key);
    if (known) return known;
    // Where pairs are few, they come again and again; where they are many, none is worth keeping.
    if (this.#frequencies.size >= MOST_FREQUENCIES) this.#frequencies.clear();
    const text = encoder.encode(formatFloat(count / this.counts.total));
    this.#frequencies.set(key, text);
    return text;
  }
}

/**
 * Returns a number as `%g` prints it in single precision, which is how BCF stores it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatFloat } from "./info_fields.ts";
 * assert(formatFloat(1 / 3) === "0.333333" && formatFloat(1e-5) === "1e-05");
 * ```
 */
export function formatFloat(number: number): string {
  const single = Math.fround(number);
  if (single === 0) return "0";
  const rounded = sixDigits(single);
  const [mantissa, exponent] = rounded.split("e");
  const power = Number(exponent);
  const trimmed = (text: string) => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (power >= -4 && power < 6) return trimmed(Number(rounded).toFixed(5 - power));
  const sign = power < 0 ? "-" : "+";
  return `${trimmed(mantissa)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/**
 * Returns a number with six digits, exponential. A tie goes to the even digit, as in C and htslib
 * 1.19; `toExponential` and older htslib round it up.
 */
function sixDigits(single: number): string {
  const [exact, exponent] = single.toExponential(60).split("e");
  const tieAfterEven = /^\d\.\d{4}[02468]50*$/.test(exact);
  return tieAfterEven ? `${exact.slice(0, 7)}e${exponent}` : single.toExponential(5);
}
