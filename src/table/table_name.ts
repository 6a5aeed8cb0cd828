/**
 * Gives a kept table its public name, which must be nobody else's. The run that made the table
 * reads it under a private name, so whatever becomes of the public one does not matter to it.
 *
 * @module
 */

/** The result of naming a table; `unable` where the file system has no hard links. */
export type Naming = "named" | "taken" | "unable";

/** Gives a file a further name, by a hard link. */
export function linkTable(file: string, name: string): Naming {
  try {
    Deno.linkSync(file, name);
    return "named";
  } catch (error) {
    return error instanceof Deno.errors.AlreadyExists ? "taken" : "unable";
  }
}

/** Renames a file over an empty one that claims the name. Nobody may have the file open. */
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
