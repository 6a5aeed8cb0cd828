/**
 * Sums hashes of genotypes: of lines of VCF, of records of BCF, of rows of codes. In AssemblyScript;
 * `deno task kernels` compiles it into `src/kernels/modules.ts`. What is summed is defined in
 * `docs/checksum.md`, and slowly in `tests/helpers/checksum_oracle.ts`.
 *
 * All addresses are bytes of this module's memory, most of which `genotype_sums.ts` lays out.
 */

/** Why a record could not be summed; `genotype_sums.ts` has the messages. */
const DONE: i32 = 0, FIELDS: i32 = 1, POSITION: i32 = 2, ALLELE: i32 = 3, GENOTYPE: i32 = 4;
const ALLELES: i32 = 5, BROKEN: i32 = 6, HEADER: i32 = 7;
/** The next record belongs to another group. */
const GROUP: i32 = 100;

const TAB: u8 = 9, LF: u8 = 10, CR: u8 = 13, COMMA: u8 = 44, DOT: u8 = 46, SLASH: u8 = 47;
const HASH: u8 = 35, ZERO: u8 = 48, COLON: u8 = 58, BAR: u8 = 124;

/** Genotypes of two alleles with places up to this one are summed by a table; the place after it is `.`. */
const MOST_PLACE: i32 = 14, MISSING_PLACE: i32 = 15;
/** A table for a record: `phased << 8 | a << 4 | b` of two alleles, and 512 more for one of them. */
const TABLE: usize = 1024, ENTRY: usize = 32;
/** Entries have the number of their record, whether an allele is called, and the two hashes. */
const CALLED: usize = 4, PLAIN: usize = 8, ORDERED: usize = 16;
/** Letters of the first alleles, and hashes of the texts of one and of two letters, once they are known. */
const LETTERS: usize = 18432, TEXTS: usize = 32768;
/** The letter that is none. */
const NO_LETTER: u8 = 255;
/** Most alleles of a genotype. */
const MOST_COPIES: i32 = 1024;
/** Places of the alleles of a genotype, and the same by their texts. */
const COPIES: usize = 20480, SORTED: usize = 24576;
/** The number of a contig or a text of digits. */
const DIGITS: usize = 28672;

let samples: i32 = 0;
/** For each sample two sums (alleles, phase), and the number of called genotypes. */
let sumsAt: usize = 0, calledAt: usize = 0;
/** Addresses and lengths of alleles' texts, 4 bytes each; and room for those of one record. */
let allelesAt: usize = 0, textsAt: usize = 0, textsEnd: usize = 0, mostAlleles: i32 = 0;
/** Alleles of the record; number of the record, from 1, by which entries of the table are told. */
let alleles: i32 = 0, record: u32 = 0;
/** Place of the allele that is missing, and of the one that is not there; -1 for none. */
let missing: i32 = -1, absent: i32 = -1;
/** The record's key. */
let key: u64 = 0;
/** Of BCF: the number of GT; addresses and lengths of contigs' names. */
let genotypeKey: i32 = -1, contigsAt: usize = 0, contigs: i32 = 0;
/** Positions of a group; 0 for no groups. */
let groupBases: u32 = 0;
/** Contig and position of the group's first record, as far as they tell groups apart. */
let groupContigAt: usize = 0, groupContigLength: i32 = -1, groupNumber: u32 = 0;

/** Sum of the keys, and number of records. */
export let sites: u64 = 0;
export let records: u32 = 0;
/** Where the lines or records go on that have not been summed. */
export let next: usize = 0;
/** Contig and position of the last record that was begun. */
export let contigAt: usize = 0, contigLength: i32 = 0, position: u32 = 0;

export function layOut(
  samples_: i32,
  sums: usize,
  called: usize,
  alleles_: usize,
  mostAlleles_: i32,
  texts: usize,
  textsEnd_: usize,
): void {
  samples = samples_;
  sumsAt = sums;
  calledAt = called;
  allelesAt = alleles_;
  mostAlleles = mostAlleles_;
  textsAt = texts;
  textsEnd = textsEnd_;
}

/** Tells what BCF goes by: the number of GT, and the names of contigs. */
export function useBcf(genotypeKey_: i32, contigsAt_: usize, contigs_: i32): void {
  genotypeKey = genotypeKey_;
  contigsAt = contigsAt_;
  contigs = contigs_;
}

