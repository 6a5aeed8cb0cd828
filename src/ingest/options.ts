/**
 * What the first half of a conversion, up to the table, is asked.
 *
 * @module
 */

/** What decides what a table holds: a kept one is reused only where all of these are the same. */
export interface TableOptions {
  header?: string;
  samples?: string;
  ploidy: "auto" | 1 | 2;
  missing: readonly string[];
  gap: "missing" | "star" | "error";
  iupac: "error" | "missing" | "split";
  onBadRow: "error" | "skip";
}

/** What they are where nobody says. */
export const TABLE_DEFAULTS: Readonly<TableOptions> = {
  ploidy: "auto",
  missing: [],
  gap: "missing",
  iupac: "error",
  onBadRow: "error",
};

/** Their names on the command line, in the order in which they are named in messages. */
export const TABLE_FLAGS: Readonly<Record<keyof TableOptions, string>> = {
  header: "--header",
  samples: "--samples",
  ploidy: "--ploidy",
  missing: "--missing",
  gap: "--gap",
  iupac: "--iupac",
  onBadRow: "--on-bad-row",
};

/** What the first half is asked; the meanings are those of `ConvertRequest`. */
export interface IngestOptions extends TableOptions {
  input: string;
  /** In its place, which `-` then stands for. */
  inputStream?: ReadableStream<Uint8Array>;
  database?: string;
  verifyInput: boolean;
  threads: number;
  /** Bytes of the whole process. */
  memory: number;
  signal?: AbortSignal;
  onNote: (line: string) => void;
}
