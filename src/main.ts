/**
 * The command line. The only place that exits, and that catches everything.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { type ConvertArguments, convertCommand } from "./cli/convert_command.ts";
import { InterruptedError, StatementError, UsageError } from "./base/errors.ts";
import { VERSION } from "./base/version.ts";

/** Exit codes by what happened; 143 after SIGTERM as shells have it. */
const Exit = { Done: 0, Failed: 1, Usage: 2, Interrupted: 130, Terminated: 143 } as const;

const interrupt = new AbortController();

async function runConvert({ request, quiet, json, progress }: ConvertArguments): Promise<void> {
  // Loading DuckDB takes longer than printing help.
  const { convert } = await import("./convert/convert.ts");
  const { progressDisplay } = await import("./cli/progress_display.ts");
  const { reportLines } = await import("./convert/report.ts");
  const display = await progressDisplay(quiet ? "none" : progress);
  const say = (line: string) => quiet || console.error(line);
  try {
    const report = await convert({
      ...request,
      signal: interrupt.signal,
      onProgress: (state) => display.show(state),
      onNote: say,
    });
    display.stop();
    if (!json) { for (const line of reportLines(report)) say(line); }
    else if (request.output === "-") console.error(JSON.stringify(report));
    else console.log(JSON.stringify(report));
  } finally {
    display.stop();
  }
}

/** Sub-commands with modules of their own, which are loaded when they are asked for. */
const ON_DEMAND: Record<string, () => Promise<Command>> = {
  generate: async () =>
    (await import("./cli/generate_command.ts")).generateCommand(interrupt.signal),
  inspect: async () => (await import("./cli/inspect_command.ts")).inspectCommand(),
  profile: async () => (await import("./cli/profile_command.ts")).profileCommand(interrupt.signal),
  sql: async () => (await import("./cli/sql_command.ts")).sqlCommand(interrupt.signal),
  completion: async () =>
    (await import("./cli/completion_command.ts")).completionCommand(() => program()),
};

/** The program with the sub-command `wanted`, or with all of them where that is none of them. */
async function program(wanted = ""): Promise<Command> {
  const program = new Command("matrix2vcf")
    .description("Genome matrices to VCF, and a DuckDB table to query")
    .version(VERSION)
    .enablePositionalOptions();
  program.addCommand(convertCommand(runConvert));
  const names = Object.hasOwn(ON_DEMAND, wanted) ? [wanted] : Object.keys(ON_DEMAND);
  if (wanted !== "convert") {
    for (const name of names) program.addCommand(await ON_DEMAND[name]());
  }
  for (const command of [program, ...program.commands]) tame(command);
  return program;
}

/** No exit behind our back, and no look at the environment, which is not ours to read, for colours. */
function tame(command: Command): void {
  command.exitOverride();
  command.configureOutput({ getOutHasColors: () => false, getErrHasColors: () => false });
}

/** Run a command line; its exit code. */
async function main(args: string[]): Promise<number> {
  let signal: number = Exit.Interrupted;
  const listen = (name: Deno.Signal, code: number) =>
    Deno.addSignalListener(name, () => {
      signal = code;
      interrupt.abort();
    });
  listen("SIGINT", Exit.Interrupted);
  if (Deno.build.os !== "windows") listen("SIGTERM", Exit.Terminated);
  try {
    const command = await program(args[0]);
    await command.parseAsync(args, { from: "user" });
    return Exit.Done;
  } catch (error) {
    return report(error, signal);
  }
}

/** Say what went wrong, in one line; the exit code. */
function report(error: unknown, signal: number): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.Done : Exit.Usage;
  // The reader of our standard output has seen enough.
  if (error instanceof Deno.errors.BrokenPipe) return Exit.Done;
  const [line] = (error instanceof Error ? error.message : String(error)).split("\n");
  console.error(`error: ${line}`);
  if (error instanceof StatementError && error.excerpt) console.error(error.excerpt);
  if (error instanceof InterruptedError) return signal;
  return error instanceof UsageError ? Exit.Usage : Exit.Failed;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
