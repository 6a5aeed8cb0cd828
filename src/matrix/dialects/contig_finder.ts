/**
 * Finds the codes of contigs, which may get other names, or be named by IDs or an option.
 *
 * @module
 */
import type { Dictionary } from "../../base/dictionary.ts";
import { namesContig } from "../cell_bytes.ts";
import { ILLEGAL, NEW } from "./allele_finder.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();
const COLON = 58;

/** The contigs of a file. Rows of one mostly follow each other. */
export class ContigFinder {
  /** True where new contigs are added instead of being reported. */
  open = false;
  /** Name of the current contig. */
  name = "";
  #code = -1;
  /** How the file writes the current contig. */
  #text = new Uint8Array(0);

  /**
   * @param contigs The contigs that are known, which others may add to.
   * @param renamed Contigs that get other names.
   */
  constructor(
    readonly contigs: Dictionary,
    private readonly renamed: Readonly<Record<string, string>> = {},
  ) {}

  /** Returns the code of a contig, NEW or ILLEGAL. */
  find(raw: Uint8Array, from: number, to: number): number {
    const text = this.#text, { length } = text;
    if (length === to - from && length > 0) {
      let n = 0;
      while (n < length && raw[from + n] === text[n]) n++;
      if (n === length) return this.#code;
    }
    if (!namesContig(raw, from, to)) return ILLEGAL;
    const given = decoder.decode(raw.subarray(from, to));
    const code = this.#named(Object.hasOwn(this.renamed, given) ? this.renamed[given] : given);
    if (code >= 0) this.#text = raw.slice(from, to);
    return code;
  }

  /** Tells whether a text is the name of the current contig. */
  isCurrent(raw: Uint8Array, from: number, to: number): boolean {
    const { name } = this;
    if (name.length !== to - from) return false;
    for (let n = 0; n < name.length; n++) {
      if (raw[from + n] !== name.charCodeAt(n)) return false;
    }
    return true;
  }

  /** Returns the code of the contig that an ID names before its first colon. */
  ofId(raw: Uint8Array, from: number, to: number): number {
    let end = from;
    while (end < to && raw[end] !== COLON) end++;
    return end < to ? this.find(raw, from, end) : ILLEGAL;
  }

  /** Returns the code of a contig that no row names. */
  given(name: string): number {
    return name === this.name ? this.#code : this.#named(name);
  }

  #named(name: string): number {
    const bytes = encoder.encode(name);
    let code = this.contigs.find(bytes, 0, bytes.length);
    if (code < 0) {
      if (!this.open) return NEW;
      code = this.contigs.add(bytes, 0, bytes.length);
    }
    this.name = name;
    this.#text = new Uint8Array(0);
    return this.#code = code;
  }
}
