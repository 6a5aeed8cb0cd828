import assert from "node:assert/strict";
import { InputError } from "../../../src/base/errors.ts";
import {
  describeChoice,
  pairColumns,
  readSampleSheet,
  type SampleChoice,
} from "../../../src/matrix/samples.ts";

/** `NAME:COLUMN,COLUMN ...`, columns 0-based. */
function shown({ samples }: SampleChoice): string {
  return samples.map(({ name, columns }) => `${name}:${columns}`).join(" ");
}

function paired(names: string, ploidy: "auto" | 1 | 2 = "auto"): SampleChoice {
  const columns = names.split(" ");
  return pairColumns(columns, [...columns.keys()], ploidy);
}

const PAIRS: { columns: string; samples: string; unpaired?: string[] }[] = [
  { columns: "10a 10b", samples: "10:0,1" },
  { columns: "10b 10a", samples: "10:1,0" }, // phase from the suffix
  { columns: "10b x 10a", samples: "10:2,0 x:1" }, // in order of the first column
  { columns: "x_hap1 x_hap2 y_a y_b z.1 z.2", samples: "x:0,1 y:2,3 z:4,5" },
  { columns: "x_A x_B y.a y.b zA zB w_1 w_2", samples: "x:0,1 y:2,3 z:4,5 w:6,7" },
  { columns: "Vida", samples: "Vida:0" },
  { columns: "Vida Vidb", samples: "Vid:0,1" },
  { columns: "a b", samples: "a:0 b:1" }, // no empty stem
  { columns: "xa xB", samples: "xa:0 xB:1", unpaired: ["xa"] }, // in doubt haploid
  { columns: "10a 10B 11A 11b x_a x_B", samples: "10:0,1 11:2,3 x:4,5" },
  { columns: "HG002#1 HG002#2 CHM13#0", samples: "HG002:0,1 CHM13#0:2" },
  { columns: "S1_h1 S1_h2 S2_H2 S2_h1 10hap1 10hap2", samples: "S1:0,1 S2:3,2 10:4,5" },
  { columns: "S1-1 S1-2 S1-a S1-b", samples: "S1-1:0 S1-2:1 S1-a:2 S1-b:3", unpaired: ["S1-1"] },
  { columns: "S1-1 S1-2 S2-a S2-b", samples: "S1:0,1 S2:2,3" },
  { columns: "x_0 x_1 x_2", samples: "x_0:0 x_1:1 x_2:2", unpaired: ["x_0"] },
  { columns: "x_0 x_1", samples: "x_0:0 x_1:1", unpaired: ["x_0"] },
  { columns: "x_1 x_2 x_10", samples: "x_1:0 x_2:1 x_10:2", unpaired: ["x_1"] },
  { columns: "x_01 x_02", samples: "x_01:0 x_02:1", unpaired: ["x_01"] },
  { columns: "x_hap0 x_hap1 x_hap2", samples: "x_hap0:0 x_hap1:1 x_hap2:2", unpaired: ["x_hap0"] },
  { columns: "xa xb xz", samples: "xa:0 xb:1 xz:2", unpaired: ["xa"] },
  { columns: "x.A x.B x.H", samples: "x.A:0 x.B:1 x.H:2", unpaired: ["x.A"] },
  { columns: "10a 10b 103a 103b 103", samples: "10:0,1 103a:2 103b:3 103:4", unpaired: ["103a"] },
  { columns: "S1 S1 S2 S2", samples: "S1:0,1 S2:2,3" },
  { columns: "xa xb xc", samples: "xa:0 xb:1 xc:2", unpaired: ["xa"] },
  { columns: "s_1 s_2 s_3 s_4", samples: "s_1:0 s_2:1 s_3:2 s_4:3", unpaired: ["s_1"] },
  { columns: "x xa xb", samples: "x:0 xa:1 xb:2", unpaired: ["xa"] }, // the stem is a column
  { columns: "x_a x_b", samples: "x:0,1" }, // not `x_`
  { columns: "x_b xa", samples: "x_b:0 xa:1" },
];
for (const { columns, samples, unpaired = [] } of PAIRS) {
  Deno.test(`pairColumns() of ${columns}`, () => {
    const choice = paired(columns);
    assert.equal(shown(choice), samples);
    assert.deepEqual(choice.unpaired, unpaired);
  });
}

