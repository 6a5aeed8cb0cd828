/**
 * Reads the code of the plotting library, which a page has in it.
 *
 * @module
 */

/** Returns the code of the plotting library, as a script. */
export async function chartLibrary(): Promise<string> {
  const code = await Deno.readTextFile(
    new URL(import.meta.resolve("echarts/dist/echarts.min.js")),
  );
  // What would end the element of a script must not stand in it.
  return code.replaceAll(/<\/(?=script)/gi, "<\\/");
}
