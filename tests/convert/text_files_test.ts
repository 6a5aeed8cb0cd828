/**
 * The small files beside a matrix (header, sample sheet, regions) as people have them: compressed,
 * with a byte order mark, from standard input; and names that are not UTF-8.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { convert } from "../../mod.ts";
import { invalidUtf8 } from "../../src/base/utf8.ts";
import { cli, cliInShell, listing, withFolder } from "../helpers/cli.ts";
import { columnsOf, convertText, readOutput } from "../helpers/convert_text.ts";

const ROWS = "1\t5\tA\tA\tC\n1\t9\tG\tT\tG\n2\t5\tA\tA\tC\n";
const FILES = {
  header: "##x\nCHROM\tPOS\tREF\t10a\t10b\n",
  samplesFile: "second\t10b\nfirst\t10a\n",
  regionsFile: "1\t4\t5\n2\t0\t9\n",
};
const EXPECTED = ["1 5 1 0", "2 5 1 0"];

const KINDS: { name: string; bytes: (text: string) => Uint8Array }[] = [
  { name: "a byte order mark", bytes: (text) => encode(`\ufeff${text}`) },
  { name: "gzip", bytes: (text) => gzipSync(text) },
  { name: "two members of gzip", bytes: twoMembers },
  { name: "gzip and a byte order mark", bytes: (text) => gzipSync(`\ufeff${text}`) },
  {
    name: "CRLF, a mark and no last end",
    bytes: (text) => encode(crlf(`\ufeff${text}`).trimEnd()),
  },
];
for (const { name, bytes } of KINDS) {
  Deno.test(`header, sheet and regions are read with ${name}`, () =>
    withFolder(async (folder) => {
      const input = `${folder}/m.tsv`, output = `${folder}/o.vcf`;
      await Deno.writeTextFile(input, ROWS);
      const paths = Object.fromEntries(
        await Promise.all(
          Object.entries(FILES).map(async ([option, text]) => {
            const path = `${folder}/${option}.bed`;
            await Deno.writeFile(path, new Uint8Array(bytes(text)));
            return [option, path];
          }),
        ),
      );
      await convert({ ...paths, input, output, threads: 0 });
      assert.deepEqual(columnsOf(await readOutput(output), 0, 1, 9, 10), EXPECTED);
    }));
}

Deno.test("a byte order mark before the first region of a file that is no BED", async () => {
  const matrix = `CHROM\tPOS\tREF\t10a\t10b\n${ROWS}`;
  const { text } = await convertText(matrix, { regionsFile: "\ufeff1\t4\t5\n" });
  assert.deepEqual(columnsOf(text, 0, 1), ["1 5"]);
});

Deno.test("header, sheet and regions are read from standard input, each in turn", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, ROWS);
    const files = { header: "h.txt", "samples-file": "s.txt", "regions-file": "r.txt" };
    const texts = [FILES.header, FILES.samplesFile, "1\t5\n2\t1\t9\n"];
    for (const [index, name] of Object.values(files).entries()) {
      await Deno.writeTextFile(`${folder}/${name}`, texts[index]);
    }
    for (const [index, flag] of Object.keys(files).entries()) {
      const flags = Object.entries({ ...files, [flag]: "-" }).flatMap(([key, file]) => [
        `--${key}`,
        file,
      ]);
      const args = ["convert", "m.tsv", "-o", "o.vcf", "--quiet", "--threads", "1", ...flags];
      const stdin = index === 0 ? encode(texts[0]) : new Uint8Array(gzipSync(texts[index]));
      const { code, stderr } = await cli(args, { cwd: folder, stdin });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.deepEqual(columnsOf(await readOutput(`${folder}/o.vcf`), 0, 1, 9, 10), EXPECTED);
    }
  }));

Deno.test("a table that is kept with --header - is reused with the same header", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/m.tsv`, ROWS);
    const args = ["convert", "m.tsv", "-o", "o.vcf", "--header", "-", "--database", "k.duckdb"];
    for (const said of [/^table kept in/m, /^reusing the table/m]) {
      const { code, stderr } = await cli(args, { cwd: folder, stdin: FILES.header });
      assert.equal(code, 0, stderr);
      assert.match(stderr, said);
    }
  }));

Deno.test("with a header apart, a first row that is not UTF-8 is a bad row", () =>
  withFolder(async (folder) => {
    const input = `${folder}/m.tsv`, header = `${folder}/h.txt`, output = `${folder}/o.vcf`;
    await Deno.writeFile(input, latin1("1\t5\trs\xe9\tA\tA\n1\t6\trs\xc3\xa9\tA\tA\n"));
    await Deno.writeTextFile(header, "CHROM\tPOS\tID\tREF\tx\n");
    await assert.rejects(convert({ input, header, output, threads: 0 }), /m\.tsv:1: ID: byte 3 of/);
    const { skipped } = await convert({ input, header, output, threads: 0, onBadRow: "skip" });
    assert.equal(skipped, 1);
    assert.deepEqual(columnsOf(await readOutput(output), 2), ["rs\u00e9"]);
  }));

for (
  const [command, ...args] of [
    ["convert", "m.tsv", "-o", "NAME.vcf"],
    ["convert", "NAME.tsv", "-o", "o.vcf"],
    ["convert", "m.tsv", "-o", "o.vcf", "--database", "NAME.duckdb"],
    ["convert", "m.tsv", "-o", "o.vcf", "--samples-file", "NAME.tsv"],
    ["inspect", "NAME.tsv"],
    ["sql", "NAME.duckdb", "-c", "SELECT 1"],
    ["generate", "--rows", "1", "-o", "NAME.tsv"],
  ]
) {
  Deno.test(`a file name that is not UTF-8 is refused: ${command} ${args.join(" ")}`, () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/m.tsv`, `CHROM\tPOS\tREF\t10a\t10b\n${ROWS}`);
      const named = args.map((arg) =>
        arg.startsWith("NAME") ? `"$(printf 'caf\\351')${arg.slice(4)}"` : `'${arg}'`
      );
      const { code, stderr } = await cliInShell(`"$@" ${command} ${named.join(" ")}`, [], folder);
      assert.match(
        stderr,
        /^error: the name 'caf\ufffd\..*' is not UTF-8, and no file of that name/,
      );
      assert.equal(code, 2);
      assert.deepEqual(await listing(folder), ["m.tsv"]);
    }));
}

Deno.test("a working folder whose name is not UTF-8 is refused in one line", () =>
  withFolder(async (folder) => {
    const line = `mkdir "$(printf 'caf\\351')" && cd "$(printf 'caf\\351')" && ` +
      '"$@" convert m.tsv -o o.vcf';
    const { code, stderr } = await cliInShell(line, [], folder);
    assert.match(stderr, /^error: the name of the working folder is not UTF-8; [^\n]*\n$/);
    assert.equal(code, 2);
  }));

const TEXTS: [text: string, invalid: number][] = [
  ["", -1],
  ["abc", -1],
  ["\xc3\xa9\xf0\x9f\xa7\xac", -1],
  ["\xef\xbb\xbfa\xef\xbf\xbdb", -1],
  ["\xe9", 0],
  ["abc\xe9", 3],
  ["\xef\xbf\xbd\xc3\xa9\xb0\xa1", 5],
  ["a\xc3", 1],
  ["\xed\xa0\x80", 0],
  ["x\xc0\x80", 1],
];
for (const [text, invalid] of TEXTS) {
  Deno.test(`invalidUtf8() of ${JSON.stringify(text)} is ${invalid}`, () => {
    assert.equal(invalidUtf8(latin1(text)), invalid);
  });
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function latin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function crlf(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

function twoMembers(text: string): Uint8Array {
  const middle = text.length >> 1;
  return Uint8Array.of(...gzipSync(text.slice(0, middle)), ...gzipSync(text.slice(middle)));
}
