/**
 * Counts codes of alleles by row and by haplotype. In AssemblyScript; `deno task kernels` compiles it
 * into `src/kernels/modules.ts`.
 *
 * All addresses are bytes of this module's memory, which `cell_counts.ts` lays out.
 */

const MISSING: u8 = 5, STAR: u8 = 6;
/** The bit of each code in a set of codes; the highest one for a code that is no base, `.` or `*`. */
const BITS: usize = 1024;
/** 255 for each lane of the last block of 16 haplotypes that is none. */
const NO_CELLS: usize = 1040;

let haplotypes: i32 = 0;
/** Sums of 4 bytes for each haplotype, blocks of 16: see {@linkcode addBlock}; and singletons. */
let missingAt: usize = 0, usualAt: usize = 0, unknownAt: usize = 0, differAt: usize = 0;
let singlesAt: usize = 0;

export function layOut(
  haplotypes_: i32,
  missing: usize,
  usual: usize,
  unknown: usize,
  differ: usize,
  singles: usize,
): void {
  haplotypes = haplotypes_;
  missingAt = missing;
  usualAt = usual;
  unknownAt = unknown;
  differAt = differ;
  singlesAt = singles;
}

/** Adds 16 numbers of a byte to 16 of 4 bytes. */
// @ts-ignore: decorator
@inline
function flush(at: usize, bytes: v128): void {
  const low = i16x8.extend_low_i8x16_u(bytes), high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(at, i32x4.add(v128.load(at), i32x4.extend_low_i16x8_u(low)));
  v128.store(at, i32x4.add(v128.load(at, 16), i32x4.extend_high_i16x8_u(low)), 16);
  v128.store(at, i32x4.add(v128.load(at, 32), i32x4.extend_low_i16x8_u(high)), 32);
  v128.store(at, i32x4.add(v128.load(at, 48), i32x4.extend_high_i16x8_u(high)), 48);
}

/** Most rows that a number of a byte counts. */
const BLOCK_ROWS: i32 = 255;

/** Adds what {@linkcode addBlock} does, for any number of rows. */
export function addColumns(rows: i32, codes: usize, stride: usize, refs: usize): void {
  for (let row: i32 = 0; row < rows; row += BLOCK_ROWS) {
    const from = codes + <usize>row * stride;
    addBlock(min(BLOCK_ROWS, rows - row), from, stride, refs + <usize>row);
  }
}

/**
 * Adds for each haplotype of up to BLOCK_ROWS rows: how often it is missing; how often it is missing or REF;
 * how often it or the next one is missing; and how often the two differ and neither is missing.
 */
function addBlock(rows: i32, codes: usize, stride: usize, refs: usize): void {
  const none = i8x16.splat(MISSING);
  for (let i: i32 = 0; i < haplotypes; i += 16) {
    let missing = i8x16.splat(0), usual = i8x16.splat(0);
    let unknown = i8x16.splat(0), differ = i8x16.splat(0);
    let at = codes + i;
    for (let row: i32 = 0; row < rows; row++, at += stride) {
      const one = v128.load(at), next = v128.load(at, 1);
      const gone = i8x16.eq(one, none), either = v128.or(gone, i8x16.eq(next, none));
      missing = i8x16.sub(missing, gone);
      usual = i8x16.sub(usual, v128.or(gone, i8x16.eq(one, v128.load8_splat(refs + row))));
      unknown = i8x16.sub(unknown, either);
      differ = i8x16.sub(differ, v128.andnot(i8x16.ne(one, next), either));
    }
    const place = 4 * <usize>i;
    flush(missingAt + place, missing);
    flush(usualAt + place, usual);
    flush(unknownAt + place, unknown);
    flush(differAt + place, differ);
  }
}

/** Returns how often a code stands in a row. */
function countOf(codes: usize, code: u8): i32 {
  const wanted = i8x16.splat(code), noCells = v128.load(NO_CELLS), last = (haplotypes - 1) & ~15;
  let found: i32 = 0, i: i32 = 0;
  for (; i < last; i += 16) found += popcnt(i8x16.bitmask(i8x16.eq(v128.load(codes + i), wanted)));
  const end = v128.andnot(i8x16.eq(v128.load(codes + i), wanted), noCells);
  return found + popcnt(i8x16.bitmask(end));
}

