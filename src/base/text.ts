/**
 * Makes text fit to be shown to people.
 *
 * @module
 */

/**
 * Makes text from a file safe for one line on a terminal: control characters become escapes, and a
 * long text is cut in the middle.
 */
export function printable(text: string, most = 60): string {
  // deno-lint-ignore no-control-regex
  const safe = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, (c) => {
    const code = c.charCodeAt(0);
    return code === 9 ? "\\t" : `\\u{${code.toString(16)}}`;
  });
  if (safe.length <= most) return safe;
  const half = Math.floor((most - 2) / 2);
  return `${safe.slice(0, half)}..${safe.slice(-half)}`;
}

/** Returns a whole number with blanks between groups of three digits: `1 234 567`. */
export function grouped(count: number): string {
  return ungrouped(count).replace(/\B(?=(\d{3})+$)/g, " ");
}

/** Returns a whole number without separators, as pipes and logs want it: `1234567`. */
export function ungrouped(count: number): string {
  return String(Math.round(count));
}

/** Writes a whole number: {@linkcode grouped} on a terminal, {@linkcode ungrouped} elsewhere. */
export type NumberStyle = (count: number) => string;
