/**
 * The slow, obvious counts of a report, taken from the text of a VCF, and tables of counts as maps.
 *
 * @module
 */
import type { CountRow } from "../../src/counts/count_table.ts";
import { conversion } from "../../src/convert/convert.ts";
import { convertOptions } from "../../src/convert/options.ts";
import type { ConvertRequest } from "../../mod.ts";

/** Counts by figure, name and place. */
export type CountMap = Map<string, number>;

/** Returns a table of counts as a map; classes that have nothing are left out, as in the oracle. */
export function mapOf(rows: readonly CountRow[]): CountMap {
  return new Map(
    rows.map(({ figure, name, place, count }) => [keyOf(figure, name, place), count]),
  );
}

function keyOf(figure: string, name: string | null, place: number): string {
  return [figure, name ?? "", place].join("|");
}

/** Converts a matrix or a table, and returns the counts of its records. */
export async function countsOfInput(request: ConvertRequest): Promise<CountRow[]> {
  const options = convertOptions({ threads: 0, ...request });
  return (await conversion({ ...options, figures: true })).counts!;
}

/** A record of a VCF. */
interface OracleRecord {
  contig: string;
  pos: number;
  ref: string;
  alts: string[];
  /** Alleles of each sample, as texts; a haplotype that a sample does not have is not there. */
  genotypes: string[][];
}

function parse(vcf: string): { names: string[]; records: OracleRecord[] } {
  const lines = vcf.split("\n").filter((line) => line !== "" && !line.startsWith("##"));
  const names = lines[0].split("\t").slice(9);
  const records = lines.slice(1).map((line) => {
    const [contig, pos, , ref, alt, , , , , ...cells] = line.split("\t");
    const alts = alt === "." ? [] : alt.split(","), alleles = [ref, ...alts];
    const genotypes = cells.map((cell) =>
      cell.split(":")[0].split(/[|/]/).map((text) => text === "." ? "." : alleles[Number(text)])
    );
    return { contig, pos: Number(pos), ref, alts, genotypes };
  });
  return { names, records };
}

/** Sizes of windows: each divides the next. */
const SIZES = Array.from({ length: 21 }, (_, n) => 10 ** (n >> 1) * (n % 2 === 1 ? 2 : 1));

/**
 * Returns the counts of a VCF.
 *
 * @param ploidies Haplotypes of each sample, which a VCF of dialects does not tell.
 */
export function reportOracle(vcf: string, ploidies: readonly number[]): CountMap {
  const { names, records } = parse(vcf), counts: CountMap = new Map();
  const add = (figure: string, name: string | null, place: number, more: number) => {
    const key = keyOf(figure, name, place);
    counts.set(key, (counts.get(key) ?? 0) + more);
  };
  const total = (name: string, more: number) => add(`total.${name}`, null, 0, more);
  const haplotypes = ploidies.reduce((sum, more) => sum + more, 0);
  total("haplotypes", haplotypes);
  names.forEach((name, n) => {
    add("sample.ploidy", name, n, ploidies[n]);
    for (const what of ["missing", "absent", "alternate", "singletons", "compared"]) {
      add(`sample.${what}`, name, n, 0);
    }
    add("sample.heterozygous", name, n, 0);
  });
  for (
    const name of [
      ...["records", "variants", "multiallelic", "missing", "absent", "ref_major", "ref_tied"],
      ...["ref_minor", "snps", "mnps", "insertions", "deletions", "others", "stars", "symbolic"],
      ...["transitions", "transversions", "snp_records", "indel_records"],
    ]
  ) total(name, 0);
  for (const { ref, alts, genotypes } of records) {
    const alleles = genotypes.flat(),
      count = (allele: string) => alleles.filter((other) => other === allele).length;
    const missing = count("."), called = alleles.length - missing;
    total("records", 1);
    total("missing", missing);
    total("absent", haplotypes - alleles.length);
    add("alleles", null, alts.length + 1, 1);
    genotypes.forEach((genotype, n) => {
      const name = names[n];
      add("sample.missing", name, n, genotype.filter((allele) => allele === ".").length);
      add("sample.absent", name, n, ploidies[n] - genotype.length);
      const other = genotype.filter((allele) => allele !== "." && allele !== ref);
      add("sample.alternate", name, n, other.length);
      add("sample.singletons", name, n, other.filter((allele) => count(allele) === 1).length);
      if (ploidies[n] !== 2 || genotype.length !== 2 || genotype.includes(".")) return;
      add("sample.compared", name, n, 1);
      if (genotype[0] !== genotype[1]) add("sample.heterozygous", name, n, 1);
    });
    if (alts.length === 0) continue;
    total("variants", 1);
    if (alts.length > 1) total("multiallelic", 1);
    const most = Math.max(...alts.map(count)), refs = count(ref);
    total(refs > most ? "ref_major" : refs === most ? "ref_tied" : "ref_minor", 1);
    if (alts.length === 1) add("spectrum", null, Math.min(most, called - most), 1);
    const kinds = new Set<string>();
    for (const alt of alts) {
      const part = Math.floor(count(alt) * 50 / called);
      if (called > 0) add("frequency", null, Math.min(49, part), 1);
      const more = alt.length - ref.length, kind = kindOf(ref, alt);
      total(kind, 1);
      kinds.add(kind);
      if (/^(inser|dele)/.test(kind)) add("length", null, Math.max(-60, Math.min(60, more)), 1);
      const at = [...ref].findIndex((base, n) => base !== alt[n]), change = ref[at] + alt[at];
      if (kind !== "snps" || !/^[ACGT]{2}$/.test(change)) continue;
      total(/^(AG|GA|CT|TC)$/.test(change) ? "transitions" : "transversions", 1);
    }
    if (kinds.has("snps")) total("snp_records", 1);
    if (kinds.has("insertions") || kinds.has("deletions")) total("indel_records", 1);
  }
  addPlaces(records, haplotypes, add);
  return counts;
}

