/**
 * Several runs that want the same names: each output is of one run, and a table is never another's.
 */

import assert from "node:assert/strict";
import { convert, type ConvertRequest } from "../../mod.ts";
import { InputError } from "../../src/base/errors.ts";
import { WorkFolder } from "../../src/base/work_folder.ts";
import { Database } from "../../src/table/database.ts";
import { pinTable } from "../../src/table/pinned_table.ts";
import { Publication } from "../../src/output/publication.ts";
import { cli, listing, startCli, withFolder } from "../helpers/cli.ts";
import {
  appears,
  layMatrices,
  makers,
  oneOutput,
  reuserAndMaker,
} from "../helpers/concurrent_runs.ts";

const HEADER = "CHROM\tPOS\tREF\t1a\t1b\n";
const ONE = `${HEADER}1\t5\tA\tA\tG\n`, OTHER = `${HEADER}1\t5\tA\tT\tG\n`;

Deno.test("runs at once: each has its own output, or one line", async (t) => {
  await withFolder(async (folder) => {
    const [a, b, d, e] = await layMatrices(folder, 2000, [16, 16, 9, 30]);
    for (const stopped of [false, true]) {
      await t.step(`one new database, ${stopped ? "stopped" : "running"}`, async () => {
        for (const three of [[a, b, a], [e, d, a]]) {
          const outcomes = await makers(three, stopped);
          assert.ok(outcomes.includes("own"), outcomes.join());
        }
      });
    }
    await t.step("one that reuses a table, and one that makes another of its name", async () => {
      for (const other of [b, e]) await reuserAndMaker(a, other);
    });
    await t.step("one output, index, rejects file and profile", async () => {
      await oneOutput(a, d);
      await oneOutput(e, b);
    });
  });
});

Deno.test("runs at once: large matrices, one new database, stopped", async () => {
  await withFolder(async (folder) => {
    const [a, b, c] = await layMatrices(folder, 15_000, [16, 16, 30]);
    assert.ok((await makers([a, b, c], true)).includes("own"));
  });
});

Deno.test("runs at once: to standard output, with one rejects file", async () => {
  await withFolder(async (folder) => {
    const runs = ["A", "C"].map((bad) => {
      const child = startCli(
        ["convert", "-", "-o", "-", "--on-bad-row", "skip", "--quiet"],
        folder,
      );
      const stdin = child.stdin.getWriter(), ended = child.output();
      const text = HEADER + "1\t5\tA\tA\tG\n".repeat(30_000) + `${bad}\n`;
      return { stdin, ended, written: stdin.write(new TextEncoder().encode(text)) };
    });
    // Both are under way: a pipe holds less than what they have read.
    for (const { written } of runs) await written;
    const codes: number[] = [];
    for (const { stdin, ended } of runs) {
      await stdin.close();
      const { code, stderr } = await ended;
      codes.push(code);
      const refusal = /^error: stdin\.rejects\.tsv: another run wrote this file meanwhile, .*\n$/;
      assert.match(new TextDecoder().decode(stderr), code === 0 ? /^$/ : refusal);
    }
    assert.deepEqual(codes, [0, 1]);
    assert.match(await Deno.readTextFile(`${folder}/stdin.rejects.tsv`), /\tA\n$/);
    assert.deepEqual(await listing(folder), ["stdin.rejects.tsv"]);
  });
});

Deno.test("runs at once: generate, one output and header", async () => {
  await withFolder(async (folder) => {
    const args = ["generate", "-o", "m.tsv", "--header", "h.txt", "--rows", "400000"];
    const early = startCli([...args, "--scatter"], folder), ended = early.output();
    await early.stdin.close();
    await appears(folder, (name) => name.startsWith(".matrix2vcf-"));
    early.kill("SIGSTOP");
    assert.equal((await cli([...args, "--no-scatter"], { cwd: folder })).code, 0);
    early.kill("SIGCONT");
    const { code, stderr } = await ended;
    assert.equal(code, 1);
    const refusal = /^error: [^\n]*another run wrote this file[^\n]*\n$/;
    assert.match(new TextDecoder().decode(stderr), refusal);
    const header = await Deno.readTextFile(`${folder}/h.txt`);
    assert.ok(header.includes("\t1a\t1b\t2a\t2b\t"), header);
    assert.deepEqual(await listing(folder), ["h.txt", "m.tsv"]);
  });
});

