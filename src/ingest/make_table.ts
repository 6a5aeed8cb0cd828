/**
 * Provides the table of an input: a kept one, or a new one.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { exists } from "../base/files.ts";
import { columnNotes, type MatrixLayout } from "../matrix/layout.ts";
import { readLayout } from "../matrix/read_layout.ts";
import { newTable } from "./new_table.ts";
import { type IngestOptions, TABLE_DEFAULTS, TABLE_FLAGS } from "./options.ts";
import { describeChoice } from "../matrix/samples.ts";
import { haplotypeRows } from "../table/schema.ts";
import type { Table, TableRequest } from "./table_request.ts";
import { sourceOf } from "./table_source.ts";

/**
 * Finds or makes the table of an input.
 *
 * @throws {InputError} Bad input; a kept database that was made differently.
 * @throws {UsageError} Options for a matrix where the input is a database.
 */
export async function makeTable(request: TableRequest): Promise<Table> {
  const { options, input, work } = request;
  if (input.kind === "duckdb") {
    const { keptTable, rejectAgain } = await import("./kept_table.ts");
    const table = await keptTable(givenDatabase(request), work);
    await rejectAgain(table, request);
    return table;
  }
  if (options.database !== undefined && await exists(options.database)) {
    return await tableThere(options.database, request);
  }
  // Starting a worker takes as long as reading the head.
  const store = request.pool?.another(1);
  try {
    const columns = await readLayout(request.input, request.options), { header, layout } = columns;
    announce(layout, options);
    const source = options.database === undefined
      ? undefined
      : await sourceOf(request, header, layout);
    return await newTable({ ...request, store }, columns, source);
  } finally {
    await store?.close();
  }
}

/** Opens the existing table of the name that was asked for, and makes sure that it fits. */
async function tableThere(path: string, request: TableRequest): Promise<Table> {
  const { checkReusable, keptTable, rejectAgain } = await import("./kept_table.ts");
  const { header, layout } = await readLayout(request.input, request.options);
  const source = sourceOf(request, header, layout);
  source.catch(() => {});
  const table = await keptTable(path, request.work);
  await checkReusable(table, { source: await source, layout }, request);
  request.options.onNote(`reusing the table in ${path}`);
  await rejectAgain(table, request);
  return table;
}

/** Returns the path of an input that is a table, and refuses the options of a matrix. */
function givenDatabase({ input, options }: TableRequest): string {
  const { onBadRow: _, ...flags } = TABLE_FLAGS;
  const given = (Object.keys(flags) as (keyof typeof flags)[]).filter((key) =>
    String(options[key]) !== String(TABLE_DEFAULTS[key])
  ).map((key) => flags[key]);
  if (options.database !== undefined) given.push("--database");
  if (given.length === 0) return input.path;
  throw new UsageError(
    `${given.join(", ")}: for a matrix; the input is a database, which has its own`,
  );
}

function announce(layout: MatrixLayout, { onNote }: IngestOptions): void {
  onNote(describeChoice(layout.choice));
  for (const note of columnNotes(layout)) onNote(note);
  for (const [name, viewColumn] of haplotypeRows(layout).renamed) {
    onNote(
      `warning: the column '${printable(name)}' is '${printable(viewColumn)}' in the view ` +
        `'matrix': names there ignore case`,
    );
  }
}
