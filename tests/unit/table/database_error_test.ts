/** DuckDB's errors about files: which file, and whose fault. */
import assert from "node:assert/strict";
import { InputError, MachineError } from "../../../mod.ts";
import { databaseError, tableError } from "../../../src/table/database.ts";

Deno.test("an error of DuckDB names the file that it is about", () => {
  const cases: [message: string, file: string, detail: RegExp][] = [
    ['IO Error: Could not write file "/d/t.wal": No space left on device', "/d/t.wal", /^no space/],
    ["TransactionContext Error: Failed to commit: Input/output error", "/d/t", /I\/O error/],
    [
      "Out of Memory Error: failed to offload data block of size 64.0 KiB (896.0 KiB/921.5 KiB used).\nmore",
      "/s/spill",
      /^no space left on the disk \(896\.0 KiB\/921\.5 KiB used\); free some/,
    ],
    ["Out of Memory Error: failed to pin block of size 256.0 KiB", "/d/t", /^memory ran out; /],
  ];
  for (const [message, file, detail] of cases) {
    const error = databaseError(new Error(message), "/d/t", "/s/spill");
    assert(error instanceof MachineError);
    assert.equal(error.at.file, file);
    assert.match(error.detail, detail);
  }
});

Deno.test("a damaged table is the table's fault, and a statement may say anything", () => {
  const damaged = tableError(
    new Error("IO Error: Corrupt database file: computed checksum"),
    "/d/t",
  );
  assert(damaged instanceof InputError && /^\/d\/t: the table is damaged/.test(damaged.message));
  const own = new Error("Invalid Input Error: corrupt checksum: No space left on device");
  assert.equal(tableError(own, "/d/t"), own);
});