Deno.test("publication: only over what stood there, through links, with the mode as it was", async () => {
  await withFolder(async (folder) => {
    const at = (name: string) => `${folder}/${name}`;
    const publish = async (name: string, meanwhile: () => void) => {
      const publication = new Publication([at(name)]), from = at("from");
      await Deno.writeTextFile(from, "new");
      meanwhile();
      await publication.publish([{ path: at(name), from }]);
      return await Deno.readTextFile(at(name));
    };
    const write = (name: string) => () => Deno.writeTextFileSync(at(name), "another's");
    await assert.rejects(publish("a", write("a")), InputError);
    assert.equal(await Deno.readTextFile(at("a")), "another's");
    await assert.rejects(publish("a", () => Deno.utimeSync(at("a"), 5, 5)), /another run wrote/);
    await Deno.chmod(at("a"), 0o640);
    assert.equal(await publish("a", () => {}), "new");
    assert.equal((await Deno.stat(at("a"))).mode! & 0o777, 0o640);
    assert.equal(await publish("a", () => Deno.removeSync(at("a"))), "new");
    for (const target of ["a", "not yet there"]) {
      await Deno.symlink(target, at("link"));
      assert.equal(await publish("link", () => {}), "new");
      assert.equal(await Deno.readTextFile(at(target)), "new");
      await Deno.remove(at("link"));
    }
  });
});