/** Tells how many positions a group has (0 for none), and where the name of its contig is kept. */
export function useGroups(bases: u32, contig: usize): void {
  groupBases = bases;
  groupContigAt = contig;
  groupContigLength = -1;
}

/** Returns the number of a position's group; the telomere at 0 is in the first. */
// @ts-ignore: decorator
@inline
function groupOf(position: u32): u32 {
  return position === 0 ? 0 : (position - 1) / groupBases;
}

/** Takes the last record that was begun into a group of its own. */
export function nextGroup(): void {
  memory.copy(groupContigAt, contigAt, contigLength);
  groupContigLength = contigLength;
  groupNumber = groupOf(position);
}

export function beginSums(): void {
  memory.fill(sumsAt, 0, <usize>samples * 16);
  memory.fill(calledAt, 0, <usize>samples * 4);
  sites = 0;
  records = 0;
}

// @ts-ignore: decorator
@inline
function mix(from: u64): u64 {
  let x = from;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

const FNV_START: u64 = 0xcbf29ce484222325;

// @ts-ignore: decorator
@inline
function hashByte(hash: u64, byte: u8): u64 {
  return (hash ^ <u64>byte) * 0x100000001b3;
}

function hashText(from: u64, at: usize, length: i32): u64 {
  let hash = from;
  for (let n = 0; n < length; n++) hash = hashByte(hash, load<u8>(at + n));
  return hash;
}

/** Returns the hash of a text, as samples' names have it. */
export function hashOf(at: usize, length: i32): u64 {
  return hashText(FNV_START, at, length);
}

/** Returns a sum over samples, of which one has this hash of its name and this sum. */
export function addSample(star: u64, name: u64, sum: u64): u64 {
  return star + mix(mix(name) + sum);
}

// @ts-ignore: decorator
@inline
function textAt(place: i32): usize {
  return load<u32>(allelesAt + <usize>place * 8);
}

// @ts-ignore: decorator
@inline
function lengthOf(place: i32): i32 {
  return load<i32>(allelesAt + <usize>place * 8 + 4);
}

/** Tells whether a text stands before another, byte by byte. */
function isBefore(one: i32, other: i32): bool {
  const a = textAt(one), b = textAt(other), la = lengthOf(one), lb = lengthOf(other);
  const length = min(la, lb);
  for (let n = 0; n < length; n++) {
    const x = load<u8>(a + n), y = load<u8>(b + n);
    if (x !== y) return x < y;
  }
  return la < lb;
}

// @ts-ignore: decorator
@inline
function isDot(place: i32): bool {
  return lengthOf(place) === 1 && load<u8>(textAt(place)) === DOT;
}

function isSame(one: i32, other: i32): bool {
  if (one === other) return true;
  const length = lengthOf(one);
  return length === lengthOf(other) && memory.compare(textAt(one), textAt(other), length) === 0;
}

/**
 * Hashes the texts of the genotype of so many COPIES, and tells whether an allele is called.
 *
 * @param phased Whether every separator is a bar.
 */
function hashTexts(into: usize, count: i32, phased: bool): void {
  let called = false, same = true;
  for (let n = 0; n < count; n++) {
    const place = load<i32>(COPIES + n * 4);
    // Alleles are the same by their texts, and so is what is missing.
    if (!isDot(place)) called = true;
    if (!isSame(place, load<i32>(COPIES))) same = false;
    let at = n;
    for (; at > 0 && isBefore(place, load<i32>(SORTED + (at - 1) * 4)); at--) {
      store<i32>(SORTED + at * 4, load<i32>(SORTED + (at - 1) * 4));
    }
    store<i32>(SORTED + at * 4, place);
  }
  const plain = called ? hashJoined(SORTED, count, SLASH) : hashByte(FNV_START, DOT);
  store<u32>(into + CALLED, u32(called));
  store<u64>(into + PLAIN, plain);
  store<u64>(into + ORDERED, called && phased && !same ? hashJoined(COPIES, count, BAR) : plain);
}

/** Fills an entry of the record from hashes of texts. */
// @ts-ignore: decorator
@inline
function fillEntry(entry: usize, texts: usize): void {
  const plain = load<u64>(texts + PLAIN), ordered = load<u64>(texts + ORDERED);
  const mixed = mix(key + plain);
  store<u32>(entry, record);
  store<u32>(entry + CALLED, load<u32>(texts + CALLED));
  store<u64>(entry + PLAIN, mixed);
  store<u64>(entry + ORDERED, ordered === plain ? mixed : mix(key + ordered));
}

function hashJoined(places: usize, count: i32, separator: u8): u64 {
  let hash = FNV_START;
  for (let n = 0; n < count; n++) {
    if (n > 0) hash = hashByte(hash, separator);
    const place = load<i32>(places + n * 4);
    hash = hashText(hash, textAt(place), lengthOf(place));
  }
  return hash;
}

/** Adds an entry to the sums of a sample. */
// @ts-ignore: decorator
@inline
function add(sample: i32, entry: usize): void {
  const at = sumsAt + <usize>sample * 16;
  v128.store(at, i64x2.add(v128.load(at), v128.load(entry + PLAIN)));
  const counted = calledAt + <usize>sample * 4;
  store<u32>(counted, load<u32>(counted) + load<u32>(entry + CALLED));
}

/** Adds a genotype of two alleles, whose numbers in the table are `a` and `b`. */
// @ts-ignore: decorator
@inline
function addPair(sample: i32, a: i32, b: i32, phased: i32): void {
  const entry = TABLE + <usize>(phased << 8 | a << 4 | b) * ENTRY;
  if (load<u32>(entry) !== record) fillPair(entry, a, b, phased);
  add(sample, entry);
}

/** Texts of letters are the same in all records, so that they are hashed once. */
function fillPair(entry: usize, a: i32, b: i32, phased: i32): void {
  const one = load<u8>(LETTERS + a), other = load<u8>(LETTERS + b);
  store<i32>(COPIES, a === MISSING_PLACE ? missing : a);
  store<i32>(COPIES + 4, b === MISSING_PLACE ? missing : b);
  if ((one | other) === NO_LETTER) {
    hashTexts(entry, 2, phased !== 0);
    return fillEntry(entry, entry);
  }
  const texts = TEXTS + <usize>(<i32>(one << 3 | other) | phased << 6) * ENTRY;
  if (load<u32>(texts) === 0) {
    hashTexts(texts, 2, phased !== 0);
    store<u32>(texts, 1);
  }
  fillEntry(entry, texts);
}

// @ts-ignore: decorator
@inline
function addSingle(sample: i32, a: i32): void {
  const entry = TABLE + <usize>(512 + a) * ENTRY;
  if (load<u32>(entry) !== record) {
    store<i32>(COPIES, a === MISSING_PLACE ? missing : a);
    hashTexts(entry, 1, false);
    fillEntry(entry, entry);
  }
  add(sample, entry);
}

/** Adds the genotype of so many COPIES. */
function addCopies(sample: i32, count: i32, phased: bool): void {
  const entry = TABLE + <usize>(512 + 16) * ENTRY;
  hashTexts(entry, count, phased);
  fillEntry(entry, entry);
  add(sample, entry);
}

/** Returns the number of a text of one usual letter, 0 to 6. */
function letterOf(at: usize, length: i32): u8 {
  if (length !== 1) return NO_LETTER;
  const byte = load<u8>(at);
  if (byte === 65) return 0;
  if (byte === 67) return 1;
  if (byte === 71) return 2;
  if (byte === 84) return 3;
  if (byte === 78) return 4;
  return byte === 42 ? 5 : byte === DOT ? 6 : NO_LETTER;
}

/** Puts an allele's text, letters in upper case, behind those that are there. */
function putAllele(from: usize, length: i32): bool {
  const at = textsAt + <usize>load<u32>(DIGITS);
  if (at + length > textsEnd || alleles >= mostAlleles) return false;
  let letters = length > 0;
  for (let n = 0; n < length && letters; n++) letters = isLetter(load<u8>(from + n));
  for (let n = 0; n < length; n++) {
    const byte = load<u8>(from + n);
    store<u8>(at + n, letters ? byte & 0xdf : byte);
  }
  if (alleles <= MISSING_PLACE) store<u8>(LETTERS + alleles, letterOf(at, length));
  const entry = allelesAt + <usize>alleles * 8;
  alleles++;
  store<u32>(entry, <u32>at);
  store<i32>(entry + 4, length);
  store<u32>(DIGITS, <u32>(at + length - textsAt));
  return true;
}

// @ts-ignore: decorator
@inline
function isLetter(byte: u8): bool {
  return (byte | 0x20) >= 97 && (byte | 0x20) <= 122;
}

function beginAlleles(): void {
  alleles = 0;
  store<u32>(DIGITS, 0);
}

/** Ends the alleles of a record with the text of a missing one. */
function endAlleles(): bool {
  missing = alleles;
  store<u8>(DIGITS + 8, DOT);
  const fits = putAllele(DIGITS + 8, 1);
  store<u8>(LETTERS + MISSING_PLACE, 6);
  return fits;
}

/** Begins a record of the contig and position in `contigAt` and `position`; REF is allele `ref`. */
function beginRecord(ref: i32): void {
  let hash = hashByte(hashText(FNV_START, contigAt, contigLength), TAB), digits = 0;
  for (let left = position; left > 0 || digits === 0; left /= 10) {
    store<u8>(DIGITS + 16 + digits++, ZERO + <u8>(left % 10));
  }
  while (digits > 0) hash = hashByte(hash, load<u8>(DIGITS + 16 + --digits));
  key = mix(hashText(hashByte(hash, TAB), textAt(ref), lengthOf(ref)));
  sites += key;
  record++;
}

/** Tells whether the record at `contigAt` and `position` is of another group than the one before. */
function isOther(): bool {
  if (groupBases === 0) return false;
  if (contigLength !== groupContigLength) return true;
  if (groupOf(position) !== groupNumber) return true;
  return memory.compare(contigAt, groupContigAt, contigLength) !== 0;
}

/** Returns the end of a field, which is a TAB or the end of the line. */
// @ts-ignore: decorator
@inline
function endOfField(from: usize, end: usize): usize {
  let at = from;
  while (at < end && load<u8>(at) !== TAB) at++;
  return at;
}

/**
 * Sums whole lines of VCF, each with its LF, from `from` to `to` (exclusive).
 *
 * @returns DONE, or what stopped it at the line that `next` begins.
 */
export function sumLines(from: usize, to: usize): i32 {
  let at = from;
  while (at < to) {
    next = at;
    let end = at;
    while (load<u8>(end) !== LF) end++;
    const stop = end > at && load<u8>(end - 1) === CR ? end - 1 : end;
    if (stop > at) {
      if (load<u8>(at) === HASH) return HEADER;
      const problem = sumLine(at, stop);
      if (problem !== DONE) return problem;
      records++;
    }
    at = end + 1;
  }
  next = at;
  return DONE;
}

function sumLine(from: usize, end: usize): i32 {
  let to = endOfField(from, end), at = to + 1;
  contigAt = from;
  contigLength = <i32>(to - from);
  to = endOfField(at, end);
  let pos: u64 = 0;
  if (to === at || to >= end || to - at > 10) return to >= end ? FIELDS : POSITION;
  for (; at < to; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9) return POSITION;
    pos = pos * 10 + digit;
  }
  if (pos > 0xffffffff) return POSITION;
  position = <u32>pos;
  if (isOther()) return GROUP;
  to = endOfField(to + 1, end);
  if (to >= end) return FIELDS;
  beginAlleles();
  at = to + 1;
  to = endOfField(at, end);
  if (to >= end) return FIELDS;
  if (!putAllele(at, <i32>(to - at))) return ALLELES;
  at = to + 1;
  to = endOfField(at, end);
  if (!putAlts(at, to) || !endAlleles()) return ALLELES;
  for (let field = 0; field < 3; field++) {
    if (to >= end) return FIELDS;
    to = endOfField(to + 1, end);
  }
  beginRecord(0);
  if (samples === 0) return DONE;
  if (to >= end) return FIELDS;
  at = to + 1;
  to = endOfField(at, end);
  const place = placeOfGenotype(at, to);
  at = to;
  for (let sample = 0; sample < samples; sample++) {
    if (at >= end) return FIELDS;
    at = sumCell(sample, at + 1, end, place);
    if (at === 0) return ALLELE;
    if (at === 1) return GENOTYPE;
  }
  return at < end ? FIELDS : DONE;
}

