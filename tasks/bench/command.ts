/**
 * Runs other programs.
 *
 * @module
 */

/** A command that did not end well. */
export class CommandError extends Error {
  override name = "CommandError";
}

/**
 * Runs a command to its end.
 *
 * @returns Its standard output.
 * @throws {CommandError} With the last line of its standard error, if it fails.
 */
export async function runCommand(command: readonly string[], cwd: string): Promise<string> {
  const [program, ...args] = command;
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code === 0) return new TextDecoder().decode(stdout);
  const last = new TextDecoder().decode(stderr).trimEnd().split("\n").at(-1);
  throw new CommandError(`exit ${code}: ${last || "no message"}`);
}
