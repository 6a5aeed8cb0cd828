/**
 * Defines the sub-command `completion`, which prints the script that teaches a shell to complete
 * this program.
 *
 * @module
 */
import { Argument, Command } from "commander";
import { completionScript, type Shell, SHELLS } from "./completion.ts";

/**
 * Returns the sub-command `completion`, to be added to a program.
 *
 * @param program Returns the program with all its sub-commands, also those loaded on demand.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Command } from "commander";
 * import { completionCommand } from "./completion_command.ts";
 * const command = completionCommand(() => Promise.resolve(new Command("matrix2vcf")));
 * assert(command.name() === "completion");
 * ```
 */
export function completionCommand(program: () => Promise<Command>): Command {
  return new Command("completion")
    .description("Print shell completion")
    .addArgument(new Argument("<shell>", "the shell that shall complete").choices(SHELLS))
    .action(async (shell: Shell) => {
      const script = completionScript(shell, await program());
      await new Response(script).body!.pipeTo(Deno.stdout.writable, { preventClose: true });
    });
}
