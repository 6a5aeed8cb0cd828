/**
 * Defines the sub-command `generate`, which writes a synthetic genome matrix.
 *
 * @module
 */

import { dirname, resolve } from "node:path";
import { Command } from "commander";
import { requireOutput } from "./arguments.ts";
import { InputError, UsageError } from "../base/errors.ts";
import {
  DEFAULT_GENERATE_OPTIONS,
  generatedHeader,
  generateMatrix,
  type GenerateOptions,
} from "../generate/generate.ts";
import { isCompressedName, isStream, outputName, refuseDamagedName } from "../base/files.ts";
import { interruptible } from "../base/interruptible.ts";
import { Turns } from "../base/turns.ts";
import { writeError } from "../base/write_error.ts";
import { checkOutputs, checkWritable, type FinishedFile } from "../output/output_file.ts";
import { Publication } from "../output/publication.ts";
import { WorkFolder } from "../base/work_folder.ts";

/**
 * Flags as commander gives them: every option but the one that `--header` implies, and two paths.
 */
interface Flags extends Omit<GenerateOptions, "headerApart"> {
  output?: string;
  header?: string;
}

/**
 * Returns the sub-command `generate`, to be added to a program. It throws and never ends the
 * process: {@linkcode UsageError} for values out of range, commander's own `CommanderError` for
 * unknown flags and for `--help`.
 *
 * @param signal Ends it early; no file is left then.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateCommand } from "./generate_command.ts";
 * assert(generateCommand(new AbortController().signal).name() === "generate");
 * ```
 */
export function generateCommand(signal: AbortSignal): Command {
  const defaults = DEFAULT_GENERATE_OPTIONS;
  return new Command("generate")
    .description("Write a synthetic genome matrix: the same bytes for the same flags.")
    .exitOverride()
    .option("-o, --output <file>", "file to write; - for standard output")
    .option("--header <file>", "write the header line there and leave it out of the matrix")
    .option("--rows <n>", "rows", toNumber("rows"), defaults.rows)
    .option(
      "--samples <n>",
      "samples, haploid ones included",
      toNumber("samples"),
      defaults.samples,
    )
    .option("--haploid <n>", "how many samples are haploid", toNumber("haploid"), defaults.haploid)
    .option("--chromosomes <n>", "chromosomes", toNumber("chromosomes"), defaults.chromosomes)
    .option("--missing <share>", "share of missing cells", toNumber("missing"), defaults.missing)
    .option("--indels <share>", "share of indel sites", toNumber("indels"), defaults.indels)
    .option(
      "--multiallelic <share>",
      "share of sites with two or three ALT alleles",
      toNumber("multiallelic"),
      defaults.multiallelic,
    )
    .option("--shuffle", "write the rows in random order", defaults.shuffle)
    .option("--scatter", "scatter the columns of a pair over the file", defaults.scatter)
    .option("--no-scatter", "keep the columns of a pair together")
    .option("--seed <n>", "seed of the random numbers", toNumber("seed"), defaults.seed)
    .action(({ output, ...flags }: Flags, command: Command) => {
      requireOutput(output, command);
      return write(output, flags, signal);
    });
}

/** Returns a parser of a flag's number; the generator checks the range. */
function toNumber(flag: string): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? NaN : Number(text);
    if (Number.isNaN(value)) throw new UsageError(`--${flag} must be a number: '${text}'`);
    return value;
  };
}

/** Writes both files. The header file appears when the matrix is complete, and the matrix last. */
async function write(
  given: string,
  { header, ...rest }: Omit<Flags, "output">,
  signal: AbortSignal,
): Promise<void> {
  const output = outputName(given);
  for (const name of [output, header ?? ""]) refuseDamagedName(name);
  if (header !== undefined && resolve(header) === resolve(output)) {
    throw new UsageError(`--header and --output are the same: ${output}`);
  }
  if (isCompressedName(output)) {
    throw new UsageError(`what is generated is plain text; write it with -o - | bgzip > ${output}`);
  }
  const options = { ...rest, headerApart: header !== undefined };
  const matrix = generateMatrix(options);
  const names = [output, header];
  checkOutputs(names, [], []);
  checkWritable(names);
  const publication = new Publication(names);
  using work = new WorkFolder(dirname(output));
  const files = await make(output, work, "matrix", async (sink) => {
    const turns = new Turns();
    for (const block of matrix) {
      writeAll(sink, block);
      await turns.take(signal);
    }
  }, signal);
  if (header !== undefined) {
    const line = new TextEncoder().encode(generatedHeader(options) + "\n");
    files.unshift(...await make(header, work, "header", (sink) => writeAll(sink, line), signal));
  }
  await publication.publish(files);
}

/** A file or standard output. */
type Sink = { writeSync(bytes: Uint8Array): number };
type Fill = (sink: Sink) => void | Promise<void>;

/** Makes a file beside `path`; standard output and devices are filled at once, and give no file. */
async function make(
  path: string,
  work: WorkFolder,
  name: string,
  fill: Fill,
  signal: AbortSignal,
): Promise<FinishedFile[]> {
  if (path === "-" || isStream(path)) {
    try {
      await (path === "-" ? fill(Deno.stdout) : fillFile(path, fill, signal));
      return [];
    } catch (error) {
      throw writeError(error, path);
    }
  }
  const from = work.beside(path, name);
  try {
    await fillFile(from, fill, signal);
    return [{ path, from }];
  } catch (error) {
    if (!(error instanceof Deno.errors.PermissionDenied)) throw writeError(error, path);
    throw new InputError("nothing can be written there: permission denied", { file: path });
  }
}

async function fillFile(path: string, fill: Fill, signal: AbortSignal): Promise<void> {
  // A named pipe that nobody reads yet is waited for.
  using file = await interruptible(
    Deno.open(path, { write: true, create: true, truncate: true }),
    signal,
  );
  await fill(file);
}

/** Writes all bytes; a single call may write less, above all to a pipe. */
function writeAll(sink: Sink, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += sink.writeSync(bytes.subarray(done));
}
