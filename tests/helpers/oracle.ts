/**
 * The slow, obvious converter that the real one is compared with: the whole text in memory, one
 * step after the other, as DESIGN.md says it. It shares no code with `src/`.
 *
 * @module
 */

/** What {@linkcode oracle} can be asked for; `header` and `samples` are the files' contents. */
export interface OracleOptions {
  header?: string;
  samples?: string;
  ploidy?: "auto" | "1" | "2";
  missing?: string[];
  variantsOnly?: boolean;
  unphased?: boolean;
  homozygous?: boolean;
  /** All of INFO. */
  info?: boolean;
  onBadRow?: "error" | "skip";
}

interface Sample {
  name: string;
  /** Column indexes, 0-based, in the order of the haplotypes. */
  columns: number[];
}

interface Site {
  contig: string;
  pos: number;
  line: string;
}

/** First, second and (never) third member of a series; the longest suffixes first. */
const SERIES = [
  ["_hap1", "_hap2", "_hap3"],
  ["_a", "_b", "_c"],
  ["_A", "_B", "_C"],
  ["_1", "_2", "_3"],
  [".a", ".b", ".c"],
  [".1", ".2", ".3"],
  ["a", "b", "c"],
  ["A", "B", "C"],
];

const SYNONYMS: Record<string, string[]> = {
  CHROM: ["CHR", "CONTIG", "CHROMOSOME", "SEQNAME"],
  POS: ["POSITION", "BP"],
  REF: ["REFERENCE"],
  ID: [],
};