function putAlts(from: usize, to: usize): bool {
  if (to === from || to === from + 1 && load<u8>(from) === DOT) return true;
  let at = from;
  for (let n = from; n <= to; n++) {
    if (n < to && load<u8>(n) !== COMMA) continue;
    if (!putAllele(at, <i32>(n - at))) return false;
    at = n + 1;
  }
  return true;
}

/** Returns the place of GT among the keys of FORMAT, 0-based; -1 where it is not there. */
function placeOfGenotype(from: usize, to: usize): i32 {
  let place = 0, at = from;
  for (let n = from; n <= to; n++) {
    if (n < to && load<u8>(n) !== COLON) continue;
    if (n === at + 2 && load<u16>(at) === 0x5447) return place;
    place++;
    at = n + 1;
  }
  return -1;
}

/** Returns the number of an allele in the table; -1 where the byte is none. */
// @ts-ignore: decorator
@inline
function digitOf(byte: u8): i32 {
  const digit = byte - ZERO;
  return digit <= 9 ? <i32>digit : byte === DOT ? MISSING_PLACE : -1;
}

/** Sums a cell; returns where it ends: 0 for an allele that is not there, 1 for no genotype. */
function sumCell(sample: i32, from: usize, end: usize, place: i32): usize {
  if (place === 0 && from + 3 <= end) {
    const after = from + 3 === end ? TAB : load<u8>(from + 3), between = load<u8>(from + 1);
    const a = digitOf(load<u8>(from)), b = digitOf(load<u8>(from + 2));
    if (
      (after === TAB || after === COLON) && (between === BAR || between === SLASH) && (a | b) >= 0
    ) {
      if (isNoAllele(a) || isNoAllele(b)) return 0;
      addPair(sample, a, b, i32(between === BAR));
      return after === TAB ? from + 3 : endOfField(from + 3, end);
    }
  }
  const to = endOfField(from, end);
  let at = from, isThere = place >= 0;
  for (let left = place; left > 0 && isThere; left--) {
    while (at < to && load<u8>(at) !== COLON) at++;
    // Fields at the end of a cell may be left out.
    if (at < to) at++;
    else isThere = false;
  }
  if (!isThere) {
    addSingle(sample, MISSING_PLACE);
    return to;
  }
  let stop = at;
  while (stop < to && load<u8>(stop) !== COLON) stop++;
  const problem = sumGenotype(sample, at, stop);
  return problem === DONE ? to : problem === ALLELE ? 0 : 1;
}

