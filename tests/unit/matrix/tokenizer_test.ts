import assert from "node:assert/strict";
import { BASE_ALLELES } from "../../../src/base/alleles.ts";
import { matrixLayout } from "../../../src/matrix/layout.ts";
import { batchBytes, MAX_ID, RowBatch } from "../../../src/matrix/row_batch.ts";
import { Tokenizer } from "../../../src/matrix/tokenizer.ts";
import type { TokenizerPlan } from "../../../src/matrix/tokenizer_plan.ts";

const ALLELES = [...BASE_ALLELES, "AT", "<DEL>"];
const CONTIGS = ["1", "chr2"];

interface Settings extends Partial<TokenizerPlan> {
  header?: string;
  capacity?: number;
  ids?: boolean;
  haplotypes?: number;
}

function make(settings: Settings = {}) {
  const { header = "CHROM POS REF 1a 1b", capacity = 8, ids = false, haplotypes, ...plan } =
    settings;
  const columns = header.split(" ");
  const split = plan.iupac === "split";
  const { roles, copies, haplotypes: all } = matrixLayout({ columns, at: {} }, { split });
  const tokenizer = new Tokenizer({
    ...{ columns, roles, copies, missing: [], gap: "missing", iupac: "error" },
    ...plan,
  }, { alleles: ALLELES, contigs: CONTIGS });
  const stride = haplotypes ?? all, idBytes = ids ? 2 * MAX_ID : 0;
  const shape = { capacity, stride, width: 1, idBytes } as const;
  return { tokenizer, batch: new RowBatch(shape, new ArrayBuffer(batchBytes(shape))) };
}

