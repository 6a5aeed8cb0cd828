/**
 * Readers of an output that is replaced again and again: each answer is that of one of the files, or
 * there is none for want of an index.
 */
import assert from "node:assert/strict";
import { convert } from "../../mod.ts";
import { generateMatrix } from "../../src/generate/generate.ts";
import { withFolder } from "../helpers/cli.ts";
import { hasTool, missingNote, run } from "../helpers/tools.ts";

/** Rounds of two conversions. */
const ROUNDS = 4;

for (const reader of ["bcftools", "tabix"] as const) {
  Deno.test({
    name: `${reader} reads while the file is replaced` + missingNote(reader),
    ignore: !hasTool(reader),
    fn: () =>
      withFolder(async (folder) => {
        const output = `${folder}/o.vcf.gz`, answers = new Map<string, string>();
        const command = (path: string): [string, string[]] =>
          reader === "tabix"
            ? ["tabix", [path, "4"]]
            : ["bcftools", ["view", "--no-version", "-H", path, "4"]];
        for (const seed of [1, 2]) {
          const input = `${folder}/${seed}.tsv`;
          using file = await Deno.open(input, { write: true, createNew: true });
          for (const block of generateMatrix({ rows: 3000 * seed, samples: 8, seed })) {
            await file.write(block);
          }
          const index = seed === 1 ? "tbi" as const : "csi" as const;
          await convert({ input, output: `${folder}/${seed}.vcf.gz`, threads: 0, index });
          const { stdout, code } = await run(...command(`${folder}/${seed}.vcf.gz`));
          assert.equal(code, 0);
          answers.set(stdout, String(seed));
        }
        assert.equal(answers.size, 2);
        let ended = false;
        const seen: Record<string, number> = { "1": 0, "2": 0, none: 0, neither: 0 };
        const reading = [1, 2].map(async () => {
          while (!ended) {
            const { stdout, stderr, code } = await run(...command(output));
            if (code === 0) {
              seen[answers.get(stdout) ?? "neither"]++;
            } else if (/index|No such file/i.test(stderr)) seen.none++;
            else seen.neither++;
          }
        });
        for (let round = 0; round < ROUNDS; round++) {
          for (const seed of [1, 2]) {
            const index = seed === 1 ? "tbi" as const : "csi" as const;
            await convert({ input: `${folder}/${seed}.tsv`, output, threads: 0, index });
          }
        }
        ended = true;
        await Promise.all(reading);
        assert.ok(seen["1"] > 0 && seen["2"] > 0, JSON.stringify(seen));
        // A reader may open the old file before the two renames, and the index after them. No order of
        // names keeps it from that, and it is rare: once in thousands of rounds, if at all.
        assert.ok(seen.neither <= 1, JSON.stringify(seen));
      }),
  });
}
