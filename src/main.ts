/**
 * Starts the command line. This is the only place that exits the process, or listens to signals.
 *
 * @module
 */
import { InterruptedError } from "./base/errors.ts";
import { Exit, runProgram } from "./cli/program.ts";

/** Milliseconds after an interrupt from which on another one ends the process as it is. */
const PATIENCE = 100;

async function main(): Promise<number> {
  const interrupt = new AbortController();
  let code: number = Exit.Interrupted, interruptedAt = Infinity;
  const listen = (name: Deno.Signal, codeOfSignal: number) =>
    Deno.addSignalListener(name, () => {
      // One Ctrl-C may come twice: from the terminal, and from the task that started us. A closed ssh
      // is told by the system, by each shell and by the task, whenever they end.
      if (name !== "SIGHUP" && performance.now() - interruptedAt > PATIENCE) {
        Deno.exit(codeOfSignal);
      }
      interruptedAt = Math.min(interruptedAt, performance.now());
      code = codeOfSignal;
      interrupt.abort(new InterruptedError());
    });
  listen("SIGINT", Exit.Interrupted);
  if (Deno.build.os !== "windows") {
    listen("SIGTERM", Exit.Terminated);
    listen("SIGHUP", Exit.HungUp);
    // A write beyond `ulimit -f` then fails with EFBIG, where the signal would end the process.
    Deno.addSignalListener("SIGXFSZ", () => {});
  }
  return await runProgram(Deno.args, interrupt.signal, () => code);
}

if (import.meta.main) Deno.exit(await main());
