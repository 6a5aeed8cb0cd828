/**
 * Defines the sub-command `inspect`, which says what a file is, without converting it.
 *
 * @module
 */
import { Command } from "commander";
import { InputError, UsageError } from "../base/errors.ts";
import { inputName, refuseDamagedName } from "../base/files.ts";
import { grouped, jsonText, ungrouped } from "../base/text.ts";
import { interruptible } from "../base/interruptible.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { chosen, commaList, PLOIDY, SAMPLES, SAMPLES_FILE } from "./arguments.ts";
import type { DatabaseReport } from "../inspect/inspect_database.ts";
import type { RehearsedMatrix } from "../inspect/inspect_lines.ts";

interface Flags {
  header?: string;
  samples?: string[];
  samplesFile?: string;
  ploidy: "auto" | "1" | "2";
  tempDir?: string;
  json?: boolean;
}

/**
 * Returns the sub-command `inspect`, to be added to a program.
 *
 * @param signal Ends it early.
 */
export function inspectCommand(signal: AbortSignal): Command {
  return new Command("inspect")
    .description("Say what a genome matrix or a kept table holds, without converting it")
    .exitOverride()
    .argument("<file>", "matrix (plain, gzip, zstd; - for standard input), or kept .duckdb file")
    .option("--header <file>", "file with the header line, if the matrix has none")
    .option("-s, --samples <list>", SAMPLES, commaList)
    .option("-S, --samples-file <file>", SAMPLES_FILE)
    .addOption(chosen("--ploidy <ploidy>", PLOIDY, ["auto", "1", "2"]))
    .option("--temp-dir <folder>", "for the copy of a pipe [$TMPDIR, or /tmp]")
    .option("--json", "print what was found as JSON")
    .action(async (file: string, flags: Flags) => {
      const report = await inspect(file, flags, signal);
      const { inspectLines } = await import("../inspect/inspect_lines.ts");
      const style = Deno.stdout.isTerminal() ? grouped : ungrouped;
      console.log(
        flags.json ? jsonText(report, 2) : inspectLines(report, style).join("\n"),
      );
    });
}

async function inspect(
  file: string,
  { header, samples, samplesFile, ploidy, tempDir }: Flags,
  signal: AbortSignal,
): Promise<RehearsedMatrix | DatabaseReport> {
  for (const name of [file, header ?? "", samplesFile ?? "", tempDir ?? ""]) {
    refuseDamagedName(name);
  }
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
    refuseMatrixOptions({ header, samples, samplesFile });
    const { inspectDatabase } = await import("../inspect/inspect_database.ts");
    return await interruptible(inspectDatabase(file), signal);
  }
  const { estimateRun } = await import("../inspect/rehearse.ts");
  const { convertOptions } = await import("../convert/options.ts");
  const options = convertOptions({
    input: shown,
    output: "-",
    header,
    samples,
    samplesFile,
    ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
    signal,
  });
  const { report, estimate } = await interruptible(estimateRun(input, options), signal);
  return { ...report, run: estimate };
}

/** Refuses options that say what a matrix is. */
function refuseMatrixOptions(flags: Partial<Flags>): void {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  throw new UsageError(
    `${given.map(([name]) => `\`${name}\``).join(", ")}: for a matrix; the input is a database, ` +
      "which has its own",
  );
}
