/**
 * Finds out which allele of a row is REF where no column says it.
 *
 * @module
 */
import { ABSENT, ANY_BASE, MISSING, STAR } from "../../base/alleles.ts";
import { ZERO } from "../../base/bytes.ts";
import type { Dictionary } from "../../base/dictionary.ts";
import { Role } from "../layout.ts";
import type { RowBatch } from "../row_batch.ts";
import type { TokenizerPlan } from "../tokenizer_plan.ts";
import type { DeclaredAlleles } from "./declared_alleles.ts";
import type { DialectPlan } from "./dialect.ts";

/** The bases of a reference genome. */
export interface ReferenceBases {
  /** Tells whether the reference has a contig. */
  has(contig: string): boolean;
  /** Says which contig of the reference one that it lacks may be; empty where none looks like it. */
  like(contig: string): string;
  /**
   * Returns the bases of a contig from `pos` on (1-based), upper-case; fewer than `length` where the
   * contig ends.
   */
  at(contig: string, pos: number, length: number): string;
}

/** The allele that the reference has, among those of a row. */
export interface FoundRef {
  /** Code of the allele, or -1 where the reference has one that is not among them. */
  code: number;
  /** The base of the reference, where the code is -1; empty past the end of the contig. */
  base: string;
}

/** The first in the alphabet of the bases that a letter stands for, as VCF 4.3 writes it. */
const FIRST_BASE: Readonly<Record<string, string>> = {
  ...{ R: "A", Y: "C", S: "C", W: "A", K: "G", M: "A", B: "C", D: "A", H: "A", V: "A" },
};
const BASES = "ACGT";
const COLON = 58, UNDERSCORE = 95;

/**
 * Returns the one of some alleles that the reference spells at a position, the longest if there are
 * several.
 *
 * @param codes Codes of alleles, each once.
 * @param pos 1-based.
 */
export function spelledAllele(
  bases: ReferenceBases,
  { contig, pos }: { contig: string; pos: number },
  codes: readonly number[],
  alleles: Dictionary,
): FoundRef {
  const there = bases.at(contig, pos, 1), base = FIRST_BASE[there] ?? there;
  let best = -1, longest = 0;
  for (const code of codes) {
    if (code < ANY_BASE) {
      if (longest < 1 && BASES[code] === base) [best, longest] = [code, 1];
      continue;
    }
    if (code <= STAR) continue;
    const text = alleles.text(code), { length } = text;
    if (length <= longest || text.startsWith("<")) continue;
    if (bases.at(contig, pos, length) === text) [best, longest] = [code, length];
  }
  return { code: best, base: best < 0 ? base : "" };
}

/** What REF is found by: the row's place, and its ID. One object serves for all rows. */
export interface RowSite {
  contig: string;
  /** 1-based. */
  pos: number;
  /** The ID is `raw[idFrom..idTo)`; nothing without one. */
  raw: Uint8Array;
  idFrom: number;
  idTo: number;
}

/** The REF of a row that its column does not say: no row has a code below 0. */
export const NO_REF = -3;

/** The finder of REF where a row has to be asked, or the reference. */
export class RefFinder {
  /** Why the last row has no REF. */
  problem = "";
  readonly #seen: number[] = [];
  readonly #haplotypes: number;
  readonly #hasColumn: boolean;
  /** True where the vocabulary has the absent haplotype. */
  readonly #hasAbsent: boolean;

  /** @param bases The reference, where there is one. */
  constructor(
    { roles, copies }: TokenizerPlan,
    private readonly plan: DialectPlan,
    private readonly alleles: Dictionary,
    private readonly declared: DeclaredAlleles,
    private readonly bases: ReferenceBases | undefined,
  ) {
    this.#haplotypes = copies.reduce((sum, copy) => sum + copy, 0);
    this.#hasColumn = roles.includes(Role.Ref);
    this.#hasAbsent = alleles.size > ABSENT && alleles.text(ABSENT) === "";
  }

  /** True where a row may leave REF open in its column. */
  get mayBeOpen(): boolean {
    return this.bases !== undefined || this.plan.facts.refMayMiss === true;
  }

