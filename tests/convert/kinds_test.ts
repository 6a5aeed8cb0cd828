/**
 * The kinds of headers and cells that people have: case of names, quotes, byte order marks, line
 * ends, encodings, comments, columns of annotation, series of names. Each case draws one of each
 * kind; the conversion must give what the oracle gives, or a refusal that one of the drawn kinds
 * names. Nothing is refused for another reason, and nothing is taken that the oracle refuses.
 *
 * The suite runs a slice. All of it: `deno test -A tests/convert/kinds_test.ts -- 5000 7` (cases,
 * seed).
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { convert, InputError } from "../../mod.ts";
import { withFolder } from "../helpers/cli.ts";
import { oracle, withoutVersion } from "../helpers/oracle.ts";

const [cases = 200, seed = 7] = Deno.args.map(Number).filter(Number.isInteger);

/** One of the things that a case draws, and what it may be refused with. */
interface Kind {
  name: string;
  /** How often it is drawn. */
  weight: number;
  /** Messages that this kind may end with; without any, it is never the reason of a refusal. */
  refusals?: RegExp[];
  /** True where it is always refused; the oracle is not asked, as it reads text, not bytes. */
  always?: boolean;
  /** Changes the case. */
  apply: (matrix: Draft) => void;
}

/** A matrix in the making. */
interface Draft {
  names: string[];
  /** Cells of the rows, as many as names. */
  rows: string[][];
  /** Lines before the header. */
  before: string[];
  /** Changes of each field of the header, and of each cell, before they are joined. */
  headerField: (field: string, index: number) => string;
  cell: (cell: string, column: number) => string;
  lineEnd: string;
  encode: (text: string) => Uint8Array<ArrayBuffer>;
  /** True where the header is in a file of its own. */
  apart: boolean;
  /** The text of a sample sheet. */
  samples?: string;
  /** Numbers to make choices with. */
  dice: number[];
}

const encoder = new TextEncoder();

function kind(name: string, weight: number, apply: Kind["apply"], refusals?: RegExp[]): Kind {
  return { name, weight, apply, refusals };
}

function add(
  matrix: Draft,
  name: string,
  cells: (row: number) => string,
  at = matrix.names.length,
) {
  matrix.names.splice(at, 0, name);
  matrix.rows.forEach((row, index) => row.splice(at, 0, cells(index)));
}

/** Adds haplotype columns, whose cells follow from the dice. */
function addHaplotypes(matrix: Draft, names: string[]): void {
  const cells = ["A", "C", "G", "T", "a", "t", ".", "N", "", "NA", "*", "<DEL>", "AC", "-"];
  for (const [column, name] of names.entries()) {
    const at = 3 + (matrix.dice[column % 5] % (matrix.names.length - 2));
    add(matrix, name, (row) => {
      const die = matrix.dice[(row * 7 + column * 3) % matrix.dice.length];
      return cells[(die + row + column) % cells.length];
    }, at);
  }
}

function pick<T>(list: readonly T[], die: number): T {
  return list[die % list.length];
}

const SAME_NAME = [/ have the same name; /, / two samples would be called /];

const NAMES: Kind[] = [
  kind("as usual", 3, () => {}),
  kind("lower case", 2, (m) => void (m.names = m.names.map((name) => name.toLowerCase()))),
  kind("synonyms", 1, (m) => m.names.splice(0, 3, "Chr", "bp", "Reference")),
  kind("a hash", 2, (m) => void (m.names[0] = `#${m.names[0]}`)),
];

