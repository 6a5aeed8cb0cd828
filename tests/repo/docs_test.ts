/**
 * The pages do what they say: README.md, ARCHITECTURE.md and docs/*.md. Every command of a page runs
 * as it is printed there, in a copy of the repository and with an empty HOME; what a page prints of
 * its output is compared. `UPDATE_DOCS=1 deno test -A tests/repo/docs_test.ts` writes the output of a
 * change that is meant.
 *
 * - `sh`: runs, and must succeed.
 * - `console`: lines after `$ ` (and `> `, which go on) run; the others are what they print.
 * - `sql`: goes to the shell of `deno task sql`, over the table of the README's first session.
 * - `ts`: is type-checked and run.
 * - `text` right after `sql` or `ts`: what that prints.
 *
 * A block that cannot run has `<!-- not run: why -->` before it, and is listed as an ignored step.
 * The commands of the README's table run, too, on the files of {@linkcode USERS_FILES}.
 *
 * @module
 */
import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { InputError } from "../../src/base/errors.ts";
import { SqlSession } from "../../src/query/sql_session.ts";
import { SqlShell } from "../../src/shell/sql_shell.ts";
import { terminalSvg } from "../../tasks/terminal_picture.ts";
import { filePath, listing, withFolder } from "../helpers/cli.ts";
import { missingNote, run } from "../helpers/tools.ts";
import { launcherIn } from "../cluster/program.ts";

const UPDATE = Deno.env.get("UPDATE_DOCS") !== undefined;
const MOST_README_BYTES = 8192;

/** Pages whose blocks run, the README first: the others go on from its first session. */
const PAGES = ["README.md", "ARCHITECTURE.md", ...namesIn("docs", ".md")];
/** Pages whose links and paths are checked. */
const LINKED = [...PAGES, "CONTRIBUTING.md", "DECISIONS.md"];

/** Programs that the pages use and that need not be there. */
const TOOLS = ["bcftools", "bgzip", "plink2", "snakemake", "tabix"];

/** Tasks that the README's table names and that do not run here, and why. */
const TASKS_NOT_RUN: Readonly<Record<string, string>> = {
  compile: "it may need the network; tests/repo/compile_test.ts tests it",
};

/** What a user would have who types the commands of the README's table. */
const USERS_FILES = `
deno task generate --rows 200 -o matrix.tsv
printf '10\\t10a\\t10b\\nVida\\tVida\\n' > sheet.tsv
awk 'BEGIN { FS = "\\t" }
  $1 != contig && NR > 1 { if (contig) print text; print ">" $1; contig = $1; text = ""; at = 1 }
  NR > 1 { while (at < $2) { text = text "N"; at++ } if (at == $2) { text = text $3; at++ } }
  END { print text }' matrix.tsv > genome.fa`;

function namesIn(folder: string, suffix: string): string[] {
  const names = [...Deno.readDirSync(filePath(folder))].map(({ name }) => name);
  return names.filter((name) => name.endsWith(suffix)).sort().map((name) => `${folder}/${name}`);
}

interface Block {
  language: string;
  body: string;
  /** Offsets of the body in the page. */
  from: number;
  to: number;
  /** Why it does not run. */
  notRun: string | undefined;
  /** It stands right after another one. */
  follows: boolean;
}

/** Returns the fenced blocks of a page. */
function blocksOf(text: string): Block[] {
  const fence = /^(`{3,})([^\n`]*)\n([^]*?)^\1$/gm;
  let end = 0;
  return [...text.matchAll(fence)].map(({ 0: whole, 1: ticks, 2: language, 3: body, index }) => {
    const between = text.slice(end, index);
    const from = index + ticks.length + language.length + 1;
    const block = {
      language,
      body,
      from,
      to: from + body.length,
      notRun: /<!-- not run: *([^]*?)\s*-->\s*$/.exec(between)?.[1].replaceAll(/\s+/g, " "),
      follows: end > 0 && between.trim() === "",
    };
    end = index + whole.length;
    return block;
  });
}

