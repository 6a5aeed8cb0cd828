/** What counts as a change of the input while it is read. */
import assert from "node:assert/strict";
import { checkUnchanged, type InputState, inputState } from "../../../src/base/input_state.ts";
import { withFolder } from "../../helpers/cli.ts";

const CASES: { name: string; promised: Partial<InputState>; error?: RegExp }[] = [
  { name: "nothing", promised: {} },
  { name: "its size", promised: { size: 1 }, error: /changed while it was read; convert it again/ },
  { name: "its time", promised: { modified: 1 }, error: /changed while it was read; convert/ },
  { name: "its change time", promised: { changed: 1 }, error: /its change time; chmod, mv and ln/ },
  { name: "its number, and it is fresh", promised: { inode: 1, fresh: true }, error: /changed/ },
  { name: "its number, on a network that numbers anew", promised: { inode: 1, fresh: false } },
];

for (const { name, promised, error } of CASES) {
  Deno.test(`an input of which other than promised is: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, "a matrix\n");
      const now = Deno.statSync(`${folder}/m.tsv`), state = inputState(now);
      assert.equal(state.fresh, true);
      const check = () => checkUnchanged(now, { ...state, ...promised }, "m.tsv");
      if (error) assert.throws(check, { name: "InputError", message: error });
      else check();
    }));
}
