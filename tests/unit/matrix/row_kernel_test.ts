/** The kernel that reads rows, against the tokenizer without it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BASE_ALLELES } from "../../../src/base/alleles.ts";
import { Role } from "../../../src/matrix/layout.ts";
import { batchBytes, RowBatch } from "../../../src/matrix/row_batch.ts";
import { Tokenizer } from "../../../src/matrix/tokenizer.ts";
import type { RowProblem } from "../../../src/matrix/row_problem.ts";
import type { TokenizerPlan } from "../../../src/matrix/tokenizer_plan.ts";

/** What a tokenizer made of some text. */
interface Read {
  rows: unknown[];
  problems: RowProblem[];
  alleles: string[];
  contigs: string[];
  lines: number;
}

/** @param order The haplotype of each column, or -1 where it is left out. */
function planOf(order: readonly number[], more: Partial<TokenizerPlan> = {}): TokenizerPlan {
  return {
    columns: ["CHROM", "POS", "REF", ...order.map((_, column) => `c${column}`)],
    roles: Int32Array.from([Role.Chrom, Role.Pos, Role.Ref, ...order]),
    copies: Uint8Array.from([0, 0, 0, ...order.map((ordinal) => ordinal < 0 ? 0 : 1)]),
    missing: [],
    gap: "missing",
    iupac: "error",
    ...more,
  };
}

/** Reads all of `raw`, which holds whole lines and nothing behind them. */
function read(
  raw: Uint8Array,
  plan: TokenizerPlan,
  { capacity, stride, width = 1 }: { capacity: number; stride: number; width?: 1 | 2 },
): Read & { kernelRows: number } {
  const tokenizer = new Tokenizer(plan, { alleles: [...BASE_ALLELES], contigs: [] });
  tokenizer.open = true;
  const shape = { capacity, stride, width, idBytes: 0 } as const;
  const batch = new RowBatch(shape, new ArrayBuffer(batchBytes(shape)));
  const rows: unknown[] = [], problems: RowProblem[] = [];
  const haplotypes = plan.roles.filter((role) => role >= 0).length;
  for (let at = 0; at < raw.length;) {
    batch.rows = 0;
    at = tokenizer.fill(raw, at, raw.length, batch);
    for (let row = 0; row < batch.rows; row++) {
      const { chrom, pos, ref, line, alleles } = batch;
      const codes = alleles.subarray(row * stride, row * stride + haplotypes);
      rows.push([chrom[row], pos[row], ref[row], line[row], codes.join()]);
    }
    if (tokenizer.problem) problems.push(tokenizer.problem);
    tokenizer.problem = undefined;
  }
  const { kernelRows, line: lines } = tokenizer;
  const [alleles, contigs] = [tokenizer.alleles.texts(), tokenizer.contigs.texts()];
  return { rows, problems, alleles, contigs, lines, kernelRows };
}

/** Reads text both ways, compares, and returns the number of rows that the kernel took. */
function compare(raw: Uint8Array, plan: TokenizerPlan, shape: Parameters<typeof read>[2]): number {
  const { kernelRows, ...fast } = read(raw, plan, shape);
  const { kernelRows: none, ...slow } = read(raw, { ...plan, kernels: false }, shape);
  assert.equal(none, 0);
  assert.deepEqual(fast, slow);
  return kernelRows;
}

const usualCell = fc.constantFrom(..."AACCGGTTacgtnN.*AACCGGTTacgtnN.*AACCGGTTacgtnN.-");
/** Bytes that look almost right: neighbours of letters, of digits, of TAB and LF, and high ones. */
const oddByte = fc.constantFrom(
  ...[..."@BDFHMSUZ[`bdfhmsuz{!()+,/:;0189 \r\t\n\v\b"].map((char) => char.charCodeAt(0)),
  ...[0, 0x7f, 0x80, 0x8d, 0x8e, 0xad, 0xae, 0xc1, 0xe1, 0xff],
);
const pos = fc.oneof(
  fc.nat(99_999_999).map((pos) => `${pos + 1}`),
  fc.constantFrom("0", "007", "1", "9", "999999999", "1000000000", "2147483647", "2147483648", ""),
);
const contig = fc.constantFrom("1", "1", "1", "2", "chr1", "chr10", "scaffold_1", "scaffold_12");

