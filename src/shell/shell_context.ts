/**
 * Defines what a command of the shell may use.
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
  /** True where the time of each statement is told. */
  timer: boolean;
  /** True once the user has asked to leave. */
  done: boolean;
  /** The receiver of results; setting it closes the one before. */
  output: ShellOutput;
  /** Takes what is for the user and no result. */
  readonly say: (line: string) => void;
  /** Runs a statement and writes its result. */
  execute(statement: string): Promise<void>;
}
