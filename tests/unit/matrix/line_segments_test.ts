/**
 * Segments and pieces of lines, against a plain look at the whole text.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../../../src/base/errors.ts";
import {
  gzipPieces,
  type Piece,
  plainPieces,
  type RowSource,
  segmentCount,
} from "../../../src/matrix/line_segments.ts";
import { withFolder } from "../../helpers/cli.ts";

const decoder = new TextDecoder();

/** A piece, its bytes copied: they are valid until the next one only. */
interface Taken extends Omit<Piece, "raw"> {
  text: string;
}

function taken({ raw, ...piece }: Piece): Taken {
  return { ...piece, text: decoder.decode(raw.slice(piece.from, piece.to)) };
}

/** The lines from an offset on; the last one gets its end. */
function linesFrom(text: string, start: number): { at: number; line: string }[] {
  const lines: { at: number; line: string }[] = [];
  for (let at = start; at < text.length;) {
    const end = text.indexOf("\n", at);
    lines.push({ at, line: end < 0 ? text.slice(at) + "\n" : text.slice(at, end + 1) });
    at = end < 0 ? text.length : end + 1;
  }
  return lines;
}

function sourceOf(path: string, text: string, more: Partial<RowSource>): RowSource {
  const source = {
    path,
    shown: "m.tsv",
    gzip: false,
    size: text.length,
    start: 0,
    segmentBytes: 8,
    cellBytes: 24,
  };
  return { ...source, ...more };
}

const TEXTS = fc.record({
  lines: fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\t", "\r"), maxLength: 40 }), {
    maxLength: 20,
  }),
  lastEnd: fc.boolean(),
  skipped: fc.nat(4),
}).map(({ lines, lastEnd, skipped }) => {
  const text = lines.join("\n") + (lastEnd && lines.length > 0 ? "\n" : "");
  const starts = [0, ...linesFrom(text, 0).map(({ at }) => at), text.length];
  return { text, start: starts[Math.min(skipped, starts.length - 1)] };
});

Deno.test("plainPieces(): a segment has the lines that start in it", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.tsv`;
    await fc.assert(
      fc.asyncProperty(
        TEXTS,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async ({ text, start }, segmentBytes, producers) => {
          await Deno.writeTextFile(path, text);
          const cellBytes = 3 * segmentBytes;
          const source = sourceOf(path, text, { start, segmentBytes, cellBytes });
          const pieces: Taken[] = [];
          for (let first = 0; first < producers; first++) {
            for (const piece of plainPieces(source, first, producers)) {
              assert.equal(piece.segment % producers, first);
              pieces.push(taken(piece));
            }
          }
          pieces.sort((a, b) => a.segment - b.segment);
          assert.deepEqual(pieces.map(({ segment }) => segment), [
            ...Array(segmentCount(source)).keys(),
          ]);
          assert.ok(pieces.every((piece) => piece.first && piece.last));
          assert.equal(pieces.reduce((sum, { bytes }) => sum + bytes, 0), text.length - start);
          const lines = linesFrom(text, start);
          for (const piece of pieces) {
            const own = lines.filter(({ at }) =>
              Math.floor((at - start) / segmentBytes) === piece.segment
            );
            assert.equal(piece.text, own.map(({ line }) => line).join(""));
            assert.equal(piece.cell, Math.floor(piece.segment / 3));
          }
        },
      ),
      { seed: 8, numRuns: 400 },
    );
  });
});

Deno.test("plainPieces(): a line longer than many segments, and than the buffer", () =>
  withFolder(async (folder) => {
    const path = `${folder}/m.tsv`;
    const text = `ab\n${"x".repeat(400_000)}\nlast`;
    await Deno.writeTextFile(path, text);
    const source = sourceOf(path, text, { segmentBytes: 1000 });
    const pieces = [...plainPieces(source, 0, 1)].map((piece) => piece.to - piece.from);
    assert.equal(pieces.length, 401);
    assert.equal(pieces[0], 400_004);
    assert.equal(pieces[400], 5);
    assert.ok(pieces.slice(1, 400).every((bytes) => bytes === 0));
  }));

/** Cuts a text into gzip members, some of them empty. */
function members(text: string, cuts: number[]): Uint8Array {
  const at = cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
  const parts = [0, ...at].map((from, i) => gzipSync(text.slice(from, at[i] ?? text.length)));
  return Buffer.concat(parts);
}

Deno.test("gzipPieces(): one segment in pieces of whole lines, all members of the file", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/m.tsv.gz`;
    await fc.assert(
      fc.asyncProperty(
        TEXTS,
        fc.array(fc.nat(), { maxLength: 4 }),
        async ({ text, start }, cuts) => {
          const packed = members(text, cuts);
          await Deno.writeFile(path, packed);
          const source = sourceOf(path, text, { start, gzip: true, size: packed.length });
          const pieces: Taken[] = [];
          for await (const piece of gzipPieces(source)) pieces.push(taken(piece));
          const lines = linesFrom(text, start);
          assert.equal(
            pieces.map((piece) => piece.text).join(""),
            lines.map(({ line }) => line).join(""),
          );
          for (const cell of new Set(pieces.map((piece) => piece.cell))) {
            const own = lines.filter(({ at }) => Math.floor((at - start) / 24) === cell);
            const found = pieces.filter((piece) => piece.cell === cell);
            assert.equal(
              found.map((piece) => piece.text).join(""),
              own.map(({ line }) => line).join(""),
            );
          }
        },
      ),
      { seed: 8, numRuns: 60 },
    );
  });
});

