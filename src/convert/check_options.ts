/**
 * Checks the options of a conversion.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { isStream } from "../base/files.ts";
import {
  checkKinds,
  FLAG,
  FUNCTION,
  type Kinds,
  NUMBER,
  PATH,
  SIGNAL,
  TEXT,
  TEXTS,
} from "../base/kinds.ts";
import { printable } from "../base/text.ts";
import { DIALECT_NAMES, REF_SOURCES } from "../matrix/dialects/dialect.ts";
import { isBcf, isCompressed } from "../output/options.ts";
import { INFO_TAGS } from "../vcf/info_fields.ts";
import { OUTPUT_FORMATS } from "../vcf/row_formatter.ts";
import { checkView } from "./check_view.ts";
import type { ConvertOptions, ConvertRequest } from "./request.ts";

/** Most threads that can be asked for. */
export const MOST_THREADS = 256;
/** Fewest bytes of memory that can be asked for. */
const MIN_MEMORY = 256 * 1024 ** 2;

/**
 * Values that some options are limited to. They are checked, as callers in JavaScript have no
 * types.
 */
const CHOICES: Partial<Record<keyof ConvertOptions, readonly unknown[]>> = {
  dialect: ["auto", ...DIALECT_NAMES],
  refFrom: [undefined, ...REF_SOURCES],
  ploidy: ["auto", 1, 2],
  gap: ["missing", "star", "error"],
  iupac: ["error", "missing", "split"],
  onBadRow: ["error", "skip"],
  format: OUTPUT_FORMATS,
  index: ["auto", "tbi", "csi", "none"],
  refMismatch: ["error", "skip", "count"],
};

/** The kinds of all options that are not one of a few values. */
const KINDS: Kinds<ConvertRequest> = {
  input: [
    "a path or a ReadableStream",
    (value) => PATH[1](value) || value instanceof ReadableStream,
  ],
  output: [
    "a path or a WritableStream",
    (value) => PATH[1](value) || value instanceof WritableStream,
  ],
  header: PATH,
  sites: PATH,
  names: PATH,
  contig: TEXT,
  sampleName: TEXT,
  samples: ["a list of names (a file of them, or a sheet, is `samplesFile`)", TEXTS[1]],
  samplesFile: PATH,
  database: PATH,
  populations: PATH,
  reference: PATH,
  regionsFile: PATH,
  profile: PATH,
  report: PATH,
  tempDir: PATH,
  missing: TEXTS,
  info: TEXTS,
  regions: TEXT,
  memory: ["a number of bytes", NUMBER[1]],
  maxLine: ["a number of bytes", NUMBER[1]],
  maxMissingRate: NUMBER,
  direct: FLAG,
  verifyInput: FLAG,
  kernels: FLAG,
  verify: FLAG,
  multiqc: FLAG,
  variantsOnly: FLAG,
  snpsOnly: FLAG,
  unphased: FLAG,
  noVersion: FLAG,
  homozygous: FLAG,
  signal: SIGNAL,
  onProgress: FUNCTION,
  onNote: FUNCTION,
};

/**
 * Checks what a request is made of.
 *
 * @throws {UsageError} An unknown option, or a value of the wrong kind.
 */
export function checkRequest(request: ConvertRequest): void {
  checkKinds(request, KINDS);
  if (request.multiqc && request.report === undefined) {
    refuse("`multiqc` writes its file beside a `report`, and none is asked for");
  }
}

/**
 * Checks options with their defaults, each by itself and against the others.
 *
 * @throws {UsageError} A value that no input could make right.
 */
export function checkOptions(options: ConvertOptions): void {
  if (!options.input) throw new UsageError("no input is given");
  if (!options.output) throw new UsageError("no `output` is given");
  if (options.database === ":memory:") {
    refuse("`database` names a file; a table that is not to be kept needs no name");
  }
  if (options.populations !== undefined && options.database === undefined) {
    refuse("`populations` are kept in the table; name a `database` for it");
  }
  refuseSharedStream(options);
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = options[name as keyof ConvertOptions];
    if (!choices.includes(value)) {
      const named = choices.filter((choice) => choice !== undefined).join(", ");
      refuse(`\`${name}\` is one of ${named}, not '${printable(String(value))}'`);
    }
  }
  for (const tag of options.info) {
    if (!INFO_TAGS.includes(tag)) {
      refuse(`\`info\` is some of ${INFO_TAGS.join(", ")}, not '${printable(String(tag))}'`);
    }
  }
  checkNumbers(options);
  if (options.report !== undefined && isStream(options.report)) {
    refuse("`report` is a file, which nobody else reads while it is made");
  }
  checkView(options);
  checkOutputType(options);
  checkIndex(options);
  checkVerify(options);
  if (options.info.length > 0 && options.format !== "vcf") {
    refuse("`info` is for VCF; other formats have no INFO");
  }
  if (options.samples?.length === 0 || options.samples?.some((name) => /^\^?$/.test(name))) {
    refuse("`samples` has an empty name; write NAME,NAME or ^NAME,NAME");
  }
  for (const text of options.missing) {
    if (/[\t\r\n]/.test(text)) refuse("`missing` texts hold no TAB or line end");
  }
}

