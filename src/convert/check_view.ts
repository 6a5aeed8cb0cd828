/**
 * Checks the options of an output that is a view of the table.
 *
 * @module
 */
import { UsageError } from "../base/errors.ts";
import { isStream } from "../base/files.ts";
import { isParquet } from "../output/options.ts";
import { isView, type OutputFormat } from "../vcf/row_formatter.ts";
import type { ConvertOptions } from "./request.ts";

/**
 * Refuses Parquet of what is no view, views in other files than Parquet and TSV, and options that
 * mean nothing for a view.
 *
 * @throws {UsageError} The first of these.
 */
export function checkView(options: ConvertOptions): void {
  const { format, output } = options;
  if (/\.parquet\.\w+$/i.test(output)) {
    throw new UsageError("Parquet is compressed already: name it OUT.parquet");
  }
  if (!isView(format)) {
    if (isParquet(output)) refuseParquet(format);
    return;
  }
  const meaningless = meaninglessFor(options);
  if (meaningless !== undefined) {
    throw new UsageError(`${meaningless} has no meaning for \`format\` ${format}`);
  }
  if (isStream(output)) {
    if (!isParquet(output)) return;
    throw new UsageError(
      "Parquet is written to a file, as its end says what is where; pipes and devices get text, " +
        "as in --format sites -o -",
    );
  }
  if (isParquet(output) || /\.tsv(?:\.b?gz)?$/i.test(output)) return;
  throw new UsageError(
    `\`format\` ${format} is written to a file that ends in .parquet, .tsv or .tsv.gz`,
  );
}

function refuseParquet(format: OutputFormat): never {
  throw new UsageError(
    format === "tsv"
      ? "`format` tsv is text; leave --format out, and a file that ends in .parquet is Parquet"
      : `\`format\` ${format} is no Parquet; name another file, or leave --format out for the ` +
        "matrix as Parquet",
  );
}

/** Returns the first option that was given and means nothing for a view. */
function meaninglessFor(
  { info, unphased, homozygous, outputType, index, direct }: ConvertOptions,
): string | undefined {
  if (info.length > 0) return "`info`";
  if (unphased) return "`unphased`";
  if (homozygous) return "`homozygous`";
  if (outputType !== undefined) return "`outputType`";
  if (index === "tbi" || index === "csi") return `\`index\` ${index}`;
  return direct ? "`direct`" : undefined;
}
