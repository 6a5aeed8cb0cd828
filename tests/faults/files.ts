/**
 * Copies of folders.
 *
 * @module
 */

/** Copies the files of a folder into a new one. */
export async function copy(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}
