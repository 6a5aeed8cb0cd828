/**
 * Tells which kept tables this program understands.
 *
 * A table stores its schema version and its features. A feature is something that not all tables
 * hold; without it, its tables and columns are absent:
 *
 * | feature | what is there then |
 * | --- | --- |
 * | `grid` | table `grid(ordinal, first_line, last_line)`: the ranges of lines that the output is cut by |
 * | `dialect` | table `dialect(name, ref, provisional)`: what the rows were, and where REF is from |
 * | `declared_alts` | column `alt` of `records`: ALTs in the order that the input declares |
 * | `frequencies` | column `freq` of `records`: a text that came with the row |
 * | `cell_phase` | column `phased` of `records`: a bit for each sample, by ordinal |
 * | `phase_sets` | column `phase_set` of `records`: a block for each sample, by ordinal; 0 is none |
 * | `absent_haplotypes` | the allele `''`: a haplotype that a sample does not have there |
 *
 * The name `checksums` is kept for a table `checksums(scope, name, sum, phased_sum)`.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { VERSION } from "../base/version.ts";

/** The version that is written, and read. Tables of 0.1.0 store none, and are of version 1. */
export const SCHEMA_VERSION = 2;

/** Features that this program understands. */
const FEATURES: readonly string[] = [
  "grid",
  "dialect",
  "declared_alts",
  "frequencies",
  "cell_phase",
  "phase_sets",
  "absent_haplotypes",
];

/** The shape of a table, as texts: version, features, the program that made it. */
export type SchemaRow = readonly (string | null)[];

/** The query for the {@linkcode SchemaRow} of a table. */
const SELECT_SCHEMA = `
SELECT schema_version::VARCHAR, array_to_string(features, ' '), version FROM metadata, source`;
/** The query for a table without `metadata`, which is of version 1 if this answers. */
const SELECT_FIRST_SCHEMA = "SELECT '1', '', version FROM source";

/** Asks a table for its shape, by the function that runs a query on it. */
export async function askSchema(ask: (sql: string) => Promise<SchemaRow>): Promise<SchemaRow> {
  try {
    return await ask(SELECT_SCHEMA);
  } catch (error) {
    // Where the table is damaged, it is not that it has no `metadata`.
    if (!/^(?:Catalog|Binder) Error/.test((error as Error).message)) throw error;
    return await ask(SELECT_FIRST_SCHEMA);
  }
}

/**
 * Makes sure that this program understands a table.
 *
 * @throws {InputError} It does not; the message says what to do.
 */
export function checkSchema(row: SchemaRow, file: string): void {
  const [version, features, program] = row.map((text) => text ?? "");
  const unknown = features.split(" ").filter((name) => name !== "" && !FEATURES.includes(name));
  const why = Number(version) !== SCHEMA_VERSION
    ? `schema version ${printable(version)}, and this program (${VERSION}) reads ${SCHEMA_VERSION}`
    : unknown.length > 0
    ? `a kind that this program (${VERSION}) does not know (${printable(unknown.join(", "))})`
    : isLater(program)
    ? `a later program, and this one is ${VERSION}`
    : undefined;
  if (why === undefined) return;
  throw new InputError(
    `the table is of ${why}: use matrix2vcf ${printable(program)}, which made it, or convert the ` +
      "matrix again with another --database",
    { file },
  );
}

/** Tells whether a program has a later major version, whose tables may differ in any way. */
function isLater(program: string): boolean {
  return parseInt(program) > parseInt(VERSION);
}
