/**
 * Bad rows that are put aside, in a file of their own beside the output.
 *
 * @module
 */
import { printable } from "./errors.ts";
import type { ProblemRecord } from "./row_producer.ts";

/** Where bad rows of a run go. */
export function rejectsPath(input: string, output: string): string {
  if (output !== "-") return `${output}.rejects.tsv`;
  return `${input === "-" ? "stdin" : input.split("/").at(-1)}.rejects.tsv`;
}

/** Writes line, reason and row for each bad row; the row has TABs of its own. */
export class Rejects implements Disposable {
  /** Rows written. */
  count = 0;
  #file: Deno.FsFile | undefined;

  /**
   * @param path Where the file appears when the run is done; none appears without bad rows.
   * @param partial Where it is made.
   */
  constructor(readonly path: string, private readonly partial: string) {}

  /** Put a row aside. */
  add(line: number, { column, detail, row = "" }: ProblemRecord): void {
    if (!this.#file) {
      this.#file = Deno.openSync(this.partial, { write: true, create: true, truncate: true });
      this.#write("#line\treason\trow\n");
    }
    const reason = column === undefined ? detail : `${printable(column)}: ${detail}`;
    this.#write(`${line}\t${reason}\t${row}\n`);
    this.count++;
  }

  /** Forget all rows. */
  clear(): void {
    this.#close();
    this.count = 0;
  }

  /** Let the file appear, and an old one go. */
  publish(): void {
    this.#close();
    if (this.count > 0) {
      Deno.copyFileSync(this.partial, this.path);
      return;
    }
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += this.#file!.writeSync(bytes.subarray(at));
  }

  #close(): void {
    this.#file?.close();
    this.#file = undefined;
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
