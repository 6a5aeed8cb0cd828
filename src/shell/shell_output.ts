/**
 * Where the SQL shell's results go: standard output, or a file.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";

/** A place for results. */
export interface ShellOutput {
  /** Is a terminal to show them? */
  terminal: boolean;
  /** Characters of a line. */
  readonly width: number;
  /** Write text, all of it. */
  write(text: string): Promise<void>;
  /** Nothing more comes. */
  close(): void;
}

/** Width of a table that no terminal shows. */
const DEFAULT_WIDTH = 80;
const encoder = new TextEncoder();

/** Standard output. */
export function standardOutput(): ShellOutput {
  return {
    terminal: Deno.stdout.isTerminal(),
    get width() {
      if (!Deno.stdout.isTerminal()) return DEFAULT_WIDTH;
      try {
        return Deno.consoleSize().columns || DEFAULT_WIDTH;
      } catch {
        return DEFAULT_WIDTH;
      }
    },
    write: (text) => writeAll(Deno.stdout, text),
    close() {},
  };
}

/**
 * A file, made anew.
 *
 * @throws {InputError} It cannot be written.
 */
export function fileOutput(path: string): ShellOutput {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new InputError(`the file cannot be written (${(error as Error).message})`, {
      file: path,
    });
  }
  return {
    terminal: false,
    width: DEFAULT_WIDTH,
    write: (text) => writeAll(file, text),
    close: () => file.close(),
  };
}

/** A single call may write less than it was given, to a pipe above all. */
async function writeAll(
  to: { write(bytes: Uint8Array): Promise<number> },
  text: string,
): Promise<void> {
  const bytes = encoder.encode(text);
  for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
}
