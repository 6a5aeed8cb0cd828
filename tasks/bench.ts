/**
 * Runs `deno task bench`: races this tool against its peers, and prints the results.
 *
 * @module
 */

import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { UsageError } from "../src/base/errors.ts";
import { VERSION } from "../src/base/version.ts";
import { CASES, DEFAULT_CASES } from "./bench/cases.ts";
import { openMeasurer } from "./bench/measure.ts";
import { onlyPeers, type Peer, PEERS, type Setting } from "./bench/plan.ts";
import { race } from "./bench/race.ts";
import { type BenchReport, renderCase, renderHead, reportCase } from "./bench/report.ts";
import { describeMachine, findTools } from "./bench/tools.ts";

const ROOT = resolve(import.meta.dirname as string, "..");

/** The cases to run, and where results go. */
export interface BenchOptions {
  cases: string[];
  peers: Peer[];
  rounds: number;
  /** Share of the full number of rows. */
  scale: number;
  /** Folder for data and results. */
  output: string;
  /** SVG file to draw. */
  chart?: string;
}

/** The receivers of Markdown and of progress. */
export interface BenchOutput {
  print: (markdown: string) => void;
  say: (line: string) => void;
}

/** Runs the cases one after the other; `results.json` is written anew after each. */
export async function bench(options: BenchOptions, out: BenchOutput): Promise<BenchReport> {
  const setting = await settingOf(options);
  const { rounds, scale } = options;
  const machine = await describeMachine(setting.tools);
  const report: BenchReport = { version: VERSION, machine, rounds, scale, cases: [] };
  Deno.mkdirSync(setting.folder, { recursive: true });
  const measure = await openMeasurer(setting);
  out.print(renderHead(report));
  for (const name of options.cases) {
    const plan = onlyPeers(CASES[name](setting), options.peers);
    if (plan.entries.length === 0) continue;
    const results = await race(plan, { rounds, root: ROOT, measure, say: out.say });
    report.cases.push(reportCase(plan, results));
    out.print(renderCase(report.cases[report.cases.length - 1]));
    writeWhole(`${setting.folder}/results.json`, JSON.stringify(report, null, 2) + "\n");
  }
  if (options.chart !== undefined) await draw(options.chart, report, out);
  return report;
}

async function settingOf({ output, scale }: BenchOptions): Promise<Setting> {
  return {
    root: ROOT,
    folder: resolve(output),
    convert: convertWords(),
    tools: await findTools(),
    cores: navigator.hardwareConcurrency,
    scale,
  };
}

/** Returns the words of the task `convert`, so that what is measured is what users run. */
function convertWords(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const task = typeof tasks.convert === "string" ? tasks.convert : tasks.convert.command;
  const [, ...words] = task.split(/\s+/);
  return [Deno.execPath(), ...words];
}

async function draw(path: string, report: BenchReport, { say }: BenchOutput): Promise<void> {
  const { chartSvg } = await import("./bench/chart.ts");
  const { growthSvg } = await import("./bench/growth_chart.ts");
  const svg = chartSvg(report) ?? growthSvg(report);
  if (svg === undefined) say("no chart: no case has two programs, or sizes, with results");
  else writeWhole(path, svg + "\n");
}

function writeWhole(path: string, text: string): void {
  Deno.writeTextFileSync(`${path}.part`, text);
  Deno.renameSync(`${path}.part`, path);
}

/** Tells whether everything that ran did so well, and all outputs are the same. */
export function isClean({ cases }: BenchReport): boolean {
  return cases.every(({ entries }) =>
    entries.every(({ status, same }) => status !== "failed" && !same.startsWith("DIFFERS"))
  );
}

function program(run: (options: BenchOptions) => Promise<void>): Command {
  const all = Object.keys(CASES);
  return new Command("bench")
    .description("Race matrix2vcf against other programs, on data made for it.")
    .exitOverride()
    .option("--cases <list>", `all, or some of ${all}`, among(all), DEFAULT_CASES)
    .option("--peers <list>", `all, or some of ${PEERS}`, among(PEERS), [...PEERS])
    .option("--rounds <n>", "measured runs of each", positive, 5)
    .option("--scale <share>", "share of the rows", positive, 1)
    .option("-o, --output <folder>", "folder for data and results.json", "bench")
    .option("--chart <file>", "draw a bar chart, SVG")
    .action(run);
}

function among(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    if (text === "all") return [...known];
    const chosen = text.split(",");
    const other = chosen.find((name) => !known.includes(name));
    if (other === undefined) return known.filter((name) => chosen.includes(name));
    throw new InvalidArgumentError(`'${other}' is none of ${known.join(", ")}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("It is a number above 0.");
}

async function main(args: string[]): Promise<number> {
  let code = 0;
  const out = { print: console.log, say: console.error };
  const command = program(async (options) => {
    if (!Number.isInteger(options.rounds)) throw new UsageError("--rounds must be a whole number");
    code = isClean(await bench(options, out)) ? 0 : 1;
  });
  try {
    await command.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
