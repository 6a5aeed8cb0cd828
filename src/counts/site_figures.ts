/**
 * Counts sites: their alleles, what kinds those are, how frequent, and where the sites are.
 *
 * @module
 */
import { STAR } from "../base/alleles.ts";
import { type AlleleKind, changeOf } from "./allele_kind.ts";
import {
  type FigureArrays,
  FREQUENCY_CLASSES,
  grown,
  MOST_LENGTH,
  noFigures,
  SITE_FIGURES,
  type SiteFigure,
} from "./figures.ts";
import { type BaseSiteCounts, NOT_COUNTED } from "./cell_counts.ts";
import { WindowCounter } from "./windows.ts";

/** Place of each number among those of sites. */
const AT = Object.fromEntries(SITE_FIGURES.map((name, n) => [name, n])) as Record<
  SiteFigure,
  number
>;
/** The bases by their codes; a transition changes A and G, or C and T, which are two apart. */
const BASES = "ACGT", TRANSITION = 2;
/** The number that counts each kind of ALT. */
const KINDS: Readonly<Record<AlleleKind, SiteFigure>> = {
  snp: "snps",
  mnp: "mnps",
  insertion: "insertions",
  deletion: "deletions",
  other: "others",
  star: "stars",
  symbolic: "symbolic",
};

/** The part of the figures that sites give. */
export type SiteArrays = Omit<FigureArrays, "samples" | "sampled">;

/** The counts of one site after another. */
export class SiteFigures {
  /** Codes of the site's ALTs and how often each occurs, `alts` of them. */
  readonly codes: number[] = [];
  readonly counts: number[] = [];
  alts = 0;
  #arrays: SiteArrays;
  readonly #windows = new WindowCounter();
  #alleles: readonly string[] = [];

  constructor(private readonly haplotypes: number, alleles: readonly string[]) {
    this.#arrays = noFigures(0, haplotypes);
    this.useAlleles(alleles);
  }

  useAlleles(alleles: readonly string[]): void {
    this.#alleles = alleles;
  }

  begin(contig: string): void {
    this.#windows.begin(contig);
  }

  /** Adds an ALT to the site that {@linkcode add} counts next. */
  alt(code: number, count: number): void {
    this.codes[this.alts] = code;
    this.counts[this.alts++] = count;
  }

  /** Counts a site at a position (1-based), its REF so often. */
  add(pos: number, ref: number, refs: number, missing: number, absent: number): void {
    const { sites } = this.#arrays, { alts } = this;
    sites[AT.records]++;
    sites[AT.missing] += missing;
    sites[AT.absent] += absent;
    this.#windows.add(pos, missing, absent);
    if (alts + 1 >= this.#arrays.alleles.length) {
      this.#arrays.alleles = grown(this.#arrays.alleles, alts + 2);
    }
    this.#arrays.alleles[alts + 1]++;
    if (alts === 0) return;
    sites[AT.variants]++;
    if (alts > 1) sites[AT.multiallelic]++;
    this.#addFrequencies(refs, this.haplotypes - missing - absent);
    this.#addKinds(ref);
    this.alts = 0;
  }

  /** Notes where sites are that {@linkcode addBaseSites} counts; see {@linkcode WindowCounter.addRun}. */
  place(pos: Uint32Array, missing: Uint32Array, from: number, to: number): number {
    return this.#windows.addRun(pos, missing, from, to, NOT_COUNTED);
  }

  /** Adds the numbers of sites whose alleles are bases or `*`. */
  addBaseSites(counted: BaseSiteCounts): void {
    const { sites, alleles, frequencies, spectrum } = this.#arrays;
    sites[AT.records] += counted.records;
    sites[AT.missing] += counted.missing;
    sites[AT.ref_major] += counted.major;
    sites[AT.ref_tied] += counted.tied;
    sites[AT.ref_minor] += counted.minor;
    sites[AT.snp_records] += counted.snpRecords;
    for (let n = 0; n < counted.alleles.length; n++) {
      alleles[n] += counted.alleles[n];
      if (n > 1) sites[AT.variants] += counted.alleles[n];
      if (n > 2) sites[AT.multiallelic] += counted.alleles[n];
    }
    for (let n = 0; n < frequencies.length; n++) frequencies[n] += counted.frequencies[n];
    for (let n = 0; n < spectrum.length; n++) spectrum[n] += counted.spectrum[n];
    for (let n = 0; n < counted.pairs.length; n++) this.#addAlts(n >> 3, n & 7, counted.pairs[n]);
  }

  /** Counts ALTs of one base or `*`, whose REF is one base. */
  #addAlts(ref: number, code: number, count: number): void {
    const { sites } = this.#arrays;
    if (code === STAR) sites[AT.stars] += count;
    else {
      sites[AT.snps] += count;
      this.#addChange(ref, code, count);
    }
  }

  /** Counts changes from one base to another, by their codes; others are none. */
  #addChange(ref: number, code: number, count: number): void {
    if (ref < 0 || code < 0 || ref >= BASES.length || code >= BASES.length) return;
    const name = (ref ^ code) === TRANSITION ? AT.transitions : AT.transversions;
    this.#arrays.sites[name] += count;
  }

  #addFrequencies(refs: number, called: number): void {
    const { frequencies, spectrum, sites } = this.#arrays, { alts, counts } = this;
    let most = 0;
    for (let n = 0; n < alts; n++) {
      const count = counts[n];
      if (count > most) most = count;
      if (called === 0) continue;
      const part = Math.floor(count * FREQUENCY_CLASSES / called);
      frequencies[part < FREQUENCY_CLASSES ? part : FREQUENCY_CLASSES - 1]++;
    }
    if (alts === 1) spectrum[most < called - most ? most : called - most]++;
    sites[refs > most ? AT.ref_major : refs === most ? AT.ref_tied : AT.ref_minor]++;
  }

  #addKinds(ref: number): void {
    const { sites } = this.#arrays, { alts, codes } = this;
    const text = this.#alleles[ref];
    let snp = false, indel = false;
    for (let n = 0; n < alts; n++) {
      const code = codes[n], alt = this.#alleles[code];
      if (code <= STAR && text.length === 1) {
        this.#addAlts(ref, code, 1);
        snp ||= code !== STAR;
        continue;
      }
      const { kind, at } = changeOf(text, alt);
      sites[AT[KINDS[kind]]]++;
      if (kind === "snp") this.#addChange(BASES.indexOf(text[at]), BASES.indexOf(alt[at]), 1);
      else if (kind === "insertion" || kind === "deletion") {
        this.#addLength(alt.length - text.length);
        indel = true;
      }
      snp ||= kind === "snp";
    }
    if (snp) sites[AT.snp_records]++;
    if (indel) sites[AT.indel_records]++;
  }

  #addLength(more: number): void {
    const place = Math.max(-MOST_LENGTH, Math.min(MOST_LENGTH, more));
    this.#arrays.lengths[MOST_LENGTH + place]++;
  }

  /** Returns the counts since the last call, and begins anew. */
  take(): SiteArrays {
    const taken = { ...this.#arrays, windows: [this.#windows.take()] };
    this.#arrays = noFigures(0, this.haplotypes);
    return taken;
  }
}
