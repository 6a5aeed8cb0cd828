/**
 * Names the formats of a result, apart from the code that writes them, as help needs no DuckDB.
 *
 * @module
 */

export const RESULT_FORMATS = ["box", "csv", "tsv", "json", "markdown"] as const;

/** The format of a result. */
export type Format = typeof RESULT_FORMATS[number];