Deno.test("gzipPieces(): pieces of a long file, of long lines too", () =>
  withFolder(async (folder) => {
    const path = `${folder}/m.tsv.gz`;
    const text = `${"short\n".repeat(400_000)}${"x".repeat(3_000_000)}\n${"end\n".repeat(9)}no end`;
    const packed = members(text, [1_000_000, 1_000_001, 4_000_000]);
    await Deno.writeFile(path, packed);
    const source = sourceOf(path, text, { start: 6, gzip: true, size: packed.length });
    assert.equal(segmentCount(source), 1);
    const pieces: Taken[] = [];
    for await (const piece of gzipPieces(source)) pieces.push(taken(piece));
    assert.ok(pieces.length > 2);
    assert.ok(pieces.every((piece) => piece.segment === 0));
    assert.ok(pieces.every((piece) => piece.text.endsWith("\n") || piece.last));
    assert.deepEqual(pieces.map(({ first }) => first), pieces.map((_, i) => i === 0));
    assert.deepEqual(pieces.map(({ last }) => last), pieces.map((_, i) => i === pieces.length - 1));
    assert.ok(pieces.map((piece) => piece.text).join("") === `${text.slice(6)}\n`, "text differs");
    assert.equal(pieces.reduce((sum, { bytes }) => sum + bytes, 0), packed.length);
  }));

const DAMAGED: { name: string; damage: (bytes: Uint8Array) => Uint8Array; message: RegExp }[] = [
  {
    name: "truncated",
    damage: (bytes) => bytes.slice(0, -9),
    message: /ends early: it is truncated/,
  },
  {
    name: "truncated in a second member",
    damage: (bytes) => Buffer.concat([bytes, bytes.slice(0, 14)]),
    message: /ends early: it is truncated/,
  },
  {
    name: "damaged",
    damage: (bytes) => bytes.with(30, bytes[30] ^ 0xff),
    message: /the gzip file is damaged: .*; copy or make it again/,
  },
];
for (const { name, damage, message } of DAMAGED) {
  Deno.test(`gzipPieces() of a ${name} file throws`, () =>
    withFolder(async (folder) => {
      const path = `${folder}/m.tsv.gz`, text = "a b c d e f\n".repeat(200);
      await Deno.writeFile(path, damage(new Uint8Array(gzipSync(text))));
      const read = async () => {
        for await (const _ of gzipPieces(sourceOf(path, text, { gzip: true }))) { /* read on */ }
      };
      await assert.rejects(read, (error) => {
        assert.ok(error instanceof InputError);
        assert.equal(error.at.file, "m.tsv");
        assert.match(error.detail, message);
        return true;
      });
    }));
}

/** Bytes that are read of files while something is done. */
function bytesRead(work: () => void): number {
  const { prototype } = Deno.FsFile, { readSync } = prototype;
  let bytes = 0;
  prototype.readSync = function (into) {
    const read = readSync.call(this, into);
    bytes += read ?? 0;
    return read;
  };
  try {
    work();
  } finally {
    prototype.readSync = readSync;
  }
  return bytes;
}

Deno.test("plainPieces() of a part reads little more than the part", () =>
  withFolder(async (folder) => {
    const MIB = 1 << 20, line = `${"x".repeat(999)}\n`, path = `${folder}/m.tsv`;
    await Deno.writeTextFile(path, line.repeat(24_000));
    const source = sourceOf(path, line.repeat(24_000), {
      start: 4 * MIB,
      segmentBytes: 4 * MIB,
      cellBytes: 4 * MIB,
      part: { end: 16 * MIB, midway: true },
    });
    let lines = 0;
    const read = bytesRead(() => {
      for (const { from, to } of plainPieces(source, 0, 1)) lines += (to - from) / line.length;
    });
    assert.equal(lines, Math.ceil(16 * MIB / 1000) - Math.ceil(4 * MIB / 1000));
    assert.ok(read >= 12 * MIB && read < 12 * MIB + 3 * 100_000, `${read - 12 * MIB} more`);
  }));
