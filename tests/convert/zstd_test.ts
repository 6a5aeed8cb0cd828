/**
 * Inputs that are zstd, and what is refused of them; spreadsheets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { cli, cliProcess, listing, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const MATRIX = encode(matrixText({ rows: 3000 }));
const HALF = MATRIX.length >> 1;
/** A frame without content, which readers skip. */
const SKIPPED = new Uint8Array([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);

/** Compresses bytes as the program does: with a checksum. */
function frame(bytes: Uint8Array, checksum = 1): Uint8Array {
  const params = { [constants.ZSTD_c_checksumFlag]: checksum };
  return new Uint8Array(zstdCompressSync(bytes, { params }));
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const WHOLE = frame(MATRIX);
const READ: { name: string; bytes: Uint8Array }[] = [
  { name: "one frame", bytes: WHOLE },
  { name: "a frame without a checksum", bytes: frame(MATRIX, 0) },
  {
    name: "two frames, which part a line",
    bytes: joined(frame(MATRIX.subarray(0, HALF)), frame(MATRIX.subarray(HALF))),
  },
  {
    name: "frames to skip before, between and after",
    bytes: joined(
      SKIPPED,
      frame(MATRIX.subarray(0, 9)),
      SKIPPED,
      frame(MATRIX.subarray(9)),
      SKIPPED,
    ),
  },
  { name: "an empty frame at the end", bytes: joined(WHOLE, frame(new Uint8Array())) },
  { name: "gzip in zstd", bytes: frame(new Uint8Array(gzipSync(MATRIX))) },
];

Deno.test("zstd: the VCF of the plain matrix, and nothing is left over", (t) =>
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/m.tsv`, MATRIX);
    await cli(["convert", "m.tsv", "-o", "plain.vcf", "--quiet"], { cwd: folder });
    const expected = await Deno.readTextFile(`${folder}/plain.vcf`);
    for (const { name, bytes } of READ) {
      await t.step(name, async () => {
        await Deno.writeFile(`${folder}/m.zst`, bytes);
        const args = ["convert", "m.zst", "-o", "o.vcf", "--quiet"];
        const { code, stderr } = await cli(args, { cwd: folder });
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.ok(await Deno.readTextFile(`${folder}/o.vcf`) === expected, "another VCF");
      });
    }
    await t.step("on standard input", async () => {
      const args = ["convert", "-", "-o", "o.vcf", "--quiet"];
      const { code, stderr } = await cliProcess(args, { cwd: folder, stdin: WHOLE });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.ok(await Deno.readTextFile(`${folder}/o.vcf`) === expected, "another VCF");
    });
    await t.step("inspect", async () => {
      const json = async (file: string) => {
        const { stdout } = await cli(["inspect", file, "--json"], { cwd: folder });
        // The time is measured, and a small file that is not compressed takes no worker.
        return JSON.parse(
          stdout,
          (key, value) => key === "seconds" || key === "threads" ? undefined : value,
        );
      };
      const path = "m.zst", header = { file: path, line: 1 };
      await Deno.writeFile(`${folder}/m.zst`, WHOLE);
      const { dialect, ...plain } = await json("m.tsv");
      const command = dialect.command.replace("m.tsv", path);
      const expected = { ...plain, path, header, dialect: { ...dialect, path, command } };
      assert.deepEqual(await json("m.zst"), expected);
    });
    await t.step("a kept table", async () => {
      const args = ["convert", "m.zst", "-o", "o.vcf", "--database", "k.duckdb"];
      await cli(args, { cwd: folder });
      assert.match((await cli(args, { cwd: folder })).stderr, /^reusing the table in k\.duckdb$/m);
      await Deno.writeFile(`${folder}/m.zst`, frame(MATRIX.subarray(0, HALF)));
      assert.match((await cli(args, { cwd: folder })).stderr, /made differently: the input/);
    });
    assert.deepEqual(await listing(folder), [
      "k.duckdb",
      "m.tsv",
      "m.zst",
      "o.vcf",
      "plain.vcf",
    ]);
  }));

/** Returns bytes of which one is another. */
function edited(bytes: Uint8Array, at: number, xor = 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] ^= xor;
  return copy;
}

/** A local header of a zip archive: the name of its first file, and what follows. */
function zip(name: string, content = ""): Uint8Array {
  const header = new Uint8Array(30);
  header.set([0x50, 0x4b, 3, 4, 20]);
  header[26] = name.length;
  return joined(header, encode(name + content));
}

const CUT = /^error: m: the zstd file ends early: it is truncated; copy or make it again$/;
const DAMAGED = /^error: m: the zstd file is damaged: .*; copy or make it again$/;
const EXPORT = /; export its sheet as TAB-separated text \(in Excel: .*soffice .* FILE\)$/;
const REFUSED: { name: string; bytes: Uint8Array; error: RegExp }[] = [
  ...[4, 5, 9, 100, HALF, WHOLE.length - 4, WHOLE.length - 1].map((end) => ({
    name: `zstd, cut after ${end} bytes`,
    bytes: WHOLE.subarray(0, Math.min(end, WHOLE.length - 1)),
    error: CUT,
  })),
  {
    name: "zstd, cut in its second frame",
    bytes: joined(WHOLE, WHOLE.subarray(0, 99)),
    error: CUT,
  },
  {
    name: "zstd, cut in a frame to skip",
    bytes: joined(WHOLE, SKIPPED.subarray(0, 9)),
    error: CUT,
  },
  { name: "zstd, with text behind", bytes: joined(WHOLE, encode("more\n")), error: DAMAGED },
  { name: "zstd, edited", bytes: edited(WHOLE, WHOLE.length >> 1), error: DAMAGED },
  { name: "zstd, with another checksum", bytes: edited(WHOLE, WHOLE.length - 1), error: DAMAGED },
  {
    name: "zstd, with a window of 4 TiB",
    // A descriptor without a size of the content, the window, and a last empty block.
    bytes: new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 1, 0, 0]),
    error: /^error: m: the zstd file needs more than 128 MiB to be read; decompress it \(zstd -dc/,
  },
  {
    name: "zstd of nothing",
    bytes: frame(new Uint8Array()),
    error: /^error: m: the file is empty$/,
  },
  ...["[Content_Types].xml", "xl/worksheets/sheet1.xml", "docProps/app.xml", "_rels/.rels"].map(
    (name) => ({
      name: `.xlsx that begins with ${name}`,
      bytes: zip(name),
      error: new RegExp(`^error: m: the file is an Excel workbook \\(\\.xlsx\\)${EXPORT.source}`),
    }),
  ),
  {
    name: ".ods",
    bytes: zip("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
    error: new RegExp(`^error: m: the file is a spreadsheet of LibreOffice${".*"}${EXPORT.source}`),
  },
  {
    name: ".xls",
    bytes: joined(new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), MATRIX),
    error: new RegExp(`^error: m: the file is a workbook of an old Office${".*"}${EXPORT.source}`),
  },
  {
    name: "another zip archive",
    bytes: zip("m.tsv", "CHROM"),
    error: /^error: m: the file is a zip archive; unpack it/,
  },
];
for (const { name, bytes, error } of REFUSED) {
  Deno.test(`refused: ${name}`, () =>
    withFolder(async (folder) => {
      await Deno.writeFile(`${folder}/m`, bytes);
      const { code, stderr } = await cli(["convert", "m", "-o", "o.vcf", "--quiet"], {
        cwd: folder,
      });
      assert.match(stderr.trimEnd(), error);
      assert.deepEqual([code, stderr.split("\n").length, await listing(folder)], [1, 2, ["m"]]);
    }));
}

Deno.test("refused: a sample sheet that is a workbook", () =>
  withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/m.tsv`, MATRIX);
    await Deno.writeFile(`${folder}/s.xlsx`, zip("xl/workbook.xml"));
    const args = ["convert", "m.tsv", "-S", "s.xlsx", "-o", "o.vcf", "--quiet"];
    const { stderr } = await cli(args, { cwd: folder });
    assert.match(stderr.trimEnd(), new RegExp(`^error: s\\.xlsx: .*workbook.*${EXPORT.source}`));
  }));
