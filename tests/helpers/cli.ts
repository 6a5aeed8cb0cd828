/**
 * Runs the command line as a user does: a process of its own, with the permissions of the task.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

/** The arguments of `deno` that start the command line, from any working folder. */
export const DENO_ARGS: readonly string[] = [
  "run",
  "--v8-flags=--expose-gc",
  "--quiet",
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-ffi",
  "--config",
  filePath("deno.json"),
  filePath("src/main.ts"),
];

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
}

/** The path of a file of the repository. */
export function filePath(relative: string): string {
  return decodeURIComponent(new URL(relative, ROOT).pathname);
}

/** Runs the command line to its end, as in `await cli(["convert", "m.tsv", "-o", "m.vcf"])`. */
export async function cli(args: string[], settings: CliSettings = {}): Promise<CliResult> {
  const child = startCli(args, settings.cwd);
  const fed = feed(child.stdin, settings.stdin ?? "");
  const { code, stdout, stderr } = await child.output();
  await fed;
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Starts the command line, with all three streams piped. */
export function startCli(args: string[], cwd?: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...DENO_ARGS, ...args],
    cwd,
    env: { NO_COLOR: "1" },
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
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Gives a function a temporary folder, and removes it afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
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
  for await (const entry of Deno.readDir(folder)) {
    found.push(entry.isDirectory ? `${entry.name}/` : entry.name);
    if (!entry.isDirectory) continue;
    found.push(
      ...(await listing(`${folder}/${entry.name}`)).map((name) => `${entry.name}/${name}`),
    );
  }
  return found.sort();
}

async function feed(stdin: WritableStream<Uint8Array>, input: string | Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
    await writer.close();
  } catch (error) {
    // A run that fails early leaves its input unread.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
