/**
 * Refuses dialects that are known and that no tokenizer reads yet.
 *
 * @module
 */
import { InputError } from "../../base/errors.ts";
import type { MatrixLayout } from "../layout.ts";

/**
 * Refuses what the tokenizer cannot read.
 *
 * @throws {InputError} Such a dialect.
 */
export function refuseUnbuilt(
  { dialect }: MatrixLayout,
): void {
  if (dialect.name !== "hap-legend") return;
  throw new InputError(`the dialect ${dialect.name} is not built yet`);
}
