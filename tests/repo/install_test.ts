/**
 * `deno task install` and `deno task uninstall`, in a home folder of their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { MARK } from "../../tasks/launcher.ts";
import { install, isPassing, type Places, placesOf, uninstall } from "../../tasks/install.ts";
import { CHARTS } from "../../tasks/program_folder.ts";
import { cli, filePath, listing, withFolder } from "../helpers/cli.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\n2\t7\tA\tA\tG\n1\t9\tC\tT\tC\n";

/** Nobody answers there. */
const NO_NETWORK = { HTTP_PROXY: "http://127.0.0.1:1", HTTPS_PROXY: "http://127.0.0.1:1" };

function placesIn(home: string, path = "/usr/bin:/bin"): Places {
  return placesOf((name) => ({ HOME: home, PATH: path } as Record<string, string>)[name]);
}

/** Runs the installed command with nothing but the system's programs, without a network. */
async function installed(home: string, cwd: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(`${home}/.local/bin/matrix2vcf`, {
    args,
    cwd,
    clearEnv: true,
    env: { HOME: home, PATH: "/usr/bin:/bin", NO_COLOR: "1", ...NO_NETWORK },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, `${args.join(" ")}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

Deno.test("install, work in another folder without clone and network, uninstall", async (test) => {
  await withFolder(async (home) => {
    const said = await install(placesIn(home));
    const program = `${home}/.local/share/matrix2vcf`, launcher = `${home}/.local/bin/matrix2vcf`;

    await test.step("it says where it went, how to reach it, and how to take it away", () => {
      assert.ok(said.includes(`command  ${launcher}\n`), said);
      assert.ok(said.includes(`program  ${program} (`), said);
      assert.ok(said.includes(`export PATH='${home}/.local/bin':"$PATH"`), said);
      assert.ok(said.includes(`deno task uninstall, or without a clone:\n  rm -r '`), said);
    });
    await test.step("it holds what sub-commands need, and nothing of this clone", async () => {
      const files = await listing(program);
      assert.ok(files.includes(CHARTS.file));
      const foreign =
        /musl|darwin|win32|node_modules\/(echarts|zrender|fast-check|@xterm)|\.d\.ts$/;
      assert.deepEqual(files.filter((file) => foreign.test(file)), []);
      for (const file of [launcher, `${program}/deno.json`]) {
        assert.ok(!(await Deno.readTextFile(file)).includes(filePath(".")), file);
      }
    });
    await test.step("relative paths are the caller's", () => checkWork(home));
    await test.step("convert loads nothing that only other sub-commands need", async () => {
      for (const name of ["node_modules/@duckdb/node-api", "node_modules/@gmod", CHARTS.file]) {
        await Deno.remove(`${program}/${name}`, { recursive: true });
      }
      await Deno.writeTextFile(`${home}/m.tsv`, MATRIX);
      await installed(home, home, ["convert", "m.tsv", "-o", "m.vcf", "--quiet"]);
      for (const name of ["m.tsv", "m.vcf"]) await Deno.remove(`${home}/${name}`);
    });
    await test.step("it can be installed once more, and where it is on the PATH says so", async () => {
      const again = await install(placesIn(home, `/usr/bin:${home}/.local/bin`));
      assert.doesNotMatch(again, /not on the PATH/);
      assert.equal((await installed(home, home, ["--version"])).trim(), config.version);
    });
    await test.step("uninstall leaves nothing", async () => {
      assert.equal(await uninstall(placesIn(home)), `removed ${launcher}\nremoved ${program}`);
      assert.deepEqual(await listing(home), []);
      await assert.rejects(uninstall(placesIn(home)), /matrix2vcf is not installed: .*not there/);
    });
  });
});