// @ts-ignore: decorator
@inline
function isNoAllele(a: i32): bool {
  return a !== MISSING_PLACE && a >= missing;
}

/** Sums the text of a genotype. */
function sumGenotype(sample: i32, from: usize, to: usize): i32 {
  let at = from, count = 0, bars = 0, slashes = 0;
  const first = load<u8>(at);
  if ((first === BAR || first === SLASH) && to > from + 1) at++;
  while (true) {
    if (count === MOST_COPIES) return GENOTYPE;
    let place = 0;
    const start = at;
    if (at < to && load<u8>(at) === DOT) {
      place = missing;
      at++;
    } else {
      for (; at < to && load<u8>(at) - ZERO <= 9; at++) {
        place = place * 10 + <i32>(load<u8>(at) - ZERO);
        if (place >= missing) return ALLELE;
      }
    }
    if (at === start) return GENOTYPE;
    store<i32>(COPIES + count * 4, place);
    count++;
    if (at === to) break;
    const separator = load<u8>(at++);
    if (separator === BAR) bars++;
    else if (separator === SLASH) slashes++;
    else return GENOTYPE;
  }
  addCopies(sample, count, bars > 0 && slashes === 0);
  return DONE;
}

/**
 * Sums whole records of BCF from `from` to `to` (exclusive).
 *
 * @returns DONE, where `next` may be before the end of a record that is not whole; or what stopped it
 * at the record that `next` begins.
 */
