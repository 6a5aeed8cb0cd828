/** Characters that steer a terminal, or turn the text around them: refused in names, escaped in messages. */
import assert from "node:assert/strict";
import { convert, InputError } from "../../mod.ts";
import { jsonText, printable, steers, terminalText } from "../../src/base/text.ts";
import { cli, withFolder } from "../helpers/cli.ts";

/** First and last of each run of such characters. */
const STEERING = [
  "\u0001\u001b\u007f\u0080\u0085\u009b\u009f",
  "\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2067\u2068\u2069\ufeff",
].join("");
const HARMLESS = "a\u00a1\u00e9\u200b\u4e2d\ud83e\uddec";

Deno.test("what steers is escaped wherever text is shown", () => {
  for (const character of STEERING) {
    const hex = character.charCodeAt(0).toString(16);
    assert.ok(steers(`a${character}`));
    assert.equal(printable(`a${character}b`), `a\\u{${hex}}b`);
    assert.equal(terminalText(`a${character}\n\tb`), `a\\u{${hex}}\n\tb`);
    assert.match(jsonText(character), /^"\\u[0-9a-f]{4}"$/);
  }
  assert.deepEqual([steers(HARMLESS), printable(HARMLESS)], [false, HARMLESS]);
});

/** The files of a run that has a name with such a character, and the place of the error. */
const PLACES: [what: string, files: (name: string) => Record<string, string>, at: RegExp][] = [
  ["a column", (name) => ({ "m.tsv": `CHROM\tPOS\tREF\tS${name}x\n1\t5\tA\tG\n` }), /m\.tsv:1: /],
  [
    "a name in the header's file",
    (name) => ({ "m.tsv": "1\t5\tA\tG\n", "h.txt": `CHROM\tPOS\tREF\tS${name}x\n` }),
    /h\.txt:1: /,
  ],
  [
    "a name in a sample sheet",
    (name) => ({ "m.tsv": "CHROM\tPOS\tREF\tS\n1\t5\tA\tG\n", "s.tsv": `x${name}y\tS\n` }),
    /s\.tsv: /,
  ],
  [
    "a contig",
    (name) => ({ "m.tsv": `CHROM\tPOS\tREF\tS\nc${name}1\t5\tA\tG\n` }),
    /m\.tsv:2: CHROM: /,
  ],
  [
    "an ID",
    (name) => ({ "m.tsv": `CHROM\tPOS\tREF\tID\tS\n1\t5\tA\trs${name}1\tG\n` }),
    /m\.tsv:2: ID: the ID has /,
  ],
  [
    "an allele",
    (name) => ({ "m.tsv": `CHROM\tPOS\tREF\tS\n1\t5\tA\t<D${name}>\n` }),
    /m\.tsv:2: S: /,
  ],
];

for (const [what, files, at] of PLACES) {
  Deno.test(`what steers is refused in ${what}, and escaped in the message`, () =>
    withFolder(async (folder) => {
      for (const character of STEERING) {
        for (const [name, text] of Object.entries(files(character))) {
          await Deno.writeTextFile(`${folder}/${name}`, text);
        }
        const has = (name: string) => name in files("") ? `${folder}/${name}` : undefined;
        const run = convert({
          input: `${folder}/m.tsv`,
          output: `${folder}/o.vcf`,
          header: has("h.txt"),
          samplesFile: has("s.tsv"),
          threads: 0,
        });
        await assert.rejects(run, (error) => {
          assert(error instanceof InputError, `${error}`);
          assert.match(error.message, at);
          assert.ok(!steers(error.message), JSON.stringify(error.message));
          return true;
        });
      }
    }));
}

Deno.test("a file's name is escaped on the terminal", () =>
  withFolder(async (cwd) => {
    const name = "m\u009b31m\u2066.tsv";
    await Deno.writeTextFile(`${cwd}/${name}`, "CHROM\tPOS\tREF\tS\n1\t5\tA\tG\n");
    for (
      const args of [[name, "-o", "no/o.vcf"], [
        name,
        "-o",
        "o.vcf",
        "--database",
        `${name}.duckdb`,
      ]]
    ) {
      for (let twice = 0; twice < 2; twice++) {
        const { stderr } = await cli(["convert", ...args], { cwd });
        assert.ok(!steers(stderr.replaceAll("\n", "")), JSON.stringify(stderr));
      }
    }
  }));