/** A matrix of usual rows, of which some bytes have been changed. */
const matrices = fc.integer({ min: 1, max: 40 }).chain((haplotypes) =>
  fc.record({
    order: fc.oneof(
      fc.constant(Array.from({ length: haplotypes }, (_, ordinal) => ordinal)),
      fc.shuffledSubarray([...Array(haplotypes).keys()], { minLength: haplotypes }),
      fc.shuffledSubarray([...Array(haplotypes).keys()], { minLength: 1 }).map((columns) => {
        const order = Array(haplotypes).fill(-1);
        columns.forEach((column, ordinal) => order[column] = ordinal);
        return order;
      }),
    ),
    padding: fc.integer({ min: 0, max: 16 }),
    capacity: fc.integer({ min: 1, max: 40 }),
    width: fc.constantFrom(1 as const, 1 as const, 2 as const),
    gap: fc.constantFrom("missing" as const, "star" as const, "error" as const),
    missing: fc.constantFrom([], ["0"], ["?", "-9"], ["A"], ["."], ["X", "1"], ["n"]),
    iupac: fc.constantFrom("error" as const, "missing" as const),
    rows: fc.array(
      fc.record({
        contig,
        pos: fc.oneof({ weight: 9, arbitrary: fc.nat(9999).map((pos) => `${pos + 1}`) }, pos),
        ref: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(..."ACGTNacgt") }, fc.string()),
        cells: fc.array(usualCell, { minLength: haplotypes, maxLength: haplotypes }),
        same: fc.constantFrom(true, true, true, true, false),
      }),
      { maxLength: 40, size: "max" },
    ),
    end: fc.constantFrom("\n", "\n", "\n", "\n", "\r\n", "\r\n", "\r\n", "\r\r\n", " \n", "\t\n"),
    changes: fc.array(fc.tuple(fc.nat(), oddByte), { maxLength: 6 }),
  })
);

Deno.test("RowKernel: random rows and bytes are read as without it", () => {
  let kernelRows = 0;
  fc.assert(
    fc.property(matrices, ({ order, padding, capacity, width, rows, end, changes, ...reading }) => {
      let last = "1";
      const lines = rows.map(({ contig, pos, ref, cells, same }) => {
        last = same ? last : contig;
        return `${last}\t${pos}\t${ref}\t${cells.join("\t")}${end}`;
      });
      const raw = new TextEncoder().encode(lines.join(""));
      for (const [at, byte] of changes) if (raw.length > 0) raw[at % raw.length] = byte;
      // The caller's lines end in LF.
      if (raw.length > 0) raw[raw.length - 1] = 10;
      const chosen = order.filter((ordinal) => ordinal >= 0).length;
      const shape = { capacity, width, stride: chosen + padding };
      kernelRows += compare(raw, planOf(order, reading), shape);
    }),
    { numRuns: 2000, seed: 271 },
  );
  assert.ok(kernelRows > 5000, `the kernel took ${kernelRows} rows only`);
});

/** Rows of a contig, with a cell `odd` in some of them. */
function rowsOf(haplotypes: number, rows: number, odd = "", every = 0): Uint8Array {
  const lines = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: haplotypes }, (_, n) => "ACGT.n*"[(row * 7 + n * 3) % 7]);
    if (every > 0 && row % every === 0) cells[row % haplotypes] = odd;
    return `chr${Math.floor(row / 999)}\t${row * 37 + 1}\t${"ACGT"[row % 4]}\t${
      cells.join("\t")
    }\n`;
  });
  return new TextEncoder().encode(lines.join(""));
}

Deno.test("RowKernel: rows that lie across the ends of what it holds at a time", () => {
  for (const haplotypes of [1, 7, 16, 17, 31, 300, 5000]) {
    const order = Array.from({ length: haplotypes }, (_, ordinal) => ordinal);
    const raw = rowsOf(haplotypes, Math.ceil(1_000_000 / (2 * haplotypes + 12)));
    const shape = { capacity: 2048, stride: (haplotypes + 15) & ~15 };
    const { length } = read(raw, planOf(order), shape).rows;
    assert.ok(compare(raw, planOf(order), shape) > 0.99 * length - 4);
    assert.ok(compare(raw, planOf(order.toReversed()), shape) > 0.99 * length - 4);
  }
});

Deno.test("RowKernel: any number of haplotypes, rows and bytes behind the last row", () => {
  for (let haplotypes = 1; haplotypes <= 70; haplotypes++) {
    const order = Array.from({ length: haplotypes }, (_, ordinal) => ordinal);
    for (const rows of [1, 2, 5, 9]) {
      // The text ends with its buffer.
      const raw = rowsOf(haplotypes, rows);
      compare(raw.slice(), planOf(order), { capacity: 16, stride: haplotypes });
    }
  }
});

Deno.test("RowKernel: where unusual rows are many, all are read, most of them without it", () => {
  const order = [0, 1, 2, 3, 4, 5];
  for (const every of [1, 2, 3, 5, 50]) {
    const raw = rowsOf(6, 20_000, "AC", every);
    const taken = compare(raw, planOf(order), { capacity: 2048, stride: 6 });
    if (every === 50) assert.ok(taken > 0.9 * 20_000, `${taken} rows of 20,000`);
  }
});
