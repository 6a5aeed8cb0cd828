/**
 * The page of a report in a browser with the network off: it complains of nothing, draws every chart
 * with the values of its table, and runs nothing that a name holds.
 *
 * `deno test -A tests/judges/report_page_test.ts -- pictures` makes the pictures of `docs/`.
 */
import assert from "node:assert/strict";
import { convert } from "../../mod.ts";
import { makeReport } from "../../src/report/make_report.ts";
import { Browser, chromiumNote, noChromium } from "../helpers/chromium.ts";
import { filePath, withFolder } from "../helpers/cli.ts";
import { matrixText } from "../helpers/generated.ts";
import { countsOfInput } from "../helpers/report_oracle.ts";

/** What the page of a browser draws: the table of a chart, and the values that the chart has. */
interface Drawn {
  id: string;
  kind: string;
  names: string[];
  cells: string[][];
  drawn: number[];
  categories: string[];
  series: { name: string; data: unknown[] }[];
  /** Points of the picture that are not paper. */
  ink: number;
}

const READ = `[...document.querySelectorAll(".chart")].map((box) => {
  const table = document.getElementById(box.dataset.table), chart = echarts.getInstanceByDom(box);
  const { series, xAxis } = chart.getOption(), canvas = box.querySelector("canvas");
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const paper = pixels.slice(0, 3).join();
  let ink = 0;
  for (let at = 0; at < pixels.length; at += 4) if (pixels.slice(at, at + 3).join() !== paper) ink++;
  return {
    id: box.parentElement.id, kind: box.dataset.kind, ink,
    names: [...table.tHead.rows[0].cells].map((cell) => cell.textContent),
    cells: [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent)),
    drawn: box.dataset.drawn.split(" ").map(Number),
    categories: xAxis[0].data,
    series: series.map(({ name, data }) => ({ name, data })),
  };
})`;

function numberOf(cell: string): number | null {
  return cell === "" ? null : Number(cell);
}

/** The values of a chart are those of its table, and something is drawn. */
function compare({ id, kind, names, cells, drawn, categories, series, ink }: Drawn): void {
  assert.ok(ink > 200, `${id}: only ${ink} points are drawn`);
  if (kind === "heat") {
    const expected = cells.flatMap((row, y) =>
      row.slice(1).map((cell, x) => [x, y, numberOf(cell)])
    );
    return assert.deepEqual(series[0].data, expected, id);
  }
  assert.deepEqual(categories, cells.map(([name]) => name), id);
  assert.deepEqual(series.map(({ name }) => name), drawn.map((column) => names[column]), id);
  drawn.forEach((column, n) => {
    const values = series[n].data.map((item) =>
      typeof item === "object" && item !== null ? (item as { value: unknown }).value : item
    );
    assert.deepEqual(values, cells.map((row) => numberOf(row[column])), `${id} ${names[column]}`);
  });
}

/** Makes a page of a matrix in a folder of its own, and opens it. */
async function openPage(
  browser: Browser,
  folder: string,
  text: string,
  more: { profile?: boolean } = {},
): Promise<Drawn[]> {
  const input = `${folder}/m.tsv`, alone = `${folder}/alone`;
  await Deno.writeTextFile(input, text);
  await Deno.mkdir(alone);
  const profile = more.profile ? `${folder}/profile.csv` : undefined;
  const report = `${alone}/report.html`;
  await convert({ input, output: `${folder}/o.vcf`, report, profile, threads: 0 });
  const { size } = await Deno.stat(report);
  assert.ok(size <= 3e6, `the page has ${size} bytes`);
  await browser.open(report);
  const drawn = await browser.ask<Drawn[]>(READ);
  assert.deepEqual(browser.complaints, []);
  drawn.forEach(compare);
  return drawn;
}

const head = (names: readonly string[]) => `CHROM\tPOS\tREF\t${names.join("\t")}\n`;
const rows = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${line(n)}\n`).join("");

/** Names that would do something if they were taken for HTML, JavaScript or a direction. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(2)</script>",
  `"><svg onload=alert(3)>`,
  "'; alert(4); '",
  "{{alert(5)}} ${alert(6)} &lt;b&gt;",
  "\u202eright to left\u200f",
  "x".repeat(300),
  "__proto__",
];

const wide = Array.from({ length: 2504 }, (_, n) => [`S${n}a`, `S${n}b`]).flat();

