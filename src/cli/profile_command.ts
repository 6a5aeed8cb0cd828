/**
 * Defines the sub-command `profile`, which watches a conversion from outside, or draws its profile.
 *
 * @module
 */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import {
  InputError,
  InternalError,
  InterruptedError,
  MachineError,
  UsageError,
} from "../base/errors.ts";
import { exists, identity, outputName, refuseDamagedName } from "../base/files.ts";
import { say } from "../base/say.ts";
import { printable } from "../base/text.ts";
import { WorkFolder } from "../base/work_folder.ts";
import { writing } from "../base/write_error.ts";
import { checkOutputs } from "../output/output_file.ts";
import { Publication } from "../output/publication.ts";
import { RUN_FLAGS } from "./permissions.ts";

const INTERVAL = 100;

/** Memory in bytes as the system counts it, at a time in milliseconds since 1970. */
interface Sample {
  time: number;
  /** Proportional set size: pages shared with others count in part. */
  pss: number;
  /** Unique set size: pages of this process alone. */
  uss: number;
}

/**
 * Returns the sub-command `profile`, to be added to a program.
 *
 * @param signal Interrupts the conversion.
 */
export function profileCommand(signal: AbortSignal): Command {
  return new Command("profile")
    .description(
      "Watch a conversion's memory: profile convert ...; draw it: profile run.csv -o run.svg",
    )
    .exitOverride()
    .argument("<what...>", "convert and its arguments, or the CSV of convert --profile")
    // Flags belong to the command line that follows.
    .passThroughOptions()
    .action(async (what: string[]) => {
      if (what[0] === "convert") await profileConversion(what.slice(1), signal);
      else await draw(what);
    });
}

async function draw(args: string[]): Promise<void> {
  const [csv, ...flags] = args, svg = valueOf(flags, "--output", "-o");
  if (svg === undefined || flags.length > (flags[0] === `--output=${svg}` ? 1 : 2)) {
    throw new UsageError("write: profile run.csv -o run.svg, or: profile convert ...");
  }
  for (const name of [csv, svg]) refuseDamagedName(name);
  if (kindOf(svg) !== "svg") throw new UsageError(`a picture is an .svg, not '${printable(svg)}'`);
  checkOutputs([svg], [csv], []);
  const { readText } = await import("../base/text_file.ts");
  await writePicture(await readText(csv), csv, svg);
  say(`the picture is in ${printable(svg, 200)}`);
}

/** Returns what a file is by its suffix. */
function kindOf(path: string): "csv" | "svg" {
  const kind = path.match(/\.(csv|svg)$/i)?.[1].toLowerCase();
  if (kind === "csv" || kind === "svg") return kind;
  throw new UsageError(
    `a profile is a .csv, or a picture of it an .svg, not '${printable(path)}'`,
  );
}

async function writePicture(profile: string, name: string, svg: string): Promise<void> {
  const { profileSvg, readProfile } = await import("./profile_chart.ts");
  using work = new WorkFolder(dirname(svg));
  const from = work.beside(svg, "picture"), text = profileSvg(readProfile(profile, name));
  writing(svg, () => Deno.writeTextFileSync(from, text));
  await new Publication([svg]).publish([{ path: svg, from }]);
}

