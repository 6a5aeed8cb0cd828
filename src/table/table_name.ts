/**
 * How a kept table gets its public name, which must be nobody else's. The run that made it reads it
 * under a private name, so that it does not matter to it what becomes of the public one.
 *
 * @module
 */

/** What came of it; `unable` where the file system has no hard links. */
export type Naming = "named" | "taken" | "unable";

/** Gives a file a further name. */
export function linkTable(file: string, name: string): Naming {
  try {
    Deno.linkSync(file, name);
    return "named";
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists ? "taken" : "unable";
  }
}

/** Gives a file another name, by claiming that with an empty file. Nobody may have the file open. */
export function moveTable(file: string, name: string): Naming {
  try {
    Deno.openSync(name, { write: true, createNew: true }).close();
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return "taken";
    throw error;
  }
  Deno.renameSync(file, name);
  return "named";
}
