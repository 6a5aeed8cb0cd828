/**
 * Refuses dialects that are known and that no tokenizer reads yet.
 *
 * @module
 */
import { InputError } from "../../base/errors.ts";
import { type MatrixLayout, Role } from "../layout.ts";

/**
 * Refuses what the tokenizer cannot read.
 *
 * @throws {InputError} Such a dialect.
 */
export function refuseUnbuilt(
  { dialect, roles }: MatrixLayout,
  { iupac, samples, samplesFile }: {
    iupac?: string;
    samples?: readonly string[];
    samplesFile?: string;
  },
): void {
  const isBuilt = dialect.ref === "column" &&
    (dialect.name === "matrix" && (!roles.includes(Role.Alt) || samples || samplesFile) ||
      dialect.name === "haplotype-table" && dialect.cells === "pair" && roles.includes(Role.Ref) ||
      dialect.name === "genotypes" && dialect.cells === "pair" && iupac === "split");
  if (isBuilt) return;
  throw new InputError(`the dialect ${dialect.name} is not built yet`);
}
