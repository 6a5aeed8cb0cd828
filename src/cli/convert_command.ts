/**
 * Defines the sub-command `convert`, which turns texts into a request.
 *
 * @module
 */
import { Command, Option } from "commander";
import { UsageError } from "../base/errors.ts";
import { isStream } from "../base/files.ts";
import { interruptible } from "../base/interruptible.ts";
import { say } from "../base/say.ts";
import { grouped, jsonText, ungrouped } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import { isCompressed } from "../output/options.ts";
import type { ConvertRequest } from "../convert/request.ts";
import { makeReport } from "../report/make_report.ts";
import { OUTPUT_FORMATS } from "../vcf/row_formatter.ts";
import {
  bytes,
  compressionLevel,
  indexKind,
  infoOption,
  progressOption,
  requireOutput,
  size,
  wholeNumber,
  withCellOptions,
  withColumnOptions,
  withGenotypeOptions,
  withRecordOptions,
} from "./arguments.ts";
import { printReport } from "./print_report.ts";
import { bcftoolsHint } from "./bcftools_habits.ts";

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
  writeIndex?: "auto" | "tbi" | "csi";
  /** False for `--no-version`. */
  version?: boolean;
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
  const command = new Command("convert")
    .description("Convert a genome matrix (TSV) to VCF or BCF")
    .version(VERSION, "--version", "print the version")
    .configureOutput({ outputError: bcftoolsHint })
    .argument("<input>", "matrix (plain, gzip, zstd), kept .duckdb, or - (standard input)")
    .optionsGroup("Input:");
  withCellOptions(withColumnOptions(command))
    .option("--max-line <size>", "longest line [1GiB, or a tenth of --memory]", bytes)
    .optionsGroup("Table:")
    .option("--database <file>", "keep the table in this DuckDB file, or reuse it")
    .option("--populations <file>", "keep which sample is of which population: SAMPLE TAB NAME")
    .option("--direct", "rows in order go straight to the output, without a table")
    .option("--verify-input", "read all of the input before a kept table of it is reused");
  withRecordOptions(command)
    .optionsGroup("Output:")
    .option("-o, --output <file>", "file to write, or - for standard output")
    .option("-O, --output-type <type>", "v: VCF, z: BGZF of it, b: BCF, u: plain BCF")
    .addOption(
      new Option(
        "--format <format>",
        "vcf, haplotype, haplotype-legacy, tsv, matrix, sites, genotypes",
      )
        .choices([...OUTPUT_FORMATS]),
    )
    .addOption(compressionLevel())
    .addOption(
      new Option("-W, --write-index [kind]", "as --index: -W (auto), -W=tbi or -W=csi")
        .choices(["auto", "tbi", "csi"]).conflicts("index"),
    )
    .addOption(indexKind())
    .addOption(infoOption())
    .option("--verify", "read the output back and compare it, before it gets its name");
  return withGenotypeOptions(command)
    .optionsGroup("The run:")
    .option("-@, --threads <n>", "worker threads [all cores, none for a small file]", wholeNumber)
    .option("--no-kernels", "read and write all rows without SIMD kernels: same bytes, slower")
    .option("--temp-dir <folder>", "for the temporary table [that of the output]")
    .option("--memory <size>", "memory for the whole process [1GiB]", size)
    .addOption(progressOption())
    .option("--dry-run", "look at the input, say what the run would take, and write nothing")
    .option("--quiet", "say nothing but errors")
    .option("--json", "print the summary as JSON")
    .option("--profile <file>", "write memory over time as CSV; see the sub-command profile")
    .option("--report <file>", "draw the output as a page (HTML), to look at")
    .option("--multiqc", "with --report: write its figures for MultiQC, too")
    .action(async (input: string, flags: Flags, command: Command) => {
      const { output, dryRun, quiet = false, json = false, progress, ploidy, ...more } = flags;
      const { writeIndex, version, ...rest } = more;
      requireOutput(output, command);
      if (writeIndex !== undefined) checkWriteIndex(output, rest);
      const request: ConvertRequest = {
        ...rest,
        index: writeIndex ?? rest.index,
        noVersion: version === false,
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
  const rehearsal = await interruptible(rehearse(request), request.signal!);
  const style = Deno.stdout.isTerminal() ? grouped : ungrouped;
  if (json) console.log(jsonText(rehearsal));
  else if (!quiet) console.log(rehearsalLines(rehearsal, style).join("\n"));
  checkRehearsal(rehearsal, request.onBadRow === "skip");
}

/** Refuses `-W` where there can be no index; the default of `--index` asks for nothing. */
function checkWriteIndex(
  output: string,
  { outputType, format }: Pick<ConvertRequest, "outputType" | "format">,
): void {
  if ((format ?? "vcf") === "vcf" && isCompressed({ output, outputType }) && !isStream(output)) {
    return;
  }
  throw new UsageError("-W is for a compressed VCF or BCF in a file, as in -o OUT.vcf.gz");
}

async function runConvert({ request, quiet, json, progress }: ConvertArguments): Promise<void> {
  // Imported only here, as loading DuckDB takes longer than printing help.
  const { convert } = await import("../convert/convert.ts");
  const { withProgress } = await import("./progress_display.ts");
  const onNote = (line: string) => quiet || say(line);
  const report = await withProgress(
    quiet ? "none" : progress,
    (onProgress) => convert({ ...request, onProgress, onNote }, makeReport),
  );
  await printReport(report, { output: request.output as string, quiet, json });
}
