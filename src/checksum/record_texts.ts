/**
 * Reads single records of a VCF or a BCF slowly, as texts, to show them to a person.
 *
 * @module
 */
import { LF } from "../base/bytes.ts";
import { HeaderPieces, joined, type RecordsHeader } from "./records_header.ts";

/** A record whose genotypes are spelt out as sums have them. */
export interface RecordText {
  contig: string;
  /** 1-based. */
  pos: number;
  ref: string;
  /** By the samples of the header. */
  genotypes: string[];
}

/**
 * Yields records of a file that a choice takes, which is asked before genotypes are read.
 *
 * @param pieces Bytes of the file, decompressed.
 * @param shown Path of the file, for messages.
 */
export async function* recordTexts(
  pieces: AsyncIterable<Uint8Array>,
  shown: string,
  takes: (contig: string, pos: number) => boolean,
): AsyncGenerator<RecordText & { samples: string[] }> {
  const first = new HeaderPieces(shown);
  let held: Uint8Array = new Uint8Array(0), header: RecordsHeader | undefined;
  for await (const piece of pieces) {
    if (header) held = joined(held, piece);
    else {
      header = first.add(piece);
      if (!header) continue;
      held = first.held;
    }
    const { samples } = header, read = header.bcf ? bcfRecord : vcfRecord;
    for (let length; (length = lengthOf(held, header)) > 0; held = held.subarray(length)) {
      const record = read(held.subarray(0, length), header, takes);
      if (record) yield { ...record, samples };
    }
  }
}

/** Returns the bytes of the first record; 0 where it is not whole. */
function lengthOf(bytes: Uint8Array, { bcf }: RecordsHeader): number {
  if (!bcf) return bytes.indexOf(LF) + 1;
  if (bytes.length < 8) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = 8 + view.getUint32(0, true) + view.getUint32(4, true);
  return length <= bytes.length ? length : 0;
}

type Takes = (contig: string, pos: number) => boolean;

function vcfRecord(line: Uint8Array, _: RecordsHeader, takes: Takes): RecordText | undefined {
  const [contig, pos, , ref, alt, , , , format = "", ...cells] = new TextDecoder().decode(line)
    .replace(/\r?\n$/, "").split("\t");
  if (!takes(contig, Number(pos))) return undefined;
  const alleles = [ref, ...alt === "." ? [] : alt.split(",")].map(upper);
  const place = format.split(":").indexOf("GT");
  const genotypes = cells.map((cell) => {
    const gt = (place < 0 ? "." : cell.split(":")[place] ?? ".").replace(/^[|/](?=.)/, "");
    const texts = gt.split(/[|/]/).map((code) => /^\d+$/.test(code) ? alleles[Number(code)] : code);
    return spelt(texts, gt.includes("|") && !gt.includes("/"));
  });
  return { contig, pos: Number(pos), ref: alleles[0], genotypes };
}

function bcfRecord(
  bytes: Uint8Array,
  { bcf, samples }: RecordsHeader,
  takes: Takes,
): RecordText | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contig = bcf!.contigs[view.getInt32(8, true)] ?? "", pos = view.getInt32(12, true) + 1;
  if (!takes(contig, pos)) return undefined;
  let at = 32;
  const shape = (): [length: number, type: number] => {
    const byte = bytes[at++], type = byte & 15;
    if (byte >> 4 < 15) return [byte >> 4, type];
    const [, inner] = shape();
    return [integers(1, inner)[0], type];
  };
  const integers = (count: number, type: number): number[] =>
    Array.from({ length: count }, () => {
      const number = type === 1
        ? view.getInt8(at)
        : type === 2
        ? view.getInt16(at, true)
        : view.getInt32(at, true);
      at += WIDTHS[type];
      return number;
    });
  const text = () => {
    const [length] = shape();
    return new TextDecoder().decode(bytes.subarray(at, at += length));
  };
  text();
  const alleles = Array.from({ length: view.getUint32(24, true) >>> 16 }, () => upper(text()));
  at = 8 + view.getUint32(0, true);
  let genotypes = samples.map(() => ".");
  for (let left = view.getUint8(31); left > 0; left--) {
    const [, keyType] = shape(), [key] = integers(1, keyType), [width, type] = shape();
    if (key !== bcf!.genotypeKey) at += width * WIDTHS[type] * samples.length;
    else genotypes = samples.map(() => ofNumbers(integers(width, type), type, alleles));
  }
  return { contig, pos, ref: alleles[0], genotypes };
}

/** Bytes of a value by its type. */
const WIDTHS: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 4, 5: 4, 7: 1 };

function ofNumbers(numbers: readonly number[], type: number, alleles: readonly string[]): string {
  const end = -(2 ** (8 * WIDTHS[type] - 1)) + 1, stop = numbers.indexOf(end);
  const own = stop < 0 ? numbers : numbers.slice(0, stop);
  if (own.length === 0) return ".";
  const texts = own.map((number) => number < 2 ? "." : alleles[(number >> 1) - 1]);
  return spelt(texts, own.length > 1 && own.slice(1).every((number) => (number & 1) === 1));
}

function upper(allele: string): string {
  return /^[A-Za-z]+$/.test(allele) ? allele.toUpperCase() : allele;
}

/** Returns a genotype as sums have it, with its phase. */
function spelt(texts: readonly string[], phased: boolean): string {
  if (texts.every((text) => text === ".")) return ".";
  if (phased && new Set(texts).size > 1) return texts.join("|");
  return texts.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0).join("/");
}
