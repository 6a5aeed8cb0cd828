/**
 * Opens tables that exist already, and finds out whether one is what would be made now. Few
 * conversions have one, so this module, and DuckDB with it, is loaded on demand.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { refuseForeign } from "../table/database_files.ts";
import { summaryLimits } from "../table/database_limits.ts";
import { InputError } from "../base/errors.ts";
import { isNoValue } from "../matrix/cell_bytes.ts";
import { differingSegment } from "../matrix/fingerprint.ts";
import { checkPathUnchanged } from "../base/input_state.ts";
import { restoreRejects } from "./kept_rejects.ts";
import type { WorkFolder } from "../base/work_folder.ts";
import { type PinnedTable, pinTable } from "../table/pinned_table.ts";
import type { Table, TableRequest, WantedTable } from "./table_request.ts";
import { type ColumnSummary, summaryOf } from "../table/schema.ts";
import type { Populations } from "../matrix/populations.ts";
import { readPopulationsOf } from "./table_populations.ts";
import {
  keptPopulations,
  keptSegments,
  type KeptSummary,
  type TableSource,
  tableSummary,
} from "../table/read_metadata.ts";

/**
 * Opens a table that exists already.
 *
 * @throws {InputError} Not a table of this program.
 */
export async function keptTable(
  path: string,
  work: WorkFolder,
): Promise<Table & { summary: KeptSummary }> {
  refuseForeign(path);
  const pinned = pinTable(path);
  const summary = await tableSummary(path, summaryLimits(work.file("spill")));
  return {
    pinned,
    summary,
    missing: [],
    kernelRows: 0,
    reused: true,
    sums: summary.sums,
    nameTable: () => Promise.resolve(),
  };
}

/** Writes the bad rows of a kept table again, or notes that they are not in the output. */
export async function rejectAgain(
  { pinned, summary }: Table,
  { options, work, rejects }: TableRequest,
): Promise<void> {
  const { skipped: count, stride } = summary;
  if (count === 0) return;
  if (rejects === undefined) {
    return options.onNote(
      `warning: ${count} bad ${count === 1 ? "row was" : "rows were"} skipped when the table was ` +
        "made; --on-bad-row skip writes them to a file",
    );
  }
  const limits = summaryLimits(work.file("spill"));
  await restoreRejects(pinned, { count, rowBytes: 2 * stride, limits, path: rejects });
}

/**
 * Makes sure that a table is what would be made now.
 *
 * @throws {InputError} It is not; the message says how it differs.
 */
export async function checkReusable(
  { pinned, summary }: Table & { summary: KeptSummary },
  { source: now, layout }: WantedTable,
  request: TableRequest,
): Promise<void> {
  const { source: before } = summary;
  const sameEnds = before.bytes === now.bytes && before.fingerprint === now.fingerprint;
  const different = [
    ...sameEnds ? [] : ["the input (size or content)"],
    ...differences(before.options, now.options),
  ];
  if (different.length === 0 && !sameColumns(summary, summaryOf(layout))) {
    different.push("how its columns become samples (by another version)");
  }
  if (different.length === 0 && mayReadOtherwise(summary)) {
    different.push("how its cells are read (by an earlier version)");
  }
  if (different.length === 0 && !await sameContent(pinned, before, request)) {
    different.push("the input (its content)");
  }
  if (different.length === 0) return await checkPopulations(pinned, summary, request);
  throw new InputError(
    `the database was made differently: ${different.join(", ")}; name another --database, or ` +
      `remove this one`,
    { file: pinned.path },
  );
}

/**
 * Makes sure that a table has the populations that are asked for, where any are.
 *
 * @throws {InputError} It has others, or none; or the file is bad.
 */
async function checkPopulations(
  pinned: PinnedTable,
  summary: KeptSummary,
  { options, work }: TableRequest,
): Promise<void> {
  const wanted = await readPopulationsOf(options, summary.samples.map(({ name }) => name));
  if (!wanted) return;
  const there = await keptPopulations(pinned, summaryLimits(work.file("spill")));
  const textOf = (populations: Populations) => JSON.stringify([...populations].sort());
  if (there && textOf(there) === textOf(wanted)) return;
  throw new InputError(
    `the table keeps ${
      there ? "other" : "no"
    } populations: ask it with 'sql FILE --populations', ` +
      "or name another --database",
    { file: pinned.path },
  );
}

/**
 * Tells whether an input of the same size and ends is the same all through. Equal times say so, as
 * no program can set back the change time; where they differ, the input is read whole.
 */
async function sameContent(
  table: PinnedTable,
  { modified, changed }: TableSource,
  { options: { verifyInput, onNote, signal }, input, work }: TableRequest,
): Promise<boolean> {
  const { state, shown } = input;
  const sameTimes = state && changed > 0 && state.modified === modified &&
    state.changed === changed;
  if (sameTimes && !verifyInput) return true;
  if (!sameTimes) onNote(`${shown} is read whole: its times do not say that it is unchanged`);
  const segments = keptSegments(table, summaryLimits(work.file("spill")));
  const differing = await differingSegment(input.path, segments, signal);
  checkPathUnchanged(input.path, state, shown);
  return differing === undefined;
}

/** Tells whether columns have become the same samples: an earlier version may have paired others. */
function sameColumns(before: ColumnSummary, now: ColumnSummary): boolean {
  const columnsOf = ({ samples, haplotypes, hasId, extras, dialect }: ColumnSummary) => {
    return { samples, haplotypes, hasId, extras, dialect };
  };
  return isDeepStrictEqual(columnsOf(before), columnsOf(now));
}

/**
 * Tells whether an earlier version may have read cells, contigs or rows of a table otherwise: it
 * took `NN` for an allele, `N` beside `<DEL>` for missing, and `NA` for a contig, and more rows were
 * bad.
 */
function mayReadOtherwise({ hasGrid, alleles, contigs, skipped }: KeptSummary): boolean {
  if (hasGrid) return false;
  return skipped > 0 || alleles.some((allele) => /^(?:NN|<)/.test(allele)) ||
    contigs.some(({ name }) => name.includes("\uFFFD") || saysNothing(name));
}

function saysNothing(contig: string): boolean {
  const bytes = new TextEncoder().encode(contig);
  return isNoValue(bytes, 0, bytes.length);
}

/** Returns the flags of the options that differ. */
function differences(before: string, now: string): string[] {
  const a = JSON.parse(before), b = JSON.parse(now);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => `--${key}`);
}
