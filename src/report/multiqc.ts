/**
 * Writes the figures of a report as custom content for MultiQC: a table with a row for the output and
 * one for each sample. The format is that of https://docs.seqera.io/multiqc/custom_content.
 *
 * @module
 */
import { type Counts, roundedShare } from "./counts_reader.ts";
import { escaped } from "./page.ts";
import { samplesChart } from "./sample_charts.ts";

/** A column of the table. */
interface Column {
  title: string;
  description: string;
  /** How Python writes its numbers. */
  format: string;
}

const COUNT = "{:,.0f}", SHARE = "{:,.4f}";

/** Columns of the output as a whole, and their numbers. */
const OF_ALL: readonly (readonly [title: string, description: string, format: string])[] = [
  ["Records", "Records of the output", COUNT],
  ["Variants", "Records with an ALT", COUNT],
  ["Multi-allelic", "Records with two or more ALTs", COUNT],
  ["SNPs", "Records with a SNP", COUNT],
  ["Indels", "Records with an insertion or a deletion", COUNT],
  ["Ts/Tv", "Transitions to transversions", SHARE],
  ["REF major", "Share of the variants whose REF is the most frequent allele", SHARE],
  ["All missing", "Share of all haplotypes that are not called", SHARE],
];

function numbersOfAll(counts: Counts): (number | null)[] {
  const total = (name: string) => counts.total(name);
  const haplotypes = total("records") * total("haplotypes") - total("absent");
  return [
    total("records"),
    total("variants"),
    total("multiallelic"),
    total("snp_records"),
    total("indel_records"),
    total("transversions") > 0 ? total("transitions") / total("transversions") : null,
    roundedShare(total("ref_major"), total("variants")),
    roundedShare(total("missing"), haplotypes),
  ];
}

/** Returns the JSON of a file `NAME_mqc.json`. */
export function multiqcText(counts: Counts, title: string, version: string): string {
  const { columns, rows, shares } = samplesChart(counts);
  const all = OF_ALL.map(([title, description, format]) => column(title, description, format));
  const each = columns.slice(1).map((name, n) =>
    column(name, `${name} of the sample`, shares.includes(n + 1) ? SHARE : COUNT)
  );
  // MultiQC puts names into its page as they are. Files may have samples in common.
  const whole = escaped(stemOf(title));
  const samples = rows.map(([name, ...cells]) => [
    `${whole}: ${escaped(String(name))}`,
    numbered(each, cells),
  ]);
  return JSON.stringify(
    {
      id: "matrix2vcf",
      section_name: "matrix2vcf",
      description: `Records and samples of the outputs of ${escaped(version)}.`,
      plot_type: "table",
      pconfig: { id: "matrix2vcf_table", namespace: "matrix2vcf", title: "matrix2vcf: report" },
      headers: Object.fromEntries([...all, ...each].map((column) => [keyOf(column), column])),
      data: Object.fromEntries([
        [whole, numbered(all, numbersOfAll(counts))],
        ...samples,
      ]),
    },
    null,
    1,
  ) + "\n";
}

/** Returns the name of a file as MultiQC would shorten it, so that rows of one file stay together. */
function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.replace(/\.(?:vcf|bcf|tsv|parquet|duckdb)(?:\.b?gz)?$/i, "") || name;
}

function column(title: string, description: string, format: string): Column {
  return { title, description, format };
}

/** Returns the name by which MultiQC knows a column. */
function keyOf({ title }: Column): string {
  return title.toLowerCase().replaceAll(/[^a-z]+/g, "_");
}

/** Returns the numbers of a row by column; those that are not there are left out. */
function numbered(columns: readonly Column[], cells: readonly unknown[]): Record<string, unknown> {
  const pairs = columns.map((column, n) => [keyOf(column), cells[n]] as const);
  return Object.fromEntries(pairs.filter(([, cell]) => cell !== null));
}
