import assert from "node:assert/strict";
import fc from "fast-check";
import { type ContigSpan, planPartitions } from "../../../src/output/partitions.ts";

function span(name: string, firstLine: number, lastLine: number, sorted = true): ContigSpan {
  const records = lastLine - firstLine + 1;
  return { name, records, minPos: 1, maxPos: 9, firstLine, lastLine, sorted, contigOrdinal: 0 };
}

Deno.test("planPartitions() gives a contig that is not sorted to one thread", () => {
  const plan = planPartitions([span("1", 2, 900, false), span("2", 901, 910)], 10);
  assert.deepEqual(plan.map(({ contig, lines }) => [contig, lines]), [
    ["1", undefined],
    ["2", { first: 901, last: 910 }],
  ]);
});

Deno.test("planPartitions() of nothing is nothing", () => {
  assert.deepEqual(planPartitions([], 10), []);
});

const SPANS = fc.array(
  fc.record({ lines: fc.integer({ min: 1, max: 500 }), sorted: fc.boolean() }),
  { maxLength: 6 },
);
Deno.test("planPartitions() covers every line once, in order, in parts of like size", () => {
  fc.assert(
    fc.property(SPANS, fc.integer({ min: 1, max: 120 }), (sizes, most) => {
      let line = 2;
      const spans = sizes.map(({ lines, sorted }, i) => {
        const made = { ...span(`c${i}`, line, line + lines - 1, sorted), contigOrdinal: i };
        line += lines;
        return made;
      });
      const plan = planPartitions(spans, most);
      assert.deepEqual(plan.map(({ ordinal }) => ordinal), [...plan.keys()]);
      for (const { name, contigOrdinal, firstLine, lastLine, sorted } of spans) {
        const own = plan.filter(({ contig }) => contig === name);
        assert.ok(own.every((partition) => partition.contigOrdinal === contigOrdinal));
        if (!sorted) {
          assert.deepEqual(own.map(({ lines }) => lines), [undefined]);
          continue;
        }
        let next = firstLine;
        const counts: number[] = [];
        for (const { lines } of own) {
          assert.equal(lines!.first, next);
          next = lines!.last + 1;
          counts.push(next - lines!.first);
        }
        assert.equal(next, lastLine + 1);
        assert.ok(Math.max(...counts) <= most && Math.max(...counts) - Math.min(...counts) <= 1);
      }
    }),
    { seed: 3, numRuns: 300 },
  );
});