/** Returns the kind of an ALT, by what is left once each common base at the ends is cut off. */
function kindOf(ref: string, alt: string): string {
  if (alt === "*") return "stars";
  if (alt.startsWith("<")) return "symbolic";
  const same = /^(.*).*\n\1/.exec(`${ref}\n${alt}`)![1].length;
  const [r, a] = [ref.slice(same), alt.slice(same)];
  if (r === "" || a === "") return a === "" ? "deletions" : "insertions";
  const [, cutR, cutA] = /^(.+?)(.*)\n(.+?)\2$/.exec(`${r}\n${a}`)!.toSpliced(2, 1);
  if (cutR.length === cutA.length) return cutR.length === 1 ? "snps" : "mnps";
  if (Math.min(cutR.length, cutA.length) > 1 || cutR.at(-1) !== cutA.at(-1)) return "others";
  return a.length > r.length ? "insertions" : "deletions";
}

type Add = (figure: string, name: string | null, place: number, more: number) => void;

function addPlaces(records: readonly OracleRecord[], haplotypes: number, add: Add): void {
  const contigs = [...new Set(records.map(({ contig }) => contig))];
  const on = (contig: string) => records.filter((record) => record.contig === contig).length;
  const sizes = new Map(contigs.map((contig) => [contig, on(contig)]));
  contigs.sort((a, b) => sizes.get(b)! - sizes.get(a)! || (a < b ? -1 : 1));
  const most = Math.min(2048, Math.max(40, records.length / 20));
  const size = SIZES.find((size) => {
    const windows = new Set(
      records.map(({ contig, pos }) => `${contig}\t${Math.floor((pos - 1) / size)}`),
    );
    return windows.size - contigs.length <= most;
  })!;
  add("total.contigs", null, 0, contigs.length);
  add("total.window_size", null, 0, size);
  add("total.other_contigs", null, 0, Math.max(0, contigs.length - 50));
  for (const name of ["records", "missing", "absent"]) add(`total.other_${name}`, null, 0, 0);
  for (const { contig, pos, genotypes } of records) {
    const alleles = genotypes.flat(), place = contigs.indexOf(contig);
    const numbers = [
      ["records", 1],
      ["missing", alleles.filter((allele) => allele === ".").length],
      ["absent", haplotypes - alleles.length],
    ] as const;
    for (const [name, more] of numbers) {
      if (place >= 50) add(`total.other_${name}`, null, 0, more);
      else {
        add(`contig.${name}`, contig, place, more);
        add(`window.${name}`, contig, Math.floor((pos - 1) / size) * size + 1, more);
      }
    }
  }
}
