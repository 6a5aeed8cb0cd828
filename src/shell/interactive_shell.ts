/**
 * Runs the SQL shell on a terminal, with line editing, history and completion by `node:readline`.
 *
 * @module
 */
import { basename } from "node:path";
import { say } from "../base/say.ts";
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import { DOT_COMMANDS } from "./dot_commands.ts";
import { InterruptedError, StatementError } from "../base/errors.ts";
import { interruptible } from "../base/interruptible.ts";
import { printable } from "../base/text.ts";
import { ShellHistory } from "./history.ts";
import type { SqlShell } from "./sql_shell.ts";
import { POPULATION_QUESTIONS, questionName } from "../table/population_views.ts";
import { literal } from "../table/quote.ts";

/** Milliseconds. */
const MOMENT = 200;
const PROMPT = "matrix> ", CONTINUED = "   ...> ";

/**
 * Talks with the user until they leave.
 *
 * @param shell The shell that runs the lines.
 * @param file Path of the database, for the greeting.
 * @param signal Ends the conversation, and stops what runs. Ctrl-C on the terminal is no signal.
 * @throws The reason of the signal.
 */
export async function interact(shell: SqlShell, file: string, signal: AbortSignal): Promise<void> {
  try {
    await new Conversation(shell, new ShellHistory()).run(file, signal);
  } catch (error) {
    // A terminal that is gone can be neither read nor written to; the signal comes a moment later.
    await interruptible(new Promise((resolve) => setTimeout(resolve, MOMENT)), signal);
    throw error;
  }
  signal.throwIfAborted();
}

class Conversation {
  readonly #editor: Interface & { history: string[] };
  /** Lines of the statement that is being typed. */
  #lines: string[] = [];
  /** The lines that run, one after the other. */
  #work: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(private readonly shell: SqlShell, private readonly past: ShellHistory) {
    this.#editor = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      history: past.load(),
      historySize: past.most,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        this.#complete(line).then((result) => done(null, result));
      },
    }) as Interface & { history: string[] };
  }

  async run(file: string, signal: AbortSignal): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#editor.on("close", resolve));
    this.#editor.on("SIGINT", () => this.#interrupt());
    signal.addEventListener("abort", () => {
      this.shell.session.interrupt();
      this.#editor.close();
    });
    this.#editor.on("line", (line) => this.#work = this.#work.then(() => this.#take(line)));
    console.log(`${printable(basename(file))}: .help lists commands, .quit leaves`);
    this.#prompt();
    await closed;
    await this.#work;
    if (!this.shell.done) console.log();
    this.shell.close();
  }

  #prompt(): void {
    this.#editor.setPrompt(this.shell.unfinished === "" ? PROMPT : CONTINUED);
    this.#editor.prompt();
  }

  async #take(line: string): Promise<void> {
    if (this.shell.done) return;
    this.#busy = true;
    this.#lines.push(line);
    try {
      await this.shell.feed(line);
    } catch (error) {
      this.shell.forget();
      explain(error);
    } finally {
      this.#busy = false;
    }
    if (this.shell.unfinished === "") this.#remember();
    if (this.shell.done) this.#editor.close();
    else this.#prompt();
  }

  /** Adds a statement to the history: one entry, however many lines it took. */
  #remember(): void {
    const lines = this.#lines.splice(0).filter((line) => line.trim() !== "");
    if (lines.length === 0) return;
    // On one line, a comment would swallow what follows it.
    const entries = lines.some((line) => line.includes("--")) ? lines : [lines.join(" ")];
    const { history } = this.#editor;
    for (const line of lines) {
      const at = history.indexOf(line);
      if (at >= 0) history.splice(at, 1);
    }
    history.unshift(...entries.toReversed());
    this.past.add(entries);
  }

  /** Handles Ctrl-C: stops the statement that runs, or else drops what is typed. */
  #interrupt(): void {
    if (this.#busy) return this.shell.session.interrupt();
    this.shell.forget();
    this.#lines = [];
    console.log("^C");
    this.#editor.write(null, { ctrl: true, name: "e" });
    this.#editor.write(null, { ctrl: true, name: "u" });
    this.#prompt();
  }

  /** Returns what could stand at the end of a line, and the part of the line that it replaces. */
  async #complete(line: string): Promise<[string[], string]> {
    if (line.startsWith(".")) return [DOT_COMMANDS.filter((name) => name.startsWith(line)), line];
    if (this.#busy) return [[], line];
    const text = this.shell.unfinished + line;
    try {
      const found = await this.shell.session.rows<Suggestion>(
        `SELECT suggestion AS name, suggestion_start AS start, suggestion_type = 'keyword' AS keyword
FROM sql_auto_complete(${literal(text)})`,
      );
      if (found.length === 0) return [[], line];
      // DuckDB's places count bytes.
      const bytes = new TextEncoder().encode(text);
      const part = new TextDecoder().decode(bytes.subarray(found[0].start));
      const fits = found.filter(({ name }) => name.toLowerCase().startsWith(part.toLowerCase()));
      const names = fits.filter(({ keyword }) => !keyword);
      const shown = (names.length > 0 ? names : fits).map(({ name }) => name);
      return [shown.length > 1 ? shown.map(explained) : shown, part];
    } catch {
      return [[], line];
    }
  }
}

/** A completion as DuckDB suggests it; `start` is the byte that it begins at. */
interface Suggestion {
  name: string;
  start: number;
  keyword: boolean;
}

/** Returns a name with what it is, as help has it: where there are several, they are only shown. */
function explained(name: string): string {
  const question = POPULATION_QUESTIONS.find((question) => questionName(question) === name);
  return question ? `${question.usage}  ${question.help}` : name;
}

function explain(error: unknown): void {
  if (error instanceof InterruptedError) return say("interrupted");
  say(`error: ${(error as Error).message.split("\n")[0]}`);
  if (error instanceof StatementError && error.excerpt) say(error.excerpt);
}
