/** The library as programs call it: addresses, streams, signals, errors, values from JavaScript. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import {
  convert,
  type ConvertRequest,
  InputError,
  InterruptedError,
  Matrix2vcfError,
  type ProgressState,
  UsageError,
} from "../../mod.ts";
import { listing, withFolder } from "../helpers/cli.ts";

const MATRIX = "CHROM\tPOS\tREF\t1a\t1b\n1\t7\tA\tA\tG\n1\t9\tC\tT\tC\n";

function streamOf(text: string, pieces = 3): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text), size = Math.ceil(bytes.length / pieces);
  return ReadableStream.from(
    Array.from({ length: pieces }, (_, piece) => bytes.slice(piece * size, (piece + 1) * size)),
  );
}

/** A stream that keeps what it is given, as it may. */
function keeper() {
  const kept: Uint8Array[] = [];
  let ended: unknown;
  const stream = new WritableStream<Uint8Array>({
    write: (bytes) => void kept.push(bytes),
    close: () => void (ended = "closed"),
    abort: (reason) => void (ended = reason),
  });
  return {
    stream,
    text: async () => await new Blob(kept as BlobPart[]).text(),
    ended: () => ended,
  };
}

async function converted(request: Partial<ConvertRequest>): Promise<string> {
  return await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, MATRIX);
    await convert({ input: `${folder}/m.tsv`, output: `${folder}/o.vcf`, threads: 0, ...request });
    return await Deno.readTextFile(`${folder}/o.vcf`);
  });
}

Deno.test("convert: addresses of files", () =>
  withFolder(async (folder) => {
    const address = (name: string) => new URL(`file://${folder}/a%20b/${name}`);
    await Deno.mkdir(`${folder}/a b`);
    await Deno.writeTextFile(address("m.tsv"), MATRIX);
    await Deno.writeTextFile(address("s.tsv"), "one\t1a\t1b\n");
    await convert({
      input: address("m.tsv"),
      output: address("o.vcf"),
      samplesFile: address("s.tsv"),
      database: address("k.duckdb"),
      threads: 0,
    });
    assert.match(await Deno.readTextFile(`${folder}/a b/o.vcf`), /FORMAT\tone\n1\t7/);
    assert.deepEqual(await listing(`${folder}/a b`), ["k.duckdb", "m.tsv", "o.vcf", "s.tsv"]);
    await assert.rejects(
      convert({ input: new URL("https://example.org/m.tsv"), output: "o.vcf" }),
      { name: "UsageError", message: /only file:/ },
    );
  }));

for (const threads of [0, 2]) {
  Deno.test(`convert: streams in and out, ${threads} threads`, async () => {
    const { stream, text, ended } = keeper();
    const report = await convert({ input: streamOf(MATRIX), output: stream, threads });
    assert.equal(await text(), await converted({}));
    assert.equal(ended(), "closed");
    assert.equal(report.records, 2);
  });
}

Deno.test("convert: a stream that keeps its bytes gets each block's own", async () => {
  const rows = Array.from({ length: 200_000 }, (_, row) => `1\t${row + 1}\tA\tG\tC\n`);
  const matrix = `CHROM\tPOS\tREF\t1a\t1b\n${rows.join("")}`;
  const { stream, text } = keeper();
  await convert({ input: streamOf(matrix, 50), output: stream, threads: 2 });
  const body = (await text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  assert.equal(body.length, 200_000);
  assert.ok(body.every((line, row) => line.startsWith(`1\t${row + 1}\t.\tA\tG,C\t`)));
});

Deno.test("convert: bad input aborts the stream that the output was to go to", async () => {
  const { stream, ended } = keeper();
  const run = convert({ input: streamOf(`${MATRIX}1\t5\tA\tQ\tA\n`), output: stream, threads: 0 });
  await assert.rejects(run, (error: InputError) => {
    assert.ok(error instanceof InputError && error instanceof Matrix2vcfError);
    assert.equal(error.code, "BAD_INPUT");
    assert.deepEqual(error.at, { file: "-", line: 4, column: "1a" });
    assert.equal(ended(), error);
    return true;
  });
});

Deno.test("convert: an input stream that fails fails the run, with its reason as cause", async () => {
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("the line went dead")),
  });
  await assert.rejects(
    convert({ input: broken, output: "-", threads: 0 }),
    { code: "MACHINE", message: "-: the stream ended early: the line went dead" },
  );
});

Deno.test("convert: a signal's reason is what is thrown, and InterruptedError still names it", async () => {
  const reason = new Error("the user left");
  await assert.rejects(converted({ signal: AbortSignal.abort(reason) }), reason);
  await assert.rejects(converted({ signal: AbortSignal.abort() }), (error: Error) => {
    assert.equal(error.name, "AbortError");
    return error instanceof InterruptedError;
  });
  const interrupt = new AbortController();
  const idle = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => {}) });
  const run = convert({ input: idle, output: "-", threads: 0, signal: interrupt.signal });
  setTimeout(() => interrupt.abort(reason), 50);
  await assert.rejects(run, reason);
});

