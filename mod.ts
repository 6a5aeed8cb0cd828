/**
 * Genome matrices to VCF in bounded memory, on all cores.
 *
 * {@linkcode convert} does what the command line does; {@linkcode openMatrix} asks the table that it
 * keeps.
 *
 * @module
 */
export { convert } from "./src/convert.ts";
export { InputError, InterruptedError, type Location, UsageError } from "./src/errors.ts";
export type { InfoTag } from "./src/info_fields.ts";
export {
  type Genotype,
  type GenotypeChoice,
  type Matrix,
  openMatrix,
  type Parameter,
  type RegionChoice,
  type Row,
  type Site,
  type Value,
} from "./src/open_matrix.ts";
export type { ConvertRequest } from "./src/options.ts";
export type { Phase, ProgressState } from "./src/progress.ts";
export type { ConvertReport } from "./src/report.ts";
export type { OutputFormat } from "./src/row_format.ts";
