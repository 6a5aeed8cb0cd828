import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
// Not the import map's 3.8.1: that needs a @gmod/bgzf-filehandle which the registry does not have.
// deno-lint-ignore no-import-prefix
import { TabixIndexedFile } from "npm:@gmod/tabix@3.3.9";
import fc from "fast-check";
import {
  BLOCK_PAYLOAD,
  type BlockStarts,
  compressBlocks,
  EOF_BLOCK,
} from "../../../src/bgzf/blocks.ts";
import { RecordSpans } from "../../../src/bgzf/record_spans.ts";
import { encodeIndex, IndexBuilder, needsCsi } from "../../../src/bgzf/tabix_index.ts";
import { withFolder } from "../../helpers/cli.ts";
import { hasTool, missingNote, run } from "../../helpers/tools.ts";

type Format = "tbi" | "csi";
const FORMATS: Format[] = ["tbi", "csi"];
const WINDOW = 16_384;

// ---------------------------------------------------------------------------------------------
// A reader of indexes: the specification once more, with BigInt and no care for speed.

interface Bin {
  bin: number;
  firstOffset?: bigint;
  chunks: [bigint, bigint][];
}

interface ParsedIndex {
  header: number[];
  depth: number;
  contigs: { name: string; bins: Bin[]; linear: bigint[] }[];
  noCoordinates: bigint;
}

class ByteReader {
  #at = 0;
  readonly #view: DataView;
  constructor(readonly data: Uint8Array) {
    this.#view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }
  bytes = (n: number) => this.data.subarray(this.#at, this.#at += n);
  int = () => this.#view.getInt32((this.#at += 4) - 4, true);
  long = () => this.#view.getBigUint64((this.#at += 8) - 8, true);
  list = <T>(n: number, read: () => T): T[] => Array.from({ length: n }, read);
  get isAtEnd() {
    return this.#at === this.data.length;
  }
}

function parseIndex(bytes: Uint8Array): ParsedIndex {
  const reader = new ByteReader(bytes);
  const { int, long, list } = reader;
  const isCsi = new TextDecoder().decode(reader.bytes(4)) === "CSI\x01";
  const names = () => new TextDecoder().decode(reader.bytes(int())).split("\0").slice(0, -1);
  let depth = 5;
  let count = isCsi ? 0 : int();
  if (isCsi) {
    assert.equal(int(), 14);
    depth = int();
    int(); // size of what follows up to the contigs
  }
  const header = list(6, int);
  const contigNames = names();
  if (isCsi) count = int();
  assert.equal(count, contigNames.length);
  const contigs = contigNames.map((name) => {
    const bins = list(int(), () => ({
      bin: int(),
      ...(isCsi ? { firstOffset: long() } : {}),
      chunks: list(int(), (): [bigint, bigint] => [long(), long()]),
    })).sort((a, b) => a.bin - b.bin);
    return { name, bins, linear: isCsi ? [] : list(int(), long) };
  });
  const noCoordinates = long();
  assert.ok(reader.isAtEnd);
  return { header, depth, contigs, noCoordinates };
}

function firstBin(level: number): number {
  return (8 ** level - 1) / 7;
}

// ---------------------------------------------------------------------------------------------
// Without tools: records laid out in made-up blocks, and the index made the slow and obvious way.

interface Layout {
  steps: number[];
  lengths: number[];
  sizes: number[];
  payload: number;
  cutEvery: number;
  fileOffset: number;
}

const NEAR_EDGES = fc.oneof(
  fc.constantFrom(0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 8 * WINDOW - 1, 8 * WINDOW, 64 * WINDOW),
  fc.integer({ min: 0, max: 3 * WINDOW }),
);

const LAYOUTS = fc.integer({ min: 1, max: 60 }).chain((count) =>
  fc.record<Layout>({
    steps: fc.array(NEAR_EDGES, { minLength: count, maxLength: count }),
    lengths: fc.array(
      fc.oneof(fc.constant(1), NEAR_EDGES.map((n) => Math.max(1, n))),
      { minLength: count, maxLength: count },
    ),
    sizes: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: count, maxLength: count }),
    payload: fc.integer({ min: 1, max: 100 }),
    cutEvery: fc.integer({ min: 1, max: 30 }),
    fileOffset: fc.constantFrom(0, 1, 2 ** 31, 2 ** 37 - 7, 2 ** 37 + 1, 2 ** 47 + 12_345),
  })
);

