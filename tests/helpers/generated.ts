/**
 * Matrices of `generate` as texts.
 *
 * @module
 */
import { generateMatrix, type GenerateOptions } from "../../src/generate/generate.ts";

/** The whole matrix; blocks are decoded at once, as the next one overwrites them. */
export function matrixText(options: Partial<GenerateOptions>): string {
  const decoder = new TextDecoder();
  let text = "";
  for (const block of generateMatrix(options)) text += decoder.decode(block);
  return text;
}
