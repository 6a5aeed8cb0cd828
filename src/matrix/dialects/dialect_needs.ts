/**
 * Gathers what rows of a dialect need beside themselves: names of samples, sites, where REF comes
 * from.
 *
 * @module
 */
import { InputError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import { cellAt, lineEnd } from "../cell_bytes.ts";
import { forEachCell } from "./count_kinds.ts";
import type { InputFile } from "../input_file.ts";
import { checkSampleNames, type Sample } from "../samples.ts";
import { missingNames, readNames } from "./companions.ts";
import type { Dialect, DialectFacts, DialectOptions } from "./dialect.ts";
import { type FoundDialect, personName } from "./find_dialect.ts";
import { chooseRef, type RefOptions } from "./choose_ref.ts";
import { isSiteId, openSites, type SitesFile } from "./sites_file.ts";

/** What a layout is made with, beside the header. */
export interface DialectNeeds {
  dialect: Readonly<Dialect>;
  facts: DialectFacts;
  names?: string[];
  sites?: SitesFile;
}

/** Options that meet the needs of a dialect. */
export interface NeedOptions extends DialectOptions, RefOptions {
  format?: string;
  signal?: AbortSignal;
}

/** Names of chromosomes in files of DNA tests; 25 is the part of X that Y has, too. */
const CHROMOSOMES = { "23": "X", "24": "Y", "25": "X", "26": "MT" };

/**
 * Gathers what the rows of a file need.
 *
 * @throws {InputError} Located: there are no names, no sites, or nothing says what REF is.
 */
export async function dialectNeeds(
  input: InputFile,
  found: FoundDialect,
  options: NeedOptions,
): Promise<DialectNeeds> {
  const { dialect, header: { at }, companions } = found, { name } = dialect;
  const names = await sampleNames(input, found, options);
  const sites = name === "hap-legend" && companions.sites !== undefined
    ? await openSites(companions.sites)
    : undefined;
  const statesRef = sites?.statesRef ?? (name === "haps" && idsStateRef(found.first));
  const refColumn = refColumnOf(found);
  const { ref, refText } = chooseRef(dialect, options, statesRef, { at, refColumn });
  const { contig, format = "vcf", reference } = options;
  const facts: DialectFacts = {
    evidence: found.evidence,
    sites: sites?.path,
    notes: notesOf(found),
    refText,
    contig,
    contigNames: name === "raw-dna" ? CHROMOSOMES : undefined,
    refMayMiss: name === "haplotype-table" && format.startsWith("haplotype") &&
      reference === undefined,
  };
  return { dialect: { ...dialect, ref }, facts, names, sites };
}

/** Returns what a user should know of the companions, and of names that change. */
function notesOf({ dialect: { name }, companions: { names, sites } }: FoundDialect): string[] {
  return [
    ...names !== undefined ? [`names of samples: ${printable(names)}`] : [],
    ...name === "hap-legend" && sites !== undefined ? [`sites: ${printable(sites)}`] : [],
    ...name === "raw-dna" ? ["chromosomes 23, 24, 25 and 26 are X, Y, X and MT"] : [],
  ];
}

/** Returns the column that says what REF is, in words. */
function refColumnOf({ dialect: { name }, header: { columns } }: FoundDialect): string {
  const list = columns.find((column) => /^RefAndAlts$/i.test(column));
  const ref = columns.find((column) => /^REF(?:ERENCE)?$/i.test(column));
  return name === "haplotype-table" && ref === undefined ? `first of column ${list}` : "column REF";
}

/** Returns the names of samples that the header does not have. */
async function sampleNames(
  input: InputFile,
  { dialect: { name, names }, header: { columns, at }, companions }: FoundDialect,
  options: NeedOptions,
): Promise<string[] | undefined> {
  if (names === "header") return undefined;
  if (names === "option") {
    const person = personName(input.shown, options);
    return checked([person], "rename it with --sample-name");
  }
  if (companions.names === undefined) throw new InputError(missingNames(input.shown, name), at);
  const fixed = { tped: 4, haps: 5 }[name as string] ?? 0;
  const count = (columns.length - fixed) / 2;
  const found = await readNames(companions.names, name, count, options.signal);
  return checked(found, "write others there", companions.names);
}

/** Makes sure that names are fit for a VCF. */
function checked(names: string[], what: string, file?: string): string[] {
  try {
    checkSampleNames(names.map((name): Sample => ({ name, columns: [], phased: true })));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.detail.replace(/rename it with --samples-file/, what), { file });
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return names;
  throw new InputError(`two samples would be called '${twice}'; ${what}`, { file });
}

/** Tells whether the IDs of the first rows of a haps file are CHROM:POS_REF_ALT of their rows. */
export function idsStateRef(rows: Uint8Array): boolean {
  const decoder = new TextDecoder();
  let seen = 0, stated = 0;
  forEachCell(rows, [0], (from) => {
    seen++;
    const end = lineEnd(rows, from);
    const [contig, id, pos, ref] = [0, 1, 2, 3].map((column) => {
      const [at, to] = cellAt(rows, from, column);
      return decoder.decode(rows.subarray(at, Math.min(to, end)));
    });
    if (isSiteId(id, contig, pos, ref)) stated++;
  });
  return seen > 0 && 2 * stated > seen;
}
