import assert from "node:assert/strict";
import fc from "fast-check";
import { RingConsumer, ringMemory, RingProducer } from "../../../src/ingest/batch_ring.ts";

const SHAPE = { capacity: 4, stride: 3, width: 2, idBytes: 0 } as const;

Deno.test("A ring hands over batches and heads in order, over and over", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }),
      (slots, steps) => {
        const memory = ringMemory(SHAPE, slots);
        const producer = new RingProducer(memory), consumer = new RingConsumer(memory);
        const queue: number[] = [];
        let next = 0;
        for (const produces of steps) {
          assert.equal(consumer.isEmpty(), queue.length === 0);
          if (produces && queue.length < slots) {
            assert.ok(producer.waitForFree(() => true));
            const batch = producer.free();
            batch.rows = next % 5;
            batch.pos.fill(next);
            batch.alleles.fill(next);
            const head = {
              lines: next,
              problemBytes: next + 1,
              sourceBytes: next + 2,
              cell: next,
              crc: 2 ** 32 - 1 - next,
            };
            producer.publish({ ...head, endOfSegment: next % 2 === 0 });
            queue.push(next++);
          } else if (!produces && queue.length > 0) {
            assert.ok(consumer.waitForBatch(() => true));
            const expected = queue.shift()!, batch = consumer.batch();
            assert.deepEqual(consumer.head(), {
              endOfSegment: expected % 2 === 0,
              lines: expected,
              problemBytes: expected + 1,
              sourceBytes: expected + 2,
              cell: expected,
              crc: 2 ** 32 - 1 - expected,
            });
            assert.equal(batch.rows, expected % 5);
            assert.deepEqual([batch.pos[0], batch.pos[3]], [expected, expected]);
            assert.deepEqual([batch.alleles[0], batch.alleles[11]], [expected, expected]);
            consumer.release();
          }
        }
      },
    ),
    { seed: 6, numRuns: 200 },
  );
});

Deno.test("A ring stops waiting when there is nothing to wait for", () => {
  const memory = ringMemory(SHAPE, 1);
  const producer = new RingProducer(memory), consumer = new RingConsumer(memory);
  assert.equal(consumer.waitForBatch(() => false), false);
  producer.free().rows = 1;
  producer.publish({
    endOfSegment: false,
    lines: 1,
    problemBytes: 0,
    sourceBytes: 1,
    crc: 0,
    cell: 0,
  });
  let asked = 0;
  assert.equal(producer.waitForFree(() => asked++ === 0), false);
  assert.equal(asked, 2);
});

Deno.test("A ring wakes the other thread", async () => {
  const memory = ringMemory(SHAPE, 2);
  const code = `import { RingProducer } from ${
    JSON.stringify(import.meta.resolve("../../../src/ingest/batch_ring.ts"))
  };
    self.onmessage = ({ data }) => {
      const ring = new RingProducer(data);
      for (let i = 0; i < 50; i++) {
        ring.waitForFree(() => true);
        ring.free().rows = 1;
        ring.free().pos[0] = i;
        ring.publish({ endOfSegment: i === 49, lines: i, problemBytes: 0, sourceBytes: 0, crc: 0, cell: 0 });
      }
      self.close();
    };`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.postMessage(memory);
  const consumer = new RingConsumer(memory);
  // The worker starts only when this thread lets go of it.
  while (consumer.isEmpty()) await new Promise((resolve) => setTimeout(resolve, 5));
  for (let i = 0; i < 50; i++) {
    assert.ok(consumer.waitForBatch(() => true));
    assert.deepEqual([consumer.batch().pos[0], consumer.head().endOfSegment], [i, i === 49]);
    consumer.release();
  }
  worker.terminate();
  URL.revokeObjectURL(url);
});
