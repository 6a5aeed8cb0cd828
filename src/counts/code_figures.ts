/**
 * Counts the figures of rows of codes, as they come to the formatter.
 *
 * @module
 */
import { ABSENT, MISSING } from "../base/alleles.ts";
import type { Codes } from "../base/codes.ts";
import { RowAlleles } from "../vcf/declared_alts.ts";
import type { RecordRows, RowStyle } from "../vcf/row_formatter.ts";
import { CellCounts, NOT_COUNTED } from "./cell_counts.ts";
import { type FigureArrays, SAMPLE } from "./figures.ts";
import { SiteFigures } from "./site_figures.ts";
import { COMPARED_SAMPLES, SiteSample } from "./site_sample.ts";

/** The figures of rows of one style, which come by position within each contig. */
export class CodeFigures {
  readonly #ploidies: Uint32Array;
  readonly #haplotypes: number;
  readonly #absent: number;
  #alleles: readonly string[];
  /** The alleles of a row that no kernel counts. */
  #found: RowAlleles | undefined;
  #samples: Float64Array<ArrayBuffer>;
  readonly #sites: SiteFigures;
  readonly #sample: SiteSample | undefined;
  #cells: CellCounts | undefined;
  readonly #plain: boolean;
  /** Counts by code of the current row. */
  #counts: Int32Array;

