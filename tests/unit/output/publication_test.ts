import assert from "node:assert/strict";
import { Publication } from "../../../src/output/publication.ts";
import { listing, withFolder } from "../../helpers/cli.ts";

/** The names of an indexed output, in the order in which they are published. */
const FILES = ["o.rejects.tsv", "o.tbi", "o.csi", "o", "o.tbi", "p.csv"];

type Names = Record<string, string>;

/** What each public name says, `new` or `old`. */
async function stateOf(folder: string): Promise<Names> {
  const state: Names = {};
  for (const name of (await listing(folder)).filter((name) => !name.startsWith("work"))) {
    state[name] = await Deno.readTextFile(`${folder}/${name}`);
  }
  return state;
}

/** Publishes over an older output with its index, in a world in which the nth rename fails. */
async function publish(folder: string, failing: number, seen: (state: Names) => void) {
  await Deno.mkdir(`${folder}/work`);
  for (const name of new Set(FILES)) await Deno.writeTextFile(`${folder}/${name}`, "old");
  const publication = new Publication([...new Set(FILES)].map((name) => `${folder}/${name}`));
  const files = FILES.map((name, at) => {
    const path = `${folder}/${name}`, made = `${folder}/work/${at}`;
    if (at === 1 || at === 2) return { path, aside: made };
    Deno.writeTextFileSync(made, "new");
    return { path, from: made };
  });
  const { renameSync } = Deno;
  let renames = 0;
  Deno.renameSync = (from, to) => {
    if (++renames === failing) throw new Deno.errors.PermissionDenied("injected");
    renameSync(from, to);
    // What a reader meets, and what a kill leaves here.
    const state: Names = {};
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (isFile) state[name] = Deno.readTextFileSync(`${folder}/${name}`);
    }
    seen(state);
  };
  try {
    await publication.publish(files);
  } finally {
    Deno.renameSync = renameSync;
  }
  return renames;
}

/** Makes sure that no index is of another file than the one beside it. */
function checkPair(state: Names): void {
  for (const index of ["o.tbi", "o.csi"]) {
    assert.ok(state[index] === undefined || state[index] === state.o, JSON.stringify(state));
  }
}

Deno.test("publication: a new index comes after its file, an old one goes before it", () =>
  withFolder(async (folder) => {
    const states: Names[] = [];
    const renames = await publish(folder, 0, (state) => states.push(state));
    assert.equal(renames, FILES.length);
    states.forEach(checkPair);
    // The rejects file is there before the output is.
    for (const state of states) if (state.o === "new") assert.equal(state["o.rejects.tsv"], "new");
    const done = { o: "new", "o.tbi": "new", "o.rejects.tsv": "new", "p.csv": "new" };
    assert.deepEqual(await stateOf(folder), done);
  }));

for (let failing = 1; failing <= FILES.length; failing++) {
  Deno.test(`publication: rename ${failing} fails, and file and index stay a pair`, () =>
    withFolder(async (folder) => {
      await assert.rejects(publish(folder, failing, checkPair), /injected/);
      const state = await stateOf(folder);
      checkPair(state);
      // As long as the file is the old one, its indexes are there, too.
      if (state.o === "old") {
        assert.deepEqual([state["o.tbi"], state["o.csi"]], ["old", "old"]);
      }
    }));
}

Deno.test("publication: the bytes are on the disk before the names", () =>
  withFolder(async (folder) => {
    const from = `${folder}/from`, path = `${folder}/o`, calls: string[] = [];
    await Deno.writeTextFile(from, "new");
    const { open, renameSync } = Deno;
    const { syncData, sync } = Deno.FsFile.prototype;
    Deno.open = (name, options) => {
      calls.push(`open ${name}`);
      return open(name, options);
    };
    Deno.FsFile.prototype.syncData = function () {
      calls.push("sync the file");
      return syncData.call(this);
    };
    Deno.FsFile.prototype.sync = function () {
      calls.push("sync the folder");
      return sync.call(this);
    };
    Deno.renameSync = (a, b) => {
      calls.push("rename");
      renameSync(a, b);
    };
    try {
      await new Publication([path]).publish([{ path, from }]);
    } finally {
      Object.assign(Deno, { open, renameSync });
      Object.assign(Deno.FsFile.prototype, { syncData, sync });
    }
    assert.deepEqual(calls, [`open ${from}`, "sync the file", "rename", "sync the folder"]);
  }));
