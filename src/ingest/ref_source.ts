/**
 * Opens the reference where rows need it to know what REF is.
 *
 * @module
 */
import type { MatrixLayout } from "../matrix/layout.ts";
import { isPlain } from "../matrix/dialects/row_extras.ts";
import { openReference, type ReferenceSource } from "../reference/fasta_index.ts";
import type { IngestOptions } from "./options.ts";

/**
 * Returns the reference of a run whose rows may ask it for REF; undefined where there is none, or
 * rows say what REF is. Notes on its index are left to the output, which opens it, too.
 */
export async function refSource(
  { reference, signal }: IngestOptions,
  layout: MatrixLayout,
): Promise<ReferenceSource | undefined> {
  const asks = isPlain(layout) || ["lookup", "column"].includes(layout.dialect!.ref);
  if (reference === undefined || !asks) return undefined;
  return await openReference(reference, () => {}, signal);
}
