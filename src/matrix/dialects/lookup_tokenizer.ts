/**
 * Tokenizes rows of a matrix, and asks the reference for REF of those that leave it open. The loop
 * of the other rows is that of any matrix.
 *
 * @module
 */
import { DOT, LF } from "../../base/bytes.ts";
import type { Dictionary } from "../../base/dictionary.ts";
import { cellAt } from "../cell_bytes.ts";
import { Role } from "../layout.ts";
import type { RowBatch } from "../row_batch.ts";
import type { RowProblem } from "../row_problem.ts";
import { Tokenizer } from "../tokenizer.ts";
import type { TokenizerPlan, Vocabulary } from "../tokenizer_plan.ts";
import type { DialectPlan } from "./dialect.ts";
import { DialectTokenizer } from "./dialect_tokenizer.ts";
import type { ReferenceBases } from "./find_ref.ts";

const GAP = "-".charCodeAt(0);

/** The tokenizer of a matrix that has a reference, with the interface of `Tokenizer`. */
export class LookupTokenizer {
  readonly #usual: Tokenizer;
  /** Reads the rows that leave REF open; both have the same alleles and contigs. */
  readonly #open: DialectTokenizer;
  readonly #refColumn: number;
  readonly #columns: readonly string[];

  constructor(plan: TokenizerPlan, vocabulary: Vocabulary, bases: ReferenceBases) {
    this.#usual = new Tokenizer(plan, vocabulary);
    this.#open = new DialectTokenizer(plan, matrixPlan(plan), this.#usual, bases);
    this.#refColumn = plan.roles.indexOf(Role.Ref);
    this.#columns = plan.columns;
  }

  get line(): number {
    return this.#usual.line;
  }

  set line(line: number) {
    this.#usual.line = line;
  }

  get problem(): RowProblem | undefined {
    return this.#usual.problem;
  }

  set problem(problem: RowProblem | undefined) {
    this.#usual.problem = problem;
  }

  get unforeseen(): boolean {
    return this.#usual.unforeseen;
  }

  set unforeseen(unforeseen: boolean) {
    this.#usual.unforeseen = unforeseen;
  }

  get open(): boolean {
    return this.#usual.open;
  }

  set open(open: boolean) {
    this.#usual.open = this.#open.open = open;
  }

  get alleles(): Dictionary {
    return this.#usual.alleles;
  }

  get contigs(): Dictionary {
    return this.#usual.contigs;
  }

  get kernelRows(): number {
    return this.#usual.kernelRows;
  }

  /** Adds rows to the batch, as `Tokenizer.fill` does. */
  fill(raw: Uint8Array, from: number, to: number, batch: RowBatch): number {
    const usual = this.#usual, open = this.#open;
    let at = usual.fill(raw, from, to, batch);
    while (usual.problem && this.#leavesOpen(raw, usual.problem)) {
      const { from: start, line } = usual.problem;
      usual.problem = undefined;
      open.line = line - 1;
      // There is room for the row, as it was one too few for a bad one.
      open.fill(raw, start, raw.indexOf(LF, start) + 1, batch);
      if (open.unforeseen) {
        open.unforeseen = false;
        usual.unforeseen = true;
        usual.line = line - 1;
        return start;
      }
      if (open.problem) {
        usual.problem = open.problem;
        open.problem = undefined;
        return at;
      }
      at = usual.fill(raw, at, to, batch);
    }
    return at;
  }

  /** Tells whether a row is bad only as its REF is `.`, `-` or empty. */
  #leavesOpen(raw: Uint8Array, { column, from }: RowProblem): boolean {
    if (column !== this.#columns[this.#refColumn]) return false;
    const [at, to] = cellAt(raw, from, this.#refColumn);
    return to === at || to - at === 1 && (raw[at] === DOT || raw[at] === GAP);
  }
}

function matrixPlan({ columns: { length }, copies }: TokenizerPlan): DialectPlan {
  return {
    dialect: {
      ...{ name: "matrix", separator: "tab", header: "line", copies: 1, missing: [] },
      cells: copies.some((copy) => copy > 1) ? "pair" : "allele",
      ...{ gap: "missing", ref: "column", phase: "always", names: "header" },
    },
    facts: {},
    blocks: new Int32Array(length).fill(-1),
    samples: new Int32Array(length),
  };
}
