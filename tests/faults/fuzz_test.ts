/**
 * Matrices that were changed by chance, through every output and every way of making it, against
 * the oracle. A case ends as the oracle's, or with the refusal of an input that the oracle refuses,
 * and leaves no file but its own.
 *
 * One case again: `deno test -A tests/faults/fuzz_test.ts -- --seed 26 --case 17`.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, type ConvertRequest, Matrix2vcfError } from "../../mod.ts";
import { INFO_TAGS } from "../../src/vcf/info_fields.ts";
import { listing, withFolder } from "../helpers/cli.ts";
import { matrices } from "../helpers/matrices.ts";
import { oracle, type OracleOptions, withoutVersion } from "../helpers/oracle.ts";
import { HARSH, joined, MILD, PACKINGS, textOfLines } from "./mutations.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { type OutputKind, OUTPUTS } from "./outputs.ts";
import { CASE, COUNT, Dice, many, SEED, Tally } from "./settings.ts";
import { MOST, Watchdog } from "./watchdog.ts";

/** What a case is made of. */
interface Case {
  /** The matrix as text, without a mark. */
  text: string;
  bytes: Uint8Array<ArrayBuffer>;
  input: string;
  options: OracleOptions;
  output: OutputKind;
  /** How the output is made: at once, or from a table that is kept, reused, or the input itself. */
  way: typeof WAYS[number]["name"];
  /** Changes that were made. */
  changes: string[];
  threads: number;
}

const WAYS = [
  { name: "at once", weight: 8 },
  { name: "kept", weight: 1 },
  { name: "reused", weight: 1 },
  { name: "from the table", weight: 1 },
] as const;

/**
 * Refusals that the oracle does not know: it has no bytes, no guards against other kinds of files,
 * and no notes on what is suspicious.
 */
const REFUSALS = [
  /control character|turns? text round|NUL byte|is binary/,
  / would become a sample; /,
  /the lines end in CR alone/,
  /looks like/,
];

const cases = many(300, 20_000);

/** Draws a case; its matrix is one of the property tests', changed. */
function caseOf(number: number): Case {
  const dice = new Dice("fuzz", number), damaged = dice.chance(0.3);
  const base = matrices({ badRows: dice.chance(0.1) });
  const [{ text, options }] = fc.sample(base, { seed: dice.next() | 0, numRuns: 1 });
  const lines = textOfLines(text), changes: string[] = [];
  for (let left = dice.below(6); left > 0; left--) {
    const change = dice.weighted(MILD);
    change.apply(lines, dice);
    changes.push(change.name);
  }
  if (damaged) {
    const change = dice.weighted(HARSH);
    change.apply(lines, dice);
    changes.push(change.name);
  }
  const output = dice.pick(OUTPUTS), packing = dice.pick(PACKINGS);
  addOptions(options, dice);
  if (output.plain) Object.assign(options, { homozygous: false, unphased: false, info: false });
  const whole = joined(lines), bytes = packing.pack(new TextEncoder().encode(whole), dice);
  const way = dice.weighted(WAYS).name, threads = dice.chance(0.02) ? 2 : 0;
  const matrix = whole.replace(/^\ufeff/, "");
  if (dice.chance(0.1)) options.choice = regionsOf(matrix, options, dice);
  return { text: matrix, bytes, input: packing.name, options, output, way, changes, threads };
}

function addOptions(options: OracleOptions, dice: Dice): void {
  options.gap = dice.pick(["missing", "missing", "missing", "star", "error"] as const);
  options.iupac = dice.pick(["error", "missing"] as const);
  if (dice.chance(0.7)) return;
  options.choice = dice.pick([
    { snpsOnly: true },
    { minAlleles: 2, maxAlleles: 3 },
    { maxMissingRate: dice.share() },
  ]);
}

