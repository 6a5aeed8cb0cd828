/**
 * The SQL shell without its terminal: lines in, results out. Interactive and scripted use are the
 * same but for who feeds it.
 *
 * @module
 */
import { dotCommand } from "./dot_commands.ts";
import type { Format } from "./format_names.ts";
import { writeStream } from "./result_formats.ts";
import { drawTable, excerpt } from "./result_table.ts";
import type { ShellContext } from "./shell_context.ts";
import { type ShellOutput, standardOutput } from "./shell_output.ts";
import type { SqlSession, StatementResult } from "../query/sql_session.ts";
import { splitSql } from "../query/sql_text.ts";
import { valueText } from "../query/value_text.ts";

/** How a shell begins. */
export interface ShellOptions {
  format: Format;
  /** Takes what is for the user and no result. */
  say: (line: string) => void;
}

/** A shell over a session. */
export class SqlShell implements ShellContext {
  /** Format of results. */
  format: Format;
  /** Say how long each statement took? */
  timer = false;
  /** Was `.quit` given? */
  done = false;
  /** Takes what is for the user and no result. */
  readonly say: (line: string) => void;
  #output: ShellOutput = standardOutput();
  /** Begun, but not ended with a semicolon. */
  #unfinished = "";

  constructor(readonly session: SqlSession, { format, say }: ShellOptions) {
    this.format = format;
    this.say = say;
  }

  /** What has been typed of a statement that is not complete; empty without. */
  get unfinished(): string {
    return this.#unfinished;
  }

  /** Where results go. */
  get output(): ShellOutput {
    return this.#output;
  }

  /** Send results elsewhere from now on. */
  set output(output: ShellOutput) {
    this.#output.close();
    this.#output = output;
  }

  /** Take a line: a dot command, or a part of SQL. Statements run when their semicolon comes. */
  async feed(line: string): Promise<void> {
    if (this.#unfinished === "" && line.trimStart().startsWith(".")) {
      return await dotCommand(this, line.trim());
    }
    const { statements, rest } = splitSql(`${this.#unfinished}${line}\n`);
    this.#unfinished = rest.trim() === "" ? "" : rest;
    for (const statement of statements) await this.execute(statement);
  }

  /** Run what is left without a semicolon. */
  async end(): Promise<void> {
    const statement = this.forget().trim();
    if (statement !== "") await this.execute(statement);
  }

  /** Drop what is not complete, and return it. */
  forget(): string {
    const text = this.#unfinished;
    this.#unfinished = "";
    return text;
  }

  /** Run a statement and write its result. */
  async execute(statement: string): Promise<void> {
    const begun = performance.now();
    const result = await this.session.run(statement);
    await this.#show(result);
    if (this.timer) this.say(`${((performance.now() - begun) / 1000).toFixed(3)} s`);
  }

  async #show(result: StatementResult): Promise<void> {
    if (!result.hasRows) {
      if (result.changed > 0) this.say(`${result.changed} rows changed`);
      // A statement without rows may fail as one with rows does: its end tells.
      for await (const _ of result.chunks) { /* nothing to show */ }
      return;
    }
    const { format } = this, { width, terminal } = this.#output;
    const write = (text: string) => this.#output.write(text);
    if (format !== "box") await writeStream(result, format, write, terminal);
    else if (result.isPlan) await writePlan(result, write);
    else await write(drawTable(await excerpt(result), width));
  }

  /** Nothing more comes. */
  close(): void {
    this.#output.close();
  }
}

/** A plan is a drawing, which a table would only frame. */
async function writePlan(
  { columns, chunks }: StatementResult,
  write: (text: string) => Promise<void>,
): Promise<void> {
  const last = columns.length - 1;
  for await (const chunk of chunks) {
    for (let row = 0; row < chunk.rowCount; row++) {
      const text = valueText(chunk.getColumnVector(last).getItem(row), columns[last].type);
      await write(`${text}\n`);
    }
  }
}