interface PlacedRecord {
  begin: number;
  end: number;
  /** Virtual offsets of its first byte, and of the byte after it. */
  chunk: [bigint, bigint];
}

/** Builds an index of one contig and says where each record is. */
function layOut(layout: Layout, format: Format): { index: Uint8Array; records: PlacedRecord[] } {
  const { payload, steps, lengths, sizes, cutEvery } = layout;
  const builder = new IndexBuilder({ format, contigs: [{ name: "none" }, { name: "c" }] });
  const spans = new RecordSpans();
  spans.begin(1);
  const records: PlacedRecord[] = [];
  let begin = 0;
  let fileOffset = layout.fileOffset;
  for (let from = 0; from < steps.length; from += cutEvery) {
    const to = Math.min(from + cutEvery, steps.length);
    const size = sizes.slice(from, to).reduce((a, b) => a + b);
    const blocks = madeUpBlocks(size, payload);
    const place = (offset: number): bigint => {
      const block = offset === size ? blocks.compressed.length - 1 : Math.floor(offset / payload);
      const within = offset === size ? 0 : offset % payload;
      return (BigInt(fileOffset + blocks.compressed[block]) << 16n) + BigInt(within);
    };
    let offset = 0;
    for (let i = from; i < to; i++) {
      begin += steps[i];
      const end = begin + lengths[i];
      records.push({ begin, end, chunk: [place(offset), place(offset + sizes[i])] });
      spans.add(begin, end, offset, offset += sizes[i]);
    }
    builder.addChunk(spans.take(), blocks, fileOffset);
    fileOffset += blocks.compressed.at(-1)!;
  }
  return { index: builder.finish(), records };
}

/** Blocks of 16 or 32 KiB, so that distances of just 64 KiB come up. */
function madeUpBlocks(size: number, payload: number): BlockStarts {
  const count = Math.ceil(size / payload);
  const compressed = [0];
  for (let i = 0; i < count; i++) compressed.push(compressed[i] + 2 ** (14 + (i + size) % 2));
  return {
    uncompressed: Uint32Array.from({ length: count + 1 }, (_, i) => Math.min(size, i * payload)),
    compressed: Uint32Array.from(compressed),
  };
}

/** What htslib does, record by record: a chunk each, small bins moved to the parent, chunks joined. */
function slowBins(records: PlacedRecord[], depth: number): Map<number, [bigint, bigint][]> {
  const bins = new Map<number, [bigint, bigint][]>();
  for (const { begin, end, chunk } of records) {
    let level = depth;
    const index = (position: number) => Math.floor(position / 2 ** (14 + 3 * (depth - level)));
    while (index(begin) !== index(end - 1)) level--;
    const bin = firstBin(level) + index(begin);
    bins.set(bin, [...bins.get(bin) ?? [], [...chunk]]);
  }
  const block = (offset: bigint) => offset >> 16n;
  for (let level = depth; level > 0; level--) {
    for (const [bin, chunks] of [...bins]) {
      const parent = bins.get((bin - 1) >> 3);
      if (bin < firstBin(level) || bin >= firstBin(level + 1) || !parent) continue;
      if (block(chunks.at(-1)![1]) - block(chunks[0][0]) >= 0x10000n) continue;
      parent.push(...chunks);
      parent.sort(([a], [b]) => Number(a - b));
      bins.delete(bin);
    }
  }
  for (const [bin, chunks] of bins) {
    const joined: [bigint, bigint][] = [];
    for (const [from, to] of chunks) {
      const last = joined.at(-1);
      if (last && block(last[1]) >= block(from)) last[1] = to;
      else joined.push([from, to]);
    }
    bins.set(bin, joined);
  }
  return bins;
}

