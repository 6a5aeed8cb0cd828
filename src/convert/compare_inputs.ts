/**
 * Compares the genotypes of two files, whatever holds them, and finds the place where they differ.
 *
 * @module
 */
import { areEqual, differenceLines, differentWindows, Windows } from "../checksum/compare_sums.ts";
import { allSamples, hex, type Sums } from "../checksum/sums.ts";
import { printable } from "../base/text.ts";
import { firstDifference } from "./first_difference.ts";
import { sumInput, type SumRequest } from "./sum_input.ts";

/** What two files have in common. */
export interface Comparison {
  equal: boolean;
  /** Records, called genotypes and the sum over alleles of A. */
  records: number;
  called: number;
  alleles: string;
  /** What differs, as lines; A is the first file. */
  differences: string[];
}

/** Most windows that are named. */
const MOST_WINDOWS = 10;

/**
 * Compares two inputs. Where they differ, both are read again by windows of so many positions, and
 * the first window that differs once more.
 *
 * @param options How a matrix is read; of both, where both are one.
 */
export async function compareInputs(
  a: string,
  b: string,
  bases: number,
  options: Omit<SumRequest, "input" | "grouping">,
): Promise<Comparison> {
  const sums = {
    a: await sumInput({ ...options, input: a }),
    b: await sumInput({ ...options, input: b }),
  };
  const { called, alleles } = allSamples(sums.a);
  const result = { records: sums.a.records, called, alleles: hex(alleles) };
  if (areEqual(sums.a, sums.b)) return { equal: true, ...result, differences: [] };
  const differences = differenceLines(sums.a, sums.b), common = commonSamples(sums.a, sums.b);
  // What came from a pipe cannot be read again.
  if (isFile(a) && isFile(b)) {
    const windows = await Promise.all([a, b].map(async (input) => {
      const windows = new Windows(common);
      const grouping = {
        bases,
        onGroup: (group: Parameters<Windows["add"]>[0]) => windows.add(group),
      };
      await sumInput({ ...options, input, grouping });
      return windows;
    }));
    const places = differentWindows(windows[0], windows[1]);
    differences.push(...windowLines(places, bases));
    const first = places[0] &&
      await firstDifference(a, b, { ...places[0], bases }, common, options);
    if (first) differences.push(first);
  }
  return { equal: false, ...result, differences };
}

function isFile(path: string): boolean {
  return path !== "-" && Deno.statSync(path).isFile;
}

function commonSamples(a: Sums, b: Sums): ReadonlySet<string> {
  const names = new Set(b.samples.map(({ name }) => name));
  return new Set(a.samples.map(({ name }) => name).filter((name) => names.has(name)));
}

function windowLines(places: readonly { contig: string; from: number }[], bases: number): string[] {
  const lines = places.slice(0, MOST_WINDOWS).map(({ contig, from }) =>
    `differs in ${printable(contig)}:${from}-${from + bases - 1}`
  );
  if (places.length > MOST_WINDOWS) {
    lines.push(`and in ${places.length - MOST_WINDOWS} more windows`);
  }
  return lines;
}