/** Matrices, and the charts of their pages that are there. */
const CASES: readonly { name: string; text: string; charts: number }[] = [
  { name: "1 sample", text: head(["s"]) + "1\t5\tA\tG\n1\t9\tA\tACC\n", charts: 10 },
  { name: "16 samples", text: matrixText({ rows: 400, indels: 0.2 }), charts: 11 },
  {
    name: "200 samples, all of whom are compared",
    text: head(wide.slice(0, 400)) +
      rows(
        50,
        (n) => `1\t${n + 1}\tA\t${wide.slice(0, 400).map((_, m) => "AG.A"[n * m % 4]).join("\t")}`,
      ),
    charts: 10,
  },
  { name: "no variant", text: head(["1a", "1b", "2a", "2b"]) + "1\t5\tA\tA\tA\tA\tA\n", charts: 9 },
  { name: "all missing", text: head(["1a", "1b", "2"]) + "1\t5\tA\t.\t.\t.\n", charts: 9 },
  { name: "no record", text: head(["1a", "1b"]), charts: 5 },
  {
    name: "5,008 haplotypes",
    text: head(wide) +
      rows(
        60,
        (n) =>
          `1\t${n + 1}\tA\t${
            wide.map((_, m) => (n * m) % 97 === 1 ? "G" : m % 501 === n ? "." : "A").join("\t")
          }`,
      ),
    charts: 9,
  },
  {
    name: "100,000 contigs",
    text: head(["1a", "1b"]) +
      rows(100_000, (n) => `contig_with_a_long_name_${n}\t${n + 1}\tA\tA\tG`),
    charts: 9,
  },
];

Deno.test({
  name: `report page: every chart has the values of its table${chromiumNote}`,
  ignore: noChromium,
  fn: async (t) => {
    await using browser = await Browser.start();
    for (const { name, text, charts } of CASES) {
      await t.step(name, () =>
        withFolder(async (folder) => {
          const drawn = await openPage(browser, folder, text);
          assert.equal(drawn.length, charts, drawn.map(({ id }) => id).join());
        }));
    }
    await t.step("memory over time", () =>
      withFolder(async (folder) => {
        const drawn = await openPage(browser, folder, matrixText({ rows: 400 }), { profile: true });
        assert.equal(drawn.at(-1)!.id, "memory");
      }));
    await t.step("hostile names are text, and nothing runs", () =>
      withFolder(async (folder) => {
        const hostile = new Map(HOSTILE.map((name, n) => [`s${n}`, name]));
        const input = `${folder}/m.tsv`, page = `${folder}/report.html`;
        const text = head([...hostile.keys()]) +
          rows(HOSTILE.length, (n) =>
            `s${n}\t7\tA\t${HOSTILE.map((_, m) => "AG"[m % 2]).join("\t")}`);
        await Deno.writeTextFile(input, text);
        const counts = (await countsOfInput({ input, output: `${folder}/o.vcf` })).map((row) => {
          return { ...row, name: hostile.get(row.name!) ?? row.name };
        });
        const run = {
          facts: HOSTILE.map((name) =>
            [name, name] as const
          ),
          warnings: HOSTILE,
          refused: HOSTILE.map((reason) => ({ line: "7", reason })),
          refusedRows: 9,
        };
        const title = HOSTILE[1] + HOSTILE[2];
        const made = await makeReport({ version: "x", title, run, counts, profile: undefined });
        await Deno.writeTextFile(page, made.page);
        await browser.open(page);
        const [samples, contigs] = await browser.ask<Drawn[]>(READ);
        assert.deepEqual(browser.complaints, []);
        [samples, contigs].forEach(compare);
        const shown = HOSTILE.map((name) =>
          name.replace("\u202e", "\\u202e").replace("\u200f", "\\u200f")
        );
        assert.deepEqual(samples.cells.map(([name]) => name), shown);
        assert.deepEqual(contigs.cells.map(([name]) => name).sort(), shown.toSorted());
        assert.equal(await browser.ask("document.querySelector('h1').textContent"), title);
        assert.equal(await browser.ask("document.querySelectorAll('img, svg').length"), 0);
        assert.equal(await browser.ask("document.querySelectorAll('script').length"), 2);
        // Not even what is put into the page afterwards runs.
        await browser.ask(
          `document.body.insertAdjacentHTML("beforeend", "<b onclick=alert(8)>x</b>"),
          document.body.lastChild.click(), 1`,
        );
        assert.doesNotMatch(browser.complaints.join("\n"), /a dialog/);
      }));
    await t.step(
      "a table is sorted by the keyboard, SQL is copied, colours follow the reader",
      () => withFolder((folder) => useByKeyboard(browser, folder)),
    );
  },
});

