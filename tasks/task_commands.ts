/**
 * Reads the tasks of `deno.json`.
 *
 * @module
 */

/** A task as `deno.json` has it. */
export interface Task {
  description: string;
  command: string;
}

/** Returns the commands of tasks, by name. */
export function taskCommands(tasks: Readonly<Record<string, Task>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tasks).map(([name, { command }]) => [name, command]));
}
