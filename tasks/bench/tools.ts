/**
 * Finds the programs that peers need, and what this machine is.
 *
 * @module
 */

import { cpus } from "node:os";
import { runCommand } from "./command.ts";
import type { Tool, Tools } from "./plan.ts";

/** How each program says its version. */
const VERSION_FLAGS: Readonly<Record<Exclude<Tool, "pandas">, string[]>> = {
  "mawk": ["-W", "version"],
  "bcftools": ["--version"],
  "bgzip": ["--version"],
  "plink1.9": ["--version"],
  "gcc": ["--version"],
};

const PANDAS_VERSION = "import sys, pandas; print('pandas', pandas.__version__, 'on Python', " +
  "sys.version.split()[0])";

/** Where the bench runs. */
export interface Machine {
  cpu: string;
  cores: number;
  /** MiB. */
  memory: number;
  /** Processes that wanted to run in the last minute, as the bench began: others' work is noise. */
  load: number;
  /** First line that each program says about its version. */
  versions: Partial<Record<Tool | "deno", string>>;
}

/** The programs that are installed. */
export async function findTools(): Promise<Tools> {
  const tools: Partial<Record<Tool, string>> = {};
  for (const name of Object.keys(VERSION_FLAGS) as Tool[]) tools[name] = which(name);
  tools.pandas = await findPandas();
  return tools;
}

/** What the machine and its programs are. */
export async function describeMachine(tools: Tools): Promise<Machine> {
  const versions: Machine["versions"] = { deno: `deno ${Deno.version.deno}` };
  for (const [name, path] of Object.entries(tools) as [Tool, string | undefined][]) {
    if (path !== undefined) versions[name] = await versionOf(name, path);
  }
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: navigator.hardwareConcurrency,
    memory: Math.round(Deno.systemMemoryInfo().total / 2 ** 20),
    load: Deno.loadavg()[0],
    versions,
  };
}

async function versionOf(name: Tool, path: string): Promise<string> {
  const flags = name === "pandas" ? ["-c", PANDAS_VERSION] : VERSION_FLAGS[name];
  try {
    return (await runCommand([path, ...flags], ".")).split("\n")[0].trim();
  } catch {
    return name;
  }
}

/** Debian's pandas belongs to Debian's Python, which need not be the first one on the PATH. */
async function findPandas(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      await runCommand([python, "-c", "import pandas"], ".");
      return python;
    } catch {
      continue;
    }
  }
}

function which(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  return folders.map((folder) => `${folder}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
