/** The check that data flows one way through `src/`. */
import assert from "node:assert/strict";
import { EXCEPTIONS, layerProblems, LAYERS } from "../../tasks/check_layers.ts";

const NAMES = ["errors", "read", "write"];
const TWO = { base: ["errors"], input: ["read"], output: ["write"] };

/** Imports from arrows, as in `write -> read`, or `write ~> read` for types alone. */
function arrows(...texts: string[]) {
  return texts.map((text) => {
    const [from, arrow, to] = text.split(" ");
    return { from, to, typeOnly: arrow === "~>" };
  });
}

const CASES = [
  { name: "downstream imports upstream", imports: ["write -> read", "read -> errors"], wrong: [] },
  {
    name: "code from downstream",
    imports: ["read -> write"],
    wrong: [/^src\/read\.ts \(input\) must not import src\/write\.ts \(output\): .*base, input/],
  },
  {
    name: "types from downstream",
    imports: ["errors ~> read"],
    wrong: [/^src\/errors\.ts \(base\) must not import src\/read\.ts \(input\)/],
  },
];

for (const { name, imports, wrong } of CASES) {
  Deno.test(`layers: ${name}`, () => {
    const found = layerProblems(NAMES, arrows(...imports), TWO, {});
    assert.equal(found.length, wrong.length, found.join("\n"));
    wrong.forEach((pattern, index) => assert.match(found[index], pattern));
  });
}

Deno.test("layers: a circle of code within a layer, but not of types", () => {
  const layers = { base: NAMES };
  const circle = arrows("errors -> read", "read -> write", "write -> errors");
  assert.deepEqual(layerProblems(NAMES, circle, layers, {}), [
    "modules load each other in a circle: errors -> read -> write -> errors",
  ]);
  const types = arrows("errors -> read", "read ~> errors");
  assert.deepEqual(layerProblems(NAMES, types, layers, {}), []);
});

Deno.test("layers: an unknown module is told where it belongs", () => {
  const [problem] = layerProblems([...NAMES, "novel"], [], TWO, {});
  assert.match(problem, /^src\/novel\.ts is in no layer: .*base, input, output.*check_layers\.ts$/);
});

Deno.test("layers: what is gone from src/ goes from the table, and so do exceptions", () => {
  assert.match(layerProblems(["errors", "read"], [], TWO, {})[0], /^src\/write\.ts is gone/);
  const exceptions = { "read -> write": "why" };
  assert.match(layerProblems(NAMES, [], TWO, exceptions)[0], /^read -> write is no longer there/);
  assert.deepEqual(layerProblems(NAMES, arrows("read -> write"), TWO, exceptions), []);
});

Deno.test("layers: no module is in two, and every exception has a reason", () => {
  const names = Object.values(LAYERS).flat();
  assert.deepEqual(names.toSorted(), [...new Set(names)].sort());
  for (const reason of Object.values(EXCEPTIONS)) assert.ok(reason.length > 10);
});
