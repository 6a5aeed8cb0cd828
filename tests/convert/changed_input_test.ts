/**
 * An input that does not stay what it was: while it is read, between two conversions with one kept
 * table, and NULs between the members of a gzip file. Nothing may be lost without a word.
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { utimesSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { convert, type ConvertRequest } from "../../mod.ts";
import { compressBlocks, EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import { cli, listing, type RunningCli, startCli, withFolder } from "../helpers/cli.ts";

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n";

/** Rows whose alleles differ from row to row. */
function matrix(rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) =>
      `chr${1 + Math.floor(row * 3 / rows)}\t${row + 1}\tA\t${"ACGT"[row % 4]}\t${"ACGT"[row % 3]}`,
  );
  return `${HEADER}${lines.join("\n")}\n`;
}

/** Offset of a thread of a process in a file that it has open; undefined if it has not. */
function offsetIn(pid: number, path: string): number | undefined {
  try {
    for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
      if (linkTarget(`/proc/${pid}/fd/${name}`) !== path) continue;
      const [, offset] = /pos:\s*(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/fdinfo/${name}`))!;
      return Number(offset);
    }
  } catch { /* it is gone */ }
}

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}

/** Runs a conversion, stops it in the middle of the input, changes the input, and lets it go on. */
async function convertMeanwhile(
  args: string[],
  input: string,
  change: () => void,
): Promise<{ code: number; stderr: string }> {
  const { size } = await Deno.stat(input), folder = dirname(input);
  let changed = false;
  const meanwhile = async (run: RunningCli) => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 1));
    while (run.running && !run.stderr().includes("ingest")) await pause();
    for (let turn = 0; run.running && !changed; turn++) {
      // What ends the run is heard of now and then.
      if (turn % 100 === 99) await pause();
      // A kept table remembers the end of its input, which is read first of all.
      const offset = offsetIn(run.pid, input) ?? 0;
      if (offset < size / 8 || offset >= size) continue;
      Deno.kill(run.pid, "SIGSTOP");
      // A run that has read all of it already is let go, and another one started.
      changed = (offsetIn(run.pid, input) ?? size) < size;
      if (changed) change();
      Deno.kill(run.pid, "SIGCONT");
      if (!changed) return;
    }
  };
  const command = ["convert", input, ...args, "--progress", "plain"];
  for (let attempt = 0; attempt < 10; attempt++) {
    const { code, stderr } = await cli(command, { meanwhile });
    if (changed) return { code, stderr };
    for (const name of await listing(folder)) {
      if (`${folder}/${name}` !== input) await Deno.remove(`${folder}/${name}`);
    }
  }
  throw new Error("the input was read before it could be changed, ten times");
}

const text = matrix(300_000);
const plain = Buffer.from(text), packed = gzipSync(text, { level: 1 });

const CHANGES: { name: string; change: (path: string, bytes: Uint8Array) => void }[] = [
  {
    name: "cut at a line end",
    change: (path, bytes) => Deno.truncateSync(path, bytes.lastIndexOf(10, bytes.length / 2) + 1),
  },
  {
    name: "cut inside a line",
    change: (path, bytes) => Deno.truncateSync(path, bytes.lastIndexOf(10, bytes.length / 2) + 4),
  },
  { name: "cut to nothing", change: (path) => Deno.truncateSync(path, 0) },
  {
    name: "grown",
    change: (path, bytes) => Deno.writeFileSync(path, bytes.subarray(-1000), { append: true }),
  },
  { name: "edited in place", change: (path) => edit(path, 0.9) },
  {
    name: "edited in place and its time set back",
    change: (path) => {
      const { atime, mtime } = Deno.statSync(path);
      edit(path, 0.9);
      utimesSync(path, atime!, mtime!);
    },
  },
  {
    name: "replaced",
    change: (path) => {
      Deno.writeFileSync(
        `${path}.new`,
        path.endsWith(".gz") ? gzipSync(matrix(9)) : Buffer.from(matrix(9)),
      );
      Deno.renameSync(`${path}.new`, path);
    },
  },
  { name: "deleted", change: (path) => Deno.removeSync(path) },
];

function nextSecond(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1020 - Date.now() % 1000));
}

/** Changes one byte of a file. */
function edit(path: string, share: number): void {
  using file = Deno.openSync(path, { read: true, write: true });
  const at = Math.floor(file.statSync().size * share), byte = new Uint8Array(1);
  file.seekSync(at, Deno.SeekMode.Start);
  file.readSync(byte);
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(byte.map((before) => before ^ 1));
}

for (const { name, change } of CHANGES) {
  for (const [kind, bytes] of [["m.tsv", plain], ["m.tsv.gz", packed]] as const) {
    for (const kept of [false, true]) {
      Deno.test({
        name: `${kind} that is ${name} while it is read${kept ? ", with a kept table" : ""}`,
        ignore: Deno.build.os !== "linux",
        fn: () =>
          withFolder(async (folder) => {
            const input = `${folder}/${kind}`, output = `${folder}/o.vcf`;
            await Deno.writeFile(input, bytes);
            // Deno tells the time of the last change in seconds: the change comes in a later one.
            if (name.includes("set back")) await nextSecond();
            const args = ["-o", output, "--threads", kept ? "1" : "2"];
            if (kept) args.push("--database", `${folder}/k.duckdb`);
            const { code, stderr } = await convertMeanwhile(
              args,
              input,
              () => change(input, bytes),
            );
            assert.equal(code, 1, stderr);
            assert.match(stderr, /^error: \S*m\.tsv\S*: the file changed while it was read/m);
            const left = (await listing(folder)).filter((file) => file !== kind);
            assert.deepEqual(left, []);
          }),
      });
    }
  }
}

/** BGZF blocks of a text, without the end marker. */
function blocks(part: string): Uint8Array {
  return compressBlocks(new TextEncoder().encode(part), 5).bytes;
}

for (const nuls of [1, 512, 65_536, 300_000]) {
  const first = matrix(1000), second = matrix(3000).slice(HEADER.length);
  const NUL = new Uint8Array(nuls);
  const FILES: { name: string; parts: Uint8Array[]; rows?: number; error?: RegExp }[] = [
    {
      name: "between members",
      parts: [gzipSync(first), NUL, gzipSync(second)],
      error: /is damaged: NUL bytes from byte \d+ on, and data again at byte \d+/,
    },
    { name: "at the end", parts: [gzipSync(first), gzipSync(second), NUL], rows: 4000 },
    { name: "before the first member", parts: [NUL, gzipSync(first)], error: /is binary/ },
    {
      name: "between BGZF blocks",
      parts: [blocks(first), NUL, blocks(second), EOF_BLOCK],
      error: /is damaged: NUL bytes/,
    },
    { name: "after BGZF", parts: [blocks(first), blocks(second), EOF_BLOCK, NUL], rows: 4000 },
    {
      name: "instead of BGZF's end marker",
      parts: [blocks(first), blocks(second), NUL],
      error: /no end marker/,
    },
    {
      name: "before BGZF's end marker",
      parts: [blocks(first), NUL, EOF_BLOCK],
      error: /is damaged: NUL bytes/,
    },
  ];
  for (const { name, parts, rows, error } of FILES) {
    for (const threads of [0, nuls > 65_536 ? 2 : 1]) {
      Deno.test(`${nuls} NULs ${name}, ${threads} threads`, () =>
        withFolder(async (folder) => {
          const request = { input: `${folder}/m.tsv.gz`, output: `${folder}/o.vcf`, threads };
          await Deno.writeFile(request.input, Buffer.concat(parts));
          if (error) return await assert.rejects(convert(request), { message: error });
          assert.equal((await convert(request)).records, rows);
        }));
    }
  }
}

/** Converts a few rows with a kept table; says whether it was there already. */
async function reused(request: Partial<ConvertRequest>, folder: string): Promise<boolean> {
  const report = await convert({
    input: `${folder}/m.tsv`,
    output: `${folder}/o.vcf`,
    database: `${folder}/k.duckdb`,
    regions: "chr1:1-9",
    threads: 2,
    ...request,
  });
  return report.reused;
}

/** The input of a kept table, of several segments and longer than the ends that are hashed. */
const long = matrix(130_000);

for (const kind of ["m.tsv", "m.tsv.gz"]) {
  const write = (path: string) =>
    Deno.writeFileSync(
      path,
      kind.endsWith(".gz") ? gzipSync(long, { level: 0 }) : Buffer.from(long),
    );
  const made = (use: (folder: string, input: string) => Promise<void>, threads = 2) =>
    withFolder(async (folder) => {
      const input = `${folder}/${kind}`;
      write(input);
      assert.equal(await reused({ input, threads }, folder), false);
      await use(folder, input);
    });

  Deno.test(`a kept table of ${kind} that was edited in the middle, its time set back, is refused`, () =>
    made(async (folder, input) => {
      const { atime, mtime } = Deno.statSync(input);
      edit(input, 0.5);
      utimesSync(input, atime!, mtime!);
      const different = {
        message: /k\.duckdb: the database was made differently: the input \(its content\)/,
      };
      await assert.rejects(reused({ input }, folder), different);
      await assert.rejects(reused({ input, verifyInput: true }, folder), different);
    }));

  for (const threads of [0, 2]) {
    Deno.test(`a kept table of ${kind} that was only moved, copied or chmodded is reused, ${threads} threads`, () =>
      made(async (folder, input) => {
        assert.equal(await reused({ input }, folder), true);
        assert.equal(await reused({ input, verifyInput: true }, folder), true);
        Deno.chmodSync(input, 0o600);
        assert.equal(await reused({ input }, folder), true);
        Deno.copyFileSync(input, `${folder}/copy-${kind}`);
        assert.equal(await reused({ input: `${folder}/copy-${kind}` }, folder), true);
        Deno.renameSync(input, `${folder}/moved-${kind}`);
        assert.equal(await reused({ input: `${folder}/moved-${kind}` }, folder), true);
      }, threads));
  }
}

Deno.test("a kept table of standard input, which has no times, is compared whole", () =>
  withFolder(async (folder) => {
    const args = [
      "convert",
      "-",
      "-o",
      `${folder}/o.vcf`,
      "--database",
      `${folder}/k.duckdb`,
      "--quiet",
    ];
    const run = async (bytes: Uint8Array) => {
      const child = startCli(args);
      const writer = child.stdin.getWriter();
      await writer.write(bytes);
      await writer.close();
      const { code, stderr } = await child.output();
      return { code, stderr: new TextDecoder().decode(stderr) };
    };
    const bytes = new TextEncoder().encode(long);
    assert.deepEqual(await run(bytes), { code: 0, stderr: "" });
    assert.deepEqual(await run(bytes), { code: 0, stderr: "" });
    const middle = bytes.indexOf(65, bytes.length >> 1);
    const { code, stderr } = await run(bytes.with(middle, 67));
    assert.equal(code, 1);
    assert.match(stderr, /made differently: the input \(its content\)/);
  }));