Deno.test("convert: a work folder that cannot be removed is told, and hides neither success nor error", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`, notes: string[] = [];
    await Deno.writeTextFile(input, MATRIX);
    const { removeSync } = Deno;
    Deno.removeSync = (path, options) => {
      // What NFS says of a folder with a file that is still open.
      if (options?.recursive) {
        throw new Error(`Directory not empty (os error 39): remove '${path}'`);
      }
      removeSync(path, options);
    };
    try {
      const onNote = (line: string) => notes.push(line);
      const report = await convert({ input, output, threads: 0, onNote });
      assert.equal(report.records, 2);
      const left = notes.filter((note) =>
        /^warning: '.*\/\.matrix2vcf-.*' is left over/.test(note)
      );
      assert.equal(left.length, 1, notes.join("\n"));
      await Deno.writeTextFile(input, `${MATRIX}1\tx\tA\tA\tA\n`);
      await assert.rejects(convert({ input, output, threads: 0 }), {
        name: "InputError",
        message: /POS/,
      });
    } finally {
      Deno.removeSync = removeSync;
    }
    assert.match(await Deno.readTextFile(output), /\n1\t9\t/);
  }));

Deno.test("convert: a table that is reused took no ingest", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`, database = `${folder}/k.duckdb`;
    await Deno.writeTextFile(input, MATRIX);
    const phases = async (request: ConvertRequest) => {
      const { seconds, reused } = await convert({ ...request, threads: 0 });
      return [reused, ...Object.keys(seconds)];
    };
    const all = ["ingest", "convert", "finish", "total"];
    assert.deepEqual(await phases({ input, output }), [false, ...all]);
    assert.deepEqual(await phases({ input, output, database }), [false, ...all]);
    assert.deepEqual(await phases({ input, output, database }), [true, ...all.slice(1)]);
    assert.deepEqual(await phases({ input: database, output }), [true, ...all.slice(1)]);
  }));

Deno.test("convert: the progress of gzip, of several members, is a share", () =>
  withFolder(async (folder) => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `1\t${row + 1}\tA\tA\tG\n`);
    const parts = ["CHROM\tPOS\tREF\t1a\t1b\n", ...rows.slice(0, 2), rows.slice(2).join("")];
    const input = `${folder}/m.tsv.gz`, states: ProgressState[] = [];
    const bytes = Buffer.concat(parts.map((part) => gzipSync(part)));
    await Deno.writeFile(input, bytes);
    const onProgress = (state: ProgressState) => states.push(state);
    for (const threads of [0, 2]) {
      await convert({ input, output: `${folder}/o.vcf`, threads, onProgress });
    }
    assert.ok(states.length >= 6);
    assert.deepEqual(states.filter(({ share }) => !(share >= 0 && share <= 1)), []);
  }));

// From JavaScript, anything may come.
const WRONG: [option: string, value: unknown, message: RegExp][] = [
  [
    "format",
    "bcf",
    /^`format` is one of vcf, haplotype, haplotype-legacy, tsv, matrix, sites, genotypes, not 'bcf'$/,
  ],
  ["ploidy", 3, /^`ploidy` is one of auto, 1, 2, not '3'$/],
  ["ploidy", "2", /^`ploidy` is one of/],
  ["gap", "no-call", /^`gap` is one of missing, star, error/],
  ["iupac", "both", /^`iupac` is one of error, missing, split/],
  ["index", "bai", /^`index` is one of auto, tbi, csi, none/],
  ["refMismatch", "ignore", /^`refMismatch` is one of error, skip, count/],
  ["onBadRow", "ignore", /^`onBadRow` is one of error, skip/],
  ["info", ["AC", "DP"], /^`info` is some of AC, AN, AF, NS.*not 'DP'$/],
  ["missing", "NA", /^`missing` is a list of texts, not 'NA'$/],
  ["missing", [7], /^`missing` is a list of texts/],
  ["info", "AC", /^`info` is a list of texts/],
  ["snpsOnly", "false", /^`snpsOnly` is true or false, not 'false'$/],
  ["unphased", 1, /^`unphased` is true or false/],
  ["regions", 22, /^`regions` is a text/],
  ["database", 5, /^`database` is a path/],
  ["onNote", "say", /^`onNote` is a function/],
  ["threads", "two", /^`threads` is a whole number/],
  ["memory", "512MiB", /^`memory` is a number of bytes, not '512MiB'$/],
  ["memory", "2000000000", /^`memory` is a number of bytes/],
  ["maxMissingRate", "0.5", /^`maxMissingRate` is a number, not '0.5'$/],
  ["maxMissingRate", NaN, /^`maxMissingRate` is a number/],
  ["input", 5, /^`input` is a path or a ReadableStream, not '5'$/],
  ["output", null, /^`output` is a path or a WritableStream, not 'null'$/],
  ["header", null, /^`header` is a path/],
  ["signal", {}, /^`signal` is an AbortSignal/],
  ["minAlleles", "two", /^`minAlleles` is a whole number/],
  ["index", "TBI", /^`index` is one of/],
  ["threads", 1.5, /^`threads` is a whole number/],
  ["memory", 5, /^`memory` is at least 256MiB/],
  ["compressionLevel", 10, /^`compressionLevel` is 1 to 9/],
  ["maxMissingRate", 2, /^`maxMissingRate` is a share/],
];
for (const [option, value, message] of WRONG) {
  Deno.test(`convert: ${option} ${JSON.stringify(value)} is refused`, async () => {
    await assert.rejects(converted({ [option]: value }), (error: UsageError) => {
      assert.ok(error instanceof UsageError);
      assert.equal(error.code, "USAGE");
      assert.match(error.message, message);
      return true;
    });
  });
}