Deno.test("pairColumns() with a ploidy", () => {
  assert.equal(shown(paired("10a 10b x", 1)), "10a:0 10b:1 x:2");
  assert.equal(shown(paired("10a 10b", 2)), "10:0,1");
  assert.throws(() => paired("10a 10b x", 2), (error) => {
    assert.ok(error instanceof InputError);
    assert.equal(error.at.column, "x");
    return true;
  });
});

Deno.test("pairColumns() refuses two samples of one name", () => {
  assert.throws(() => paired("Sa Sb S_a S_b"), /two samples would be called 'S'/);
});

Deno.test("pairColumns() looks at allele columns only, and at all names for the stem", () => {
  const columns = ["POS", "POSa", "POSb", "xa", "xb", "xc"];
  assert.equal(shown(pairColumns(columns, [1, 2, 3, 4], "auto")), "POSa:1 POSb:2 x:3,4");
});

Deno.test("pairColumns() takes a time that grows with the columns", () => {
  const columns = Array.from({ length: 40_000 }, (_, i) => [`s${i}_1`, `s${i}_2`]).flat();
  const begun = performance.now();
  assert.equal(pairColumns(columns, [...columns.keys()], "auto").samples.length, 40_000);
  assert.ok(performance.now() - begun < 3000);
});

Deno.test("readSampleSheet() chooses, orders, renames and pairs", () => {
  const sheet = "\uFEFF# sample\tcolumns\r\nAnna\ty\tx\r\n\n \nBen\tz \nC\tu\tv\tw\t\n";
  const columns = ["x", "y", "z", "u", "v", "w", "left"];
  const choice = readSampleSheet(sheet, "s.tsv", columns, [...columns.keys()]);
  assert.equal(shown(choice), "Anna:1,0 Ben:2 C:3,4,5");
});

const BAD_SHEETS: { sheet: string; line?: number; message: RegExp }[] = [
  { sheet: "", message: /names no sample/ },
  { sheet: "# only\n", message: /names no sample/ },
  { sheet: "a\tx\n\ty\n", line: 2, message: /the sample name is empty/ },
  { sheet: "a\tx\na\ty\n", line: 2, message: /'a' stands here twice/ },
  { sheet: "a\tx\nb\n", line: 2, message: /'b' has no columns; write SAMPLE<TAB>COLUMN/ },
  { sheet: "a\tx\tnope\n", line: 1, message: /no allele column 'nope'/ },
  { sheet: "a\tREF\n", line: 1, message: /no allele column 'REF'/ },
  { sheet: "a\tx\nb\tx\n", line: 2, message: /'x' is used twice/ },
];
for (const { sheet, line, message } of BAD_SHEETS) {
  Deno.test(`readSampleSheet() refuses ${JSON.stringify(sheet)}`, () => {
    assert.throws(() => readSampleSheet(sheet, "s.tsv", ["REF", "x", "y"], [1, 2]), (error) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual([error.at.file, error.at.line], ["s.tsv", line]);
      assert.match(error.detail, message);
      return true;
    });
  });
}

Deno.test("describeChoice() is one line with a hint where a series was not paired", () => {
  assert.equal(describeChoice(paired("1a 1b V")), "2 samples (1 diploid, 1 haploid): 1, V");
  assert.equal(
    describeChoice(paired("s_1 s_2 s_3 t_1 t_2 t_3")),
    "6 samples (6 haploid): s_1, s_2, s_3, ...; not paired: the series of 's_1' and 1 more " +
      "(see --samples-file)",
  );
});
