/**
 * Where a table comes from, so that it can be known again.
 *
 * @module
 */
import type { TableValue } from "./database.ts";
import { fingerprint } from "./fingerprint.ts";
import type { MatrixHeader } from "./header.ts";
import type { MatrixLayout } from "./matrix_layout.ts";
import type { ConvertOptions } from "./options.ts";
import type { TableRequest } from "./table_request.ts";
import type { TableSource } from "./table_summary.ts";
import { VERSION } from "./version.ts";

/** Returns what a table of this input, made with these options, would remember of it. */
export async function sourceOf(
  { options, input }: TableRequest,
  header: MatrixHeader,
  layout: MatrixLayout,
): Promise<TableSource> {
  return {
    path: options.input,
    bytes: input.size,
    modified: input.state?.modified ?? 0,
    changed: input.state && !input.state.fresh ? input.state.changed : 0,
    fingerprint: await fingerprint(input),
    options: await ingestOptionsOf(options, header, layout),
    version: VERSION,
  };
}

/** Returns the row of `source`, less what is known only after ingest. */
export function sourceRow(
  { path, bytes, modified, changed, fingerprint, options, version }: TableSource,
): TableValue[] {
  const time = (milliseconds: number) => milliseconds === 0 ? null : new Date(milliseconds);
  return [path, bytes, time(modified), time(changed), fingerprint, options, version];
}

/** Options that change the table, as JSON in a fixed order. */
async function ingestOptionsOf(
  { ploidy, missing, header, samples, gap, iupac, onBadRow }: ConvertOptions,
  { columns }: MatrixHeader,
  { choice }: MatrixLayout,
): Promise<string> {
  const hash = async (value: unknown) => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
  };
  return JSON.stringify({
    header: header === undefined ? null : await hash(columns),
    samples: samples === undefined ? null : await hash(choice.samples),
    ploidy,
    missing: [...missing].sort(),
    gap,
    iupac,
    "on-bad-row": onBadRow,
  });
}
