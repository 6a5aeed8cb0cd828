/**
 * Writes usual VCF records: codes of one-base alleles become genotypes. In AssemblyScript;
 * `deno task kernels` compiles it into `src/kernels/modules.ts`.
 *
 * All addresses are bytes of this module's memory. What `record_kernel.ts` puts there: the tables
 * and numbers below, the separators, the contig, and the rows.
 */

/** The bit of each code in a set of codes; the highest one for a code that is no base or `*`. */
const BITS: usize = 1024;
/** The character of each code. */
const BASES: usize = 1040;
/** GT characters by code, of the current record. */
const GLYPHS: usize = 1056;
/** 255 for each lane of the last block of 16 haplotypes that is none. */
const NO_CELLS: usize = 1104;
/** `TAB . TAB` and `TAB . TAB . TAB . TAB GT`. */
const NO_ID: usize = 1072, NO_QUAL_GT: usize = 1088;
/** The numbers that {@linkcode write} goes on counting, 4 bytes each. */
const RECORDS: usize = 1152, VARIANTS: usize = 1156, MULTIALLELIC: usize = 1160;
const MISSING_CELLS: usize = 1164, DUPLICATES: usize = 1168, TOO_FEW: usize = 1172;
const TOO_MANY: usize = 1176, TOO_MISSING: usize = 1180, FIRST_POS: usize = 1184;
const LAST_POS: usize = 1188;
/** The contig of the records, with its TAB. */
const CONTIG: usize = 2048;

const MISSING: u8 = 5, ANY_BASE: i32 = 4, TAB: u8 = 9, LF: u8 = 10, COMMA: u8 = 44, DOT: u8 = 46;
const ZERO: u8 = 48;
/** Most ALTs of a usual record. */
const MOST_ALTS: i32 = 4;

let haplotypes: i32 = 0, stride: usize = 0, contigLength: usize = 0;
/** Where the codes are, row after row, the positions, the codes of REF; TAB or separator by haplotype. */
let codesAt: usize = 0, posAt: usize = 0, refAt: usize = 0, separators: usize = 0;
/** Where the records go, and the end of each of them. */
let textAt: usize = 0, endsAt: usize = 0;
let fewestAlts: i32 = 0, mostAlts: i32 = 0, mostMissing: i32 = 0;

/** Where the text of the records ends. */
export let end: usize = 0;

export function layOut(
  haplotypes_: i32,
  stride_: i32,
  codes: usize,
  pos: usize,
  ref: usize,
  separators_: usize,
  text: usize,
  ends: usize,
): void {
  haplotypes = haplotypes_;
  stride = stride_;
  codesAt = codes;
  posAt = pos;
  refAt = ref;
  separators = separators_;
  textAt = text;
  endsAt = ends;
}

/** Sets which sites are written: numbers of ALTs, and of missing haplotypes. */
export function choose(fewest: i32, most: i32, missing: i32): void {
  fewestAlts = fewest;
  mostAlts = most;
  mostMissing = missing;
}

/** Tells the length of the contig at CONTIG, with its TAB. */
export function useContig(length: i32): void {
  contigLength = length;
}

// @ts-ignore: decorator
@inline
function count(at: usize, more: i32): void {
  store<i32>(at, load<i32>(at) + more);
}

/** Tells whether a site is written, and counts it either way. */
// @ts-ignore: decorator
@inline
function takes(pos: u32, alts: i32, missing: i32): bool {
  if (alts < fewestAlts) return count(TOO_FEW, 1), false;
  if (alts > mostAlts) return count(TOO_MANY, 1), false;
  if (missing > mostMissing) return count(TOO_MISSING, 1), false;
  count(RECORDS, 1);
  count(VARIANTS, i32(alts > 0));
  count(MULTIALLELIC, i32(alts > 1));
  count(MISSING_CELLS, missing);
  count(DUPLICATES, i32(pos == load<u32>(LAST_POS)));
  if (load<u32>(FIRST_POS) == 0) store<u32>(FIRST_POS, pos);
  store<u32>(LAST_POS, pos);
  return true;
}

// @ts-ignore: decorator
@inline
function writeNumber(at: usize, number: u32): usize {
  let digits: usize = 1;
  for (let bound: u64 = 10; number >= bound; bound *= 10) digits++;
  let left = number;
  for (let n = at + digits - 1; n >= at; n--) {
    const rest = left / 10;
    store<u8>(n, ZERO + <u8>(left - rest * 10));
    left = rest;
  }
  return at + digits;
}