/** Returns a page without its blocks. */
function proseOf(text: string): string {
  return text.replaceAll(/^(`{3,})[^\n`]*\n[^]*?^\1$/gm, "");
}

/** Commands in the right column of the page's tables. */
function tableCommands(text: string): string[] {
  const rows = proseOf(text).matchAll(/^\|.*\| *`(deno task [^`]*)` *\|$/gm);
  return [...rows].map(([, command]) => command);
}

/** A session of `console`: the commands, each with what it prints. */
function sessionOf(body: string): { printed: string; command: string; output: string }[] {
  const parts = body.split(/^(?=\$ )/m);
  return parts.map((part) => {
    const printed = /^\$ .*\n(?:> .*\n)*/.exec(part)?.[0];
    assert.ok(printed, `no command begins with "$ ": ${part}`);
    const command = printed.replaceAll(/^[$>] /gm, "");
    return { printed, command, output: part.slice(printed.length) };
  });
}

/** The place where the pages are tried. */
class Place {
  constructor(
    readonly folder: string,
    private readonly home: string,
    private readonly cache: string,
  ) {}

  /** Makes a copy of what git tracks, and what it will, and a home with nothing in it. */
  static async create(folder: string): Promise<Place> {
    const root = filePath("."), home = `${folder}/home`, clone = `${folder}/clone`;
    const { stdout } = await run("git", ["-C", root, "ls-files", "-co", "--exclude-standard"]);
    for (const file of stdout.trimEnd().split("\n")) {
      if (!await Deno.stat(`${root}/${file}`).then(() => true, () => false)) continue;
      await Deno.mkdir(dirname(`${clone}/${file}`), { recursive: true });
      await Deno.copyFile(`${root}/${file}`, `${clone}/${file}`);
    }
    await Deno.mkdir(`${home}/bin`, { recursive: true });
    await Deno.symlink(Deno.execPath(), `${home}/bin/deno`);
    // The real npx would fetch the Deno that runs this.
    const npx =
      `#!/bin/sh\n[ "$1 $2" = "-y deno@${Deno.version.deno}" ] && shift 2 && exec deno "$@"\n`;
    await Deno.writeTextFile(`${home}/bin/npx`, npx, { mode: 0o755 });
    await Deno.symlink(await launcherIn(home), `${home}/bin/matrix2vcf`);
    for (const name of ["sbatch", "scontrol"]) {
      await Deno.symlink(filePath(`tests/cluster/fake_slurm/${name}`), `${home}/bin/${name}`);
    }
    await Deno.mkdir(`${home}/slurm`);
    const info = await run(Deno.execPath(), ["info", "--json"]);
    return new Place(clone, home, JSON.parse(info.stdout).denoDir);
  }

  /** Makes a copy of this place as it is now. */
  async copy(name: string): Promise<Place> {
    const folder = join(dirname(this.folder), name);
    const { code, stderr } = await run("cp", ["-r", this.folder, folder]);
    assert.equal(code, 0, stderr);
    return new Place(folder, this.home, this.cache);
  }

  /** Runs a script as a new user's shell does; returns what it prints on both streams. */
  async shell(script: string): Promise<{ code: number; output: string }> {
    const { code, stdout } = await new Deno.Command("bash", {
      args: ["-c", `exec 2>&1\nset -eo pipefail\n${script}`],
      cwd: this.folder,
      clearEnv: true,
      env: {
        HOME: this.home,
        DENO_DIR: this.cache,
        NO_COLOR: "1",
        FAKE_SLURM: `${this.home}/slurm`,
        PATH: `${this.home}/bin:${Deno.env.get("PATH")}`,
      },
      stdin: "null",
      stderr: "inherit",
    }).output();
    return { code, output: new TextDecoder().decode(stdout) };
  }

  /** Runs SQL as the shell does that has no terminal; returns what it prints. */
  async sql(session: SqlSession, lines: string): Promise<string> {
    let printed = "";
    const shell = new SqlShell(session, { format: "box", say: (line) => printed += `${line}\n` });
    const write = (text: string) => Promise.resolve(void (printed += text));
    const writeBytes = (bytes: Uint8Array) => write(new TextDecoder().decode(bytes));
    shell.output = { terminal: false, width: 80, write, writeBytes, close() {} };
    try {
      for (const line of lines.trimEnd().split("\n")) await shell.feed(line);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return `${printed}error: ${error.message}\n`;
    }
    assert.equal(shell.unfinished, "", "the last statement has no semicolon");
    return printed;
  }

  /** Checks and runs programs in one process; returns what each prints. */
  async programs(texts: readonly string[]): Promise<string[]> {
    const names = texts.map((_, index) => `program_${index}.ts`);
    for (const [index, name] of names.entries()) {
      await Deno.writeTextFile(`${this.folder}/${name}`, texts[index]);
    }
    const all = names.map((name) => `await import("./${name}");\nconsole.log("\\f");\n`);
    await Deno.writeTextFile(`${this.folder}/programs.ts`, all.join(""));
    // Checked apart: `deno run --check` would check all again for each worker.
    await tryScript(`deno check --quiet ${names.join(" ")}`, this);
    const flags = "--quiet --no-prompt --allow-read --allow-write --allow-ffi";
    const { code, output } = await this.shell(`deno run ${flags} programs.ts`);
    assert.equal(code, 0, output);
    return output.split("\f\n").slice(0, -1);
  }
}