/** Regions of contigs that the matrix has, as far as it has any. */
function regionsOf(text: string, options: OracleOptions, dice: Dice): OracleOptions["choice"] {
  const vcf = oracleOf(text, { ...options, choice: undefined }) ?? "";
  const contigs = [...vcf.matchAll(/^##contig=<ID=(.*)>$/gm)].map(([, contig]) => contig);
  if (contigs.length === 0) return { regions: [{ contig: "none", first: 1, last: 9 }] };
  const regions = contigs.slice(0, 2).map((contig) => {
    const first = 1 + dice.below(40);
    return { contig, first, last: dice.chance(0.5) ? first + dice.below(20) : 2 ** 31 - 1 };
  });
  return { regions };
}

/** The text that a case must become, or undefined where the input is refused. */
function oracleOf(text: string, options: OracleOptions): string | undefined {
  try {
    return oracle(text, options).vcf;
  } catch {
    return undefined;
  }
}

/** The options of the library for those of the oracle; files are laid out in the folder. */
async function requestOf(drawn: Case, folder: string): Promise<ConvertRequest> {
  const { header, samples, info, ploidy = "auto", choice: sites = {}, chosen, ...rest } =
    drawn.options;
  const lay = async (name: string, data: string | undefined) => {
    if (data === undefined) return undefined;
    await Deno.writeTextFile(`${folder}/${name}`, data);
    return `${folder}/${name}`;
  };
  await Deno.writeFile(`${folder}/${drawn.input}`, drawn.bytes);
  const { regions, ...choice } = sites;
  return {
    ...rest,
    ...choice,
    ...drawn.output.request,
    input: `${folder}/${drawn.input}`,
    output: `${folder}/${drawn.output.name}`,
    threads: drawn.threads,
    samples: chosen,
    info: info ? INFO_TAGS : [],
    ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
    header: await lay("header.txt", header),
    samplesFile: await lay("samples.tsv", samples),
    regions: regions?.map(({ contig, first, last }) => `{${contig}}:${first}-${last}`).join(),
  };
}

/** Makes the output in the way that was drawn. */
async function make(request: ConvertRequest, way: Case["way"]): Promise<void> {
  if (way === "at once") return void await convert(request);
  const database = `${request.input}.duckdb`;
  if (way === "kept") return void await convert({ ...request, database });
  // A table that was made for another output, with other choices of sites.
  const { input, header, samplesFile, ploidy, missing, gap, iupac, onBadRow, threads } = request;
  const table = { input, header, samplesFile, ploidy, missing, gap, iupac, onBadRow, threads };
  const other = `${request.output}.other.vcf`;
  await convert({ ...table, output: other, database });
  await Deno.remove(other);
  await Deno.remove(`${other}.rejects.tsv`).catch(() => {});
  if (way === "reused") return void await convert({ ...request, database });
  const { header: _1, samplesFile: _2, ploidy: _3, missing: _4, direct: _5, ...left } = request;
  await convert({
    ...left,
    gap: undefined,
    iupac: undefined,
    onBadRow: undefined,
    input: database,
  });
}

/** What was made, or the message of the refusal. */
async function actual(request: ConvertRequest, way: Case["way"]) {
  try {
    await make(request, way);
    return { text: withoutVersion(await readOutput(request.output as string)) };
  } catch (error) {
    if (!(error instanceof Matrix2vcfError)) throw error;
    if (!["BAD_INPUT", "USAGE"].includes(error.code)) throw error;
    return { refusal: error.message };
  }
}

/** A .tbi ends at 2^29; so near to it the length of the longest allele decides, written or not. */
const NEAR_TBI_END = 2 ** 29 - 1000;

/** Returns true where there may be a .csi in place of a .tbi; rows that are not written count. */
function isFar({ text, options }: Case): boolean {
  const vcf = oracleOf(text, { ...options, choice: undefined, variantsOnly: false }) ?? "";
  return vcf.split("\n").some((line) =>
    !line.startsWith("#") && Number(line.split("\t")[1]) > NEAR_TBI_END
  );
}

/** Names of the files that a case may leave. */
function ownFiles({ input, options, output, way }: Case, made: boolean): string[] {
  const files = [input];
  if (options.header !== undefined) files.push("header.txt");
  if (options.samples !== undefined) files.push("samples.tsv");
  if (!made) return files.sort();
  files.push(output.name, ...output.beside.map((suffix) => output.name + suffix));
  if (way !== "at once") files.push(`${input}.duckdb`);
  return files.sort();
}

/** Runs a case, and says what came of it. */
async function outcome(drawn: Case, folder: string): Promise<"accepted" | "refused" | "guarded"> {
  const request = await requestOf(drawn, folder);
  const vcf = oracleOf(drawn.text, drawn.options), result = await actual(request, drawn.way);
  const left = (await listing(folder)).filter((name) => !name.endsWith(".rejects.tsv"));
  if (result.text === undefined) {
    const kept = left.filter((name) => !name.endsWith(".duckdb"));
    assert.deepEqual(kept, ownFiles(drawn, false), "something is left");
    if (vcf === undefined) return "refused";
    const guarded = REFUSALS.some((refusal) => refusal.test(result.refusal));
    assert.ok(guarded, `differs from the oracle, which takes it: ${result.refusal}`);
    return "guarded";
  }
  assert.notEqual(vcf, undefined, "differs from the oracle, which refuses it");
  const wanted = drawn.output.expected(vcf!, result.text);
  assert.equal(result.text, wanted, "differs from the oracle");
  const tbi = isFar(drawn)
    ? left.map((name) => name.replace(/^([od]\.vcf\.gz)\.csi$/, "$1.tbi"))
    : left;
  assert.deepEqual(tbi, ownFiles(drawn, true), "something is left");
  return "accepted";
}

Deno.test(`fuzz: ${cases} matrices, changed by chance, are as the oracle has them (seed ${SEED})`, async () => {
  const outcomes = new Tally(), parts = new Tally(), failures: string[] = [];
  using watchdog = new Watchdog(`fuzz, seed ${SEED}`);
  const [from, to] = CASE === undefined ? [0, cases] : [CASE, CASE + COUNT];
  for (let number = from; number < to; number++) {
    watchdog.beat();
    const drawn = caseOf(number), begun = performance.now();
    try {
      const came = await withFolder((folder) => outcome(drawn, folder));
      outcomes.add(came);
      if (came === "accepted") {
        for (const part of [drawn.output.name, drawn.way, drawn.input, ...drawn.changes]) {
          parts.add(part);
        }
      }
      assert.ok(performance.now() - begun < MOST, "it takes too long");
    } catch (error) {
      const { output, way, input, changes, options } = drawn;
      const what = { output: output.name, way, input, changes, options };
      failures.push(`seed ${SEED}, case ${number}: ${JSON.stringify(what)}\n${error}`);
      // A long search tells what else it finds.
      if (failures.length === many(1, 20)) break;
    }
  }
  console.log(`${to - from} matrices: ${outcomes}`);
  if (failures.length > 0) throw new Error(failures.join("\n\n"));
  if (CASE !== undefined) return;
  assert.ok(outcomes.of("accepted") >= 0.3 * cases, `too few are compared: ${outcomes}`);
  const everything = [...OUTPUTS, ...WAYS, ...PACKINGS, ...MILD].map(({ name }) => name);
  assert.deepEqual(everything.filter((name) => parts.of(name) === 0), [], "never accepted");
});
