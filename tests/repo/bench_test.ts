import assert from "node:assert/strict";
import { bench, isClean } from "../../tasks/bench.ts";
import { CASES, DEFAULT_CASES } from "../../tasks/bench/cases.ts";
import { chartSvg } from "../../tasks/bench/chart.ts";
import { growthSvg } from "../../tasks/bench/growth_chart.ts";
import {
  type Entry,
  type Goal,
  onlyPeers,
  type Setting,
  type Tools,
} from "../../tasks/bench/plan.ts";
import { type CaseReport, renderCase, reportCase } from "../../tasks/bench/report.ts";
import { difference, extract, normalise } from "../../tasks/bench/same.ts";
import {
  type EntryResult,
  judge,
  measureOf,
  ratioOf,
  spreadOf,
} from "../../tasks/bench/statistics.ts";
import { withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote } from "../helpers/tools.ts";

const TOOLS: Tools = {
  mawk: "/bin/mawk",
  bcftools: "/bin/bcftools",
  bgzip: "/bin/bgzip",
  "plink1.9": "/bin/plink1.9",
  gcc: "/bin/gcc",
  pandas: "/usr/bin/python3",
};

const SETTING: Setting = {
  root: "/repo",
  folder: "/bench",
  convert: ["deno", "run", "src/main.ts", "convert"],
  tools: TOOLS,
  cores: 4,
  scale: 1,
};

/** An entry with runs that took so long, in rounds 1, 2, ... */
function result(id: string, walls: number[], more: Partial<EntryResult> = {}): EntryResult {
  const matrix = { path: "/m.tsv", rows: 100, columns: 10, options: {} };
  const entry: Entry = {
    ...{ id, label: id, peer: "mawk", command: [id], recipes: [], leaves: [], matrix },
  };
  const runs = walls.map((wall, at) => ({ round: at + 1, wall, cpu: 2, peak: 2048, bytes: 10 }));
  return { entry, status: "done", runs, same: "yes", ...more };
}

Deno.test("spreadOf() takes the middle", () => {
  assert.deepEqual(spreadOf([3]), { median: 3, least: 3, most: 3 });
  assert.deepEqual(spreadOf([9, 1, 2]), { median: 2, least: 1, most: 9 });
  assert.deepEqual(spreadOf([4, 1, 2, 10]), { median: 3, least: 1, most: 10 });
});

Deno.test("measureOf() converts units, and leaves out who failed", () => {
  const one = result("a", [1]);
  assert.equal(measureOf(one, "peak")?.median, 2);
  assert.equal(measureOf(one, "cell")?.median, 1e6);
  assert.equal(measureOf(result("a", []), "wall"), undefined);
  assert.equal(measureOf({ ...one, status: "failed" }, "wall"), undefined);
});

Deno.test("ratioOf() pairs the runs of a round", () => {
  const ratio = ratioOf(result("slow", [2, 30, 8]), result("fast", [1, 10]), "wall");
  assert.deepEqual(ratio, { median: 2.5, least: 2, most: 3 });
});

Deno.test("ratioOf() multiplies what was extrapolated, and takes medians without a pair", () => {
  const once = result("once", [4]);
  const other = result("other", [1, 2, 3]);
  once.entry.extrapolate = 10;
  once.runs[0].round = 0;
  assert.deepEqual(ratioOf(once, other, "wall"), { median: 20, least: 20, most: 20 });
});

Deno.test("judge() says whether goals are met", () => {
  const plan = CASES.tall(SETTING);
  const results = [result("us", [1, 1]), result("them", [2, 2])];
  const goal: Goal = { text: "", measure: "wall", entry: "them", over: "us", bound: "least" };
  const cases: [Partial<Goal>, string][] = [
    [{ must: 3 }, "missed"],
    [{ must: 1 }, "reached"],
    [{ must: 1, aim: 2 }, "aim reached"],
    [{ must: 1, aim: 3 }, "reached"],
    [{ aim: 3 }, "aim missed"],
    [{ bound: "most", must: 1 }, "missed"],
    [{ over: undefined, bound: "most", must: 2 }, "reached"],
    [{ entry: "nobody" }, "not measured"],
    [{ over: "nobody" }, "not measured"],
  ];
  for (const [change, verdict] of cases) {
    const goals = [{ ...goal, ...change }];
    assert.equal(judge({ ...plan, goals }, results)[0].verdict, verdict, JSON.stringify(change));
  }
});

