/**
 * Defines the sub-command `inspect`, which says what a file is, without converting it.
 *
 * @module
 */
import { Command, Option } from "commander";
import { UsageError } from "../base/errors.ts";
import { refuseDamagedName } from "../base/files.ts";

interface Flags {
  header?: string;
  samples?: string;
  ploidy: "auto" | "1" | "2";
  json?: boolean;
}

/** Returns the sub-command `inspect`, to be added to a program. */
export function inspectCommand(): Command {
  return new Command("inspect")
    .description("Say what a genome matrix or a kept table holds, without converting it")
    .exitOverride()
    .argument("<file>", "matrix (plain, gzip, BGZF) or database kept by convert --database")
    .option("--header <file>", "file with the header line, if the matrix has none")
    .option("--samples <file>", "sample sheet: sample, then its haplotype columns, TAB-separated")
    .addOption(
      new Option("--ploidy <ploidy>", "pair columns by suffix where possible, never or always")
        .choices(["auto", "1", "2"]).default("auto"),
    )
    .option("--json", "print what was found as JSON")
    .action(run);
}

async function run(file: string, { header, samples, ploidy, json }: Flags): Promise<void> {
  if (file === "-") throw new UsageError("inspect looks at places all over a file: give its path");
  for (const name of [file, header ?? "", samples ?? ""]) refuseDamagedName(name);
  const { openInput } = await import("../matrix/input_file.ts");
  const { inspectLines } = await import("../inspect/inspect_lines.ts");
  const input = await openInput({ input: file, header }, "", () => {});
  const report = input.kind === "duckdb"
    ? await (await import("../inspect/inspect_database.ts")).inspectDatabase(file)
    : await (await import("../inspect/inspect_matrix.ts")).inspectMatrix(input, {
      header,
      samples,
      ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
    });
  console.log(json ? JSON.stringify(report, null, 2) : inspectLines(report).join("\n"));
}
