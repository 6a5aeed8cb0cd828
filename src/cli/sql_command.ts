/**
 * Defines the sub-command `sql`, which queries a kept table.
 *
 * @module
 */
import { Command, Option } from "commander";
import { say } from "../base/say.ts";
import { logBeside } from "../table/database_files.ts";
import { inputName, refuseDamagedName } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { type Format, RESULT_FORMATS } from "../shell/format_names.ts";
import { InputError, UsageError } from "../base/errors.ts";
import { interruptible } from "../base/interruptible.ts";
import type { SqlSession } from "../query/sql_session.ts";
import type { SqlShell } from "../shell/sql_shell.ts";
import { temporaryFolder, WorkFolder } from "../base/work_folder.ts";
import { size } from "./arguments.ts";

/** Milliseconds between two interrupts of a script. */
const INTERVAL = 20;

interface Flags {
  command?: string[];
  populations?: string;
  table?: string[];
  format: Format;
  write?: boolean;
  external?: boolean;
  memory?: number;
  tempDir?: string;
}

/**
 * Returns the sub-command `sql`, to be added to a program.
 *
 * @param signal Interrupts a script; an interactive shell has its own Ctrl-C.
 */
export function sqlCommand(signal: AbortSignal): Command {
  return new Command("sql")
    .description("Ask a kept table in SQL: interactively, with -c, or on standard input")
    .exitOverride()
    .argument("<file>", "database kept by convert --database")
    .option("-c, --command <sql>", "run this and end (may be repeated)", several)
    .addOption(
      new Option("--format <format>", `results as ${RESULT_FORMATS.join(", ")}`).choices([
        ...RESULT_FORMATS,
      ])
        .default("box"),
    )
    .option("--populations <file>", "which sample is of which population: SAMPLE TAB NAME")
    .option("--table <name=file>", "a TSV, CSV, BED or GFF to ask by this name (repeated)", several)
    .option("--write", "allow SQL to change the database")
    .option("--external", "allow SQL to read and write other files")
    .option("--temp-dir <folder>", "for what does not fit, with --external [the database's]")
    .option("--memory <size>", "DuckDB's memory (default: 80% of the machine's)", size)
    .action((file: string, flags: Flags) => runSql(file, flags, signal));
}

function several(text: string, before: string[] = []): string[] {
  return [...before, text];
}

async function runSql(
  file: string,
  { command, format, tempDir, populations, table = [], ...options }: Flags,
  signal: AbortSignal,
): Promise<void> {
  const given = { populations, tables: table.map(namedTable) };
  checkNames(file, command, given);
  // Imported only here, as loading DuckDB takes longer than printing help.
  const { SqlSession } = await import("../query/sql_session.ts");
  const { SqlShell } = await import("../shell/sql_shell.ts");
  const log = options.write ? logBeside(file) : undefined;
  if (log !== undefined) say(`taking in the changes in ${printable(log, 200)}`);
  using work = options.external ? spillFolder(file, tempDir) : undefined;
  const temporary = work?.file("spill");
  // A table on a slow disk may take long to open; what is left alone then ends with the process.
  const opening = SqlSession.open(file, { ...options, temporary });
  await using session = await interruptible(opening, signal);
  await warnOfSchema(session, file);
  await giveTables(session, given, signal);
  const shell = new SqlShell(session, { format, say });
  if (command === undefined && Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) {
    const { interact } = await import("../shell/interactive_shell.ts");
    return await interact(shell, file, signal);
  }
  try {
    const text = command?.join("\n;\n") ??
      await interruptible(new Response(Deno.stdin.readable).text(), signal);
    await runScript(shell, text, signal);
  } finally {
    shell.close();
  }
}

/**
 * Returns the name and the file of `NAME=FILE`.
 *
 * @throws {UsageError} It is something else.
 */
function namedTable(text: string): [name: string, file: string] {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--table is NAME=FILE, not '${printable(text)}'`);
}

/** What a session is given beside the database. */
interface Given {
  populations: string | undefined;
  tables: [name: string, file: string][];
}

/** Refuses names that are damaged, and two readers of standard input, which may be the SQL, too. */
function checkNames(file: string, command: string[] | undefined, { populations, tables }: Given) {
  const files = [...populations === undefined ? [] : [populations], ...tables.map(([, at]) => at)];
  for (const path of [file, ...files]) refuseDamagedName(path);
  const readers = files.filter((path) => inputName(path) === "-").length;
  if (readers > 1) throw new UsageError("two files cannot both be standard input");
  if (readers === 1 && command === undefined) {
    throw new UsageError("standard input is the SQL, unless -c has it; give the table as a file");
  }
}

async function giveTables(
  session: SqlSession,
  { populations, tables }: Given,
  signal: AbortSignal,
): Promise<void> {
  const { addTable } = await import("../shell/add_table.ts");
  if (populations !== undefined) await session.setPopulations(inputName(populations), signal);
  for (const [name, path] of tables) await addTable(session, name, path, say, signal);
}

/** Returns a folder for spilling; the system's where nothing can be written beside the database. */
function spillFolder(database: string, tempDir: string | undefined): WorkFolder {
  const work = new WorkFolder(temporaryFolder(database, tempDir), say);
  try {
    if (work.path) return work;
  } catch (error) {
    if (tempDir !== undefined || !(error instanceof InputError)) throw error;
  }
  return new WorkFolder(temporaryFolder("-"), say);
}

/**
 * Warns of a table of another version: SQL may query it, but our documentation does not describe
 * it.
 */
async function warnOfSchema(session: SqlSession, file: string): Promise<void> {
  try {
    await session.checkSchema(file);
  } catch (error) {
    // Any other error comes from a database that this program did not make.
    if (error instanceof InputError) say(`warning: ${error.message}`);
  }
}

/** Runs a text to its end, to the first error, or until the signal. */
async function runScript(shell: SqlShell, text: string, signal: AbortSignal): Promise<void> {
  let again: ReturnType<typeof setInterval> | undefined;
  // An interrupt between two steps of a statement is lost.
  const interrupt = () => again = setInterval(() => shell.session.interrupt(), INTERVAL);
  signal.addEventListener("abort", interrupt);
  try {
    for (const line of text.split(/\r?\n/)) {
      signal.throwIfAborted();
      await shell.feed(line);
      if (shell.done) return;
    }
    await shell.end();
  } finally {
    signal.removeEventListener("abort", interrupt);
    clearInterval(again);
  }
}
