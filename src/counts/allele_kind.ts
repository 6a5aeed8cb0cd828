/**
 * Tells what kind of change an ALT is, as bcftools sees it: bases that REF and ALT share at their
 * ends do not count.
 *
 * @module
 */

/** The kinds of ALTs. */
export type AlleleKind = "snp" | "mnp" | "insertion" | "deletion" | "other" | "star" | "symbolic";

/** A change: its kind and, of a SNP, the place (0-based) in REF and ALT of the base that differs. */
export interface AlleleChange {
  kind: AlleleKind;
  at: number;
}

/**
 * Returns the change from REF to an ALT, which is another text.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(changeOf("ACT", "ACG"), { kind: "snp", at: 2 });
 * assert.equal(changeOf("AT", "A").kind, "deletion");
 * assert.equal(changeOf("ATG", "CA").kind, "other");
 * ```
 */
export function changeOf(ref: string, alt: string): AlleleChange {
  if (alt === "*") return { kind: "star", at: 0 };
  if (alt.startsWith("<")) return { kind: "symbolic", at: 0 };
  let at = 0;
  while (at < ref.length && at < alt.length && ref[at] === alt[at]) at++;
  const more = alt.length - ref.length, gains = more > 0 ? "insertion" : "deletion";
  if (at === ref.length || at === alt.length) return { kind: gains, at };
  let refs = ref.length - at, alts = alt.length - at;
  while (refs > 1 && alts > 1 && ref[at + refs - 1] === alt[at + alts - 1]) {
    refs--;
    alts--;
  }
  if (refs === 1 && alts === 1) return { kind: "snp", at };
  if (refs === alts) return { kind: "mnp", at };
  const sameEnd = ref[at + refs - 1] === alt[at + alts - 1];
  return { kind: (refs === 1 || alts === 1) && sameEnd ? gains : "other", at };
}
