/**
 * Draws what a command prints as a picture of a terminal, for the README:
 * `deno run -A tasks/terminal_picture.ts docs/convert.svg deno task convert big.tsv -o big.vcf.gz`.
 *
 * @module
 */

const FONT = 14, LINE = 20, PAD = 16, CHAR = 8.43;

/** Returns an SVG of a prompt with a command, and the lines that it printed. */
export function terminalSvg(command: string, lines: readonly string[]): string {
  const shown = [`$ ${command}`, ...lines];
  const width = Math.ceil(Math.max(...shown.map(({ length }) => length)) * CHAR + 2 * PAD);
  const height = shown.length * LINE + 2 * PAD;
  const rows = shown.map((line, index) => {
    const color = index === 0 ? "#8bd5ca" : "#e6e6e6";
    const y = PAD + (index + 0.75) * LINE;
    return `<text x="${PAD}" y="${y}" fill="${color}" xml:space="preserve">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="${FONT}">`,
    `<rect width="100%" height="100%" rx="8" fill="#1e2030"/>`,
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.main) {
  const [picture, command, ...args] = Deno.args;
  const { stdout, stderr } = await new Deno.Command(command, { args, env: { NO_COLOR: "1" } })
    .output();
  const text = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  // The lines of `deno task` itself are left out.
  const lines = text.trimEnd().split("\n").filter((line) => !line.startsWith("Task "));
  await Deno.writeTextFile(picture, terminalSvg([command, ...args].join(" "), lines));
}
