/**
 * Conversions of matrices that tests write down as text, on this thread.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { convert, type ConvertReport, type ConvertRequest } from "../../mod.ts";
import { bcfText } from "./bcf_text.ts";
import { withFolder } from "./cli.ts";

/** What a conversion wrote and said. */
export interface Converted {
  /** The output as text, decompressed. */
  text: string;
  report: ConvertReport;
  /** Notes and warnings. */
  notes: string[];
}

/** Options of a conversion; files are given by their contents, `input` by {@linkcode convertText}. */
export interface TextRequest extends
  Omit<
    Partial<ConvertRequest>,
    "input" | "output" | "header" | "samplesFile" | "reference" | "regionsFile"
  > {
  output?: string;
  header?: string;
  samplesFile?: string;
  reference?: string;
  /** Text of `reference.fa.fai`; without it there is no such file. */
  fai?: string;
  regionsFile?: string;
}

/** Converts a matrix; `output` is the name of the output, `out.vcf` if left out. */
export function convertText(matrix: string, request: TextRequest = {}): Promise<Converted> {
  return withFolder(async (folder) => {
    const { samplesFile, reference, fai, regionsFile, output = "out.vcf", ...rest } = request;
    const file = async (name: string, text: string | undefined) => {
      if (text === undefined) return undefined;
      await Deno.writeTextFile(`${folder}/${name}`, text);
      return `${folder}/${name}`;
    };
    await file("reference.fa.fai", fai);
    const notes: string[] = [];
    const report = await convert({
      threads: 0,
      onNote: (note) => notes.push(note),
      ...rest,
      input: (await file("matrix.tsv", matrix))!,
      samplesFile: await file("samples.tsv", samplesFile),
      reference: await file("reference.fa", reference),
      regionsFile: await file("regions.bed", regionsFile),
      output: `${folder}/${output}`,
    });
    return { text: await readOutput(`${folder}/${output}`), report, notes };
  });
}

/** An output as text, decompressed; a BCF as the VCF that it stands for. */
export async function readOutput(path: string): Promise<string> {
  const bytes = await Deno.readFile(path);
  const isGzip = bytes[0] === 31 && bytes[1] === 139, whole = isGzip ? gunzipSync(bytes) : bytes;
  assert.equal(isGzip, /(gz|bcf)$/.test(path) && !/plain\.bcf$/.test(path), path);
  return /\.bcf$/.test(path) ? bcfText(whole) : new TextDecoder().decode(whole);
}

/** The lines of the records of a VCF. */
export function recordsOf(vcf: string): string[] {
  return vcf.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** Columns of the records of a VCF, 0-based, joined by blanks. */
export function columnsOf(vcf: string, ...columns: number[]): string[] {
  return recordsOf(vcf).map((line) => {
    const cells = line.split("\t");
    return columns.map((column) => cells[column]).join(" ");
  });
}

/** A matrix of rows whose cells are separated by blanks. */
export function matrixOf(header: string, ...rows: string[]): string {
  return [header, ...rows].map((row) => row.trim().replaceAll(/ +/g, "\t") + "\n").join("");
}

/** The bytes of a file, for comparing. */
export async function bytesOf(path: string): Promise<Buffer> {
  return Buffer.from(await Deno.readFile(path));
}
