import assert from "node:assert/strict";
import { OwnedFolder, sweep } from "../../../src/base/owned_folder.ts";
import { temporaryFolder, WorkFolder } from "../../../src/base/work_folder.ts";
import { filePath, listing, withFolder } from "../../helpers/cli.ts";

const UUID = "00000000-0000-4000-8000-000000000000";
const HOST = Deno.hostname();

/** Makes what a run leaves that was killed: its lock is there, and nobody holds it. */
function layDead(parent: string, host = HOST, pid = 7): string {
  const path = `${parent}/.matrix2vcf-${host}-${pid}-${UUID}.tmp`;
  Deno.mkdirSync(`${path}/spill`, { recursive: true });
  for (const file of ["lock", "table", "table.wal", "spill/1"]) {
    Deno.writeTextFileSync(`${path}/${file}`, "");
  }
  return path;
}

Deno.test("sweep: what a dead run has left goes, and nothing else", async (t) => {
  const STAY: Record<string, (folder: string) => void> = {
    "of another host": (folder) => layDead(folder, "elsewhere"),
    "of a host without a name": (folder) => layDead(folder, ""),
    "another name": (folder) => Deno.renameSync(layDead(folder), `${folder}/.matrix2vcf-mine.tmp`),
    "a longer name": (folder) => {
      const dead = layDead(folder);
      Deno.renameSync(dead, `${dead}.bak`);
    },
    "no lock, but files": (folder) => Deno.removeSync(`${layDead(folder)}/lock`),
    "a folder as lock": (folder) => {
      const lock = `${layDead(folder)}/lock`;
      Deno.removeSync(lock);
      Deno.mkdirSync(lock);
    },
    "a link as lock": (folder) => {
      const lock = `${layDead(folder)}/lock`;
      Deno.renameSync(lock, `${folder}/target`);
      Deno.symlinkSync("../target", lock);
    },
    "a file": (folder) =>
      Deno.writeTextFileSync(`${folder}/.matrix2vcf-${HOST}-7-${UUID}.tmp`, "mine"),
    "a link to a folder": (folder) => {
      const dead = layDead(folder);
      Deno.renameSync(dead, `${folder}/mine`);
      Deno.symlinkSync("mine", dead);
    },
    "in a folder below": (folder) => {
      Deno.mkdirSync(`${folder}/below`);
      layDead(`${folder}/below`);
    },
    "files of an earlier version": (folder) =>
      Deno.writeTextFileSync(`${folder}/.matrix2vcf.${UUID}.tmp`, ""),
  };
  for (const [name, lay] of Object.entries(STAY)) {
    await t.step(`stays: ${name}`, () =>
      withFolder(async (folder) => {
        lay(folder);
        const before = await listing(folder);
        sweep(folder);
        assert.deepEqual(await listing(folder), before);
      }));
  }
  await t.step("goes: of this host, with all that is in it", () =>
    withFolder(async (folder) => {
      layDead(folder), layDead(folder, HOST, 8);
      sweep(folder);
      assert.deepEqual(await listing(folder), []);
    }));
  await t.step(
    "stays: one in which a run is alive; goes with it when that is dead",
    () =>
      withFolder(async (folder) => {
        const dead = layDead(folder), alive = OwnedFolder.make(dead);
        const before = await listing(folder);
        sweep(folder);
        assert.deepEqual(await listing(folder), before);
        alive[Symbol.dispose]();
        layDead(dead);
        sweep(folder);
        assert.deepEqual(await listing(folder), []);
      }),
  );
  await t.step(
    "goes: one that was killed before it had a lock",
    () =>
      withFolder(async (folder) => {
        Deno.mkdirSync(`${folder}/.matrix2vcf-${HOST}-7-${UUID}.tmp`);
        sweep(folder);
        assert.deepEqual(await listing(folder), []);
      }),
  );
  await t.step("goes: one whose removal was interrupted", () =>
    withFolder(async (folder) => {
      const dead = layDead(folder);
      for (const name of ["table", "table.wal", "spill/1"]) Deno.removeSync(`${dead}/${name}`);
      sweep(folder);
      assert.deepEqual(await listing(folder), []);
    }));
});

Deno.test("sweep: a folder that is not there, or that may not be read, is no error", () =>
  withFolder((folder) => {
    sweep(`${folder}/none`);
    Deno.writeTextFileSync(`${folder}/file`, "");
    sweep(`${folder}/file`);
  }));

/** A process that sweeps a folder until its standard input ends. */
const SWEEPER = `import { sweep } from ${JSON.stringify(filePath("src/base/owned_folder.ts"))};
let ends = false;
Deno.stdin.readable.pipeTo(new WritableStream()).then(() => ends = true);
console.log("ready");
while (!ends) {
  for (let n = 0; n < 50; n++) sweep(Deno.args[0]);
  await new Promise((resolve) => setTimeout(resolve));
}`;

Deno.test("sweep: a run that is alive keeps its folder, from its first moment on", () =>
  withFolder(async (folder) => {
    const script = `${folder}/sweeper.ts`, work = `${folder}/work`;
    Deno.mkdirSync(work);
    await Deno.writeTextFile(script, SWEEPER);
    const children = [1, 2].map(() =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", script, work],
        stdin: "piped",
        stdout: "piped",
      }).spawn()
    );
    for (const child of children) {
      const reader = child.stdout.getReader();
      await reader.read();
      reader.releaseLock();
    }
    const kept = OwnedFolder.make(work);
    let swept = 0;
    for (let n = 0; n < 1000; n++) {
      using made = OwnedFolder.make(work);
      Deno.writeTextFileSync(`${made.path}/table`, "");
      if (Deno.statSync(`${made.path}/table`).size !== 0) swept++;
    }
    assert.equal(swept, 0);
    for (const child of children) await child.stdin.close();
    for (const child of children) {
      assert.equal((await child.status).code, 0);
      await child.stdout.cancel();
    }
    assert.deepEqual(await listing(kept.path), ["lock"]);
    kept[Symbol.dispose]();
    assert.deepEqual(await listing(work), []);
  }));

Deno.test("work folder: one for each folder, by whatever name", () =>
  withFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/far`);
    Deno.symlinkSync("far", `${folder}/near`);
    {
      using work = new WorkFolder(`${folder}/near`);
      const paths = [work.file("table"), work.beside(`${folder}/far/o.vcf`, "output")];
      paths.push(work.beside(`${folder}/near/p.csv`, "profile"));
      assert.equal(new Set(paths.map((path) => path.split("/").at(-2))).size, 1);
      for (const path of [...paths, work.beside(`${folder}/k.duckdb`, "table")]) {
        Deno.writeTextFileSync(path, "");
      }
      assert.equal((await listing(folder)).filter((name) => name.endsWith(".tmp/")).length, 2);
    }
    assert.deepEqual(await listing(folder), ["far/", "near"]);
  }));

Deno.test("temporary folder: beside the output, in $TMPDIR for a stream, or the one that is given", () =>
  withFolder((folder) => {
    assert.equal(temporaryFolder(`${folder}/o.vcf`), folder);
    assert.equal(temporaryFolder("-", folder), folder);
    assert.equal(temporaryFolder("-"), Deno.env.get("TMPDIR") ?? "/tmp");
    Deno.writeTextFileSync(`${folder}/file`, "");
    assert.throws(() => temporaryFolder("-", `${folder}/none`), /none: there is no such folder/);
    assert.throws(() => temporaryFolder("-", `${folder}/file`), /file: this is no folder/);
    assert.throws(() => temporaryFolder("-", "/proc"), /^InputError: \/proc: /);
  }));
