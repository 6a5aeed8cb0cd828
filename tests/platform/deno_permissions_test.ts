/**
 * What Deno lets a program do that has few permissions. Each is tried in a process of its own.
 */
import assert from "node:assert/strict";
import process from "node:process";
import { fact, runCommand, runFlags, runModule, withFolder } from "./fact.ts";

const TASKS = "the tasks of deno.json, which give each command the least that it needs";

/** Runs a statement in DuckDB. */
const asksDuckdb = (sql: string) =>
  `try {
  const { default: duckdb } = await import("@duckdb/node-bindings");
  const database = await duckdb.open(":memory:"), connection = await duckdb.connect(database);
  await duckdb.query(connection, ${sql});
  console.log("done");
} catch (error) {
  console.log(error.name);
}
Deno.exit();`;

for (
  const [flags, said] of [[["--allow-read"], "NotCapable"], [["--allow-ffi"], "done"]] as const
) {
  fact(
    `DuckDB ${said === "done" ? "needs no more than" : "cannot be loaded without"} --allow-ffi`,
    {
      reliedOnBy: TASKS,
      check: async () =>
        assert.equal((await runModule(asksDuckdb("'SELECT 1'"), flags)).stdout, said),
    },
  );
}

fact("DuckDB writes files without --allow-write", {
  reliedOnBy: "the options that shut a session in, since the flags do not hold DuckDB back",
  check: () =>
    withFolder(async (folder) => {
      const file = `${folder}/out.csv`;
      const code = asksDuckdb("`COPY (SELECT 1 AS i) TO '${Deno.args[0]}'`");
      const { stdout } = await runModule(code, ["--allow-ffi"], [file]);
      assert.equal(stdout, "done");
      assert.equal(await Deno.readTextFile(file), "i\n1\n");
    }),
});

fact("the process's memory, cores and signals need no permission", {
  reliedOnBy: "reports and profiles, the number of threads, and Ctrl-C",
  async check() {
    const { stdout, stderr } = await runModule(`import process from "node:process";
Deno.addSignalListener("SIGINT", () => {});
const numbers = [
  Deno.memoryUsage().rss,
  process.resourceUsage().maxRSS,
  navigator.hardwareConcurrency,
  Deno.pid,
];
console.log(numbers.map((number) => number > 0).join());
Deno.exit();`);
    assert.deepEqual([stdout, stderr], ["true,true,true,true", ""]);
  },
});

fact("maxRSS of node:process is in KiB, and rss of Deno.memoryUsage() in bytes", {
  reliedOnBy: "the peak memory of reports and profiles",
  only: "linux",
  check() {
    // Bytes, or pages, would be far from this; the peak is that of a parent before exec, too.
    const ratio = process.resourceUsage().maxRSS * 1024 / Deno.memoryUsage().rss;
    assert.ok(ratio > 0.9 && ratio < 200, `${ratio} times as much`);
  },
});

/** Says how an attempt ends. */
const attempt = (code: string) =>
  `try {
  ${code}
  console.log("done");
} catch (error) {
  console.log(error.name);
}`;

fact("a file of /proc cannot be read with --allow-read, but by a \`cat\` that may be run", {
  reliedOnBy: "the command profile, which asks for the memory of a run through cat",
  only: "linux",
  async check() {
    const reads = attempt(`Deno.readTextFileSync("/proc/self/smaps_rollup");`);
    assert.equal((await runModule(reads, ["--allow-read"])).stdout, "NotCapable");
    const runs = attempt(
      `const { stdout } = new Deno.Command("cat", { args: [\`/proc/\${Deno.pid}/smaps_rollup\`] })
  .outputSync();
  if (!/Pss:/.test(new TextDecoder().decode(stdout))) throw new Error("no Pss");`,
    );
    assert.equal((await runModule(runs, ["--allow-run=cat"])).stdout, "done");
  },
});

for (const [flags, said] of [[[], "refused"], [["--allow-read"], "loaded"]] as const) {
  fact(`the module of a worker is ${said} ${flags.length ? "with" : "without"} --allow-read`, {
    reliedOnBy: TASKS,
    check: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/worker.ts`, `self.postMessage("loaded");`);
        await Deno.writeTextFile(
          `${folder}/main.ts`,
          `// An address that is not known beforehand, or the module would belong to the program.
const worker = new Worker(new URL(["./worker.ts"][0], import.meta.url), { type: "module" });
const say = (what) => {
  console.log(what);
  Deno.exit();
};
worker.onmessage = ({ data }) => say(data);
worker.onerror = (event) => {
  event.preventDefault();
  say(/read access/.test(event.message) ? "refused" : event.message);
};`,
        );
        const command = [...runFlags(flags), `${folder}/main.ts`];
        assert.equal((await runCommand(Deno.execPath(), command)).stdout, said);
      }),
  });
}

fact("a permission that is missing is NotCapable, and carries no code of the system", {
  reliedOnBy: "the messages about files that cannot be read",
  async check() {
    const { stdout } = await runModule(`try {
  Deno.openSync("/etc/hosts");
} catch (error) {
  console.log(error instanceof Deno.errors.NotCapable, error.code);
}`);
    assert.equal(stdout, "true undefined");
  },
});
