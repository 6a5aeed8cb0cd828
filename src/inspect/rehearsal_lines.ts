/**
 * Shows a rehearsal as lines for a person.
 *
 * @module
 */
import { shownSize } from "../base/sizes.ts";
import { type NumberStyle, printable, ungrouped } from "../base/text.ts";
import type { Estimate, Rehearsal } from "./rehearse.ts";

/** Contigs that a line names at most. */
const SHOWN_CONTIGS = 12;

/**
 * Returns a rehearsal as lines for a person.
 *
 * @param number How whole numbers are written.
 */
export function rehearsalLines(rehearsal: Rehearsal, number: NumberStyle = ungrouped): string[] {
  const { rows, exact, contigs, table, folders } = rehearsal;
  const [badRows, ...taken] = estimateLines(rehearsal, number);
  const lines: NamedLine[] = [
    ...rehearsal.columns.map((text): NamedLine => ["columns", text]),
    ["contigs", contigsOf(contigs)],
    ["rows", `${exact ? "" : "about "}${number(rows)}`],
    badRows,
    ["table", `about ${shownSize(table)}`],
    ...folders.map(({ folder, bytes, free }): NamedLine => [
      "disk",
      `about ${shownSize(bytes)} in ${printable(folder, 200)}` +
      (free === undefined ? "" : `, where ${shownSize(free)} are free`),
    ]),
    ...taken,
  ];
  return [
    ...lines.map(([name, text]) => `${name.padEnd(9)} ${text}`),
    ...rehearsal.notes,
    "this was a rehearsal: nothing has been written",
  ];
}

/** A name, and what is said of it. */
type NamedLine = [name: string, text: string];

/** Returns what looks tell of bad rows, output, memory and time of a run, in this order. */
export function estimateLines(
  { looked, badRow, disorder, output, memory, threads, seconds }: Estimate,
  number: NumberStyle,
): NamedLine[] {
  const order = disorder ? ", rows out of order are sorted" : "";
  const writing = output === null ? ", and that of writing the view, which is not known" : "";
  const bad = badRow === undefined ? "" : `: ${printable(badRow, 300)}`;
  return [
    ["bad rows", `${looked.bad} of ${number(looked.rows)} that were looked at${bad}`],
    [
      "output",
      output === null
        ? "not known before it is written, and not in the above"
        : `about ${shownSize(output)}`,
    ],
    [
      "memory",
      `at most ${Math.round(memory / 1024 ** 2)} MiB, ${threads} thread${threads === 1 ? "" : "s"}`,
    ],
    ["time", `about ${seconds < 10 ? seconds.toFixed(1) : number(seconds)} s${order}${writing}`],
  ];
}

function contigsOf(contigs: readonly string[]): string {
  const shown = contigs.slice(0, SHOWN_CONTIGS).map((name) => printable(name, 40)).join(", ");
  const more = contigs.length > SHOWN_CONTIGS ? `, ... (${contigs.length})` : "";
  return `${shown}${more} (seen in a look at the file)`;
}
