import assert from "node:assert/strict";
import fc from "fast-check";
import { Dictionary, UPPER_CASE } from "../../../src/base/dictionary.ts";
import { enumWidth } from "../../../src/base/codes.ts";
import { codesView } from "../../../src/base/codes.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("Dictionary folds case, but not that of symbolic alleles", () => {
  const alleles = new Dictionary(["A", "AC", "<DEL>"], UPPER_CASE);
  const find = (text: string) => alleles.find(bytes(text), 0, bytes(text).length);
  assert.deepEqual(["a", "aC", "<DEL>", "<del>", "C", ""].map(find), [0, 1, 2, -1, -1, -1]);
  assert.equal(alleles.addText("acgt"), 3);
  assert.equal(alleles.addText("<del>"), 4);
  assert.deepEqual(alleles.texts(2), ["<DEL>", "ACGT", "<del>"]);
});

Deno.test("Dictionary looks at the given bytes only", () => {
  const contigs = new Dictionary(["1", "11", "chr1"]);
  const raw = bytes("x111chr1y");
  assert.deepEqual([[1, 2], [1, 3], [1, 4], [4, 8]].map(([a, b]) => contigs.find(raw, a, b)), [
    ...[0, 1, -1, 2],
  ]);
});

const TEXTS = fc.array(
  fc.oneof(
    fc.string({ unit: fc.constantFrom("A", "C", "a", "<", ">", "ü"), maxLength: 6 }),
    fc.integer({ min: 0, max: 5000 }).map(String),
    fc.integer({ min: 1, max: 5000 }).map((length) => "G".repeat(length)),
  ),
  { maxLength: 400 },
);
Deno.test("Dictionary gives the codes that a Map would", () => {
  fc.assert(
    fc.property(TEXTS, fc.boolean(), (texts, folds) => {
      const fold = (text: string) =>
        folds && !text.startsWith("<") ? text.replaceAll(/[a-z]/g, (c) => c.toUpperCase()) : text;
      const dictionary = new Dictionary([], folds ? UPPER_CASE : undefined);
      const expected = new Map<string, number>();
      for (const text of texts) {
        const raw = bytes(`>${text}<`), key = fold(text);
        assert.equal(dictionary.find(raw, 1, raw.length - 1), expected.get(key) ?? -1);
        if (!expected.has(key)) expected.set(key, expected.size);
        assert.equal(dictionary.add(raw, 1, raw.length - 1), expected.get(key));
      }
      assert.equal(dictionary.size, expected.size);
      assert.deepEqual(dictionary.texts(), [...expected.keys()]);
    }),
    { seed: 9, numRuns: 60 },
  );
});

Deno.test("Dictionary keeps 70,000 entries apart", () => {
  const dictionary = new Dictionary();
  for (let i = 0; i < 70_000; i++) assert.equal(dictionary.addText(`allele ${i}`), i);
  for (let i = 0; i < 70_000; i += 997) {
    const raw = bytes(`allele ${i}`);
    assert.equal(dictionary.find(raw, 0, raw.length), i);
    assert.equal(dictionary.text(i), `allele ${i}`);
  }
});

Deno.test("enumWidth() is DuckDB's, and codesView() goes by it", () => {
  assert.deepEqual([1, 255, 256, 65_535, 65_536].map(enumWidth), [1, 1, 2, 2, 4]);
  const buffer = new ArrayBuffer(16);
  for (const [width, kind] of [[1, Uint8Array], [2, Uint16Array], [4, Uint32Array]] as const) {
    const view = codesView(width, buffer, 8, 2);
    assert.ok(view instanceof kind);
    assert.deepEqual([view.byteOffset, view.length], [8, 2]);
  }
});
