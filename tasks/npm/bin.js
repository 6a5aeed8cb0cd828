#!/usr/bin/env node
// Starts matrix2vcf on the `deno` package, each sub-command with the permissions that it needs.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const RUN_FLAGS = {}; // deno task package puts src/cli/permissions.ts here.
const OTHER_FLAGS = [];

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/** Returns the executable of the package `deno`; where install scripts are off, it is not unpacked. */
function denoPath() {
  const manifest = require.resolve("deno/package.json");
  const path = join(dirname(manifest), process.platform === "win32" ? "deno.exe" : "deno");
  return existsSync(path) ? path : require("deno/install_api.cjs").runInstall();
}

const deno = denoPath(), args = process.argv.slice(2);
const flags = Object.hasOwn(RUN_FLAGS, args[0] ?? "") ? RUN_FLAGS[args[0]] : OTHER_FLAGS;
const child = spawn(deno, ["run", ...flags, join(here, "dist/src/main.js"), ...args], {
  stdio: "inherit",
  env: {
    ...process.env,
    // What Deno caches goes with the package when the package goes.
    DENO_DIR: process.env.DENO_DIR ?? join(here, "cache"),
    DENO_NO_UPDATE_CHECK: "1",
    // `profile` starts deno by its name.
    PATH: dirname(deno) + delimiter + process.env.PATH,
  },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("error", (error) => {
  console.error(`error: ${deno} cannot be started: ${error.message}`);
  process.exitCode = 1;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
