/**
 * Writes the typed values that BCF records are made of: a byte with length and type, then the values,
 * little-endian. Pure.
 *
 * @module
 */
import type { OutputBuffer } from "../base/output_buffer.ts";

/** Types of values; those of integers are their widths as powers of two, and one more. */
export const Type = { Flag: 0, Int8: 1, Int16: 2, Int32: 3, Float: 5, Text: 7 } as const;

/** The width of an integer: its type, its bytes, and the values that mean something else. */
export interface IntegerWidth {
  type: number;
  bytes: 1 | 2 | 4;
  missing: number;
  /** Stands after the last value of a vector that is shorter than others of its record. */
  end: number;
}

/** Widths by growing size. */
const WIDTHS: readonly IntegerWidth[] = ([1, 2, 4] as const).map((bytes, n) => ({
  type: Type.Int8 + n,
  bytes,
  missing: -(2 ** (8 * bytes - 1)),
  end: -(2 ** (8 * bytes - 1)) + 1,
}));

/** Returns the smallest width of integers from 0 up to one. */
export function widthOf(most: number): IntegerWidth {
  return WIDTHS[most <= 0x7f ? 0 : most <= 0x7fff ? 1 : 2];
}

/** Writes one integer of a width, for which there is room; returns where the next one goes. */
export function putInteger(view: DataView, at: number, value: number, bytes: 1 | 2 | 4): number {
  if (bytes === 1) view.setInt8(at, value);
  else if (bytes === 2) view.setInt16(at, value, true);
  else view.setInt32(at, value, true);
  return at + bytes;
}

/**
 * Appends the length and the type of a vector.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { OutputBuffer } from "../base/output_buffer.ts";
 * import { appendShape, Type } from "./typed_values.ts";
 * const out = new OutputBuffer();
 * appendShape(out, 2, Type.Int8);
 * appendShape(out, 300, Type.Text);
 * assert.deepEqual([...out.written()], [0x21, 0xf7, 0x12, 300 & 255, 1]);
 * ```
 */
export function appendShape(out: OutputBuffer, length: number, type: number): void {
  if (length < 15) return out.byte(length << 4 | type);
  out.byte(15 << 4 | type);
  appendInteger(out, length);
}

/** Appends a vector of one integer of 0 or more. */
export function appendInteger(out: OutputBuffer, value: number): void {
  const { type, bytes } = widthOf(value);
  out.byte(1 << 4 | type);
  out.reserve(bytes);
  out.length = putInteger(out.view, out.length, value, bytes);
}

/** Appends a vector of integers of 0 or more, in the smallest width that holds all. */
export function appendIntegers(out: OutputBuffer, values: readonly number[]): void {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  const { type, bytes } = widthOf(most);
  appendShape(out, values.length, type);
  out.reserve(values.length * bytes);
  for (const value of values) out.length = putInteger(out.view, out.length, value, bytes);
}

/** Appends a text as UTF-8. */
export function appendText(out: OutputBuffer, text: Uint8Array): void {
  appendShape(out, text.length, Type.Text);
  out.append(text);
}
