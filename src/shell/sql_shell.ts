/**
 * Runs the SQL shell without its terminal: lines in, results out. Interactive and scripted use
 * differ only in who feeds it.
 *
 * @module
 */
import { dotCommand } from "./dot_commands.ts";
import { grouped, ungrouped } from "../base/text.ts";
import type { Format } from "./format_names.ts";
import { writeStream } from "./result_formats.ts";
import { drawBox, excerpt } from "./result_table.ts";
import type { ShellContext } from "./shell_context.ts";
import { type ShellOutput, standardOutput } from "./shell_output.ts";
import { lostNames } from "./lost_names.ts";
import type { SqlSession, StatementResult } from "../query/sql_session.ts";
import { splitSql } from "../query/sql_text.ts";
import { valueText } from "../query/value_text.ts";

/** Options of a shell. */
export interface ShellOptions {
  format: Format;
  /** Takes what is for the user and no result. */
  say: (line: string) => void;
}

/** A shell over a session. */
export class SqlShell implements ShellContext {
  /** Format of results. */
  format: Format;
  /** True where the time of each statement is told. */
  timer = false;
  /** True once `.quit` was given. */
  done = false;
  /** Takes what is for the user and no result. */
  readonly say: (line: string) => void;
  #output: ShellOutput = standardOutput();
  /** Text of a statement that has not ended with a semicolon. */
  #unfinished = "";

  constructor(readonly session: SqlSession, { format, say }: ShellOptions) {
    this.format = format;
    this.say = say;
  }

  /** Text of a statement that is not complete; empty if there is none. */
  get unfinished(): string {
    return this.#unfinished;
  }

  /** The receiver of results. */
  get output(): ShellOutput {
    return this.#output;
  }

  /** Sends results elsewhere from now on. */
  set output(output: ShellOutput) {
    this.#output.close();
    this.#output = output;
  }

  /** Takes a line: a dot command, or a part of SQL. Statements run when their semicolon comes. */
  async feed(line: string): Promise<void> {
    if (this.#unfinished === "" && line.trimStart().startsWith(".")) {
      return await dotCommand(this, line.trim());
    }
    const { statements, rest } = splitSql(`${this.#unfinished}${line}\n`);
    this.#unfinished = rest.trim() === "" ? "" : rest;
    for (const statement of statements) await this.execute(statement);
  }

  /** Runs what is left without a semicolon. */
  async end(): Promise<void> {
    const statement = this.forget().trim();
    if (statement !== "") await this.execute(statement);
  }

  /** Drops what is not complete, and returns it. */
  forget(): string {
    const text = this.#unfinished;
    this.#unfinished = "";
    return text;
  }

  /** Runs a statement and writes its result. */
  async execute(statement: string): Promise<void> {
    const begun = performance.now();
    for (const note of await lostNames(this.session, statement)) this.say(note);
    const result = await this.session.run(statement);
    await this.#show(result);
    if (this.timer) this.say(`${((performance.now() - begun) / 1000).toFixed(3)} s`);
  }

  async #show(result: StatementResult): Promise<void> {
    if (!result.hasRows) {
      if (result.changed > 0) this.say(`${result.changed} rows changed`);
      // A statement without rows may fail late, too: only the end of its stream tells.
      for await (const _ of result.chunks) { /* nothing to show */ }
      return;
    }
    const { format } = this, { width, terminal } = this.#output;
    if (format !== "box") await writeStream(result, format, this.#output, terminal);
    else if (result.isPlan) await writePlan(result, this.#output);
    else {
      const box = drawBox(await excerpt(result), width, terminal ? grouped : ungrouped);
      await this.#output.write(box);
    }
  }

  /** Closes the receiver of results. */
  close(): void {
    this.#output.close();
  }
}

/** Writes a plan as it is: it is a drawing already, which a box would only frame. */
async function writePlan(
  { columns, chunks }: StatementResult,
  output: ShellOutput,
): Promise<void> {
  const last = columns.length - 1;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.rowCount; row++) {
      const text = valueText(chunk.getColumnVector(last).getItem(row), columns[last].type);
      await output.write(`${text}\n`);
    }
  }
}
