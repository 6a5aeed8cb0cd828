/**
 * Reads a BCF slowly, by the specification alone: the VCF that it stands for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { formatFloat } from "../../src/vcf/info_fields.ts";

/** A typed vector: integers with their missing value and end, floats, or a text. */
interface Values {
  text?: string;
  /** `.` where one is missing; those after the end are left out. */
  items: string[];
  numbers: number[];
}

class Cursor {
  at = 0;
  readonly #view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint8 = () => this.#view.getUint8(this.at++);
  int32 = () => this.#view.getInt32((this.at += 4) - 4, true);
  uint32 = () => this.#view.getUint32((this.at += 4) - 4, true);

  text(length: number): string {
    return new TextDecoder().decode(this.bytes.subarray(this.at, this.at += length));
  }

  /** The length and the type of a vector. */
  shape(): [length: number, type: number] {
    const byte = this.uint8(), length = byte >> 4;
    return [length === 15 ? this.values(...this.shape()).numbers[0] : length, byte & 15];
  }

  values(length: number, type: number): Values {
    if (type === 7) return { text: this.text(length), items: [], numbers: [] };
    const items: string[] = [], numbers: number[] = [];
    for (let n = 0; n < length; n++) {
      if (type === 5) {
        assert.notEqual(this.#view.getUint32(this.at, true), 0x7f800001, "a missing float");
        items.push(formatFloat(this.#view.getFloat32((this.at += 4) - 4, true)));
        continue;
      }
      const bytes = [0, 1, 2, 4][type], least = -(2 ** (8 * bytes - 1));
      assert.ok(bytes > 0, `type ${type}`);
      const number = bytes === 1
        ? this.#view.getInt8(this.at)
        : bytes === 2
        ? this.#view.getInt16(this.at, true)
        : this.#view.getInt32(this.at, true);
      this.at += bytes;
      if (number === least + 1) continue;
      items.push(number === least ? "." : String(number));
      numbers.push(number);
    }
    return { items, numbers };
  }

  vector(): Values {
    return this.values(...this.shape());
  }
}

/** Returns a BCF, decompressed, as the VCF that it stands for; without what only BCF's header has. */
export function bcfText(bytes: Uint8Array): string {
  const cursor = new Cursor(bytes);
  assert.equal(cursor.text(3), "BCF");
  assert.deepEqual([cursor.uint8(), cursor.uint8()], [2, 2]);
  const header = cursor.text(cursor.uint32());
  assert.equal(header.at(-1), "\0");
  const lines = header.slice(0, -1).split("\n"), { tags, contigs } = dictionaries(lines);
  const text = lines.filter((line) => line !== PASS).map((line) => line.replace(/,IDX=\d+>$/, ">"));
  const records: string[] = [];
  while (cursor.at < bytes.length) records.push(record(cursor, tags, contigs));
  return text.join("\n") + records.map((line) => `${line}\n`).join("");
}

const PASS = '##FILTER=<ID=PASS,Description="All filters passed",IDX=0>';

function dictionaries(lines: string[]): { tags: string[]; contigs: string[] } {
  const tags: string[] = [], contigs: string[] = [];
  for (const line of lines) {
    const [, kind, id, number] = /^##(\w+)=<ID=([^,>]+).*,IDX=(\d+)>$/.exec(line) ?? [];
    if (kind !== undefined) (kind === "contig" ? contigs : tags)[Number(number)] = id;
  }
  return { tags, contigs };
}

function record(cursor: Cursor, tags: string[], contigs: string[]): string {
  const shared = cursor.uint32(), individual = cursor.uint32(), start = cursor.at;
  const contig = contigs[cursor.int32()], pos = cursor.int32() + 1, length = cursor.int32();
  assert.equal(cursor.uint32(), 0x7f800001, "QUAL");
  const counts = cursor.uint32(), alleles = counts >>> 16, infos = counts & 0xffff;
  const more = cursor.uint32(), formats = more >>> 24, samples = more & 0xffffff;
  const id = cursor.vector().text || ".";
  const [ref, ...alts] = Array.from({ length: alleles }, () => cursor.vector().text!);
  assert.equal(length, ref.length, "length of REF");
  assert.deepEqual(cursor.shape(), [0, 0], "FILTER");
  const info = Array.from({ length: infos }, () => {
    const tag = tags[cursor.vector().numbers[0]], { items } = infoValues(cursor);
    return items.length > 0 ? `${tag}=${items}` : tag;
  });
  assert.equal(cursor.at, start + shared, "shared part");
  const columns: string[][] = [], keys: string[] = [];
  for (let n = 0; n < formats; n++) {
    keys.push(tags[cursor.vector().numbers[0]]);
    const [width, type] = cursor.shape(), key = keys[n];
    columns.push(Array.from({ length: samples }, () => {
      const { items, numbers } = cursor.values(width, type);
      return key === "GT" ? genotype(numbers) : items.join();
    }));
  }
  assert.equal(cursor.at, start + shared + individual, "individual part");
  const cells = Array.from({ length: samples }, (_, n) => columns.map((of) => of[n]).join(":"));
  const fixed = [contig, pos, id, ref, alts.join() || ".", ".", ".", info.join(";") || "."];
  return [...fixed, keys.join(":"), ...cells].join("\t");
}

function infoValues(cursor: Cursor): Values {
  const [length, type] = cursor.shape();
  return type === 0 ? { items: [], numbers: [] } : cursor.values(length, type);
}

function genotype(numbers: number[]): string {
  assert.equal(numbers[0] & 1, 0, "the first allele has no phase");
  return numbers.map((number, n) => {
    const allele = number >> 1 === 0 ? "." : String((number >> 1) - 1);
    return n === 0 ? allele : (number & 1 ? "|" : "/") + allele;
  }).join("");
}
