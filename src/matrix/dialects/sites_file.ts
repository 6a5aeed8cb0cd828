/**
 * Takes a first look at a file of sites, which a table without any belongs to.
 *
 * @module
 */
import { InputError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import { firstLines } from "../first_rows.ts";
import { openInput } from "../input_file.ts";
import { fieldsOf } from "../separators.ts";

/** A file of sites: a line of titles, and a line for each row of the table. */
export interface SitesFile {
  path: string;
  gzip: boolean;
  /** All titles of its columns, and places (0-based) of those that count. */
  titles: string[];
  columns: { id: number; position: number; a0: number; a1: number };
  /** True where the IDs of its first rows are CHROM:POS_REF_ALT of their rows. */
  statesRef: boolean;
  /** Mean bytes of an ID in its first rows. */
  idBytes: number;
}

/** Titles of the columns, in lower case. */
const TITLES = {
  id: ["id", "rsid", "snpid", "snp"],
  position: ["position", "pos", "bp"],
  a0: ["a0", "allele0", "ref"],
  a1: ["a1", "allele1", "alt"],
} as const;

/**
 * Reads the titles and first rows of a file of sites.
 *
 * @throws {InputError} Located: it has no titles, or lacks a column.
 */
export async function openSites(path: string): Promise<SitesFile> {
  const refuse = (): never => {
    throw new InputError("the file of sites cannot be a pipe", { file: path });
  };
  const input = await openInput({ input: path }, refuse, () => {});
  const text = new TextDecoder().decode(await firstLines(input, 0));
  const [titles, ...rows] = text.split(/\r?\n/).filter((line) => line.trim() !== "")
    .slice(0, 1000).map((line) => fieldsOf(line, "blanks"));
  const placeOf = (column: keyof typeof TITLES) => {
    const known: readonly string[] = TITLES[column];
    const place = (titles ?? []).findIndex((title) => known.includes(title.toLowerCase()));
    if (place >= 0) return place;
    throw new InputError(
      `the file of sites has no column ${column} among '${
        printable((titles ?? []).join(" "))
      }', expected id position a0 a1 in its first line`,
      { file: path, line: 1 },
    );
  };
  const columns = {
    id: placeOf("id"),
    position: placeOf("position"),
    a0: placeOf("a0"),
    a1: placeOf("a1"),
  };
  const statesRef = rows.every((row) =>
    isSiteId(row[columns.id] ?? "", undefined, row[columns.position], row[columns.a0])
  );
  const idLength = rows.reduce((sum, row) => sum + (row[columns.id]?.length ?? 0), 0);
  const idBytes = idLength / Math.max(1, rows.length);
  return { path, gzip: input.kind === "gzip", titles, columns, statesRef, idBytes };
}

/**
 * Tells whether an ID is CHROM:POS_REF_ALT, or with colons throughout, of a row.
 *
 * @param contig That of the row; any where the row has none.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isSiteId } from "./sites_file.ts";
 * assert(isSiteId("1:5_A_G", "1", "5", "A") && !isSiteId("rs5", "1", "5", "A"));
 * ```
 */
export function isSiteId(
  id: string,
  contig: string | undefined,
  pos: string,
  ref: string,
): boolean {
  const [, name, there, first] = /^(.+):(\d+)[_:]([^_:]+)[_:][^_:]+$/.exec(id) ?? [];
  return name !== undefined && (contig === undefined || name === contig) && there === pos &&
    first.toUpperCase() === ref?.toUpperCase();
}
