/**
 * Says of two names of contigs whether they may mean the same one.
 *
 * @module
 */
import { printable } from "../base/text.ts";

/** What PLINK calls X, Y and MT, and what M is. */
const OTHERS: Readonly<Record<string, string>> = { "23": "X", "24": "Y", "26": "MT", M: "MT" };

/** Returns a name without `chr`, in upper case. */
function bareName(name: string): string {
  return name.replace(/^chr(?:omosome)?_?(?=.)/i, "").toUpperCase();
}

/** Returns what a contig is called most. */
function commonName(name: string): string {
  const bare = bareName(name);
  return OTHERS[bare] ?? bare;
}

/**
 * Says which of the known names may be the contig that is missing; empty if none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { likeName } from "./contig_names.ts";
 * assert.match(likeName("MT", ["chrM"]), /^it has 'chrM'/);
 * ```
 */
export function likeName(name: string, known: Iterable<string>): string {
  const common = commonName(name);
  const like = [...known].find((other) => commonName(other) === common);
  if (like === undefined) return "";
  const has = `it has '${printable(like)}'`;
  if (bareName(name) !== bareName(like)) {
    return `${has}, which may be the same: M is MT, and PLINK calls X, Y and MT 23, 24 and 26`;
  }
  return /^chr/i.test(name) === /^chr/i.test(like)
    ? `${has}: the two differ in case or in how they begin`
    : `${has}: the two name contigs with and without chr`;
}