  /** Returns the code of REF, whose other alleles are in the batch already, or NO_REF. */
  find(batch: RowBatch, site: RowSite): number {
    const { ref } = this.plan.dialect, [first = NO_REF] = this.declared.codes;
    const open = this.#hasColumn && ref === "column";
    if (this.bases && (ref === "lookup" || open)) return this.#spelled(batch, site, this.bases);
    if (this.#hasColumn && this.plan.facts.refMayMiss) return MISSING;
    if (ref === "first") return this.#firstAllele(batch);
    this.problem = ref === "lookup"
      ? "no column says what REF is; give the --reference, or --ref-from first"
      : "the row declares no allele that could be REF";
    if (ref === "lookup") return NO_REF;
    if (ref === "ids" && first >= 0 && !this.#isConfirmed(site)) {
      this.problem =
        "the ID is not CHROM:POS_REF_ALT with the place and the alleles of this row, " +
        "and elsewhere such IDs say what REF is; give the --reference, or --ref-from first";
      return NO_REF;
    }
    return first;
  }

  /** Returns the first allele of the row's declaration, or of its cells where it has none. */
  #firstAllele(batch: RowBatch): number {
    const { codes } = this.declared, seen = this.#allelesOf(batch);
    const other = codes.length > 1 ? seen.find((code) => !codes.includes(code)) : undefined;
    this.problem = "the row has no allele that could be REF";
    if (other === undefined) return (codes.length > 0 ? codes : seen).find(isRef) ?? NO_REF;
    const all = codes.map((code) => this.alleles.text(code)).join("/");
    this.problem = `a cell has ${this.alleles.text(other)}, which the row does not declare ` +
      `(${all}): one of them may be of the other strand; give the --reference`;
    return NO_REF;
  }

  /**
   * Returns REF of the reference. Where it is none of several alleles, the first of them stands
   * for REF, and what becomes of the row is up to `--ref-mismatch`, as for any REF that differs. The
   * two alleles of a file of one sample may well both be ALTs.
   */
  #spelled(batch: RowBatch, site: RowSite, bases: ReferenceBases): number {
    const { contig, pos } = site;
    if (!bases.has(contig)) {
      const like = bases.like(contig), hint = like && `; ${like}; rename one of them`;
      this.problem = `the reference has no contig '${contig}', so nothing says what REF is${hint}`;
      return NO_REF;
    }
    const all = [...new Set([...this.declared.codes, ...this.#allelesOf(batch)])];
    const { code, base } = spelledAllele(bases, site, all, this.alleles);
    if (code >= 0) return code;
    const others = all.filter(isRef), alone = this.plan.dialect.names === "option";
    if (others.length > 1 && !alone) return others[0];
    this.problem = `the reference has no base at ${pos} of '${contig}'; is it the right build?`;
    const found = base === "" ? -1 : "ACGTN".indexOf(base);
    return found < 0 ? NO_REF : found;
  }

  /** Returns the alleles of the row's cells, each once, in order of appearance. */
  #allelesOf({ alleles, rows, shape: { stride } }: RowBatch): number[] {
    const seen = this.#seen, from = rows * stride, absent = this.#hasAbsent ? ABSENT : MISSING;
    seen.length = 0;
    // A bit for each usual code: a search for each haplotype took a tenth of the time.
    let usual = 0;
    for (let at = from; at < from + this.#haplotypes; at++) {
      const code = alleles[at];
      if (code < 32) {
        if ((usual >>> code & 1) === 1) continue;
        usual |= 1 << code;
      } else if (seen.includes(code)) continue;
      if (code !== MISSING && code !== absent) seen.push(code);
    }
    return seen;
  }

  /** Tells whether an ID is `CHROM:POS_REF_ALT` of the row, or with colons throughout. */
  #isConfirmed({ contig, pos, raw, idFrom, idTo }: RowSite): boolean {
    // A contig's name is ASCII.
    let at = idFrom + contig.length, there = 0;
    for (let n = 0; n < contig.length; n++) {
      if (raw[idFrom + n] !== contig.charCodeAt(n)) return false;
    }
    if (raw[at++] !== COLON) return false;
    for (; at < idTo && raw[at] >= ZERO && raw[at] <= ZERO + 9; at++) {
      there = 10 * there + raw[at] - ZERO;
    }
    if (there !== pos || !isBetween(raw[at])) return false;
    const from = ++at, [ref, alt = -1] = this.declared.codes;
    while (at < idTo && !isBetween(raw[at])) at++;
    if (this.alleles.find(raw, from, at) !== ref || at >= idTo) return false;
    return alt < 0 || this.alleles.find(raw, at + 1, idTo) === alt;
  }
}

/** Tells whether a byte stands between the parts of such an ID. */
function isBetween(byte: number): boolean {
  return byte === COLON || byte === UNDERSCORE;
}

/** Tells whether an allele can be REF, and is compared with the reference. */
function isRef(code: number): boolean {
  return code < MISSING || code > STAR;
}