/** Writes the ALTs in order of appearance, and sets their glyphs. */
function writeAlts(at: usize, others: i32, codes: usize): usize {
  let left = others, rank = ZERO, n = at;
  for (let p = codes; left; p++) {
    const code = load<u8>(p);
    if (!(left & (1 << code))) continue;
    left &= ~(1 << code);
    if (n > at) store<u8>(n++, COMMA);
    store<u8>(n++, load<u8>(BASES + code));
    store<u8>(GLYPHS + code, ++rank);
  }
  return n;
}

/** Writes a separator and a glyph for each haplotype; up to 30 bytes after them are written, too. */
// @ts-ignore: decorator
@inline
function writeGenotypes(at: usize, codes: usize): usize {
  const glyphs = v128.load(GLYPHS);
  let n = at;
  for (let i: i32 = 0; i < haplotypes; i += 16, n += 32) {
    const marks = v128.load(separators + i);
    const alleles = i8x16.swizzle(glyphs, v128.load(codes + i));
    v128.store(n, i8x16.shuffle(
      marks, alleles, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23,
    ));
    v128.store(n, i8x16.shuffle(
      marks, alleles, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31,
    ), 16);
  }
  return at + 2 * <usize>haplotypes;
}

/**
 * Writes records of `rows` rows, up to the first that is not a usual one, or the first at whose end
 * the text has `limit` bytes. Returns the number of rows that are done, and sets `end`.
 */
export function write(rows: i32, limit: usize): i32 {
  const bits = v128.load(BITS), missing = i8x16.splat(MISSING);
  const noCells = v128.load(NO_CELLS);
  const last = (haplotypes - 1) & ~15;
  let n = textAt, row: i32 = 0;
  for (; row < rows && n - textAt < limit; row++) {
    const codes = codesAt + <usize>row * stride, ref = <i32>load<u8>(refAt + row);
    let set = i8x16.splat(0), any = i8x16.splat(0), none: i32 = 0, i: i32 = 0;
    for (; i < last; i += 16) {
      const some = v128.load(codes + i);
      any = v128.or(any, some);
      set = v128.or(set, i8x16.swizzle(bits, some));
      none += popcnt(i8x16.bitmask(i8x16.eq(some, missing)));
    }
    const some = v128.andnot(v128.load(codes + i), noCells);
    any = v128.or(any, some);
    set = v128.or(set, v128.andnot(i8x16.swizzle(bits, some), noCells));
    none += popcnt(i8x16.bitmask(i8x16.eq(some, missing)));
    let folded = i64x2.extract_lane(set, 0) | i64x2.extract_lane(set, 1);
    folded |= folded >> 32;
    folded |= folded >> 16;
    const seen = <i32>((folded | (folded >> 8)) & 255);
    // Codes past those of bases and `*`, N as an allele or as REF: no usual record.
    const unusual = v128.any_true(v128.and(any, i8x16.splat(<i8>0xf8)));
    if (unusual || ref >= ANY_BASE || (seen & 0x90)) break;
    const others = seen & ~(1 << ref) & ~(1 << MISSING), alts = popcnt(others);
    if (alts > MOST_ALTS) break;
    const pos = load<u32>(posAt + 4 * <usize>row);
    if (takes(pos, alts, none)) {
      if (contigLength <= 16) v128.store(n, v128.load(CONTIG));
      else memory.copy(n, CONTIG, contigLength);
      n = writeNumber(n + contigLength, pos);
      store<u32>(n, load<u32>(NO_ID));
      store<u8>(n, load<u8>(BASES + ref), 3);
      store<u8>(n, TAB, 4);
      n += 5;
      v128.store(GLYPHS, i8x16.splat(DOT));
      store<u8>(GLYPHS + ref, ZERO);
      if (alts == 0) store<u8>(n++, DOT);
      else n = writeAlts(n, others, codes);
      v128.store(n, v128.load(NO_QUAL_GT));
      n = writeGenotypes(n + 9, codes);
      store<u8>(n++, LF);
    }
    store<u32>(endsAt + 4 * <usize>row, <u32>(n - textAt));
  }
  end = n;
  return row;
}
