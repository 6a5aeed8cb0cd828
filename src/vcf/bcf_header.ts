/**
 * Turns the header of a VCF into that of a BCF: its records name contigs and tags by numbers, which
 * the lines of the header get here, as htslib gives them.
 *
 * @module
 */

/** The header of a BCF. */
export interface BcfHeader {
  /** From the magic number on, with the text and its NUL. */
  bytes: Uint8Array<ArrayBuffer>;
  keys: BcfKeys;
}

/** The numbers of the tags of FILTER, INFO and FORMAT, which share one list; `PASS` is 0. */
export type BcfKeys = Readonly<Record<string, number>>;

const PASS = '##FILTER=<ID=PASS,Description="All filters passed">';
const TAG = /^##(?:FILTER|INFO|FORMAT)=<ID=([^,>]+)/;

/**
 * Returns the header of a BCF.
 *
 * @param text That of the VCF, from `##fileformat` to `#CHROM` with its line end. Contigs are
 * numbered in its order, from 0.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bcfHeader } from "./bcf_header.ts";
 * import { vcfHeader } from "./vcf_header.ts";
 * const { bytes, keys } = bcfHeader(vcfHeader([{ name: "1" }], ["10"], ["AN"]));
 * assert.deepEqual(keys, { PASS: 0, AN: 1, GT: 2 });
 * const text = new TextDecoder().decode(bytes);
 * assert(text.startsWith("BCF\x02\x02") && text.includes("##contig=<ID=1,IDX=0>"));
 * ```
 */
export function bcfHeader(text: string): BcfHeader {
  const keys: Record<string, number> = {};
  let contigs = 0, tags = 0;
  const numbered = (line: string): string => {
    const [, tag] = TAG.exec(line) ?? [];
    if (tag !== undefined) keys[tag] = tags;
    else if (!line.startsWith("##contig=<")) return line;
    return `${line.slice(0, -1)},IDX=${tag === undefined ? contigs++ : tags++}>`;
  };
  const [first, ...lines] = text.split("\n");
  const encoded = new TextEncoder().encode([first, PASS, ...lines].map(numbered).join("\n") + "\0");
  const bytes = new Uint8Array(MAGIC.length + 4 + encoded.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint32(MAGIC.length, encoded.length, true);
  bytes.set(encoded, MAGIC.length + 4);
  return { bytes, keys };
}

/** `BCF`, version 2.2. */
const MAGIC = Uint8Array.of(66, 67, 70, 2, 2);
