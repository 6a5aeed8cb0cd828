/**
 * Starts the command line. This is the only place that exits the process, or listens to signals.
 *
 * @module
 */
import { InterruptedError } from "./base/errors.ts";
import { Exit, runProgram } from "./cli/program.ts";

async function main(): Promise<number> {
  const interrupt = new AbortController();
  let code: number = Exit.Interrupted;
  const listen = (name: Deno.Signal, codeOfSignal: number) =>
    Deno.addSignalListener(name, () => {
      code = codeOfSignal;
      interrupt.abort(new InterruptedError());
    });
  listen("SIGINT", Exit.Interrupted);
  if (Deno.build.os !== "windows") listen("SIGTERM", Exit.Terminated);
  return await runProgram(Deno.args, interrupt.signal, () => code);
}

if (import.meta.main) Deno.exit(await main());