/** A page, its blocks, and new output for some of them. */
class Page {
  readonly text: string;
  readonly blocks: Block[];
  readonly #changes: { from: number; to: number; text: string }[] = [];

  constructor(readonly name: string) {
    this.text = Deno.readTextFileSync(filePath(name));
    this.blocks = blocksOf(this.text);
  }

  /** What the block after this one says that it prints; undefined if it says nothing. */
  outputOf(block: Block): Block | undefined {
    const next = this.blocks[this.blocks.indexOf(block) + 1];
    return next?.language === "text" && next.follows ? next : undefined;
  }

  /** Compares what a block says with what is so, or notes that it is to be changed. */
  compare(block: Block, actual: string): void {
    if (!UPDATE) assert.equal(actual, block.body);
    else this.#changes.push({ from: block.from, to: block.to, text: actual });
  }

  async save(): Promise<void> {
    let text = this.text;
    for (const change of this.#changes.sort((a, b) => b.from - a.from)) {
      text = text.slice(0, change.from) + change.text + text.slice(change.to);
    }
    if (text !== this.text) await Deno.writeTextFile(filePath(this.name), text);
  }
}

function titleOf({ language, body }: Block): string {
  const [first] = body.split("\n");
  return `${language}: ${first.slice(0, 90)}`;
}

function toolsIn(text: string): string[] {
  return TOOLS.filter((tool) => new RegExp(`\\b${tool} `).test(text));
}

async function trySession(page: Page, block: Block, place: Place): Promise<void> {
  let session = "";
  for (const { printed, command } of sessionOf(block.body)) {
    session += printed + (await place.shell(command)).output;
  }
  page.compare(block, session);
}

async function tryScript(script: string, place: Place): Promise<void> {
  const { code, output } = await place.shell(script);
  assert.equal(code, 0, output);
}

/** What came of one command; it is told in the order of the page. */
interface Outcome {
  name: string;
  ignore: boolean;
  error?: unknown;
}

async function outcome(name: string, fn: () => Promise<void> | void): Promise<Outcome> {
  try {
    await fn();
    return { name, ignore: false };
  } catch (error) {
    return { name, ignore: false, error };
  }
}

