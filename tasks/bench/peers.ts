/**
 * Defines the commands of this tool and its peers.
 *
 * @module
 */

import { type Entry, type Matrix, partOf, type Recipe, type Setting, type Tool } from "./plan.ts";

/** Options of an entry of this tool. */
export interface OursOptions {
  id?: string;
  label?: string;
  flags?: string[];
  /** True to write `.vcf.gz` and its index. */
  gzip?: boolean;
  /** True to keep the table, which each run makes anew. */
  keepTable?: boolean;
  /** Another output that its own must be equal to. */
  against?: string;
}

/** Returns an entry of this tool, through its command line. */
export function ours(setting: Setting, matrix: Matrix, options: OursOptions = {}): Entry {
  const { id = "matrix2vcf", label = "matrix2vcf", flags = [], gzip, keepTable, against } = options;
  const output = outputOf(setting, id, gzip);
  const table = `${setting.folder}/out/${id}.duckdb`;
  const database = keepTable ? ["--database", table] : [];
  return {
    id,
    label,
    peer: "matrix2vcf",
    matrix,
    command: [...convertWords(setting, matrix.path, output), ...database, ...flags],
    recipes: [],
    output,
    leaves: [...(gzip ? [`${output}.tbi`] : []), ...(keepTable ? [table] : [])],
    check: against === undefined ? undefined : { against, lens: "exact" },
  };
}

/** Returns an entry of this tool that reads a kept table. */
export function oursReused(setting: Setting, matrix: Matrix): Entry {
  const table = `${setting.folder}/out/reused.duckdb`;
  const entry = ours(setting, matrix, {
    id: "reused",
    label: "second conversion, from the table",
    flags: ["--database", table],
    against: outputOf(setting, "matrix2vcf"),
  });
  // The first conversion makes the table, by the same command.
  return { ...entry, recipes: [{ path: table, from: [], command: entry.command, kept: false }] };
}

/** Returns the entry of a single-pass awk script. */
export function mawk(setting: Setting, matrix: Matrix): Entry {
  const output = outputOf(setting, "mawk");
  return entryOf(setting, ["mawk"], {
    id: "mawk",
    label: "mawk, one pass",
    matrix,
    command: shell("$1 -f $2 $3 > $4", [
      setting.tools.mawk ?? "mawk",
      script(setting, "convert.awk"),
      matrix.path,
      output,
    ]),
    output,
    check: exactly(setting),
  });
}

/** Returns the entry of a single-pass C program, which is the limit. */
export function compiled(setting: Setting, matrix: Matrix): Entry {
  const output = outputOf(setting, "c");
  const program = compileRecipe(setting, "convert");
  return entryOf(setting, ["gcc"], {
    id: "c",
    label: "C, one pass (the limit)",
    matrix,
    recipes: [program],
    command: [program.path, matrix.path, output],
    output,
    check: exactly(setting),
  });
}

/** Returns the entry of `bcftools convert`, from a file that was cut before. */
export function bcftools(setting: Setting, matrix: Matrix): Entry {
  const cut = cutRecipe(setting, matrix);
  const output = outputOf(setting, "bcftools");
  return entryOf(setting, ["bcftools", "mawk"], {
    id: "bcftools",
    label: "bcftools convert --tsv2vcf, pre-cut",
    matrix,
    recipes: [cut, fastaRecipe(setting, matrix)],
    command: [...bcftoolsWords(setting, matrix, cut.path), "-o", output],
    output,
    check: { against: outputOf(setting, "matrix2vcf"), lens: "numbered" },
  });
}

/** Returns the entry of `bcftools convert` with the cut on the way, on the second core. */
export function bcftoolsCut(setting: Setting, matrix: Matrix): Entry {
  const words = bcftoolsWords(setting, matrix, "-");
  const output = outputOf(setting, "bcftools-cut");
  return {
    ...bcftools(setting, matrix),
    id: "bcftools-cut",
    label: "bcftools convert --tsv2vcf, cut by mawk",
    peer: "bcftools-cut",
    command: shell('mawk=$1 script=$2 matrix=$3; shift 3; $mawk -f $script $matrix | "$@"', [
      setting.tools.mawk ?? "mawk",
      script(setting, "cut.awk"),
      matrix.path,
      ...words,
      "-o",
      output,
    ]),
    output,
  };
}

/** Returns the entry of `bcftools convert` to `.vcf.gz`, and its index. */
export function bcftoolsGzip(setting: Setting, matrix: Matrix): Entry {
  const plain = bcftools(setting, matrix);
  const output = outputOf(setting, "bcftools", true);
  const words = plain.command.slice(0, -2);
  return {
    ...plain,
    label: "bcftools convert -Oz --threads 2, pre-cut; index",
    command: shell('output=$1; shift; "$@" -Oz --threads 2 -o $output && $1 index -t $output', [
      output,
      ...words,
    ]),
    output,
    leaves: [`${output}.tbi`],
    check: { against: outputOf(setting, "matrix2vcf", true), lens: "numbered" },
  };
}

/** Returns the entry of compression alone. */
export function bgzip(setting: Setting, matrix: Matrix): Entry {
  const plain = `${setting.folder}/out/plain.vcf`;
  const output = outputOf(setting, "bgzip", true);
  return entryOf(setting, ["bgzip"], {
    id: "bgzip",
    label: "bgzip -@2 -l 6 of our VCF; no index",
    matrix,
    recipes: [convertRecipe(setting, matrix, plain)],
    command: shell("$1 -@2 -l 6 -c $2 > $3", [setting.tools.bgzip ?? "bgzip", plain, output]),
    output,
    check: { against: outputOf(setting, "matrix2vcf", true), lens: "exact" },
  });
}

