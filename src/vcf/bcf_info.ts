/**
 * Writes INFO of records of BCF.
 *
 * @module
 */
import type { OutputBuffer } from "../base/output_buffer.ts";
import type { AlleleCounts } from "./allele_counts.ts";
import type { BcfKeys } from "./bcf_header.ts";
import type { InfoTag } from "./info_fields.ts";
import type { RecordRows, RowStyle } from "./row_formatter.ts";
import { appendInteger, appendIntegers, appendShape, Type } from "./typed_values.ts";

/** REF and ALTs of a record, as codes. */
export interface RecordAlleles {
  readonly ref: number;
  readonly alts: readonly number[];
}

/** A writer of INFO. */
export class BcfInfo {
  readonly #tags: ReadonlySet<InfoTag>;
  readonly #isProvisional: boolean;

  /** @param counts Counts a record. */
  constructor(
    { info, provisional = false }: RowStyle,
    private readonly keys: BcfKeys,
    private readonly counts: AlleleCounts,
  ) {
    this.#tags = new Set(info);
    this.#isProvisional = provisional;
  }

  /** True where records have some INFO. */
  get isWritten(): boolean {
    return this.#tags.size > 0 || this.#isProvisional;
  }

  /** Appends INFO of a row; returns the number of its tags. */
  append(
    out: OutputBuffer,
    { alleles, stride }: RecordRows,
    row: number,
    { ref, alts }: RecordAlleles,
  ): number {
    let tags = 0;
    if (this.#tags.size > 0) {
      this.counts.take(alleles, row * stride);
      tags = this.#appendCounts(out, alts);
      this.counts.clear(ref, alts);
    }
    if (!this.#isProvisional) return tags;
    appendInteger(out, this.keys.PR);
    appendShape(out, 0, Type.Flag);
    return tags + 1;
  }

  /** Appends tags in the order of the text's. */
  #appendCounts(out: OutputBuffer, alts: readonly number[]): number {
    const { byCode, total, samples } = this.counts, { keys } = this;
    let tags = 0;
    const begin = (tag: InfoTag) => {
      appendInteger(out, keys[tag]);
      tags++;
    };
    const some = alts.length > 0;
    if (some && this.#tags.has("AC")) {
      begin("AC");
      appendIntegers(out, alts.map((code) => byCode[code]));
    }
    if (this.#tags.has("AN")) {
      begin("AN");
      appendInteger(out, total);
    }
    // Without a called allele there is no frequency.
    if (some && total > 0 && this.#tags.has("AF")) {
      begin("AF");
      this.#appendFrequencies(out, alts);
    }
    if (this.#tags.has("NS")) {
      begin("NS");
      appendInteger(out, samples);
    }
    return tags;
  }

  #appendFrequencies(out: OutputBuffer, alts: readonly number[]): void {
    const { byCode, total } = this.counts;
    appendShape(out, alts.length, Type.Float);
    out.reserve(4 * alts.length);
    for (let rank = 0; rank < alts.length; rank++, out.length += 4) {
      out.view.setFloat32(out.length, byCode[alts[rank]] / total, true);
    }
  }
}
