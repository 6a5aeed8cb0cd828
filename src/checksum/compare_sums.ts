/**
 * Says where the sums of two files differ.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import type { GroupSums } from "./sum_records.ts";
import { nameHash, type SampleSums, type Sums } from "./sums.ts";

/** What differs between two files, named A and B in the lines. */
export interface SampleDifferences {
  /** Names that only one of them has, and that are no other name of the same sums. */
  onlyA: string[];
  onlyB: string[];
  /** Names of A, and those that the same sums have in B. */
  renamed: [a: string, b: string][];
  /** Names in both whose alleles differ, or whose phase alone does. */
  alleles: string[];
  phase: string[];
}

/** Compares samples by their names; one of A and one of B with the same sums are the same, renamed. */
export function compareSamples(a: Sums, b: Sums): SampleDifferences {
  const inB = new Map(b.samples.map((sample) => [sample.name, sample]));
  const inA = new Set(a.samples.map(({ name }) => name));
  const found: SampleDifferences = { onlyA: [], onlyB: [], renamed: [], alleles: [], phase: [] };
  const strangers = new Map<string, string[]>();
  for (const sample of b.samples.filter(({ name }) => !inA.has(name))) {
    const key = keyOf(sample), names = strangers.get(key);
    if (names) names.push(sample.name);
    else strangers.set(key, [sample.name]);
  }
  for (const sample of a.samples) {
    const { name } = sample, other = inB.get(name);
    if (!other) {
      const same = strangers.get(keyOf(sample))?.shift();
      if (same === undefined) found.onlyA.push(name);
      else found.renamed.push([name, same]);
    } else if (sample.alleles !== other.alleles || sample.called !== other.called) {
      found.alleles.push(name);
    } else if (sample.phase !== other.phase) found.phase.push(name);
  }
  found.onlyB.push(...[...strangers.values()].flat());
  return found;
}

function keyOf({ called, alleles, phase }: SampleSums): string {
  return `${called} ${alleles} ${phase}`;
}

/** Tells whether nothing differs. */
export function areEqual(a: Sums, b: Sums): boolean {
  return a.records === b.records && a.sites === b.sites && isNothing(compareSamples(a, b));
}

function isNothing(differences: SampleDifferences): boolean {
  return Object.values(differences).every((names) => names.length === 0);
}

/** Most names that a line has. */
const MOST_NAMES = 8;

/** Returns what differs between samples and records as lines. */
export function differenceLines(a: Sums, b: Sums): string[] {
  const { onlyA, onlyB, renamed, alleles, phase } = compareSamples(a, b), lines: string[] = [];
  const line = (what: string, names: readonly string[]) => {
    if (names.length > 0) lines.push(`${what}: ${shown(names)}`);
  };
  if (a.records !== b.records) lines.push(`records: ${a.records} in A, ${b.records} in B`);
  else if (a.sites !== b.sites) lines.push("records: contigs, positions or REFs differ");
  line("samples in A only", onlyA);
  line("samples in B only", onlyB);
  line("renamed samples", renamed.map(([from, to]) => `${from} is ${to} in B`));
  line("samples whose alleles differ", alleles);
  line("samples whose phase alone differs", phase);
  return lines;
}

function shown(names: readonly string[]): string {
  const first = names.slice(0, MOST_NAMES).map((name) => printable(name)).join(", ");
  return names.length > MOST_NAMES ? `${first} and ${names.length - MOST_NAMES} more` : first;
}

/** What a window is known by, without the sums of each sample. */
interface Window {
  contig: string;
  from: number;
  /** Numbers that add up over the parts of a window, as it has some in a file that is not sorted. */
  key: bigint[];
}

/** The windows of a file, as far as they are compared: with the samples that both files have. */
export class Windows {
  /** By contig and first position. */
  readonly found = new Map<string, Window>();
  /** A factor for each sample, by which sums that are swapped between two differ. */
  readonly #factors: ReadonlyMap<string, bigint>;

  /** @param samples Names in both files. */
  constructor(samples: ReadonlySet<string>) {
    this.#factors = new Map([...samples].map((name) => [name, nameHash(name) | 1n]));
  }

  /** Takes a window, or a part of one. */
  add({ contig, from, records, sites, samples }: GroupSums): void {
    const key = [BigInt(records), sites, 0n, 0n, 0n], name = `${contig}\t${from}`;
    for (const { name, called, alleles, phase } of samples) {
      const factor = this.#factors.get(name);
      if (factor === undefined) continue;
      key[2] += factor * BigInt(called);
      key[3] += factor * alleles;
      key[4] += factor * phase;
    }
    const before = this.found.get(name)?.key ?? [0n, 0n, 0n, 0n, 0n];
    const sum = key.map((part, n) => BigInt.asUintN(64, part + before[n]));
    this.found.set(name, { contig, from, key: sum });
  }
}

/** Returns the windows that differ, in the order of A, those of B alone at the end. */
export function differentWindows(a: Windows, b: Windows): { contig: string; from: number }[] {
  const inA = [...a.found].filter(([key, window]) =>
    b.found.get(key)?.key.join() !== window.key.join()
  );
  const inB = [...b.found].filter(([key]) => !a.found.has(key));
  return [...inA, ...inB].map(([, { contig, from }]) => ({ contig, from }));
}
