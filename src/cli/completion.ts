/**
 * Makes shell completion from the program's own description of its commands and flags.
 *
 * @module
 */
import type { Command, Option } from "commander";

/** The shells that scripts are made for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = typeof SHELLS[number];

/** The kind of value that may follow a flag, or be an argument. */
interface ValueShape {
  /** `none` for a flag without a value; `text` where nothing can be offered. */
  kind: "none" | "file" | "choice" | "text";
  /** Its name in the help. */
  name: string;
  /** The values to offer, if `kind` is `choice`. */
  choices: string[];
}

interface OptionShape {
  short?: string;
  long?: string;
  description: string;
  value: ValueShape;
}

interface CommandShape {
  name: string;
  description: string;
  options: OptionShape[];
  /** The first argument; later ones are like it. */
  argument: ValueShape;
  commands: CommandShape[];
}

const WRITERS: Record<Shell, (program: CommandShape) => string[]> = {
  bash: bashLines,
  zsh: zshLines,
  fish: fishLines,
};

/**
 * Returns the script that teaches a shell to complete a program's commands, flags, choices and
 * files.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Command } from "commander";
 * import { completionScript } from "./completion.ts";
 * const program = new Command("m").option("--threads <n>", "worker threads");
 * assert(completionScript("fish", program).includes("-l threads"));
 * ```
 */
export function completionScript(shell: Shell, program: Command): string {
  return WRITERS[shell](shapeOf(program)).join("\n") + "\n";
}

function shapeOf(command: Command): CommandShape {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: firstSentence(help.subcommandDescription(command)),
    options: help.visibleOptions(command).map(optionShape),
    argument: argumentShape(command),
    commands: help.visibleCommands(command).map(shapeOf),
  };
}

function optionShape(option: Option): OptionShape {
  const { short, long, description, argChoices, flags } = option;
  // A value that may be left out stands with its flag, where a shell cannot offer it.
  const value = option.required ? valueShape(flags, argChoices) : NO_VALUE;
  return { short, long, description: firstSentence(description), value };
}

const NO_VALUE: ValueShape = { kind: "none", name: "", choices: [] };

/** Returns the shape of a command's argument: a file unless it has choices; none for `help`. */
function argumentShape({ registeredArguments: [argument] }: Command): ValueShape {
  if (!argument || argument.name() === "command") return NO_VALUE;
  const choices = argument.argChoices;
  return { kind: choices ? "choice" : "file", name: argument.name(), choices: choices ?? [] };
}

/**
 * Returns the shape of a flag's value: a file where its placeholder says so, as in `--header
 * <file>`.
 */
function valueShape(flags: string, choices: string[] | undefined): ValueShape {
  const name = /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? "value";
  if (choices) return { kind: "choice", name, choices };
  return { kind: /file|folder|path/i.test(name) ? "file" : "text", name, choices: [] };
}

function firstSentence(text: string): string {
  return text.replaceAll(/\s+/g, " ").replace(/[.;] .*$|\.$/, "");
}

/** Quotes a text as one word of a POSIX shell; of fish, too, where it holds no backslash. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function flagNames({ short, long }: OptionShape): string[] {
  return [short, long].filter((name) => name !== undefined);
}

function bashLines(program: CommandShape): string[] {
  const name = `_${program.name}`;
  return [
    `# ${program.name}: bash completion. Put into ~/.bashrc:`,
    `#   eval "$(${program.name} completion bash)"`,
    `${name}() {`,
    "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command= words= i",
    `  # bash takes --flag=value apart at the "=".`,
    "  if [[ $word == = ]]; then word=; fi",
    "  if [[ $before == = ]]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi",
    "  for ((i = 1; i < COMP_CWORD; i++)); do",
    "    if [[ ${COMP_WORDS[i]} != -* ]]; then command=${COMP_WORDS[i]}; break; fi",
    "  done",
    "  COMPREPLY=()",
    "  case $command in",
    ...bashBranch("''", program),
    ...program.commands.flatMap((command) => bashBranch(command.name, command)),
    "  esac",
    `  COMPREPLY=($(compgen -W "$words" -- "$word"))`,
    "}",
    `complete -o bashdefault -o default -F ${name} ${program.name}`,
  ];
}

/** Returns the branch of a command. Where nothing is offered, bash goes on to file names. */
function bashBranch(pattern: string, { options, argument, commands }: CommandShape): string[] {
  const names = options.flatMap(flagNames).join(" ");
  const words = commands.length > 0
    ? commands.map((command) => command.name).join(" ")
    : argument.choices.join(" ");
  return [
    `    ${pattern})`,
    "      case $before in",
    ...options.flatMap((option) => bashValue(option)),
    "      esac",
    `      if [[ $word == -* ]]; then words=${quoted(names)}; else words=${quoted(words)}; fi ;;`,
  ];
}

