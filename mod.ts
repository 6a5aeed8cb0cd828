/**
 * Genome matrices to VCF in bounded memory, on all cores.
 *
 * {@linkcode convert} does what the command line does; {@linkcode openMatrix} asks the table that it
 * keeps. {@linkcode scatter}, {@linkcode shard} and {@linkcode gather} convert one matrix on many
 * machines.
 *
 * @module
 */
export { convert } from "./src/convert/convert.ts";
export {
  type ErrorCode,
  InputError,
  InternalError,
  InterruptedError,
  type Location,
  MachineError,
  Matrix2vcfError,
  StatementError,
  UsageError,
} from "./src/base/errors.ts";
export type { InfoTag } from "./src/vcf/info_fields.ts";
export {
  type Genotype,
  type GenotypeChoice,
  type Matrix,
  type MatrixOptions,
  openMatrix,
  type Parameter,
  type RegionChoice,
  type Row,
  type Site,
  type Value,
} from "./src/query/open_matrix.ts";
export { scatter, type ScatterReport, type ScatterRequest } from "./src/shards/scatter.ts";
export { shard, type ShardReport, type ShardRequest } from "./src/shards/shard.ts";
export { gather, type GatherRequest } from "./src/shards/gather.ts";
export { type GatherStatus, gatherStatus } from "./src/shards/done_shards.ts";
export type { ConvertRequest } from "./src/convert/request.ts";
export type { DialectName, RefSource } from "./src/matrix/dialects/dialect.ts";
export type { Phase, ProgressState } from "./src/base/progress.ts";
export type { OutputType } from "./src/output/options.ts";
export type { ConvertReport } from "./src/convert/report.ts";
export type { OutputFormat, ViewFormat } from "./src/vcf/row_formatter.ts";
