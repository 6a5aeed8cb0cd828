/**
 * Defines the cases, by name.
 *
 * @module
 */

import {
  bcftools,
  bcftoolsCut,
  bcftoolsGzip,
  bgzip,
  compiled,
  mawk,
  ours,
  oursReused,
  pandas,
  plink,
} from "./peers.ts";
import { type Case, type Entry, type Goal, type Matrix, planMatrix, type Setting } from "./plan.ts";

const TALL = { rows: 4_000_000, columns: 34 };
const WIDE = { rows: 25_000, columns: 3 + 5008 };
/** The pandas pipeline takes one row in that many. */
const PANDAS_SHARE = 10;
/**
 * Options for plink1.9, which accepts diploid, biallelic matrices, and no half-missing genotypes.
 */
const PLINK_OPTIONS = { multiallelic: 0, missing: 0 };

/** Every case, in the order in which they run. */
export const CASES: Readonly<Record<string, (setting: Setting) => Case>> = {
  "tall": tall,
  "wide": wide,
  "tall-gz": (setting) => gzip(setting, "tall-gz", TALL),
  "wide-gz": (setting) => gzip(setting, "wide-gz", WIDE),
  "plink": plinkCase,
  "growth": growth,
  "cores": cores,
  "memory": memory,
  "reuse": reuse,
  "startup": startup,
};

/** The cases that run unless the user chooses; they take a quarter of an hour. */
export const DEFAULT_CASES = ["tall", "wide", "tall-gz"];

function tall(setting: Setting): Case {
  const matrix = planMatrix(setting, TALL.rows, TALL.columns);
  const small = planMatrix(setting, TALL.rows / PANDAS_SHARE, TALL.columns);
  const first = ours(setting, matrix, { label: "matrix2vcf, table kept", keepTable: true });
  const label = "matrix2vcf, table not kept";
  return {
    ...caseOf("tall", `plain VCF of ${sizeOf(matrix)}`),
    entries: [
      first,
      bcftools(setting, matrix),
      compiled(setting, matrix),
      ours(setting, matrix, { id: "temporary", label, against: first.output }),
      ...straight(setting, matrix, first.output),
      bcftoolsCut(setting, matrix),
      mawk(setting, matrix),
      pandas(setting, small, matrix.rows / small.rows),
    ],
    goals: [
      slower("bcftools", 1, 1.5),
      slower("pandas", 40),
      ...straightGoals([4.5, 6], [1.6, 2]),
      { ...near("c"), aim: 4 },
    ],
  };
}

function wide(setting: Setting): Case {
  const matrix = planMatrix(setting, WIDE.rows, WIDE.columns);
  const first = ours(setting, matrix, { label: "matrix2vcf, table not kept" });
  const label = "matrix2vcf, table kept";
  return {
    ...caseOf("wide", `plain VCF of ${sizeOf(matrix)}`),
    entries: [
      first,
      bcftools(setting, matrix),
      compiled(setting, matrix),
      ours(setting, matrix, { id: "kept", label, keepTable: true, against: first.output }),
      ...straight(setting, matrix, first.output),
      bcftoolsCut(setting, matrix),
      mawk(setting, matrix),
    ],
    goals: [
      slower("bcftools", 1, 1.5),
      { ...slower("bcftools", undefined, 1), over: "kept", text: "bcftools / table kept, wall" },
      { ...near("c"), aim: 6 },
      ...straightGoals([2.8, 3.5], [0.95, 1.2]),
      peak("matrix2vcf", "peak memory", 768),
    ],
  };
}

/** Rows that go straight to the output, without a table and beside one. */
function straight(setting: Setting, matrix: Matrix, against: string | undefined): Entry[] {
  const flags = ["--direct"], label = "matrix2vcf --direct";
  return [
    ours(setting, matrix, { id: "direct", label: `${label}, no table`, flags, against }),
    ours(setting, matrix, {
      id: "direct-kept",
      label: `${label}, table kept`,
      flags,
      keepTable: true,
      against,
    }),
  ];
}

/** How much longer bcftools shall take: what must be, and what is aimed at, without and with a table. */
function straightGoals(...goals: [must: number, aim: number][]): Goal[] {
  const [without, kept] = goals.map(([must, aim]) => slower("bcftools", must, aim));
  return [
    { ...without, over: "direct", text: "bcftools / --direct, no table, wall" },
    { ...kept, over: "direct-kept", text: "bcftools / --direct, table kept, wall" },
  ];
}

function gzip(setting: Setting, id: string, { rows, columns }: typeof TALL): Case {
  const matrix = planMatrix(setting, rows, columns);
  const first = ours(setting, matrix, { gzip: true });
  const [must, aim] = id === "tall-gz" ? [2.5, 3] : [2.2, 2.6];
  return {
    ...caseOf(id, `.vcf.gz and index of ${sizeOf(matrix)}`),
    entries: [
      first,
      ours(setting, matrix, {
        id: "direct",
        label: "matrix2vcf --direct",
        flags: ["--direct"],
        gzip: true,
        against: first.output,
      }),
      bcftoolsGzip(setting, matrix),
      bgzip(setting, matrix),
    ],
    goals: [
      slower("bcftools", 1.2, 1.5),
      { ...slower("bcftools", must, aim), over: "direct", text: "bcftools / --direct, wall" },
      { ...near("bgzip"), text: "our size / bgzip -l 6", measure: "bytes", must: 1.2 },
    ],
  };
}

function plinkCase(setting: Setting): Case {
  const only = { name: "biallelic", options: PLINK_OPTIONS };
  const matrix = planMatrix(setting, TALL.rows, TALL.columns + 1, only);
  return {
    ...caseOf("plink", `plain VCF of ${sizeOf(matrix)}, diploid, biallelic, none missing`),
    entries: [ours(setting, matrix), plink(setting, matrix)],
    goals: [slower("plink", undefined, 1)],
  };
}

