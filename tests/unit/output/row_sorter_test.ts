/**
 * Rows out of order are sorted by contig, position and line, however little memory there is.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ROW_BITS } from "../../../src/output/ordered_rows.ts";
import { placeKey } from "../../../src/output/row_bins.ts";
import { orderBy } from "../../../src/output/row_order.ts";
import { type PageShape, RowPages, type UnsortedRows } from "../../../src/output/row_pages.ts";
import { NO_EXTRAS } from "../../../src/matrix/dialects/dialect.ts";
import { RowSorter } from "../../../src/output/row_sorter.ts";
import { exists } from "../../../src/base/files.ts";
import { withFolder } from "../../helpers/cli.ts";

Deno.test("orderBy(): the order of a stable sort by all columns, whatever the numbers", () => {
  const number = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (rows) => {
      const [low, high] = [0, 1].map((at) => Uint32Array.from(rows, (row) => row[at]));
      const expected = rows.map((_, row) => row)
        .sort((a, b) => rows[a][1] - rows[b][1] || rows[a][0] - rows[b][0] || a - b);
      assert.deepEqual([...orderBy([low, high])], expected);
    }),
    { seed: 27, numRuns: 300 },
  );
});

interface Row {
  place: number;
  pos: number;
  line: number;
  id: string;
}

/** Codes of a row of the test: so many that few rows fill a page. */
const STRIDE = 4096;
const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Returns rows as the reader gives them; each has its line as first and last code. */
/** ALTs of a row of the test: none, one, or as many as there can be. */
function altsOf(line: number): Uint32Array | null {
  const length = line % 7 === 0 ? 0 : line % 101 === 0 ? 1 << 13 : 1;
  return length === 0 ? null : new Uint32Array(length).fill(line);
}

function unsorted(rows: Row[], { stride, width, parts }: PageShape): UnsortedRows {
  const { hasId } = parts;
  const column = (of: (row: Row) => number) => Uint32Array.from(rows, of);
  const kind = width === 1 ? Uint8Array : Uint32Array, alleles = new kind(rows.length * stride);
  rows.forEach(({ line }, n) => alleles[n * stride] = alleles[(n + 1) * stride - 1] = line % 8);
  return {
    rows: rows.length,
    chrom: column(({ place }) => place),
    pos: column(({ pos }) => pos),
    line: column(({ line }) => line),
    ref: column(({ line }) => line % 5),
    alleles,
    id: hasId ? (row) => rows[row].id === "" ? null : encoder.encode(rows[row].id) : undefined,
    ...parts.alt ? { alt: (row: number) => altsOf(rows[row].line) } : {},
    ...parts.freq ? { freq: (row: number) => encoder.encode(`f${rows[row].line}`) } : {},
    ...parts.phase ? { phased: Uint8Array.from(rows, ({ line }) => line % 4) } : {},
    ...parts.sets ? { sets: Uint32Array.from(rows.flatMap(({ line }) => [line, line + 1])) } : {},
  };
}

/** Sorts rows with the least memory, and returns what comes out. */
async function sorted(rows: Row[], shape: PageShape): Promise<{ rows: Row[]; spilled: boolean }> {
  return await withFolder(async (folder) => {
    const path = `${folder}/rows`, out: Row[] = [];
    const keys = rows.map(({ place, pos }) => placeKey(place, pos)).sort((a, b) => a - b);
    let spilled = false;
    {
      using pages = new RowPages(shape, 0, path);
      const range = { first: keys[0], last: keys.at(-1)! };
      const sorter = new RowSorter(pages, { rows: rows.length, keys: range }, 100);
      for (let n = 0; n < rows.length; n += 50) {
        sorter.add(unsorted(rows.slice(n, n + 50), shape));
      }
      spilled = await exists(path);
      for (const { contig, chunks, order } of sorter.sorted()) {
        for (const at of order) {
          const page = chunks[at >>> ROW_BITS], row = at & ((1 << ROW_BITS) - 1);
          const line = page.line(row) - 100, end = (row + 1) * page.stride - 1;
          assert.equal(page.ref[row], line % 5);
          const [first, last] = [page.alleles[row * page.stride], page.alleles[end]];
          if (shape.packed) assert.equal(first, line % 8);
          else assert.deepEqual([first, last], [line % 8, line % 8]);
          const id = page.id?.(row);
          if (shape.parts.alt) assert.deepEqual(page.alt!(row), altsOf(line));
          if (shape.parts.freq) assert.equal(decoder.decode(page.freq!(row)!), `f${line}`);
          if (shape.parts.phase) assert.equal(page.phased![row], line % 4);
          if (shape.parts.sets) {
            assert.deepEqual([...page.sets!.subarray(2 * row, 2 * row + 2)], [line, line + 1]);
          }
          out.push({ place: contig, pos: page.pos[row], line, id: id ? decoder.decode(id) : "" });
        }
      }
    }
    assert.equal(await exists(path), false, "the file is gone");
    return { rows: out, spilled };
  });
}