/** Refuses names and types that are none, and a choice between kinds of VCF where none is written. */
function checkOutputType({ outputType, format, output }: ConvertOptions): void {
  const type: string = outputType ?? "v";
  if (/^[zb]\d$/.test(type)) {
    refuse(`\`outputType\` is v, z, b or u; the level is \`compressionLevel\` ${type[1]}`);
  }
  if (!/^[vzbu]$/.test(type)) {
    refuse(
      "`outputType` is v (plain VCF), z (VCF in BGZF), b (BCF) or u (plain BCF), not " +
        `'${printable(type)}'`,
    );
  }
  if (outputType === undefined && /\.(u?bcf\.b?gz|ubcf)$/i.test(output)) {
    refuse("BCF is compressed already: name it OUT.bcf; -O b or -O u goes with any name");
  }
  if (outputType === undefined && format !== "vcf" && /\.bcf$/i.test(output)) {
    refuse(`\`format\` ${format} is text; BCF, as ${output} is by its name, holds VCF`);
  }
  if (outputType !== undefined && format !== "vcf") {
    refuse(
      `\`outputType\` is for VCF; \`format\` ${format} is compressed by its name, as in -o OUT.gz`,
    );
  }
}

/** Refuses an index that was asked for where there can be none; `auto` asks for nothing. */
function checkIndex({ index, format, output, outputType }: ConvertOptions): void {
  if (index !== "tbi" && index !== "csi") return;
  if (format !== "vcf") refuse(`\`index\` ${index} is for VCF; \`format\` ${format} has none`);
  if (isStream(output)) {
    refuse(`\`index\` ${index} lies beside a file; standard output, pipes and devices have none`);
  }
  if (index === "tbi" && isBcf({ output, outputType, format })) {
    refuse("`index` tbi is for VCF; the index of a BCF is csi");
  }
  if (!isCompressed({ output, outputType })) {
    refuse(`\`index\` ${index} is for a compressed output, as in -o OUT.vcf.gz or -O z`);
  }
}

/** Refuses to verify what cannot be read back. */
function checkVerify({ verify, format, output }: ConvertOptions): void {
  if (!verify) return;
  if (format !== "vcf") {
    refuse(`\`verify\` is for VCF and BCF; \`format\` ${format} is not read back`);
  }
  if (isStream(output)) {
    refuse("`verify` reads the output back; standard output, pipes and devices are gone by then");
  }
}

/** Refuses two readers of standard input, of which the second would find it empty. */
function refuseSharedStream(options: ConvertOptions): void {
  const READERS = [
    "input",
    "header",
    "samplesFile",
    "names",
    "sites",
    "populations",
    "regionsFile",
  ] as const;
  const readers = READERS.filter((name) =>
    options[name] === "-" && !(name === "input" && options.inputStream)
  );
  if (readers.length < 2) return;
  const names = readers.map((name) => name === "input" ? "the input" : `\`${name}\``);
  refuse(`${names.join(" and ")} cannot both be standard input; give one of them as a file`);
}

function checkNumbers(options: ConvertOptions): void {
  const { threads, memory, maxLine, compressionLevel, maxMissingRate } = options;
  const { minAlleles, maxAlleles } = options;
  if (!Number.isInteger(threads) || threads < 0 || threads > MOST_THREADS) {
    refuse(`\`threads\` is a whole number from 1 to ${MOST_THREADS}, not '${threads}'`);
  }
  if (!(memory >= MIN_MEMORY)) {
    refuse(`\`memory\` is at least 256MiB, not '${memory}' bytes`);
  }
  if (!(maxLine >= 1)) refuse(`\`maxLine\` is at least 1 byte, not '${maxLine}'`);
  if (![1, 2, 3, 4, 5, 6, 7, 8, 9].includes(compressionLevel)) {
    refuse(`\`compressionLevel\` is 1 to 9, not '${compressionLevel}'`);
  }
  if (!(maxMissingRate >= 0 && maxMissingRate <= 1)) {
    refuse(`\`maxMissingRate\` is a share, 0 to 1, not '${maxMissingRate}'`);
  }
  for (const [name, most] of Object.entries({ minAlleles, maxAlleles })) {
    if (!(most === Infinity || Number.isInteger(most))) {
      refuse(`\`${name}\` is a whole number, not '${most}'`);
    }
  }
  if (minAlleles > maxAlleles) {
    refuse("`minAlleles` is greater than `maxAlleles`");
  }
}

function refuse(message: string): never {
  throw new UsageError(message);
}
