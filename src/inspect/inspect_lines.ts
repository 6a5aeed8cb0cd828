/**
 * Shows what `inspect` found out, as lines for a person.
 *
 * @module
 */
import { type NumberStyle, printable, ungrouped } from "../base/text.ts";
import type { DatabaseReport } from "./inspect_database.ts";
import type { MatrixReport } from "./inspect_matrix.ts";
import { estimateLines } from "./rehearsal_lines.ts";
import { type DialectReport, shownDialect } from "./inspect_dialect.ts";
import type { Estimate } from "./rehearse.ts";
import { describeChoice, type Sample } from "../matrix/samples.ts";
import { shownSize } from "../base/sizes.ts";

/** Number of names that a line shows of a long list. */
const SHOWN_NAMES = 12;
/** Number of columns and contigs that are shown one by one. */
const SHOWN_COLUMNS = 12, SHOWN_CONTIGS = 30;

/** What a matrix holds, and what its conversion with these columns and all defaults would take. */
export interface RehearsedMatrix extends MatrixReport {
  dialect: DialectReport;
  run: Estimate;
}

/**
 * Returns a report as lines for a person.
 *
 * @param number How whole numbers are written.
 */
export function inspectLines(
  report: RehearsedMatrix | DatabaseReport,
  number: NumberStyle = ungrouped,
): string[] {
  return report.kind === "matrix" ? matrixLines(report, number) : databaseLines(report, number);
}

function matrixLines(report: RehearsedMatrix, number: NumberStyle): string[] {
  const { exact } = report, isMatrix = report.dialect.dialect === "matrix";
  const name = isMatrix ? "genome matrix" : report.dialect.dialect;
  const samples = report.samples.map(({ name, columns }) => ploidyOf(name, columns.length));
  const seen = exact ? "" : " (seen in a look at the file)";
  const kind = report.compression === "gzip" ? "gzip" : "plain text";
  return [
    `${printable(report.path)}: ${name}, ${kind}, ${shownSize(report.bytes)}`,
    ...aligned([
      ...columnLines(report, number),
      ["samples", describeChoice({ samples, unpaired: report.unpaired })],
      [
        "pairing",
        list(report.samples.map(({ name, columns }) => `${name} = ${columns.join(" | ")}`), 4),
      ],
      ...report.leftOut.length > 0 ? [["left out", list(report.leftOut)]] : [],
      ["contigs", `${list(report.contigs)}${seen}`],
      // Cells of other dialects are no alleles.
      ...isMatrix ? [["alleles", `${list(report.alleles)}${seen}`]] : [],
      ["rows", `${exact ? "" : "about "}${number(report.rows)}`],
      [
        "table",
        `about ${shownSize(report.database)} kept with --database, about ${
          shownSize(report.temporary)
        } while it is temporary`,
      ],
      ...estimateLines(report.run, number),
      ["convert", report.dialect.command],
    ]),
    ...report.run.notes,
    "",
    ...firstRows(report),
  ];
}

/** Returns what the file is, and where its columns are. */
function columnLines(
  { dialect, header, columns, haplotypes }: RehearsedMatrix,
  number: NumberStyle,
): string[][] {
  const place = (name: string, column: number) => column > 0 ? `${name} ${column}` : `no ${name}`;
  const { chrom, pos, ref, id, total } = columns;
  const places = [place("CHROM", chrom), place("POS", pos), place("REF", ref), place("ID", id)];
  return [
    ["dialect", shownDialect(dialect)],
    ["header", `${printable(header.file)}, line ${header.line}: ${number(total)} columns`],
    ["columns", `${places.join(", ")}; ${number(haplotypes)} haplotypes`],
  ];
}

function firstRows({ firstRows, names }: MatrixReport): string[] {
  const cut = (row: readonly string[]) => {
    const shown = row.slice(0, SHOWN_COLUMNS).map((cell) => printable(cell, 12));
    return row.length > SHOWN_COLUMNS ? [...shown, "..."] : shown;
  };
  return firstRows.length === 0 ? [] : aligned([names, ...firstRows].map(cut));
}

/** Returns a stand-in for a sample, of which only name and ploidy count. */
function ploidyOf(name: string, ploidy: number): Sample {
  return { name, columns: Array(ploidy).fill(0), phased: true };
}

function databaseLines(report: DatabaseReport, number: NumberStyle): string[] {
  const { source, columns, rows, checksum } = report;
  const total = (pick: (column: DatabaseReport["columns"][number]) => number) =>
    columns.reduce((sum, column) => sum + pick(column), 0);
  const cost = (name: string, how: string, disk: number, text: number, python: number) => [
    name,
    how,
    number(disk),
    text ? number(text) : "",
    python ? number(python) : "",
  ];
  const contigs = report.contigs.slice(0, SHOWN_CONTIGS).map((contig) =>
    `${contig.name} (${number(contig.records)} at ${number(contig.minPos)} to ${
      number(contig.maxPos)
    })`
  );
  const samples = report.samples.map(({ name, ploidy }) => ploidyOf(name, ploidy));
  return [
    `${printable(report.path)}: database of matrix2vcf ${source.version}, ${
      shownSize(report.bytes)
    }`,
    ...aligned([
      [
        "source",
        `${printable(source.path)}, ${shownSize(source.bytes)}` +
        (source.modified ? `, of ${source.modified}` : ""),
      ],
      [
        "rows",
        number(rows) + (source.skipped ? `, ${number(source.skipped)} bad ones left out` : ""),
      ],
      ["samples", describeChoice({ samples, unpaired: [] })],
      ["contigs", list(contigs, SHOWN_CONTIGS, report.contigs.length)],
      ...checksum ? [["checksum", `${checksum.alleles} (phase ${checksum.phase})`]] : [],
    ]),
    "",
    ...aligned([
      ["column", "compression", "bytes on disk", "as text", "as Python objects"],
      ...columns.map(({ column, compression, disk, text, python }) =>
        cost(column, compression, disk, text, python)
      ),
      cost("", "one haplotype", ...perHaplotype(report)),
      cost("rest", "", report.rest, 0, 0),
      cost(
        "all",
        "",
        report.bytes,
        total(({ text }) => text),
        total(({ python }) => python),
      ),
    ], 2),
    "Text is what the matrix takes, with its TABs; Python objects are pandas' columns of type object:",
    "8 bytes a pointer and 58 a string; positions, and contigs that all are numbers, are int64.",
  ];
}

function perHaplotype({ columns, haplotypes }: DatabaseReport): [number, number, number] {
  const alleles = columns.find(({ column }) => column === "alleles");
  if (!alleles) return [0, 0, 0];
  const { disk, text, python } = alleles;
  return [disk / haplotypes, text / haplotypes, python / haplotypes];
}

/** Returns the first of many names as text, and how many there are. */
function list(names: readonly string[], most = SHOWN_NAMES, total = names.length): string {
  const shown = names.slice(0, most).map((name) => printable(name, 40)).join(", ");
  return total > most ? `${shown}, ... (${total})` : shown;
}

/** Aligns columns with blanks; numbers, from column `right` (0-based) on, to the right. */
function aligned(rows: readonly string[][], right = Infinity): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => widths[index] = Math.max(widths[index] ?? 0, cell.length));
  }
  return rows.map((row) =>
    row.map((cell, index) =>
      index >= right ? cell.padStart(widths[index]) : cell.padEnd(widths[index])
    ).join("  ").trimEnd()
  );
}
