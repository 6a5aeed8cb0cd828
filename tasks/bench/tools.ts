/**
 * Finds the programs that peers need, and describes this machine.
 *
 * @module
 */

import { cpus } from "node:os";
import { runCommand } from "./command.ts";
import type { Tool, Tools } from "./plan.ts";

/** Flags that make each program print its version. */
const VERSION_FLAGS: Readonly<Record<Exclude<Tool, "pandas">, string[]>> = {
  "mawk": ["-W", "version"],
  "bcftools": ["--version"],
  "bgzip": ["--version"],
  "plink1.9": ["--version"],
  "gcc": ["--version"],
};

const PANDAS_VERSION = "import sys, pandas; print('pandas', pandas.__version__, 'on Python', " +
  "sys.version.split()[0])";

/** The machine that the benchmark runs on. */
export interface Machine {
  cpu: string;
  cores: number;
  /** MiB. */
  memory: number;
  /** Load of the last minute before the benchmark, in processes: others' work is noise. */
  load: number;
  /** First line that each program says about its version. */
  versions: Partial<Record<Tool | "deno", string>>;
}

/** Finds the programs that are installed. */
export async function findTools(): Promise<Tools> {
  const tools: Partial<Record<Tool, string>> = {};
  for (const name of Object.keys(VERSION_FLAGS) as Tool[]) tools[name] = which(name);
  tools.pandas = await findPandas();
  return tools;
}

/** Describes the machine and its programs. */
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

/**
 * Finds a Python with pandas; Debian's pandas needs Debian's Python, which may be behind another.
 */
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
