import assert from "node:assert/strict";
import fc from "fast-check";
import { GridTracker, type LineRange } from "../../../src/matrix/grid.ts";
import { type ContigSpan, cutGroups, groupContigs } from "../../../src/output/partitions.ts";

function span(name: string, firstLine: number, lastLine: number, more = {}): ContigSpan {
  const records = lastLine - firstLine + 1;
  const where = { firstLine, lastLine, minPos: 1, maxPos: 9, code: 0, contigOrdinal: 0 };
  return { name, records, sorted: true, inOrder: true, ...where, ...more };
}

/** The names of the contigs of each group. */
function names(spans: ContigSpan[], grid: LineRange[], most = 1000): string[] {
  return groupContigs(spans, grid, most).map(({ contigs }) =>
    contigs.map(({ name }) => name).join("")
  );
}

const ONE = [{ first: 2, last: 21 }], TWO = [{ first: 2, last: 11 }, { first: 12, last: 21 }];

Deno.test("groupContigs(): contigs between the first and the last of a range are one group", () => {
  const spans = ["a", "b", "c", "d", "e"].map((name, i) => span(name, 2 + 4 * i, 5 + 4 * i));
  assert.deepEqual(names(spans, ONE), ["a", "bcd", "e"]);
  assert.deepEqual(names(spans, TWO), ["a", "b", "c", "d", "e"]);
  assert.deepEqual(names(spans, [{ first: 1, last: 30 }]), ["abcde"]);
  assert.deepEqual(names([], ONE), []);
});

Deno.test("groupContigs(): a contig that is left out breaks no group; one of another range does", () => {
  const spans = ["a", "b", "c", "d", "e"].map((name, i) => span(name, 2 + 4 * i, 5 + 4 * i));
  assert.deepEqual(names(spans.filter(({ name }) => name !== "c"), ONE), ["a", "bd", "e"]);
  const two = [{ first: 2, last: 13 }, { first: 14, last: 21 }];
  assert.deepEqual(names(spans, two), ["a", "b", "c", "d", "e"]);
});

Deno.test("groupContigs(): small contigs out of place are read together, up to a number of rows", () => {
  const grid = Array.from({ length: 10 }, (_, i) => ({ first: 10 * i, last: 10 * i + 9 }));
  const spans = [5, 1, 7, 3, 9].map((cell) => span(String(cell), 10 * cell, 10 * cell + 9));
  assert.deepEqual(names(spans, grid), ["51739"]);
  assert.deepEqual(names(spans, grid, 20), ["51", "73", "9"]);
  const inPlace = spans.toSorted((a, b) => a.firstLine - b.firstLine);
  assert.deepEqual(names(inPlace, grid), ["1", "3", "5", "7", "9"]);
});

Deno.test("groupContigs(): large contigs out of place stay apart", () => {
  const spans = [span("b", 9_000, 18_000), span("a", 1, 8_999)];
  assert.deepEqual(names(spans, [{ first: 1, last: 18_000 }], 2 ** 20), ["b", "a"]);
});

Deno.test("cutGroups(): a contig in order is cut at the edges of the grid, another one is not", () => {
  const cut = (contig: ContigSpan, grid = TWO) =>
    cutGroups(groupContigs([contig], grid, 10), grid).map(({ lines, toSort }) => [lines, toSort]);
  assert.deepEqual(cut(span("a", 4, 15)), [
    [[{ first: 4, last: 11 }], undefined],
    [[{ first: 12, last: 15 }], undefined],
  ]);
  const mixed = { sorted: false, minPos: 3 }, toSort = { rows: 12, keys: { first: 3, last: 9 } };
  // Ranges of few lines have long rows, and are read one by one.
  assert.deepEqual(cut(span("a", 4, 15, mixed)), [
    [[{ first: 4, last: 11 }, { first: 12, last: 15 }], toSort],
  ]);
  const grid = [{ first: 2, last: 9000 }, { first: 9001, last: 18_000 }];
  assert.deepEqual(cut(span("a", 4, 15_000, mixed), grid).map(([lines]) => lines), [
    [{ first: 4, last: 15_000 }],
  ]);
});

Deno.test("cutGroups(): what regions leave out between two ranges is no cut", () => {
  const contigs = [span("a", 4, 15)];
  const lines = [{ first: 4, last: 5 }, { first: 8, last: 9 }, { first: 11, last: 13 }];
  const cut = cutGroups([{ contigs, rows: 7, lines }], TWO).map(({ lines }) => lines);
  assert.deepEqual(cut, [
    [{ first: 4, last: 5 }, { first: 8, last: 9 }, { first: 11, last: 11 }],
    [{ first: 12, last: 13 }],
  ]);
});

Deno.test("cutGroups(): a range between the cells, as of a region without rows, is nothing", () => {
  const grid = [{ first: 2, last: 4 }, { first: 9, last: 12 }], contigs = [span("a", 2, 12)];
  const lines = [{ first: 5, last: 8 }, { first: 10, last: 10 }];
  const cut = cutGroups([{ contigs, rows: 1, lines }], grid).map(({ lines }) => lines);
  assert.deepEqual(cut, [[{ first: 10, last: 10 }]]);
});

/** Batches of rows as they come from ingest: cell by cell, with lines left out. */
const CELLS = fc.array(
  fc.record({ rows: fc.integer({ min: 0, max: 40 }), gaps: fc.integer({ min: 0, max: 3 }) }),
  { minLength: 1, maxLength: 12 },
);

Deno.test("the grid and the cuts cover each line once, in order, whatever the batches", () => {
  fc.assert(
    fc.property(CELLS, fc.integer({ min: 1, max: 9 }), (cells, batch) => {
      const grids = [batch, 1000].map((most) => {
        const grid = new GridTracker();
        let line = 1;
        cells.forEach(({ rows, gaps }, cell) => {
          const lines = Array.from({ length: rows }, () => line += 1 + (line % 7 < gaps ? 1 : 0));
          for (let from = 0; from < rows; from += most) {
            const part = Uint32Array.from(lines.slice(from, from + most));
            grid.add({ rows: part.length, line: part }, 10, cell);
          }
        });
        return { ranges: grid.ranges, last: line + 10 };
      });
      const [{ ranges, last }, whole] = grids;
      assert.deepEqual(ranges, whole.ranges);
      assert.equal(ranges.length, cells.filter(({ rows }) => rows > 0).length);
      const cuts = cutGroups(groupContigs([span("a", 11, last)], ranges, 10), ranges);
      assert.deepEqual(cuts.flatMap(({ lines }) => lines), ranges);
      assert.equal(cuts.length, ranges.length);
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("a cell of more than 65,536 lines has several ranges, cut from its first line on", () => {
  for (const batch of [2048, 1999]) {
    const grid = new GridTracker();
    grid.add({ rows: 1, line: Uint32Array.of(1) }, 0, 0);
    for (let from = 2; from < 150_000; from += batch) {
      const line = Uint32Array.from(
        { length: Math.min(batch, 150_000 - from) },
        (_, i) => from + i,
      );
      grid.add({ rows: line.length, line }, 0, 1);
    }
    assert.deepEqual(grid.ranges, [
      { first: 1, last: 1 },
      { first: 2, last: 65_537 },
      { first: 65_538, last: 131_073 },
      { first: 131_074, last: 149_999 },
    ]);
  }
});
