/**
 * Puts bad rows aside, in a file of their own beside the output.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import { writing } from "../base/write_error.ts";
import type { ProblemRecord } from "./row_producer.ts";

/** Returns the path of the file for the bad rows of a run. */
export function rejectsPath(input: string, output: string): string {
  if (output !== "-") return `${output}.rejects.tsv`;
  return `${input === "-" ? "stdin" : input.split("/").at(-1)}.rejects.tsv`;
}

/** First line of a rejects file. */
export const REJECTS_HEADER = "#line\treason\trow\n";

/** A writer of line, reason and row of each bad row; the row has TABs of its own. */
export class Rejects implements Disposable {
  /** Number of rows written. */
  count = 0;
  #file: Deno.FsFile | undefined;

  /** @param path The file, which is made with the first row. The caller publishes it. */
  constructor(private readonly path: string) {}

  /** Puts a row aside. */
  add(line: number, { column, detail, row = "" }: ProblemRecord): void {
    const reason = column === undefined ? detail : `${printable(column)}: ${detail}`;
    this.write(String(line), reason, row);
  }

  /** Puts a row aside whose line and reason are texts already. */
  write(line: string, reason: string, row: string): void {
    writing(this.path, () => {
      if (!this.#file) {
        this.#file = Deno.openSync(this.path, { write: true, create: true, truncate: true });
        this.#write(REJECTS_HEADER);
      }
      this.#write(`${line}\t${reason}\t${row}\n`);
    });
    this.count++;
  }

  /** Forgets all rows; the next one starts the file anew. */
  clear(): void {
    this[Symbol.dispose]();
    this.count = 0;
  }

  #write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += this.#file!.writeSync(bytes.subarray(at));
  }

  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}