async function tryPage(page: Page, place: Place): Promise<Outcome[]> {
  const found: Outcome[] = [];
  const programs = page.blocks.filter((block) => block.language === "ts" && !block.notRun);
  let printed: string[] = [], session: SqlSession | undefined;
  if (programs.length > 0) {
    const texts = programs.map(({ body }) => body);
    found.push(
      await outcome("the programs of the page", async () => {
        printed = await place.programs(texts);
      }),
    );
  }
  for (const block of page.blocks) {
    const { language, body, notRun } = block, title = titleOf(block);
    if (notRun) {
      found.push({ name: `${title} (not run: ${notRun})`, ignore: true });
      continue;
    }
    const missing = missingNote(...toolsIn(body));
    if (missing !== "") {
      found.push({ name: title + missing, ignore: true });
      continue;
    }
    const tried = await outcome(title, async () => {
      assert.notEqual(notRun, "", `"not run", but why?`);
      if (language === "sh") return await tryScript(body, place);
      if (language === "console") return await trySession(page, block, place);
      const output = page.outputOf(block);
      if (language === "sql") {
        session ??= await SqlSession.open(`${place.folder}/sample.duckdb`);
        const actual = await place.sql(session, body);
        if (output) page.compare(output, actual);
      } else if (language === "ts") {
        if (output) page.compare(output, printed[programs.indexOf(block)]);
      } else assert.match(language, /^(?:text|mermaid)$/, "is this to run? Say how, or why not");
    });
    if (!/^(?:text|mermaid)$/.test(language) || tried.error) found.push(tried);
  }
  await session?.[Symbol.asyncDispose]();
  return found;
}

/** Runs the commands of a page's tables. */
async function tryTables({ text }: Page, user: Place): Promise<Outcome[]> {
  const found: Outcome[] = [];
  await tryScript(USERS_FILES, user);
  for (const command of tableCommands(text)) {
    const task = /deno task (\w+)/.exec(command)![1];
    const why = TASKS_NOT_RUN[task] === undefined
      ? missingNote(...toolsIn(command))
      : ` (not run: ${TASKS_NOT_RUN[task]})`;
    const tried = why !== ""
      ? { name: command + why, ignore: true }
      : await outcome(command, () => tryScript(command, user));
    found.push(tried);
  }
  return found;
}

/** Tries the README, and then the others side by side, on copies of what it leaves. */
async function tryAll(pages: readonly Page[], place: Place): Promise<Map<string, Outcome[]>> {
  const [readme, ...others] = pages;
  const found = new Map([[readme.name, await tryPage(readme, place)]]);
  const work = [
    async () =>
      void found.set("README.md: tasks", await tryTables(readme, await place.copy("tables"))),
    ...others.map((page) => async () => {
      const here = await place.copy(basename(page.name, ".md"));
      found.set(page.name, await tryPage(page, here));
    }),
  ];
  const worker = async () => {
    for (let next = work.shift(); next; next = work.shift()) await next();
  };
  await Promise.all([worker(), worker(), worker()]);
  return found;
}

Deno.test("the pages' commands do what the pages say", async (t) => {
  await withFolder(async (folder) => {
    const pages = PAGES.map((name) => new Page(name));
    const found = await tryAll(pages, await Place.create(folder));
    for (const [name, outcomes] of [...found].sort(([a], [b]) => a < b ? -1 : 1)) {
      await t.step(name, async (t) => {
        for (const { name, ignore, error } of outcomes) {
          await t.step({
            name,
            ignore,
            fn() {
              if (error) throw error;
            },
          });
        }
      });
    }
    if (UPDATE) { for (const page of pages) await page.save(); }
  });
});

Deno.test(`the README has at most ${MOST_README_BYTES} bytes`, async () => {
  const { size } = await Deno.stat(filePath("README.md"));
  assert.ok(size <= MOST_README_BYTES, `README.md has ${size}; docs/ has room`);
});

Deno.test("the README leads to every page", () => {
  const text = Deno.readTextFileSync(filePath("README.md"));
  for (const page of LINKED.slice(1)) assert.ok(text.includes(`](${page})`), page);
});

