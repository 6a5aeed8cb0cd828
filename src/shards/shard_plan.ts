/**
 * Holds the plan of a matrix that is converted in shards: what `scatter` writes once, and `shard` and
 * `gather` go by.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../base/errors.ts";
import { fileError } from "../base/files.ts";
import { printable } from "../base/text.ts";
import { VERSION } from "../base/version.ts";
import type { ConvertOptions } from "../convert/request.ts";
import type { Columns } from "../matrix/read_layout.ts";

/** Options that change the output; all others are those of a node, or of the gathering. */
export const PLAN_OPTIONS = [
  "missing",
  "gap",
  "iupac",
  "onBadRow",
  "maxLine",
  "outputType",
  "compressionLevel",
  "index",
  "info",
  "reference",
  "refMismatch",
  "regions",
  "regionsFile",
  "variantsOnly",
  "minAlleles",
  "maxAlleles",
  "snpsOnly",
  "maxMissingRate",
  "unphased",
  "noVersion",
  "homozygous",
] as const satisfies readonly (keyof ConvertOptions)[];

/** The options of a plan, defaults written out. */
export type PlanOptions = Pick<ConvertOptions, typeof PLAN_OPTIONS[number]>;

/** A file as it was when the plan was made. */
export interface PlannedFile {
  /** Absolute. */
  path: string;
  /** Bytes. */
  size: number;
  /** Time of the last write, in milliseconds since 1970; 0 where the system does not say. */
  modified: number;
  /** Hash of the first and last MiB. */
  fingerprint: string;
}

/** A run of whole cells of the grid, which one process converts. */
export interface PlannedShard {
  /** The cells, the end excluded. */
  cells: [from: number, to: number];
  /** Its (uncompressed) bytes, the end excluded. */
  bytes: [from: number, to: number];
  /**
   * Of a BGZF file, the block to begin with and the end of the last one, in compressed bytes, and how
   * many uncompressed bytes lie before the first.
   */
  blocks?: { from: number; to: number; before: number };
}

/** A matrix, how it is converted, and how it is cut. */
export interface ShardPlan {
  format: 1;
  /** The beginning of the SHA-256 of all the rest. */
  id: string;
  /** The version of this program; another one may write other bytes. */
  version: string;
  input: PlannedFile & {
    kind: "plain" | "bgzf";
    /** Lines before the first row. */
    headerLines: number;
  };
  /** The FASTA and its index. */
  reference?: PlannedFile[];
  /** What the first look at the matrix told: header, columns, samples. */
  columns: Columns;
  /** The options that decide what a table of it holds, as JSON. */
  tableOptions: string;
  /** Text of the file of regions. */
  regionsText?: string;
  options: PlanOptions;
  /** Bytes of a cell of the grid, and the number of cells. */
  cellBytes: number;
  cells: number;
  shards: PlannedShard[];
}

const FORMAT = 1;

/** Returns a plan with its format, version and id. */
export function sealedPlan(rest: Omit<ShardPlan, "format" | "id" | "version">): ShardPlan {
  const { format, version, ...plan } = { format: FORMAT, version: VERSION, ...rest } as const;
  return { format, id: idOf({ format, version, ...plan }), version, ...plan };
}

/** Returns a plan as the text of its file. */
export function planText(plan: ShardPlan): string {
  return `${encode(plan)}\n`;
}

/**
 * Reads a plan.
 *
 * @throws {InputError} There is no such file, it is no plan, was made by another version, or has been
 * changed by hand.
 */
export async function readPlan(path: string): Promise<ShardPlan> {
  const plan = await readJson(path, "a plan as scatter writes it");
  if (plan === undefined) {
    throw new InputError("there is no such plan; make it: scatter", { file: path });
  }
  const { format, version, id, shards } = plan as unknown as ShardPlan;
  if (format === undefined || id === undefined || !Array.isArray(shards)) {
    throw new InputError("this is no plan, as scatter writes it", { file: path });
  }
  if (format !== FORMAT || version !== VERSION) {
    throw new InputError(
      `the plan was made by matrix2vcf ${
        printable(String(version))
      } and this is ${VERSION}, which ` +
        "may write other bytes; use the same version everywhere, or scatter again",
      { file: path },
    );
  }
  const { id: _, ...rest } = plan as unknown as ShardPlan;
  if (id !== idOf(rest)) {
    throw new InputError("the plan was changed after scatter wrote it; scatter again", {
      file: path,
    });
  }
  return plan as unknown as ShardPlan;
}

/**
 * Reads a file of JSON as {@linkcode encode} writes it.
 *
 * @param what What it is, for messages.
 * @returns Undefined where there is no such file.
 * @throws {InputError} It is not JSON of an object.
 */
export async function readJson(
  path: string,
  what: string,
): Promise<Record<string, unknown> | undefined> {
  try {
    const value = JSON.parse(await Deno.readTextFile(path), revive);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value;
    throw new SyntaxError("no object");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!(error instanceof SyntaxError)) throw fileError(error, path);
    throw new InputError(`this is no JSON, or it was cut; expected ${what}`, { file: path });
  }
}

/** Returns a value as JSON; typed arrays, 64-bit numbers and Infinity come back by {@linkcode revive}. */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_, item) => {
    if (item === Infinity) return { $: "Infinity" };
    if (typeof item === "bigint") return { $: "bigint", text: String(item) };
    const kind = ARRAYS.find((kind) => item instanceof kind);
    return kind ? { $: kind.name, items: [...item].map(String).join(" ") } : item;
  });
}

const ARRAYS = [Int32Array, Uint8Array, Uint32Array, BigUint64Array] as const;

function revive(_: string, item: unknown): unknown {
  const { $: kind, items, text } = (item ?? {}) as Record<string, string>;
  if (kind === "Infinity") return Infinity;
  if (kind === "bigint") return BigInt(text);
  const numbers = () => items === "" ? [] : items.split(" ");
  if (kind === "BigUint64Array") return BigUint64Array.from(numbers(), BigInt);
  const array = ARRAYS.find(({ name }) => name === kind) as typeof Int32Array | undefined;
  return array ? array.from(numbers(), Number) : item;
}

function idOf(rest: Omit<ShardPlan, "id">): string {
  return createHash("sha256").update(encode(rest)).digest("hex").slice(0, 16);
}
