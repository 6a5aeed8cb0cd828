/**
 * Tells what the rows of a layout hold beside codes.
 *
 * @module
 */
import { type MatrixLayout, Role } from "../layout.ts";
import { NO_EXTRAS, type RowExtras } from "./dialect.ts";

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
    phase: phase === "cell" || phase === "blocks" || cells === "haps",
    sets: roles.includes(Role.Block),
    absent: cells === "pair" || cells === "code" || cells === "haps" || gap === "absent",
  };
}