function inOrder(rows: Row[]): Row[] {
  return rows.toSorted((a, b) => a.place - b.place || a.pos - b.pos || a.line - b.line);
}

/** Rows whose numbers are remainders, so that they are in no order. */
function made(rows: number, placeOf: (n: number) => number, posOf: (n: number) => number): Row[] {
  return Array.from({ length: rows }, (_, n) => {
    const line = n * 389 % rows;
    return { place: placeOf(line), pos: posOf(line), line, id: line % 3 ? `id${line}` : "" };
  });
}

const CASES: [what: string, rows: Row[]][] = [
  ["positions all over", made(1009, () => 0, (n) => n * 7919 % 100_003)],
  ["many contigs, ties", made(1009, (n) => n % 7, (n) => n % 11)],
  ["one position", made(1009, () => 0, () => 2 ** 31 - 1)],
  ["two heaps far apart", made(1009, () => 3, (n) => n % 2 ? 1 + n % 5 : 2_000_000_000 + n % 3)],
  ["nearly all on one position", made(1009, () => 0, (n) => n === 5 ? 1 : n === 6 ? 2e9 : 77)],
  ["one row", made(1, () => 0, () => 9)],
];
/** What rows of the test have beside codes. */
const PARTS = { ...NO_EXTRAS, hasId: false, samples: 2 };
const SHAPES: [what: string, shape: PageShape][] = [
  ["packed", { stride: STRIDE / 8, width: 4, packed: true, parts: PARTS }],
  ["codes", { stride: STRIDE, width: 1, packed: false, parts: PARTS }],
  ["wide codes and IDs", {
    ...{ stride: STRIDE, width: 4, packed: false },
    parts: { ...PARTS, hasId: true },
  }],
  ["a dialect", {
    ...{ stride: STRIDE, width: 1, packed: false },
    parts: {
      alt: true,
      freq: true,
      phase: true,
      sets: true,
      absent: true,
      hasId: true,
      samples: 2,
    },
  }],
];
for (const [what, rows] of CASES) {
  for (const [kind, shape] of SHAPES) {
    Deno.test(`rows are sorted in the least memory: ${what}, ${kind}`, async () => {
      const result = await sorted(rows, shape), expected = inOrder(rows);
      const ids = shape.parts.hasId ? expected : expected.map((row) => ({ ...row, id: "" }));
      assert.deepEqual(result.rows, ids);
      assert.equal(result.spilled, rows.length > 1, "and some of them lay in a file");
    });
  }
}

Deno.test("IDs of any length have room, however few rows of a page they leave", async () => {
  const shape: PageShape = { stride: 16, width: 4, packed: true, parts: { ...PARTS, hasId: true } };
  const rows = made(2003, () => 0, (n) => n % 1000).map((row) => {
    return { ...row, id: "x".repeat(row.line * 31 % 4097) };
  });
  assert.deepEqual((await sorted(rows, shape)).rows, inOrder(rows));
});

Deno.test("a file for rows that cannot be written is the machine's fault, and named", () => {
  const [, rows] = CASES[0], [, shape] = SHAPES[0], path = "/no/such/folder/spill.0.rows";
  using pages = new RowPages(shape, 0, path);
  const sorter = new RowSorter(pages, { rows: rows.length, keys: { first: 0, last: 9 } }, 1);
  assert.throws(() => sorter.add(unsorted(rows, shape)), {
    name: "MachineError",
    message: /^\/no\/such\/folder\/spill\.0\.rows: it, or its folder, was removed meanwhile; /,
  });
});
