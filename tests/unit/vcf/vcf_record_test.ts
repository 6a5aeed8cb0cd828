/**
 * Records as bytes, against texts put together one after the other.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { BASE_ALLELES, MISSING } from "../../../src/base/alleles.ts";
import { enumWidth } from "../../../src/base/codes.ts";
import { codesView } from "../../../src/base/codes.ts";
import { INFO_TAGS } from "../../../src/vcf/info_fields.ts";
import { type RecordRows, type RowStyle, wordsOf } from "../../../src/vcf/row_formatter.ts";
import { ALL_SITES } from "../../../src/vcf/site_filter.ts";
import { RecordFormatter } from "../../../src/vcf/vcf_record.ts";

const MORE = [
  "AT",
  "<DEL>",
  "ACGTACGTACGTACGTACGTACGTACGTACGTACGTACGT",
  "GG",
  "GC",
  "GA",
  "GT",
  "CA",
];

interface Row {
  pos: number;
  ref: number;
  alleles: number[];
  id: string | null;
}

function rowsOf(rows: Row[], width: 1 | 2 | 4): RecordRows {
  const codes = (values: number[]) => {
    const view = codesView(width, new ArrayBuffer(values.length * width), 0, values.length);
    view.set(values);
    return view;
  };
  const idOf = (row: number) => {
    const { id } = rows[row];
    return id === null ? null : new TextEncoder().encode(id);
  };
  const stride = 8 / width * Math.ceil(rows[0].alleles.length * width / 8);
  // What rounds a row up to whole words is no haplotype.
  const alleles = codes(
    rows.flatMap(({ alleles }) => [...alleles, ...Array(stride - alleles.length).fill(3)]),
  );
  return {
    pos: Uint32Array.from(rows, ({ pos }) => pos),
    ref: codes(rows.map(({ ref }) => ref)),
    alleles,
    words: wordsOf(alleles),
    stride,
    id: rows.some(({ id }) => id !== null) ? idOf : undefined,
    line: (row) => row + 2,
  };
}

function written(style: Omit<RowStyle, "format">, rows: Row[]): string {
  const formatter = new RecordFormatter({ ...style, format: "vcf" });
  formatter.begin("chr1");
  const columns = rowsOf(rows, enumWidth(style.alleles.length));
  for (let row = 0; row < rows.length; row++) formatter.write(columns, row);
  return new TextDecoder().decode(formatter.out.written());
}

/** The same, slowly. */
function expected({ alleles, samples, homozygous, info }: Omit<RowStyle, "format">, rows: Row[]) {
  return rows.map((row) => {
    const sites = [row.ref];
    for (const code of row.alleles) {
      if (code !== MISSING && !sites.includes(code)) sites.push(code);
    }
    let at = 0;
    const calls = samples.map(({ ploidy, phased }) => {
      const own = row.alleles.slice(at, at += ploidy);
      const shown = ploidy === 1 && homozygous ? [own[0], own[0]] : own;
      const texts = shown.map((code) => code === MISSING ? "." : String(sites.indexOf(code)));
      return texts.join(phased ? "|" : "/");
    });
    const called = calls.map((call) => call.split(/[|/]/).filter((index) => index !== "."));
    const tags = [
      `AN=${called.flat().length}`,
      `NS=${called.filter((own) => own.length > 0).length}`,
    ];
    const alts = sites.slice(1).map((code) => alleles[code]);
    const ac = alts.map((_, i) => called.flat().filter((index) => index === String(i + 1)).length);
    if (alts.length > 0) tags.unshift(`AC=${ac}`);
    const fixed = ["chr1", row.pos, row.id ?? ".", alleles[row.ref], alts.join() || ".", ".", "."];
    return [...fixed, info.length > 0 ? tags.join(";") : ".", "GT", ...calls].join("\t") + "\n";
  }).join("");
}

