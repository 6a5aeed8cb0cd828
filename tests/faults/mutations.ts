/**
 * Changes of matrices. Most leave the matrix good, so that something is converted and compared;
 * a few damage it, and then the oracle must refuse it, too.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { compressBlocks, EOF_BLOCK } from "../../src/bgzf/blocks.ts";
import type { Dice } from "./settings.ts";

/** A matrix as lines without their ends; the header may be in another file. */
export interface Text {
  lines: string[];
  end: "\n" | "\r\n";
  /** False where the last line has no end. */
  closed: boolean;
}

/** A change of a matrix. */
export interface Mutation {
  name: string;
  weight: number;
  apply: (text: Text, dice: Dice) => void;
}

const BASES = ["A", "C", "G", "T", "a", "c", "g", "t"];
const MISSING = [".", "N", "n", "", "NA", "na", "-", "NN", "---", "R", "y"];
const ALLELES = ["*", "<DEL>", "<INS:ME>", "ACGT", "gg", "TTTTTTTTTTTTTTTTTTTTT"];
const POSITIONS = [
  "1",
  "007",
  "2147483647",
  "536870912",
  "536870913",
  "16384",
  "16385",
  "99999999",
];
const CONTIGS = ["1", "chr2", "Y", "HLA:A*01:01", "chrUn_KI270752v1", "a=b"];
const BAD_POSITIONS = ["0", "-1", "1.5", "1e3", "", " 7", "2147483648", "99999999999999999999"];
const BAD_CELLS = ["Q", "A/C", "A|C", "<", "<>", "**", "A C", "A,C", "é", "0", "\x07"];
const BYTES = ["\t", " ", "#", '"', "A", "1", ".", "<", ",", "\r", "é", "\u00a0", "\ufeff", "\x00"];

