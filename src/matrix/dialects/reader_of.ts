/**
 * Chooses the reader of a dialect's cells.
 *
 * @module
 */
import type { AlleleFinder } from "./allele_finder.ts";
import { AlleleReader, type CellReader } from "./cell_reader.ts";
import { DosageReader, HapsReader } from "./count_cells.ts";
import type { DialectPlan } from "./dialect.ts";
import { CodeReader, LetterReader, PairReader } from "./pair_cells.ts";

/** Returns the reader of a dialect's cells. */
export function readerOf({ dialect }: DialectPlan, finder: AlleleFinder): CellReader {
  switch (dialect.cells) {
    case "allele":
      return new AlleleReader(finder);
    case "pair":
      return new PairReader(finder);
    case "code":
      return new CodeReader(finder, dialect.phase === "blocks");
    case "letters":
      return new LetterReader(finder, dialect.gap);
    case "dosage":
      return new DosageReader(finder);
    case "haps":
      return new HapsReader(finder);
  }
}
