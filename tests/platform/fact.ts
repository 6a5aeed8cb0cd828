/**
 * Facts about DuckDB and Deno that surprise, as tests: a new version of either that breaks a promise
 * fails with the promise's name and with what in the program relies on it. Nothing of the program is
 * imported here: what is tried is the platform alone.
 *
 * @module
 */
import { filePath, withFolder } from "../helpers/cli.ts";
import { run, type ToolResult } from "../helpers/tools.ts";

export { withFolder };

/** What a fact's test needs to know beside its name. */
export interface FactSettings {
  /** What in the program relies on the fact, or works round it; a clause. */
  reliedOnBy: string;
  /** The only system on which it holds, or can be tried. */
  only?: typeof Deno.build.os;
  /** Fails where the fact does not hold. */
  check: () => void | Promise<void>;
}

/**
 * Registers the test of one fact.
 *
 * @param sentence The fact, in plain English.
 */
export function fact(sentence: string, { reliedOnBy, only, check }: FactSettings): void {
  const ignore = only !== undefined && only !== Deno.build.os;
  Deno.test({
    name: ignore ? `${sentence} (ignored: only on ${only})` : sentence,
    ignore,
    async fn() {
      try {
        await inTime(check);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(
          `no longer true: ${sentence}.\nThis concerns: ${reliedOnBy}.\nFound: ${reason}`,
          { cause: error },
        );
      }
    },
  });
}

/** Milliseconds that one fact may take; most take a few. */
const PATIENCE = 20_000;

/** Runs a check, and fails where something that it waits for never comes. */
async function inTime(check: FactSettings["check"]): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = () => reject(new Error(`something did not happen within ${PATIENCE} ms`));
  const timer = setTimeout(late, PATIENCE);
  try {
    await Promise.race([check(), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits some milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The project's `deno.json`, for children that import packages by the project's names. */
const CONFIG = filePath("deno.json");

/**
 * Runs a module in a Deno of its own, which may do only what the flags allow.
 *
 * @param code Its source.
 * @param flags Flags of `deno run`.
 * @param args Arguments of the module.
 */
export function runModule(
  code: string,
  flags: readonly string[] = [],
  args: readonly string[] = [],
): Promise<ToolResult> {
  return withFolder(async (folder) => {
    const module = `${folder}/module.ts`;
    await Deno.writeTextFile(module, code);
    return await runCommand(Deno.execPath(), [...runFlags(flags), module, ...args]);
  });
}

/** The arguments of `deno` that come before the module's path. */
export function runFlags(flags: readonly string[]): string[] {
  return ["run", "--quiet", "--no-prompt", "--no-check", "--config", CONFIG, ...flags];
}

/** Runs a program to its end, without anything on its standard input. */
export async function runCommand(
  program: string,
  args: readonly string[],
): Promise<ToolResult> {
  const { code, stdout, stderr } = await run(program, args, "", { env: { NO_COLOR: "1" } });
  return { code, stdout: stdout.trim(), stderr: stderr.trim() };
}
