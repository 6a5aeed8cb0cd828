/**
 * The formats of a result by name, apart from what writes them: help needs no DuckDB.
 *
 * @module
 */

/** The formats of a result. */
export const FORMATS = ["box", "csv", "tsv", "json", "markdown"] as const;

/** The format of a result. */
export type Format = typeof FORMATS[number];
