/**
 * A process that runs command lines one after the other, each as `src/main.ts` does. `cli()` of
 * `cli.ts` starts it and writes requests into the named pipe that is its argument.
 *
 * @module
 */
import { Exit, runProgram } from "../../src/cli/program.ts";
import { type CliRequest, endMark } from "./cli.ts";

if (import.meta.main) {
  const never = new AbortController().signal;
  using requests = await Deno.open(Deno.args[0]);
  let rest = "", run = 0;
  for await (const text of requests.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { cwd, args }: CliRequest = JSON.parse(line);
      Deno.chdir(cwd);
      const code = await runProgram(args, never, () => Exit.Interrupted);
      const mark = new TextEncoder().encode(endMark(++run, code));
      for (const stream of [Deno.stdout, Deno.stderr]) stream.writeSync(mark);
    }
  }
}
