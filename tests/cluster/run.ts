/**
 * Runs the tests of the recipes, with a real Slurm and Snakemake on this machine:
 * `deno task test:cluster`, and `deno task test:cluster --megabytes 30`.
 *
 * @module
 */
import { hasTool } from "../helpers/tools.ts";

/** Debian's package of each program that the tests start. */
const PACKAGES = {
  slurmctld: "slurmctld",
  slurmd: "slurmd",
  sbatch: "slurm-client",
  munged: "munge",
  snakemake: "snakemake",
  ip: "iproute2",
  nsenter: "util-linux",
};

if (import.meta.main) {
  console.log("tests of the recipes on a cluster of two nodes: about 4 min on two cores");
  const missing = Object.entries(PACKAGES).filter(([tool]) => !hasTool(tool));
  if (missing.length > 0) {
    const [tools, packages] = [0, 1].map((column) => missing.map((pair) => pair[column]).join(" "));
    console.log(
      `missing: ${tools}; apt-get install --no-install-recommends ${packages}; skipped without`,
    );
  }
  const folder = new URL(".", import.meta.url).pathname;
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", folder, "--", ...Deno.args],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  Deno.exit(code);
}
