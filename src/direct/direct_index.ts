/**
 * Indexes an output while its contigs and its longest position are not known yet.
 *
 * @module
 */
import { SPAN } from "../bgzf/record_spans.ts";
import { IndexBuilder, type IndexOptions, needsCsi } from "../bgzf/tabix_index.ts";
import type { OutputOptions } from "../output/options.ts";
import { indexOptions } from "../output/output_plan.ts";
import type { BlockIndex } from "../output/partition_formatter.ts";
import type { CellOrder } from "./cell_order.ts";

/** The index of an output; of both kinds, as long as both are possible. */
export class DirectIndex {
  readonly #builders: Partial<Record<"tbi" | "csi", IndexBuilder>> = {};
  /** Places of the contigs in the header. */
  readonly #ordinals: ReadonlyMap<string, number> | undefined;

  /**
   * @param kinds The kinds that may be wanted.
   * @param options Of the output.
   * @param contigs Those of the header, or of the rows so far, where more may come.
   * @param order The rows so far.
   */
  constructor(
    kinds: readonly ("tbi" | "csi")[],
    options: OutputOptions,
    contigs: IndexOptions["contigs"],
    private readonly order: CellOrder,
  ) {
    for (const kind of kinds) {
      this.#builders[kind] = new IndexBuilder(indexOptions(kind, options, contigs));
    }
    if (contigs !== order.contigs) {
      this.#ordinals = new Map(contigs.map(({ name }, ordinal) => [name, ordinal]));
    }
  }

  /**
   * Adds a block, in file order.
   *
   * @param names Names of its contigs.
   * @param offset Its place in the file, in bytes.
   */
  add({ starts, spans }: BlockIndex, names: readonly string[], offset: number): void {
    names.forEach((name, place) => {
      spans.contigs[place * SPAN.Numbers + SPAN.Contig] = this.#ordinals
        ? this.#ordinals.get(name)!
        : this.order.code(name);
    });
    // A TBI cannot hold what is past its end, so that it is given up before.
    if (needsCsi(this.order.maxPos + this.order.longest - 1)) delete this.#builders.tbi;
    for (const builder of Object.values(this.#builders)) builder.addChunk(spans, starts, offset);
  }

  /** Returns the index; `moved` is by how many bytes the records lie later than was said. */
  finish(kind: "tbi" | "csi", moved: number): Uint8Array {
    return this.#builders[kind]!.finish(moved);
  }
}
