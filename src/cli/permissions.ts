/**
 * Says with which flags Deno runs each sub-command: its permissions, and no more than it needs.
 *
 * The tasks of `deno.json` repeat this table, and the installed command and the npm package read
 * it. A test compares all of them.
 *
 * @module
 */

const CONVERT = [
  "--v8-flags=--expose-gc",
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-ffi",
  "--allow-sys=hostname,statfs",
];

/** What works on files only, and asks DuckDB nothing. */
const FILES = [
  "--no-prompt",
  "--allow-read",
  "--allow-write",
  "--allow-sys=hostname,statfs",
];

/** The flags of `deno run` by sub-command. */
export const RUN_FLAGS: Readonly<Record<string, readonly string[]>> = {
  convert: CONVERT,
  checksum: CONVERT,
  shard: CONVERT,
  scatter: FILES,
  gather: ["--v8-flags=--expose-gc", ...FILES],
  sql: [
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-ffi",
    "--allow-sys=hostname,statfs",
    "--allow-env=HOME,XDG_STATE_HOME",
  ],
  report: CONVERT,
  inspect: ["--no-prompt", "--allow-read", "--allow-write", "--allow-ffi", "--allow-sys=hostname"],
  profile: [
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-run=cat,deno",
    "--allow-sys=hostname",
    "--allow-env=NODE_ENV",
  ],
  generate: ["--no-prompt", "--allow-read", "--allow-write", "--allow-sys=hostname,statfs"],
};

/** The flags for whatever names no sub-command of the table: `--help`, `--version`, `completion`. */
export const OTHER_FLAGS: readonly string[] = ["--no-prompt", "--allow-read"];
