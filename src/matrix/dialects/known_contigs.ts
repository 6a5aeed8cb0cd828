/**
 * Finds the contigs of a file under the names that they get.
 *
 * @module
 */
import { lookForContigs } from "../find_contigs.ts";
import { type MatrixLayout, Role } from "../layout.ts";
import type { RowSource } from "../line_segments.ts";

/** Returns the contigs in order of first appearance, as far as they are known before rows are read. */
export async function knownContigs(
  source: RowSource,
  { roles, facts = {} }: MatrixLayout,
): Promise<string[]> {
  const column = roles.indexOf(Role.Chrom), { contig, contigNames = {} } = facts;
  if (column < 0) return contig === undefined ? [] : [contig];
  const names = await lookForContigs(source, column);
  return [
    ...new Set(names.map((name) => Object.hasOwn(contigNames, name) ? contigNames[name] : name)),
  ];
}
