/**
 * Says what a file is, what is missing to convert it, and the command that does.
 *
 * @module
 */
import { basename } from "node:path";
import { printable } from "../base/text.ts";
import { missingNames, stemOf } from "../matrix/dialects/companions.ts";
import { idsStateRef } from "../matrix/dialects/dialect_needs.ts";
import type { FoundDialect } from "../matrix/dialects/find_dialect.ts";
import { noRef } from "../matrix/dialects/choose_ref.ts";
import { openSites } from "../matrix/dialects/sites_file.ts";
import type { InputFile } from "../matrix/input_file.ts";
import { type ColumnOptions, lookAtFile } from "../matrix/read_layout.ts";

/** What a file is, whether or not it can be converted as it stands. */
export interface DialectReport {
  kind: "dialect";
  path: string;
  dialect: string;
  /** What tells the dialect, in a few words; empty for a matrix. */
  evidence: string;
  /** What has to be given, a line each. */
  missing: string[];
  /** The command that converts it, with words in capitals for what is missing. */
  command: string;
}

/**
 * Finds out what a file is.
 *
 * @throws {InputError} Located: a text that is refused.
 */
export async function inspectDialect(
  input: InputFile,
  options: ColumnOptions,
): Promise<DialectReport> {
  const { found } = await lookAtFile(input, options);
  const { dialect: { name, names }, evidence, companions } = found, path = input.shown;
  const missing: string[] = [], flags: string[] = [];
  if (options.dialect !== undefined && options.dialect !== "auto") flags.push(`--dialect ${name}`);
  if (options.header !== undefined) flags.push(`--header ${word(options.header)}`);
  if (options.names !== undefined) flags.push(`--names ${word(options.names)}`);
  else if (names === "companion" && companions.names === undefined) {
    missing.push(missingNames(path, name));
    flags.push("--names FILE");
  }
  if (options.sites !== undefined) flags.push(`--sites ${word(options.sites)}`);
  if (options.contig !== undefined) flags.push(`--contig ${word(options.contig)}`);
  if (options.sampleName !== undefined) flags.push(`--sample-name ${word(options.sampleName)}`);
  if (options.refFrom !== undefined) flags.push(`--ref-from ${options.refFrom}`);
  if (await lacksRef(found, options)) {
    missing.push(noRef(found.dialect));
    flags.push("--reference FASTA");
  } else if (options.reference !== undefined) flags.push(`--reference ${word(options.reference)}`);
  const output = `${basename(path === "-" ? "out" : stemOf(path))}.vcf.gz`;
  const command = ["matrix2vcf convert", word(path), ...flags, "-o", word(output)].join(" ");
  return { kind: "dialect", path, dialect: name, evidence, missing, command };
}

/** Tells whether nothing says what REF is. */
async function lacksRef(
  { dialect: { name, ref }, companions: { sites }, first }: FoundDialect,
  { refFrom, reference }: ColumnOptions,
): Promise<boolean> {
  if (ref === "column" || refFrom !== undefined || reference !== undefined) return false;
  if (ref !== "ids") return true;
  if (name === "haps") return !idsStateRef(first);
  return sites === undefined || !(await openSites(sites)).statesRef;
}

/** Returns a word as a shell takes it. */
function word(text: string): string {
  return /^[\w.,:@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Shows the report, for a person. */
export function dialectLines(
  { path, dialect, evidence, missing, command }: DialectReport,
): string[] {
  return [
    `${printable(path)}: ${shownDialect({ dialect, evidence })}`,
    ...missing.map((what) => `missing  ${what}`),
    `convert  ${command}`,
  ];
}

/** Returns a dialect and what tells it. */
export function shownDialect({ dialect, evidence }: Pick<DialectReport, "dialect" | "evidence">) {
  return evidence === "" ? dialect : `${dialect} (${evidence})`;
}