Deno.test("a plan is whole: names are unique, and what they refer to is there", () => {
  for (const [name, make] of Object.entries(CASES)) {
    const plan = make(SETTING);
    assert.equal(plan.id, name);
    const ids = plan.entries.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, name);
    assert.ok(ids.includes(plan.baseline), name);
    for (const { entry, over } of plan.goals) {
      assert.ok(ids.includes(entry) && (over === undefined || ids.includes(over)), name);
    }
    const outputs = plan.entries.flatMap(({ output, leaves }) => output ? [output, ...leaves] : []);
    assert.equal(new Set(outputs).size, outputs.length, name);
    const made = [...outputs, ...plan.entries.flatMap(({ recipes }) => recipes.map((r) => r.path))];
    for (const { check } of plan.entries) assert.ok(!check || made.includes(check.against), name);
  }
  assert.ok(DEFAULT_CASES.every((name) => name in CASES));
});

Deno.test("a plan takes the words of the task and leaves shell words alone", () => {
  const [ours, bcftools] = CASES.tall(SETTING).entries;
  assert.deepEqual(ours.command, [
    ...SETTING.convert,
    "/bench/data/4000000x34.tsv",
    ...["-o", "/bench/out/matrix2vcf.vcf", "--quiet"],
    ...["--database", "/bench/out/matrix2vcf.duckdb"],
  ]);
  assert.deepEqual(bcftools.command.slice(0, 3), ["/bin/bcftools", "convert", "--tsv2vcf"]);
  assert.equal(bcftools.recipes.length, 2);
});

Deno.test("a plan scales rows, not columns, and takes the full size of haplotypes", () => {
  const small = CASES.wide({ ...SETTING, scale: 0.1 }).entries[0].matrix;
  assert.deepEqual(small?.options, { rows: 2500, samples: 2504, haploid: 0 });
  assert.deepEqual(CASES.tall(SETTING).entries[0].matrix?.options, {
    ...{ rows: 4_000_000, samples: 16, haploid: 1 },
  });
});

Deno.test("a program that is missing is noted, and the others stay", () => {
  const plan = CASES.tall({ ...SETTING, tools: { gcc: "/bin/gcc" } });
  const missing = plan.entries.map(({ id, missing }) => [id, missing]);
  assert.deepEqual(Object.fromEntries(missing.filter(([, why]) => why !== undefined)), {
    "bcftools": "bcftools, mawk not installed",
    "bcftools-cut": "bcftools, mawk not installed",
    "mawk": "mawk not installed",
    "pandas": "pandas not installed",
  });
});

Deno.test("onlyPeers() drops goals with their entries", () => {
  const plan = onlyPeers(CASES.tall(SETTING), ["matrix2vcf", "c"]);
  assert.deepEqual(plan.entries.map(({ id }) => id), [
    "matrix2vcf",
    "c",
    "temporary",
    "direct",
    "direct-kept",
  ]);
  assert.deepEqual(plan.goals.map(({ text }) => text), ["matrix2vcf / c, wall"]);
});

const RECORD = "1\t7\t.\tA\tG,C\t.\t.\t.\tGT\t0|1\t.|2\t1\t.|.";

Deno.test("normalise() sees what its lens lets through", () => {
  assert.equal(normalise(RECORD, "exact"), "1:7 A G,C A|G .|C G .|.");
  assert.equal(normalise(RECORD, "unphased"), "1:7 A A/G ./C G/G ./.");
  assert.equal(normalise(RECORD, "numbered"), "1:7 A C,G 0/1 2/3 1/1 ./.");
});

Deno.test("normalise() sees through the numbers of bcftools", () => {
  const theirs = "1\t7\t.\tA\tC,G,N\t.\t.\t.\tGT\t0/1\t2/3\t1/1\t./.";
  assert.equal(normalise(theirs, "numbered"), normalise(RECORD, "numbered"));
  const wrong = theirs.replace("1/1", "1/2");
  assert.notEqual(normalise(wrong, "numbered"), normalise(RECORD, "numbered"));
});

Deno.test("extract() and difference() find what differs", async () => {
  await withFolder(async (folder) => {
    const head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
    const names = "\ta\tb\tc\td\n";
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return await extract(`${folder}/${name}`, 2, "exact");
    };
    const one = await write("one.vcf", `${head}${names}${`${RECORD}\n`.repeat(3)}`);
    assert.equal(one.records, 3);
    assert.equal(one.lines.length, 2);
    assert.deepEqual(one.samples, ["a", "b", "c", "d"]);
    const other = async (text: string) => difference(one, await write("other.vcf", text));
    assert.equal(await other(`${head}${names}${RECORD}\n`), "1 records, not 3");
    const lines = `${RECORD}\n${RECORD}\n${RECORD.replace("0|1", "1|0")}\n`;
    assert.equal(await other(`${head}${names}${lines}`), "other genotypes at 1:7");
    assert.equal(await other(`${head}\tx${names}${`${RECORD}\n`.repeat(3)}`), "other samples");
    await assert.rejects(extract(`${folder}/none.vcf.gz`, 1, "exact"));
  });
});

