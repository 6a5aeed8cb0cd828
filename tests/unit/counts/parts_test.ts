/** Counts of parts add up to those of the whole, however the records are cut: windows and sampled sites. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addSampledSites,
  SAMPLED_SITES,
  type SampledSites,
  SiteSample,
} from "../../../src/counts/site_sample.ts";
import {
  gathered,
  sumOfWindows,
  WindowCounter,
  type WindowCounts,
  windowSize,
  windowsOf,
} from "../../../src/counts/windows.ts";

/** Positions of many records, in order, over a genome of this many bases. */
function positions(records: number, bases: number, seed: number): number[] {
  return Array.from({ length: records }, (_, n) => 1 + (n * 7919 + seed * 104729) % bases)
    .sort((a, b) => a - b);
}

/** Cuts a list at places, which need not be in order. */
function* cut<Item>(items: readonly Item[], places: readonly number[]): Generator<Item[]> {
  const ends = [...new Set(places.map((place) => place % items.length))].sort((a, b) => a - b);
  let from = 0;
  for (const end of [...ends, items.length]) {
    yield items.slice(from, end);
    from = end;
  }
}

function shown(counts: WindowCounts): unknown[] {
  const rows = [...windowsOf(counts)].map(({ contig, window, numbers }) =>
    [contig, window, ...numbers].join()
  );
  return [windowSize(counts.level), ...rows.sort()];
}

Deno.test("windows: sizes divide each other", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5].map(windowSize), [1, 2, 10, 20, 100, 200]);
  for (let level = 0; level < 20; level++) {
    assert.equal(windowSize(level + 1) % windowSize(level), 0);
  }
});

Deno.test("windows: any parts, on one counter or on several, give those of the whole", () => {
  const places = fc.array(fc.nat(), { maxLength: 12 }),
    bases = fc.constantFrom(50, 5e4, 2 ** 31 - 1);
  fc.assert(
    fc.property(places, bases, fc.nat(9), fc.boolean(), (places, bases, seed, several) => {
      const contigs = ["1", "2", "X"];
      const records = contigs.flatMap((contig) =>
        positions(3000, bases, seed).map((pos) => ({ contig, pos }))
      );
      const count = (counter: WindowCounter, part: typeof records): WindowCounts => {
        let contig: string | undefined;
        for (const record of part) {
          if (record.contig !== contig) counter.begin(contig = record.contig);
          counter.add(record.pos, record.pos % 3, record.pos % 5);
        }
        return counter.take();
      };
      const whole = sumOfWindows([count(new WindowCounter(), records)]);
      const one = new WindowCounter();
      let parts: WindowCounts[] = [];
      for (const part of cut(records, places)) {
        parts = gathered([...parts, count(several ? new WindowCounter() : one, part)]);
      }
      assert.deepEqual(shown(sumOfWindows(parts)), shown(whole));
      assert.ok(whole.keys.length <= 2048 + contigs.length);
    }),
    { numRuns: 30, seed: 33 },
  );
});

Deno.test("sampled sites: any parts give those of the whole, the least hashes of all", () => {
  const places = fc.array(fc.nat(), { maxLength: 9 });
  fc.assert(
    fc.property(places, fc.constantFrom(700, 6000), fc.boolean(), (places, records, several) => {
      const all = positions(records, 3000, 1);
      // Several records of a position, with other alleles.
      const codes = all.map((pos, n) => [pos, n] as const);
      const take = (into: SiteSample, part: typeof codes): SampledSites => {
        into.begin("1");
        for (const [pos, n] of part) into.take(pos, Uint8Array.of(0, (pos + n) % 6, 2), 0);
        return into.takeAll();
      };
      const whole = take(new SiteSample(3, 7, -1), codes), one = new SiteSample(3, 7, -1);
      let sum: SampledSites | undefined;
      for (const part of cut(codes, places)) {
        sum = addSampledSites(sum, take(several ? new SiteSample(3, 7, -1) : one, part));
      }
      assert.deepEqual(sum, whole);
      assert.equal(whole.hashes.length, Math.min(records, SAMPLED_SITES));
    }),
    { numRuns: 30, seed: 33 },
  );
});