/** Per window: where its first record begins, or else that of the next window that has one. */
function slowLinear(records: PlacedRecord[]): bigint[] {
  const linear: bigint[] = [];
  for (const { begin, end, chunk } of records) {
    for (let i = Math.floor(begin / WINDOW); i * WINDOW < end; i++) linear[i] ??= chunk[0];
  }
  for (let i = linear.length - 1; i >= 0; i--) linear[i] ??= linear[i + 1];
  return linear;
}

for (
  const { format, depth } of [{ format: "tbi", depth: 5 }, { format: "csi", depth: 6 }] as const
) {
  Deno.test(`${format}: the index is that of the slow and obvious way`, () => {
    fc.assert(
      fc.property(LAYOUTS, (layout) => {
        const { index, records } = layOut(layout, format);
        const linear = slowLinear(records);
        const bins: Bin[] = [...slowBins(records, depth)].map(([bin, chunks]) => ({ bin, chunks }));
        const range: [bigint, bigint] = [records[0].chunk[0], records.at(-1)!.chunk[1]];
        bins.push({ bin: firstBin(depth + 1) + 1, chunks: [range, [BigInt(records.length), 0n]] });
        if (format === "csi") {
          for (const bin of bins) bin.firstOffset = linear[firstWindow(bin.bin, depth)] ?? 0n;
        }
        bins.sort((a, b) => a.bin - b.bin);
        const expected = [{ name: "c", bins, linear: format === "tbi" ? linear : [] }];
        assert.deepEqual(parseIndex(index).contigs, expected);
      }),
      { numRuns: 500, seed: 1 },
    );
  });
}

function firstWindow(bin: number, depth: number): number {
  while (bin < firstBin(depth)) bin = bin * 8 + 1;
  return bin - firstBin(depth);
}

Deno.test("index: the pseudo-bin holds the range of the file and the number of records", () => {
  const sizes = [10, 20, 30];
  const { index, records } = layOut(
    { steps: [0, 5, 9], lengths: [1, 1, 1], sizes, payload: 60, cutEvery: 3, fileOffset: 1000 },
    "tbi",
  );
  const pseudo = parseIndex(index).contigs[0].bins.at(-1)!;
  assert.equal(pseudo.bin, 37450);
  // The last record ends where its block does: that is offset 0 of the block after it.
  const end = BigInt(1000 + 2 ** 14) << 16n;
  assert.deepEqual(pseudo.chunks, [[records[0].chunk[0], end], [3n, 0n]]);
});

Deno.test("index: virtual offsets are exact beyond 128 GiB", () => {
  const layout = {
    steps: [0, 20_000, 20_000],
    lengths: [1, 1, 1],
    sizes: [61, 61, 61],
    payload: 60,
    cutEvery: 2,
    fileOffset: 0,
  };
  const far = 2 ** 47 + 1;
  const add = (offset: bigint) => offset + (BigInt(far) << 16n);
  const near = parseIndex(layOut(layout, "tbi").index).contigs[0];
  const moved = parseIndex(layOut({ ...layout, fileOffset: far }, "tbi").index).contigs[0];
  assert.deepEqual(moved.linear, near.linear.map(add));
  const chunks = (contig: typeof near) => contig.bins.slice(0, -1).map((bin) => bin.chunks);
  assert.deepEqual(
    chunks(moved),
    chunks(near).map((list) => list.map(([a, b]) => [add(a), add(b)])),
  );
});

