/**
 * The command line. The only place that exits, and that catches everything.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { type ConvertArguments, convertCommand } from "./args.ts";
import { InterruptedError, UsageError } from "./errors.ts";
import { VERSION } from "./version.ts";

/** Exit codes by what happened; 143 after SIGTERM as shells have it. */
const Exit = { Done: 0, Failed: 1, Usage: 2, Interrupted: 130, Terminated: 143 } as const;

const interrupt = new AbortController();

async function runConvert({ request, quiet, json, progress }: ConvertArguments): Promise<void> {
  // Loading DuckDB takes longer than printing help.
  const { convert } = await import("./convert.ts");
  const { progressDisplay } = await import("./progress_display.ts");
  const { reportLines } = await import("./report.ts");
  const display = progressDisplay(quiet ? "none" : progress);
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

function program(): Command {
  const program = new Command("matrix2vcf")
    .description("Genome matrices to VCF, and a DuckDB table to query")
    .version(VERSION)
    .exitOverride();
  program.addCommand(convertCommand(runConvert).exitOverride());
  return program;
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
    const command = program();
    if (args[0] === "generate") {
      const { generateCommand } = await import("./generate_command.ts");
      command.addCommand(generateCommand());
    }
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
  if (error instanceof InterruptedError) return signal;
  return error instanceof UsageError ? Exit.Usage : Exit.Failed;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
