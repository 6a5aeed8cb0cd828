/**
 * Compiles the kernels into `src/kernels/modules.ts`: `deno task kernels`. With `--check` it writes
 * nothing, and fails where the modules are not what their sources give.
 *
 * @module
 */
import { join } from "node:path";

/** The compiler and its version, as another one gives other bytes. It is no part of the program. */
const COMPILER = "assemblyscript@0.28.20";
const FLAGS = ["-O3", "--converge", "--enable", "simd", "--runtime", "stub", "--noAssert"];
/** Sources in `kernels/`, and the names of their modules. */
const KERNELS = { rows: "ROWS", records: "RECORDS", sums: "SUMS", counts: "COUNTS" };

const root = decodeURIComponent(new URL("..", import.meta.url).pathname);
const modules = join(root, "src/kernels/modules.ts");

/** Compiles one source, and returns its module. */
async function compile(name: string, folder: string): Promise<Uint8Array> {
  const into = join(folder, `${name}.wasm`);
  const args = ["-y", "-p", COMPILER, "asc", join("kernels", `${name}.ts`), ...FLAGS, "-o", into];
  const { success, stderr } = await new Deno.Command("npx", { args, cwd: root }).output();
  if (!success) throw new Error(`kernels/${name}.ts: ${new TextDecoder().decode(stderr)}`);
  return await Deno.readFile(into);
}

/** Returns the text of the module that holds all kernels. */
async function text(folder: string): Promise<string> {
  const lines: string[] = [];
  for (const [name, constant] of Object.entries(KERNELS)) {
    const base64 = btoa(String.fromCharCode(...await compile(name, folder)));
    const parts = base64.match(/.{1,96}/g)!.map((part) => `  "${part}"`);
    lines.push(`\n/** Module of \`kernels/${name}.ts\`, in base 64. */`);
    lines.push(`export const ${constant}: string =\n${parts.join(" +\n")};`);
  }
  return `/**
 * The compiled kernels, as \`deno task kernels\` writes them.
 *
 * @module
 */
${lines.join("\n")}
`;
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  try {
    const made = await text(folder);
    if (!Deno.args.includes("--check")) await Deno.writeTextFile(modules, made);
    else if (await Deno.readTextFile(modules) !== made) {
      console.error("error: src/kernels/modules.ts is not what kernels/ gives: deno task kernels");
      Deno.exitCode = 1;
    } else console.error("Checked src/kernels/modules.ts: it is what kernels/ gives");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
