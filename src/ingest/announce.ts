/**
 * Says how the columns of a matrix became samples, before the work begins.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import { missingWarnings } from "../matrix/cell_codes.ts";
import { columnNotes, type MatrixLayout } from "../matrix/layout.ts";
import { describeChoice } from "../matrix/samples.ts";
import { haplotypeRows } from "../table/schema.ts";
import type { IngestOptions } from "./options.ts";

/** Notes samples, columns that are left out, and what a user may not expect of them. */
export function announce(layout: MatrixLayout, options: IngestOptions): void {
  const { onNote } = options, { dialect, facts: { evidence, notes = [] } } = layout;
  if (dialect.name !== "matrix") onNote(`dialect: ${dialect.name} (${evidence})`);
  if (dialect.phase === "blocks") {
    onNote("alleles have an order within the blocks of each sample, FORMAT PS in a VCF");
  }
  for (const note of notes) onNote(note);
  onNote(describeChoice(layout.choice));
  for (const warning of missingWarnings(options)) onNote(warning);
  for (const note of columnNotes(layout)) onNote(note);
  for (const [name, viewColumn] of haplotypeRows(layout).renamed) {
    onNote(
      `warning: the column '${printable(name)}' is '${printable(viewColumn)}' in the view ` +
        `'matrix': names there ignore case`,
    );
  }
}
