/**
 * Finds out what a file is, and brings together what else its rows need to be read: names of
 * columns and samples, sites, where REF comes from.
 *
 * @module
 */
import { basename } from "node:path";
import { TAB } from "../../base/bytes.ts";
import { InputError, type Location, UsageError } from "../../base/errors.ts";
import { looksLikeHeader } from "../column_names.ts";
import type { ChosenColumns } from "../column_samples.ts";
import { fixedColumns } from "../fixed_columns.ts";
import { firstLines, firstRows } from "../first_rows.ts";
import { type MatrixHead, type MatrixHeader, rowsOf } from "../header.ts";
import type { InputFile } from "../input_file.ts";
import { fieldsOf, type FieldStyle, styleOf } from "../separators.ts";
import { type Companions, findCompanions, stemOf } from "./companions.ts";
import { detect, type Detected, type Look, namedDialect, rawDna } from "./detect.ts";
import type { Dialect, DialectName, DialectOptions } from "./dialect.ts";
import { DIALECTS } from "./dialects.ts";

/** What a file is, and where its rows and companions are. */
export interface FoundDialect extends Detected {
  /** Its header, or, where it has none, names for its columns. */
  header: MatrixHeader;
  /** Offset of the first row in the (uncompressed) bytes, and the number of lines before it. */
  rows: { start: number; lines: number };
  /** The first rows, as whole lines with TABs between their fields. */
  first: Uint8Array;
  companions: Companions;
}

/** Options that decide what a file is. */
export interface FindOptions extends DialectOptions {
  /** File with the header line, if the matrix has none. */
  header?: string;
  iupac?: "error" | "missing" | "split";
  /** The columns that the user chose. */
  chosen?: ChosenColumns;
}

/**
 * Finds out what a file is.
 *
 * @param head Its header, or its first row where it has none.
 * @param header The same, as names, or that of the header's file.
 * @throws {InputError} Located: a text of another kind, or of two kinds.
 */
export async function findDialect(
  input: InputFile,
  head: MatrixHead,
  header: MatrixHeader,
  options: FindOptions,
): Promise<FoundDialect> {
  const { dialect: asked = "auto", iupac } = options, isNamed = asked !== "auto";
  if (iupac === "split") refuseSplit(asked);
  const isPlain = isNamed && DIALECTS[asked].header === "none";
  const hasHeader = !isPlain && (options.header !== undefined || looksLikeHeader(header.columns));
  const rows = hasHeader ? rowsOf(head, header.columns) : {
    start: head.start,
    lines: Math.max(0, head.number - 1),
  };
  const lines = await firstLines(input, rows.start);
  const style = hasHeader ? styleOfRows(header, lines, options) : "blanks";
  const first = firstRows(lines, hasHeader ? header.columns.length : 1, style);
  const companions = await findCompanions(input.shown, undefined, options);
  const at = { file: input.shown, line: head.number };
  const look: Look = {
    line: head.line,
    at: hasHeader ? header.at : at,
    header: hasHeader ? header : undefined,
    rows: first,
    chosen: options.chosen,
    hasSites: companions.sites !== undefined,
  };
  const found = isNamed ? namedDialect(look, asked) : detect(look, iupac === "split");
  refuseOptions(found.dialect.name, options);
  // That there is no header is said before what else there is not.
  const needsHeader = DIALECTS[found.dialect.name].header === "line";
  if (!hasHeader && needsHeader) fixedColumns(header, found.dialect);
  return {
    ...hasHeader ? { ...found, header: { ...header, style } } : plain(found, header, look),
    rows,
    first,
    companions: await findCompanions(input.shown, found.dialect.name, options),
  };
}

/** Returns how the fields of rows are set apart; those under the header of another file by TABs. */
function styleOfRows(
  { style = "tabs" }: MatrixHeader,
  lines: Uint8Array,
  { header }: FindOptions,
): FieldStyle {
  if (header === undefined) return style;
  if (lines.includes(TAB) || lines.length < 2) return style === "quoted" ? style : "tabs";
  return styleOf(firstLine(lines));
}

/** Returns the first line that is neither blank nor a comment. */
function firstLine(lines: Uint8Array): string {
  const text = new TextDecoder().decode(lines.subarray(0, 1 << 16));
  return text.split("\n").find((line) => line.trim() !== "" && !line.startsWith("#")) ?? "";
}

/** Returns what is known of a file without a header, with names for its columns. */
function plain(
  { dialect, evidence }: Detected,
  header: MatrixHeader,
  { rows, at }: Look,
): Detected & { header: MatrixHeader } {
  if (DIALECTS[dialect.name].header === "line") return { dialect, evidence, header };
  const width = fieldsOf(firstLine(rows).trimEnd(), "tabs").length;
  const named = dialect.name === "raw-dna" ? rawDna(width) : dialect;
  const columns = plainColumns(named, width, at);
  return { dialect: named, evidence, header: { columns, style: "blanks", at } };
}

/** Names of the first columns of files that have no header. */
const FIRST_COLUMNS: Partial<Record<DialectName, readonly string[]>> = {
  tped: ["CHROM", "ID", "cM", "POS"],
  haps: ["CHROM", "ID", "POS", "REF", "ALT"],
  "hap-legend": [],
};

/** Returns names for the columns of a file without a header. */
function plainColumns({ name, cells }: Dialect, width: number, at: Location): string[] {
  if (name === "raw-dna") {
    const genotype = cells === "allele" ? ["allele1", "allele2"] : ["genotype"];
    return ["rsid", "chromosome", "position", ...genotype];
  }
  const first = FIRST_COLUMNS[name]!, count = width - first.length;
  if (count > 0 && count % 2 === 0) {
    return [
      ...first,
      ...Array.from({ length: count }, (_, at) => `field ${first.length + at + 1}`),
    ];
  }
  throw oddFields(name, width, at);
}

function oddFields(name: DialectName, width: number, at: Location): InputError {
  const first = FIRST_COLUMNS[name]!;
  const before = first.length > 0 ? `${first.length} fields and then ` : "";
  return new InputError(
    `the row has ${width} fields; ${name} has ${before}two for each sample`,
    at,
  );
}

/** Refuses a dialect whose cells are not those that `--iupac split` says. */
function refuseSplit(name: DialectName | "auto"): void {
  if (["auto", "genotypes", "haplotype-table"].includes(name)) return;
  throw new UsageError(`\`iupac\` split is \`dialect\` genotypes, not ${name}: give one of them`);
}

/** Refuses options that the dialect has no use for, as they would be without effect. */
function refuseOptions(name: DialectName, options: DialectOptions): void {
  const isOf = (names: readonly DialectName[], option: keyof DialectOptions) => {
    if (options[option] === undefined || names.includes(name)) return;
    throw new UsageError(`\`${option}\` is for ${names.join(", ")}; the input is ${name}`);
  };
  isOf(["hap-legend"], "sites");
  isOf(["hap-legend"], "contig");
  isOf(["tped", "haps", "hap-legend"], "names");
  isOf(["raw-dna"], "sampleName");
}

/** Returns the name of the sample of a file of one person: that of the file, unless one is given. */
export function personName(shown: string, { sampleName }: DialectOptions): string {
  if (sampleName !== undefined) return sampleName;
  if (shown !== "-") return basename(stemOf(shown));
  throw new UsageError("standard input does not name its sample; `sampleName` does");
}