  constructor({ alleles, samples, extras, kernels }: RowStyle) {
    this.#ploidies = Uint32Array.from(samples, ({ ploidy }) => ploidy);
    this.#haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
    this.#absent = extras?.absent ? ABSENT : -1;
    this.#alleles = alleles;
    this.#counts = new Int32Array(alleles.length);
    this.#samples = new Float64Array(SAMPLE.Numbers * samples.length);
    this.#sites = new SiteFigures(this.#haplotypes, alleles);
    this.#sample = samples.length > 1 && samples.length <= COMPARED_SAMPLES
      ? new SiteSample(this.#haplotypes, alleles.length, this.#absent)
      : undefined;
    this.#plain = kernels === false || extras?.absent === true || extras?.alt === true ||
      this.#haplotypes === 0;
  }

  /** Goes on with rows whose alleles have other codes. */
  useAlleles(alleles: readonly string[]): void {
    this.#flush();
    this.#alleles = alleles;
    this.#found = undefined;
    this.#counts = new Int32Array(alleles.length);
    this.#sites.useAlleles(alleles);
    this.#sample?.useCodes(alleles.length);
  }

  /** Goes on with another contig. */
  begin(contig: string): void {
    this.#flush();
    this.#sites.begin(contig);
    this.#sample?.begin(contig);
  }

  /** Adds rows `from` to `to` (0-based, exclusive). */
  add(rows: RecordRows, from: number, to: number): void {
    if (this.#plain || !(rows.alleles instanceof Uint8Array)) {
      for (let row = from; row < to; row++) this.#addPlain(rows, row);
      return;
    }
    const { stride } = rows;
    if (this.#cells && !this.#cells.fits(stride)) this.#flush();
    if (!this.#cells?.fits(stride)) this.#takeCells();
    const cells = this.#cells ??= new CellCounts(this.#haplotypes, stride);
    for (let row = from; row < to;) {
      row += cells.push(rows, row, to);
      if (row < to) this.#flush();
    }
  }

  /** Counts the rows that wait. */
  #flush(): void {
    const cells = this.#cells;
    if (!cells || cells.rows === 0) return;
    cells.count();
    const { rows, missing, pos, refs, codes, stride } = cells, sample = this.#sample;
    const sites = this.#sites;
    for (let row = 0; sample && row < rows; row++) sample.take(pos[row], codes, row * stride);
    for (let row = 0; row < rows;) {
      row = sites.place(pos, missing, row, rows);
      if (row === rows || missing[row] !== NOT_COUNTED) continue;
      this.#addSite(pos[row], refs[row], codes, row * stride, undefined);
      row++;
    }
    cells.clear();
  }

  /** Counts the alleles of a row whose codes begin at `from`; its ALTs, where they are known. */
  #addSite(
    pos: number,
    ref: number,
    codes: Codes,
    from: number,
    alts: readonly number[] | undefined,
  ): void {
    const counts = this.#counts, sites = this.#sites, met: number[] = [];
    for (let at = from; at < from + this.#haplotypes; at++) {
      if (counts[codes[at]]++ === 0) met.push(codes[at]);
    }
    const missing = counts[MISSING], absent = this.#absent < 0 ? 0 : counts[this.#absent];
    const others = met.filter((code) => code !== ref && code !== MISSING && code !== this.#absent);
    for (const code of alts ?? others) sites.alt(code, counts[code]);
    for (const code of others) if (counts[code] === 1) this.#addSingle(codes, from, code);
    sites.add(pos, ref, ref === MISSING ? 0 : counts[ref], missing, absent);
    for (const code of met) counts[code] = 0;
  }

  #addSingle(codes: Codes, from: number, code: number): void {
    let at = from;
    for (let sample = 0; sample < this.#ploidies.length; sample++) {
      for (const end = at + this.#ploidies[sample]; at < end; at++) {
        if (codes[at] !== code) continue;
        this.#samples[SAMPLE.Numbers * sample + SAMPLE.Singletons]++;
        return;
      }
    }
  }

  /** Counts a row without the kernel. */
  #addPlain(rows: RecordRows, row: number): void {
    this.#flush();
    const { alleles, stride, pos, ref } = rows, from = row * stride;
    this.#sample?.take(pos[row], alleles, from);
    let alts: number[] | undefined;
    if (rows.alt) {
      const found = this.#found ??= new RowAlleles(
        this.#alleles,
        this.#absent >= 0,
        this.#haplotypes,
      );
      found.take(rows, row);
      alts = found.alts;
    }
    this.#addSite(pos[row], ref[row], alleles, from, alts);
    this.#addGenotypes(alleles, from, ref[row]);
  }

  #addGenotypes(codes: Codes, from: number, ref: number): void {
    const sums = this.#samples, absent = this.#absent;
    for (let sample = 0, at = from, to = 0; sample < this.#ploidies.length; sample++) {
      const ploidy = this.#ploidies[sample];
      for (const end = at + ploidy; at < end; at++) {
        const code = codes[at];
        if (code === MISSING) sums[to + SAMPLE.Missing]++;
        else if (code === absent) sums[to + SAMPLE.Absent]++;
        else if (code !== ref) sums[to + SAMPLE.Alternate]++;
      }
      const one = codes[at - 2], other = codes[at - 1];
      if (ploidy === 2 && one !== MISSING && other !== MISSING && other !== absent) {
        sums[to + SAMPLE.Compared]++;
        if (one !== other) sums[to + SAMPLE.Heterozygous]++;
      }
      to += SAMPLE.Numbers;
    }
  }

  /** Adds what the kernel has counted by haplotype, and gives it up. */
  #takeCells(): void {
    if (!this.#cells) return;
    this.#flush();
    this.#addColumns(this.#cells);
    this.#cells = undefined;
  }

  #addColumns(cells: CellCounts): void {
    const [missing, usual, unknown, differ, singles] = cells.takeColumns();
    const sums = this.#samples, rows = cells.takeRows();
    this.#sites.addBaseSites(cells.takeSites());
    for (let sample = 0, at = 0, to = 0; sample < this.#ploidies.length; sample++) {
      const ploidy = this.#ploidies[sample];
      if (ploidy === 2) {
        sums[to + SAMPLE.Compared] += rows - unknown[at];
        sums[to + SAMPLE.Heterozygous] += differ[at];
      }
      for (const end = at + ploidy; at < end; at++) {
        sums[to + SAMPLE.Missing] += missing[at];
        sums[to + SAMPLE.Alternate] += rows - usual[at];
        sums[to + SAMPLE.Singletons] += singles[at];
      }
      to += SAMPLE.Numbers;
    }
  }

  /** Returns the figures since the last call, and begins anew in the same contig. */
  take(): FigureArrays {
    this.#flush();
    if (this.#cells) this.#addColumns(this.#cells);
    const samples = this.#samples;
    this.#samples = new Float64Array(samples.length);
    return { ...this.#sites.take(), samples, sampled: this.#sample?.takeAll() };
  }
}
