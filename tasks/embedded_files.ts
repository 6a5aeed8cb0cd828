/**
 * Reads the files that `deno compile` has put into a binary, with exact paths. What `deno compile`
 * prints is a collapsed tree, and shows a package, not its files.
 *
 * The format is that of Deno 2.9. All numbers are little-endian. A section begins and ends with the
 * eight bytes `d3n0l4nd`. Between them: metadata (JSON) and npm snapshot, each after its length in
 * eight bytes; three tables about modules that are no files, which a program made of files and of a
 * `node_modules` folder leaves empty; the tree of the files (JSON), and their contents, each again
 * after its length. A file of the tree knows its place in the contents.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const MAGIC = "d3n0l4nd";

/** A file in a binary. */
export interface EmbeddedFile {
  /** Relative to the folder that a self-extracting binary unpacks into. */
  path: string;
  content: Uint8Array;
}

/** The content of a binary. */
export interface Embedded {
  /** Settings with which the program starts. */
  metadata: EmbeddedMetadata;
  /** In the order of the tree. */
  files: EmbeddedFile[];
}

/** The settings that matter here; there are more. */
export interface EmbeddedMetadata {
  entrypoint_key: string;
  v8_flags: string[];
  /** Lists are what is allowed, `[]` is everything, null is nothing. */
  permissions: Record<string, string[] | boolean | null>;
  /** Names the folder that is unpacked into; missing if the binary does not unpack itself. */
  self_extracting?: string;
}

/** A folder or file of the tree; `o` is offset and length in bytes. */
type Entry =
  | { Dir: { n: string; e: Entry[] } }
  | { File: { n: string; o: [offset: number, length: number] } }
  | { Symlink: { n: string } };

/**
 * Reads what is inside of a binary.
 *
 * @throws {SyntaxError} If the binary holds no such section, or one of another format.
 */
export function readEmbedded(binary: Uint8Array): Embedded {
  const bytes = Buffer.from(binary.buffer, binary.byteOffset, binary.byteLength);
  const reader = new Reader(bytes, sectionStart(bytes));
  const metadata = JSON.parse(reader.block().toString());
  reader.block();
  for (const table of ["specifiers", "redirects", "remote modules"]) {
    if (reader.uint32() !== 0) throw new SyntaxError(`Cannot read the table of ${table}`);
  }
  const tree: Entry[] = JSON.parse(reader.block().toString());
  const contents = reader.block();
  if (!reader.atMagic()) throw new SyntaxError("The embedded section does not end where it should");
  return { metadata, files: [...filesOf(tree, "", contents)] };
}

/** Returns the offset of the metadata's length, after the first magic that JSON follows. */
function sectionStart(bytes: Buffer): number {
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const start = at + MAGIC.length;
    if (bytes.subarray(start + 8, start + 16).toString() === '{"argv":') return start;
  }
  throw new SyntaxError("No embedded section found");
}

class Reader {
  #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  uint32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  /** Returns the bytes that follow their length. */
  block(): Buffer {
    const start = this.#at + 8;
    this.#at = start + Number(this.#bytes.readBigUInt64LE(this.#at));
    if (this.#at > this.#bytes.length) throw new SyntaxError("The embedded section is cut short");
    return this.#bytes.subarray(start, this.#at);
  }

  atMagic(): boolean {
    return this.#bytes.subarray(this.#at, this.#at + MAGIC.length).toString() === MAGIC;
  }
}

function* filesOf(entries: Entry[], folder: string, contents: Buffer): Generator<EmbeddedFile> {
  for (const entry of entries) {
    if ("Dir" in entry) yield* filesOf(entry.Dir.e, `${folder}${entry.Dir.n}/`, contents);
    else if ("File" in entry) {
      const { n: name, o: [offset, length] } = entry.File;
      yield { path: folder + name, content: contents.subarray(offset, offset + length) };
    } else throw new SyntaxError(`Symbolic link not expected: ${folder}${entry.Symlink.n}`);
  }
}