/** Returns the place of a random row, or -1 where there is none. */
function rowOf({ lines }: Text, dice: Dice): number {
  const rows = lines.keys().toArray().filter((at) => /\t/.test(lines[at]) && !/^#/.test(lines[at]));
  return rows.length < 2 ? -1 : dice.pick(rows.slice(1));
}

/** A change of one cell of a random row. */
function cell(
  name: string,
  weight: number,
  change: (cell: string, dice: Dice) => string,
  which: (cell: string, column: number) => boolean,
): Mutation {
  return {
    name,
    weight,
    apply(text, dice) {
      const at = rowOf(text, dice);
      if (at < 0) return;
      const cells = text.lines[at].split("\t");
      const fitting = cells.keys().toArray().filter((i) => which(cells[i], i));
      if (fitting.length === 0) return;
      const column = dice.pick(fitting);
      cells[column] = change(cells[column], dice);
      text.lines[at] = cells.join("\t");
    },
  };
}

/** A change of one random row. */
function row(
  name: string,
  weight: number,
  change: (line: string, dice: Dice) => string[],
): Mutation {
  return {
    name,
    weight,
    apply(text, dice) {
      const at = rowOf(text, dice);
      if (at >= 0) text.lines.splice(at, 1, ...change(text.lines[at], dice));
    },
  };
}

function otherCase(text: string): string {
  return text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase();
}

const isAllele = (text: string, column: number) => column > 2 && /^[ACGT]$/i.test(text);
const isBase = (text: string) => /^[ACGT]$/i.test(text);
const isPosition = (text: string) => /^\d+$/.test(text);

/** Changes after which a good matrix is mostly still good. */
export const MILD: readonly Mutation[] = [
  cell("another case", 3, otherCase, isBase),
  cell("another base", 3, (_, dice) => dice.pick(BASES), isBase),
  cell("missing", 3, (_, dice) => dice.pick(MISSING), isAllele),
  cell("another allele", 3, (_, dice) => dice.pick(ALLELES), isAllele),
  cell("another position", 3, (_, dice) => dice.pick(POSITIONS), isPosition),
  cell("a position beside", 2, (text) => String(Number(text) + 1), isPosition),
  cell("another contig", 2, (_, dice) => dice.pick(CONTIGS), (text) => /^(chr|X|1$)/.test(text)),
  row("a tie", 3, (line) => [line, line]),
  row("a row lost", 1, () => []),
  row("a blank line", 2, (line, dice) => [line, dice.pick(["", "  ", "\r"])]),
  row("a comment", 2, (line) => ["##a comment\tA\tC", line]),
  row("blanks at the end", 2, (line, dice) => [line + dice.pick([" ", "\t", "\t\t ", "\r"])]),
  {
    name: "another order",
    weight: 3,
    apply(text, dice) {
      const one = rowOf(text, dice), other = rowOf(text, dice);
      if (one < 0) return;
      [text.lines[one], text.lines[other]] = [text.lines[other], text.lines[one]];
    },
  },
  {
    name: "other line ends",
    weight: 2,
    apply: (text) => void (text.end = text.end === "\n" ? "\r\n" : "\n"),
  },
  { name: "no last line end", weight: 1, apply: (text) => void (text.closed = false) },
  {
    name: "a mark",
    weight: 1,
    apply: ({ lines }) => void (lines[0] = `\ufeff${(lines[0] ?? "").replace(/^\ufeff/, "")}`),
  },
  {
    name: "quotes",
    weight: 1,
    apply({ lines }) {
      for (const [at, line] of lines.entries()) {
        if (line.includes('"') || !line.includes("\t") || line.startsWith("##")) continue;
        lines[at] = line.trimEnd().split("\t").map((text) => `"${text}"`).join("\t");
      }
    },
  },
  {
    name: "rows again and again",
    weight: 0.4,
    apply({ lines }, dice) {
      // Several blocks of BGZF, and several windows of an index.
      const rows = lines.filter((line) => /^[^#\t]+\t\d+\t/.test(line));
      if (rows.length === 0) return;
      const size = rows.join("").length / rows.length, count = 200_000 / size;
      for (let i = 0; i < count; i++) {
        lines.push(dice.pick(rows).replace(/\t\d+/, `\t${1 + dice.below(3_000_000)}`));
      }
    },
  },
];

/** Changes that damage a matrix, or may do so. */
export const HARSH: readonly Mutation[] = [
  cell("a bad cell", 2, (_, dice) => dice.pick(BAD_CELLS), isAllele),
  cell("a bad position", 2, (_, dice) => dice.pick(BAD_POSITIONS), isPosition),
  row("a cell lost", 1, (line) => [line.replace(/\t[^\t]*/, "")]),
  row("a cell more", 1, (line) => [`${line}\tA`]),
  row("a line cut", 1, (line, dice) => [line.slice(0, dice.below(line.length))]),
  row("a header again", 0.3, () => ["CHROM\tPOS\tREF\t1a\t1b"]),
  row("a byte changed", 3, (line, dice) => [changeByte(line, dice, 1)]),
  row("a byte more", 2, (line, dice) => [changeByte(line, dice, 0)]),
  {
    name: "a byte of the header",
    weight: 1,
    apply({ lines }, dice) {
      if (lines.length > 0) lines[0] = changeByte(lines[0], dice, 1);
    },
  },
  {
    name: "a column twice",
    weight: 0.5,
    apply: ({ lines }) =>
      lines.forEach((line, at) => lines[at] = line.replace(/\t[^\t]*$/, (last) => last + last)),
  },
];

function changeByte(line: string, dice: Dice, instead: 0 | 1): string {
  const at = dice.below(line.length + 1);
  return line.slice(0, at) + dice.pick(BYTES) + line.slice(at + instead);
}

/** Takes a text apart. */
export function textOfLines(text: string): Text {
  const end = text.includes("\r\n") ? "\r\n" : "\n", lines = text.split(end);
  const closed = lines.at(-1) === "";
  if (closed) lines.pop();
  return { lines, end, closed };
}

/** Puts a text together. */
export function joined({ lines, end, closed }: Text): string {
  return lines.join(end) + (closed && lines.length > 0 ? end : "");
}

/** A way to compress an input, by the name that it then has. */
export const PACKINGS: readonly {
  name: string;
  pack: (bytes: Uint8Array, dice: Dice) => Uint8Array<ArrayBuffer>;
}[] = [
  { name: "m.tsv", pack: (bytes) => bytes.slice() },
  { name: "m.tsv.gz", pack: (bytes) => new Uint8Array(gzipSync(bytes)) },
  { name: "members.tsv.gz", pack: members },
  {
    name: "blocks.tsv.gz",
    pack: (bytes) => new Uint8Array(Buffer.concat([compressBlocks(bytes, 5).bytes, EOF_BLOCK])),
  },
];

/** Compresses parts of an input one by one, an empty one among them. */
function members(bytes: Uint8Array, dice: Dice): Uint8Array<ArrayBuffer> {
  const cuts = [0, dice.below(bytes.length + 1), dice.below(bytes.length + 1), bytes.length];
  cuts.sort((a, b) => a - b);
  const parts = cuts.slice(1).map((to, i) => gzipSync(bytes.subarray(cuts[i], to)));
  return new Uint8Array(Buffer.concat([parts[0], gzipSync(""), ...parts.slice(1)]));
}
