/**
 * Defines the sub-command `inspect`, which says what a file is, without converting it.
 *
 * @module
 */
import { Command } from "commander";
import { InputError, UsageError } from "../base/errors.ts";
import { inputName, refuseDamagedName } from "../base/files.ts";
import { grouped, jsonText, type NumberStyle, ungrouped } from "../base/text.ts";
import { interruptible } from "../base/interruptible.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import type { ConvertOptions } from "../convert/request.ts";
import type { DialectReport } from "../inspect/inspect_dialect.ts";
import { type DialectOptions } from "../matrix/dialects/dialect.ts";
import { withColumnOptions } from "./arguments.ts";
import type { DatabaseReport } from "../inspect/inspect_database.ts";
import type { RehearsedMatrix } from "../inspect/inspect_lines.ts";

interface Flags extends DialectOptions {
  header?: string;
  samples?: string[];
  samplesFile?: string;
  ploidy: "auto" | "1" | "2";
  reference?: string;
  tempDir?: string;
  json?: boolean;
}

/**
 * Returns the sub-command `inspect`, to be added to a program.
 *
 * @param signal Ends it early.
 */
export function inspectCommand(signal: AbortSignal): Command {
  const command = new Command("inspect")
    .description("Say what a genome matrix or a kept table holds, without converting it")
    .exitOverride()
    .argument("<file>", "matrix (plain, gzip, zstd; - for standard input), or kept .duckdb file");
  return withColumnOptions(command)
    .option("--reference <file>", "FASTA that REF is looked up in")
    .option("--temp-dir <folder>", "for the copy of a pipe [$TMPDIR, or /tmp]")
    .option("--json", "print what was found as JSON")
    .action(async (file: string, flags: Flags) => {
      const report = await inspect(file, flags, signal);
      const style = Deno.stdout.isTerminal() ? grouped : ungrouped;
      console.log(flags.json ? jsonText(report, 2) : (await linesOf(report, style)).join("\n"));
    });
}

async function linesOf(report: Report, style: NumberStyle): Promise<string[]> {
  if (report.kind === "dialect") {
    return (await import("../inspect/inspect_dialect.ts")).dialectLines(report);
  }
  return (await import("../inspect/inspect_lines.ts")).inspectLines(report, style);
}

type Report = RehearsedMatrix | DatabaseReport | DialectReport;

async function inspect(
  file: string,
  flags: Flags,
  signal: AbortSignal,
): Promise<Report> {
  const { header, tempDir } = flags;
  refuseDamagedNames(file, flags);
  const { openInput } = await import("../matrix/input_file.ts");
  const shown = inputName(file);
  // A look goes to places all over a file, and so a pipe is copied into one.
  let work: WorkFolder | undefined;
  using _folder = { [Symbol.dispose]: () => work?.[Symbol.dispose]() };
  const input = await openInput(
    { input: shown, header, signal },
    () => (work ??= new WorkFolder(temporaryFolder("-", tempDir))).file("spool"),
    () => {},
  );
  if (input.kind === "duckdb") {
    if (work) throw new InputError("a table is read from its file: give its path", { file });
    refuseMatrixOptions(flags);
    const { inspectDatabase } = await import("../inspect/inspect_database.ts");
    return await interruptible(inspectDatabase(file), signal);
  }
  const { inspectDialect } = await import("../inspect/inspect_dialect.ts");
  const { estimateRun } = await import("../inspect/rehearse.ts");
  const options = await optionsOf(shown, flags, signal);
  const dialect = await interruptible(inspectDialect(input, options), signal);
  if (dialect.missing.length > 0) return dialect;
  const { report, estimate } = await interruptible(estimateRun(input, options), signal);
  return { ...report, dialect, run: estimate };
}

/** Returns the options of a conversion of the file. */
async function optionsOf(
  input: string,
  { json: _, ploidy, tempDir: _t, ...flags }: Flags,
  signal: AbortSignal,
): Promise<ConvertOptions> {
  const { convertOptions } = await import("../convert/options.ts");
  const ploidies = { auto: "auto", "1": 1, "2": 2 } as const;
  return convertOptions({ ...flags, input, output: "-", ploidy: ploidies[ploidy], signal });
}

function refuseDamagedNames(
  file: string,
  { header, samplesFile, tempDir, reference, sites, names }: Flags,
): void {
  for (const name of [file, header, samplesFile, tempDir, reference, sites, names]) {
    refuseDamagedName(name ?? "");
  }
}

/** Refuses options that say what a matrix is. */
function refuseMatrixOptions({ json: _, tempDir: _t, ploidy: _p, dialect, ...flags }: Flags): void {
  const given = Object.entries({ ...flags, dialect: dialect === "auto" ? undefined : dialect })
    .filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `${given.map(([name]) => `\`${name}\``).join(", ")}: for a matrix; the input is a database, ` +
      "which has its own",
  );
}
