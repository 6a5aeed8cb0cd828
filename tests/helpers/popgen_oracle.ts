/**
 * The statistics of populations in the slow, obvious way: loops over pairs of haplotypes, and the
 * formulas as papers have them. It knows nothing of SQL.
 *
 * @module
 */
import type { TextRow } from "./popgen_tables.ts";

/** A cell: an allele, `.` where it is missing, or nothing where the sample has no such haplotype. */
export type Cell = string;

/** A sample, and the columns of its haplotypes, 0-based. */
export interface OracleSample {
  name: string;
  columns: number[];
}

/** A row of a matrix. */
export interface OracleSite {
  contig: string;
  pos: number;
  ref: string;
  cells: Cell[];
  /** Line of the matrix, 1-based. */
  line: number;
  /**
   * Of each sample, the block in which the order of its alleles holds; `undefined` where it holds in
   * none. Left out where all samples are phased.
   */
  blocks?: (string | undefined)[];
}

/** Everything that is asked about. */
export interface OracleMatrix {
  /** In the order of the table. */
  samples: OracleSample[];
  sites: OracleSite[];
  /** Populations by sample. */
  populations: ReadonlyMap<string, string>;
}

/** Options of the statistics by window. */
export interface WindowOptions {
  size?: number;
  step?: number;
  indels?: boolean;
  maxAlleles?: number;
}

/** Options of linkage. */
export interface LinkageOptions {
  contig: string;
  first: number;
  last: number;
  population?: string;
  maxDistance?: number;
  indels?: boolean;
}

const isCalled = (cell: Cell) => cell !== "." && cell !== "";

function text(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "" : String(value);
}

function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** Numbers of pairs within a list, and of those that differ. */
function pairsWithin(alleles: readonly string[]): { pairs: number; differ: number } {
  let pairs = 0, differ = 0;
  for (let i = 0; i < alleles.length; i++) {
    for (let j = 0; j < i; j++) {
      pairs++;
      if (alleles[i] !== alleles[j]) differ++;
    }
  }
  return { pairs, differ };
}

function pairsBetween(
  one: readonly string[],
  other: readonly string[],
): { pairs: number; differ: number } {
  let pairs = 0, differ = 0;
  for (const a of one) {
    for (const b of other) {
      pairs++;
      if (a !== b) differ++;
    }
  }
  return { pairs, differ };
}

/** Names of the populations, by their first haplotype. */
function namesOf({ samples, populations }: OracleMatrix): string[] {
  const first = new Map<string, number>();
  for (const { name, columns } of samples) {
    const population = populations.get(name);
    if (population === undefined) continue;
    first.set(population, Math.min(first.get(population) ?? Infinity, ...columns));
  }
  return [...first].sort(([, a], [, b]) => a - b).map(([name]) => name);
}

function membersOf({ samples, populations }: OracleMatrix, population: string): OracleSample[] {
  return samples.filter(({ name }) => populations.get(name) === population);
}

function cellsOf({ cells }: OracleSite, samples: readonly OracleSample[]): Cell[] {
  return samples.flatMap(({ columns }) => columns.map((column) => cells[column]));
}

/** Tells whether a row is a site, by the alleles of the samples that decide. */
function isSite(
  site: OracleSite,
  deciding: readonly OracleSample[],
  { indels = false, maxAlleles = Infinity }: WindowOptions,
): boolean {
  const alleles = new Set(cellsOf(site, deciding).filter(isCalled));
  const single = [...alleles, site.ref].every((allele) => allele.length === 1);
  if (!indels && (!single || alleles.has("*"))) return false;
  return alleles.size <= maxAlleles;
}

/** A window of a contig, with its sites. */
interface Window {
  keys: TextRow;
  sites: OracleSite[];
}

