import assert from "node:assert/strict";
import { convert, type Genotype, InputError, openMatrix, type Site } from "../../../mod.ts";
import { withFolder } from "../../helpers/cli.ts";

const MATRIX = `CHROM\tPOS\tREF\t1a\t1b\t2a\t2b\tVida\n` +
  `2\t30\tA\tG\tA\tC\t.\tC\n` +
  `1\t10\tA\tA\tA\tA\tA\tA\n` +
  `2\t5\tG\tG\tT\tT\tGA\tG\n`;

async function withDatabase(use: (database: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
    await Deno.writeTextFile(input, MATRIX);
    await convert({ input, output: `${folder}/m.vcf`, database, threads: 0 });
    await use(database);
  });
}

Deno.test("openMatrix: sites, genotypes and queries", async (t) => {
  await withDatabase(async (database) => {
    await using matrix = await openMatrix(database);
    assert.deepEqual(matrix.samples, ["1", "2", "Vida"]);
    assert.deepEqual(matrix.contigs, ["2", "1"]);
    assert.equal(matrix.rows, 3);

    await t.step("sites", async () => {
      const sites = (await Array.fromAsync(matrix.sites())).flat();
      assert.deepEqual(
        sites,
        [
          {
            contig: "2",
            pos: 5,
            ref: "G",
            alt: ["T", "GA"],
            ac: [2, 1],
            an: 5,
            af: [0.4, 0.2],
            missing: 0,
            line: 4,
          },
          {
            contig: "2",
            pos: 30,
            ref: "A",
            alt: ["G", "C"],
            ac: [1, 2],
            an: 4,
            af: [0.25, 0.5],
            missing: 1,
            line: 2,
          },
          { contig: "1", pos: 10, ref: "A", alt: [], ac: [], an: 5, af: [], missing: 0, line: 3 },
        ] satisfies Site[],
      );
      const some = (await Array.fromAsync(matrix.sites({ contig: "2", first: 6 }))).flat();
      assert.deepEqual(some.map(({ pos }) => pos), [30]);
      assert.deepEqual(await Array.fromAsync(matrix.sites({ contig: "nowhere" })), []);
    });

    await t.step("genotypes", async () => {
      const choice = { contig: "2", last: 5, samples: ["Vida", "2"] };
      const genotypes = (await Array.fromAsync(matrix.genotypes(choice))).flat();
      assert.deepEqual(
        genotypes,
        [
          {
            contig: "2",
            pos: 5,
            ref: "G",
            sample: "2",
            alleles: ["T", "GA"],
            phased: true,
            line: 4,
          },
          { contig: "2", pos: 5, ref: "G", sample: "Vida", alleles: ["G"], phased: true, line: 4 },
        ] satisfies Genotype[],
      );
    });

    await t.step("queries at the same time, one left early", async () => {
      const left = matrix.query("SELECT i FROM range(10000000) t(i)")[Symbol.asyncIterator]();
      assert.equal((await left.next()).value![0].i, 0n);
      const rows = (await Array.fromAsync(matrix.query("SELECT $1 || 'x' AS t", ["it's "]))).flat();
      assert.deepEqual(rows, [{ t: "it's x" }]);
      assert.equal((await left.next()).value![0].i, 2048n);
      await left.return!();
    });

    await t.step("mistakes and refusals reject", async () => {
      const statements = [
        "SELECT * FROM nowhere",
        "SELECT * FROM read_text('/etc/passwd')",
        "DROP TABLE records",
        "SELECT ('x' || i)::INT FROM range(10000) t(i)",
      ];
      for (const statement of statements) {
        await assert.rejects(Array.fromAsync(matrix.query(statement)), InputError);
      }
    });
  });
});

Deno.test("openMatrix: closing stops what runs", async () => {
  await withDatabase(async (database) => {
    const matrix = await openMatrix(database);
    const running = Array.fromAsync(
      matrix.query("SELECT sum(i * j) FROM range(10000000) t(i), range(10000000) u(j)"),
    );
    running.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    await matrix.close();
    await assert.rejects(running, { name: "InterruptedError" });
  });
});

Deno.test("openMatrix: closing does not wait for a reader who asks no more", async () => {
  await withDatabase(async (database) => {
    for (let round = 0; round < 20; round++) {
      const matrix = await openMatrix(database);
      const rows = matrix.query("SELECT * FROM range(1000000)")[Symbol.asyncIterator]();
      const first = rows.next();
      // Whether its session is open already, or the rows are there, is left to chance.
      if (round % 2 === 0) await first;
      else first.catch(() => {});
      await matrix.close();
      await assert.rejects(async () => await rows.next(), { name: "InterruptedError" });
    }
  });
});

