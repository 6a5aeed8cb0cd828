/**
 * Defines the sub-command `checksum`, which sums the genotypes of files, and compares two of them.
 *
 * @module
 */
import { Command } from "commander";
import { InputError, UsageError } from "../base/errors.ts";
import { inputName } from "../base/files.ts";
import { say } from "../base/say.ts";
import { jsonText, printable } from "../base/text.ts";
import type { GroupSums } from "../checksum/sum_records.ts";
import { allSamples, hex, type SampleSums, sumLines, type Sums } from "../checksum/sums.ts";
import type { SumRequest } from "../convert/sum_input.ts";
import { chosen, list, size, wholeNumber, withColumnOptions } from "./arguments.ts";

interface Flags extends Omit<SumRequest, "input" | "ploidy" | "grouping"> {
  by: "sample" | "contig" | "window";
  ploidy: "auto" | "1" | "2";
  compare?: boolean;
  json?: boolean;
}

/** Positions of a window. */
const WINDOW = 1_000_000;

/**
 * Returns the sub-command `checksum`, to be added to a program.
 *
 * @param signal Ends it early.
 */
export function checksumCommand(signal: AbortSignal): Command {
  const command = new Command("checksum")
    .description("Sum the genotypes of VCF, BCF, matrices and kept tables, whatever holds them")
    .argument("<files...>", "VCF, BCF, matrix, kept .duckdb, or - (standard input)")
    .optionsGroup("What is printed:")
    .option("--compare", "say whether two files hold the same, and where they do not")
    .addOption(
      chosen("--by <what>", "sums by sample, contig, or window of 1 Mb", [
        "sample",
        "contig",
        "window",
      ]),
    )
    .option("--json", "print JSON");
  return withMatrixOptions(command)
    .optionsGroup("The run:")
    .option("-@, --threads <n>", "worker threads for a matrix", wholeNumber)
    .option("--memory <size>", "memory for the whole process [1GiB]", size)
    .option("--temp-dir <folder>", "for standard input, and the table of a matrix out of order")
    .action(async (files: string[], flags: Flags) => {
      const { by, ploidy, compare, json, ...rest } = flags;
      const request = {
        ...rest,
        ploidy: ploidy === "auto" ? ploidy : ploidy === "1" ? 1 : 2,
        signal,
      } as const;
      if (compare) return await runCompare(files, request, json === true);
      for (const file of files) {
        const shown = await linesOf({ ...request, input: inputName(file)! }, by, json === true);
        if (files.length > 1 && !json) console.log(`# ${printable(file, Infinity)}`);
        console.log(shown);
      }
    });
}

/** Adds the options of `convert` that say which genotypes a matrix has. */
function withMatrixOptions(command: Command): Command {
  return withColumnOptions(command.optionsGroup("How a matrix is read and written:"))
    .option("--reference <file>", "FASTA that REF is looked up in")
    .option("--missing <list>", "further texts that mean missing, comma-separated", list)
    .addOption(chosen("--gap <what>", "what - means", ["missing", "star", "error"]))
    .addOption(chosen("--iupac <what>", "what R Y S W K M mean", ["error", "missing", "split"]))
    .addOption(chosen("--on-bad-row <what>", "error ends the run, skip leaves it out", [
      "error",
      "skip",
    ]))
    .option("--unphased", "take / between alleles")
    .option("--homozygous", "take haploid samples as homozygous diploids");
}

async function linesOf(request: SumRequest, by: Flags["by"], json: boolean): Promise<string> {
  const { sumInput } = await import("../convert/sum_input.ts");
  const groups: GroupSums[] = [], seen = new Set<string>();
  const onGroup = (group: GroupSums) => {
    const key = `${group.contig}\t${group.from}`;
    if (seen.has(key)) throw notSorted(request, group);
    seen.add(key);
    groups.push({ ...group, samples: [allSamples(group)] });
  };
  const bases = by === "window" ? WINDOW : Infinity;
  const sums = await sumInput({
    onNote: (note) => note.startsWith("warning") && say(note),
    ...request,
    strict: true,
    grouping: by === "sample" ? undefined : { bases, onGroup },
  });
  if (json) return jsonText(asJson(String(request.input), sums, groups));
  return by === "sample" ? sumLines(sums).join("\n") : groupLines(sums, groups, by).join("\n");
}

function notSorted({ input }: SumRequest, { contig, from }: GroupSums): InputError {
  return new InputError(
    `the records of contig '${printable(contig)}' from ${from} on do not stand together; ` +
      "bcftools sort sorts them",
    { file: String(input) },
  );
}

/** Returns a line for each group, and one for all. */
function groupLines(sums: Sums, groups: readonly GroupSums[], by: "contig" | "window"): string[] {
  const places = by === "window" ? ["from", "to"] : [];
  const line = (place: (string | number)[], of: Sums) => {
    const { called, alleles, phase } = of === sums ? allSamples(of) : of.samples[0];
    return [...place, of.records, called, hex(alleles), hex(phase), hex(of.sites)].join("\t");
  };
  return [
    ["#contig", ...places, "records", "called", "alleles", "phase", "sites"].join("\t"),
    ...groups.map((group) => {
      const { contig, from } = group;
      return line(by === "window" ? [contig, from, from + WINDOW - 1] : [contig], group);
    }),
    line(["*", ...places.map(() => ".")], sums),
  ];
}

function asJson(file: string, sums: Sums, groups: readonly GroupSums[]): unknown {
  const sampleJson = ({ called, alleles, phase }: SampleSums) => ({
    called,
    alleles: hex(alleles),
    phase: hex(phase),
  });
  return {
    file,
    records: sums.records,
    sites: hex(sums.sites),
    all: sampleJson(allSamples(sums)),
    samples: sums.samples.map((sample) => ({ sample: sample.name, ...sampleJson(sample) })),
    ...groups.length > 0
      ? {
        groups: groups.map(({ contig, from, records, sites, samples: [all] }) => ({
          contig,
          from,
          records,
          sites: hex(sites),
          ...sampleJson(all),
        })),
      }
      : {},
  };
}

async function runCompare(
  files: readonly string[],
  request: Omit<SumRequest, "input">,
  json: boolean,
): Promise<void> {
  if (files.length !== 2) throw new UsageError("--compare takes two files");
  if (files[0] === "-" && files[1] === "-") {
    throw new UsageError("both files cannot be standard input; give one of them as a file");
  }
  const { compareInputs } = await import("../convert/compare_inputs.ts");
  const [a, b] = files.map((file) => inputName(file)!);
  const result = await compareInputs(a, b, WINDOW, {
    onNote: (note) => note.startsWith("warning") && say(note),
    ...request,
  });
  if (json) console.log(jsonText(result));
  else if (result.equal) {
    console.log(
      `equal: ${result.records} records, ${result.called} genotypes, ` +
        `checksum ${result.alleles}`,
    );
  } else for (const line of result.differences) console.log(line);
  if (!result.equal) {
    throw new InputError(`the genotypes differ from those of ${printable(a, Infinity)}`, {
      file: b,
    });
  }
}
