/**
 * Tells from the first bytes of a file what it is, where it is no text that can be read.
 *
 * @module
 */
import { BLANK, CR, LF, TAB } from "./bytes.ts";

/** First bytes of files that are not text, and the end of the message about them. */
const FOREIGN: [magic: number[], what: string][] = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zstd-compressed; decompress it (zstd -dc FILE | ... -)"],
  [[0x42, 0x5a, 0x68], "bzip2-compressed; decompress it (bzip2 -dc FILE | ... -)"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], "xz-compressed; decompress it (xz -dc FILE | ... -)"],
  [[0x50, 0x4b, 3, 4], "a zip archive; unpack it (unzip -p FILE | ... -)"],
  [[0xff, 0xfe], "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"],
  [[0xfe, 0xff], "UTF-16 text; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"],
  [
    [0x42, 0x43, 0x46, 2],
    "a BCF; as a table that is read, bcftools query -H -f " +
    "'%CHROM\\t%POS\\t%REF\\t%ALT[\\t%GT]\\n' writes it",
  ],
  [
    [0x50, 0x41, 0x52, 0x31],
    "Parquet; DuckDB writes it as text (COPY 'FILE' TO 'FILE.tsv' (DELIMITER '\\t'))",
  ],
  [[0x1f, 0x8b], "compressed with gzip twice; decompress it once (gzip -dc FILE | ... -)"],
];

/** What a program that exports text is called with. */
const EXPORT =
  "export its sheet as TAB-separated text (in Excel: Save As, Text (Tab delimited); or " +
  "soffice --headless --convert-to 'csv:Text - txt - csv (StarCalc):9,34,76' FILE)";

/** Returns what a spreadsheet is, and what to do with it; undefined for anything else. */
function spreadsheet(head: Uint8Array): string | undefined {
  const first = new TextDecoder("latin1").decode(head.subarray(0, 128));
  if (first.startsWith("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1")) {
    return `a workbook of an old Office (.xls); ${EXPORT}`;
  }
  // Of a zip archive, the name of its first file stands at byte 30.
  if (!first.startsWith("PK\u0003\u0004")) return undefined;
  if (/^(\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/.test(first.slice(30))) {
    return `an Excel workbook (.xlsx); ${EXPORT}`;
  }
  return /^mimetypeapplication\/vnd\.oasis\.opendocument\.spreadsheet/.test(first.slice(30))
    ? `a spreadsheet of LibreOffice (.ods); ${EXPORT}`
    : undefined;
}

/** Tells whether bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * Returns what a file is, and what to do with it, where it is no text; undefined otherwise.
 *
 * @param head Its first bytes; of a gzip file, the decompressed ones.
 */
export function foreignFormat(head: Uint8Array): string | undefined {
  return spreadsheet(head) ??
    FOREIGN.find(([magic]) => magic.every((byte, index) => head[index] === byte))?.[1];
}

/**
 * Says that lines end in CR alone, where one does, and what to do; undefined otherwise.
 *
 * @param bytes A line without its end, or text without any LF.
 */
export function lonelyCarriageReturn(bytes: Uint8Array): string | undefined {
  let at = bytes.indexOf(CR);
  while (at >= 0 && (bytes[at] === CR || bytes[at] === TAB || bytes[at] === BLANK)) at++;
  if (at < 0 || at === bytes.length || bytes[at] === LF) return undefined;
  return "the lines end in CR alone, as on old Macs, expected LF or CRLF: convert them " +
    "(tr '\\r' '\\n' < FILE)";
}