Deno.test("publication: waits for a run that is about to publish", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a`, publication = new Publication([path]);
    const other = await Deno.open(folder);
    await other.lock(true);
    await Deno.writeTextFile(`${folder}/from`, "late");
    const published = publication.publish([{ path, from: `${folder}/from` }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Deno.writeTextFile(path, "early");
    other.close();
    await assert.rejects(published, /another run wrote/);
    assert.equal(await Deno.readTextFile(path), "early");
  });
});

Deno.test("a table that is not the one whose summary was read is not opened", async () => {
  await withFolder(async (folder) => {
    const path = await keep(folder, "one.duckdb", ONE),
      limits = {
        threads: 1,
        memory: 2 ** 26,
        temporary: `${folder}/spill`,
      };
    const pinned = pinTable(path);
    (await Database.openPinned(pinned, limits)).close();
    // The maker of a table removes its private name.
    await Deno.link(path, `${folder}/private`);
    await Deno.remove(`${folder}/private`);
    (await Database.openPinned(pinned, limits)).close();
    await Deno.rename(await keep(folder, "other.duckdb", OTHER), path);
    await assert.rejects(Database.openPinned(pinned, limits), /database changed while it was read/);
  });
});

/** What somebody else does just before a table gets its name. */
const MEANWHILE = [
  { name: "nothing", other: undefined, error: undefined },
  { name: "makes the same table", other: ONE, error: undefined },
  { name: "makes another table", other: OTHER, error: /somebody else made this database mean/ },
  { name: "makes some other file", other: "", error: /somebody else made this database meanwh/ },
];
for (const { name, other, error } of MEANWHILE) {
  for (const links of [true, false]) {
    const where = links ? "" : ", on a file system without hard links";
    Deno.test(`a new table gets its name: somebody ${name}${where}`, async () => {
      await withFolder(async (folder) => {
        const database = `${folder}/k.duckdb`, notes: string[] = [], { linkSync } = Deno;
        const theirs = other === "" ? `${folder}/x` : other && await keep(folder, "x", other);
        if (other === "") await Deno.writeTextFile(`${folder}/x`, "notes");
        Deno.linkSync = (from, to) => {
          if (theirs !== undefined) Deno.renameSync(theirs, database);
          if (!links) throw new Deno.errors.NotSupported();
          linkSync(from, to);
        };
        try {
          const run = converted(folder, ONE, { database, onNote: (note) => notes.push(note) });
          if (error) await assert.rejects(run, error);
          else assert.match(await run, /0\|1\n$/);
        } finally {
          Deno.linkSync = linkSync;
        }
        assert.equal(notes.some((note) => /same table/.test(note)), theirs !== undefined && !error);
        const files = ["k.duckdb", "m.tsv", ...error ? [] : ["o.vcf"]];
        assert.deepEqual(await listing(folder), files);
        // Theirs is never replaced, and a table of one's own is whole.
        if (!error) assert.match(await converted(folder, ONE, { database }), /0\|1\n$/);
      });
    });
  }
}

/** Bad rows of all sorts; the last is long enough for several blocks. */
const BAD = `1\t0\tA\tA\tG\r\n1\t5\n1\t6\tA\tA\0\t\u{1f600}\n1\t7\tA\tA\t${
  "X".repeat(3_000_000)
}\n`;
const MANY = ONE + BAD + "bad\trow\n".repeat(5000) + "1\t9\tA\tA\tG\n";

Deno.test("a kept table is reused with the --on-bad-row that it was made with, and no other", async () => {
  await withFolder(async (folder) => {
    const database = `${folder}/k.duckdb`, rejects = `${folder}/o.vcf.rejects.tsv`;
    const text = await converted(folder, MANY, { database, onBadRow: "skip", threads: 2 });
    const first = await Deno.readTextFile(rejects);
    assert.equal(first.split("\n").length, 5006);
    await Deno.remove(rejects);
    const again = await converted(folder, undefined, { database, onBadRow: "skip" });
    assert.equal(again, text);
    assert.ok(await Deno.readTextFile(rejects) === first, "the rejects file is the same");
    await Deno.remove(rejects);
    await assert.rejects(
      converted(folder, undefined, { database }),
      /k\.duckdb: the database was made differently: --on-bad-row; name another --database/,
    );
    await Deno.remove(database);
    await converted(folder, ONE, { database });
    assert.match(await converted(folder, undefined, { database }), /0\|1\n$/);
    await assert.rejects(
      converted(folder, undefined, { database, onBadRow: "skip" }),
      /made differently: --on-bad-row;/,
    );
    assert.deepEqual(await listing(folder), ["k.duckdb", "m.tsv", "o.vcf"]);
  });
});

Deno.test("a database as input: bad rows of its matrix are told of, or written again", async () => {
  await withFolder(async (folder) => {
    const database = `${folder}/k.duckdb`, rejects = `${folder}/o.vcf.rejects.tsv`;
    await converted(folder, MANY, { database, onBadRow: "skip" });
    const first = await Deno.readTextFile(rejects);
    await Deno.remove(rejects);
    const args = ["convert", "k.duckdb", "-o", "o.vcf", "--progress", "none"];
    const { code, stderr } = await cli(args, { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^warning: 5004 bad rows were skipped when the table was made; /m);
    assert.ok(!(await listing(folder)).includes("o.vcf.rejects.tsv"));
    await cli([...args, "--on-bad-row", "skip"], { cwd: folder });
    assert.ok(await Deno.readTextFile(rejects) === first, "the rejects file is the same");
  });
});

Deno.test("files beside others go away with the work folder", async () => {
  await withFolder(async (folder) => {
    {
      await Deno.mkdir(`${folder}/tables`);
      using work = new WorkFolder(folder);
      await Deno.writeTextFile(`${work.beside(`${folder}/tables/k.duckdb`, "table")}.wal`, "");
      await Deno.writeTextFile(work.beside(`${folder}/p.csv`, "profile"), "");
    }
    assert.deepEqual(await listing(folder), ["tables/"]);
  });
});

/** Converts a matrix to `o.vcf`, on this thread; without a text, the one that is there. */
async function converted(
  folder: string,
  matrix: string | undefined,
  options: Partial<ConvertRequest>,
): Promise<string> {
  const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`;
  if (matrix !== undefined) {
    await Deno.writeTextFile(input, matrix);
    // The times are part of what a table is known by.
    await Deno.utime(input, 1, 1);
  }
  await convert({ input, output, threads: 0, ...options });
  return await Deno.readTextFile(output);
}

/** Keeps the table of a matrix, and leaves nothing else behind. */
async function keep(folder: string, name: string, matrix: string): Promise<string> {
  const database = `${folder}/${name}`;
  await converted(folder, matrix, { database });
  for (const file of ["m.tsv", "o.vcf"]) await Deno.remove(`${folder}/${file}`);
  return database;
}
