/**
 * Sends the SQL shell's results to standard output, or to a file.
 *
 * @module
 */
import { InputError, MachineError } from "../base/errors.ts";
import { type ByteSink, writeAll as writeAllBytes } from "../base/files.ts";
import { writeError } from "../base/write_error.ts";

/** A receiver of results. */
export interface ShellOutput {
  /** True where a terminal shows them. */
  terminal: boolean;
  /** Characters of a line. */
  readonly width: number;
  /** Writes all of a text. */
  write(text: string): Promise<void>;
  /** Writes all of some bytes, which may change afterwards. */
  writeBytes(bytes: Uint8Array): Promise<void>;
  /** Closes the file, if it is one. */
  close(): void;
}

/** Characters of a line where no terminal shows it. */
const DEFAULT_WIDTH = 80;
const encoder = new TextEncoder();

/** Returns standard output as a receiver of results. */
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
    write: (text) => writeAll(Deno.stdout, encoder.encode(text), "-"),
    writeBytes: (bytes) => writeAll(Deno.stdout, bytes, "-"),
    close() {},
  };
}

/**
 * Returns a new file as a receiver of results.
 *
 * @throws {InputError} It cannot be written.
 */
export function fileOutput(path: string): ShellOutput {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    const failed = writeError(error, path, false);
    if (failed instanceof MachineError) throw failed;
    throw new InputError(`the file cannot be written (${(error as Error).message})`, {
      file: path,
    });
  }
  return {
    terminal: false,
    width: DEFAULT_WIDTH,
    write: (text) => writeAll(file, encoder.encode(text), path),
    writeBytes: (bytes) => writeAll(file, bytes, path),
    close: () => file.close(),
  };
}

/** Writes all of some bytes; an error names the file. */
async function writeAll(to: ByteSink, bytes: Uint8Array, path: string): Promise<void> {
  try {
    await writeAllBytes(to, bytes);
  } catch (error) {
    throw writeError(error, path);
  }
}