Deno.test("renderCase() gives every row as many cells", () => {
  const plan = CASES.tall(SETTING);
  const failed = result("bad", [], { status: "failed", note: "exit 1: a|b" });
  const [first, ...others] = plan.entries;
  const results = [
    result("x", [1, 2, 3], { entry: first }),
    ...others.map((entry) => result("y", entry.extrapolate ? [1] : [4, 4.5, 5], { entry })),
    failed,
  ];
  for (const { entry, runs } of results) if (entry.extrapolate) runs[0].round = 0;
  const report = reportCase(plan, results);
  const text = renderCase(report);
  assertTables(text);
  assert.match(text, /- bad: failed: exit 1: a\|b/);
  assert.match(text, /2\.00 \(1\.00-3\.00\)/);
  assert.match(text, /extrapolated from 1\/10/);
  assert.match(text, /pandas \/ matrix2vcf, wall \| at least 40 \| 5\.00 \| missed/);
});

function assertTables(text: string): void {
  for (const table of text.split("\n\n").filter((part) => part.startsWith("|"))) {
    const counts = table.trim().split("\n").map((line) => line.split(/(?<!\\)\|/).length);
    assert.equal(new Set(counts).size, 1, table);
  }
}

/** The measuring needs one of them. */
const canMeasure = hasTool("gcc") || hasTool("python3");

Deno.test({
  name: `a small race ends in results.json${missingNote("mawk", "bcftools", "gcc")}`,
  ignore: !canMeasure || !hasTool("mawk") || !hasTool("bcftools") || !hasTool("gcc"),
  fn: () =>
    withFolder(async (folder) => {
      const printed: string[] = [];
      const report = await bench({
        cases: ["tall"],
        peers: ["matrix2vcf", "bcftools", "mawk", "c"],
        rounds: 1,
        scale: 2000 / 4_000_000,
        output: folder,
        chart: `${folder}/chart.svg`,
      }, { print: (text) => printed.push(text), say: () => {} });
      assert.ok(isClean(report), printed.join("\n"));
      const written = JSON.parse(await Deno.readTextFile(`${folder}/results.json`));
      assert.deepEqual(written, JSON.parse(JSON.stringify(report)));
      assertRace(written.cases[0]);
      for (const text of printed) assertTables(text);
      assert.match(await Deno.readTextFile(`${folder}/chart.svg`), /^<svg .*mawk.*<\/svg>\n$/s);
      assert.deepEqual([...Deno.readDirSync(`${folder}/out`)], []);
    }),
});

function assertRace(race: CaseReport): void {
  const ids = race.entries.map(({ id }) => id);
  assert.deepEqual(ids, [
    "matrix2vcf",
    "bcftools",
    "c",
    "temporary",
    "direct",
    "direct-kept",
    "mawk",
  ]);
  const same = race.entries.map((entry) => entry.same);
  assert.deepEqual(same, ["reference", "yes, numbered", ...Array(5).fill("yes, exact")]);
  for (const { id, rows, runs, measures, ratio } of race.entries) {
    assert.equal(rows, 2000, id);
    assert.equal(runs.length, 1, id);
    for (const name of ["wall", "cpu", "peak", "bytes"] as const) {
      assert.ok((measures[name]?.median ?? 0) > 0, `${id}: ${name}`);
    }
    assert.ok(ratio && ratio.median > 0, id);
  }
}

Deno.test("growthSvg() draws a line of each way in each panel, and no other case", () => {
  const plan = CASES.growth(SETTING);
  const results = plan.entries.map((entry, n) => {
    const { runs } = result(entry.id, [n + 1]);
    return { entry, status: "done", runs, same: "yes" } as const;
  });
  const machine = { cpu: "", cores: 2, memory: 1, load: 0, versions: {} };
  const report = { version: "1", machine, rounds: 1, scale: 1 };
  const svg = growthSvg({ ...report, cases: [reportCase(plan, results)] });
  for (const text of ["--direct", "through the table", "million rows", "thousand columns"]) {
    assert.ok(svg?.includes(text), text);
  }
  assert.equal(growthSvg({ ...report, cases: [] }), undefined);
});

Deno.test("chartSvg() draws no case that has one program only", () => {
  const report = reportCase(CASES.cores(SETTING), [result("a", [1]), result("b", [2])]);
  const machine = { cpu: "", cores: 2, memory: 1, load: 0, versions: {} };
  const svg = chartSvg({ version: "1", machine, rounds: 1, scale: 1, cases: [report] });
  assert.equal(svg, undefined);
});
