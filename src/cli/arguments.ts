/**
 * Reads arguments of the command line as values.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../base/errors.ts";
import { DIALECT_NAMES, REF_SOURCES } from "../matrix/dialects/dialect.ts";
import { INFO_TAGS, type InfoTag } from "../vcf/info_fields.ts";
import { parseMemory, parseSize } from "../base/sizes.ts";

/** What the help says of options. */
const SAMPLES = "samples to take, in this order; ^LIST: all but these",
  SAMPLES_FILE = "sheet (sample, TAB, columns) or names; ^FILE: all but these",
  PLOIDY = "pair columns by suffix: auto, 1 (never), 2 (always)",
  DIALECT = "what the text is; docs/dialects.md has the names",
  REF_FROM = "where REF is from: column, reference, or first (a guess)",
  SITES = "sites, where the table has none [.legend beside it]",
  NAMES = "sample names, where it has none [.tfam, .sample beside it]",
  CONTIG = "contig of a table that names none",
  SAMPLE_NAME = "name of the one sample of raw-dna [the file's]";

/** Returns an option that is one of some values, the first one by default. */
export function chosen(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices([...choices]).default(choices[0]);
}

/** Adds the options that say how the columns of a matrix are read. */
export function withColumnOptions(command: Command): Command {
  return command
    .option("--header <file>", "file with the header line, if the matrix has none")
    .addOption(chosen("--dialect <name>", DIALECT, ["auto", ...DIALECT_NAMES]))
    .addOption(new Option("--ref-from <what>", REF_FROM).choices([...REF_SOURCES]))
    .option("--sites <file>", SITES)
    .option("--names <file>", NAMES)
    .option("--contig <name>", CONTIG)
    .option("--sample-name <name>", SAMPLE_NAME)
    .option("-s, --samples <list>", SAMPLES, commaList)
    .option("-S, --samples-file <file>", SAMPLES_FILE)
    .addOption(chosen("--ploidy <ploidy>", PLOIDY, ["auto", "1", "2"]));
}

/** Adds the options that say what cells mean. */
export function withCellOptions(command: Command): Command {
  return command
    .option("--missing <list>", "further texts that mean missing, comma-separated", list)
    .addOption(
      chosen("--gap <what>", "what - means: missing, star (the allele *), or error", [
        "missing",
        "star",
        "error",
      ]),
    )
    .addOption(
      chosen("--iupac <what>", "what R Y S W K M mean: error, missing, or split (both)", [
        "error",
        "missing",
        "split",
      ]),
    )
    .addOption(
      chosen("--on-bad-row <what>", "error ends the run, skip fills OUTPUT.rejects.tsv", [
        "error",
        "skip",
      ]),
    );
}

/** Adds the options that say which records are written. */
export function withRecordOptions(command: Command): Command {
  return command
    .optionsGroup("Records:")
    .option("-r, --regions <list>", "only what overlaps 1:100-200,2 (1-based, inclusive)")
    .option("-R, --regions-file <file>", "only what overlaps a region of a file; .bed is 0-based")
    .option("--reference <file>", "FASTA: contig order and lengths; REF is compared with it")
    .addOption(
      chosen("--ref-mismatch <what>", "a REF that is not the reference's: error, skip, count", [
        "error",
        "skip",
        "count",
      ]),
    )
    .option("--min-alleles <n>", "leave out records with fewer alleles, REF included", wholeNumber)
    .option("--max-alleles <n>", "leave out records with more alleles, REF included", wholeNumber)
    .option("--snps-only", "leave out records with an allele that is no single base or *")
    .option("--max-missing-rate <share>", "leave out records with more missing haplotypes", share)
    .option("--variants-only", "leave out records that no sample varies at");
}

/** Adds the options that say how records and header are written. */
export function withGenotypeOptions(command: Command): Command {
  return command
    .option("--unphased", "write / between alleles")
    .option("--no-version", "leave version and command out of the header of a VCF")
    .option("--homozygous", "write haploid samples as homozygous diploids");
}

/** Returns the option for the level of BGZF. */
export function compressionLevel(): Option {
  return new Option("--compression-level <n>", "1 (fast) to 9 (small), of compressed output")
    .argParser(wholeNumber).default(5);
}

/** Returns the option for the kind of index. */
export function indexKind(): Option {
  return chosen("--index <kind>", "tbi, csi, none, or auto (csi where needed)", [
    "auto",
    "tbi",
    "csi",
    "none",
  ]);
}

/** Returns the option that says how progress is shown. */
export function progressOption(): Option {
  return chosen("--progress <how>", "auto (a bar on a terminal), plain, or none", [
    "auto",
    "plain",
    "none",
  ]);
}

/** Returns the option for INFO. */
export function infoOption(): Option {
  return new Option("--info <tags>", `INFO to write: ${INFO_TAGS.join(",")} or all`)
    .argParser(infoTags);
}

/** Splits a list, as a whole: a flag that is given again replaces it. */
export function commaList(text: string): string[] {
  return text.split(",");
}

export function infoTags(text: string): InfoTag[] {
  const tags = text === "all" ? [...INFO_TAGS] : text.split(",");
  for (const tag of tags) {
    if (!INFO_TAGS.includes(tag as InfoTag)) {
      throw new InvalidArgumentError(`It is a list of ${INFO_TAGS.join(", ")}, or all.`);
    }
  }
  return tags as InfoTag[];
}

export function list(text: string, before: string[] = []): string[] {
  return [...before, ...text.split(",")];
}

export function share(text: string): number {
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) throw new InvalidArgumentError("It is a number, 0 to 1.");
  return Number(text);
}

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 on.");
  return Number(text);
}

/** Reads a size of memory. */
export function size(text: string): number {
  return argument(parseMemory, text);
}

/** Reads any other size. */
export function bytes(text: string): number {
  return argument(parseSize, text);
}

function argument(parse: (text: string) => number, text: string): number {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Ends the command for want of an output, as commander does it, but after it has seen all flags. */
export function requireOutput(
  output: string | undefined,
  command: Command,
): asserts output is string {
  if (output !== undefined) return;
  command.error("error: required option '-o, --output <file>' not specified", {
    code: "commander.missingMandatoryOptionValue",
  });
}