/** Returns the anchors of a page as GitHub makes them. */
function anchorsOf(text: string): string[] {
  const titles = [...proseOf(text).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
  return titles.map((title) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

for (const name of LINKED) {
  Deno.test(`${name}: what it links to is there`, () => {
    const text = Deno.readTextFileSync(filePath(name)), bad: string[] = [];
    for (const [, target] of proseOf(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path, anchor] = target.split("#");
      const to = path === "" ? name : join(dirname(name), path);
      try {
        const linked = to.endsWith(".md") ? Deno.readTextFileSync(filePath(to)) : undefined;
        if (!linked) Deno.statSync(filePath(to));
        if (anchor && !anchorsOf(linked!).includes(anchor)) bad.push(target);
      } catch {
        bad.push(target);
      }
    }
    assert.deepEqual(bad, []);
  });
}

/** Flags of npx, plink2, vcftools, sbatch and snakemake that the pages name alone. */
const FOREIGN_FLAGS = [
  ...["--offline", "--vcf-half-call", "--allow-extra-chr", "--requeue"],
  ...["--config", "--cluster", "--executor", "--rerun-incomplete"],
  ...["--hap-r2", "--fst", "--window-pi", "--weir-fst-pop"],
];

Deno.test("DECISIONS.md: each paragraph stands in the index by theme", () => {
  const text = Deno.readTextFileSync(filePath("DECISIONS.md"));
  const missing = anchorsOf(text).filter((anchor) =>
    /^\d{4}-/.test(anchor) && !text.includes(`](#${anchor})`)
  );
  assert.deepEqual(missing, [], "add a link below 'By theme', at the top");
});

/** Paragraphs of DECISIONS.md keep the names of their day. */
for (const name of LINKED.filter((name) => name !== "DECISIONS.md")) {
  Deno.test(`${name}: the files, tasks and flags that it names are there`, async () => {
    const text = Deno.readTextFileSync(filePath(name)), bad: string[] = [];
    const files = ["src", "tests", "tasks"].map(async (folder) =>
      (await listing(filePath(folder))).map((file) => `${folder}/${file}`)
    );
    const all = (await Promise.all(files)).flat();
    // A placeholder `<name>` ends what can be checked.
    for (const [path] of text.matchAll(/(?<![\w./-])(?:src|tests|tasks|docs|data)\/[\w./-]*/g)) {
      const at = path.replace(/\.$/, "");
      const there = await Deno.stat(filePath(at)).then(() => true, () => false);
      const open = text.includes(`${at}<`) || text.includes(`${at}*`);
      if (!there && !open) bad.push(at);
    }
    for (const [file] of text.matchAll(/(?<![\w/.<>-])[a-z_]+\.ts\b/g)) {
      if (file !== "mod.ts" && !all.some((path) => path.endsWith(`/${file}`))) bad.push(file);
    }
    for (const [, task] of text.matchAll(/deno task (?:--quiet )?([a-z]+)/g)) {
      if (!Object.hasOwn(config.tasks, task)) bad.push(`deno task ${task}`);
    }
    const sources = all.filter((file) => /^(?:src\/cli|tasks)\/.*\.ts$/.test(file))
      .map((file) => Deno.readTextFileSync(filePath(file))).join("\n");
    for (const [span] of proseOf(text).matchAll(/`[^`]*`/g)) {
      if (/deno (?:run|test|install)|npx|npm|plink2|bcftools/.test(span)) continue;
      for (const [flag] of span.matchAll(/(?<![\w-])--[a-z][\w-]+/g)) {
        if (FOREIGN_FLAGS.includes(flag)) continue;
        if (!sources.includes(flag) && !JSON.stringify(config.tasks).includes(flag)) bad.push(flag);
      }
    }
    assert.deepEqual(bad, []);
  });
}

Deno.test("a picture of a terminal shows its lines as text", () => {
  const svg = terminalSvg("echo '<&>'", ["<&>"]);
  assert.match(svg, />\$ echo '&lt;&amp;&gt;'<\/text>/);
  assert.equal(svg.match(/<text /g)?.length, 2);
});
