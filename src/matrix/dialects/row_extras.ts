/**
 * Tells what the rows of a layout hold beside codes.
 *
 * @module
 */
import { type MatrixLayout, Role } from "../layout.ts";
import type { RowParts } from "../row_batch.ts";
import { ABSENT, BASE_ALLELES } from "../../base/alleles.ts";
import { type DialectSummary, NO_EXTRAS, type RowExtras } from "./dialect.ts";

/** Tells whether rows have nothing but codes, as those of a matrix without an ALT column. */
export function isPlain({ dialect, roles }: Pick<MatrixLayout, "dialect" | "roles">): boolean {
  return (dialect === undefined || dialect.name === "matrix") && !roles.includes(Role.Alt);
}

/** Returns what rows of a layout hold beside codes. */
export function extrasOf(layout: Pick<MatrixLayout, "dialect" | "roles">): RowExtras {
  const { dialect, roles } = layout;
  if (isPlain(layout) || !dialect) return NO_EXTRAS;
  const { cells, phase, gap } = dialect;
  return {
    alt: roles.includes(Role.Alt),
    freq: roles.includes(Role.Freq),
    phase: phase === "cell" || phase === "blocks" || cells === "haps",
    sets: roles.includes(Role.Block),
    absent: cells === "pair" || cells === "code" || cells === "haps" || gap === "absent",
  };
}

/** Returns what the output of a layout says of its dialect; undefined for a matrix. */
export function dialectSummary({ dialect, facts }: MatrixLayout): DialectSummary | undefined {
  if (dialect === undefined || dialect.name === "matrix") return undefined;
  const { name, ref } = dialect;
  return { name, ref: facts?.refText ?? ref, provisional: ref === "first" };
}

/** Returns what a row of a layout has beside its codes. */
export function partsOf(layout: MatrixLayout): RowParts {
  const { hasId, choice: { samples: { length } } } = layout;
  return { ...extrasOf(layout), hasId, samples: length };
}

/** Returns the alleles that every table of such rows has, in code order. */
export function firstAlleles({ absent }: Pick<RowExtras, "absent">): string[] {
  return absent ? [...BASE_ALLELES, ""] : [...BASE_ALLELES];
}

/** Returns the code of an absent haplotype; that of none where there can be no such. */
export function absentCode({ absent }: Pick<RowExtras, "absent">): number {
  return absent ? ABSENT : -1;
}