/**
 * Returns the entry of `plink1.9`, which takes only diploid, biallelic matrices, and loses the
 * phase.
 */
export function plink(setting: Setting, matrix: Matrix): Entry {
  const stem = stemOf(matrix);
  const output = outputOf(setting, "plink");
  const out = output.slice(0, -".vcf".length);
  return entryOf(setting, ["plink1.9", "mawk"], {
    id: "plink",
    label: "plink1.9 --recode vcf-iid, pre-cut",
    matrix,
    recipes: [tpedRecipe(setting, matrix)],
    command: [
      setting.tools["plink1.9"] ?? "plink1.9",
      ...["--tped", `${stem}.tped`, "--tfam", `${stem}.tfam`, "--a2-allele", `${stem}.refs`, "2"],
      ...["1", "--recode", "vcf-iid", "--out", out],
    ],
    output,
    leaves: [`${out}.log`, `${out}.nosex`],
    check: { against: outputOf(setting, "matrix2vcf"), lens: "unphased" },
  });
}

/** Returns the entry of the pipeline that this project replaces, on a smaller matrix. */
export function pandas(setting: Setting, matrix: Matrix, extrapolate: number): Entry {
  const reference = `${setting.folder}/out/pandas-reference.vcf`;
  const output = outputOf(setting, "pandas");
  return entryOf(setting, ["pandas"], {
    id: "pandas",
    label: "pandas and Pool.map",
    matrix,
    recipes: [convertRecipe(setting, matrix, reference)],
    command: [
      setting.tools.pandas ?? "python3",
      script(setting, "pandas_pool.py"),
      matrix.path,
      output,
    ],
    output,
    check: { against: reference, lens: "exact" },
    extrapolate,
  });
}

/** Returns the recipe of a program of this folder, compiled. */
export function compileRecipe(setting: Setting, name: string): Recipe {
  const path = `${setting.folder}/data/${name}`;
  const source = script(setting, `${name}.c`);
  const command = [setting.tools.gcc ?? "gcc", "-O2", "-o", partOf(path), source];
  return { path, from: [source], command, kept: true };
}

type Needed = "id" | "label" | "command";
type Given = Pick<Entry, Needed> & Partial<Omit<Entry, Needed>>;

/** Returns an entry with the defaults filled in, and a note on the tools that are missing. */
function entryOf(setting: Setting, needs: readonly Tool[], given: Given): Entry {
  const absent = needs.filter((tool) => setting.tools[tool] === undefined);
  const missing = absent.length > 0 ? `${absent.join(", ")} not installed` : undefined;
  return { recipes: [], leaves: [], peer: given.id as Entry["peer"], ...given, missing };
}

function outputOf(setting: Setting, id: string, gzip = false): string {
  return `${setting.folder}/out/${id}.vcf${gzip ? ".gz" : ""}`;
}

function exactly(setting: Setting): Entry["check"] {
  return { against: outputOf(setting, "matrix2vcf"), lens: "exact" };
}

function script(setting: Setting, name: string): string {
  return `${setting.root}/tasks/bench/${name}`;
}

function stemOf(matrix: Matrix): string {
  return matrix.path.slice(0, -".tsv".length);
}

/**
 * Returns the command of a shell line; parameters `$1`, `$2`, ... need no quotes, as `IFS` is
 * empty.
 */
function shell(line: string, parameters: readonly string[]): string[] {
  return ["sh", "-c", `IFS=; set -f; ${line}`, "sh", ...parameters];
}

function convertWords(setting: Setting, input: string, output: string): string[] {
  return [...setting.convert, input, "-o", output, "--quiet"];
}

function convertRecipe(setting: Setting, matrix: Matrix, path: string): Recipe {
  const command = convertWords(setting, matrix.path, path);
  return { path, from: [matrix.path], command, kept: false };
}

function bcftoolsWords(setting: Setting, matrix: Matrix, input: string): string[] {
  const stem = stemOf(matrix);
  return [
    setting.tools.bcftools ?? "bcftools",
    ...["convert", "--tsv2vcf", input, "-c", "ID,CHROM,POS,AA"],
    ...["-S", `${stem}.names`, "-f", `${stem}.fa`],
  ];
}

function cutRecipe(setting: Setting, matrix: Matrix): Recipe {
  const path = `${stemOf(matrix)}.cut.tsv`;
  const names = `${stemOf(matrix)}.names`;
  return awkRecipe(setting, matrix, path, ["-v", `names=${names}`]);
}

function tpedRecipe(setting: Setting, matrix: Matrix): Recipe {
  const stem = stemOf(matrix);
  const values = ["tped=1", `names=${stem}.tfam`, `refs=${stem}.refs`];
  return awkRecipe(setting, matrix, `${stem}.tped`, values.flatMap((value) => ["-v", value]));
}

function awkRecipe(setting: Setting, matrix: Matrix, path: string, values: string[]): Recipe {
  const cut = script(setting, "cut.awk");
  const words = [setting.tools.mawk ?? "mawk", ...values, "-f", cut, matrix.path];
  const command = shell('output=$1; shift; "$@" > $output', [partOf(path), ...words]);
  return { path, from: [matrix.path, cut], command, kept: true };
}

/** Returns the recipe of the FASTA; the index that bcftools made of an old one must go, too. */
function fastaRecipe(setting: Setting, matrix: Matrix): Recipe {
  const path = `${stemOf(matrix)}.fa`;
  const awk = script(setting, "fasta.awk");
  const line = "rm -f $4.fai; cut -f1-3 $1 | $2 -f $3 > $5";
  const words = [matrix.path, setting.tools.mawk ?? "mawk", awk, path, partOf(path)];
  return { path, from: [matrix.path, awk], command: shell(line, words), kept: true };
}
