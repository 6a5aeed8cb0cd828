/**
 * The outside tools (bcftools, tabix, ...) that tests use as judges. A test that needs one is
 * ignored where it is missing, and its name then says why:
 * `{ name: "tabix reads it" + missingNote("tabix"), ignore: !hasTool("tabix"), fn }`.
 *
 * @module
 */

/** What a tool did. */
export interface ToolResult {
  /** Its exit code. */
  code: number;
  /** Standard output, as UTF-8. */
  stdout: string;
  /** Standard error, as UTF-8. */
  stderr: string;
}

/** Whether a program of this name is on the PATH. */
export function hasTool(name: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${name}`).isFile;
    } catch {
      return false;
    }
  });
}

/** Why a test is ignored, to end its name with; empty where all tools are there. */
export function missingNote(...tools: string[]): string {
  const missing = tools.filter((tool) => !hasTool(tool));
  return missing.length === 0 ? "" : ` (ignored: ${missing.join(", ")} not installed)`;
}

/**
 * Runs a program to its end.
 *
 * @param cmd Its name.
 * @param args Its arguments; no shell sees them.
 * @param stdin What it reads on standard input; nothing if left out.
 * @param settings Its working folder, and what is added to its environment.
 */
export async function run(
  cmd: string,
  args: readonly string[],
  stdin: string | Uint8Array = "",
  settings: Pick<Deno.CommandOptions, "cwd" | "env"> = {},
): Promise<ToolResult> {
  const child = new Deno.Command(cmd, {
    ...settings,
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [{ code, stdout, stderr }] = await Promise.all([
    child.output(),
    feed(child.stdin, typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
  ]);
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

async function feed(stdin: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (bytes.length > 0) await writer.write(bytes);
    await writer.close();
  } catch (error) {
    // The tool may end, and rightly so, before it has read all of its input.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Tells whether a command ends well. */
export async function succeeds(command: string, args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args, stderr: "null", stdout: "null" }).output())
      .success;
  } catch {
    return false;
  }
}
