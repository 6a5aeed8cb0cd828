/**
 * Writes the options of a run as a command line, for the header of a VCF: those that change records
 * or header, in a fixed order. Defaults are left out, and so are paths, so that the same input with
 * the same options gives the same header, whatever files are called.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { printable } from "../base/text.ts";
import { TABLE_DEFAULTS, TABLE_FLAGS, type TableOptions } from "../ingest/options.ts";
import { ALL_SITES } from "../vcf/site_filter.ts";
import type { OutputOptions } from "./options.ts";

/**
 * Returns the command line.
 *
 * @param options The options of the output.
 * @param table The options that the table was made with: JSON, by the names of their flags; a hash
 * stands for the content of a file.
 * @param regionsText Text of the file of regions, if there is one.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { convertOptions } from "../convert/options.ts";
 * import { commandLine } from "./command_line.ts";
 * const options = convertOptions({ input: "m.tsv", output: "o.vcf", info: ["AC"], unphased: true });
 * const table = '{"header":null,"missing":["-9"],"gap":"missing"}';
 * assert(commandLine(options, table, undefined) === "convert --missing -9 --info AC --unphased");
 * ```
 */
export function commandLine(
  options: OutputOptions,
  table: string,
  regionsText: string | undefined,
): string {
  const flags = [...tableFlags(JSON.parse(table)), ...outputFlags(options, regionsText)];
  const words = flags.flatMap(([flag, value]) =>
    value === true ? [flag] : [flag, quoted(String(value))]
  );
  return ["convert", ...words].join(" ");
}

/** Returns the options of the table that are no defaults. The dialect has a line of its own. */
function tableFlags(table: Readonly<Record<string, unknown>>): [flag: string, value: string][] {
  const { dialect: _, ...flags } = TABLE_FLAGS;
  return (Object.keys(flags) as (keyof TableOptions)[]).flatMap((key) => {
    const flag = TABLE_FLAGS[key], value = table[flag.slice(2)] ?? TABLE_DEFAULTS[key];
    const isDefault = String(value) === String(TABLE_DEFAULTS[key]);
    return isDefault ? [] : [[flag, String(value)] as [string, string]];
  });
}

function outputFlags(
  options: OutputOptions,
  regionsText: string | undefined,
): [flag: string, value: string | number | true][] {
  const { minAlleles, maxAlleles, maxMissingRate } = options;
  const flags: [flag: string, value: string | number | boolean | undefined][] = [
    ["--regions", options.regions],
    ["--regions-file", regionsText === undefined ? undefined : hashOf(regionsText)],
    ["--ref-mismatch", options.refMismatch === "error" ? undefined : options.refMismatch],
    ["--min-alleles", minAlleles === ALL_SITES.minAlleles ? undefined : minAlleles],
    ["--max-alleles", maxAlleles === ALL_SITES.maxAlleles ? undefined : maxAlleles],
    ["--snps-only", options.snpsOnly],
    [
      "--max-missing-rate",
      maxMissingRate === ALL_SITES.maxMissingRate ? undefined : maxMissingRate,
    ],
    ["--variants-only", options.variantsOnly],
    ["--info", options.info.length === 0 ? undefined : options.info.join(",")],
    ["--unphased", options.unphased],
    ["--homozygous", options.homozygous],
  ];
  return flags.filter((flag): flag is [string, string | number | true] =>
    flag[1] !== undefined && flag[1] !== false
  );
}

/** Quotes a word for a shell, where that is needed. */
function quoted(word: string): string {
  const safe = printable(word, Infinity);
  return /^[\w.,:@%^+=/*<>-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
