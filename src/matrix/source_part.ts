/**
 * Defines a part of the rows of a file, which is read without the rest.
 *
 * @module
 */

/**
 * A part of the rows of a file: the lines that start in it, where one starts at its first byte only
 * if the byte before is an LF.
 */
export interface SourcePart {
  /** Offset of its end (exclusive), counted as `start` is. */
  end: number;
  /** False where its first byte is that of the first row. */
  midway: boolean;
  /**
   * The blocks of a BGZF file that hold it, and offsets of `start` count from the first of them:
   * compressed offsets, the end excluded.
   */
  blocks?: { from: number; to: number };
}