/** Runs the conversion as a child process, and adds to its profile what the system says of it. */
async function profileConversion(args: string[], signal: AbortSignal): Promise<void> {
  if (Deno.build.standalone) {
    throw new UsageError(
      "this binary may start no other program; write convert --profile run.csv, and then " +
        "profile run.csv -o run.svg",
    );
  }
  const profile = valueOf(args, "--profile") ?? besideOutput(args), kind = kindOf(profile);
  refuseFileOf(args, profile);
  const publication = new Publication([profile]);
  using work = new WorkFolder(dirname(profile));
  // The last one counts, and this one is for us alone until it is whole.
  const raw = work.beside(profile, "profile.csv"), more = ["--profile", raw];
  const child = new Deno.Command(startableDeno(), {
    args: [...programArguments(), "convert", ...args, ...more],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  // Ctrl-C reaches the child, too, but a signal for this process alone does not.
  signal.addEventListener("abort", () => stop(child));
  const samples = await watch(child), { code } = await child.status;
  if (await exists(raw)) {
    addSamples(raw, samples);
    if (kind === "svg") await writePicture(Deno.readTextFileSync(raw), profile, profile);
    else await publication.publish([{ path: profile, from: raw }]);
    if (!args.includes("--quiet")) say(`the profile is in ${printable(profile, 200)}`);
  }
  if (code !== 0) throw failureOf(code);
}

/** Returns the error by which this program ends as the conversion did. */
function failureOf(code: number): Error {
  if (code === 2) return new UsageError("the conversion was not begun; see above");
  if (code === 3) return new MachineError("the conversion failed; see above");
  if (code === 70) return new InternalError("the conversion failed; see above");
  if ([129, 130, 141, 143].includes(code)) return new InterruptedError();
  if (code > 128) {
    return new MachineError(`the system ended the conversion, by signal ${code - 128}`);
  }
  return new InputError("the conversion failed; see above");
}

/**
 * Refuses a profile that is a file of the conversion, which is told another name for its profile.
 *
 * @throws {InputError} It is one.
 */
function refuseFileOf(args: readonly string[], profile: string): void {
  const own = args.findLastIndex((word) => word === profile || word === `--profile=${profile}`);
  const words = args.filter((_, at) => at !== own).map((word) => word.replace(/^--?\w[\w-]*=/, ""));
  if (words.every((word) => identity(word) !== identity(profile))) return;
  throw new InputError("the conversion has this file for something else; name another profile", {
    file: profile,
  });
}

/** Samples the memory of a child until it ends. */
async function watch(child: Deno.ChildProcess): Promise<Sample[]> {
  const samples: Sample[] = [];
  let running = true;
  child.status.finally(() => running = false);
  while (running) {
    const sample = await rollup(child.pid);
    if (sample) samples.push(sample);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  return samples;
}

/** Returns the name of a profile beside the output of a conversion. */
function besideOutput(args: readonly string[]): string {
  const output = outputName(valueOf(args, "--output", "-o"));
  if (output === undefined || output === "-") {
    throw new UsageError("say where the profile goes: --profile FILE.csv, or .svg for a picture");
  }
  return `${output}.profile.csv`;
}

/**
 * Returns this very Deno, where it may be started. A permission that names `deno` means the one on
 * the PATH, which may be a link to this one.
 */
function startableDeno(): string {
  const command = Deno.execPath();
  const { state } = Deno.permissions.querySync({ name: "run", command });
  return state === "granted" ? command : "deno";
}

/** Returns the arguments by which Deno runs this program. */
function programArguments(): string[] {
  // As a file of ours it would have another place in the npm package.
  return ["run", ...RUN_FLAGS.convert, fileURLToPath(Deno.mainModule)];
}

/** Returns the value of a flag, as `--flag value` or `--flag=value`; the last one counts. */
function valueOf(args: readonly string[], ...flags: string[]): string | undefined {
  for (let at = args.length - 1; at >= 0; at--) {
    const [flag, value] = args[at].split(/=(.*)/s);
    if (flags.includes(args[at])) {
      if (args[at + 1] === undefined) throw new UsageError(`${args[at]} needs a file`);
      return args[at + 1];
    }
    if (value !== undefined && flag.startsWith("--") && flags.includes(flag)) return value;
  }
}

function stop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGINT");
  } catch {
    // It has ended.
  }
}

/**
 * Reads the child's memory by `cat`, as Deno does not let a program read `/proc`, whatever it is
 * allowed.
 */
async function rollup(pid: number): Promise<Sample | undefined> {
  if (Deno.build.os !== "linux") return undefined;
  try {
    const { stdout } = await new Deno.Command("cat", {
      args: [`/proc/${pid}/smaps_rollup`],
      stderr: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const bytes = (name: string) =>
      1024 * Number(new RegExp(`^${name}: *(\\d+) kB`, "m").exec(text)?.[1] ?? NaN);
    const pss = bytes("Pss"), uss = bytes("Private_Clean") + bytes("Private_Dirty");
    return Number.isNaN(pss + uss) ? undefined : { time: Date.now(), pss, uss };
  } catch {
    return undefined;
  }
}

/** Adds two columns to a profile: each line gets the sample that is nearest in time. */
function addSamples(profile: string, samples: readonly Sample[]): void {
  if (samples.length === 0) return;
  const [header, ...lines] = Deno.readTextFileSync(profile).trim().split("\n");
  const time = header.split(",").indexOf("unix_ms");
  let next = 0;
  const added = lines.map((line) => {
    const at = Number(line.split(",")[time]);
    const distance = (index: number) => Math.abs(samples[index].time - at);
    while (next + 1 < samples.length && distance(next + 1) <= distance(next)) next++;
    const near = distance(next) <= 2 * INTERVAL;
    return `${line},${near ? `${samples[next].pss},${samples[next].uss}` : ","}`;
  });
  Deno.writeTextFileSync(profile, `${[`${header},pss,uss`, ...added].join("\n")}\n`);
}
