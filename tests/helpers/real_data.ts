/**
 * The sets of `../shared/data`, which lies beside the checkout where there is one.
 *
 * @module
 */

import { filePath } from "./cli.ts";

/** The folder. */
export const DATA = filePath("../shared/data");

/** A matrix of the folder. */
export interface RealSet {
  name: string;
  matrix: string;
  /** The VCF that the matrix was made from. */
  truth?: string;
  /** What `check_roundtrip.sh` is told. */
  flags: string[];
  /** Four haplotypes a sample; needs {@linkcode writeSheet}. */
  polyploid: boolean;
}

/** The matrices that the manifest lists; none where there is no such folder. */
export const REAL_SETS: readonly RealSet[] = readManifest();

/** Ends the name of a test that needs the folder. */
export const noDataNote: string = REAL_SETS.length > 0 ? "" : ` (ignored: no ${DATA})`;

function readManifest(): RealSet[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(`${DATA}/MANIFEST.tsv`);
  } catch {
    return [];
  }
  return text.split("\n").map((line) => line.split("\t"))
    .filter(([file]) => /\.(snp)?matrix\.tsv$/.test(file))
    .map(([name, , , , , , peculiarities, truth, flags = ""]) => ({
      name,
      matrix: `${DATA}/${name}`,
      truth: truth ? `${DATA}/${truth}` : undefined,
      flags: flags.split(" ").filter((flag) => flag !== ""),
      polyploid: /ploidy 4/.test(peculiarities),
    }));
}

/** Writes the first lines of a matrix, for where its size is not the point. */
export async function writeHead(matrix: string, lines: number, path: string): Promise<string> {
  const text = await Deno.readTextFile(matrix);
  await Deno.writeTextFile(path, text.split("\n", lines).join("\n").replace(/\n*$/, "\n"));
  return path;
}

/** Writes a sheet that gives each sample its four columns `a` to `d`. */
export async function writeSheet(matrix: string, path: string): Promise<string> {
  const header = (await Deno.readTextFile(matrix)).split("\n", 1)[0].split("\t");
  const samples = header.slice(3).filter((name) => name.endsWith("a")).map((name) =>
    name.slice(0, -1)
  );
  const rows = samples.map((name) => [name, ...["a", "b", "c", "d"].map((end) => name + end)]);
  await Deno.writeTextFile(path, rows.map((row) => `${row.join("\t")}\n`).join(""));
  return path;
}