const SERIES: Kind[] = [
  kind("pairs of letters", 3, (m) => addHaplotypes(m, ["10a", "10b", "Vida", "7B", "7A"])),
  kind(
    "pairs with marks",
    2,
    (m) => addHaplotypes(m, ["S_1", "S_2", "x.a", "x.b", "y_hap2", "y_hap1"]),
  ),
  kind("PanSN", 1, (m) => addHaplotypes(m, ["HG002#1", "HG002#2", "CHM13#0"])),
  kind(
    "h1 and h2, dashes",
    1,
    (m) => addHaplotypes(m, ["S1_h1", "S1_h2", "S1-1", "S1-2"]),
    SAME_NAME,
  ),
  kind("letters of two cases", 1, (m) => addHaplotypes(m, ["10a", "10B", "xA", "xb"])),
  kind("from 0", 1, (m) => addHaplotypes(m, ["x_0", "x_1", "x_2", "y_0", "y_1"])),
  kind("a third by letter", 1, (m) => addHaplotypes(m, ["da", "db", "dx", "d"])),
  kind("two digits", 1, (m) => addHaplotypes(m, ["s_1", "s_2", "s_10", "t_01", "t_02"])),
  kind("hap0", 1, (m) => addHaplotypes(m, ["b_hap0", "b_hap1", "b_hap2"])),
  kind("drawn", 3, (m) => {
    const stems = ["S", "10", "s", "x.y"], marks = ["", "_", ".", "-", "#", "_hap", "_h"];
    const counters = ["a", "b", "A", "B", "c", "1", "2", "0", "3", "10", "01"];
    const names = m.dice.slice(0, 5).map((die) =>
      pick(stems, die) + pick(marks, die >> 3) + pick(counters, die >> 6)
    );
    addHaplotypes(m, [...new Set(names)]);
  }, SAME_NAME),
  kind("each twice", 1, (m) => {
    addHaplotypes(m, ["S1"]);
    const at = m.names.indexOf("S1");
    add(m, "S1", (row) => pick(["A", "C", "."], row), at + 1);
    add(m, "S2", () => "G");
    add(m, "S2", (row) => pick(["T", "G"], row));
  }, [/ have the same name; /]), // where a column of annotation is taken for a third
  kind("one of three twice", 1, (m) => addHaplotypes(m, ["S1", "S2", "S1"]), SAME_NAME),
];

const ANNOTATION = [
  "GENE",
  "gene",
  "Qual",
  "format",
  "FILTER",
  "Info",
  "INFO:DP",
  "strand",
  "Type",
];

const EXTRA: Kind[] = [
  kind("none", 4, () => {}),
  kind("known annotation", 4, (m) => {
    const texts = ["", ".", "gyrB", "A", "some text", "12"];
    const name = pick(ANNOTATION, m.dice[6]);
    add(m, name, (row) => pick(texts, m.dice[row % 5]), 3 + m.dice[7] % 2);
  }),
  kind("IDs", 3, (m) => {
    add(m, pick(["rsid", "SNP", "rs#", "snpID", "ID", "id"], m.dice[6]), (row) => `rs${row}`, 3);
  }),
  kind("IDs twice", 1, (m) => {
    add(m, "ID", (row) => `rs${row}`, 3);
    add(m, "SNP", (row) => `snp ${row}`, 4);
  }),
  kind("a column that is missing", 2, (m) => {
    add(m, "empty", (row) => pick([".", "", "NA"], row), 4);
  }),
  kind("unknown annotation", 1, (m) => {
    add(m, "note", (row) => row === 0 ? "gyrB" : pick(["recA", "", "x y"], row), 4);
  }, [/: note: '\w+' is not an allele; .* are no alleles: if it is annotation, /]),
  kind("annotation that is rare", 1, (m) => {
    add(m, "rare", (row) => row === 1 ? "gyrB" : ".", 4);
  }, [
    /: rare: 'gyrB' is not an allele; .* of the 1 cells .* are no alleles: if it is annotation, /,
  ]),
  kind("a bad cell among alleles", 1, (m) => {
    add(m, "mixed", (row) => row === 1 ? "gyrB" : "A", 4);
  }, [/: mixed: 'gyrB' is not an allele; /]),
  kind("an index without a name", 1, (m) => {
    add(m, pick(["", "Unnamed: 0"], m.dice[6]), String, 0);
  }, [/ column 1 of the header has no name; /]),
  kind("ALT", 1, (m) => {
    add(m, pick(["ALT", "alt", "Alt", "alleles"], m.dice[6]), () => "G", 3);
  }),
  kind("a VCF", 1, (m) => {
    for (const name of ["Alt", "QUAL", "filter", "INFO", "FORMAT"]) add(m, name, () => ".");
  }, [/ this is a VCF already; /]),
];

