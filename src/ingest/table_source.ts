/**
 * Describes the input and options of a table, so that a later run recognizes them.
 *
 * @module
 */
import type { TableValue } from "../table/database.ts";
import { fingerprint } from "../matrix/fingerprint.ts";
import type { MatrixHeader } from "../matrix/header.ts";
import type { MatrixLayout } from "../matrix/layout.ts";
import { type IngestOptions, TABLE_FLAGS, type TableOptions } from "./options.ts";
import type { TableRequest } from "./table_request.ts";
import type { TableSource } from "../table/read_metadata.ts";
import { VERSION } from "../base/version.ts";

/** Returns what a table of this input, made with these options, remembers of both. */
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
    options: await tableOptions(options, header, layout),
    version: VERSION,
  };
}

/** Returns the row of `source`, without `skipped` and `has_id`, which are added after ingest. */
export function sourceRow(
  { path, bytes, modified, changed, fingerprint, options, version }: TableSource,
): TableValue[] {
  const time = (milliseconds: number) => milliseconds === 0 ? null : new Date(milliseconds);
  return [path, bytes, time(modified), time(changed), fingerprint, options, version];
}

/** Options of the dialect, of which a table remembers what they came to. */
const DIALECT_KEYS: ReadonlySet<keyof TableOptions> = new Set([
  "dialect",
  "refFrom",
  "sites",
  "names",
  "contig",
  "sampleName",
]);

/** Returns the options that decide what a table holds as JSON, under the names of their flags. */
export async function tableOptions(
  options: IngestOptions,
  { columns }: MatrixHeader,
  layout: MatrixLayout,
): Promise<string> {
  if (options.part) return options.part.tableOptions;
  const { choice } = layout;
  // Of files, the content counts, not the name. A sheet and both kinds of lists are one thing.
  const isChosen = options.samples !== undefined || options.samplesFile !== undefined;
  const contents = { header: columns, samples: choice.samples };
  const valueOf = async (key: keyof TableOptions): Promise<unknown> => {
    if (key === "samples") return isChosen ? await hashOf(contents[key]) : null;
    if (options[key] === undefined) return null;
    if (key === "header") return await hashOf(contents[key]);
    return key === "missing" ? [...options.missing].sort() : options[key];
  };
  const named: Record<string, unknown> = {};
  for (const key of Object.keys(TABLE_FLAGS) as (keyof TableOptions)[]) {
    if (key === "samplesFile" || DIALECT_KEYS.has(key)) continue;
    named[TABLE_FLAGS[key].slice(2)] = await valueOf(key);
  }
  return JSON.stringify({ ...named, ...await dialectValues(options, layout) });
}

/**
 * Returns what tells how a dialect was read; nothing of a matrix, so that its tables of before are
 * found again.
 */
async function dialectValues(
  { refFrom, contig }: IngestOptions,
  { dialect, choice, facts: { sites } }: MatrixLayout,
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  if (dialect.name !== "matrix") values.dialect = dialect.name;
  if (refFrom !== undefined) values["ref-from"] = refFrom;
  if (contig !== undefined) values.contig = contig;
  if (dialect.names !== "header") values.names = await hashOf(choice.samples);
  if (sites !== undefined) {
    const { size } = await Deno.stat(sites);
    values.sites = `${size} ${await fingerprint({ path: sites, size })}`;
  }
  return values;
}

async function hashOf(value: unknown): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex().slice(0, 16);
}
