/**
 * Makes the tokenizer of a layout, and its plan.
 *
 * @module
 */
import { Dictionary, UPPER_CASE } from "../../base/dictionary.ts";
import type { CellReading } from "../cell_codes.ts";
import type { MatrixLayout } from "../layout.ts";
import { Tokenizer } from "../tokenizer.ts";
import type { TokenizerPlan, Vocabulary } from "../tokenizer_plan.ts";
import type { DialectPlan } from "./dialect.ts";
import { DialectTokenizer } from "./dialect_tokenizer.ts";
import type { ReferenceBases } from "./find_ref.ts";
import { LookupTokenizer } from "./lookup_tokenizer.ts";
import { isPlain } from "./row_extras.ts";

/** A tokenizer of rows, whatever their dialect. */
export type RowTokenizer = Pick<
  Tokenizer,
  "line" | "problem" | "unforeseen" | "open" | "alleles" | "contigs" | "fill" | "kernelRows"
>;

/** Returns how the rows of a layout are tokenized. */
export function tokenizerPlan(
  layout: MatrixLayout,
  reading: CellReading & Pick<TokenizerPlan, "kernels">,
): TokenizerPlan {
  const { columns, roles, copies } = layout, { missing, gap, iupac, kernels } = reading;
  const { separator } = layout.dialect, dialect = dialectPlan(layout);
  return { columns, roles, copies, missing, gap, iupac, separator, kernels, dialect };
}

function dialectPlan(layout: MatrixLayout): DialectPlan | undefined {
  const { dialect, facts = {}, columns: { length }, choice } = layout;
  if (isPlain(layout) || !dialect) return undefined;
  const samples = new Int32Array(length).fill(-1);
  choice.samples.forEach(({ columns }, sample) => {
    for (const column of columns) samples[column] = sample;
  });
  return { dialect, facts, blocks: layout.blocks ?? new Int32Array(length).fill(-1), samples };
}

/**
 * Makes a tokenizer.
 *
 * @param bases The reference, for rows that do not say what REF is.
 */
export function tokenizerOf(
  plan: TokenizerPlan,
  vocabulary: Vocabulary,
  bases?: ReferenceBases,
): RowTokenizer {
  if (plan.dialect) {
    const alleles = new Dictionary(vocabulary.alleles, UPPER_CASE);
    const contigs = new Dictionary(vocabulary.contigs);
    return new DialectTokenizer(plan, plan.dialect, { alleles, contigs }, bases);
  }
  return bases ? new LookupTokenizer(plan, vocabulary, bases) : new Tokenizer(plan, vocabulary);
}
