/**
 * Defines the sub-command `convert`, which turns texts into a request.
 *
 * @module
 */
import { Command, Option } from "commander";
import { outputName } from "../base/files.ts";
import { say } from "../base/say.ts";
import { grouped, ungrouped } from "../base/text.ts";
import { INFO_TAGS } from "../vcf/info_fields.ts";
import { type ConvertRequest } from "../convert/options.ts";
import { OUTPUT_FORMATS } from "../vcf/row_formatter.ts";
import { infoTags, list, requireOutput, share, size, wholeNumber } from "./arguments.ts";

/** A request, and what is printed while it runs. */
interface ConvertArguments {
  request: ConvertRequest;
  quiet: boolean;
  json: boolean;
  progress: "auto" | "plain" | "none";
}

/** Flags as commander gives them. */
interface Flags extends Omit<ConvertRequest, "input" | "output" | "ploidy"> {
  output?: string;
  ploidy: "auto" | "1" | "2";
  dryRun?: boolean;
  quiet?: boolean;
  json?: boolean;
  progress: "auto" | "plain" | "none";
}

/**
 * Returns the sub-command `convert`, to be added to a program.
 *
 * @param signal Interrupts a conversion.
 */
export function convertCommand(signal: AbortSignal): Command {
  return new Command("convert")
    .description("Convert a genome matrix (TSV) to VCF")
    .argument("<input>", "matrix (plain, gzip, BGZF), kept .duckdb file, or - for standard input")
    .option("-o, --output <file>", "VCF to write, or - for standard output")
    .option("--header <file>", "file with the header line, if the matrix has none")
    .option("--samples <file>", "sample sheet: sample, then its haplotype columns, TAB-separated")
    .addOption(
      new Option("--ploidy <ploidy>", "pair columns by suffix where possible, never or always")
        .choices(["auto", "1", "2"]).default("auto"),
    )
    .option("--missing <list>", "further texts that mean missing, comma-separated", list)
    .option("--threads <n>", "worker threads (default: all cores)", wholeNumber)
    .option("--memory <size>", "memory for the whole process (default: 1GiB)", size)
    .option("--database <file>", "keep the table in this DuckDB file, or reuse it")
    .option("--verify-input", "read all of the input before a kept table of it is reused")
    .addOption(
      new Option("--gap <what>", "what - means: missing, the allele *, or bad input")
        .choices(["missing", "star", "error"]).default("missing"),
    )
    .addOption(
      new Option("--iupac <what>", "what R Y S W K M mean: bad input, missing, or both bases")
        .choices(["error", "missing", "split"]).default("error"),
    )
    .addOption(
      new Option("--format <format>", "what to write").choices([...OUTPUT_FORMATS]).default("vcf"),
    )
    .addOption(
      new Option("--compression-level <n>", "1 (fast) to 9 (small), of .gz output")
        .argParser(wholeNumber).default(5),
    )
    .addOption(
      new Option("--index <kind>", "index of .vcf.gz: .csi where a contig needs it (auto), ...")
        .choices(["auto", "tbi", "csi", "none"]).default("auto"),
    )
    .option("--info <tags>", `INFO to write: ${INFO_TAGS.join(",")} or all`, infoTags)
    .option("--reference <file>", "FASTA: contig order and lengths, and REF is compared with it")
    .addOption(
      new Option("--ref-mismatch <what>", "a REF that is not the reference's ends the run, ...")
        .choices(["error", "skip", "count"]).default("error"),
    )
    .option("--regions <list>", "only records that overlap 1:100-200,2 (1-based, inclusive)")
    .option(
      "--regions-file <file>",
      "only records that overlap a region of a file; .bed is 0-based",
    )
    .option("--min-alleles <n>", "leave out records with fewer alleles, REF included", wholeNumber)
    .option("--max-alleles <n>", "leave out records with more alleles, REF included", wholeNumber)
    .option("--snps-only", "leave out records with an allele that is no single base or *")
    .option("--max-missing-rate <share>", "leave out records with more missing haplotypes", share)
    .option("--variants-only", "leave out records that no sample varies at")
    .option("--unphased", "write / between alleles")
    .option("--homozygous", "write haploid samples as homozygous diploids")
    .addOption(
      new Option("--on-bad-row <what>", "end the run, or put bad rows in OUTPUT.rejects.tsv")
        .choices(["error", "skip"]).default("error"),
    )
    .option("--dry-run", "look at the input, say what the run would take, and write nothing")
    .option("--quiet", "say nothing but errors")
    .addOption(
      new Option("--progress <how>", "a bar on a terminal, plain lines, or none")
        .choices(["auto", "plain", "none"]).default("auto"),
    )
    .option("--profile <file>", "write memory over time as CSV; see the sub-command profile")
    .option("--json", "print the summary as JSON")
    .action(async (input: string, flags: Flags, command: Command) => {
      const { output, dryRun, quiet = false, json = false, progress, ploidy, ...rest } = flags;
      requireOutput(output, command);
      const request: ConvertRequest = {
        ...rest,
        input,
        output,
        ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
        signal,
      };
      await (dryRun ? runRehearsal : runConvert)({ request, quiet, json, progress });
    });
}

async function runRehearsal({ request, quiet, json }: ConvertArguments): Promise<void> {
  const { checkRehearsal, rehearse } = await import("../inspect/rehearse.ts");
  const { rehearsalLines } = await import("../inspect/rehearsal_lines.ts");
  const rehearsal = await rehearse(request);
  const style = Deno.stdout.isTerminal() ? grouped : ungrouped;
  if (json) console.log(JSON.stringify(rehearsal));
  else if (!quiet) console.log(rehearsalLines(rehearsal, style).join("\n"));
  checkRehearsal(rehearsal, request.onBadRow === "skip");
}

async function runConvert({ request, quiet, json, progress }: ConvertArguments): Promise<void> {
  // Imported only here, as loading DuckDB takes longer than printing help.
  const { convert } = await import("../convert/convert.ts");
  const { progressDisplay } = await import("./progress_display.ts");
  const { reportLines } = await import("../convert/report_lines.ts");
  const display = await progressDisplay(quiet ? "none" : progress);
  const note = (line: string) => quiet || say(line);
  try {
    const report = await convert({
      ...request,
      onProgress: (state) => display.show(state),
      onNote: note,
    });
    display.stop();
    const style = Deno.stderr.isTerminal() ? grouped : ungrouped;
    if (!json) { for (const line of reportLines(report, style)) note(line); }
    else if (outputName(request.output as string) === "-") say(JSON.stringify(report));
    else console.log(JSON.stringify(report));
  } finally {
    display.stop();
  }
}
