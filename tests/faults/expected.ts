/**
 * What the oracle's VCF becomes in the other outputs, slowly.
 *
 * @module
 */

interface Records {
  samples: string[];
  rows: { fixed: string[]; alleles: string[]; calls: string[][] }[];
}

/** Takes a VCF apart; calls are texts of alleles. */
function recordsOf(vcf: string): Records {
  const lines = vcf.split("\n").filter((line) => line !== "" && !line.startsWith("##"));
  const samples = lines[0].split("\t").slice(9);
  const rows = lines.slice(1).map((line) => {
    const fixed = line.split("\t"), alleles = [fixed[3]];
    if (fixed[4] !== ".") alleles.push(...fixed[4].split(","));
    const calls = fixed.slice(9).map((call) =>
      call.split(/[|/]/).map((code) => code === "." ? "." : alleles[Number(code)])
    );
    return { fixed, alleles, calls };
  });
  return { samples, rows };
}

/** The matrix again. Its header has the names of columns, which a VCF has not: they are taken over. */
export function matrixText(vcf: string, text: string): string {
  const { rows } = recordsOf(vcf), header = text.slice(0, text.indexOf("\n"));
  const hasId = header.split("\t")[3] === "ID" || rows.some(({ fixed }) => fixed[2] !== ".");
  const lines = rows.map(({ fixed: [contig, pos, id, ref], calls }) =>
    [contig, pos, ref, ...hasId ? [id] : [], ...calls.flat()].join("\t")
  );
  return [header, ...lines, ""].join("\n");
}

/** The haplotype table. */
export function haplotypeText(vcf: string): string {
  const { samples, rows } = recordsOf(vcf);
  const header = ["CHROM", "POS", "REF", "all-alleles"];
  const lines = rows.map(({ fixed: [contig, pos, , ref], alleles, calls }) =>
    [
      contig,
      pos,
      ref,
      alleles.join(","),
      ...calls.flatMap((call) =>
        call.every((allele) => allele === ".") ? [".", "."] : [contig, call.join("|")]
      ),
    ].join("\t")
  );
  const names = samples.flatMap((name) => [`${name}:PI`, `${name}:PG_al`]);
  return [[...header, ...names].join("\t"), ...lines, ""].join("\n");
}
