/**
 * A small kept table for tests of what SQL may do to it.
 *
 * @module
 */
import { convert } from "../../mod.ts";
import type { SqlSession } from "../../src/query/sql_session.ts";
import { filePath, withFolder } from "./cli.ts";
import { run } from "./tools.ts";

const MATRIX = `CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\n1\t10\tA\tA\tG\tA\tA\n2\t5\tG\tG\tT\tT\tA\n`;

/** Gives a function a folder with a matrix `m.tsv` and its table `m.duckdb`. */
export async function withKeptTable(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
    await Deno.writeTextFile(input, MATRIX);
    await convert({ input, output: `${folder}/m.vcf`, database, threads: 0 });
    await use(await Deno.realPath(folder));
  });
}

/** Everything below a folder: names, where links lead, and hashes of what files hold. */
export async function snapshot(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isSymlink) found.push(`${name} -> ${await Deno.readLink(path)}`);
    else if (isDirectory) {
      found.push(`${name}/`, ...(await snapshot(path)).map((line) => `${name}/${line}`));
    } else {
      const hash = await crypto.subtle.digest("SHA-256", await Deno.readFile(path));
      found.push(`${name} ${new Uint8Array(hash).toHex()}`);
    }
  }
  return found.sort();
}

/** Names, sizes and times of the files of a folder: enough to see at which statement one changed. */
export async function glance(folder: string): Promise<string[]> {
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return await Promise.all(
    names.sort().map(async (name) => {
      const { size, mtime, ino } = await Deno.lstat(`${folder}/${name}`);
      return `${name} ${size} ${mtime?.getTime()} ${ino}`;
    }),
  );
}

/** Runs a statement, and reads its result to the end. */
export async function runToEnd(session: SqlSession, statement: string): Promise<void> {
  for await (const _ of (await session.run(statement)).chunks) { /* to its end */ }
}

/** Leaves a log with a change of a sample's name beside a table: its writer is killed. */
export async function plantLog(database: string): Promise<void> {
  const program = `
import { DuckDBInstance } from "@duckdb/node-api";
const connection = await (await DuckDBInstance.create(${JSON.stringify(database)})).connect();
await connection.run("UPDATE samples SET sample = 'changed' WHERE ordinal = 0");
Deno.kill(Deno.pid, "SIGKILL");`;
  await run(
    Deno.execPath(),
    ["run", "-A", "--quiet", "--config", filePath("deno.json"), "-"],
    program,
  );
}