Deno.test("index: what main holds does not grow with the records of a bin", () => {
  const spans = new RecordSpans();
  for (let i = 0; i < 10_000; i++) spans.add(i, i + 1, i * 10, i * 10 + 10);
  const { runs, windows, contigs } = spans.take();
  assert.deepEqual({ runs: [...runs], windows: [...windows], contigs: [...contigs] }, {
    runs: [0, 0, 100_000],
    windows: [0, 0, 0],
    contigs: [0, 10_000, 0, 9_999, 3, 3],
  });
});

Deno.test("RecordSpans.take() begins anew", () => {
  const spans = new RecordSpans();
  spans.add(70_000, 70_001, 0, 10);
  const first = spans.take();
  assert.equal(spans.take().contigs.length, 0);
  spans.add(70_000, 70_001, 0, 10);
  assert.deepEqual(spans.take(), first);
});

Deno.test("RecordSpans.add() refuses empty records and falling positions", () => {
  const spans = new RecordSpans();
  assert.throws(() => spans.add(5, 5, 0, 10), /empty or out of order/);
  spans.add(5, 6, 0, 10);
  assert.throws(() => spans.add(4, 6, 10, 20), /empty or out of order/);
});

Deno.test("IndexBuilder.addChunk() refuses what cannot be indexed", () => {
  const blocks = madeUpBlocks(10, 60);
  const spansAt = (contig: number, begin: number, end = begin + 1) => {
    const spans = new RecordSpans();
    spans.begin(contig);
    spans.add(begin, end, 0, 10);
    return spans.take();
  };
  const contigs = [{ name: "a" }, { name: "b" }];
  const builder = new IndexBuilder({ format: "tbi", contigs });
  builder.addChunk(spansAt(0, 2 ** 29 - 1), blocks, 0);
  assert.throws(() => builder.addChunk(spansAt(0, 2 ** 29 - 2), blocks, 50), /a are out of order/);
  builder.addChunk(spansAt(1, 5), blocks, 100);
  assert.throws(() => builder.addChunk(spansAt(0, 2 ** 29 - 1), blocks, 150), /stand together/);
  const tooLong = new RecordSpans();
  tooLong.begin(1);
  tooLong.add(5, 6, 0, 11);
  assert.throws(() => builder.addChunk(tooLong.take(), blocks, 150), /after its chunk/);
  assert.throws(() => builder.addChunk(spansAt(1, 2 ** 29), blocks, 150), /CSI .* is needed/);
});

Deno.test("needsCsi() draws the line at an end of 2^29", () => {
  assert.equal(needsCsi(2 ** 29), false);
  assert.equal(needsCsi(2 ** 29 + 1), true);
});

Deno.test("csi: the depth follows the longest contig, as in htslib", () => {
  for (const [length, depth] of [[undefined, 6], [2 ** 32 - 256, 6], [2 ** 32 - 255, 7]]) {
    const contigs = [{ name: "a", length }, { name: "b", length: 5 }];
    const index = parseIndex(new IndexBuilder({ format: "csi", contigs }).finish());
    assert.equal(index.depth, depth);
  }
});

// ---------------------------------------------------------------------------------------------
// With tools: files that lie across every edge, indexed by htslib and by us.

interface VcfRecord {
  contig: number;
  begin: number;
  length: number;
  line: string;
}

interface Scenario {
  name: string;
  formats: Format[];
  seed: number;
  contigs: { name: string; length?: number; records: number }[];
  /** Bases between records, roughly; jumps to the next edges are mixed in. */
  step: number;
  /** Characters of noise per record, at most: decides how many blocks a bin has. */
  noise: number;
  /** Longest REF. */
  longest: number;
  start?: number;
}

