/**
 * Writes a report as a page: HTML that needs no other file. All texts of a run are escaped.
 *
 * @module
 */
import type { Cell, Chart, Note } from "./chart.ts";
import { SCRIPT } from "./page_script.ts";
import { STYLE } from "./page_style.ts";

/** What a page shows. */
export interface PageContent {
  version: string;
  title: string;
  facts: readonly (readonly [name: string, value: string])[];
  warnings: readonly string[];
  refused: readonly { line: string; reason: string }[];
  refusedRows: number;
  sections: readonly (Chart | Note)[];
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Returns a text as HTML: characters that turn the direction of a line are shown by their numbers. */
export function escaped(text: string): string {
  return /^[ \w.,:-]*$/.test(text)
    ? text
    : text.replaceAll(ODD, (char) => ESCAPES[char] ?? numberOf(char));
}

// deno-lint-ignore no-control-regex
const ODD = /[&<>"'\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function numberOf(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/**
 * Returns the page.
 *
 * @param library Code of the plotting library.
 */
export async function pageText(page: PageContent, library: string): Promise<string> {
  const hashes = await Promise.all([library, SCRIPT].map(hashOf));
  // Nothing is fetched, and nothing runs but the two scripts.
  const policy = `default-src 'none'; script-src ${hashes.join(" ")}; style-src 'unsafe-inline'; ` +
    "img-src data:; base-uri 'none'; form-action 'none'";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="${escaped(page.version)}">
<title>${escaped(page.title)}: report</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(page.title)}</h1>
<p>A report by ${escaped(page.version)}. Every figure is exact unless it says otherwise.</p>
<noscript><p>Scripts are off: the tables are here, the charts are not.</p></noscript>
</header>
<nav aria-label="Sections"><ul>
${
    [RUN, ...page.sections].map(({ id, title }) => `<li><a href="#${id}">${title}</a></li>`).join(
      "\n",
    )
  }
</ul></nav>
<main>
${runSection(page)}
${page.sections.map(sectionText).join("\n")}
</main>
<script>${library}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const RUN = { id: "run", title: "The run" };

/** Returns the source of a policy that allows just this script. */
async function hashOf(code: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(code));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

function runSection({ facts, warnings, refused, refusedRows }: PageContent): string {
  const rows = facts.map(([name, value]) =>
    `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`
  );
  const list = (items: readonly string[]) =>
    `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;
  const more = refusedRows > refused.length
    ? `, of which the first ${refused.length} are here`
    : "";
  return `<section id="${RUN.id}"><h2>${RUN.title}</h2>
<table class="facts"><tbody>${rows.join("")}</tbody></table>
<h3>Notes and warnings</h3>${warnings.length > 0 ? list(warnings) : "<p>There are none.</p>"}
<h3>Refused rows</h3>${
    refusedRows > 0
      ? `<p>${
        refusedRows === 1 ? "1 row was" : `${refusedRows} rows were`
      } bad and left out${more}.</p>` +
        list(refused.map(({ line, reason }) => `line ${line}: ${reason}`))
      : "<p>No row was refused.</p>"
  }
</section>`;
}

function sectionText(section: Chart | Note): string {
  const { id, title, text } = section;
  const head = `<section id="${id}"><h2>${title}</h2>
${text.map((line) => `<p>${escaped(line)}</p>`).join("\n")}`;
  return `${head}
${"rows" in section ? chartText(section) : ""}</section>`;
}

/** Rows up to which a table is open at once. */
const FEW_ROWS = 16;

function chartText(chart: Chart): string {
  const { id, title, kind, columns, rows, drawn, shares, sql, logarithmic } = chart;
  if (rows.length === 0) return `<p class="empty">There is nothing to show.</p>\n`;
  const open = rows.length <= FEW_ROWS && kind !== "heat" ? " open" : "";
  const data = `data-table="${id}-table" data-kind="${kind}" data-drawn="${drawn.join(" ")}" ` +
    `data-shares="${shares.join(" ")}"${logarithmic ? " data-log" : ""}`;
  const label = `${title}: a chart of the table below`;
  const query = sql === undefined ? "" : `<details class="sql"><summary>SQL of this chart</summary>
<pre tabindex="0">${
    escapedLines(sql)
  }</pre><button type="button" class="copy">Copy</button></details>
`;
  return `<div class="chart" ${data} role="img" aria-label="${label}"></div>
<details${open}><summary>Table of this chart: ${rows.length} rows</summary>
<div class="scroll${kind === "heat" ? " heat" : ""}" tabindex="0"><table id="${id}-table">
<thead><tr>${
    columns.map((name) => `<th scope="col"><button type="button">${escaped(name)}</button></th>`)
      .join("")
  }</tr></thead>
<tbody>${tableRows(chart)}</tbody></table></div></details>
${query}`;
}

function tableRows({ rows, marked }: Chart): string {
  const standOut = new Set(marked);
  return rows.map((row, n) =>
    `<tr${standOut.has(n) ? ' class="marked"' : ""}>${row.map(cellText).join("")}</tr>`
  ).join("\n");
}

function cellText(cell: Cell): string {
  return `<td>${typeof cell === "string" ? escaped(cell) : cell ?? ""}</td>`;
}

/** Returns a text of several lines as HTML. */
function escapedLines(text: string): string {
  return text.split("\n").map(escaped).join("\n");
}