export function sumRecords(from: usize, to: usize): i32 {
  next = from;
  while (next + 8 <= to) {
    const bytes = <u64>load<u32>(next) + <u64>load<u32>(next + 4) + 8;
    if (bytes > <u64>(to - next)) break;
    const problem = sumRecord(next, load<u32>(next), <usize>bytes);
    if (problem !== DONE) return problem;
    records++;
    next += <usize>bytes;
  }
  return DONE;
}

/** Where the values of the last vector begin, its number of values, and the bytes of each. */
let valuesAt: usize = 0, length: i32 = 0, width: i32 = 0;

/** Reads the shape of a vector that ends before `end`; false where it is broken. */
function readShape(at: usize, end: usize): bool {
  if (at >= end) return false;
  const byte = load<u8>(at), type = byte & 15;
  width = type === 1 || type === 7 ? 1 : type === 2 ? 2 : type === 3 || type === 5 ? 4 : type ? -1 : 0;
  length = byte >> 4;
  valuesAt = at + 1;
  if (length === 15) {
    if (at + 2 >= end) return false;
    const size = load<u8>(at + 1);
    if (size === 0x11) length = load<i8>(at + 2), valuesAt = at + 3;
    else if (size === 0x12) length = load<i16>(at + 2), valuesAt = at + 4;
    else if (size === 0x13) length = load<i32>(at + 2), valuesAt = at + 6;
    else return false;
  }
  return width >= 0 && length >= 0 && valuesAt <= end;
}

