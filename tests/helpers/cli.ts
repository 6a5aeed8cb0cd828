/**
 * Runs the command line as a user does, with the permissions of the task; and folders for its files.
 *
 * @module
 */
import { run } from "./tools.ts";

const ROOT = new URL("../../", import.meta.url);

/** The arguments of `deno` that come before the module, from any working folder. */
const FLAGS: readonly string[] = [
  "run",
  "--v8-flags=--expose-gc",
  "--quiet",
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-ffi",
  "--allow-sys=hostname,statfs",
  "--config",
  filePath("deno.json"),
];

/** The arguments of `deno` that start the command line, from any working folder. */
export const DENO_ARGS: readonly string[] = [...FLAGS, filePath("src/main.ts")];

/** The environment of all runs, beside that of the tests. */
const ENV = { NO_COLOR: "1" };

/** What a run did. */
export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Settings of one run. */
export interface CliSettings {
  /** Working folder; the one of the tests if left out. */
  cwd?: string;
  /** What it reads on standard input; nothing if left out. */
  stdin?: string | Uint8Array;
  /** What happens to its process while it runs; only without `stdin`. */
  meanwhile?: (process: RunningCli) => Promise<void>;
}

/** A run that is under way. */
export interface RunningCli {
  pid: number;
  /** Returns what it has printed on standard error up to now. */
  stderr(): string;
  /** Is false once it has ended; a run that is stopped has not. */
  readonly running: boolean;
}

/** The path of a file of the repository. */
export function filePath(relative: string): string {
  return decodeURIComponent(new URL(relative, ROOT).pathname);
}

/**
 * Runs the command line to its end, as in `await cli(["convert", "m.tsv", "-o", "m.vcf"])`. All runs of
 * a test file share one process, so that a run takes milliseconds, but for those that read something on
 * standard input. Where the process itself is what is tested, there is {@linkcode cliProcess}.
 */
export function cli(args: string[], settings: CliSettings = {}): Promise<CliResult> {
  if (settings.stdin !== undefined) return cliProcess(args, settings);
  const result = turn.then(async () => {
    host ??= await CliHost.start();
    try {
      return await host.run(args, settings);
    } catch (error) {
      host = undefined;
      throw error;
    }
  });
  turn = result.catch(() => {});
  return result;
}

/** Ends when the last run that was asked for has ended. */
let turn: Promise<unknown> = Promise.resolve();

let host: CliHost | undefined;

/** What `cli_host.ts` is asked to run, as a line of JSON. */
export interface CliRequest {
  cwd: string;
  args: string[];
}

/** Returns what `cli_host.ts` prints after a run, on standard output and on standard error. */
export function endMark(run: number, code: number | string): string {
  return `\0end of run ${run}: ${code}\0`;
}

/** The process that runs command lines for {@linkcode cli}. It ends with the tests of the file. */
class CliHost {
  #runs = 0;
  readonly #pid: number;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #stderr: ReadableStreamDefaultReader<Uint8Array>;

  private constructor(child: Deno.ChildProcess, readonly requests: Deno.FsFile) {
    this.#pid = child.pid;
    this.#stdout = child.stdout.getReader();
    this.#stderr = child.stderr.getReader();
  }

  static start(): Promise<CliHost> {
    return withFolder(async (folder) => {
      const pipe = `${folder}/requests`;
      await run("mkfifo", [pipe]);
      const child = new Deno.Command(Deno.execPath(), {
        args: [...FLAGS, filePath("tests/helpers/cli_host.ts"), pipe],
        env: ENV,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      return new CliHost(child, await Deno.open(pipe, { write: true }));
    });
  }

  async run(args: string[], { cwd, meanwhile }: CliSettings): Promise<CliResult> {
    const line: CliRequest = { cwd: cwd ?? Deno.cwd(), args };
    const request = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
    for (let at = 0; at < request.length;) at += await this.requests.write(request.subarray(at));
    const number = ++this.#runs;
    let stderr = "", running = true;
    const [out, err] = await Promise.all([
      printed(this.#stdout, number).finally(() => running = false),
      printed(this.#stderr, number, (text) => stderr = text),
      meanwhile?.({
        pid: this.#pid,
        stderr: () => stderr,
        get running() {
          return running;
        },
      }),
    ]);
    if (out.code === undefined) throw new Error(`the process of the runs has ended: ${err.text}`);
    return { code: out.code, stdout: out.text, stderr: err.text };
  }
}

/** What a run has printed, up to its mark; without a code if the process ends before it. */
async function printed(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  run: number,
  onText: (text: string) => void = () => {},
): Promise<{ text: string; code?: number }> {
  const decoder = new TextDecoder(), mark = new RegExp(`${endMark(run, "(\\d+)")}$`);
  let text = "";
  while (true) {
    const { value, done } = await reader.read();
    if (done) return { text };
    text += decoder.decode(value, { stream: true });
    onText(text);
    const found = text.endsWith("\0") ? mark.exec(text) : null;
    if (found) return { text: text.slice(0, found.index), code: Number(found[1]) };
  }
}

/** Runs the command line to its end in a process of its own. */
export function cliProcess(args: string[], settings: CliSettings = {}): Promise<CliResult> {
  const { cwd, stdin } = settings;
  return run(Deno.execPath(), [...DENO_ARGS, ...args], stdin, { cwd, env: ENV });
}

/** Starts the command line, with all three streams piped. */
export function startCli(args: string[], cwd?: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...DENO_ARGS, ...args],
    cwd,
    env: ENV,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs a shell line in which `"$@"` is the command line with these arguments. */
export async function cliInShell(script: string, args: string[], cwd: string): Promise<CliResult> {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", script, "sh", Deno.execPath(), ...DENO_ARGS, ...args],
    cwd,
    env: ENV,
    stdin: "null",
  }).output();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Gives a function a temporary folder, and removes it afterwards. */
export async function withFolder<T>(use: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "matrix2vcf_test_" });
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Every file and folder below a folder, as sorted relative paths; a folder ends in `/`. */
export async function listing(folder: string): Promise<string[]> {
  const found: string[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      found.push(isDirectory ? `${name}/` : name);
      if (!isDirectory) continue;
      found.push(...(await listing(`${folder}/${name}`)).map((inner) => `${name}/${inner}`));
    }
  } catch (error) {
    // A folder of a run that is going on may go away meanwhile.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort();
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