/** Counts the haplotype of a row that alone has a code. */
function addSingle(codes: usize, code: u8): void {
  const wanted = i8x16.splat(code);
  for (let i: i32 = 0; i < haplotypes; i += 16) {
    const found = i8x16.bitmask(i8x16.eq(v128.load(codes + i), wanted));
    if (found == 0) continue;
    const at = singlesAt + 4 * <usize>(i + ctz(found));
    store<u32>(at, load<u32>(at) + 1);
    return;
  }
}

/** Classes of the allele frequency. */
const CLASSES: u32 = 50;
/** Places of the numbers of sites, 4 bytes each: by number of alleles, by REF and ALT, by frequency. */
const RECORDS: usize = 0, MISSING_CELLS: usize = 4, MAJOR: usize = 8, TIED: usize = 12;
const MINOR: usize = 16, SNP_RECORDS: usize = 20, ALLELES: usize = 32, PAIRS: usize = 64;
const FREQUENCIES: usize = 320, SPECTRUM: usize = 520;

// @ts-ignore: decorator
@inline
function count(at: usize, more: u32): void {
  store<u32>(at, load<u32>(at) + more);
}

/** Counts a site by the ALTs in a set of codes: what they are, and how frequent. */
function addSite(codes: usize, ref: u8, set: i32, refs: i32, missing: i32, sites: usize): void {
  const called = haplotypes - missing;
  let alts = set, left = called - refs, most: i32 = 0, snp = false;
  while (alts) {
    const code = <u8>ctz(alts);
    alts &= alts - 1;
    const found = alts ? countOf(codes, code) : left;
    left -= found;
    most = max(most, found);
    snp = snp || code < STAR;
    count(sites + PAIRS + 4 * <usize>(<u32>ref << 3 | code), 1);
    count(sites + FREQUENCIES + 4 * <usize>min(<u32>found * CLASSES / called, CLASSES - 1), 1);
    if (found == 1) addSingle(codes, code);
  }
  if (popcnt(set) == 1) count(sites + SPECTRUM + 4 * <usize>min(most, called - most), 1);
  count(sites + (refs > most ? MAJOR : refs == most ? TIED : MINOR), 1);
  count(sites + SNP_RECORDS, u32(snp));
}

/**
 * Counts sites, and notes how many haplotypes of each are missing, 4 bytes a row; all bits of a row
 * that has codes of other alleles, or such a REF, which is not counted. Also counts the singletons:
 * ALTs that one haplotype has.
 */
export function countRows(
  rows: i32,
  codes: usize,
  stride: usize,
  refs: usize,
  missing: usize,
  sites: usize,
): void {
  const bits = v128.load(BITS), noCells = v128.load(NO_CELLS), none = i8x16.splat(MISSING);
  const last = (haplotypes - 1) & ~15;
  for (let row: i32 = 0; row < rows; row++, codes += stride, missing += 4) {
    const ref = load<u8>(refs + row), wanted = i8x16.splat(ref);
    let set = i8x16.splat(0), any = i8x16.splat(0), gone: i32 = 0, same: i32 = 0, i: i32 = 0;
    for (; i < last; i += 16) {
      const some = v128.load(codes + i);
      any = v128.or(any, some);
      set = v128.or(set, i8x16.swizzle(bits, some));
      gone += popcnt(i8x16.bitmask(i8x16.eq(some, none)));
      same += popcnt(i8x16.bitmask(i8x16.eq(some, wanted)));
    }
    const some = v128.load(codes + i);
    any = v128.or(any, v128.andnot(some, noCells));
    set = v128.or(set, v128.andnot(i8x16.swizzle(bits, some), noCells));
    gone += popcnt(i8x16.bitmask(v128.andnot(i8x16.eq(some, none), noCells)));
    same += popcnt(i8x16.bitmask(v128.andnot(i8x16.eq(some, wanted), noCells)));
    let folded = i64x2.extract_lane(set, 0) | i64x2.extract_lane(set, 1);
    folded |= folded >> 32;
    folded |= folded >> 16;
    const seen = <i32>((folded | (folded >> 8)) & 255);
    const others = v128.any_true(v128.and(any, i8x16.splat(<i8>0xf8)));
    if (others || (seen & 128) || ref > STAR) {
      store<u32>(missing, 0xffffffff);
      continue;
    }
    store<u32>(missing, gone);
    const alts = seen & ~(1 << ref) & ~(1 << MISSING);
    count(sites + RECORDS, 1);
    count(sites + MISSING_CELLS, gone);
    count(sites + ALLELES + 4 * <usize>(popcnt(alts) + 1), 1);
    if (alts) addSite(codes, ref, alts, ref == MISSING ? 0 : same, gone, sites);
  }
}
