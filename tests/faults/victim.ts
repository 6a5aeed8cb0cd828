/**
 * Conversions in processes of their own, to be stopped, killed and looked at.
 *
 * @module
 */
import { generateMatrix, type GenerateOptions } from "../../src/generate/generate.ts";
import { listing, startCli } from "../helpers/cli.ts";

/** A run of the command line that says where it is. */
export class Victim {
  readonly #child: Deno.ChildProcess;
  #stderr = "";
  #phase = "start";
  #running = true;
  readonly begun = performance.now();
  /** Milliseconds since the beginning at which each phase began. */
  readonly phases: Record<string, number> = {};
  /** What it ended with. */
  readonly ended: Promise<{ code: number; stderr: string; milliseconds: number }>;

  constructor(args: string[], folder: string) {
    this.#child = startCli([...args, "--progress", "plain"], folder);
    this.#child.stdin.close();
    this.ended = this.#watch();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The phase that it has told last; `end` once it is gone. */
  get phase(): string {
    return this.#running ? this.#phase : "end";
  }

  /** Sends a signal; nothing happens where it is gone already. */
  signal(name: Deno.Signal): void {
    try {
      this.#child.kill(name);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Waits until it has come to a phase, or ended. */
  async reaches(phase: string): Promise<void> {
    while (this.#running && !(phase in this.phases)) await pause(1);
  }

  async #watch() {
    const read = async () => {
      const decoder = new TextDecoder();
      for await (const bytes of this.#child.stderr) {
        this.#stderr += decoder.decode(bytes, { stream: true });
        for (const [, phase] of this.#stderr.matchAll(/^(\w+) \d+% \d+ rows/gm)) {
          this.#phase = phase;
          this.phases[phase] ??= performance.now() - this.begun;
        }
      }
    };
    const [{ code }] = await Promise.all([
      this.#child.status,
      read(),
      this.#child.stdout.cancel(),
    ]);
    this.#running = false;
    return { code, stderr: this.#stderr, milliseconds: performance.now() - this.begun };
  }
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Writes a matrix of `generate`. */
export function layMatrix(path: string, options: Partial<GenerateOptions>): void {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (const block of generateMatrix(options)) {
    for (let at = 0; at < block.length;) at += file.writeSync(block.subarray(at));
  }
}

/** Hashes of all files below a folder, by name. */
export async function hashes(folder: string): Promise<Record<string, string>> {
  const files = (await listing(folder)).filter((name) => !name.endsWith("/"));
  const found = files.map(async (name) => [name, await hash(`${folder}/${name}`)]);
  return Object.fromEntries(await Promise.all(found));
}

/** The hash of a file; empty where there is none. */
export async function hash(path: string): Promise<string> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  if (bytes === undefined) return "";
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