const SCENARIOS: Scenario[] = [
  {
    name: "short records, few blocks",
    formats: FORMATS,
    seed: 11,
    contigs: [
      { name: "empty", records: 0 },
      { name: "chr1", records: 3000 },
      {
        name: "chr2",
        records: 1,
      },
      { name: "none", records: 0 },
      { name: "chr10", length: 2 ** 28, records: 800 },
    ],
    step: 3000,
    noise: 20,
    longest: 50,
  },
  {
    name: "many blocks, long REFs",
    formats: FORMATS,
    seed: 12,
    contigs: [{ name: "a:b-c", records: 900 }, { name: "2", records: 600 }],
    step: 900,
    noise: 8_000,
    longest: 100_000,
  },
  {
    name: "sparse, records longer than a block",
    formats: FORMATS,
    seed: 13,
    contigs: [{ name: "1", records: 60 }, { name: "2", records: 60 }],
    step: 3_000_000,
    noise: 140_000,
    longest: 100_000,
  },
  {
    name: "beyond 2^29",
    formats: ["csi"],
    seed: 14,
    contigs: [{ name: "chr1", length: 2 ** 31, records: 1500 }, { name: "chr2", records: 50 }],
    step: 9_000,
    noise: 500,
    longest: 100_000,
    start: 2 ** 29 - 5_000_000,
  },
  {
    name: "contig longer than 2^32",
    formats: ["csi"],
    seed: 15,
    contigs: [{ name: "lungfish", length: 2 ** 33, records: 300 }],
    step: 5_000_000,
    noise: 100,
    longest: 1000,
  },
  {
    name: "no records",
    formats: FORMATS,
    seed: 16,
    contigs: [{ name: "1", records: 0 }],
    step: 1,
    noise: 1,
    longest: 1,
  },
];

/** A small seeded generator (mulberry32): whole numbers below `n`. */
function seeded(seed: number): (n: number) => number {
  return (n) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * n);
  };
}

const NOISE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Text that compresses to about three quarters. */
function makeNoise(length: number, random: (n: number) => number): string {
  return Array.from({ length }, () => NOISE_ALPHABET[random(64)]).join("");
}

function makeRecords(scenario: Scenario, random: (n: number) => number): VcfRecord[] {
  const noise = makeNoise(4 * scenario.noise, random);
  return scenario.contigs.flatMap(({ name, records }, contig) => {
    let begin = scenario.start ?? 0;
    return Array.from({ length: records }, (_, i) => {
      begin = nextBegin(begin, scenario.step, random);
      const length = refLength(begin, scenario.longest, random);
      const from = random(noise.length);
      const id = `r${contig}_${i}.${noise.slice(from, from + random(scenario.noise))}`;
      const ref = "ACGT"[random(4)].repeat(length);
      const line = `${name}\t${begin + 1}\t${id}\t${ref}\tG\t.\t.\t.\n`;
      return { contig, begin, length, line };
    });
  });
}

function nextBegin(begin: number, step: number, random: (n: number) => number): number {
  const choice = random(10);
  if (choice < 2) return begin; // a repeated position
  if (choice < 6) return begin + random(2 * step);
  const edge = WINDOW * 8 ** (choice === 9 ? 1 : 0);
  return Math.max(begin, Math.ceil((begin + 1) / edge) * edge + random(3) - 1);
}

function refLength(begin: number, longest: number, random: (n: number) => number): number {
  const choice = random(100);
  if (choice < 60) return 1;
  if (choice < 90) return 1 + random(Math.min(longest, 20));
  const toEdge = WINDOW - begin % WINDOW; // a REF that ends on an edge, or next to it
  if (choice < 95) return Math.max(1, Math.min(longest, toEdge + random(3) - 1));
  return 1 + random(longest);
}

/** The records of each chunk: cut at random, and padded so that some blocks end with records. */
function cutChunks(records: VcfRecord[], random: (n: number) => number): VcfRecord[][] {
  const chunks: VcfRecord[][] = [];
  let size = 0;
  for (const record of records) {
    const chunk = chunks.at(-1);
    // Half of the chunks that meet another contig go on with it.
    const other = chunk?.at(-1)?.contig !== record.contig && random(2) === 0;
    if (!chunk || other || random(100) === 0) {
      chunks.push([record]);
      size = 0;
    } else chunk.push(record);
    // A record that ends where its block ends, one byte before, or one after.
    const room = BLOCK_PAYLOAD - (size + record.line.length) % BLOCK_PAYLOAD + random(3) - 1;
    if (random(8) === 0 && room < BLOCK_PAYLOAD / 2) {
      record.line = record.line.replace(".", `.${"x".repeat(Math.max(0, room))}`);
    }
    size += record.line.length;
  }
  return chunks;
}