const QUOTES: Kind[] = [
  kind("none", 6, () => {}),
  kind("around all", 2, (m) => {
    m.headerField = (field) => `"${field}"`;
    m.cell = (cell) => `"${cell}"`;
  }),
  kind("around the header and texts", 2, (m) => {
    m.headerField = (field) => `"${field}"`;
    m.cell = (cell) => /^\d*$/.test(cell) ? cell : `"${cell}"`;
  }),
  kind("around one name", 1, (m) => {
    m.headerField = (field, index) => index === 3 ? `"${field}"` : field;
  }, [/ the name has quotes, and not all names /]),
  kind("around cells only", 1, (m) => {
    m.cell = (cell, column) => column === 3 ? `"${cell || "A"}"` : cell;
  }, [/ is not an allele; .*quotes /, / the ID has a quote/, / REF is '".*"', expected /]),
];

const BEFORE: Kind[] = [
  kind("nothing", 4, () => {}),
  kind("comments", 2, (m) => m.before.push("# made by hand", "##x", "#", "")),
  // Where quotes spoil the header itself, the older one is taken for it, and rows do not fit.
  kind("an older header", 1, (m) => m.before.push("#CHROM\tPOS\tREF\told", "# and a comment"), [
    / the row has 1 field, expected 4; /,
  ]),
];

const ENDS: Kind[] = [
  kind("LF", 3, () => {}),
  kind("CRLF", 2, (m) => void (m.lineEnd = "\r\n")),
  {
    ...kind("CR", 0.3, (m) => void (m.lineEnd = "\r"), [/ the lines end in CR alone/]),
    always: true,
  },
];

const ENCODINGS: Kind[] = [
  kind("ASCII", 4, () => {}),
  kind(
    "UTF-8",
    2,
    (m) => void (m.names = m.names.map((name) => name.replace(/^S(?!NP|$)/, "Zoë"))),
  ),
  kind("UTF-8 with a mark", 2, (m) => void (m.encode = (text) => encoder.encode(`\uFEFF${text}`))),
  {
    ...kind("UTF-16", 0.5, (m) => void (m.encode = utf16), [/ the file is UTF-16 text; .*iconv/]),
    always: true,
  },
  {
    ...kind("Latin-1", 0.5, (m) => {
      m.names[m.names.length - 1] += "é";
      m.encode = (text) => Uint8Array.from(text, (char) => char.charCodeAt(0));
    }, [/UTF-8.*iconv/]),
    always: true,
  },
];

const WAYS: Kind[] = [
  kind("one file", 4, () => {}),
  kind("a header apart", 1, (m) => void (m.apart = true)),
  kind("a sheet", 1, (m) => {
    const own = m.names.filter((name) => /^[a-z]*[A-Z0-9]/i.test(name)).slice(3, 5);
    m.samples = `one\t${own[0]}\n` + (own[1] === undefined ? "" : `two\t${own[1]}\n`);
  }, [
    / the matrix has no allele column /, // the sheet names CHROM, POS or REF
    / is not an allele; /, // it names annotation
    / the matrix has 2 columns '.*'; name it 2 times/,
    / is used twice/,
  ]),
  kind("names of rows", 1, (m) => {
    const fields = m.headerField, { cell } = m;
    const rows = m.rows.map((row, index) => [`r${index}`, ...row]);
    m.rows = rows;
    m.headerField = fields;
    m.cell = (text, column) => cell(text, column - 1);
  }, [/ the row has \d+ fields, expected \d+; the first one looks like a name of the row, as R /]),
];

const CELLS: Kind[] = [
  // In a few rows, most called cells may happen to be insertions of one base.
  kind("as they are", 6, () => {}, [/ looks like a genotype of two letters, /]),
  kind("runs of N", 1, (m) => {
    for (const row of m.rows) if (row[4] === "N") row[4] = "NNN";
  }),
  kind("two letters", 0.5, (m) => {
    m.rows = m.rows.map((row) => row.map((cell, i) => i > 3 ? pick(["AA", "AG", "NN"], i) : cell));
  }, [/ looks like a genotype of two letters, .*--dialect genotypes/]),
];

const LISTS = { NAMES, SERIES, EXTRA, CELLS, QUOTES, BEFORE, ENDS, ENCODINGS, WAYS };

function utf16(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Uint16Array.from(`\uFEFF${text}`, (char) => char.charCodeAt(0)).buffer);
}

const oneOf = (kinds: Kind[]) =>
  fc.oneof(...kinds.map((kind) => ({ weight: 10 * kind.weight, arbitrary: fc.constant(kind) })));
const drawn = fc.record({
  kinds: fc.tuple(...Object.values(LISTS).map(oneOf)),
  rows: fc.integer({ min: 2, max: 9 }),
  dice: fc.array(fc.nat({ max: 4095 }), { minLength: 24, maxLength: 24 }),
});