/** `CONTIG:POS REF ALLELES` of each row; what is not known is `?`. */
function rowsOf(batch: RowBatch): string[] {
  const { rows, chrom, pos, ref, alleles, shape: { stride } } = batch;
  return Array.from({ length: rows }, (_, row) => {
    const own = [...alleles.subarray(row * stride, (row + 1) * stride)];
    const cells = own.map((code) => ALLELES[code]).join();
    return `${CONTIGS[chrom[row]]}:${pos[row]} ${ALLELES[ref[row]]} ${cells}`;
  });
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const GOOD: { name: string; text: string; rows: string[]; settings?: Settings }[] = [
  { name: "plain rows", text: "1\t5\tA\tA\tG\n1\t6\tC\tT\t*\n", rows: ["1:5 A A,G", "1:6 C T,*"] },
  { name: "small letters", text: "1\t5\ta\tat\tg\n", rows: ["1:5 A AT,G"] },
  { name: "REF of N", text: "1\t5\tn\tA\tn\n", rows: ["1:5 N A,."] },
  { name: "missing", text: "1\t5\tA\tNA\t-\n1\t5\tA\tna\t.\n", rows: ["1:5 A .,.", "1:5 A .,."] },
  { name: "empty cells", text: "1\t5\tA\t\tG\n1\t5\tA\tG\t\n", rows: ["1:5 A .,G", "1:5 A G,."] },
  { name: "a symbolic allele", text: "1\t5\tAT\t<DEL>\tat\n", rows: ["1:5 AT <DEL>,AT"] },
  {
    name: "CRLF",
    text: "1\t5\tA\tA\tG\r\n1\t6\tA\tAT\tAT\r\n",
    rows: ["1:5 A A,G", "1:6 A AT,AT"],
  },
  {
    name: "surplus",
    text: "1\t5\tA\tA\tG\t\t \r\n1\t6\tA\tA\tG  \n",
    rows: ["1:5 A A,G", "1:6 A A,G"],
  },
  { name: "blank and ## lines", text: "\n \r\n##x\n1\t5\tA\tA\tG\n\n", rows: ["1:5 A A,G"] },
  { name: "largest POS", text: "1\t2147483647\tA\tA\tG\n", rows: ["1:2147483647 A A,G"] },
  { name: "zeros before POS", text: "1\t007\tA\tA\tG\n", rows: ["1:7 A A,G"] },
  {
    name: "more that is missing",
    text: "1\t5\tA\t0\tnull\n1\t5\tA\tx\tNULL\n",
    rows: ["1:5 A .,.", "1:5 A .,."],
    settings: { missing: ["0", "null", "X"] },
  },
  {
    name: "an allele that is said to be missing",
    text: "1\t5\tA\tG\tAT\n",
    rows: ["1:5 A .,."],
    settings: { missing: ["g", "at"] },
  },
  {
    name: "columns in any order, some left out",
    text: "A\t7\tx y\tG\tchr2\tT\n",
    rows: ["chr2:7 T A,G"],
    settings: {
      header: "1a POS note 1b CHR REF",
      roles: Int32Array.of(0, -3, -1, 1, -2, -4),
      haplotypes: 2,
      copies: Uint8Array.of(1, 0, 0, 1, 0, 0),
    },
  },
  {
    name: "genotypes",
    text: "1\t5\tA\tA/G\tAT|.\n1\t6\tG\tG\t/T\n1\t7\tG\tR\tk\n",
    rows: ["1:5 A A,G,AT,.", "1:6 G G,G,.,T", "1:7 G G,A,G,T"],
    settings: { header: "CHROM POS REF x y", iupac: "split" },
  },
];
for (const { name, text, rows, settings } of GOOD) {
  Deno.test(`Tokenizer: ${name}`, () => {
    const { tokenizer, batch } = make(settings);
    const raw = bytes(text);
    assert.equal(tokenizer.fill(raw, 0, raw.length, batch), raw.length);
    assert.equal(tokenizer.problem, undefined);
    assert.deepEqual(rowsOf(batch), rows);
    assert.equal(tokenizer.line, text.split("\n").length - 1);
  });
}

const BAD: { row: string; column?: string; detail: RegExp; settings?: Settings }[] = [
  { row: "\t5\tA\tA\tG", column: "CHROM", detail: /^CHROM is empty/ },
  { row: "chr 1\t5\tA\tA\tG", column: "CHROM", detail: /'chr 1' has a character that VCF forbids/ },
  { row: "#1\t5\tA\tA\tG", column: "CHROM", detail: /'#1' has a character that VCF forbids/ },
  { row: "1\t0\tA\tA\tG", column: "POS", detail: /^POS is '0', expected a whole number from 1 to/ },
  { row: "1\t\tA\tA\tG", column: "POS", detail: /^POS is empty/ },
  { row: "1\t-5\tA\tA\tG", column: "POS", detail: /'-5'/ },
  { row: "1\t2147483648\tA\tA\tG", column: "POS", detail: /'2147483648'/ },
  { row: "1\t99999999999\tA\tA\tG", column: "POS", detail: /'99999999999'/ },
  { row: "1\t5\t\tA\tG", column: "REF", detail: /^REF is empty, expected A, C, G, T or N only/ },
  { row: "1\t5\tR\tA\tG", column: "REF", detail: /^REF is 'R'/ },
  { row: "1\t5\t<DEL>\tA\tG", column: "REF", detail: /^REF is '<DEL>'/ },
  { row: "1\t5\tA\tA\tAU", column: "1b", detail: /^'AU' is not an allele/ },
  { row: "1\t5\tA\t<>\tA", column: "1a", detail: /^'<>' is not an allele/ },
  { row: "1\t5\tA\t A\tA", column: "1a", detail: /^' A' is not an allele/ },
  { row: "1\t5\tA\tA", detail: /^the row has 4 fields, expected 5; columns are TAB-separated/ },
  { row: "1 5 A A G", detail: /^the row has 1 field, expected 5; columns are TAB-separated/ },
  {
    row: "1\t5\tA\tA\tG\tT",
    detail: /^the row has 6 fields, expected 5; is the header of another/,
  },
  { row: "1\t5\tA\t\u0000\tG", detail: /^the row has a NUL byte/ },
];
for (const { row, column, detail } of BAD) {
  Deno.test(`Tokenizer: ${JSON.stringify(row)} is bad`, () => {
    for (const end of ["\n", "\r\n"]) {
      const { tokenizer, batch } = make();
      const raw = bytes(`1\t1\tA\tA\tA\n${row}${end}1\t9\tA\tA\tA\n`);
      const at = tokenizer.fill(raw, 0, raw.length, batch);
      const { problem } = tokenizer;
      assert.deepEqual([problem?.line, problem?.column], [2, column]);
      assert.match(problem!.detail, detail);
      assert.equal(new TextDecoder().decode(raw.slice(problem!.from, problem!.to)), row);
      // The caller goes on after the row.
      tokenizer.problem = undefined;
      assert.equal(tokenizer.fill(raw, at, raw.length, batch), raw.length);
      assert.deepEqual(rowsOf(batch), ["1:1 A A,A", "1:9 A A,A"]);
      assert.deepEqual([...batch.line.subarray(0, 2)], [1, 3]);
    }
  });
}

Deno.test("Tokenizer fills a batch, and goes on in the next", () => {
  const { tokenizer, batch } = make({ capacity: 2 });
  const raw = bytes("1\t1\tA\tA\tA\n1\t2\tA\tA\tA\n1\t3\tA\tA\tA\n");
  const at = tokenizer.fill(raw, 0, raw.length, batch);
  assert.equal(at, 20);
  assert.deepEqual([batch.rows, tokenizer.line], [2, 2]);
  batch.rows = 0;
  assert.equal(tokenizer.fill(raw, at, raw.length, batch), raw.length);
  assert.deepEqual([rowsOf(batch), batch.line[0]], [["1:3 A A,A"], 3]);
});

const UNFORESEEN = [
  "3\t5\tA\tA\tA\n",
  "1\t5\tGG\tA\tA\n",
  "1\t5\tA\tTT\tA\n",
  "1\t5\tA\tA\t<del>\n",
];
for (const row of UNFORESEEN) {
  Deno.test(`Tokenizer stops at ${JSON.stringify(row)}, and takes it when it is open`, () => {
    const { tokenizer, batch } = make();
    const raw = bytes(`1\t1\tA\tA\tA\n${row}`);
    const at = tokenizer.fill(raw, 0, raw.length, batch);
    assert.deepEqual([at, tokenizer.unforeseen, tokenizer.line, batch.rows], [10, true, 1, 1]);
    assert.equal(tokenizer.problem, undefined);
    tokenizer.open = true;
    assert.equal(tokenizer.fill(raw, at, raw.length, batch), raw.length);
    const added = [tokenizer.alleles.size - ALLELES.length, tokenizer.contigs.size - 2];
    assert.deepEqual(added.toSorted(), [0, 1]);
  });
}

Deno.test("Tokenizer: a bad row before something unforeseen is bad", () => {
  const { tokenizer, batch } = make();
  const raw = bytes("1\t0\tGG\tA\tA\n");
  tokenizer.fill(raw, 0, raw.length, batch);
  assert.deepEqual([tokenizer.unforeseen, tokenizer.problem?.column], [false, "POS"]);
});

Deno.test("Tokenizer: IDs", () => {
  const long = "r".repeat(MAX_ID);
  const { tokenizer, batch } = make({ header: "CHROM POS ID REF x", ids: true });
  const raw = bytes(["rs1", ".", "", "é;b", long].map((id) => `1\t5\t${id}\tA\tA\n`).join(""));
  // After four short ones there is no room for a long one.
  const at = tokenizer.fill(raw, 0, raw.length, batch);
  assert.equal(batch.rows, 5);
  assert.equal(at, raw.length);
  const ids = [...batch.idEnd.subarray(0, 5)].map((end, row) =>
    new TextDecoder().decode(batch.idBytes.slice(row ? batch.idEnd[row - 1] : 0, end))
  );
  assert.deepEqual(ids, ["rs1", "", "", "é;b", long]);
  const more = tokenizer.fill(raw, 0, raw.length, batch);
  assert.deepEqual([more, batch.rows], [0, 5]);
});

for (
  const [id, detail] of [["a b", /a blank or control/], ["x".repeat(4097), /4097 bytes; 4096/]]
) {
  Deno.test(`Tokenizer: the ID ${String(id).slice(0, 5)} is bad`, () => {
    const { tokenizer, batch } = make({ header: "CHROM POS ID REF x", ids: true });
    const raw = bytes(`1\t5\t${id}\tA\tA\n`);
    tokenizer.fill(raw, 0, raw.length, batch);
    assert.equal(tokenizer.problem?.column, "ID");
    assert.match(tokenizer.problem.detail, detail as RegExp);
  });
}

Deno.test("Tokenizer: the last column is left out", () => {
  const { tokenizer, batch } = make({
    header: "CHROM POS REF x note",
    roles: Int32Array.of(-2, -3, -4, 0, -1),
    copies: Uint8Array.of(0, 0, 0, 1, 0),
    haplotypes: 1,
  });
  // `G` and `A` could be alleles.
  const raw = bytes("1\t5\tA\tG\tA\n1\t6\tA\tA\tG\n1\t7\tA\tA\tany thing\r\n1\t8\tA\tA\t\n");
  assert.equal(tokenizer.fill(raw, 0, raw.length, batch), raw.length);
  assert.deepEqual([...batch.alleles.subarray(0, 4)], [2, 0, 0, 0]);
});
