/**
 * Disks that fill up, files that may not become larger, and folders that are gone: one line that names
 * the file, exit code 3, and nothing left.
 */
import assert from "node:assert/strict";
import { convert, type ConvertRequest, MachineError } from "../../mod.ts";
import { cliInShell, type CliResult, listing, withFolder } from "../helpers/cli.ts";
import { succeeds } from "../helpers/tools.ts";

const ROWS = 60_000;

function matrix(): string {
  const row = (i: number) => `1\t${i + 1}\tA\t${"ACGT"[(i * 7) % 4]}\t${"AG"[(i >> 3) % 2]}\n`;
  return `CHROM\tPOS\tREF\t1a\t1b\n${Array.from({ length: ROWS }, (_, i) => row(i)).join("")}`;
}

/** A matrix in which every other row is bad. */
function badMatrix(): string {
  return matrix().replaceAll("\t0\t", "\t").replaceAll(/(\d*[13579])\tA\t/g, "$1\tnone\t");
}

interface Case {
  what: string;
  /** Size of the disk, as `mount` has it; without one, the files' limit in KiB. */
  disk?: string;
  limit?: number;
  /** The whole line of the shell; `"$@"` is the program. */
  script: string;
  error: RegExp;
}

const NO_ROOM =
  "no space left on the disk \\(\\d[\\d.]* (bytes|MB) of [\\d.]+ (bytes|MB) are free\\); " +
  "free some, or write elsewhere";
const TOO_LARGE = "a file may not become larger; raise ulimit -f, or write to another file system";

const CASES: Case[] = [
  {
    what: "the temporary table",
    disk: "300k",
    script: '"$@" convert m.tsv -o disk/o.vcf --quiet',
    error: /^error: disk: the temporary table in this folder cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the database",
    disk: "300k",
    script: '"$@" convert m.tsv -o o.vcf --database disk/t.duckdb --quiet',
    error: /^error: disk\/t\.duckdb: the database cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the copy of standard input",
    disk: "300k",
    script: '"$@" convert - -o disk/o.vcf --quiet < m.tsv',
    error: /^error: disk: the copy of the input in this folder cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the output of a kept table",
    disk: "300k",
    script: '"$@" convert t.duckdb -o disk/o.vcf --quiet',
    error: /^error: disk\/o\.vcf: the output cannot be written: NO_ROOM\n$/,
  },
  {
    what: "a compressed output of a kept table",
    disk: "64k",
    script: '"$@" convert t.duckdb -o disk/o.vcf.gz --quiet',
    error: /^error: disk\/o\.vcf\.gz: the output cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the rows of a view",
    disk: "300k",
    script: '"$@" convert t.duckdb --temp-dir disk -o o.parquet --quiet',
    error: /^error: disk: the rows of the view in this folder cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the text of a view",
    disk: "2300k",
    script: '"$@" convert t.duckdb --temp-dir disk --format sites -o o.tsv.gz --quiet',
    error: /^error: disk: the text of the view in this folder cannot be written: NO_ROOM\n$/,
  },
  {
    what: "Parquet",
    disk: "64k",
    script: '"$@" convert t.duckdb --temp-dir . -o disk/o.parquet --quiet',
    error: /^error: disk\/o\.parquet: the output cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the text of a view as BGZF",
    disk: "64k",
    script: '"$@" convert t.duckdb --temp-dir . --format sites -o disk/o.tsv.gz --quiet',
    error: /^error: disk\/o\.tsv\.gz: the output cannot be written: NO_ROOM\n$/,
  },
  {
    what: "a view on standard output",
    script: '"$@" convert t.duckdb --format sites -o - --quiet > /dev/full',
    error: /^error: -: the output cannot be written: no space left on the disk; free some, .*\n$/,
  },
  {
    what: "the rejects file of a kept table",
    disk: "300k",
    script: '"$@" convert bad.duckdb -o disk/o.vcf --on-bad-row skip --quiet',
    error:
      /^error: disk\/o\.vcf\.rejects\.tsv: the file for bad rows cannot be written: NO_ROOM\n$/,
  },
  {
    what: "the list of bad rows",
    disk: "300k",
    script: '"$@" convert bad.tsv -o disk/o.vcf --on-bad-row skip --quiet',
    error:
      /^error: disk(?:: the list of bad rows in this folder|\/o\.vcf\.rejects\.tsv: the file for bad rows|: the temporary table in this folder) cannot be written: NO_ROOM\n$/,
  },
  {
    what: "a generated matrix",
    disk: "300k",
    script: '"$@" generate --rows 50000 -o disk/g.tsv',
    error: /^error: disk\/g\.tsv: NO_ROOM\n$/,
  },
  {
    what: "the results of SQL",
    disk: "300k",
    script: "\"$@\" sql t.duckdb -c '.output disk/r.tsv' -c 'SELECT * FROM matrix' --format tsv",
    error: /^error: disk\/r\.tsv: NO_ROOM\n$/,
  },
  {
    what: "standard output",
    script: '"$@" convert m.tsv -o - --quiet > /dev/full',
    error: /^error: -: the output cannot be written: no space left on the disk; free some, .*\n$/,
  },
  {
    what: "the temporary table, under ulimit -f",
    limit: 300,
    script: '"$@" convert m.tsv -o disk/o.vcf --quiet',
    error: /^error: disk: the temporary table in this folder cannot be written: TOO_LARGE\n$/,
  },
  {
    what: "the output of a kept table, under ulimit -f",
    limit: 300,
    script: '"$@" convert t.duckdb -o disk/o.vcf --quiet',
    error: /^error: disk\/o\.vcf: the output cannot be written: TOO_LARGE\n$/,
  },
  {
    what: "the copy of standard input, under ulimit -f",
    limit: 300,
    script: '"$@" convert - -o disk/o.vcf --quiet < m.tsv',
    error: /^error: disk: the copy of the input in this folder cannot be written: TOO_LARGE\n$/,
  },
  {
    what: "a generated matrix, under ulimit -f",
    limit: 300,
    script: '"$@" generate --rows 50000 -o disk/g.tsv',
    error: /^error: disk\/g\.tsv: TOO_LARGE\n$/,
  },
];

