/** Constants that may be meant for columns, and those that cannot be. */
import assert from "node:assert/strict";
import { suspiciousConstants } from "../../../src/query/suspicious_constants.ts";

const CASES: [statement: string, names: string][] = [
  ["SELECT '1a' FROM matrix", "1a"],
  ["FROM matrix SELECT DISTINCT '1a', \"1b\", 'x''y' AS z", "1a x'y"],
  ["SELECT 1a, POS FROM matrix", "1a"],
  ["SELECT m.10A FROM matrix m", "10a"],
  ["SELECT POS FROM matrix WHERE '1a' <> '1b'", "1a 1b"],
  ["SELECT count(*) FILTER ('1a' = 'A') FROM matrix", "1a A"],
  ["SELECT '1a' || '|' || '1b' FROM matrix", "1a | 1b"],
  ["SELECT POS FROM matrix WHERE '.' NOT IN ('1a', '1b')", ". 1a"],
  ["SELECT POS FROM matrix WHERE '1a' LIKE 'A%'", "1a A%"],
  ["SELECT '1a' -- why\n, count(*) FROM matrix GROUP BY '1a'", "1a 1a"],
  ["SELECT (SELECT '1a') FROM matrix", "1a"],
  ["SELECT 7 FROM matrix WHERE 7 <> 8", "7 7 8"],
  ['SELECT "1a", "7" FROM matrix WHERE "1a" <> \'A\' ORDER BY 1, 2', ""],
  ["FROM haplotype('1a') WHERE allele = 'A'", ""],
  ["SELECT * FROM identity('1', '2')", ""],
  ["SELECT name FROM haplotypes WHERE sample IN ('10', 'Vida') AND name = '1a'", ""],
  ["SELECT 1e5 + 0x1F + 1_000 * 1.5 AS n, POS // 100000 FROM sites LIMIT 5", ""],
  ["SELECT bar(sites, 0, 400, 20), round(af, 2) FROM site_frequency_spectrum()", ""],
  [
    "SELECT CASE WHEN REF || ALT[1] IN ('AG', 'GA') THEN 'transition' ELSE 'other' END FROM sites",
    "",
  ],
  ["SELECT $1 || 'x', E'1a', $$1a$$ FROM (VALUES ('1a', '1b')) t(a, b) -- 1a", ""],
  ["SELECT replace(gt, '|', '/') FROM genotypes WHERE sample = '1' ORDER BY gt, '/*' || gt", ""],
];

for (const [statement, names] of CASES) {
  Deno.test(`constants of ${JSON.stringify(statement)}`, () => {
    assert.equal(suspiciousConstants(statement).map(({ name }) => name).join(" "), names);
  });
}
