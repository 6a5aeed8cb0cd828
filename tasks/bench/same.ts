/**
 * Compares the outputs of two converters: the number of records, the samples, and the genotypes of
 * records at even distances.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import type { Lens } from "./plan.ts";

/** Number of genotypes that are compared, about. */
const GENOTYPES = 2_000_000;
const NEWLINE = 10;
const HASH = 35;

/** The parts of a VCF that are compared. */
export interface Extract {
  records: number;
  samples: string[];
  /** Records at even distances, from the first one on, normalized. */
  lines: string[];
}

/** Returns the distance between records to compare, in a file of a size. */
export function stepFor(rows: number, samples: number): number {
  return Math.max(1, Math.floor((rows * samples) / GENOTYPES));
}

/**
 * Reads a VCF, plain or compressed.
 *
 * @param step Distance of the records to take: 0, `step`, 2 `step`, ...
 */
export async function extract(path: string, step: number, lens: Lens): Promise<Extract> {
  const found: Extract = { records: 0, samples: [], lines: [] };
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of openText(path)) {
    const bytes = Buffer.concat([tail, chunk]);
    tail = bytes.subarray(takeLines(bytes, found, step, lens));
  }
  if (tail.length > 0) throw new Error("the last line has no newline");
  return found;
}

/** Takes in the whole lines, and returns where they end, exclusive. */
function takeLines(bytes: Buffer, found: Extract, step: number, lens: Lens): number {
  let start = 0;
  for (let end; (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
    const text = () => bytes.toString("utf8", start, end);
    if (bytes[start] !== HASH) {
      if (found.records++ % step === 0) found.lines.push(normalise(text(), lens));
    } else if (bytes[start + 1] !== HASH) found.samples = text().split("\t").slice(9);
  }
  return start;
}

/** Yields the bytes of a file, uncompressed. */
function openText(path: string): AsyncIterable<Buffer> {
  const stream = createReadStream(path, { highWaterMark: 1 << 20 });
  if (!path.endsWith(".gz")) return stream;
  const unzip = createGunzip();
  stream.on("error", (error) => unzip.destroy(error));
  return stream.pipe(unzip);
}

/** Says how the second differs from the first, in a few words; undefined if it does not. */
export function difference(one: Extract, other: Extract): string | undefined {
  if (one.records !== other.records) return `${other.records} records, not ${one.records}`;
  if (one.samples.join("\t") !== other.samples.join("\t")) return "other samples";
  const at = one.lines.findIndex((line, k) => line !== other.lines[k]);
  if (at < 0) return undefined;
  const [site] = one.lines[at].split(" ", 1);
  return `other genotypes at ${site}`;
}

/**
 * Returns a record as text: site, REF, ALT as far as the lens sees it, and each sample's alleles.
 */
export function normalise(line: string, lens: Lens): string {
  const [chrom, pos, , ref, alt, , , , , ...genotypes] = line.split("\t");
  const alleles = [ref, ...alt.split(",")];
  const named = genotypes.map((genotype) => nameAlleles(genotype, alleles));
  return [`${chrom}:${pos}`, ref, ...LENSES[lens](named, alt)].join(" ");
}

/** Returns the alleles of one sample, and what stands between them. */
interface Genotype {
  separator: string;
  codes: string[];
  names: string[];
}

const LENSES: Readonly<Record<Lens, (genotypes: Genotype[], alt: string) => string[]>> = {
  exact: (genotypes, alt) => [
    alt,
    ...genotypes.map(({ separator, names }) => names.join(separator)),
  ],
  unphased: (genotypes) => genotypes.map(({ names }) => doubled(names).sort().join("/")),
  numbered: (genotypes, alt) => {
    const numbers = new Map<string, number>();
    const numberOf = (code: string) => {
      if (!numbers.has(code)) numbers.set(code, numbers.size);
      return numbers.get(code);
    };
    const known = alt.split(",").filter((name) => name !== "." && name !== "N").sort().join();
    const numbered = genotypes.map(({ codes }) => {
      const two = doubled(codes);
      return two.every((code) => code === ".") ? "./." : two.map(numberOf).join("/");
    });
    return [known, ...numbered];
  },
};

function nameAlleles(genotype: string, alleles: string[]): Genotype {
  const end = genotype.indexOf(":");
  const text = end < 0 ? genotype : genotype.slice(0, end);
  const codes = text.split(/[|/]/);
  const names = codes.map((code) => code === "." ? code : alleles[Number(code)]);
  return { separator: text.includes("/") ? "/" : "|", codes, names };
}

/** Returns two alleles for one. */
function doubled(alleles: string[]): string[] {
  return alleles.length === 1 ? [alleles[0], alleles[0]] : alleles;
}
