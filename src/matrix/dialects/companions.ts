/**
 * Finds and reads the files that belong to a file which has no header: names of samples, and sites.
 *
 * @module
 */
import { InputError } from "../../base/errors.ts";
import { exists } from "../../base/files.ts";
import { readText } from "../../base/text_file.ts";
import { printable } from "../../base/text.ts";
import type { DialectName, DialectOptions } from "./dialect.ts";

/** Ends of the names of companions, the usual one first. */
const NAMES: Partial<Record<DialectName, readonly string[]>> = {
  tped: [".tfam"],
  haps: [".sample", ".samples"],
  "hap-legend": [".samples", ".sample"],
};
const SITES = [".legend", ".legend.gz"];

/** Companions of a file, as far as there are some. */
export interface Companions {
  names?: string;
  sites?: string;
}

/**
 * Returns the companions of a file: those that options name, or those of its name beside it.
 *
 * @param path The file as the user gave it, `-` for standard input.
 * @param name Its dialect; undefined where that is not known yet.
 */
export async function findCompanions(
  path: string,
  name: DialectName | undefined,
  { names, sites }: DialectOptions,
): Promise<Companions> {
  const ends = name === undefined ? [] : NAMES[name] ?? [];
  return {
    names: names ?? await beside(path, ends),
    sites: sites ?? await beside(path, SITES),
  };
}

/** Returns the first file beside another that has its name but for the end. */
async function beside(path: string, ends: readonly string[]): Promise<string | undefined> {
  if (path === "-") return undefined;
  const stem = stemOf(path);
  for (const end of ends) if (await exists(stem + end).catch(() => false)) return stem + end;
}

/** Returns the paths of all companions that a file may have, whether they are there or not. */
export function companionPaths(path: string): string[] {
  if (path === "-") return [];
  const ends = new Set([...Object.values(NAMES).flat(), ...SITES]);
  return [...ends].map((end) => stemOf(path) + end);
}

/** Returns a path without the end that says what the file is, and how it is compressed. */
export function stemOf(path: string): string {
  return path.replace(/\.(?:gz|bgz|zst)$/i, "").replace(/(?<=[^/])\.[^./]+$/, "");
}

/** Says which companion is missing, and how to give it. */
export function missingNames(path: string, name: DialectName): string {
  const end = NAMES[name]![0];
  const where = path === "-" ? "" : `, as ${printable(stemOf(path) + end)} or otherwise`;
  return `${name} has no names of samples; they are in a ${end} file${where}: --names FILE gives it`;
}

/**
 * Reads the names of the samples of a file.
 *
 * @param count The number of samples that its rows have.
 * @throws {InputError} Located: another number of names.
 */
export async function readNames(
  path: string,
  name: DialectName,
  count: number,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const text = await readText(path, signal);
  const names = namesOf(text, name);
  if (names.length === count) return names;
  throw new InputError(
    `the file names ${names.length} samples, and the rows have ${count}; is it of another file?`,
    { file: path },
  );
}

/**
 * Returns the names that a companion lists: individuals where they differ, else families and
 * individuals.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { namesOf } from "./companions.ts";
 * assert(namesOf("F1 I1 0 0 1 -9\nF2 I2 0 0 1 -9\n", "tped").join() === "I1,I2");
 * assert(namesOf("F1 1 0 0 1 -9\nF2 1 0 0 1 -9\n", "tped").join() === "F1_1,F2_1");
 * assert(namesOf("ID_1 ID_2 missing\n0 0 0\nS1 S1 0\n", "haps").join() === "S1");
 * assert(namesOf("sample population group sex\nS1 P G 2\n", "hap-legend").join() === "S1");
 * ```
 */
export function namesOf(text: string, name: DialectName): string[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/).filter((line) =>
    line.trim() !== "" && !line.startsWith("#")
  ).map((line) => line.trim().split(/\s+/));
  const rows = lines.slice(name === "tped" ? 0 : headerLines(lines));
  const isOfPairs = name === "tped" || /^ID_?1$/i.test(lines[0]?.[0] ?? "");
  if (!isOfPairs) return rows.map(([first]) => first);
  const own = rows.map(([first, second = first]) => second);
  if (new Set(own).size === own.length) return own;
  return rows.map(([family, person = family]) => `${family}_${person}`);
}

/** Returns the lines before the names: one of titles, and perhaps one of kinds (`0 0 0`). */
function headerLines([titles, kinds]: readonly string[][]): number {
  if (!titles || !/^(?:ID_?1|samples?|id)$/i.test(titles[0])) return 0;
  return kinds && kinds[0] === "0" ? 2 : 1;
}
