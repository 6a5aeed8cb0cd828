/**
 * Bad rows that are put aside, in a file of their own beside the output.
 *
 * @module
 */
import { printable } from "../base/text.ts";
import type { ProblemRecord } from "./row_producer.ts";

/** Where bad rows of a run go. */
export function rejectsPath(input: string, output: string): string {
  if (output !== "-") return `${output}.rejects.tsv`;
  return `${input === "-" ? "stdin" : input.split("/").at(-1)}.rejects.tsv`;
}

/** First line of the file. */
export const REJECTS_HEADER = "#line\treason\trow\n";

/** Writes line, reason and row for each bad row; the row has TABs of its own. */
export class Rejects implements Disposable {
  /** Rows written. */
  count = 0;
  #file: Deno.FsFile | undefined;

  /** @param path Where the file is made, with the first row. Publishing it is the caller's. */
  constructor(private readonly path: string) {}

  /** Put a row aside. */
  add(line: number, { column, detail, row = "" }: ProblemRecord): void {
    const reason = column === undefined ? detail : `${printable(column)}: ${detail}`;
    this.write(String(line), reason, row);
  }

  /** Put a row aside whose reason is worded already. */
  write(line: string, reason: string, row: string): void {
    if (!this.#file) {
      this.#file = Deno.openSync(this.path, { write: true, create: true, truncate: true });
      this.#write(REJECTS_HEADER);
    }
    this.#write(`${line}\t${reason}\t${row}\n`);
    this.count++;
  }

  /** Forget all rows. */
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