function growth(setting: Setting): Case {
  const sizes = [
    { rows: 1_000_000, columns: 34 },
    { rows: 4_000_000, columns: 34 },
    { rows: 16_000_000, columns: 34 },
    { rows: 10_000, columns: 34 },
    { rows: 10_000, columns: 3400 },
    { rows: 10_000, columns: 20_003 },
  ];
  const ways = [{ flags: [], label: "" }, { flags: ["--direct"], label: ", --direct" }];
  const entries = sizes.flatMap(({ rows, columns }) => {
    const matrix = planMatrix(setting, rows, columns);
    return ways.map(({ flags, label }) =>
      ours(setting, matrix, {
        id: [...flags, `${rows}x${columns}`].join("-"),
        label: sizeOf(matrix) + label,
        flags,
      })
    );
  });
  const [first, tallest, widest] = [0, 2, 5].map((size) => entries[2 * size].id);
  const goal: Goal = { ...near(first), measure: "cell", must: 1.3, text: "" };
  return {
    ...caseOf("growth", "time per cell, plain VCF"),
    baseline: first,
    compare: "cell",
    mostRounds: 3,
    entries,
    goals: [
      { ...goal, entry: tallest, text: "16 M rows / 1 M rows, per cell" },
      { ...goal, entry: widest, text: "20,003 columns / 34 columns and 1 M rows, per cell" },
    ],
  };
}

function cores(setting: Setting): Case {
  const matrix = planMatrix(setting, TALL.rows, TALL.columns);
  const counts: number[] = [];
  for (let count = 1; count <= setting.cores; count *= 2) counts.push(count);
  const entries = [[], ["--direct"]].flatMap((way) =>
    counts.map((count) => {
      const flags = [...way, "--threads", String(count)];
      return ours(setting, matrix, {
        id: [...way, count].join("-"),
        label: flags.join(" "),
        flags,
        against: count === 1 && way.length === 0 ? undefined : `${setting.folder}/out/1.vcf`,
      });
    })
  );
  return {
    ...caseOf("cores", `plain VCF of ${sizeOf(matrix)}`),
    baseline: entries[0].id,
    entries,
    goals: [],
  };
}

function memory(setting: Setting): Case {
  const sizes = [
    { ...TALL, flags: ["--memory", "512MiB"], most: 512 },
    { ...TALL, rows: 4 * TALL.rows, flags: ["--memory", "512MiB"], most: 512 },
    { ...WIDE, flags: [], most: 768 },
    { ...WIDE, rows: 4 * WIDE.rows, flags: [], most: 768 },
    { rows: 5000, columns: 3 + 20_016, flags: [], most: 1024 },
  ];
  const entries = sizes.map(({ rows, columns, flags }) => {
    const matrix = planMatrix(setting, rows, columns);
    const label = [sizeOf(matrix), ...flags].join(" ");
    return ours(setting, matrix, { id: `memory-${rows}x${columns}`, label, flags });
  });
  return {
    ...caseOf("memory", "peak memory, plain VCF"),
    baseline: entries[0].id,
    compare: "cell",
    mostRounds: 2,
    entries,
    goals: entries.map(({ id, label }, at) => peak(id, label, sizes[at].most)),
  };
}

function reuse(setting: Setting): Case {
  const matrix = planMatrix(setting, TALL.rows, TALL.columns);
  return {
    ...caseOf("reuse", `plain VCF of ${sizeOf(matrix)}, from a kept table`),
    entries: [
      ours(setting, matrix, { label: "first conversion, table kept", keepTable: true }),
      oursReused(setting, matrix),
    ],
    goals: [seconds("reused", "second conversion", 1.2)],
  };
}

function startup(setting: Setting): Case {
  const output = `${setting.folder}/out/sample.vcf`;
  const sample = `${setting.root}/data/genome_matrix`;
  const entry = (id: string, label: string, command: string[]): Entry => {
    return { id, label, peer: "matrix2vcf", command, recipes: [], leaves: [] };
  };
  const words = [`${sample}.tsv`, "--header", `${sample}_header.txt`, "-o", output, "--quiet"];
  return {
    ...caseOf("startup", "starting and small work"),
    baseline: "help",
    entries: [
      entry("help", "--help", [...setting.convert.slice(0, -1), "--help"]),
      { ...entry("sample", "the sample", [...setting.convert, ...words]), output },
    ],
    goals: [seconds("help", "--help", 0.25), seconds("sample", "sample conversion", 1)],
  };
}

function caseOf(id: string, title: string) {
  return { id, title, baseline: "matrix2vcf", compare: "wall" } as const;
}

/** Returns the goal that another's time over ours is at least `must`. */
function slower(entry: string, must?: number, aim?: number): Goal {
  const text = `${entry} / matrix2vcf, wall`;
  return { text, measure: "wall", entry, over: "matrix2vcf", bound: "least", must, aim };
}

/** Returns the goal that our time over another's stays below a bound. */
function near(over: string): Goal {
  const text = `matrix2vcf / ${over}, wall`;
  return { text, measure: "wall", entry: "matrix2vcf", over, bound: "most" };
}

function peak(entry: string, text: string, must: number): Goal {
  return { text: `peak memory, MiB: ${text}`, measure: "peak", entry, bound: "most", must };
}

function seconds(entry: string, text: string, must: number): Goal {
  return { text: `seconds: ${text}`, measure: "wall", entry, bound: "most", must };
}

function sizeOf({ rows, columns }: Matrix): string {
  const grouped = new Intl.NumberFormat("en");
  return `${grouped.format(rows)} rows x ${grouped.format(columns)} columns`;
}