function bashValue(option: OptionShape): string[] {
  const { kind, choices } = option.value;
  if (kind === "none") return [];
  const action = {
    file: "return",
    text: "compopt +o bashdefault +o default 2>/dev/null; return",
    choice: `COMPREPLY=($(compgen -W ${quoted(choices.join(" "))} -- "$word")); return`,
  }[kind];
  return [`        ${flagNames(option).join("|")}) ${action} ;;`];
}

function zshLines(program: CommandShape): string[] {
  const name = `_${program.name}`;
  return [
    `#compdef ${program.name}`,
    `# ${program.name}: zsh completion. Put into ~/.zshrc, after compinit:`,
    `#   eval "$(${program.name} completion zsh)"`,
    `${name}() {`,
    "  local context state state_descr line",
    "  local -a commands",
    "  typeset -A opt_args",
    "  commands=(",
    ...program.commands.map((command) =>
      `    ${quoted(`${command.name}:${command.description.replaceAll(":", "\\:")}`)}`
    ),
    "  )",
    "  _arguments -C \\",
    ...program.options.map((option) => `    ${zshSpec(option)} \\`),
    "    '1: :->command' '*:: :->rest'",
    "  case $state in",
    "    command) _describe -t commands command commands ;;",
    "    rest)",
    "      case $line[1] in",
    ...program.commands.flatMap(zshBranch),
    "      esac ;;",
    "  esac",
    "}",
    `if [[ $funcstack[1] == ${name} ]]; then ${name} "$@"; else compdef ${name} ${program.name}; fi`,
  ];
}

function zshBranch({ name, options, argument }: CommandShape): string[] {
  const rest = argument.kind === "none" ? [] : [quoted(`*${zshValue(argument)}`)];
  const specs = [...options.map(zshSpec), ...rest];
  return [`        ${name}) _arguments ${specs.join(" \\\n          ")} ;;`];
}

/**
 * Returns `'(-o --output)'{-o,--output=}'[what]:file:_files'`; the `=` allows `--output file`, too.
 */
function zshSpec(option: OptionShape): string {
  const { description, value } = option;
  const what = quoted(`[${description.replaceAll(/[\\[\]]/g, "\\$&")}]${zshValue(value)}`);
  const names = flagNames(option);
  const spelled = names.map((name) =>
    value.kind !== "none" && name.startsWith("--") ? `${name}=` : name
  );
  if (names.length === 1) return spelled[0] + what;
  return `'(${names.join(" ")})'{${spelled.join(",")}}${what}`;
}

function zshValue({ kind, name, choices }: ValueShape): string {
  const label = name.replaceAll(":", "\\:");
  if (kind === "none") return "";
  if (kind === "choice") return `:${label}:(${choices.join(" ")})`;
  return kind === "file" ? `:${label}:_files` : `:${label}: `;
}

function fishLines(program: CommandShape): string[] {
  const complete = `complete -c ${program.name}`;
  return [
    `# ${program.name}: fish completion. Put into ~/.config/fish/completions/${program.name}.fish:`,
    `#   ${program.name} completion fish >~/.config/fish/completions/${program.name}.fish`,
    `${complete} -f`,
    ...program.options.map((option) => `${complete} -n __fish_use_subcommand ${fishFlag(option)}`),
    ...program.commands.flatMap((command) => fishCommand(complete, command)),
  ];
}

function fishCommand(complete: string, command: CommandShape): string[] {
  const { name, description, options, argument } = command;
  const inside = `${complete} -n '__fish_seen_subcommand_from ${name}'`;
  const rest = { none: [], text: [], file: ["-F"], choice: [`-a ${fishWords(argument)}`] };
  return [
    `${complete} -n __fish_use_subcommand -a ${name} -d ${fishQuoted(description)}`,
    ...options.map((option) => `${inside} ${fishFlag(option)}`),
    ...rest[argument.kind].map((words) => `${inside} ${words}`),
  ];
}

function fishFlag({ short, long, description, value }: OptionShape): string {
  const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`];
  const values = { none: "", file: "-r -F", text: "-x", choice: `-x -a ${fishWords(value)}` };
  return [...names, values[value.kind], `-d ${fishQuoted(description)}`].filter(Boolean).join(" ");
}

function fishWords({ choices }: ValueShape): string {
  return fishQuoted(choices.join(" "));
}

function fishQuoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
