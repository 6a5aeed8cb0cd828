/**
 * Reads usual rows of a matrix: CHROM, POS, REF and one-letter cells between TABs become positions
 * and codes. In AssemblyScript; `deno task kernels` compiles it into `src/kernels/modules.ts`.
 *
 * All addresses are bytes of this module's memory. What `row_kernel.ts` puts there before the first
 * row: the tables below, the shuffles of the haplotypes, the contig, and the text.
 */

/**
 * Tables by the low four bits of a cell, 16 bytes each: code and upper-case letter of a cell that
 * is a letter, then code and byte of any other cell.
 */
const LETTER_CODES: usize = 1024, LETTERS: usize = 1040, OTHER_CODES: usize = 1056;
const OTHERS: usize = 1072;
/**
 * What follows the cells of the last block where the line ends in LF, 255 for each of its lanes that
 * is no column, and what follows them where the line ends in CR LF.
 */
const LAST_ENDS: usize = 1088, NO_CELLS: usize = 1104, LAST_ENDS_CR: usize = 1120;
/** Codes of REF by byte, 255 for what is none. */
const BASES: usize = 1280;
/** The contig of the rows, with its TAB. */
const CONTIG: usize = 2048;

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, ZERO: u32 = 48, NO_CODE: u8 = 255;

let columns: i32 = 0, haplotypes: i32 = 0, stride: usize = 0;
/** Where the codes go, row after row, and the positions and codes of REF. */
let codesAt: usize = 0, posAt: usize = 0, refAt: usize = 0;
/**
 * The shuffles where haplotypes are not all columns, in their order, else 0: for each 16
 * haplotypes their number (4 of 16 bytes), then for each shuffle the 16 columns that it takes from
 * (first of them in 4 of 16 bytes) and the lanes (16 bytes, 255 for none).
 */
let shuffles: usize = 0;
/** Codes of a row in the order of the columns, where there are shuffles. */
let inColumns: usize = 0;
let contigLength: usize = 0, contigMask: u64 = 0;

/** Where the first row begins that has not been read. */
export let next: usize = 0;

export function layOut(
  columns_: i32,
  haplotypes_: i32,
  stride_: i32,
  codes: usize,
  pos: usize,
  ref: usize,
  shuffles_: usize,
  inColumns_: usize,
): void {
  columns = columns_;
  haplotypes = haplotypes_;
  stride = stride_;
  codesAt = codes;
  posAt = pos;
  refAt = ref;
  shuffles = shuffles_;
  inColumns = inColumns_;
}

/** Tells the length of the contig at CONTIG, with its TAB. */
export function useContig(length: i32): void {
  contigLength = length;
  contigMask = length >= 8 ? ~(<u64>0) : (<u64>1 << (8 * <u64>length)) - 1;
}

/**
 * Reads 16 cells and what follows each of them; stores their codes, those of lanes in `none` as 0.
 * Returns lanes of ones where a cell is known and followed by what is expected.
 */
// @ts-ignore: decorator
@inline
function readCells(from: usize, ends: v128, none: v128, to: usize): v128 {
  const first = v128.load(from), second = v128.load(from, 16);
  const cells = i8x16.shuffle(
    first, second, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
  );
  const after = i8x16.shuffle(
    first, second, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31,
  );
  const low = v128.and(cells, i8x16.splat(15));
  const upper = v128.and(cells, i8x16.splat(<i8>0xdf));
  const isLetter = i8x16.eq(upper, i8x16.swizzle(v128.load(LETTERS), low));
  const isOther = i8x16.eq(cells, i8x16.swizzle(v128.load(OTHERS), low));
  const codes = v128.bitselect(
    i8x16.swizzle(v128.load(LETTER_CODES), low),
    i8x16.swizzle(v128.load(OTHER_CODES), low),
    isLetter,
  );
  v128.store(to, v128.andnot(codes, none));
  return v128.and(v128.or(isLetter, isOther), i8x16.eq(after, ends));
}

/** Puts the codes of the haplotypes of a row into their order. */
function reorder(to: usize): void {
  let at = shuffles;
  for (let n: i32 = 0; n < haplotypes; n += 16) {
    let codes = i8x16.splat(0);
    const parts = load<i32>(at);
    at += 16;
    for (let part: i32 = 0; part < parts; part++, at += 32) {
      const some = v128.load(inColumns + load<u32>(at));
      codes = v128.or(codes, i8x16.swizzle(some, v128.load(at, 16)));
    }
    v128.store(to + n, codes);
  }
}

/** Tells whether the row at `at` begins with the contig and its TAB. */
// @ts-ignore: decorator
@inline
function hasContig(at: usize): bool {
  if (((load<u64>(at) ^ load<u64>(CONTIG)) & contigMask) != 0) return false;
  for (let i: usize = 8; i < contigLength; i++) {
    if (load<u8>(at + i) != load<u8>(CONTIG + i)) return false;
  }
  return true;
}

/**
 * Reads the rows of the text from `from` to `to` (exclusive), `most` at most, up to the first that
 * is not a usual one or is not whole. Returns their number, and sets `next`.
 */
export function read(from: usize, to: usize, most: i32): i32 {
  const tabs = i8x16.splat(TAB), none = i8x16.splat(0);
  const lastEnds = v128.load(LAST_ENDS), noCells = v128.load(NO_CELLS);
  const lastEndsCr = v128.load(LAST_ENDS_CR);
  const bytes: usize = 2 * <usize>columns;
  // The last block of 16 cells overlaps the one before; fewer cells than 16 are one block.
  const last: usize = columns > 16 ? bytes - 32 : 0;
  let p = from, row: i32 = 0;
  for (; row < most && p < to; row++) {
    if (!hasContig(p)) break;
    let q = p + contigLength;
    let digit: u32 = <u32>load<u8>(q) - ZERO, pos: u32 = 0;
    if (digit - 1 > 8) break;
    const digits = q;
    do {
      pos = pos * 10 + digit;
      digit = <u32>load<u8>(++q) - ZERO;
    } while (digit <= 9 && q - digits < 9);
    if (load<u8>(q) != TAB || load<u8>(q, 2) != TAB) break;
    const ref = load<u8>(BASES + load<u8>(q, 1));
    q += 3;
    if (ref == NO_CODE || q + bytes > to) break;
    const hasCr = load<u8>(q + bytes - 1) == CR;
    if (hasCr && (q + bytes == to || load<u8>(q + bytes) != LF)) break;
    const codes = codesAt + <usize>row * stride;
    const cells = shuffles ? inColumns : codes;
    let usual = i8x16.splat(-1);
    for (let at: usize = 0; at < last; at += 32) {
      usual = v128.and(usual, readCells(q + at, tabs, none, cells + (at >> 1)));
    }
    const ends = hasCr ? lastEndsCr : lastEnds;
    const lastUsual = readCells(q + last, ends, noCells, cells + (last >> 1));
    usual = v128.and(usual, v128.or(lastUsual, noCells));
    if (!i8x16.all_true(usual)) break;
    if (shuffles) reorder(codes);
    store<u32>(posAt + 4 * <usize>row, pos);
    store<u8>(refAt + row, ref);
    p = q + bytes + usize(hasCr);
  }
  next = p;
  return row;
}
