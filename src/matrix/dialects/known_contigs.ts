/**
 * Finds the contigs of a file under the names that they get.
 *
 * @module
 */
import { readAt } from "../../base/files.ts";
import { lookForContigs } from "../find_contigs.ts";
import { type MatrixLayout, Role } from "../layout.ts";
import type { RowSource } from "../line_segments.ts";

/** Returns the contigs in order of first appearance, as far as they are known before rows are read. */
export async function knownContigs(
  source: RowSource,
  { roles, facts = {} }: MatrixLayout,
): Promise<string[]> {
  const column = roles.indexOf(Role.Chrom), { contig, contigNames = {} } = facts;
  if (column < 0) return contig === undefined ? contigOfIds(source, roles) : [contig];
  const names = await lookForContigs(source, column);
  return [
    ...new Set(names.map((name) => Object.hasOwn(contigNames, name) ? contigNames[name] : name)),
  ];
}

/** Bytes in which the first ID is looked for. */
const FIRST_BYTES = 1 << 12;

/** Returns the contig that the first ID names; others are met while rows are read. */
function contigOfIds({ path, gzip, start, part }: RowSource, roles: Int32Array): string[] {
  const column = roles.indexOf(Role.Id);
  if (gzip || column < 0) return [];
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(FIRST_BYTES), length = readAt(file, start, bytes);
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).trimStart().split("\n");
  // A part may begin within a line.
  const line = lines[part?.midway ? 1 : 0] ?? "";
  const [, name] = /^([^:]+):/.exec(line.split(/[ \t]+/)[column] ?? "") ?? [];
  return name === undefined ? [] : [name];
}
