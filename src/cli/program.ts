/**
 * Assembles the program from its sub-commands, and turns the end of a run into an exit code.
 *
 * @module
 */
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, CommanderError } from "commander";
import { fileError, isThere } from "../base/files.ts";
import { say } from "../base/say.ts";
import {
  type ErrorCode,
  firstLine,
  InputError,
  InternalError,
  InterruptedError,
  type Matrix2vcfError,
  ownError,
  StatementError,
  UsageError,
} from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import { withIndexKind } from "./bcftools_habits.ts";
import { convertCommand } from "./convert_command.ts";

/** Exit codes by what happened, so that a workflow knows what to do; those of signals as in shells. */
export const Exit = {
  Done: 0,
  /** The input, or what the options mean: a retry gives the same. */
  Failed: 1,
  Usage: 2,
  /** The machine: a retry elsewhere may help. */
  Machine: 3,
  /** A bug of ours; EX_SOFTWARE of `sysexits.h`. */
  Bug: 70,
  /** The terminal went away, as where an ssh session ends. */
  HungUp: 129,
  Interrupted: 130,
  /** The reader of our standard output went away: the output is not whole. */
  BrokenPipe: 141,
  Terminated: 143,
} as const;

/** Sub-commands whose modules are loaded only when they are asked for. */
const ON_DEMAND: Record<string, (signal: AbortSignal) => Promise<Command>> = {
  checksum: async (signal) => (await import("./checksum_command.ts")).checksumCommand(signal),
  generate: async (signal) => (await import("./generate_command.ts")).generateCommand(signal),
  report: async (signal) => (await import("./report_command.ts")).reportCommand(signal),
  inspect: async (signal) => (await import("./inspect_command.ts")).inspectCommand(signal),
  gather: async (signal) => (await import("./gather_command.ts")).gatherCommand(signal),
  scatter: async (signal) => (await import("./scatter_command.ts")).scatterCommand(signal),
  shard: async (signal) => (await import("./shard_command.ts")).shardCommand(signal),
  profile: async (signal) => (await import("./profile_command.ts")).profileCommand(signal),
  sql: async (signal) => (await import("./sql_command.ts")).sqlCommand(signal),
  completion: async (signal) =>
    (await import("./completion_command.ts")).completionCommand(() => program(signal)),
};

/** Returns the program with the sub-command `wanted`, or with all where there is no such one. */
async function program(signal: AbortSignal, wanted = ""): Promise<Command> {
  const program = new Command("matrix2vcf")
    .description("Genome matrices to VCF, and a DuckDB table to query")
    .version(VERSION)
    .enablePositionalOptions();
  program.addCommand(convertCommand(signal));
  const names = Object.hasOwn(ON_DEMAND, wanted) ? [wanted] : Object.keys(ON_DEMAND);
  if (wanted !== "convert") {
    for (const name of names) program.addCommand(await ON_DEMAND[name](signal));
  }
  for (const command of [program, ...program.commands]) {
    tame(command);
    command.addHelpText("after", EXIT_HELP);
  }
  return program;
}

/** Columns of the help. */
const HELP_WIDTH = 100;

/**
 * Stops commander from exiting the process and from reading NO_COLOR: the first is main's job, the
 * second needs a permission that we do not ask for. Gives each option one line of the help.
 */
function tame(command: Command): void {
  command.exitOverride();
  command.configureOutput({
    getOutHasColors: () => false,
    getErrHasColors: () => false,
    getOutHelpWidth: () => HELP_WIDTH,
  });
  command.configureHelp({
    optionTerm: ({ short, flags }) => short ? flags : `    ${flags}`,
    optionDescription: ({ description, defaultValue }) =>
      typeof (defaultValue ?? true) === "boolean"
        ? description
        : `${description} [${defaultValue}]`,
  });
}

/**
 * Runs a command line.
 *
 * @param signal Interrupts the run.
 * @param interrupted Returns the exit code after an interrupt.
 * @returns The exit code.
 */
export async function runProgram(
  args: string[],
  signal: AbortSignal,
  interrupted: () => number,
): Promise<number> {
  try {
    refuseDamagedFolder();
    const command = await program(signal, args[0]);
    await command.parseAsync(args[0] === "convert" ? withIndexKind(args) : args, { from: "user" });
    return Exit.Done;
  } catch (error) {
    return error instanceof InterruptedError ? told(error, interrupted()) : told(error);
  }
}

/** Refuses to run in a folder whose name is not UTF-8: Deno cannot start workers there. */
function refuseDamagedFolder(): void {
  try {
    Deno.cwd();
  } catch (error) {
    if (!(error instanceof Deno.errors.InvalidData)) return;
    throw new UsageError("the name of the working folder is not UTF-8; run from another folder");
  }
}

/** The exit codes of the kinds of errors. */
const EXITS: Readonly<Record<ErrorCode, number>> = {
  BAD_INPUT: Exit.Failed,
  USAGE: Exit.Usage,
  ABORTED: Exit.Interrupted,
  MACHINE: Exit.Machine,
  INTERNAL: Exit.Bug,
};

/** Prints what went wrong, and returns the exit code. */
function told(thrown: unknown, interrupted?: number): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? Exit.Done : Exit.Usage;
  const error = interrupted === undefined ? ownError(refusedFile(thrown)) : thrown;
  if (error instanceof Deno.errors.BrokenPipe) return Exit.BrokenPipe;
  say(`error: ${error instanceof UsageError ? withFlags(error) : firstLine(error)}${place(error)}`);
  if (error instanceof StatementError && error.excerpt) say(error.excerpt);
  if (error instanceof InternalError) say(REPORT);
  return interrupted ?? EXITS[(error as Matrix2vcfError).code];
}

const { os, arch } = Deno.build;
/** What to do about a bug of ours. */
const REPORT =
  "this is a bug of matrix2vcf: please report it with this message, the command, and " +
  `the versions (matrix2vcf ${VERSION}, Deno ${Deno.version.deno}, ${os} ${arch})`;

/** What the help says of exit codes. */
const EXIT_HELP = `
Exit codes: 0 done; 1 bad input, or options that do not fit it (a retry gives the same); 2 wrong
usage; 3 the machine: disk, memory, a folder that is gone (a retry elsewhere may help); 70 a bug, to
be reported; 129, 130 and 143 SIGHUP, SIGINT and SIGTERM; 141 the reader of standard output went
away.`;

/** Returns Deno's refusal of a file as an error about that file, and any other error as it is. */
function refusedFile(error: unknown): unknown {
  if (!(error instanceof Deno.errors.NotCapable)) return error;
  const file = error.message.match(/access to "(.*?)", run again/)?.[1];
  return file === undefined ? error : fileError(error, file);
}

/**
 * Returns what to add to the error of a path that does not exist where this runs as a task: Deno
 * starts a task in the folder of the clone, and the path may have been meant from elsewhere.
 */
function place(error: unknown): string {
  if (!(error instanceof InputError) || error.at.line !== undefined) return "";
  const { file = "-" } = error.at, folder = Deno.cwd();
  const clone = fileURLToPath(new URL("../..", import.meta.url));
  if (file === "-" || isAbsolute(file) || join(folder, "/") !== clone || isThere(file)) return "";
  return `; a task looks in ${folder}: give the whole path, or install the command, which looks ` +
    "where you are: deno task install";
}

/** Returns a message with the names that options have on the command line. */
function withFlags({ message }: UsageError): string {
  return message.replaceAll(
    /`([a-zA-Z]+)`/g,
    (_, option: string) =>
      `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
}