const SAMPLES = fc.array(
  fc.record({ ploidy: fc.constantFrom(1, 2, 2, 2, 3, 4), phased: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
);
const CASES = fc.record({
  samples: SAMPLES,
  homozygous: fc.boolean(),
  info: fc.constantFrom([], INFO_TAGS.filter((tag) => tag !== "AF")),
  many: fc.boolean(),
  kinds: fc.array(fc.constantFrom("bases", "bases", "any", "ref", "missing", "two"), {
    minLength: 1,
    maxLength: 12,
  }),
  numbers: fc.array(fc.nat(), { minLength: 64, maxLength: 64 }),
  ids: fc.boolean(),
});

Deno.test("RecordFormatter writes what is put together slowly", () => {
  fc.assert(
    fc.property(CASES, ({ samples, homozygous, info, many, kinds, numbers, ids }) => {
      const fill = many ? Array.from({ length: 300 }, (_, i) => `T${"A".repeat(i)}`) : [];
      const alleles = [...BASE_ALLELES, ...MORE, ...fill];
      const style = { alleles, samples, homozygous, info, sites: ALL_SITES };
      const haplotypes = samples.reduce((sum, { ploidy }) => sum + ploidy, 0);
      let n = 0;
      const next = (below: number) => (numbers[n % numbers.length] ^ n++ * 40_503) % below;
      const rows = kinds.map((kind): Row => {
        const ref = kind === "any" ? [0, 4, 7, 9][next(4)] : next(5);
        const cell = {
          bases: () => [0, 1, 2, 3, 5, 6][next(6)],
          any: () => [5, ...alleles.keys()].filter((code) => code !== 4)[next(alleles.length)],
          ref: () => ref === 4 ? 5 : ref,
          missing: () => MISSING,
          two: () => [ref === 4 ? 0 : ref, 2][next(2)],
        }[kind]!;
        return {
          pos: 1 + next(2 ** 31 - 1),
          ref,
          alleles: Array.from({ length: haplotypes }, cell),
          id: ids && next(2) ? "rs1;x" : null,
        };
      });
      assert.equal(written(style, rows), expected(style, rows));
    }),
    { seed: 12, numRuns: 400 },
  );
});

const ONE_BASE = { homozygous: false, info: [], sites: ALL_SITES, alleles: [...BASE_ALLELES] };
const HAPLOID = (count: number) => Array(count).fill({ ploidy: 1, phased: true });

Deno.test("RecordFormatter: a REF of N keeps its fifth ALT", () => {
  const row = { pos: 7, ref: 4, alleles: [0, 1, 2, 3, 6, 5], id: null };
  assert.equal(
    written({ ...ONE_BASE, samples: HAPLOID(6) }, [row, row]),
    "chr1\t7\t.\tN\tA,C,G,T,*\t.\t.\t.\tGT\t1\t2\t3\t4\t5\t.\n".repeat(2),
  );
});

Deno.test("RecordFormatter: every REF with every order of ALTs", () => {
  const codes = [0, 1, 2, 3, 6];
  for (let ref = 0; ref < 5; ref++) {
    for (const alleles of ordersOf(codes)) {
      const row = { pos: 1, ref, alleles, id: null };
      const style = { ...ONE_BASE, samples: HAPLOID(5) };
      assert.equal(written(style, [row]), expected(style, [row]));
    }
  }
});

function ordersOf(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, i) => ordersOf(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

Deno.test("RecordFormatter: what is left out leaves no bytes and no traces", () => {
  const sites = { ...ALL_SITES, minAlleles: 3 };
  const style = { ...ONE_BASE, alleles: [...BASE_ALLELES, "AT"], sites, samples: HAPLOID(3) };
  const rows = [[0, 7, 0], [7, 1, 0], [0, 0, 0], [7, 2, 5]].map((alleles, i) => ({
    pos: i + 1,
    ref: 0,
    alleles,
    id: null,
  }));
  assert.equal(
    written(style, rows),
    "chr1\t2\t.\tA\tAT,C\t.\t.\t.\tGT\t1\t2\t0\nchr1\t4\t.\tA\tAT,G\t.\t.\t.\tGT\t1\t2\t.\n",
  );
});
