/**
 * What a command of the shell may do.
 *
 * @module
 */
import type { SqlSession } from "../query/sql_session.ts";
import type { Format } from "./format_names.ts";
import type { ShellOutput } from "./shell_output.ts";

/** The shell as its commands see it. */
export interface ShellContext {
  readonly session: SqlSession;
  /** Format of results. */
  format: Format;
  /** Is the time of each statement told? */
  timer: boolean;
  /** Has the user asked to leave? */
  done: boolean;
  /** Where results go; setting it closes the one before. */
  output: ShellOutput;
  /** Runs a statement and writes its result. */
  execute(statement: string): Promise<void>;
}
