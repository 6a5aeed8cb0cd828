/**
 * Finds out what a text is: one dialect, or a refusal that says why.
 *
 * @module
 */
import { InputError, type Location } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import {
  declaresAlleles,
  isAnnotation,
  isOfVcf,
  looksLikeHeader,
  ROLE_NAMES,
} from "../column_names.ts";
import { type ChosenColumns, GENOTYPES_OF_TABLE } from "../column_samples.ts";
import type { MatrixHeader } from "../header.ts";
import { countKinds, forEachCell, type KindCounts } from "./count_kinds.ts";
import type { Dialect, DialectName } from "./dialect.ts";
import { DIALECTS } from "./dialects.ts";
import { PLAIN_KINDS, type PlainKind } from "./plain_lines.ts";
import { foreignTable, NO_ALLELES } from "./refusals.ts";

/** What is looked at: the head of a text, and its first rows. */
export interface Look {
  /** The first line that is no comment, and where it is. */
  line: string;
  at: Location;
  /** The header; undefined where that line is none. */
  header: MatrixHeader | undefined;
  /** The first rows, as whole lines with TABs between their fields. */
  rows: Uint8Array;
  /** The columns that the user chose. */
  chosen?: ChosenColumns;
  /** True where the sites of a table without any are known. */
  hasSites: boolean;
}

/** A dialect, and what tells it. */
export interface Detected {
  dialect: Readonly<Dialect>;
  /** What a user can check, in a few words. */
  evidence: string;
}

/**
 * Finds the dialect of a text. A text that fits two is refused with both names.
 *
 * @param split True where `--iupac split` says that cells are genotypes.
 * @returns The dialect; a matrix, too, where a header without its columns is to be refused.
 * @throws {InputError} Located: a text of another kind, or of two kinds.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { detect } from "./detect.ts";
 * const rows = new TextEncoder().encode("1\t5\tA\tA/G\n");
 * const header = { columns: ["CHROM", "POS", "REF", "S1"], at: {} };
 * const { dialect, evidence } = detect({ line: "", at: {}, header, rows, hasSites: false }, false);
 * assert(dialect.name === "genotypes" && evidence === "cells such as A/G");
 * ```
 */
export function detect(look: Look, split: boolean): Detected {
  const { header, line, at } = look;
  const names = header?.columns ?? line.split(/[\t,]| +/).map((name) => name.replaceAll('"', ""));
  const foreign = header && looksLikeHeader(names) ? undefined : foreignTable(line, names);
  if (foreign !== undefined) throw new InputError(foreign, at);
  if (!header) return ofLines(look);
  return ofNames(look, header) ??
    (split ? ofGenotypes(look, "--iupac split") : ofCells(look, header));
}

/** Returns the dialect that was asked for, with the cells and copies that the rows show. */
export function namedDialect(look: Look, name: DialectName): Detected {
  const evidence = "--dialect";
  if (name === "genotypes") return ofGenotypes(look, evidence);
  if (name === "haplotype-table") return { dialect: tableDialect(look.header), evidence };
  if (name === "raw-dna" && look.header) {
    return { dialect: rawDna(look.header.columns.length), evidence };
  }
  if (name !== "codes" || !look.header) return { dialect: DIALECTS[name], evidence };
  const { copies } = countKinds(look.rows, sampleColumns(look, look.header));
  return { dialect: withCopies(DIALECTS.codes, Math.max(1, copies)), evidence };
}