const MISSING = [".", "N", "", "NA", "-"];
const FILLER = /^(?:N+|-+)$/i;
/** Texts of tables for no value, which name no contig. */
const NO_CONTIG = /^(?:\.|-|na|n\/a|nan|none|null)$/i;
const CONTIG = /^[0-9A-Za-z!$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*$/;
const BASES = /^[ACGTN]+$/;
const SYMBOLIC = /^<[^\s<>,]+>$/;

const INFO = [
  '##INFO=<ID=AC,Number=A,Type=Integer,Description="Allele count in genotypes">',
  '##INFO=<ID=AN,Number=1,Type=Integer,Description="Total number of alleles in called genotypes">',
  '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">',
  '##INFO=<ID=NS,Number=1,Type=Integer,Description="Number of samples with data">',
];

/** Converts a matrix, or throws on bad input. `rejects` are 1-based lines. */
export function oracle(
  text: string,
  options: OracleOptions = {},
): { vcf: string; rejects: number[] } {
  const lines = linesOf(text);
  const names = headerOf(options.header === undefined ? lines : linesOf(options.header));
  const [chrom, pos, ref, id] = ["CHROM", "POS", "REF", "ID"].map((role) => columnOf(names, role));
  if (chrom < 0 || pos < 0 || ref < 0) throw new Error("CHROM, POS or REF is missing");

  const alleleColumns = names.keys().toArray().filter((i) => ![chrom, pos, ref, id].includes(i));
  const samples = options.samples === undefined
    ? pairs(names, alleleColumns, options.ploidy ?? "auto")
    : sheet(names, alleleColumns, options.samples);
  if (samples.length === 0) throw new Error("no allele columns");
  if (repeats(samples.map((sample) => sample.name))) throw new Error("sample names repeat");
  if (samples.some(({ name }) => /[\s\p{Cc}]/u.test(name))) throw new Error("a blank in a name");

  const missing = new Set([...MISSING, ...options.missing ?? []].map((s) => s.toUpperCase()));
  const sites: Site[] = [];
  const rejects: number[] = [];
  const isOwnHeader = (line: string) => options.header === undefined || isHeader(line, names);
  const first = lines.findIndex((line) => !isSkipped(line));
  const header = first >= 0 && isOwnHeader(lines[first]) ? first : -1;
  refuseGenotypes(lines.slice(header + 1), ref, samples.flatMap(({ columns }) => columns));
  for (const [index, line] of lines.entries()) {
    if (isSkipped(line) || index === header) continue;
    try {
      sites.push(site(line));
    } catch (error) {
      if (options.onBadRow !== "skip") throw error;
      rejects.push(index + 1);
    }
  }
  if (sites.length === 0 && rejects.length > 0) throw new Error("all rows are bad");

  const contigs = [...new Set(sites.map((site) => site.contig))];
  const sorted = contigs.flatMap((contig) =>
    sites.filter((site) => site.contig === contig).sort((a, b) => a.pos - b.pos)
  );
  const vcf = [
    "##fileformat=VCFv4.2",
    "##source=matrix2vcf",
    ...contigs.map((contig) => `##contig=<ID=${contig}>`),
    ...options.info ? INFO : [],
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
    ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT", ...samples.map((s) => s.name)]
      .join("\t"),
    ...sorted.map((site) => site.line).filter((line) => line !== ""),
  ];
  return { vcf: vcf.join("\n") + "\n", rejects };

  function site(line: string): Site {
    const cells = cellsOf(line, names.length);
    const contig = cells[chrom];
    if (!CONTIG.test(contig) || NO_CONTIG.test(contig)) throw new Error(`contig '${contig}'`);
    const position = Number(cells[pos]);
    if (!/^[0-9]+$/.test(cells[pos]) || position < 1 || position > 2 ** 31 - 1) {
      throw new Error(`POS '${cells[pos]}'`);
    }
    const name = id < 0 || cells[id] === "" ? "." : cells[id];
    if (/\s/.test(name)) throw new Error(`ID '${name}'`);
    const reference = cells[ref].toUpperCase();
    if (!BASES.test(reference)) throw new Error(`REF '${cells[ref]}'`);

    // N beside a symbolic allele is REF, unless it was said to be missing.
    const chosen = samples.flatMap(({ columns }) => columns.map((column) => cells[column]));
    const kept = /^N+$/.test(reference) && chosen.some((cell) => SYMBOLIC.test(cell)) &&
        !(options.missing ?? []).some((text) => /^N+$/i.test(text))
      ? reference
      : undefined;

    const alleles = [reference]; // then ALT, in order of first appearance
    const genotypes = samples.map(({ columns }) => {
      const calls = columns.map((column) => call(cells[column], alleles, kept));
      if (calls.length === 1 && options.homozygous) calls.push(calls[0]);
      return calls.join(options.unphased ? "/" : "|");
    });
    const alts = alleles.slice(1);
    const dropped = options.variantsOnly && alts.length === 0;
    const alt = alts.length === 0 ? "." : alts.join(",");
    const info = options.info ? infoOf(genotypes, alts.length) : ".";
    const fixed = [contig, position, name, reference, alt, ".", ".", info, "GT"];
    return { contig, pos: position, line: dropped ? "" : [...fixed, ...genotypes].join("\t") };
  }

  function call(cell: string, alleles: string[], kept: string | undefined): string {
    if (cell.toUpperCase() === kept) return "0";
    if (missing.has(cell.toUpperCase()) || FILLER.test(cell)) return ".";
    const allele = cell.startsWith("<") ? cell : cell.toUpperCase();
    if (!BASES.test(allele) && !SYMBOLIC.test(allele) && allele !== "*") {
      throw new Error(`allele '${cell}'`);
    }
    if (!alleles.includes(allele)) alleles.push(allele);
    return String(alleles.indexOf(allele));
  }
}

/** Refuses cells that look like genotypes of two letters: most of the first rows, one-letter REFs. */
function refuseGenotypes(lines: string[], ref: number, columns: number[]): void {
  const rows = lines.slice(0, 1000).filter((line) => !isSkipped(line))
    .map((line) => line.replace(/ +$/, "").split("\t"));
  if (rows.some((row) => row[ref]?.length !== 1)) return;
  const cells = rows.flatMap((row) => columns.map((column) => row[column]))
    .filter((cell) => cell !== undefined);
  // A row with all four bases in pairs has no genotypes of a SNP.
  const pairs = rows.flatMap((row) => {
    const own = columns.map((column) => row[column] ?? "")
      .filter((cell) => /^(?:[ACGT][ACGTN]|NN|--)$/i.test(cell));
    const bases = new Set(own.join("").toUpperCase().replaceAll(/[N-]/g, ""));
    return bases.size === 4 ? [] : own;
  });
  if (pairs.length > cells.length / 2 && pairs.some((cell) => /[ACGT]/i.test(cell))) {
    throw new Error("genotypes of two letters");
  }
}

/** INFO of a record, counted in its genotypes. */
function infoOf(genotypes: string[], alts: number): string {
  const called = genotypes.map((call) => call.split(/[|/]/).filter((allele) => allele !== "."));
  const all = called.flat(), samples = called.filter((alleles) => alleles.length > 0).length;
  const counts = Array.from(
    { length: alts },
    (_, i) => all.filter((allele) => allele === String(i + 1)).length,
  );
  const parts = [`AN=${all.length}`, `NS=${samples}`];
  if (alts > 0) {
    parts.unshift(`AC=${counts}`);
    parts.splice(2, 0, `AF=${counts.map((count) => sixDigits(count / all.length))}`);
  }
  return parts.join(";");
}

/** A share in single precision with six digits, as text; half of a digit goes to the even one. */
function sixDigits(share: number): string {
  const exact = Math.fround(share).toFixed(60);
  const [, zeros, six, rest] = /^[01]\.(0*)(\d{6})(\d*)$/.exec(exact)!;
  if (Number(exact) === 1) return "1";
  const half = "5".padEnd(rest.length, "0");
  const up = rest > half || rest === half && Number(six) % 2 === 1 ? 1 : 0;
  const digits = String(Number(six) + up).padStart(6, "0");
  return String(Number(`0.${digits.length > 6 ? zeros.slice(1) : zeros}${digits}`));
}

/** The `##source` line without its version, so that two converters can be compared. */
export function withoutVersion(vcf: string): string {
  return vcf.replace(/^##source=matrix2vcf .*$/m, "##source=matrix2vcf");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function isSkipped(line: string): boolean {
  return line.startsWith("##") || /^ *$/.test(line);
}

/** The cells of a line; surplus empty ones and blanks at the end are dropped, none is made up. */
function cellsOf(line: string, width: number): string[] {
  const cells = line.replace(/[ \t]+$/, "").split("\t");
  const present = line.split("\t").length;
  while (cells.length < width && cells.length < present) cells.push("");
  if (cells.length !== width) throw new Error(`${cells.length} fields, not ${width}`);
  return cells;
}

function headerOf(lines: string[]): string[] {
  const line = lines.find((line) => !isSkipped(line));
  if (line === undefined) throw new Error("no header");
  const names = line.replace(/[ \t]+$/, "").split("\t");
  if (names.includes("")) throw new Error("a column has no name");
  if (repeats(names)) throw new Error("column names repeat");
  return names;
}

function isHeader(line: string, names: string[]): boolean {
  return line.replace(/[ \t]+$/, "").replace(/^#/, "") === names.join("\t").replace(/^#/, "");
}

/** The column that plays a role, or -1: by its exact name, else in any case, else a synonym. */
function columnOf(names: string[], role: string): number {
  const bare = names.map((name) => name.replace(/^#/, ""));
  const fits = [
    (name: string) => name === role,
    (name: string) => name.toUpperCase() === role,
    (name: string) => SYNONYMS[role].includes(name.toUpperCase()),
  ];
  for (const fit of fits) {
    const found = bare.keys().toArray().filter((i) => fit(bare[i]));
    if (found.length > 1) throw new Error(`two columns could be ${role}`);
    if (found.length === 1) return found[0];
  }
  return -1;
}

function pairs(names: string[], columns: number[], ploidy: "auto" | "1" | "2"): Sample[] {
  const samples: Sample[] = [];
  for (const column of columns) {
    const pair = ploidy === "1" ? undefined : pairOf(names, column);
    if (pair === undefined) {
      if (ploidy === "2") throw new Error(`column ${names[column]} has no partner`);
      samples.push({ name: names[column], columns: [column] });
    } else if (column === Math.min(...pair.columns)) {
      samples.push(pair);
    }
  }
  return samples;
}

/** The pair that a column belongs to, judged by the longest suffix it has. */
function pairOf(names: string[], column: number): Sample | undefined {
  const name = names[column];
  const series = SERIES.find(([a, b]) => name.endsWith(a) || name.endsWith(b));
  if (series === undefined) return undefined;
  const [a, b, c] = series;
  const stem = name.slice(0, -a.length);
  if (stem === "" || names.includes(stem) || names.includes(stem + c)) return undefined;
  const both = [names.indexOf(stem + a), names.indexOf(stem + b)];
  return both.includes(-1) ? undefined : { name: stem, columns: both };
}

function sheet(names: string[], columns: number[], text: string): Sample[] {
  const rows = linesOf(text).filter((line) => !line.startsWith("#") && line.trim() !== "");
  return rows.map((line) => {
    const [name, ...wanted] = line.replace(/[ \t]+$/, "").split("\t");
    if (name === "" || wanted.length === 0) throw new Error("a sample needs a name and a column");
    const found = wanted.map((column) => names.indexOf(column));
    if (!found.every((index) => columns.includes(index))) throw new Error(`no column for ${name}`);
    return { name, columns: found };
  });
}

function repeats(names: string[]): boolean {
  return new Set(names).size !== names.length;
}
