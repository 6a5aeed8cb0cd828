/**
 * Describes the columns of a table function of rows, as `ChunkStage` fills them.
 *
 * @module
 */
import duckdb from "@duckdb/node-bindings";
import type { RowParts } from "../matrix/row_batch.ts";
import type { TableFunction } from "./database.ts";

/** The contigs and alleles of rows, and how they are stored. */
export interface RowCodes {
  /** Names of the contigs by code; undefined where codes are stored. */
  contigs: readonly string[] | undefined;
  /** Alleles by code. */
  alleles: readonly string[];
  haplotypes: number;
  /** 64-bit words of the codes of a row; undefined where they are an ENUM array. */
  words: number | undefined;
}

/** Returns the columns of rows, in the order of `insertRecords`. */
export function rowColumns(
  { contigs, alleles, haplotypes, words }: RowCodes,
  { hasId, alt, freq, phase, sets, samples }: RowParts,
): TableFunction["columns"] {
  const { INTEGER, UBIGINT, UINTEGER, UTINYINT, VARCHAR } = duckdb.Type;
  const plain = (type: duckdb.Type) => duckdb.create_logical_type(type);
  const array = (type: duckdb.Type, size: number) => duckdb.create_array_type(plain(type), size);
  const allele = duckdb.create_enum_type([...alleles]);
  return [
    ["chrom", contigs ? duckdb.create_enum_type([...contigs]) : plain(UINTEGER)],
    ["pos", plain(INTEGER)],
    ["ref", allele],
    [
      "alleles",
      words === undefined ? duckdb.create_array_type(allele, haplotypes) : array(UBIGINT, words),
    ],
    ["line", plain(UBIGINT)],
    ...hasId ? [["id", plain(VARCHAR)] as const] : [],
    ...alt ? [["alt", plain(VARCHAR)] as const] : [],
    ...freq ? [["freq", plain(VARCHAR)] as const] : [],
    ...phase ? [["phased", array(UTINYINT, Math.ceil(samples / 8))] as const] : [],
    ...sets ? [["phase_set", array(UINTEGER, samples)] as const] : [],
  ];
}
