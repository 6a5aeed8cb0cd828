/**
 * Prints the report of a conversion.
 *
 * @module
 */
import { outputName } from "../base/files.ts";
import { say } from "../base/say.ts";
import { grouped, jsonText, ungrouped } from "../base/text.ts";
import type { ConvertReport } from "../convert/report.ts";

/** Prints a report: as lines on standard error, or as JSON on standard output, if that is free. */
export async function printReport(
  report: ConvertReport,
  { output, quiet, json }: { output: string; quiet: boolean; json: boolean },
): Promise<void> {
  if (json) {
    if (outputName(output) === "-") say(jsonText(report));
    else console.log(jsonText(report));
  } else if (!quiet) {
    const { reportLines } = await import("../convert/report_lines.ts");
    const style = Deno.stderr.isTerminal() ? grouped : ungrouped;
    for (const line of reportLines(report, style)) say(line);
  }
}
