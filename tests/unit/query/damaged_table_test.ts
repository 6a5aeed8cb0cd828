/** Damaged tables: each reader names the file, has a code, and never gives half of the rows in silence. */
import assert from "node:assert/strict";
import { convert, InputError, openMatrix } from "../../../mod.ts";
import { inspectDatabase } from "../../../src/inspect/inspect_database.ts";
import { cli, withFolder } from "../../helpers/cli.ts";

const ROWS = 60_000;
/** Bytes of a block of DuckDB, and of the headers before the first. */
const BLOCK = 262_144, HEADERS = 12_288;

async function rowsOf(path: string, read: "query" | "sites" | "genotypes"): Promise<number> {
  await using matrix = await openMatrix(path);
  const batches = read === "query"
    ? matrix.query('SELECT POS, "1a", "1b", "2a" FROM matrix')
    : matrix[read]();
  let rows = 0;
  for await (const batch of batches) rows += batch.length;
  return read === "genotypes" ? rows / 2 : rows;
}

const READERS: Record<string, (path: string, folder: string) => Promise<number>> = {
  query: (path) => rowsOf(path, "query"),
  sites: (path) => rowsOf(path, "sites"),
  convert: async (path, folder) =>
    (await convert({ input: path, output: `${folder}/x.vcf`, threads: 0 })).records,
  inspect: async (path) => (await inspectDatabase(path), ROWS),
};

Deno.test("a damaged table is an error with its name and a code, for all readers", () =>
  withFolder(async (folder) => {
    const row = (i: number) => {
      const [a, b] = [i * 2654435761 >>> 9, i * 40503 >>> 3];
      return `1\t${i + 1}\tA\t${"ACGT"[a % 4]}\t${"ACGT"[b % 4]}\t${"ACGT"[(a ^ b) % 4]}\tA\n`;
    };
    const rows = Array.from({ length: ROWS }, (_, i) => row(i)).join("");
    await Deno.writeTextFile(`${folder}/m.tsv`, `CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\n${rows}`);
    const good = `${folder}/good.duckdb`, path = `${folder}/t.duckdb`;
    await convert({
      input: `${folder}/m.tsv`,
      output: `${folder}/o.vcf`,
      database: good,
      threads: 0,
    });
    const bytes = await Deno.readFile(good), failed = new Map<string, number>();
    const damages = [
      () => bytes.slice(0, Math.floor(bytes.length / 2)),
      () => bytes.slice(0, 9000),
    ];
    for (let at = HEADERS + 5000; at < bytes.length; at += BLOCK) {
      damages.push(() => bytes.with(at, bytes[at] ^ 8));
    }
    for (const damage of damages) {
      await Deno.writeFile(path, damage());
      for (const [name, read] of Object.entries(READERS)) {
        try {
          assert.equal(await read(path, folder), ROWS, name);
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          assert.equal(error.code, "BAD_INPUT");
          assert.match(error.message, /\/t\.duckdb: .*(damaged|not a readable|cannot be opened)/);
          failed.set(name, (failed.get(name) ?? 0) + 1);
        }
      }
    }
    for (const name of Object.keys(READERS)) assert.ok(failed.get(name)! >= 2, name);
    // In the shell, the file is named, too.
    await Deno.writeFile(path, damages[2]());
    const shell = await cli(["sql", path, "-c", "SELECT * FROM matrix", "--format", "csv"]);
    assert.match(shell.stderr, /^error: .*\/t\.duckdb: /m);
    assert.equal(shell.code, 1);
  }));