/** Returns the dialect that the names of the columns tell. */
function ofNames(look: Look, header: MatrixHeader): Detected | undefined {
  const { columns } = header, upper = columns.map((name) => name.toUpperCase());
  // A sheet makes samples of any columns.
  if (isOfVcf(columns) && !look.chosen?.bySheet) return ofVcf(look, header);
  if (/^(?:RS#?|SNP) ALLELES CHROM POS$/.test(upper.slice(0, 4).join(" "))) {
    return { dialect: DIALECTS.hapmap, evidence: columns.slice(0, 4).join(" ") };
  }
  if (
    /^(?:RSID|ID|SNP|SNPID) (?:CHROMOSOME|CHROM|CHR) (?:POSITION|POS|BP) (?:GENOTYPE|RESULT|ALLELE1 ALLELE2)$/
      .test(upper.join(" "))
  ) {
    return { dialect: rawDna(columns.length), evidence: columns.join(" ") };
  }
  const table = blockAndGenotypes(columns);
  if (table === undefined) return undefined;
  const evidence = table.map((name) => printable(name, 24)).join(" ");
  const genotypes = columns.find((name) => /.[:.]GT$/.test(name));
  if (genotypes === undefined) return { dialect: tableDialect(header), evidence };
  throw twoNames(header.at, [
    ["haplotype-table", evidence],
    ["genotypes", printable(genotypes, 24)],
  ]);
}

/** Returns the names of the first column of genotypes that has phase blocks, and of the blocks. */
function blockAndGenotypes(columns: readonly string[]): [string, string] | undefined {
  const names = new Set(columns);
  for (const name of columns) {
    const [, sample, separator] = GENOTYPES_OF_TABLE.exec(name) ?? [];
    if (sample === undefined) continue;
    const block = `${sample}${separator}PI`;
    if (names.has(block)) return [block, name];
  }
}

/** Returns the dialect of a haplotype table, of which older ones have codes. */
function tableDialect(header: MatrixHeader | undefined): Dialect {
  const dialect = DIALECTS["haplotype-table"];
  const isOfCodes = header?.columns.some((name) => /[:_]PGal$/.test(name));
  return isOfCodes ? { ...dialect, cells: "code" } : dialect;
}

/** Returns the dialect of a file of DNA tests, with the letters of a genotype in one column or two. */
export function rawDna(columns: number): Dialect {
  const dialect = DIALECTS["raw-dna"];
  return columns === 5 ? { ...dialect, copies: 1, cells: "allele" } : dialect;
}

/** Tells the bases that Gubbins writes under the header of a VCF from a VCF. */
function ofVcf({ rows }: Look, { columns, at }: MatrixHeader): Detected {
  const format = columns.findIndex((name) => name.toUpperCase() === "FORMAT");
  const formats = new Set<string>(), decoder = new TextDecoder();
  forEachCell(rows, format < 0 ? [] : [format], (from, to) => {
    formats.add(decoder.decode(rows.subarray(from, to)));
  });
  if (formats.size === 1 && formats.has("AB")) {
    return { dialect: DIALECTS.matrix, evidence: "FORMAT AB" };
  }
  throw new InputError(
    "this is a VCF already; as a table that is read, bcftools query -H -f " +
      `'%CHROM\\t%POS\\t%REF\\t%ALT[\\t%GT]\\n' writes it`,
    at,
  );
}

/** Returns the columns (0-based) that may be samples. */
function sampleColumns({ chosen }: Look, { columns }: MatrixHeader): number[] {
  const names = new Set(columns), roles = new Set<string>(Object.values(ROLE_NAMES).flat());
  const named = (column: number) => chosen?.has(columns[column]) ?? true;
  if (chosen?.bySheet) return [...columns.keys()].filter(named);
  const all = [...columns.keys()].filter((column) => {
    const name = columns[column];
    return !roles.has(name.toUpperCase()) && !declaresAlleles(name) && !isAnnotation(name, names);
  });
  const some = all.filter(named);
  return some.length > 0 ? some : all;
}

/** Returns genotypes, with the cells that the rows show. */
function ofGenotypes(look: Look, evidence: string): Detected {
  const { header, rows } = look;
  if (!header) return { dialect: DIALECTS.genotypes, evidence };
  const { of, known, copies } = countKinds(rows, sampleColumns(look, header));
  const cells = 2 * of.letters > known && of.letters > of.pair ? "letters" : "pair";
  return { dialect: { ...withCopies(DIALECTS.genotypes, copies), cells }, evidence };
}

/** Returns a dialect with as many haplotypes a column as cells show; two, unless told otherwise. */
function withCopies(dialect: Dialect, copies: number): Dialect {
  return { ...dialect, copies: Math.max(dialect.name === "codes" ? 1 : 2, copies) };
}

/** Returns the dialect that the cells tell. */
function ofCells(look: Look, header: MatrixHeader): Detected {
  const columns = sampleColumns(look, header), counts = countKinds(look.rows, columns);
  const alt = header.columns.findIndex((name) => /^ALT$/i.test(name));
  const hasAlt = alt >= 0 && !columns.includes(alt);
  // What bcftools query writes is codes even where all samples are haploid.
  const isOfGt = columns.length > 0 &&
    columns.every((column) => /.:GT$/.test(header.columns[column]));
  const found = [
    ...hasAlt ? codesOf(counts, isOfGt) : [],
    ...genotypesOf(counts, hasAlt && isOfGt),
    ...hasAlt ? dosageOf(counts, isOfGt) : [],
  ];
  if (found.length > 1) throw twoNames(place(look, counts), found);
  const [[name, evidence] = ["matrix", ""]] = found;
  if (name === "haploid") throw new InputError(evidence, place(look, counts));
  if (name === "genotypes") return ofGenotypes(look, evidence);
  if (name !== "codes") return { dialect: DIALECTS[name as DialectName], evidence };
  return { dialect: withCopies(DIALECTS.codes, counts.copies), evidence };
}

/** A rule that fits: the dialect, or `haploid` where the evidence is why there is none. */
type Hit = [name: DialectName | "haploid", evidence: string];

function codesOf({ of, known, first }: KindCounts, isOfGt: boolean): Hit[] {
  const { code, open, number } = of, coded = code + open + number;
  if (2 * coded <= known || (code === 0 && !(isOfGt && coded > 0))) {
    return open > 0 && of.pair === 0 && 2 * open > known ? [["codes", "cells such as ./."]] : [];
  }
  if (code + open < number && !isOfGt) return [["codes", `a cell such as ${first.code!.text}`]];
  const { text } = first.code ?? first.number ?? first.open!;
  return [["codes", `ALT, and cells such as ${printable(text, 24)}`]];
}

/** The least share of genotypes among alleles that is no accident. */
const SHARE = 0.05;

function genotypesOf({ of, known, first }: KindCounts, isOfCodes: boolean): Hit[] {
  const { pair, open, code, number } = of;
  if (pair === 0) {
    const isOpen = open > 0 && code + number === 0 && 2 * open > known && !isOfCodes;
    return isOpen ? [["genotypes", "cells such as ./."]] : [];
  }
  const hit: Hit = ["genotypes", `cells such as ${printable(first.pair!.text, 24)}`];
  if (2 * (pair + open) > known) return [hit];
  const { allele } = of;
  if (pair <= SHARE * known || allele + pair + open < known / 2) return [];
  return [["matrix", `cells such as ${printable(first.allele?.text ?? "", 24)}`], hit];
}

function dosageOf({ of, known, numbers, first }: KindCounts, isOfGt: boolean): Hit[] {
  if (isOfGt) return [];
  if (2 * of.fraction > known) {
    return [[
      "haploid",
      `'${first.fraction!.text}' is no whole number: a call needs a threshold, ` +
      "which is an analysis; write counts of ALT, or genotypes",
    ]];
  }
  if (2 * of.number <= known) return [];
  const counts = [...numbers].filter((text) => !/^(?:-1|-9|9)$/.test(text));
  if (counts.includes("2") && counts.every((text) => /^[012]$/.test(text))) {
    return [["dosage", "ALT, and counts 0, 1 and 2 of it"]];
  }
  return [[
    "haploid",
    `cells are ${counts.slice(0, 4).sort().join(", ")}: codes of haploid samples, ` +
    "or counts of ALT? --dialect codes or --dialect dosage says it",
  ]];
}

/** Returns the place of the first cell that is no allele of one haplotype. */
function place({ at, header }: Look, { first }: KindCounts): Location {
  const cell = first.pair ?? first.code ?? first.number ?? first.fraction ?? first.open;
  return cell
    ? { ...at, line: (at.line ?? 1) + cell.line, column: header!.columns[cell.column] }
    : at;
}

/** Returns the dialect that the lines of a text without a header tell. */
function ofLines({ rows, at, hasSites }: Look): Detected {
  const all = fittingKinds(rows), has = (kind: string) => all.some(({ name }) => name === kind);
  // Files of nothing but numbers look like many others, and a TPED without calls like a PED.
  const weaker = new Set([
    ...has("tped") || has("012") ? ["ped"] : [],
    ...has("hap-legend") ? ["numeric alleles", "tped"] : [],
    ...all.length > 1 && !(has("ped") && all.length === 2) ? ["012"] : [],
  ]);
  const fitting = all.filter(({ name }) => !weaker.has(name));
  const [kind, ...others] = fitting;
  if (!kind) return { dialect: DIALECTS.matrix, evidence: "" };
  if (others.length > 0) {
    throw twoNames(at, fitting.map(({ name, evidence }) => [name, evidence]));
  }
  const why = NO_ALLELES[kind.name];
  if (why !== undefined) throw new InputError(why, at);
  if (kind.name === "hap-legend" && !hasSites) {
    throw new InputError(
      "the file has nothing but 0 and 1; it may be a .hap file, whose sites are in a .legend file: " +
        "none of its name is beside it, --sites FILE gives another",
      at,
    );
  }
  return { dialect: DIALECTS[kind.name as DialectName], evidence: kind.evidence };
}

/** Most lines that are looked at. */
const LINES = 1000;

/** Returns the kinds of files that more than half of the lines fit. */
function fittingKinds(rows: Uint8Array): PlainKind[] {
  const lines = new TextDecoder("latin1").decode(rows).split("\n")
    .map((line) => line.replace(/\s+$/, ""))
    .filter((line) => line !== "" && !line.startsWith("#")).slice(0, LINES);
  return PLAIN_KINDS.filter(({ fits, has = /^/ }) =>
    2 * lines.filter(fits).length > lines.length && lines.some((line) => has.test(line))
  );
}

function twoNames(at: Location, found: readonly (readonly [string, string])[]): InputError {
  const names = found.map(([name, evidence]) => `${name} (${evidence})`).join(" or ");
  const flags = found.map(([name]) => `--dialect ${name}`).join(" or ");
  return new InputError(`this looks like ${names}; say which with ${flags}`, at);
}
