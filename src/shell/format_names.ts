/**
 * The formats of a result by name, apart from what writes them: help needs no DuckDB.
 *
 * @module
 */

/** The formats of a result. */
export const RESULT_FORMATS = ["box", "csv", "tsv", "json", "markdown"] as const;

/** The format of a result. */
export type Format = typeof RESULT_FORMATS[number];
