/**
 * Chooses the formatter of a style.
 *
 * @module
 */
import { BcfFormatter } from "./bcf_record.ts";
import { CodeFormatter } from "./code_rows.ts";
import { DialectFormatter } from "./dialect_record.ts";
import { isView, type RowFormatter, type RowStyle } from "./row_formatter.ts";
import { TsvFormatter } from "./tsv_record.ts";
import { RecordFormatter } from "./vcf_record.ts";

/** Returns the formatter of a style. */
export function formatterOf(style: RowStyle): RowFormatter {
  if (isView(style.format)) return new CodeFormatter(style);
  if (style.format !== "vcf") return new TsvFormatter(style);
  if (style.bcf) return new BcfFormatter(style, style.bcf);
  return style.extras ? new DialectFormatter(style) : new RecordFormatter(style);
}
