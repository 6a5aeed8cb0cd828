/**
 * Chooses samples by their names: from a list, or from a file with a name on each line.
 *
 * @module
 */
import { InputError, type Location, UsageError } from "../base/errors.ts";
import { inputName } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { declaresAlleles } from "./column_names.ts";
import type { SampleChoice } from "./samples.ts";

/** Names that choose samples, in output order, or that leave them out. */
export interface WantedSamples {
  /** Each name, and where it stands. */
  names: { name: string; at: Location }[];
  exclude: boolean;
  /** The list as it was given, where it is no list but the name of a file. */
  file?: string;
}

/** Sample names that a message shows at most. */
const MOST_SHOWN = 5;

/** Takes off a leading `^`, which means that samples are left out. */
export function splitExclusion(text: string): { exclude: boolean; rest: string } {
  return text.startsWith("^")
    ? { exclude: true, rest: text.slice(1) }
    : { exclude: false, rest: text };
}

/** Returns the path of a file of samples, and whether those that it lists are left out. */
export function samplesFileOf(
  path: string | undefined,
): { samplesFile?: string; excludeListed: boolean } {
  if (path === undefined) return { excludeListed: false };
  const { exclude, rest } = splitExclusion(path);
  return { samplesFile: inputName(rest), excludeListed: exclude };
}

/**
 * Chooses samples by name; a list orders them, too, and an exclusion leaves their order as it is.
 *
 * @param header Every name of the matrix header, and those of columns that are no samples.
 * @throws {InputError} Located: an unknown name, one that is given twice, no sample that is left.
 * @throws {UsageError} A file in place of names.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chooseSamples } from "./sample_names.ts";
 * const samples = ["x", "y", "z"].map((name, at) => ({ name, columns: [at], phased: true }));
 * const names = ["z", "x"].map((name) => ({ name, at: {} }));
 * const choice = chooseSamples({ samples, unpaired: [] }, { names, exclude: false }, {
 *   columns: ["x", "y", "z"],
 * });
 * assert(choice.samples.map(({ name }) => name).join() === "z,x");
 * ```
 */
export function chooseSamples(
  choice: SampleChoice,
  { names, exclude, file }: WantedSamples,
  { columns, leftOut = [] }: { columns: readonly string[]; leftOut?: readonly string[] },
): SampleChoice {
  const known = new Map(choice.samples.map((sample) => [sample.name, sample]));
  const wanted = new Set<string>();
  for (const { name, at } of names) {
    // A column that declares alleles is no sample, and may be left out all the same.
    if (exclude && columns.includes(name) && declaresAlleles(name)) continue;
    if (!known.has(name)) {
      if (file !== undefined) throw new UsageError(fileMessage(file));
      throw new InputError(unknownMessage(name, choice, { columns, leftOut }), at);
    }
    if (wanted.has(name) && !exclude) {
      throw new InputError(`the sample '${printable(name)}' is chosen twice; name it once`, at);
    }
    wanted.add(name);
  }
  const samples = exclude
    ? choice.samples.filter(({ name }) => !wanted.has(name))
    : [...wanted].map((name) => known.get(name)!);
  if (samples.length === 0) {
    throw new InputError("all samples are left out; leave out fewer", names[0].at);
  }
  const chosen = new Set(samples.flatMap((sample) => sample.columns.map((own) => columns[own])));
  return { samples, unpaired: choice.unpaired.filter((column) => chosen.has(column)) };
}

function fileMessage(file: string): string {
  return `\`samples\` takes names of samples, and '${
    printable(file)
  }' is a file: give a sheet, or a ` +
    `file of names, with -S, \`samplesFile\``;
}

function unknownMessage(
  name: string,
  { samples }: SampleChoice,
  { columns, leftOut }: { columns: readonly string[]; leftOut: readonly string[] },
): string {
  const none = `there is no sample '${printable(name)}'`;
  if (/[\t ]/.test(name)) return `${none}; a sheet has a TAB between a sample and its columns`;
  const column = columns.indexOf(name);
  const owner = samples.find((sample) => column >= 0 && sample.columns.includes(column));
  if (owner) return `${none}; that column belongs to the sample '${printable(owner.name)}'`;
  if (leftOut.includes(name)) {
    return `${none}; such a column is annotation by its name, and a sheet makes it a sample: see ` +
      `--samples-file`;
  }
  if (/,/.test(name)) return `${none}; a file has one name on each line`;
  const close = samples.map((sample) => sample.name).filter((other) => isClose(name, other));
  const shown = close.length > 0 ? close : samples.map((sample) => sample.name);
  const more = shown.length > MOST_SHOWN ? ", ..." : "";
  const list = shown.slice(0, MOST_SHOWN).map((other) => `'${printable(other, 24)}'`).join(", ");
  return `${none}; ${close.length > 0 ? "was it" : "the samples are"} ${list}${more}${
    close.length > 0 ? "?" : ""
  }`;
}

/** Tells whether two names differ in case only, in what follows the one, or in a few of their letters. */
function isClose(name: string, other: string): boolean {
  const [a, b] = [name.toLowerCase(), other.toLowerCase()];
  if (a === "" || b === "") return false;
  return a === b || a.startsWith(b) || b.startsWith(a) ||
    distance(a, b) <= Math.floor(Math.min(a.length, b.length, 4) / 2);
}

/** Returns the number of letters to put in, take out, or replace. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Infinity;
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      now.push(Math.min(same, before[j] + 1, now[j - 1] + 1));
    }
    before = now;
  }
  return before[b.length];
}
