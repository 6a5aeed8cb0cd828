/**
 * Says which commands come after a plan.
 *
 * @module
 */
import { shellWord } from "./done_shards.ts";
import type { ScatterReport } from "./scatter.ts";

/**
 * Returns lines to paste into a shell: the shards one after the other, or as an array of Slurm, and
 * their gathering.
 */
export function recipeLines({ plan, shards, outputType }: ScatterReport): string[] {
  const output = outputType === "v" ? "OUT.vcf" : "OUT.vcf.gz", last = shards - 1;
  const shard = (k: string) => `matrix2vcf shard ${shellWord(plan)} ${k}`;
  const gather = `matrix2vcf gather ${shellWord(plan)} -o ${output}`;
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
