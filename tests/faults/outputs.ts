/**
 * The outputs and the commands that all fault tests go over. Whoever adds an output or a command to
 * the program adds a line here.
 *
 * @module
 */
import { convert, type ConvertRequest, openMatrix } from "../../mod.ts";
import { inspectDatabase } from "../../src/inspect/inspect_database.ts";
import { readOutput } from "../helpers/convert_text.ts";
import { haplotypeText, matrixText } from "./expected.ts";

/** An output of `convert`. */
export interface OutputKind {
  /** Name of the file. */
  name: string;
  /** Options that ask for it, for the command line and for the library. */
  flags: string[];
  request: Partial<ConvertRequest>;
  /** Files that come with it, by what follows its name. */
  beside: string[];
  /** Returns the text that the oracle's VCF (without version) becomes; `text` is the real one. */
  expected: (vcf: string, text: string) => string;
  /** True where fuzzing cannot ask for these options, as they would leave no trace in it. */
  plain?: boolean;
}

const asItIs = (vcf: string) => vcf;

/** All outputs. A vcf.gz with `--index csi` differs from another one by its index alone. */
export const OUTPUTS: readonly OutputKind[] = [
  { name: "o.vcf", flags: [], request: {}, beside: [], expected: asItIs },
  { name: "o.vcf.gz", flags: [], request: {}, beside: [".tbi"], expected: asItIs },
  {
    name: "c.vcf.gz",
    flags: ["--index", "csi"],
    request: { index: "csi" },
    beside: [".csi"],
    expected: asItIs,
  },
  {
    name: "d.vcf.gz",
    flags: ["--direct"],
    request: { direct: true },
    beside: [".tbi"],
    expected: asItIs,
  },
  { name: "b.bcf", flags: [], request: {}, beside: [".csi"], expected: asItIs },
  {
    name: "plain.bcf",
    flags: ["-O", "u", "--direct"],
    request: { outputType: "u", direct: true },
    beside: [],
    expected: asItIs,
  },
  {
    name: "o.tsv",
    flags: ["--format", "tsv"],
    request: { format: "tsv" },
    beside: [],
    expected: matrixText,
    plain: true,
  },
  {
    name: "h.tsv.gz",
    flags: ["--format", "haplotype"],
    request: { format: "haplotype" },
    beside: [],
    expected: haplotypeText,
    plain: true,
  },
];

/** Views, of which the oracle knows nothing. */
export const VIEWS: readonly Omit<OutputKind, "expected">[] = [
  { name: "p.parquet", flags: [], request: {}, beside: [] },
  { name: "s.tsv.gz", flags: ["--format", "sites"], request: { format: "sites" }, beside: [] },
];

/** The outputs that are killed: one of each way of writing, each without and with a kept table. */
export const KILLED = [...OUTPUTS, ...VIEWS].filter(({ name }) =>
  ["o.vcf", "o.vcf.gz", "d.vcf.gz", "b.bcf", "p.parquet"].includes(name)
);

/** Something that reads a kept table. */
export interface Command {
  name: string;
  /** Returns all that it says of the table, which it must say again of an undamaged copy. */
  run: (database: string, folder: string) => Promise<string>;
}

/** All that reads a kept table. */
export const COMMANDS: readonly Command[] = [
  {
    name: "convert",
    async run(database, folder) {
      const output = `${folder}/o.vcf`;
      await convert({ input: database, output, threads: 0 });
      return await readOutput(output);
    },
  },
  {
    name: "query",
    async run(database) {
      await using matrix = await openMatrix(database, { threads: 1 });
      let text = `${matrix.samples} ${matrix.contigs} ${matrix.rows}\n`;
      for await (const rows of matrix.query("SELECT * FROM matrix ORDER BY ALL")) {
        for (const row of rows) text += `${Object.values(row).join("\t")}\n`;
      }
      return text;
    },
  },
  {
    name: "inspect",
    async run(database) {
      // What is behind the end of a table makes its file longer, and nothing else.
      const { bytes: _, rest: __, ...report } = await inspectDatabase(database);
      return JSON.stringify(report);
    },
  },
];