/** Writes the file and its index as matrix2vcf does. */
async function writeOurs(path: string, scenario: Scenario, format: Format): Promise<VcfRecord[]> {
  const random = seeded(scenario.seed);
  const records = makeRecords(scenario, random);
  const header = ["##fileformat=VCFv4.2"];
  for (const { name, length } of scenario.contigs) {
    header.push(`##contig=<ID=${name}${length ? `,length=${length}` : ""}>`);
  }
  header.push("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
  const parts = [compressBlocks(new TextEncoder().encode(header.join("\n")), 4).bytes];
  const builder = new IndexBuilder({ format, contigs: scenario.contigs });
  const spans = new RecordSpans();
  let fileOffset = parts[0].length;
  for (const chunk of cutChunks(records, random)) {
    let offset = 0;
    chunk.forEach(({ contig, begin, length, line }, i) => {
      if (i === 0 || contig !== chunk[i - 1].contig) spans.begin(contig);
      spans.add(begin, begin + length, offset, offset += line.length);
    });
    const text = new TextEncoder().encode(chunk.map(({ line }) => line).join(""));
    const { bytes, blocks } = compressBlocks(text, random(2) ? 1 : 5);
    builder.addChunk(spans.take(), blocks, fileOffset);
    parts.push(bytes);
    fileOffset += bytes.length;
  }
  await Deno.writeFile(path, new Uint8Array(Buffer.concat([...parts, EOF_BLOCK])));
  await Deno.writeFile(`${path}.${format}`, encodeIndex(builder.finish()));
  return records;
}

interface Region {
  contig: number;
  begin: number;
  end: number;
}

function makeRegions(scenario: Scenario, records: VcfRecord[], count: number): Region[] {
  const random = seeded(scenario.seed + 1000);
  if (records.length === 0) return [];
  return Array.from({ length: count }, () => {
    const near = records[random(records.length)];
    const from = [near.begin, near.begin + near.length][random(2)];
    const begin = Math.max(
      0,
      [
        from,
        from - random(3),
        from + random(3),
        Math.round(from / WINDOW) * WINDOW + random(3) - 1,
        from - random(50_000),
      ][random(5)],
    );
    const size = [1, 1 + random(3), 1 + random(2000), 1 + random(WINDOW), WINDOW][random(5)];
    return { contig: near.contig, begin, end: begin + size };
  });
}

/** The IDs in VCF lines, without the noise. */
function idsOf(lines: string[]): string[] {
  return lines.map((line) => line.split("\t", 3)[2].split(".", 1)[0]);
}

function overlapping(records: VcfRecord[], { contig, begin, end }: Region): VcfRecord[] {
  return records.filter((record) =>
    record.contig === contig && record.begin < end && record.begin + record.length > begin
  );
}

async function succeed(cmd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(cmd, args);
  assert.deepEqual(
    { code, stderr },
    { code: 0, stderr: "" },
    `${cmd} ${args.slice(0, 5).join(" ")}`,
  );
  return stdout;
}

const hasHtslib = ["tabix", "bcftools", "bash"].every(hasTool); // Debian: tabix, bcftools

for (const scenario of SCENARIOS) {
  for (const format of scenario.formats) {
    Deno.test(`${format}: ${scenario.name}`, (t) =>
      withFolder(async (folder) => {
        const ours = `${folder}/ours.vcf.gz`;
        const records = await writeOurs(ours, scenario, format);
        const files = { ours, theirs: `${folder}/theirs.vcf.gz`, format, scenario, records };
        const withHtslib = (what: string, fn: (files: Files) => Promise<void>) => {
          const name = what + missingNote("tabix", "bcftools", "bash");
          return t.step({ name, fn: () => fn(files), ignore: !hasHtslib });
        };
        await withHtslib("the index equals that of htslib", equalsHtslib);
        await withHtslib("tabix finds the same records", tabixAgrees);
        await withHtslib("bcftools finds the same records", bcftoolsAgrees);
        await t.step("@gmod/tabix finds the same records", () => gmodAgrees(files));
      }));
  }
}

interface Files {
  ours: string;
  theirs: string;
  format: Format;
  scenario: Scenario;
  records: VcfRecord[];
}

async function equalsHtslib({ ours, theirs, format }: Files): Promise<void> {
  await Deno.copyFile(ours, theirs);
  await succeed("bcftools", "index", format === "tbi" ? "-t" : "-c", theirs);
  const read = async (path: string) =>
    parseIndex(gunzipSync(await Deno.readFile(`${path}.${format}`)));
  assert.deepEqual(await read(ours), await read(theirs));
  for (const option of ["--stats", "--nrecords"]) {
    const stats = (path: string) => run("bcftools", ["index", option, path]);
    assert.deepEqual(await stats(ours), await stats(theirs));
  }
}

async function tabixAgrees({ ours, theirs, scenario, records }: Files): Promise<void> {
  // Where records are long, there are few of them, and what is found is hundreds of megabytes.
  const regions = makeRegions(scenario, records, scenario.longest > 1000 ? 700 : 2000);
  for (let from = 0; from < regions.length; from += 500) {
    const batch = regions.slice(from, from + 500);
    const args = batch.map((region) => tabixRegion(scenario, region));
    const found = await tabixIds(ours, args);
    const expected = batch.flatMap((region) => overlapping(records, region));
    assert.deepEqual(found, idsOf(expected.map(({ line }) => line)));
    assert.deepEqual(found, await tabixIds(theirs, args));
  }
}

/** The IDs that tabix finds, without the noise, which is most of hundreds of megabytes. */
async function tabixIds(path: string, regions: string[]): Promise<string[]> {
  const script = `set -o pipefail; tabix "$@" | cut -f 3 | cut -d . -f 1`;
  return (await succeed("bash", "-c", script, "bash", path, ...regions)).split("\n").slice(0, -1);
}

function tabixRegion({ contigs }: Scenario, { contig, begin, end }: Region): string {
  const { name } = contigs[contig];
  return `${name.includes(":") ? `{${name}}` : name}:${begin + 1}-${end}`;
}

async function bcftoolsAgrees({ ours, theirs, scenario, records }: Files): Promise<void> {
  if (records.length === 0) return; // bcftools refuses an empty list of regions
  const bed = makeRegions(scenario, records, 300).map(({ contig, begin, end }) =>
    `${scenario.contigs[contig].name}\t${begin}\t${end}\n`
  );
  const bedPath = ours.replace("ours.vcf.gz", "regions.bed"); // ours.vcf.gz.bed would pick our index
  await Deno.writeTextFile(bedPath, bed.join(""));
  const view = (path: string) => succeed("bcftools", "view", "-H", "-R", bedPath, path);
  assert.equal(await view(ours), await view(theirs));
}

async function gmodAgrees({ ours, format, scenario, records }: Files): Promise<void> {
  const file = new TabixIndexedFile({ path: ours, [`${format}Path`]: `${ours}.${format}` });
  for (const region of makeRegions(scenario, records, 200)) {
    // 3.3.9 misses records, with htslib's own TBI too, where a region begins on the last base of a
    // window: it looks only in the bins of the base after it.
    if (format === "tbi" && (region.begin + 1) % WINDOW === 0) continue;
    const lines: string[] = [];
    const { name } = scenario.contigs[region.contig];
    await file.getLines(name, region.begin, region.end, (line) => lines.push(line));
    assert.deepEqual(idsOf(lines), idsOf(overlapping(records, region).map(({ line }) => line)));
  }
}
