/**
 * Defines the sub-command `report`, which draws a page of a kept table.
 *
 * @module
 */
import { Command } from "commander";
import { say } from "../base/say.ts";
import { jsonText } from "../base/text.ts";
import type { ReportRequest } from "../convert/report_table.ts";
import { makeReport } from "../report/make_report.ts";
import { progressOption, requireOutput, size, wholeNumber } from "./arguments.ts";

interface Flags {
  output?: string;
  multiqc?: boolean;
  threads?: number;
  memory?: number;
  tempDir?: string;
  quiet?: boolean;
  json?: boolean;
  progress: "auto" | "plain" | "none";
}

/**
 * Returns the sub-command `report`, to be added to a program.
 *
 * @param signal Ends it early.
 */
export function reportCommand(signal: AbortSignal): Command {
  return new Command("report")
    .description("Draw a kept table as a page: samples, contigs, allele frequencies and more")
    .exitOverride()
    .argument("<file>", "kept .duckdb file")
    .option("-o, --output <file>", "page to write (HTML)")
    .option("--multiqc", "write the figures for MultiQC, too, as PAGE_mqc.json")
    .option("-@, --threads <n>", "worker threads [all cores, none for a small file]", wholeNumber)
    .option("--memory <size>", "memory for the whole process [1GiB]", size)
    .option("--temp-dir <folder>", "for what does not fit into memory [that of the page]")
    .addOption(progressOption())
    .option("--quiet", "say nothing but errors")
    .option("--json", "print what was made as JSON")
    .action(async (input: string, { output, ...flags }: Flags, command: Command) => {
      requireOutput(output, command);
      await report({ input, output, signal }, flags);
    });
}

/** Draws a report, and says what it is of. */
async function report(
  request: ReportRequest,
  { quiet = false, json = false, progress, ...options }: Omit<Flags, "output">,
): Promise<void> {
  const { reportTable } = await import("../convert/report_table.ts");
  const { withProgress } = await import("./progress_display.ts");
  const onNote = (line: string) => quiet || say(line);
  const made = await withProgress(
    quiet ? "none" : progress,
    (onProgress) => reportTable({ ...options, ...request, onProgress, onNote }, makeReport),
  );
  if (json) console.log(jsonText(made));
  else onNote(`${made.records} records: the report is in ${made.output}`);
}
