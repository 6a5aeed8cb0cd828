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
  /** Names of samples; a `^` before the first one leaves them out. */
  chosen?: string[];
  ploidy?: "auto" | "1" | "2";
  missing?: string[];
  variantsOnly?: boolean;
  unphased?: boolean;
  homozygous?: boolean;
  /** All of INFO. */
  info?: boolean;
  onBadRow?: "error" | "skip";
  /** What `-` means. */
  gap?: "missing" | "star" | "error";
  /** What R Y S W K M mean. */
  iupac?: "error" | "missing";
  /** Which records are written; all if left out. */
  choice?: SiteChoice;
}

/** What a record must be to be written; a part that is left out refuses none. */
export interface SiteChoice {
  /** 1-based, both ends included; a record must overlap one of them. */
  regions?: { contig: string; first: number; last: number }[];
  minAlleles?: number;
  maxAlleles?: number;
  snpsOnly?: boolean;
  maxMissingRate?: number;
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

const SYNONYMS: Record<string, string[]> = {
  CHROM: ["CHR", "CONTIG", "CHROMOSOME", "SEQNAME"],
  POS: ["POSITION", "BP"],
  REF: ["REFERENCE"],
  ID: ["RSID", "RS#", "SNP", "SNPID"],
};

/** Names of columns that are never samples unless a sheet says so, upper case. */
const ANNOTATION = [
  ..."QUAL FILTER INFO FORMAT LOCUS_TAG GENE PRODUCT EFFECT TYPE ALL-FREQ STRAND".split(" "),
  ..."ASSEMBLY# CENTER PROTLSID ASSAYLSID PANEL PANELLSID QCCODE".split(" "),
  ...Object.entries(SYNONYMS).flat(2),
];
/** Names of columns that declare alleles, upper case. */
const DECLARATION = ["ALT", "ALLELES", "ALL-ALLELES", "REFANDALTS"];

const MISSING = [".", "N", "", "NA"];
const IUPAC = [..."RYSWKM"];
/** Texts of tables for no value, which name no contig. */
const NO_CONTIG = /^(?:\.|-|na|n\/a|nan|none|null)$/i;
const CONTIG = /^[0-9A-Za-z!$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*$/;
const BASES = /^[ACGTN]+$/;
const SYMBOLIC = /^<[!-+\x2d-;=?-~]+>$/;

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
  const own = headIn(lines);
  const headerLines = options.header === undefined ? lines : linesOf(options.header);
  const head = headIn(headerLines);
  if (head < 0) throw new Error("no header");
  const { names, quoted } = headerOf(headerLines[head]);
  const [chrom, pos, ref, id] = ["CHROM", "POS", "REF", "ID"].map((role) => columnOf(names, role));
  if (chrom < 0 || pos < 0 || ref < 0) throw new Error("CHROM, POS or REF is missing");

  const others = names.keys().toArray().filter((i) => ![chrom, pos, ref].includes(i));
  const all = options.samples === undefined
    ? pairs(names, alleleColumns(names, others.filter((i) => i !== id)), options.ploidy ?? "auto")
    : sheet(names, others, options.samples);
  const idColumn = all.some(({ columns }) => columns.includes(id)) ? -1 : id;
  if (all.length === 0) throw new Error("no allele columns");
  if (repeats(all.map((sample) => sample.name))) throw new Error("sample names repeat");
  if (all.some(({ name }) => /[\s\p{Cc}]/u.test(name))) throw new Error("a blank in a name");
  const samples = options.chosen === undefined ? all : choose(all, options.chosen);

  const taken = new Set(all.flatMap(({ columns }) => columns));
  const declared = names.keys().toArray().filter((i) =>
    !taken.has(i) && DECLARATION.includes(names[i].toUpperCase())
  );
  const { gap = "missing", iupac = "error" } = options;
  const texts = [
    ...MISSING,
    ...gap === "missing" ? ["-"] : [],
    ...iupac === "missing" ? IUPAC : [],
    ...options.missing ?? [],
  ];
  const missing = new Set(texts.map((text) => text.toUpperCase()));
  const filler = gap === "missing" ? /^(?:N+|-+)$/i : /^N+$/i;
  const sites: Site[] = [];
  const rejects: number[] = [];
  // A file without a line may have its header in another one.
  const isOwn = own >= 0 && headerOf(lines[own], true).names.join("\t") === names.join("\t");
  const rows = own < 0 ? [] : lines.slice(isOwn ? own + 1 : own);
  const unquoted = quoted ? rows.map((line) => line.replaceAll('"', "")) : rows;
  const isMissing = (cell: string) => missing.has(cell.toUpperCase()) || filler.test(cell);
  const isText = (cell: string) => missing.has(cell.toUpperCase());
  const isRow = (line: string) => line.split("\t").length >= names.length;
  const end = [...rows.keys()].filter((i) => isRow(rows[i]))[999] ?? rows.length;
  const first = unquoted.slice(0, end + 1);
  refuseGenotypes(first, ref, samples.flatMap(({ columns }) => columns), isText);
  if (options.samples === undefined) refuseAnnotation(rows.slice(0, end + 1));
  for (const [index, line] of lines.entries()) {
    if (isSkipped(line) || index < own || isOwn && index === own) continue;
    try {
      sites.push(site(line));
    } catch (error) {
      if (options.onBadRow !== "skip") throw error;
      rejects.push(index + 1);
    }
  }
  if (sites.length === 0 && rejects.length > 0) throw new Error("all rows are bad");

  const contigs = [...new Set(sites.map((site) => site.contig))];
  const unknown = options.choice?.regions?.find(({ contig }) => !contigs.includes(contig));
  if (unknown && contigs.length > 0) throw new Error(`no contig ${unknown.contig}`);
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
    const cells = cellsOf(line, names.length, quoted);
    const contig = cells[chrom];
    if (!CONTIG.test(contig) || NO_CONTIG.test(contig)) throw new Error(`contig '${contig}'`);
    const position = Number(cells[pos]);
    if (!/^[0-9]+$/.test(cells[pos]) || position < 1 || position > 2 ** 31 - 1) {
      throw new Error(`POS '${cells[pos]}'`);
    }
    const name = idColumn < 0 || cells[idColumn] === "" ? "." : cells[idColumn];
    if (/[\t-\r "]/.test(name)) throw new Error(`ID '${name}'`);
    const reference = cells[ref].toUpperCase();
    if (!BASES.test(reference)) throw new Error(`REF '${cells[ref]}'`);

    // N beside a symbolic allele is REF, unless it was said to be missing.
    const chosen = samples.flatMap(({ columns }) => columns.map((column) => cells[column]));
    const isSymbolic = (cell: string) => SYMBOLIC.test(cell) && !isText(cell);
    const kept = /^N+$/.test(reference) && chosen.some(isSymbolic) &&
        !(options.missing ?? []).some((text) => /^N+$/i.test(text))
      ? reference
      : undefined;

    // Then ALT: those that the row declares, and others in order of first appearance.
    const alleles = [...new Set([reference, ...declared.flatMap((i) => declaredIn(cells[i]))])];
    const rawCalls: string[] = []; // of each haplotype, each once
    const genotypes = samples.map(({ columns }) => {
      const calls = columns.map((column) => call(cells[column], alleles, kept));
      rawCalls.push(...calls);
      if (calls.length === 1 && options.homozygous) calls.push(calls[0]);
      return calls.join(options.unphased ? "/" : "|");
    });
    const alts = alleles.slice(1);
    const end = position + reference.length - 1;
    const dropped = options.variantsOnly && alts.length === 0 ||
      !isChosen({ contig, position, end, alleles, calls: rawCalls }, options.choice ?? {});
    const alt = alts.length === 0 ? "." : alts.join(",");
    const info = options.info ? infoOf(genotypes, alts.length) : ".";
    const fixed = [contig, position, name, reference, alt, ".", ".", info, "GT"];
    return { contig, pos: position, line: dropped ? "" : [...fixed, ...genotypes].join("\t") };
  }

  /** Refuses a column of which most cells in the first 1,000 rows are no alleles. */
  function refuseAnnotation(lines: string[]): void {
    const rows = lines.filter((line) => !isSkipped(line)).flatMap((line) => {
      try {
        return [cellsOf(line, names.length, quoted)];
      } catch {
        return []; // a row of another width
      }
    });
    for (const column of samples.flatMap(({ columns }) => columns)) {
      const cells = rows.map((row) => row[column])
        .filter((cell) => !isMissing(cell));
      const none = cells.filter((cell) => !looksLikeGenotype(cell)).length;
      if (2 * none > cells.length) throw new Error(`${names[column]} holds no alleles`);
    }
  }

  function call(cell: string, alleles: string[], kept: string | undefined): string {
    if (cell.toUpperCase() === kept) return "0";
    if (isMissing(cell)) return ".";
    const isGap = gap === "star" && /^-+$/.test(cell);
    const allele = isGap ? "*" : cell.startsWith("<") ? cell : cell.toUpperCase();
    if (!BASES.test(allele) && !SYMBOLIC.test(allele) && allele !== "*") {
      throw new Error(`allele '${cell}'`);
    }
    if (!alleles.includes(allele)) alleles.push(allele);
    return String(alleles.indexOf(allele));
  }
}

/** Is a record one that was asked for? */
function isChosen(
  site: { contig: string; position: number; end: number; alleles: string[]; calls: string[] },
  { regions, minAlleles = 1, maxAlleles = Infinity, snpsOnly, maxMissingRate = 1 }: SiteChoice,
): boolean {
  const { contig, position, end, alleles, calls } = site;
  const overlaps = (region: { contig: string; first: number; last: number }) =>
    region.contig === contig && position <= region.last && end >= region.first;
  const missing = calls.filter((call) => call === ".").length;
  return (regions === undefined || regions.some(overlaps)) &&
    alleles.length >= minAlleles && alleles.length <= maxAlleles &&
    (!snpsOnly || alleles.every((allele) => /^[ACGTN*]$/.test(allele))) &&
    missing <= maxMissingRate * calls.length + 1e-9;
}

/** Refuses cells that look like genotypes of two letters: most of the first rows, one-letter REFs. */
function refuseGenotypes(
  lines: string[],
  ref: number,
  columns: number[],
  isMissing: (cell: string) => boolean,
): void {
  const rows = lines.filter((line) => !isSkipped(line))
    .map((line) => line.replace(/ +$/, "").split("\t"))
    .filter((row) => BASES.test((row[ref] ?? "").toUpperCase()));
  if (rows.some((row) => row[ref].length !== 1)) return;
  const known = rows.map((row) =>
    columns.map((column) => row[column]).filter((cell) => cell !== undefined && !isMissing(cell))
  );
  // A row with all four bases in pairs has no genotypes of a SNP.
  const pairs = known.flatMap((row) => {
    const own = row.filter((cell) => /^(?:[ACGT][ACGTN]|NN|--)$/i.test(cell));
    const bases = new Set(own.join("").toUpperCase().replaceAll(/[N-]/g, ""));
    return bases.size === 4 ? [] : own;
  });
  if (pairs.length > known.flat().length / 2 && pairs.some((cell) => /[ACGT]/i.test(cell))) {
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

/** A VCF without version, command and name of the reference, so that two converters agree. */
export function withoutVersion(vcf: string): string {
  return vcf.replace(/^##source=matrix2vcf .*$/m, "##source=matrix2vcf")
    .replace(/^##(?:matrix2vcfCommand|reference)=.*\n/gm, "");
}

function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function isSkipped(line: string): boolean {
  return line.startsWith("##") || /^[ \r]*$/.test(line);
}

/** The cells of a line; surplus empty ones and blanks at the end are dropped, none is made up. */
function cellsOf(line: string, width: number, quoted: boolean): string[] {
  const whole = quoted ? line.split("\t").map(bare).join("\t") : line;
  const cells = whole.replace(/[ \t\r]+$/, "").split("\t");
  const present = whole.split("\t").length;
  while (cells.length < width && cells.length < present) cells.push("");
  if (cells.length !== width) throw new Error(`${cells.length} fields, not ${width}`);
  return cells;
}

function bare(cell: string): string {
  return /^"(.*)"$/.exec(cell)?.[1] ?? cell;
}

/** An allele, or what is a genotype in another notation: `R`, `A/G`, `0|1`. */
function looksLikeGenotype(cell: string): boolean {
  if (BASES.test(cell.toUpperCase()) || SYMBOLIC.test(cell) || cell === "*") return true;
  if (/^(?:[RYSWKMBDHV]|-+)$/i.test(cell)) return true;
  const parts = cell.split(/[|/]/);
  return parts.length > 1 &&
    parts.every((part) => /^([ACGTN]*|[RYSWKMBDHV*.-]|\d+|<[^\s<>,]+>)$/i.test(part));
}

/**
 * The index of the header, or of the first row: the last line of those that begin with one `#` that
 * looks like a header, else the first line without `#`.
 */
function headIn(lines: string[]): number {
  const isComment = (line: string) => line.startsWith("#") || isSkipped(line);
  const first = lines.findIndex((line) => !isComment(line));
  const before = lines.slice(0, first < 0 ? lines.length : first);
  const roles = ["CHROM", "POS", "REF"].map((role) => [role, ...SYNONYMS[role]]);
  const looks = (line: string) => {
    if (isSkipped(line)) return false;
    const names = headerOf(line, true).names.map((name) => name.toUpperCase());
    return roles.filter((role) => role.some((name) => names.includes(name))).length >= 2;
  };
  if (first >= 0 && looks(lines[first])) return first;
  const header = before.findLastIndex(looks);
  const head = header >= 0 ? header : first >= 0 ? first : before.findIndex((l) => !isSkipped(l));
  return head;
}

/** The names of a header line, and whether all of them stand in quotes. */
function headerOf(line: string, lenient = false): { names: string[]; quoted: boolean } {
  let names = line.replace(/[ \t]+$/, "").replace(/^# *"/, '"').split("\t");
  const quoted = names.every((name) => /^".*"$/.test(name));
  names = quoted ? names.map(bare) : names;
  names[0] = names[0].replace(/^# */, "");
  if (names.every((name, i) => name.startsWith(`[${i + 1}]`))) {
    names = names.map((name) => name.replace(/^\[\d+\]/, ""));
  }
  if (!lenient && names.some((name) => name.includes('"'))) throw new Error("some quotes");
  return { names, quoted };
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
    const pair = ploidy === "1" ? undefined : pairOf(names, columns, column);
    if (pair === undefined) {
      if (ploidy === "2") throw new Error(`column ${names[column]} has no partner`);
      samples.push({ name: names[column], columns: [column] });
    } else if (column === Math.min(...pair.columns)) {
      samples.push(pair);
    }
  }
  return samples;
}

/** The alleles that a cell declares; `.` declares none. */
function declaredIn(cell: string): string[] {
  const texts = cell.split(/[,/]/).filter((text) => text !== "" && text !== ".");
  const alleles = texts.map((text) => SYMBOLIC.test(text) ? text : text.toUpperCase());
  const wrong = alleles.find((text) => text !== "*" && !SYMBOLIC.test(text) && !BASES.test(text));
  if (wrong !== undefined) throw new Error(`'${wrong}' is declared`);
  return alleles;
}

/** The columns that may be haplotypes where no sheet says so. */
function alleleColumns(names: string[], columns: number[]): number[] {
  if (names.some((name) => name.trim() === "" || /^Unnamed: \d+$/.test(name))) {
    throw new Error("a column has no name");
  }
  const upper = columns.map((i) => names[i].toUpperCase());
  if (["ALT", "QUAL", "FILTER", "INFO", "FORMAT"].every((name) => upper.includes(name))) {
    throw new Error("a VCF");
  }
  const found = columns.filter((i) => {
    const name = names[i].toUpperCase(), [, sample, key] = /^(.*[:.])(\w\w+)$/.exec(names[i]) ?? [];
    const beside = key !== undefined && /^[A-Z]/i.test(key) && key.toUpperCase() !== "GT" &&
      names.includes(`${sample}GT`);
    return !ANNOTATION.includes(name) && !name.startsWith("INFO:") && !beside;
  });
  const cells = found.filter((i) => !DECLARATION.includes(names[i].toUpperCase()));
  const own = cells.map((i) => names[i]);
  if (repeats(own) && !isDoubled(own)) throw new Error("column names repeat");
  return cells;
}

/** Does every name come twice, side by side? */
function isDoubled(own: string[]): boolean {
  const twice = [...new Set(own)].flatMap((name) => [name, name]);
  return own.length > 0 && own.join("\t") === twice.join("\t");
}

/** The pair that a column belongs to: it and one other count the same series, and nothing else. */
function pairOf(names: string[], columns: number[], column: number): Sample | undefined {
  const own = columns.map((i) => names[i]);
  if (isDoubled(own)) {
    return { name: names[column], columns: columns.filter((i) => names[i] === names[column]) };
  }
  const [stem, mark, counter] = counted(names[column]);
  if (counter === "" || names.includes(stem)) return undefined;
  const series = columns.filter((i) => {
    if (!names[i].startsWith(stem)) return false;
    const [otherStem, otherMark, otherCounter] = counted(names[i]);
    return otherStem === stem && otherMark === mark && otherCounter !== "";
  });
  if (series.length !== 2) return undefined;
  const order = "1a2b";
  const of = (i: number) => order.indexOf(counted(names[i])[2].toLowerCase());
  const [first, second] = series.toSorted((x, y) => of(x) - of(y));
  const counters = counted(names[first])[2] + counted(names[second])[2];
  const loose = mark !== "" || /[0-9]$/.test(stem);
  const good = ["12", "ab", "AB", ...loose ? ["aB", "Ab"] : []];
  return good.includes(counters) ? { name: stem, columns: [first, second] } : undefined;
}

/** Stem, mark and counter of a name; the counter is empty where it does not count. */
function counted(name: string): [stem: string, mark: string, counter: string] {
  const [, before = "", counter = ""] = /^(.*?)([0-9]+|[A-Za-z])$/.exec(name) ?? [];
  const isNumber = /[0-9]/.test(counter), signs = ["_", ".", "#", "-"];
  const words = isNumber ? [...signs.map((sign) => `${sign}hap`), "hap"] : [];
  const marks = [...words, ...isNumber ? signs.map((sign) => `${sign}h`) : [], ...signs];
  const mark = marks.find((mark) => before.toLowerCase().endsWith(mark)) ?? "";
  const stem = before.slice(0, before.length - mark.length);
  return stem === "" || isNumber && mark === "" ? [name, "", ""] : [stem, mark, counter];
}

function sheet(names: string[], columns: number[], text: string): Sample[] {
  const rows = linesOf(text).filter((line) => !line.startsWith("#") && line.trim() !== "");
  const left = new Set(columns);
  const samples = rows.map((line) => {
    const fields = line.replace(/[ \t]+$/, "").split("\t");
    const [name, ...wanted] = fields.every((field) => /^".*"$/.test(field))
      ? fields.map(bare)
      : fields;
    if (name === "" || wanted.length === 0) throw new Error("a sample needs a name and a column");
    if (name.includes('"')) throw new Error("a quote in a name");
    const found = wanted.map((column) => {
      const index = [...left].find((i) => names[i] === column);
      if (index === undefined) throw new Error(`no column for ${name}`);
      left.delete(index);
      return index;
    });
    return { name, columns: found };
  });
  const used = new Set(samples.flatMap((sample) => sample.columns.map((i) => names[i])));
  if ([...left].some((i) => used.has(names[i]))) throw new Error("one of two columns is left");
  return samples;
}

function choose(samples: Sample[], list: string[]): Sample[] {
  const exclude = list[0].startsWith("^");
  const names = exclude ? [list[0].slice(1), ...list.slice(1)] : list;
  const found = names.map((name) => samples.find((sample) => sample.name === name));
  if (found.some((sample) => sample === undefined)) throw new Error("an unknown sample");
  if (!exclude && repeats(names)) throw new Error("a sample is chosen twice");
  const chosen = exclude ? samples.filter((sample) => !found.includes(sample)) : found as Sample[];
  if (chosen.length === 0) throw new Error("no sample is left");
  return chosen;
}

function repeats(names: string[]): boolean {
  return new Set(names).size !== names.length;
}
