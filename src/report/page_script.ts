/**
 * Holds the script of the page of a report. It draws what stands in the tables of the page, so that
 * no data is in a script, and no text becomes HTML.
 *
 * @module
 */

/** JavaScript of the page. */
export const SCRIPT = String.raw`
"use strict";
(() => {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const numberOf = (text) => text === "" ? null : Number(text);
  const cut = (text) => text.length > 24 ? text.slice(0, 23) + "…" : text;
  const read = (box) => {
    const table = document.getElementById(box.dataset.table);
    const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows].map((row) => ({
      cells: [...row.cells].map((cell) => cell.textContent),
      marked: row.classList.contains("marked"),
    }));
    const list = (text) => text === "" ? [] : text.split(" ").map(Number);
    const { kind, drawn, shares, log } = box.dataset;
    return { kind, names, rows, drawn: list(drawn), shares: list(shares), log: log !== undefined };
  };
  const text = () => ({ color: colour("--ink"), fontFamily: "system-ui, sans-serif" });
  const axis = (more) => ({
    axisLine: { lineStyle: { color: colour("--dim") } },
    axisLabel: { color: colour("--dim"), hideOverlap: true, formatter: more.formatter },
    splitLine: { show: more.type !== "category", lineStyle: { color: colour("--line") } },
    nameTextStyle: { color: colour("--dim") },
    ...more,
  });
  const zoom = (length) => length < 80 ? [] : [{ type: "slider", height: 18, bottom: 6 }];
  const base = () => ({
    animation: false,
    backgroundColor: colour("--paper"),
    textStyle: text(),
    tooltip: { trigger: "axis", renderMode: "richText", confine: true },
  });
  const plain = ({ kind, names, rows, drawn, shares, log }) => {
    const colours = [colour("--one"), colour("--two"), colour("--high"), colour("--mark")];
    const counts = drawn.filter((column) => !shares.includes(column));
    const two = counts.length > 0 && shares.length > 0;
    const series = drawn.map((column, n) => ({
      name: names[column],
      type: kind === "bar" ? "bar" : kind === "points" ? "scatter" : "line",
      yAxisIndex: two && shares.includes(column) ? 1 : 0,
      symbolSize: kind === "points" ? 6 : 4,
      barMaxWidth: 60,
      showSymbol: rows.length < 200,
      color: colours[n % colours.length],
      areaStyle: kind === "line" && n === 0 ? { opacity: 0.15 } : undefined,
      data: rows.map(({ cells, marked }) => marked
        ? { value: numberOf(cells[column]), itemStyle: { color: colour("--mark") }, symbolSize: 12 }
        : numberOf(cells[column])),
    }));
    const one = (name, share) => axis({
      type: log && !share ? "log" : "value", name, min: share || log ? undefined : 0,
      max: share ? (value) => value.max > 0.5 ? 1 : undefined : undefined,
    });
    return {
      ...base(),
      legend: { show: drawn.length > 1, top: 0, textStyle: { color: colour("--ink") } },
      grid: { left: 70, right: two ? 70 : 30, top: 44, bottom: rows.length < 80 ? 34 : 62 },
      dataZoom: zoom(rows.length),
      xAxis: axis({ type: "category", data: rows.map(({ cells }) => cells[0]), formatter: cut }),
      yAxis: [
        ...counts.length > 0 ? [one(counts.map((column) => names[column]).join(", "), false)] : [],
        ...shares.length > 0 ? [one("share", true)] : [],
      ],
      series,
    };
  };
  const heat = ({ rows, names }) => {
    const data = rows.flatMap(({ cells }, y) => cells.slice(1).map((cell, x) => [x, y, numberOf(cell)]));
    const known = data.map(([, , value]) => value).filter((value) => value !== null);
    const named = (data) => axis({ type: "category", data, formatter: cut });
    return {
      ...base(),
      tooltip: { renderMode: "richText", confine: true },
      grid: { left: 130, right: 90, top: 10, bottom: 90 },
      xAxis: { ...named(names.slice(1)), axisLabel: { color: colour("--dim"), rotate: 60, formatter: cut } },
      yAxis: { ...named(names.slice(1)), inverse: true },
      visualMap: {
        min: known.reduce((least, value) => Math.min(least, value), 1), max: 1, right: 4, top: "middle",
        precision: 3, calculable: true, textStyle: { color: colour("--ink") },
        inRange: { color: [colour("--low"), colour("--high")] },
      },
      series: [{ type: "heatmap", name: "identity", data, progressive: 0 }],
    };
  };
  const boxes = [...document.querySelectorAll(".chart")].map((box) => ({ box, drawn: read(box) }));
  const draw = () => {
    for (const { box, drawn } of boxes) {
      const chart = echarts.getInstanceByDom(box) ?? echarts.init(box);
      chart.resize();
      chart.setOption(drawn.kind === "heat" ? heat(drawn) : plain(drawn), true);
    }
  };
  draw();
  for (const query of ["(prefers-color-scheme: dark)", "print"]) {
    matchMedia(query).addEventListener("change", draw);
  }
  // The canvases are drawn before the page has the style of paper.
  const onPaper = (paper) => () => {
    document.documentElement.classList.toggle("paper", paper);
    draw();
  };
  addEventListener("beforeprint", onPaper(true));
  addEventListener("afterprint", onPaper(false));
  addEventListener("resize", draw);

  const sortBy = (table, column, button) => {
    const body = table.tBodies[0], cell = button.closest("th");
    const down = cell.getAttribute("aria-sort") === "descending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    cell.setAttribute("aria-sort", down ? "ascending" : "descending");
    const key = (row) => row.cells[column].textContent, sign = down ? 1 : -1;
    const compare = (a, b) => {
      const one = key(a), other = key(b);
      if (one === "" || other === "") return (one === "") - (other === "");
      const order = isNaN(one) || isNaN(other) ? (one < other ? -1 : one > other ? 1 : 0) : one - other;
      return sign * order;
    };
    body.append(...[...body.rows].sort(compare));
  };
  for (const button of document.querySelectorAll("th button")) {
    const cell = button.closest("th"), table = cell.closest("table");
    button.addEventListener("click", () => sortBy(table, cell.cellIndex, button));
  }
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("pre");
      getSelection().selectAllChildren(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
      }
    });
  }
})();
`;