async function press(browser: Browser, key: string): Promise<void> {
  const text = key === "Enter" ? "\r" : undefined;
  const event = { key, code: key, windowsVirtualKeyCode: key === "Enter" ? 13 : 9, text };
  await browser.call("Input.dispatchKeyEvent", { type: "keyDown", ...event });
  await browser.call("Input.dispatchKeyEvent", { type: "keyUp", ...event });
}

async function useByKeyboard(browser: Browser, folder: string): Promise<void> {
  await openPage(browser, folder, matrixText({ rows: 400 }));
  const column = () =>
    browser.ask<string[]>(
      `[...document.querySelectorAll("#samples-table tbody tr")].map((row) => row.cells[1].textContent)`,
    );
  await browser.ask(
    `document.querySelector("#samples details").open = true,
    document.querySelectorAll("#samples-table th button")[1].focus(), 1`,
  );
  await press(browser, "Enter");
  const down = await column();
  assert.deepEqual(down, down.toSorted((a, b) => Number(b) - Number(a)));
  await press(browser, "Enter");
  assert.deepEqual(await column(), down.toSorted((a, b) => Number(a) - Number(b)));
  // From the top of the page, TAB comes to the links first, and to all that can be used.
  await browser.ask("document.activeElement.blur(), 1");
  const found = new Set<string>();
  for (let n = 0; n < 60; n++) {
    await press(browser, "Tab");
    found.add(await browser.ask("document.activeElement.tagName"));
  }
  for (const tag of ["A", "SUMMARY", "BUTTON"]) assert.ok(found.has(tag), tag);
  const copied = await browser.ask<string>(`(async () => {
    const box = document.querySelector("#contigs .sql");
    box.open = true;
    box.querySelector("button").click();
    await new Promise((done) => setTimeout(done, 300));
    return box.querySelector("button").textContent + "|" + getSelection().toString().trim();
  })()`);
  const sql = await browser.ask<string>(`document.querySelector("#contigs .sql pre").textContent`);
  assert.match(copied, /^(Copied|Selected)/);
  assert.ok(copied.endsWith(sql.trim().slice(-20)), copied);
  const paper = () =>
    browser.ask<string>(`(() => {
      const canvas = document.querySelector("#contigs canvas");
      return [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data].slice(0, 3).join();
    })()`);
  // The page hears of a change a little later.
  const becomes = async (colour: string) => {
    const end = performance.now() + 20_000;
    while (await paper() !== colour && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(await paper(), colour);
  };
  const dark = "20,24,29", light = "255,255,255";
  await browser.show("dark", "screen");
  await becomes(dark);
  await browser.ask(`dispatchEvent(new Event("beforeprint")), 1`);
  assert.equal(await paper(), light, "before it is printed");
  await browser.ask(`dispatchEvent(new Event("afterprint")), 1`);
  assert.equal(await paper(), dark);
  await browser.show("dark", "print");
  await becomes(light);
  await browser.show("dark", "screen");
  await becomes(dark);
  await browser.show("light", "screen");
  await becomes(light);
}

Deno.test({
  name: `report page: pictures for the documentation${chromiumNote}`,
  ignore: noChromium || !Deno.args.includes("pictures"),
  fn: () =>
    withFolder(async (folder) => {
      await using browser = await Browser.start();
      const text = matrixText({ rows: 20_000, multiallelic: 0.05, indels: 0.1 });
      await openPage(browser, folder, text, { profile: true });
      for (
        const [scheme, media] of [["light", "screen"], ["dark", "screen"], [
          "light",
          "print",
        ]] as const
      ) {
        await browser.show(scheme, media);
        const top = await browser.ask<number>(
          `document.querySelector("#samples").getBoundingClientRect().top + scrollY`,
        );
        const clip = { x: 0, y: top - 10, width: 1080, height: 1500, scale: 0.5 };
        const name = media === "print" ? "print" : scheme;
        await Deno.writeFile(filePath(`docs/report-${name}.png`), await browser.picture(clip));
      }
    }),
});
