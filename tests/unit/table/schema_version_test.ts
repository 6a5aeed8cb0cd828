/** Kept tables of another version: refused wherever one is read, and never reused. */
import assert from "node:assert/strict";
import { convert, openMatrix } from "../../../mod.ts";
import { inspectDatabase } from "../../../src/inspect/inspect_database.ts";
import { cli, listing, withFolder } from "../../helpers/cli.ts";

const CHANGES = [
  {
    name: "a later schema version",
    sql: "UPDATE metadata SET schema_version = 99",
    error: /k\.duckdb: the table is of schema version 99, and this program \(\S+\) reads 2: use /,
  },
  {
    name: "none, as 0.1.0 made them",
    sql: "DROP TABLE metadata",
    error: /k\.duckdb: the table is of schema version 1, and this program \(\S+\) reads 2: use /,
  },
  {
    name: "a feature that is not known",
    sql: "UPDATE metadata SET features = ['checksums', 'novel']",
    error: /k\.duckdb: the table is of a kind that this program .* \(checksums, novel\): use /,
  },
  {
    name: "a later program",
    sql: "UPDATE source SET version = '99.0.0'",
    error:
      /k\.duckdb: the table is of a later program, and this one is \S+: use matrix2vcf 99\.0\.0/,
  },
];

for (const { name, sql, error } of CHANGES) {
  Deno.test(`a kept table of another version: ${name}`, () =>
    withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, database = `${folder}/k.duckdb`;
      await Deno.writeTextFile(input, "CHROM\tPOS\tREF\t1a\t1b\n1\t5\tA\tA\tG\n");
      const output = `${folder}/o.vcf`;
      await convert({ input, output, database, threads: 0 });
      const changed = await cli(["sql", database, "--write", "-c", sql]);
      assert.equal(changed.code, 0, changed.stderr);
      await Deno.remove(output);
      await assert.rejects(convert({ input, output, database, threads: 0 }), { message: error });
      await assert.rejects(convert({ input: database, output, threads: 0 }), { message: error });
      await assert.rejects(openMatrix(database), { message: error });
      await assert.rejects(inspectDatabase(database), { message: error });
      assert.deepEqual(await listing(folder), ["k.duckdb", "m.tsv"]);
      const asked = await cli([
        "sql",
        database,
        "--format",
        "csv",
        "-c",
        "SELECT pos FROM records",
      ]);
      assert.equal(asked.stdout, "pos\n5\n");
      assert.match(asked.stderr, error);
      assert.match(asked.stderr, /^warning: /);
    }));
}
