/**
 * Holds the style of the page of a report.
 *
 * @module
 */

/** Colours on paper, where the script, too, sets the class before it is printed. */
const PAPER = `{ color-scheme: light; --paper: #ffffff; --ink: #000000; --dim: #333333;
  --line: #bbbbbb; --soft: #f3f3f3; --one: #0b6fa4; --two: #b8500f; --mark: #b3134c;
  --low: #f3f5f8; --high: #0b4f78; }`;

/** CSS of the page: light, dark, and print, which is light. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1f2933; --dim: #52606d;
  --line: #d3dae2; --soft: #f3f5f8; --one: #0b6fa4; --two: #b8500f; --mark: #b3134c;
  --low: #f3f5f8; --high: #0b4f78; --focus: #b8500f; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6eaee; --dim: #a3b0bd;
  --line: #36414d; --soft: #1e252d; --one: #55b4e6; --two: #f2a25c; --mark: #ff7aa8;
  --low: #1e252d; --high: #8fd3ff; --focus: #f2a25c; } }
@media print { :root ${PAPER} }
:root.paper ${PAPER}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", sans-serif; }
main, header, nav { max-width: 1040px; margin: 0 auto; padding: 0 20px; }
h1 { font-size: 1.6rem; margin: 24px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 36px 0 4px; }
p { margin: 4px 0 8px; max-width: 75ch; color: var(--dim); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; list-style: none; }
a, summary { color: var(--one); }
summary { cursor: pointer; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.chart { width: 100%; height: 340px; }
.chart[data-kind=heat] { height: 620px; }
.scroll { max-height: 420px; overflow: auto; border: 1px solid var(--line); }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: 2px 10px; border-bottom: 1px solid var(--line); text-align: right; }
th { background: var(--soft); position: sticky; top: 0; }
th:first-child, td:first-child, .facts td, .facts th { text-align: left; }
td:first-child { max-width: 36ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  unicode-bidi: isolate; }
.facts td { white-space: normal; overflow-wrap: anywhere; max-width: 75ch; }
tr.marked td { color: var(--mark); font-weight: 600; }
button { font: inherit; color: inherit; background: none; border: 1px solid var(--line);
  border-radius: 4px; cursor: pointer; }
th button { border: none; padding: 0; font-weight: 600; }
pre { background: var(--soft); padding: 10px; overflow: auto; font-size: .8125rem; }
.heat table { font-size: .7rem; } .heat th, .heat td { padding: 1px 4px; }
@media print { nav, button.copy, .sql { display: none; } .scroll { max-height: none; overflow: visible; }
  section { break-inside: avoid; } .chart { width: 680px; } }
.paper .chart { width: 680px; }
`;
