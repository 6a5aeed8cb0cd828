/**
 * Shows a rehearsal as lines for a person.
 *
 * @module
 */
import { shownSize } from "../base/sizes.ts";
import { type NumberStyle, printable, ungrouped } from "../base/text.ts";
import type { Rehearsal } from "./rehearse.ts";

/** Contigs that a line names at most. */
const SHOWN_CONTIGS = 12;

/**
 * Returns a rehearsal as lines for a person.
 *
 * @param number How whole numbers are written.
 */
export function rehearsalLines(rehearsal: Rehearsal, number: NumberStyle = ungrouped): string[] {
  const { rows, exact, looked, contigs, table, output, memory, threads, seconds } = rehearsal;
  const lines: [name: string, text: string][] = [
    ...rehearsal.columns.map((text): [string, string] => ["columns", text]),
    ["contigs", contigsOf(contigs)],
    [
      "rows",
      `${exact ? "" : "about "}${number(rows)}${
        rehearsal.disorder ? ", out of order: they are sorted" : ""
      }`,
    ],
    ["bad rows", `${looked.bad} of ${number(looked.rows)} that were looked at`],
    ["table", `about ${shownSize(table)}`],
    ["output", `about ${shownSize(output)}`],
    ...rehearsal.folders.map(({ folder, bytes, free }): [string, string] => [
      "disk",
      `about ${shownSize(bytes)} in ${printable(folder, 200)}` +
      (free === undefined ? "" : `, where ${shownSize(free)} are free`),
    ]),
    [
      "memory",
      `at most ${Math.round(memory / 1024 ** 2)} MiB, ${threads} thread${threads === 1 ? "" : "s"}`,
    ],
    ["time", `about ${seconds < 10 ? seconds.toFixed(1) : number(seconds)} s`],
  ];
  return [
    ...lines.map(([name, text]) => `${name.padEnd(9)} ${text}`),
    ...rehearsal.notes,
    "this was a rehearsal: nothing has been written",
  ];
}

function contigsOf(contigs: readonly string[]): string {
  const shown = contigs.slice(0, SHOWN_CONTIGS).map((name) => printable(name, 40)).join(", ");
  const more = contigs.length > SHOWN_CONTIGS ? `, ... (${contigs.length})` : "";
  return `${shown}${more} (seen in a look at the file)`;
}
