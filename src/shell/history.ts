/**
 * Keeps what was typed into the SQL shell, from run to run.
 *
 * @module
 */
import { dirname } from "node:path";

/** A history in a file, one entry a line, oldest first. */
export class ShellHistory {
  /** Most entries that are kept. */
  readonly most = 1000;
  readonly #path: string | undefined;

  /** @param path The file. Default: one in the user's state folder, or none without that folder. */
  constructor(path: string | undefined = defaultPath()) {
    this.#path = path;
  }

  /** Returns the entries, newest first. */
  load(): string[] {
    if (this.#path === undefined) return [];
    try {
      const lines = Deno.readTextFileSync(this.#path).split("\n").filter((line) => line !== "");
      const kept = lines.slice(-this.most);
      // The file is shortened now and then, not with every entry.
      if (lines.length > 2 * this.most) this.#write(kept, { append: false });
      return kept.toReversed();
    } catch {
      return [];
    }
  }

  /** Adds entries, oldest first. A history that cannot be written is no reason to stop. */
  add(entries: readonly string[]): void {
    try {
      this.#write(entries, { append: true });
    } catch {
      // Nothing is lost but convenience.
    }
  }

  #write(lines: readonly string[], { append }: { append: boolean }): void {
    if (this.#path === undefined) return;
    Deno.mkdirSync(dirname(this.#path), { recursive: true });
    // Queries can name patients, so only the user may read the file.
    const text = lines.map((line) => `${line}\n`).join("");
    Deno.writeTextFileSync(this.#path, text, { append, mode: 0o600 });
  }
}

/** Returns `$XDG_STATE_HOME/matrix2vcf/sql_history`, by default below `~/.local/state`. */
function defaultPath(): string | undefined {
  try {
    const home = Deno.env.get("HOME");
    const state = Deno.env.get("XDG_STATE_HOME") || (home && `${home}/.local/state`);
    return state ? `${state}/matrix2vcf/sql_history` : undefined;
  } catch {
    // Without permission to ask for the folder there is no history.
    return undefined;
  }
}
