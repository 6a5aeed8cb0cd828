import assert from "node:assert/strict";
import fc from "fast-check";
import { OrderedWriter } from "../../../src/output/ordered_writer.ts";

/** A sink that takes a few bytes at a time, after a while. */
class SlowSink {
  text = "";
  async write(bytes: Uint8Array): Promise<number> {
    await Promise.resolve();
    const some = bytes.subarray(0, 3);
    this.text += new TextDecoder().decode(some);
    return some.length;
  }
}

/** Blocks by partition, and an order in which partitions hand over their next block or their end. */
const RUNS = fc.record({
  blocks: fc.array(fc.array(fc.string({ maxLength: 9, unit: fc.constantFrom(..."abcdef") })), {
    minLength: 1,
    maxLength: 5,
  }),
  turns: fc.array(fc.nat(), { minLength: 80, maxLength: 80 }),
});

Deno.test("OrderedWriter writes partitions in order, whatever comes first", async () => {
  await fc.assert(
    fc.asyncProperty(RUNS, async ({ blocks, turns }) => {
      const sink = new SlowSink(), writer = new OrderedWriter(sink);
      const placed: [number, string][] = [];
      const written: string[] = [];
      writer.prepend(new TextEncoder().encode("header;"));
      const left = blocks.map((own, partition) => ({ partition, own: [...own] }));
      for (let turn = 0; left.length > 0; turn++) {
        const at = (turns[turn % turns.length] + turn) % left.length;
        const { partition, own } = left[at], text = own.shift();
        if (text === undefined) {
          writer.end(partition);
          left.splice(at, 1);
          continue;
        }
        writer.add(partition, {
          bytes: new TextEncoder().encode(text),
          placed: (offset) => placed.push([offset, text]),
          written: () => written.push(text),
        });
      }
      await writer.idle();
      const expected = "header;" + blocks.flat().join("");
      assert.equal(sink.text, expected);
      assert.equal(writer.bytes, expected.length);
      assert.deepEqual(written, blocks.flat());
      assert.deepEqual(placed.map(([, text]) => text), blocks.flat());
      for (const [offset, text] of placed) assert.ok(expected.startsWith(text, offset));
    }),
    { seed: 4, numRuns: 100 },
  );
});

Deno.test("OrderedWriter holds back what is not in turn", async () => {
  const sink = new SlowSink(), writer = new OrderedWriter(sink);
  let written = false;
  writer.add(1, { bytes: new TextEncoder().encode("late"), written: () => written = true });
  writer.end(1);
  await writer.idle();
  assert.deepEqual([sink.text, written, writer.bytes], ["", false, 0]);
  writer.end(0);
  await writer.idle();
  assert.deepEqual([sink.text, written, writer.bytes], ["late", true, 4]);
});

Deno.test("OrderedWriter fails as its sink does, and gives no buffer back", async () => {
  const full = new Error("No space left on device");
  const writer = new OrderedWriter({ write: () => Promise.reject(full) });
  const block = { bytes: new Uint8Array(1), written: () => assert.fail("nothing was written") };
  writer.add(0, block);
  writer.add(0, block);
  await assert.rejects(writer.failure, full);
  await assert.rejects(writer.idle(), full);
});
