/**
 * Decides where REF comes from: it is never guessed unless that is asked for.
 *
 * @module
 */
import { basename } from "node:path";
import { InputError, type Location, UsageError } from "../../base/errors.ts";
import { printable } from "../../base/text.ts";
import type { Dialect, RefSource } from "./dialect.ts";

/** What decides where REF comes from. */
export interface RefOptions {
  refFrom?: RefSource;
  /** The FASTA of the run. */
  reference?: string;
}

/** Where REF comes from, and the same in the words of the header. */
export interface RefChoice {
  ref: Dialect["ref"];
  refText: string;
}

/**
 * Returns where REF comes from: what is asked for, or what the dialect states, or the reference.
 *
 * @param statesRef True where the IDs of the first rows say what REF is.
 * @throws {InputError} Nothing says what REF is.
 * @throws {UsageError} What is asked for cannot be.
 */
export function chooseRef(
  dialect: Readonly<Dialect>,
  { refFrom, reference }: RefOptions,
  statesRef: boolean,
  { at, refColumn }: { at: Location; refColumn: string | undefined },
): RefChoice {
  const { name, ref } = dialect;
  const lookup = (): RefChoice => ({ ref: "lookup", refText: `reference ${basename(reference!)}` });
  if (refFrom === "reference" && reference === undefined) {
    throw new UsageError("`refFrom` reference needs a `reference`, which says what REF is");
  }
  if (refFrom === "reference") return lookup();
  if (refFrom === "first") return { ref: "first", refText: FIRST[name] ?? "first of the alleles" };
  if (ref === "column") return { ref, refText: refColumn ?? "column REF" };
  if (refFrom === "column") {
    throw new UsageError(`\`refFrom\` column: ${name} has no column that says what REF is`);
  }
  if (ref === "ids" && statesRef) return { ref, refText: `${FIRST[name]}, confirmed by the IDs` };
  if (reference !== undefined) return lookup();
  throw new InputError(noRef(dialect), at);
}

/** What the first allele of a row is called. */
const FIRST: Partial<Record<Dialect["name"], string>> = {
  hapmap: "first of the alleles column",
  tped: "first allele seen",
  haps: "first allele column",
  "hap-legend": "a0",
  "raw-dna": "first allele seen",
};

/** Says that nothing tells what REF is, and names both ways out. */
export function noRef({ name, ref }: Readonly<Dialect>): string {
  const why = ref === "ids"
    ? "its IDs are not CHROM:POS_REF_ALT of their rows"
    : `${printable(name)} has no column for it`;
  return `nothing says what REF is, as ${why}: --reference FASTA looks it up, and --ref-from first ` +
    "takes the first allele of each row, which is a guess and is marked so (INFO/PR)";
}
