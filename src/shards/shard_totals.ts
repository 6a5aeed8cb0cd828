/**
 * Adds up what each shard says of every sample, so that it is there once and not for each shard.
 *
 * @module
 */
import { InternalError } from "../base/errors.ts";
import { addSums, noSums, type SumArrays } from "../checksum/sums.ts";
import type { ShardManifest, ShardSummary } from "./shard_manifest.ts";
import type { ShardPlan } from "./shard_plan.ts";

/** What the shards of a plan add up to. */
export interface ShardTotals {
  sums: SumArrays;
  /** Names of the haplotype columns that are missing in all rows; undefined where there are none. */
  missing: Set<string> | undefined;
}

/** Returns the totals of no shard. */
export function noTotals({ columns: { layout } }: ShardPlan): ShardTotals {
  return { sums: noSums(layout.choice.samples.length), missing: undefined };
}

/** Adds a shard; returns the rest of its manifest. */
export function addTotals(
  totals: ShardTotals,
  { sums, missing, ...rest }: ShardManifest,
): ShardSummary {
  if (sums) addSums(totals.sums, sums);
  if ((sums?.records ?? 0) !== rest.counts.records) {
    throw new InternalError(`shard ${rest.shard} has sums of other records than it wrote`);
  }
  if (rest.contigs.length > 0) {
    const own = new Set(missing);
    totals.missing = totals.missing?.intersection(own) ?? own;
  }
  return rest;
}