function checkWork(home: string): Promise<void> {
  return withFolder(async (folder) => {
    // Settings of the user's own project must not reach the program.
    await Deno.writeTextFile(`${folder}/deno.json`, `{"imports":{"commander":"npm:none@1"}}`);
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    const convert = ["m.tsv", "-o", "m.vcf", "--quiet"];
    await installed(home, folder, ["convert", ...convert, "--database", "m.duckdb"]);
    await cli(["convert", "m.tsv", "-o", "expected.vcf", "--quiet"], { cwd: folder });
    const vcf = await Deno.readTextFile(`${folder}/m.vcf`);
    assert.equal(vcf, await Deno.readTextFile(`${folder}/expected.vcf`));

    const query = ["-c", "SELECT count(*) AS n FROM matrix", "--format", "csv"];
    assert.equal(await installed(home, folder, ["sql", "m.duckdb", ...query]), "n\n2\n");
    await installed(home, folder, ["profile", "convert", ...convert, "--profile", "run.csv"]);
    await installed(home, folder, ["profile", "run.csv", "-o", "run.svg"]);
    assert.match(await Deno.readTextFile(`${folder}/run.svg`), /^<svg/);
    await installed(home, folder, ["report", "m.duckdb", "-o", "m.html"]);
    assert.match(await Deno.readTextFile(`${folder}/m.html`), /Apache Software Foundation/);
    assert.match(
      await installed(home, folder, ["completion", "bash"]),
      /^complete .* matrix2vcf$/m,
    );
    const elsewhere = (await listing(home)).filter((path) => !path.startsWith(".local/"));
    assert.deepEqual(elsewhere, [], "nothing is written elsewhere");
  });
}

Deno.test("what somebody else has put there is left alone", () =>
  withFolder(async (home) => {
    const launcher = `${home}/.local/bin/matrix2vcf`;
    await Deno.mkdir(`${home}/.local/bin`, { recursive: true });
    await Deno.writeTextFile(launcher, "#!/bin/sh\necho mine\n");
    await assert.rejects(install(placesIn(home)), /bin\/matrix2vcf was not made by deno task inst/);
    await assert.rejects(uninstall(placesIn(home)), /is not installed/);
    assert.deepEqual(await listing(home), [".local/", ".local/bin/", ".local/bin/matrix2vcf"]);

    await Deno.remove(launcher);
    await Deno.mkdir(`${home}/.local/share/matrix2vcf`, { recursive: true });
    await assert.rejects(install(placesIn(home)), /share\/matrix2vcf was not made by/);
  }));

Deno.test("where things go: by XDG_DATA_HOME and DENO_INSTALL_ROOT, if they are set", () => {
  const env: Record<string, string> = { HOME: "/h", PATH: "/a:/b" };
  const { program, bins, path } = placesOf((name) => env[name]);
  assert.deepEqual({ program, bins, path }, {
    program: "/h/.local/share/matrix2vcf",
    bins: ["/h/.local/bin", "/h/.deno/bin"],
    path: ["/a", "/b"],
  });
  Object.assign(env, { XDG_DATA_HOME: "/d", DENO_INSTALL_ROOT: "/r" });
  const set = placesOf((name) => env[name]);
  assert.deepEqual([set.program, set.bins[1]], ["/d/matrix2vcf", "/r/bin"]);
  assert.throws(() => placesOf(() => undefined), /HOME names no folder/);
});

Deno.test("a Deno that lies in a cache is not relied upon", () => {
  const passing = [
    "/home/u/.npm/_npx/05eecd92c79bc2d2/node_modules/deno/deno",
    "/home/u/.cache/pnpm/dlx/x/deno",
    "/tmp/deno",
  ];
  const lasting = ["/usr/lib/node_modules/deno/deno", "/home/u/.deno/bin/deno", "/opt/deno"];
  for (const path of passing) assert.ok(isPassing(path), path);
  for (const path of lasting) assert.ok(!isPassing(path), path);
});

Deno.test("a launcher whose Deno is gone says what to do", () =>
  withFolder(async (home) => {
    const { launcherText } = await import("../../tasks/launcher.ts");
    const text = launcherText({ program: home, deno: `${home}/deno`, version: config.version });
    assert.equal(text.split("\n")[1].slice(0, MARK.length), MARK);
    const { code, stderr } = await new Deno.Command("sh", { args: ["-c", text, "sh", "-h"] })
      .output();
    assert.equal(code, 1);
    assert.match(
      new TextDecoder().decode(stderr),
      /^error: .*deno is gone.*deno task install again/,
    );
  }));
