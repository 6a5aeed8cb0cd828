/** Rows of codes: what is written is what is read, whatever a row has and however long it is. */
import assert from "node:assert/strict";
import { CodeRowsReader } from "../../../src/output/code_rows_reader.ts";
import type { RowExtras } from "../../../src/matrix/dialects/dialect.ts";
import { NO_EXTRAS } from "../../../src/matrix/dialects/dialect.ts";
import { batchShape } from "../../../src/matrix/row_batch.ts";
import { enumWidth } from "../../../src/base/codes.ts";
import { CodeFormatter } from "../../../src/vcf/code_rows.ts";
import type { RecordRows, RowStyle } from "../../../src/vcf/row_formatter.ts";
import { ALL_SITES } from "../../../src/vcf/site_filter.ts";
import { withFolder } from "../../helpers/cli.ts";

const BASES = ["A", "C", "G", "T", "N", ".", "*"];
const CONTIGS = ["1", "2"];

/** What is read of a row. */
interface Row {
  contig: number;
  pos: number;
  line: number;
  ref: number;
  codes: number[];
  id: string;
  alts: number[];
  phased: number[];
  sets: number[];
}

function styleOf(alleles: string[], samples: number, extras: RowExtras): RowStyle {
  return {
    format: "matrix",
    alleles,
    samples: Array.from({ length: samples }, () => ({ ploidy: 2, phased: true })),
    homozygous: false,
    info: [],
    sites: ALL_SITES,
    contigs: CONTIGS,
    extras,
  };
}

/** Writes rows, and reads them again. */
function roundTrip(
  rows: Row[],
  { alleles = BASES, hasId = false, extras = NO_EXTRAS } = {},
): Promise<Row[]> {
  return withFolder(async (folder) => {
    const samples = rows[0].codes.length / 2, width = enumWidth(alleles.length);
    const formatter = new CodeFormatter(styleOf(alleles, samples, extras));
    for (const row of rows) {
      formatter.begin(CONTIGS[row.contig]);
      formatter.write(recordsOf(row, width, hasId, extras), 0);
    }
    await Deno.writeFile(`${folder}/rows`, formatter.out.written());
    const shape = batchShape(2 * samples, { ...extras, hasId, samples }, width);
    using reader = new CodeRowsReader(`${folder}/rows`, shape);
    return [...read(reader)];
  });
}

function recordsOf(row: Row, width: number, hasId: boolean, extras: RowExtras): RecordRows {
  const Codes = width === 1 ? Uint8Array : Uint16Array;
  return {
    pos: Uint32Array.of(row.pos),
    ref: Codes.of(row.ref),
    alleles: Codes.from(row.codes),
    words: undefined,
    stride: row.codes.length,
    id: hasId ? () => row.id === "" ? null : new TextEncoder().encode(row.id) : undefined,
    ...extras.alt ? { alt: () => Uint32Array.from(row.alts) } : {},
    ...extras.phase ? { phased: Uint8Array.from(row.phased) } : {},
    ...extras.sets ? { sets: Uint32Array.from(row.sets) } : {},
    line: () => row.line,
  };
}

function* read(reader: CodeRowsReader): Generator<Row> {
  for (let batch = reader.next(); batch.rows > 0; batch = reader.next()) {
    const { shape: { stride, phaseBytes = 0, sets = 0 }, idEnd, altEnd } = batch;
    for (let row = 0; row < batch.rows; row++) {
      const part = <Items extends Uint8Array | Uint16Array | Uint32Array>(
        items: Items,
        size: number,
      ) => [...items.subarray(row * size, (row + 1) * size)];
      const from = (ends: Uint32Array) => row === 0 ? 0 : ends[row - 1];
      yield {
        contig: batch.chrom[row],
        pos: batch.pos[row],
        line: reader.lineBase + batch.line[row],
        ref: batch.ref[row],
        codes: part(batch.alleles, stride),
        id: new TextDecoder().decode(batch.idBytes.subarray(from(idEnd), idEnd[row])),
        alts: [...batch.altCodes.subarray(from(altEnd), altEnd[row])],
        phased: part(batch.phased, phaseBytes),
        sets: part(batch.sets, sets),
      };
    }
  }
}

const ROW: Row = {
  contig: 0,
  pos: 2 ** 31 - 1,
  line: 2,
  ref: 0,
  codes: [0, 2, 5, 0],
  id: "",
  alts: [],
  phased: [],
  sets: [],
};

Deno.test("rows of codes: contigs, lines past 2^32 on either side, and none", async () => {
  const lines = [2, 2 ** 32 - 1, 2 ** 32, 2 ** 33 + 7, 3];
  const rows = lines.map((line, n): Row => ({ ...ROW, line, contig: n % 2, pos: n + 1 }));
  assert.deepEqual(await roundTrip(rows), rows);
});

Deno.test("rows of codes: IDs, ALTs, phase and blocks", async () => {
  const extras: RowExtras = { ...NO_EXTRAS, alt: true, phase: true, sets: true };
  const rows = Array.from({ length: 5000 }, (_, n): Row => ({
    ...ROW,
    pos: n + 1,
    line: n + 2,
    id: n % 3 === 0 ? "" : "é".repeat(n % 100),
    alts: [[], [2], [1, 3]][n % 3],
    phased: [n % 4],
    sets: [n, 2 ** 32 - 1],
  }));
  assert.deepEqual(await roundTrip(rows, { hasId: true, extras }), rows);
});

Deno.test("rows of codes: wide rows, longer than what is read at a time", async () => {
  const alleles = [...BASES, ...Array.from({ length: 300 }, (_, n) => `A${"C".repeat(n + 1)}`)];
  const rows = [1, 2, 3].map((pos): Row => ({
    ...ROW,
    pos,
    codes: Array.from({ length: 700_000 }, (_, n) => (n * pos) % 307),
  }));
  assert.deepEqual(await roundTrip(rows, { alleles }), rows);
});

Deno.test("rows of codes: a file that breaks off is told", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/rows`, new Uint8Array(21));
    const shape = batchShape(4, { ...NO_EXTRAS, hasId: false, samples: 2 }, 1);
    using reader = new CodeRowsReader(`${folder}/rows`, shape);
    assert.throws(() => reader.next(), /breaks off/);
  });
});
