/**
 * Describes a benchmark as plain data: cases of entries, each with a command. Nothing here runs.
 *
 * @module
 */

import type { GenerateOptions } from "../../src/generate/generate.ts";

/** The machine and the user's wishes, on which the plan depends. */
export interface Setting {
  /** The repository's folder. */
  root: string;
  /** Folder of data and results; the plan's paths are below it. */
  folder: string;
  /** The words that start `matrix2vcf convert`, as a user does. */
  convert: readonly string[];
  /** Path of each program that is installed. */
  tools: Tools;
  /** Cores of the machine. */
  cores: number;
  /** Share of the full number of rows to take. */
  scale: number;
}

/** Programs that peers need; `pandas` is a Python that can import it. */
export type Tool = "mawk" | "bcftools" | "bgzip" | "plink1.9" | "gcc" | "pandas";

/** Path of each program that is installed. */
export type Tools = Readonly<Partial<Record<Tool, string>>>;

/** The programs that can take part. */
export const PEERS = [
  "matrix2vcf",
  "bcftools",
  "bcftools-cut",
  "bgzip",
  "plink",
  "mawk",
  "pandas",
  "c",
] as const;

/** A program that can take part. */
export type Peer = (typeof PEERS)[number];

/** A synthetic matrix. */
export interface Matrix {
  path: string;
  rows: number;
  /** All columns: CHROM, POS, REF and the haplotypes. */
  columns: number;
  /** Options of `src/generate/generate.ts` that make it. */
  options: Partial<GenerateOptions>;
}

/** A file that is made before the race. */
export interface Recipe {
  path: string;
  /** Files that it is made from; where one of these is newer, it is made again. */
  from: readonly string[];
  /** Writes {@linkcode partOf} the path if it is kept, else the path itself. */
  command: readonly string[];
  /** True where later benchmarks use it again. */
  kept: boolean;
}

/**
 * The way to compare two outputs. `exact`: ALT, phase and order of alleles as they are. `unphased`:
 * as sets of alleles, for plink; a haploid genotype counts as two equal alleles. `numbered`:
 * alleles are known by the order in which genotypes name them, and ALT is a set; for `bcftools
 * convert --tsv2vcf` (1.16), which lists the ALTs of a site in the order ACGTN but numbers them by
 * appearance, so that sites with several ALTs get wrong genotypes. It knows no half-missing ones:
 * our cut gives it an N, which counts as an allele and is left out of ALT here.
 */
export type Lens = "exact" | "unphased" | "numbered";

/** One command of a case. */
export interface Entry {
  /** Unique in its case. */
  id: string;
  label: string;
  peer: Peer;
  command: readonly string[];
  /** The matrix it converts, if it is a generated one. */
  matrix?: Matrix;
  recipes: readonly Recipe[];
  /** The file whose size counts. */
  output?: string;
  /**
   * Other files of the run: like the output they must be there after it, and go before the next.
   */
  leaves: readonly string[];
  /** The output that its own is compared with, and how. */
  check?: { against: string; lens: Lens };
  /**
   * Set where it is too slow for the full size: it runs once, and its time is multiplied by this.
   */
  extrapolate?: number;
  /** The reason why it cannot run here. */
  missing?: string;
}

/** A measure of a run; `cell` is wall time per cell of the matrix, in ns. */
export type Measure = "wall" | "cpu" | "peak" | "bytes" | "cell";

/** A bound that a measure must keep. */
export interface Goal {
  text: string;
  measure: Measure;
  /** Id of the entry whose measure it is. */
  entry: string;
  /** Id of the entry to divide by, round by round; a plain value if left out. */
  over?: string;
  bound: "least" | "most";
  /** The bound that must be reached, in seconds, MiB, ns or as a ratio. */
  must?: number;
  /** The bound that would be better still. */
  aim?: number;
}

/** A race of entries on the same data. */
export interface Case {
  id: string;
  title: string;
  /** Id of the entry that the others are compared with. */
  baseline: string;
  /** The measure to compare: wall time or, on matrices of several sizes, that of a cell. */
  compare: "wall" | "cell";
  /** Most rounds, where as many as asked for would take too long. */
  mostRounds?: number;
  entries: readonly Entry[];
  goals: readonly Goal[];
}

/** Returns the path at which a kept file is written before it gets its name. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** Returns the number of cells of a matrix, the fixed columns included. */
export function cellsOf({ rows, columns }: Matrix): number {
  return rows * columns;
}

/**
 * Returns a matrix in the folder, scaled; most columns are pairs. It is named by its size,
 * so cases that need the same one share it.
 *
 * @param columns All columns, the three fixed ones included.
 * @param only Other options of the generator, and the word that names them.
 */
export function planMatrix(
  setting: Setting,
  rows: number,
  columns: number,
  only?: { name: string; options: Partial<GenerateOptions> },
): Matrix {
  const scaled = Math.max(100, Math.round(rows * setting.scale));
  const haploid = (columns - 3) % 2;
  const samples = (columns - 3 + haploid) / 2;
  const name = `${scaled}x${columns}${only ? `_${only.name}` : ""}.tsv`;
  return {
    path: `${setting.folder}/data/${name}`,
    rows: scaled,
    columns,
    options: { rows: scaled, samples, haploid, ...only?.options },
  };
}

/** Returns a case without the entries of other peers, and without the goals that need them. */
export function onlyPeers(plan: Case, peers: readonly Peer[]): Case {
  const entries = plan.entries.filter(({ peer }) => peers.includes(peer));
  const has = (id?: string) => id === undefined || entries.some((entry) => entry.id === id);
  const goals = plan.goals.filter(({ entry, over }) => has(entry) && has(over));
  return { ...plan, entries, goals };
}