/** Returns all windows that a site is in. */
function windowsOf(
  { sites }: OracleMatrix,
  used: readonly OracleSite[],
  { size, step = size }: WindowOptions,
): Window[] {
  const found: Window[] = [];
  for (const contig of new Set(sites.map((site) => site.contig))) {
    const here = used.filter((site) => site.contig === contig);
    const all = sites.filter((site) => site.contig === contig).map(({ pos }) => pos);
    const most = Math.max(...all);
    for (let first = 1; first <= most; first += step ?? most) {
      const last = size === undefined ? most : first + size - 1;
      const inside = here.filter(({ pos }) => pos >= first && pos <= last);
      if (inside.length === 0) continue;
      const keys = { CHROM: contig, first_pos: String(first), last_pos: String(last) };
      found.push({ keys, sites: inside });
    }
  }
  return found;
}

function namedSites(matrix: OracleMatrix, options: WindowOptions): OracleSite[] {
  const deciding = matrix.samples.filter(({ name }) => matrix.populations.has(name));
  return matrix.sites.filter((site) => isSite(site, deciding, options));
}

/** Sum of `1 / i ** power` for `i` from 1 to below `n`. */
function harmonic(n: number, power: number): number {
  let sum = 0;
  for (let i = 1; i < n; i++) sum += 1 / i ** power;
  return sum;
}

/** Standard deviation of Tajima 1989, equation 38, of `s` sites that `n` haplotypes segregate at. */
function tajimaDeviation(n: number, s: number): number {
  // Of two or three haplotypes pi and theta are the same, and rounding would tell otherwise.
  if (n < 4 || s === 0) return 0;
  const a1 = harmonic(n, 1), a2 = harmonic(n, 2);
  const b1 = (n + 1) / (3 * (n - 1)), b2 = 2 * (n * n + n + 3) / (9 * n * (n - 1));
  const c1 = b1 - 1 / a1, c2 = b2 - (n + 2) / (a1 * n) + a2 / a1 ** 2;
  const e1 = c1 / a1, e2 = c2 / (a1 ** 2 + a2);
  return Math.sqrt(e1 * s + e2 * s * (s - 1));
}

/** What `diversity` answers. */
export function oracleDiversity(matrix: OracleMatrix, options: WindowOptions): TextRow[] {
  const rows: TextRow[] = [];
  for (const { keys, sites } of windowsOf(matrix, namedSites(matrix, options), options)) {
    for (const population of namesOf(matrix)) {
      const members = membersOf(matrix, population), segregating = new Map<number, number>();
      let used = 0, pairs = 0, differ = 0, missing = 0, present = 0, pi = 0, theta = 0;
      for (const site of sites) {
        const cells = cellsOf(site, members).filter((cell) => cell !== "");
        const alleles = cells.filter(isCalled), n = alleles.length;
        present += cells.length;
        missing += cells.length - n;
        if (n > 0) used++;
        const here = pairsWithin(alleles);
        pairs += here.pairs;
        differ += here.differ;
        if (n > 1) pi += here.differ / here.pairs;
        if (new Set(alleles).size < 2) continue;
        theta += 1 / harmonic(n, 1);
        segregating.set(n, (segregating.get(n) ?? 0) + 1);
      }
      let deviation = 0, all = 0;
      for (const [n, s] of segregating) {
        deviation += tajimaDeviation(n, s);
        all += s;
      }
      rows.push({
        ...keys,
        population,
        sites: String(used),
        segregating: String(all),
        pi: text(ratio(differ, pairs)),
        theta_w: text(ratio(theta, used)),
        tajima_d: text(ratio(pi - theta, deviation)),
        missingness: text(ratio(missing, present)),
        differences: String(differ),
        comparisons: String(pairs),
      });
    }
  }
  return rows;
}

/** Yields all pairs of a list. */
function* pairsOf<T>(list: readonly T[]): Generator<[T, T]> {
  for (let i = 0; i < list.length; i++) {
    for (let j = i + 1; j < list.length; j++) yield [list[i], list[j]];
  }
}