// @ts-ignore: decorator
@inline
function valueAt(at: usize, width: i32): i32 {
  return width === 1 ? load<i8>(at) : width === 2 ? load<i16>(at) : load<i32>(at);
}

function sumRecord(at: usize, shared: u32, bytes: usize): i32 {
  const end = at + bytes, sharedEnd = at + 8 + shared;
  if (shared < 24) return BROKEN;
  const contig = load<i32>(at + 8), count = <i32>(load<u32>(at + 24) >> 16);
  const formats = <i32>load<u8>(at + 31), cells = <i32>(load<u32>(at + 28) & 0xffffff);
  if (contig < 0 || contig >= contigs || cells !== samples) return FIELDS;
  contigAt = load<u32>(contigsAt + contig * 8);
  contigLength = load<i32>(contigsAt + contig * 8 + 4);
  position = <u32>(load<i32>(at + 12) + 1);
  if (contigLength < 0) return FIELDS;
  if (isOther()) return GROUP;
  let p = at + 32;
  if (!readShape(p, sharedEnd)) return BROKEN;
  p = valuesAt + length * width;
  beginAlleles();
  for (let n = 0; n < count; n++) {
    if (!readShape(p, sharedEnd) || valuesAt + length * width > sharedEnd) return BROKEN;
    if (!putAllele(valuesAt, length)) return ALLELES;
    p = valuesAt + length * width;
  }
  if (count === 0) return BROKEN;
  if (!endAlleles()) return ALLELES;
  beginRecord(0);
  p = sharedEnd;
  let found = false;
  for (let n = 0; n < formats; n++) {
    if (!readShape(p, end) || length !== 1 || width < 1) return BROKEN;
    const format = valueAt(valuesAt, width);
    if (!readShape(valuesAt + width, end)) return BROKEN;
    p = valuesAt + <usize>length * width * samples;
    if (p > end) return BROKEN;
    if (format !== genotypeKey) continue;
    found = true;
    const problem = sumVectors();
    if (problem !== DONE) return problem;
  }
  if (!found) for (let sample = 0; sample < samples; sample++) addSingle(sample, MISSING_PLACE);
  return DONE;
}

/** Returns the number in the table of a genotype's value; -1 where it has none. */
// @ts-ignore: decorator
@inline
function numberOf(value: i32): i32 {
  const place = (value >> 1) - 1;
  return place < 0 ? MISSING_PLACE : place <= MOST_PLACE ? place : -1;
}

/** Sums the genotypes at `valuesAt`. */
function sumVectors(): i32 {
  const most = length, bytes = width;
  let at = valuesAt;
  if (most > MOST_COPIES) return GENOTYPE;
  for (let sample = 0; sample < samples; sample++, at += most * bytes) {
    if (most === 2 && bytes === 1) {
      const one = load<i8>(at), other = load<i8>(at + 1);
      const a = numberOf(one), b = numberOf(other);
      if (one >= 0 && other >= 0 && (a | b) >= 0) {
        if (isNoAllele(a) || isNoAllele(b)) return ALLELE;
        addPair(sample, a, b, other & 1);
        continue;
      }
    }
    const problem = sumVector(sample, at, most, bytes);
    if (problem !== DONE) return problem;
  }
  return DONE;
}

