/**
 * Makes text fit to be shown to people.
 *
 * @module
 */

/**
 * The characters that steer instead of being shown: control characters (C0, DEL, C1), separators of
 * lines and paragraphs, a byte order mark, and what turns the direction of the text around it. They
 * are refused in names, and escaped wherever a text is shown.
 */
const STEERING =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Tells whether a text has a character that steers a terminal, or turns the text around it. */
export function steers(text: string): boolean {
  return text.search(STEERING) >= 0;
}

/** Returns a text with escapes in place of the characters that steer. */
export function withEscapes(text: string, escape: (code: number) => string): string {
  return text.replace(STEERING, (character) => escape(character.charCodeAt(0)));
}

/** Makes text of several lines safe for a terminal; line ends and TABs stay. */
export function terminalText(text: string): string {
  return withEscapes(
    text,
    (code) => code === 9 || code === 10 ? String.fromCharCode(code) : `\\u{${code.toString(16)}}`,
  );
}

/** Returns a value as JSON, in which what steers a terminal is escaped, beyond ASCII, too. */
export function jsonText(value: unknown, indent?: number): string {
  return withEscapes(
    JSON.stringify(value, null, indent),
    (code) => code === 10 ? "\n" : `\\u${code.toString(16).padStart(4, "0")}`,
  );
}

/**
 * Makes text from a file safe for one line on a terminal: characters that steer become escapes, and a
 * long text is cut in the middle.
 */
export function printable(text: string, most = 60): string {
  const safe = withEscapes(text, (code) => code === 9 ? "\\t" : `\\u{${code.toString(16)}}`);
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
