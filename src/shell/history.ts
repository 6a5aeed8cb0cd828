/**
 * What was typed into the SQL shell, kept between runs.
 *
 * @module
 */
import { dirname } from "node:path";

/** Entries in a file, one a line, oldest first. */
export class ShellHistory {
  /** Most entries that are kept. */
  readonly most = 1000;
  readonly #path: string | undefined;

  /** @param path The file. Default: in the user's state folder, or none where there is none. */
  constructor(path: string | undefined = defaultPath()) {
    this.#path = path;
  }

  /** The entries, newest first. */
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

  /** Add entries, oldest first. A history that cannot be written is none, but no reason to stop. */
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
    // Queries can tell of patients: the file is the user's alone.
    const text = lines.map((line) => `${line}\n`).join("");
    Deno.writeTextFileSync(this.#path, text, { append, mode: 0o600 });
  }
}

/** `$XDG_STATE_HOME/matrix2vcf/sql_history`, by default below `~/.local/state`. */
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