/** What `divergence` answers. */
export function oracleDivergence(matrix: OracleMatrix, options: WindowOptions): TextRow[] {
  const rows: TextRow[] = [];
  for (const { keys, sites } of windowsOf(matrix, namedSites(matrix, options), options)) {
    for (const [one, other] of pairsOf(namesOf(matrix))) {
      const both = [one, other].map((population) => membersOf(matrix, population));
      let used = 0, snps = 0, pairs = 0, differ = 0, numerator = 0, denominator = 0;
      for (const site of sites) {
        const [x, y] = both.map((members) => cellsOf(site, members).filter(isCalled));
        if (x.length > 0 && y.length > 0) used++;
        const between = pairsBetween(x, y);
        pairs += between.pairs;
        differ += between.differ;
        if (x.length < 2 || y.length < 2) continue;
        if (new Set([...x, ...y]).size > 1) snps++;
        const among = between.differ / between.pairs;
        const [p, q] = [x, y].map(pairsWithin).map(({ differ, pairs }) => differ / pairs);
        numerator += among - (p + q) / 2;
        denominator += among;
      }
      rows.push({
        ...keys,
        population_1: one,
        population_2: other,
        sites: String(used),
        dxy: text(ratio(differ, pairs)),
        snps: String(snps),
        fst: text(ratio(numerator, denominator)),
        differences: String(differ),
        comparisons: String(pairs),
      });
    }
  }
  return rows;
}

/** The parts a, b and c of an allele, of Weir and Cockerham 1984, equations 2 to 4. */
function wcParts(groups: readonly (readonly [string, string][])[], allele: string): number[] {
  const r = groups.length, n = groups.map((group) => group.length);
  const total = n.reduce((sum, count) => sum + count, 0), mean = total / r;
  const nc = (r * mean - n.reduce((sum, count) => sum + count ** 2, 0) / (r * mean)) / (r - 1);
  const p = groups.map((group) =>
    group.flat().filter((other) => other === allele).length / (2 * group.length)
  );
  const average = p.reduce((sum, share, at) => sum + n[at] * share, 0) / (r * mean);
  const s2 = p.reduce((sum, share, at) => sum + n[at] * (share - average) ** 2, 0) /
    ((r - 1) * mean);
  const h = groups.flat().filter(([a, b]) => (a === allele) !== (b === allele)).length / total;
  const v = average * (1 - average);
  return [
    mean / nc * (s2 - (v - (r - 1) / r * s2 - h / 4) / (mean - 1)),
    mean / (mean - 1) * (v - (r - 1) / r * s2 - (2 * mean - 1) / (4 * mean) * h),
    h / 2,
  ];
}

/** What `weir_cockerham` answers. */
export function oracleWeirCockerham(matrix: OracleMatrix, options: WindowOptions): TextRow[] {
  const rows: TextRow[] = [];
  for (const { keys, sites } of windowsOf(matrix, namedSites(matrix, options), options)) {
    for (const [one, other] of pairsOf(namesOf(matrix))) {
      const parts = [0, 0, 0];
      let snps = 0;
      for (const site of sites) {
        const groups = [one, other].map((population) =>
          membersOf(matrix, population).filter(({ columns }) => columns.length === 2)
            .map((sample) => cellsOf(site, [sample]) as [string, string])
            .filter((genotype) => genotype.every(isCalled))
        );
        const alleles = new Set(groups.flat(2));
        const few = groups.some(({ length }) => length === 0) || groups.flat().length < 3;
        if (few || alleles.size < 2) continue;
        snps++;
        for (const allele of alleles) {
          wcParts(groups, allele).forEach((part, at) => parts[at] += part);
        }
      }
      if (snps === 0) continue;
      const [a, b, c] = parts;
      rows.push({
        ...keys,
        population_1: one,
        population_2: other,
        snps: String(snps),
        fst: text(ratio(a, a + b + c)),
        a: text(a),
        b: text(b),
        c: text(c),
      });
    }
  }
  return rows;
}