function sumVector(sample: i32, from: usize, most: i32, bytes: i32): i32 {
  // The least integer is a missing value, the next one the end of a vector.
  const least = bytes === 1 ? -128 : bytes === 2 ? -32768 : i32.MIN_VALUE;
  let count = 0, bars = 0;
  for (let n = 0; n < most; n++) {
    const value = valueAt(from + n * bytes, bytes);
    if (value === least + 1) break;
    const place = value === least ? -1 : (value >> 1) - 1;
    if (place >= missing) return ALLELE;
    store<i32>(COPIES + count * 4, place < 0 ? missing : place);
    if (count > 0 && value !== least) bars += value & 1;
    count++;
  }
  if (count === 0) addSingle(sample, MISSING_PLACE);
  else addCopies(sample, count, count > 1 && bars === count - 1);
  return DONE;
}

/** Where rows of codes are. */
let ploidiesAt: usize = 0, phasedAt: usize = 0, homozygous: bool = false;

/**
 * Tells what rows of codes are: the codes of missing and absent haplotypes (-1 for none), the number
 * of haplotypes of each sample (a byte each), and whether a single one is doubled. All alleles have
 * been put.
 */
export function useCodes(
  missing_: i32,
  absent_: i32,
  ploidies: usize,
  phased: usize,
  homozygous_: i32,
): void {
  missing = missing_;
  absent = absent_;
  ploidiesAt = ploidies;
  phasedAt = phased;
  homozygous = homozygous_ !== 0;
}

/** Puts the texts of all alleles, by code; the lengths of the texts stand in 4 bytes each. */
export function useAlleles(texts: usize, lengths: usize, count: i32): i32 {
  beginAlleles();
  let at = texts;
  for (let n = 0; n < count; n++) {
    const length = load<i32>(lengths + n * 4);
    if (!putAllele(at, length)) return ALLELES;
    at += length;
  }
  return DONE;
}

/** Tells the name of the contig of rows of codes. */
export function useContig(at: usize, length: i32): void {
  contigAt = at;
  contigLength = length;
}

/**
 * Sums rows of codes of so many bytes each, `stride` bytes from row to row. The phase of each sample
 * is a bit at `phasedAt`; `pos` has positions of 4 bytes, and `ref` codes of `refBytes`.
 */
export function sumRows(
  rows: i32,
  codes: usize,
  bytes: i32,
  stride: i32,
  pos: usize,
  ref: usize,
  refBytes: i32,
): void {
  for (let row = 0; row < rows; row++) {
    position = load<u32>(pos + row * 4);
    beginRecord(codeAt(ref + row * refBytes, refBytes));
    sumRow(codes + row * stride, bytes);
    records++;
  }
}

// @ts-ignore: decorator
@inline
function codeAt(at: usize, bytes: i32): i32 {
  return bytes === 1 ? <i32>load<u8>(at) : bytes === 2 ? <i32>load<u16>(at) : load<i32>(at);
}

function sumRow(codes: usize, bytes: i32): void {
  let at = codes;
  for (let sample = 0; sample < samples; sample++) {
    const ploidy = <i32>load<u8>(ploidiesAt + sample);
    const phased = <i32>(load<u8>(phasedAt + (sample >> 3)) >> <u8>(sample & 7)) & 1;
    if (ploidy === 2 && bytes === 1) {
      const a = <i32>load<u8>(at), b = <i32>load<u8>(at + 1);
      if (a <= MOST_PLACE && b <= MOST_PLACE && b !== absent) {
        addPair(sample, a, b, phased);
        at += 2;
        continue;
      }
    }
    let count = 0;
    for (let n = 0; n < ploidy; n++, at += bytes) {
      const code = codeAt(at, bytes);
      if (n > 0 && code === absent) continue;
      store<i32>(COPIES + count * 4, code);
      count++;
    }
    if (count === 1 && homozygous) {
      store<i32>(COPIES + 4, load<i32>(COPIES));
      count++;
    }
    addCopies(sample, count, phased !== 0 && count > 1);
  }
}