/** Gives a function a folder with two matrices, a table of each, and a folder for the disk. */
async function withFiles(use: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const make = async (name: string, text: string, more: Partial<ConvertRequest>) => {
      await Deno.writeTextFile(`${folder}/${name}.tsv`, text);
      const database = `${folder}/${name === "m" ? "t" : name}.duckdb`;
      const output = `${folder}/${name}.vcf`;
      await convert({ input: `${folder}/${name}.tsv`, output, database, threads: 0, ...more });
      await Deno.remove(output);
    };
    await make("m", matrix(), {});
    await make("bad", badMatrix(), { onBadRow: "skip" });
    await Deno.remove(`${folder}/bad.vcf.rejects.tsv`);
    await Deno.mkdir(`${folder}/disk`);
    await use(folder);
  });
}

async function run({ disk, limit, script }: Case, folder: string): Promise<CliResult> {
  const place = `${folder}/disk`;
  if (disk !== undefined) {
    await succeeds("mount", ["-t", "tmpfs", "-o", `size=${disk}`, "tmpfs", place]);
  }
  try {
    // As the launcher does it: what Deno itself writes may pass the limit, too.
    const setUp = limit === undefined ? "" : `trap '' XFSZ; ulimit -f ${limit * 2}; `;
    const result = await cliInShell(setUp + script, [], folder);
    const left = (await listing(folder)).filter((name) => name !== "disk/r.tsv");
    assert.deepEqual(left, ["bad.duckdb", "bad.tsv", "disk/", "m.tsv", "t.duckdb"]);
    return result;
  } finally {
    if (disk !== undefined) await succeeds("umount", [place]);
  }
}

Deno.test("full disks and limits on files: the file is named, code 3, nothing is left", async (t) => {
  await withFiles(async (folder) => {
    for (const one of CASES) {
      await t.step(one.what, async (t) => {
        const probe = ["-t", "tmpfs", "-o", "size=64k", "tmpfs", `${folder}/disk`];
        if (one.disk && !await succeeds("mount", probe)) {
          await t.step({ name: "skipped: tmpfs cannot be mounted", ignore: true, fn: () => {} });
          return;
        }
        if (one.disk) await succeeds("umount", [`${folder}/disk`]);
        const { code, stderr } = await run(one, folder);
        const error = one.error.source.replace("NO_ROOM", NO_ROOM).replace("TOO_LARGE", TOO_LARGE);
        assert.match(stderr, new RegExp(error));
        assert.equal(code, 3);
      });
    }
  });
});

for (const phase of ["ingest", "convert"] as const) {
  for (const threads of [0, 2]) {
    Deno.test(`the output's folder is removed meanwhile: ${phase}, ${threads} threads`, () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/m.tsv`, matrix());
        await Deno.mkdir(`${folder}/out`);
        let removed = false;
        const run = convert({
          input: `${folder}/m.tsv`,
          output: `${folder}/out/o.vcf`,
          threads,
          onProgress(state) {
            if (removed || state.phase !== phase) return;
            removed = true;
            Deno.removeSync(`${folder}/out`, { recursive: true });
          },
        });
        await assert.rejects(run, (error) => {
          assert(error instanceof MachineError && error.code === "MACHINE");
          assert.equal(
            error.message,
            `${folder}/out: somebody removed or changed what the run had in this folder, or the ` +
              "folder; run again",
          );
          return true;
        });
        assert.deepEqual(await listing(folder), ["m.tsv"]);
      }));
  }
}

Deno.test("a stream for the output that fails is no bug of ours", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, matrix());
    const output = new WritableStream<Uint8Array>({
      write() {
        throw new Error("the bucket is full");
      },
    });
    await assert.rejects(convert({ input: `${folder}/m.tsv`, output, threads: 0 }), {
      code: "MACHINE",
      message: "the stream for the output failed: the bucket is full",
    });
  }));
