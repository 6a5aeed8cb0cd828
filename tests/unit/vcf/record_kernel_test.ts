/** The kernel that writes records, against the formatter without it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { BASE_ALLELES } from "../../../src/base/alleles.ts";
import { codesView } from "../../../src/base/codes.ts";
import { type RecordRows, type RowStyle, wordsOf } from "../../../src/vcf/row_formatter.ts";
import { RecordKernel } from "../../../src/vcf/record_kernel.ts";
import { RecordFormatter } from "../../../src/vcf/vcf_record.ts";

/** Alleles past those that all tables have. */
const MORE = ["AT", "<DEL>", "GGG"];

interface Row {
  pos: number;
  ref: number;
  alleles: number[];
}

function rowsOf(rows: readonly Row[], padding: number, width: 1 | 2): RecordRows {
  const stride = (rows[0]?.alleles.length ?? 0) + padding;
  const codes = (values: number[]) => {
    const view = codesView(width, new ArrayBuffer(values.length * width), 0, values.length);
    view.set(values);
    return view;
  };
  // What fills a row up is no haplotype, and may be anything.
  const alleles = codes(rows.flatMap((row) => [...row.alleles, ...Array(padding).fill(9)]));
  return {
    pos: Uint32Array.from(rows, ({ pos }) => pos),
    ref: codes(rows.map(({ ref }) => ref)),
    alleles,
    words: wordsOf(alleles),
    stride,
    id: undefined,
    line: (row) => row + 2,
  };
}

/** Writes all rows, a part of each contig; returns the text, the ends of records and the counts. */
function written(style: RowStyle, rows: RecordRows, limit: number, contigs: readonly string[]) {
  const formatter = new RecordFormatter(style), kernel = RecordKernel.of(style);
  const { out, sites } = formatter, texts: string[] = [], ends: number[] = [];
  const most = rows.pos.length, part = Math.ceil(most / contigs.length);
  contigs.forEach((contig, n) => {
    formatter.begin(contig);
    kernel?.begin(contig);
    for (let row = n * part, to = Math.min(most, row + part); row < to;) {
      if (out.length >= limit) {
        texts.push(new TextDecoder().decode(out.written()));
        out.length = 0;
      }
      const done = kernel?.write(rows, row, to, out, limit, sites) ?? 0;
      for (let n = 0; n < done; n++) ends.push(kernel!.ends[n]);
      if (done === 0) {
        formatter.write(rows, row);
        ends.push(out.length);
      }
      row += Math.max(1, done);
    }
  });
  texts.push(new TextDecoder().decode(out.written()));
  const { counts, firstPos, lastPos } = sites;
  return { read: { texts, ends, counts, firstPos, lastPos }, taken: kernel?.rows ?? 0 };
}

const usualCode = fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 5, 6);
const anyCode = fc.oneof({ weight: 200, arbitrary: usualCode }, fc.nat(BASE_ALLELES.length + 2));

const cases = fc.array(
  fc.record({ ploidy: fc.integer({ min: 1, max: 4 }), phased: fc.boolean() }),
  { minLength: 1, maxLength: 14 },
).chain((samples) => {
  const length = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
  const codes = (code: fc.Arbitrary<number>) =>
    fc.array(code, { minLength: length, maxLength: length });
  return fc.record({
    samples: fc.constant(samples),
    rows: fc.array(
      fc.record({
        pos: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 2 ** 31 - 1 })),
        ref: fc.oneof({ weight: 20, arbitrary: fc.nat(3) }, fc.nat(BASE_ALLELES.length + 2)),
        alleles: fc.oneof(codes(usualCode), codes(anyCode), codes(fc.constantFrom(0, 1, 2))),
      }),
      { minLength: 1, maxLength: 60, size: "max" },
    ),
    contigs: fc.array(
      fc.constantFrom("1", "chr1", "a_contig_of_16_ch", "x".repeat(255), "y".repeat(256)),
      { minLength: 1, maxLength: 3 },
    ),
    padding: fc.integer({ min: 0, max: 16 }),
    width: fc.constantFrom(1 as const, 1 as const, 1 as const, 2 as const),
    limit: fc.constantFrom(1, 60, 500, 1 << 20),
    homozygous: fc.constantFrom(false, false, false, true),
    sites: fc.record({
      minAlleles: fc.constantFrom(1, 1, 2, 3),
      maxAlleles: fc.constantFrom(2 ** 31, Infinity, 2, 3),
      snpsOnly: fc.boolean(),
      maxMissingRate: fc.constantFrom(1, 1, 0, 0.2),
    }),
  });
});

Deno.test("RecordKernel: random rows give the records, ends and counts that they give without it", () => {
  let taken = 0;
  fc.assert(
    fc.property(cases, ({ samples, rows, contigs, padding, width, limit, homozygous, sites }) => {
      const alleles = [...BASE_ALLELES, ...MORE];
      const style = { format: "vcf", alleles, samples, homozygous, info: [], sites } as const;
      const table = rowsOf(rows, padding, width);
      const fast = written({ ...style }, table, limit, contigs);
      const slow = written({ ...style, kernels: false }, table, limit, contigs);
      assert.equal(slow.taken, 0);
      assert.deepEqual(fast.read, slow.read);
      taken += fast.taken;
    }),
    { numRuns: 2000, seed: 272 },
  );
  assert.ok(taken > 10_000, `the kernel took ${taken} rows only`);
});

Deno.test("RecordKernel: any number of haplotypes, and more than it holds at a time", () => {
  const sites = { minAlleles: 1, maxAlleles: 9, snpsOnly: false, maxMissingRate: 1 };
  for (const length of [...Array(70).keys(), 300, 5007, 20_016]) {
    const samples = Array.from({ length: length + 1 }, () => ({ ploidy: 1, phased: true }));
    const rows = Array.from({ length: length > 999 ? 40 : 3000 }, (_, row) => ({
      pos: row * 11 + 1,
      ref: row & 3,
      alleles: samples.map((_, n) => [0, 1, 2, 3, 5, 6][(row * 5 + n * 7) % (row % 6 + 1)]),
    }));
    const alleles = [...BASE_ALLELES];
    const style = { format: "vcf", alleles, samples, homozygous: false, info: [], sites } as const;
    const table = rowsOf(rows, 0, 1);
    const fast = written({ ...style }, table, 1 << 20, ["1"]);
    const slow = written({ ...style, kernels: false }, table, 1 << 20, ["1"]);
    assert.deepEqual(fast.read, slow.read);
    assert.ok(fast.taken > 0.5 * rows.length);
  }
});
