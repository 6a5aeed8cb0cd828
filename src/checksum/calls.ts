/**
 * Declares the call by which a worker sums a part of a file.
 *
 * @module
 */
import type { Call } from "../threads/worker_calls.ts";
import type { RangeJob } from "./sum_range.ts";
import type { SumArrays } from "./sums.ts";

/** Sums the lines of a range; it fails where one is bad, without a right place. */
export const SUM_RANGE: Call<RangeJob, SumArrays> = { name: "sum range" };