/** What `heterozygosity` answers; all samples decide. */
export function oracleHeterozygosity(matrix: OracleMatrix, options: WindowOptions): TextRow[] {
  const used = matrix.sites.filter((site) => isSite(site, matrix.samples, options));
  const rows: TextRow[] = [];
  for (const { keys, sites } of windowsOf(matrix, used, options)) {
    for (const sample of matrix.samples.filter(({ columns }) => columns.length > 1)) {
      let number = 0, pairs = 0, differ = 0, shares = 0;
      for (const site of sites) {
        const here = pairsWithin(cellsOf(site, [sample]).filter(isCalled));
        if (here.pairs === 0) continue;
        number++;
        pairs += here.pairs;
        differ += here.differ;
        shares += here.differ / here.pairs;
      }
      rows.push({
        ...keys,
        sample: sample.name,
        sites: String(number),
        differences: String(differ),
        comparisons: String(pairs),
        heterozygosity: text(ratio(shares, number)),
      });
    }
  }
  return rows;
}

/** The block of a genotype: none, one of its own name, or every one. */
function blockOf(site: OracleSite, sample: OracleSample, at: number): string | "every" | "none" {
  if (!site.blocks) return "every";
  const cells = cellsOf(site, [sample]).filter((cell) => cell !== "");
  const isHomozygous = cells.every(isCalled) && new Set(cells).size === 1;
  if (cells.length < 2 || isHomozygous) return "every";
  return site.blocks[at] === undefined ? "none" : `in ${site.blocks[at]}`;
}

/** What `ld` answers. */
export function oracleLinkage(matrix: OracleMatrix, options: LinkageOptions): TextRow[] {
  const { contig, first, last, population, maxDistance = Infinity, indels } = options;
  const { samples, populations } = matrix;
  const asked = samples.map((sample, at) => ({ sample, at })).filter(({ sample }) =>
    population === undefined || populations.get(sample.name) === population
  );
  const deciding = samples.filter(({ name }) => population === undefined || populations.has(name));
  const sites = matrix.sites.filter((site) =>
    site.contig === contig && site.pos >= first && site.pos <= last &&
    isSite(site, deciding, { indels }) &&
    new Set(cellsOf(site, asked.map(({ sample }) => sample)).filter(isCalled)).size === 2
  ).sort((a, b) => a.pos - b.pos || a.line - b.line);
  const rows: TextRow[] = [];
  for (const [x, y] of pairsOf(sites)) {
    if (y.pos - x.pos > maxDistance) continue;
    const pairs: [string, string][] = [];
    for (const { sample, at } of asked) {
      const [one, other] = [x, y].map((site) => blockOf(site, sample, at));
      if (one === "none" || other === "none") continue;
      if (one !== other && one !== "every" && other !== "every") continue;
      for (const column of sample.columns) {
        const pair: [string, string] = [x.cells[column], y.cells[column]];
        if (pair.every(isCalled)) pairs.push(pair);
      }
    }
    const n = pairs.length, [a] = cellsOf(x, asked.map(({ sample }) => sample)).filter(isCalled);
    const [b] = cellsOf(y, asked.map(({ sample }) => sample)).filter(isCalled);
    const share = (is: (pair: [string, string]) => boolean) => pairs.filter(is).length / n;
    const p = share(([one]) => one === a), q = share(([, other]) => other === b);
    const d = share(([one, other]) => one === a && other === b) - p * q;
    const known = n > 0 && p > 0 && p < 1 && q > 0 && q < 1;
    const most = d > 1e-12
      ? Math.min(p * (1 - q), q * (1 - p))
      : Math.min(p * q, (1 - p) * (1 - q));
    rows.push({
      CHROM: contig,
      pos_1: String(x.pos),
      pos_2: String(y.pos),
      haplotypes: String(n),
      r2: known ? text(d * d / (p * (1 - p) * q * (1 - q))) : "",
      d_prime: known ? text(Math.abs(d) / most) : "",
      line_1: String(x.line),
      line_2: String(y.line),
    });
  }
  return rows;
}