Deno.test("openMatrix: not a database of this program", async () => {
  await assert.rejects(openMatrix("nowhere.duckdb"), /nowhere\.duckdb: there is no such file/);
  await assert.rejects(openMatrix("deno.json"), InputError);
});

Deno.test("openMatrix: a signal ends what runs, and its reason is thrown", async () => {
  await withDatabase(async (database) => {
    const endless = "SELECT sum(i * j) FROM range(10000000) t(i), range(10000000) u(j)";
    const all = new AbortController(), one = new AbortController();
    await using matrix = await openMatrix(new URL(`file://${database}`), {
      signal: all.signal,
      memory: 2 ** 28,
      threads: 1,
    });
    const { signal } = one;
    const first = Array.fromAsync(matrix.query(endless, [], { signal }));
    const second = Array.fromAsync(matrix.query(endless));
    for (const running of [first, second]) running.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 100));
    one.abort(new Error("enough"));
    await assert.rejects(first, { message: "enough" });
    // The other one goes on, and the table answers.
    const typed = matrix.query<{ n: number }>("SELECT 7::INTEGER AS n");
    for await (const rows of typed) assert.equal(rows[0].n + 1, 8);
    all.abort();
    await assert.rejects(second, { name: "AbortError" });
    await assert.rejects(Array.fromAsync(matrix.sites({ contig: "2" })), { name: "AbortError" });
    const settings = matrix.query("SELECT current_setting('threads') AS threads");
    await assert.rejects(Array.fromAsync(settings), { name: "AbortError" });
  });
});

Deno.test("openMatrix: memory and threads are DuckDB's limits", async () => {
  await withDatabase(async (database) => {
    await using matrix = await openMatrix(database, { memory: 2 ** 28, threads: 1 });
    const rows = await Array.fromAsync(matrix.query(
      "SELECT current_setting('threads')::INTEGER AS threads, current_setting('memory_limit') AS m",
    ));
    assert.deepEqual(rows.flat(), [{ threads: 1, m: "256.0 MiB" }]);
  });
});

Deno.test("openMatrix: rows of one position come in the order of their lines", async () => {
  await withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, database = `${folder}/m.duckdb`;
    const rows = Array.from({ length: 5000 }, (_, row) => `1\t7\tA\t${"CGT"[row % 3]}\tA\n`);
    await Deno.writeTextFile(input, `CHROM\tPOS\tREF\t1a\t1b\n${rows.join("")}`);
    await convert({ input, output: `${folder}/m.vcf`, database, threads: 0 });
    await using matrix = await openMatrix(database);
    const sites = (await Array.fromAsync(matrix.sites())).flat();
    assert.deepEqual(sites.map(({ line }) => line), rows.map((_, row) => row + 2));
    assert.deepEqual(sites.map(({ alt }) => alt[0]), rows.map((_, row) => "CGT"[row % 3]));
    const genotypes = (await Array.fromAsync(matrix.genotypes())).flat();
    assert.deepEqual(genotypes.map(({ line }) => line), rows.map((_, row) => row + 2));
  });
});

// From JavaScript, anything may come.
Deno.test("openMatrix: values of a wrong kind are refused", () =>
  withDatabase(async (database) => {
    // deno-lint-ignore no-explicit-any
    const open = (...args: any[]) => (openMatrix as any)(...args);
    const refused = (work: () => unknown, message: RegExp) =>
      assert.rejects(async () => await work(), { name: "UsageError", message });
    await refused(() => open(5), /^`path` is a path, not '5'$/);
    await refused(() => open(database, null), /^options are an object, not 'null'$/);
    await refused(() => open(database, { memory: "1GiB" }), /^`memory` is a number of bytes/);
    await refused(() => open(database, { threads: 0 }), /^`threads` is a whole number above 0/);
    await refused(() => open(database, { signal: {} }), /^`signal` is an AbortSignal/);
    await using matrix = await open(database);
    const sites = (choice: unknown) => () => Array.fromAsync(matrix.sites(choice));
    await refused(sites({ contig: 2 }), /^`contig` is a text, not '2'$/);
    await refused(sites({ first: "5" }), /^`first` is a number, not '5'$/);
    await refused(sites({ last: NaN }), /^`last` is a number/);
    await refused(
      () => Array.fromAsync(matrix.genotypes({ samples: "1" })),
      /^`samples` is a list/,
    );
    await refused(() => matrix.query(5), /^`sql` is a text, not '5'$/);
    await refused(() => matrix.query("SELECT $1", 5), /^`parameters` is a list/);
    const some = await Array.fromAsync(matrix.sites({ contig: "2", first: 4.5, last: 5.5 }));
    assert.equal(some.flat().length, 1);
  }));