interface Case {
  bytes: Uint8Array<ArrayBuffer>;
  text: string;
  header?: string;
  headerBytes?: Uint8Array<ArrayBuffer>;
  samples?: string;
}

function caseOf(kinds: readonly Kind[], rows: number, dice: number[]): Case {
  const draft: Draft = {
    names: ["CHROM", "POS", "REF"],
    rows: Array.from({ length: rows }, (_, row) => [
      pick(["1", "chr2"], dice[row] >> 5),
      String(1 + dice[row] % 50),
      pick(["A", "c", "GT", "T"], dice[row] >> 2),
    ]),
    before: [],
    headerField: (field) => field,
    cell: (cell) => cell,
    lineEnd: "\n",
    encode: (text) => encoder.encode(text),
    apart: false,
    dice,
  };
  for (const kind of kinds) kind.apply(draft);
  const { names, before, lineEnd, apart, samples } = draft;
  const joined = (lines: string[]) => lines.map((line) => line + lineEnd).join("");
  const header = joined([...before, names.map(draft.headerField).join("\t")]);
  const body = joined(draft.rows.map((row) => row.map(draft.cell).join("\t")));
  const text = apart ? body : header + body;
  const { encode } = draft, headerBytes = apart ? encode(header) : undefined;
  return { bytes: encode(text), text, header: apart ? header : undefined, headerBytes, samples };
}

/** What a case comes to: the VCF, or the message of the refusal. */
async function actual(folder: string, { bytes, headerBytes, samples }: Case): Promise<string> {
  await Deno.writeFile(`${folder}/m.tsv`, bytes);
  if (headerBytes) await Deno.writeFile(`${folder}/h.txt`, headerBytes);
  if (samples !== undefined) await Deno.writeTextFile(`${folder}/s.tsv`, samples);
  try {
    await convert({
      input: `${folder}/m.tsv`,
      header: headerBytes && `${folder}/h.txt`,
      samplesFile: samples && `${folder}/s.tsv`,
      output: `${folder}/o.vcf`,
      threads: 0,
    });
    return withoutVersion(await Deno.readTextFile(`${folder}/o.vcf`));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.message;
  }
}

/** The VCF of a case, or undefined where it is refused. */
function expected({ text, header, samples }: Case): string | undefined {
  try {
    return oracle(text, { header, samples }).vcf;
  } catch {
    return undefined;
  }
}

Deno.test(`kinds of headers and cells, ${cases} cases: as the oracle, or a refusal by name`, async () => {
  const taken = new Map<string, number>(), refused = new Map<string, number>();
  let accepted = 0, all = 0;
  await withFolder((folder) =>
    fc.assert(
      fc.asyncProperty(drawn, async ({ kinds, rows, dice }) => {
        const drawnCase = caseOf(kinds, rows, dice);
        const vcf = kinds.some((kind) => kind.always) ? undefined : expected(drawnCase);
        const result = await actual(folder, drawnCase);
        all++;
        if (vcf !== undefined) accepted++;
        for (const [index, { name }] of kinds.entries()) {
          const counts = vcf === undefined ? refused : taken;
          const key = `${Object.keys(LISTS)[index]}: ${name}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
        if (vcf !== undefined) return assert.equal(result, vcf);
        const named = kinds.flatMap((kind) => kind.refusals ?? []);
        assert.ok(
          named.some((pattern) => pattern.test(result)),
          `no drawn kind names this: ${result}\n${JSON.stringify(drawnCase.text)}`,
        );
      }),
      { seed, numRuns: cases, endOnFailure: true },
    )
  );
  const share = accepted / all;
  console.log(
    `${all} cases: ${accepted} accepted (${(share * 100).toFixed(1)} %), ${
      all - accepted
    } refused by name`,
  );
  assert.ok(all >= cases && share >= 0.3, `${accepted} of ${all} accepted`);
  for (const [list, kinds] of Object.entries(LISTS)) {
    for (const { name, refusals } of kinds) {
      const key = `${list}: ${name}`;
      assert.ok((taken.get(key) ?? 0) + (refused.get(key) ?? 0) > 0, `${key} was never drawn`);
      if (!refusals) assert.ok(taken.has(key), `${key} was never accepted`);
    }
  }
});
