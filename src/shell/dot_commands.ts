/**
 * Runs the commands of the SQL shell that begin with a dot.
 *
 * @module
 */
import { InputError, UsageError } from "../base/errors.ts";
import { printable } from "../base/text.ts";
import { type Format, RESULT_FORMATS } from "./format_names.ts";
import { addTable } from "./add_table.ts";
import { POPULATION_QUESTIONS } from "../table/population_views.ts";
import { fileOutput, standardOutput } from "./shell_output.ts";
import { GIVEN } from "../query/temporary_objects.ts";
import { literal } from "../table/quote.ts";
import type { ShellContext } from "./shell_context.ts";

interface DotCommand {
  /** Name and arguments, as help shows them. */
  usage: string;
  help: string;
  run(shell: ShellContext, argument: string): Promise<void> | void;
}

/** Characters of the longest statement that `.schema` shows whole without a name. */
const LONGEST = 400;

const TABLES = `
SELECT table_name AS name, CASE WHEN table_catalog = 'temp' THEN 'temporary'
    ELSE lower(replace(table_type, 'BASE ', '')) END AS kind, count(*) AS columns
FROM information_schema.tables
JOIN information_schema.columns USING (table_catalog, table_schema, table_name)
WHERE NOT starts_with(table_catalog, '${GIVEN}') AND (table_catalog = 'temp' OR table_name NOT IN (
  SELECT table_name FROM information_schema.tables WHERE table_catalog = 'temp'))
GROUP BY ALL ORDER BY kind, name`;
const SAMPLES = `
SELECT s.sample, s.ploidy, string_agg(h.name, ' ' ORDER BY h.ordinal) AS haplotypes
FROM samples s JOIN haplotypes h USING (sample) GROUP BY s.sample, s.ploidy, s.ordinal
ORDER BY s.ordinal`;
const CONTIGS = `
SELECT name AS contig, records, min_pos, max_pos FROM contigs ORDER BY ordinal`;

const COMMANDS: readonly DotCommand[] = [
  { usage: ".contigs", help: "contigs and their rows", run: (shell) => shell.execute(CONTIGS) },
  { usage: ".help", help: "this list", run: (shell) => help(shell) },
  {
    usage: `.mode ${RESULT_FORMATS.join("|")}`,
    help: "format of results",
    run: (shell, argument) => {
      if (!RESULT_FORMATS.includes(argument as Format)) throw usage(".mode", argument);
      shell.format = argument as Format;
    },
  },
  {
    usage: ".output [FILE]",
    help: "write results to FILE, or again to the terminal",
    run: (shell, argument) => {
      if (argument !== "") shell.session.refuseOwnFiles(argument);
      shell.output = argument === "" ? standardOutput() : fileOutput(argument);
    },
  },
  { usage: ".quit", help: "leave", run: (shell) => void (shell.done = true) },
  { usage: ".samples", help: "samples and haplotypes", run: (shell) => shell.execute(SAMPLES) },
  { usage: ".schema [TABLE]", help: "how tables, views and macros are defined", run: schema },
  {
    usage: ".table NAME FILE",
    help: "read a TSV, CSV, BED or GFF, to be asked by NAME",
    run: table,
  },
  { usage: ".tables", help: "tables and views", run: (shell) => shell.execute(TABLES) },
  {
    usage: ".timer on|off",
    help: "say how long statements take",
    run: (shell, argument) => {
      if (argument !== "on" && argument !== "off") throw usage(".timer", argument);
      shell.timer = argument === "on";
    },
  },
];

/** The names of all commands. */
export const DOT_COMMANDS: readonly string[] = COMMANDS.map(nameOf);

function nameOf(command: DotCommand): string {
  return command.usage.split(" ")[0];
}

/**
 * Runs a line that begins with a dot.
 *
 * @throws {UsageError} No such command, or not such an argument.
 */
export async function dotCommand(shell: ShellContext, line: string): Promise<void> {
  const [name, ...words] = line.replace(/;$/, "").split(/\s+/);
  const command = COMMANDS.find((command) =>
    nameOf(command) === (name === ".exit" ? ".quit" : name)
  );
  if (!command) throw new UsageError(`there is no command '${printable(name)}'; see .help`);
  const argument = words.join(" ").trim();
  if (argument !== "" && !command.usage.includes(" ")) {
    throw new UsageError(`${name} takes no argument`);
  }
  await command.run(shell, argument);
}

function usage(name: string, argument: string): UsageError {
  const { usage } = COMMANDS.find((command) => nameOf(command) === name)!;
  return new UsageError(`'${printable(argument)}' is not what ${name} takes: ${usage}`);
}

async function help(shell: ShellContext): Promise<void> {
  const width = Math.max(...COMMANDS.map(({ usage }) => usage.length));
  const lines = COMMANDS.map(({ usage, help }) => `${usage.padEnd(width)}  ${help}\n`);
  const asked = Math.max(...POPULATION_QUESTIONS.map(({ usage }) => usage.length));
  const questions = POPULATION_QUESTIONS.map(({ usage, help }) =>
    `  ${usage.padEnd(asked)}  ${help}\n`
  );
  await shell.output.write(
    `${lines.join("")}Everything else is SQL and ends with a semicolon; Ctrl-C stops a query.\n` +
      `What populations are asked, beside sites, genotypes and the other tables:\n` +
      questions.join(""),
  );
}

/** Takes a name, then a file, whose name may hold blanks. */
async function table(shell: ShellContext, argument: string): Promise<void> {
  const [, name, file] = /^(\S+)\s+(.+)$/.exec(argument) ?? [];
  if (file === undefined) throw usage(".table", argument);
  await addTable(shell.session, name, file, shell.say);
}

async function schema(shell: ShellContext, argument: string): Promise<void> {
  const name = argument.replace(/^"(.*)"$/, "$1");
  const wanted = name === "" ? "" : `AND lower(name) = lower(${literal(name)})`;
  const found = await shell.session.rows<{ sql: string }>(`
SELECT sql FROM (
  SELECT table_name AS name, sql, 1 AS kind, internal FROM duckdb_tables()
  UNION ALL SELECT view_name, sql, 2, internal FROM duckdb_views()
  UNION ALL SELECT function_name,
    'CREATE MACRO ' || function_name || '(' || array_to_string(parameters, ', ') || ') AS ' ||
      if(function_type = 'table_macro', 'TABLE ', '') || macro_definition || ';', 3, internal
  FROM duckdb_functions() WHERE function_type IN ('macro', 'table_macro')
) WHERE NOT internal ${wanted} ORDER BY kind, name`);
  if (found.length === 0) throw new InputError(`there is no table '${printable(argument)}'`);
  for (const { sql } of found) {
    const text = name === "" && sql.length > LONGEST
      ? `${sql.slice(0, LONGEST)}... -- ${sql.length} characters`
      : sql;
    await shell.output.write(`${text}\n`);
  }
}
