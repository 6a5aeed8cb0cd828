/**
 * Runs `deno task test:htsjdk`: htsjdk, by Debian's picard-tools, reads every golden VCF and writes
 * it again, and the records must be the same. It needs Java, and so stands outside `.ci/run`.
 *
 * @module
 */

const GOLDEN = new URL("../tests/golden/", import.meta.url);

/** Returns the lines of a VCF without those of its header that htsjdk writes in its own way. */
function recordsOf(vcf: string): string {
  return vcf.split("\n").filter((line) => !line.startsWith("##")).join("\n");
}

/** Has htsjdk read a VCF and write it again. */
async function throughHtsjdk(input: string, output: string): Promise<string> {
  const { success, stderr } = await new Deno.Command("PicardCommandLine", {
    args: [
      "VcfFormatConverter",
      `I=${input}`,
      `O=${output}`,
      "REQUIRE_INDEX=false",
      "CREATE_INDEX=false",
      "QUIET=true",
      "VERBOSITY=ERROR",
    ],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
  return await Deno.readTextFile(output);
}

async function main(): Promise<number> {
  const folder = await Deno.makeTempDir();
  let wrong = 0;
  try {
    const names = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name).sort();
    for (const name of names) {
      const path = decodeURIComponent(new URL(`${name}/expected.vcf`, GOLDEN).pathname);
      let verdict = "same";
      try {
        const again = await throughHtsjdk(path, `${folder}/again.vcf`);
        if (recordsOf(again) !== recordsOf(await Deno.readTextFile(path))) verdict = "differs";
      } catch (error) {
        verdict = (error as Error).message.split("\n").at(-1)!;
      }
      if (verdict !== "same") wrong++;
      console.log(`${name}: ${verdict}`);
    }
    console.log(`${names.length - wrong} of ${names.length} are the same`);
    return wrong === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
