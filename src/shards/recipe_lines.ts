/**
 * Says which commands come after a plan.
 *
 * @module
 */
import { shellWord } from "./done_shards.ts";
import type { ShardPlan } from "./shard_plan.ts";

/**
 * Returns lines to paste into a shell: the shards one after the other, or as an array of Slurm, and
 * their gathering.
 *
 * @param plan The plan.
 * @param path Its path, as the user gave it.
 */
export function recipeLines({ shards, options }: ShardPlan, path: string): string[] {
  const output = options.outputType === "v" ? "OUT.vcf" : "OUT.vcf.gz", last = shards.length - 1;
  const shard = (k: string) => `matrix2vcf shard ${shellWord(path)} ${k}`;
  const gather = `matrix2vcf gather ${shellWord(path)} -o ${output}`;
  return [
    "# on this machine:",
    `for k in $(seq 0 ${last}); do ${shard("$k")} || break; done`,
    gather,
    "# with Slurm:",
    `J=$(sbatch --parsable --array=0-${last} --requeue --wrap ${
      shellWord(shard("$SLURM_ARRAY_TASK_ID"))
    })`,
    `sbatch --dependency=afterok:$J --kill-on-invalid-dep=yes --wrap ${shellWord(gather)}`,
  ];
}
