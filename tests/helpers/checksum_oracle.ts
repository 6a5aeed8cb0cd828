/**
 * Sums the genotypes of a VCF slowly, as the definition in docs/checksum.md says it.
 *
 * @module
 */

const MASK = (1n << 64n) - 1n;

function fnv(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & MASK;
  }
  return hash;
}

function mix(number: bigint): bigint {
  let x = ((number ^ (number >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  x = ((x ^ (x >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return x ^ (x >> 31n);
}

function upper(allele: string): string {
  return /^[a-z]+$/i.test(allele) ? allele.toUpperCase() : allele;
}

/** The texts of a genotype, without and with its phase, and whether an allele is called. */
function textsOf(gt: string, alleles: string[]): [plain: string, ordered: string, called: number] {
  const own = gt.length > 1 ? gt.replace(/^[|/]/, "") : gt;
  const texts = own.split(/[|/]/).map((code) => code === "." ? "." : alleles[Number(code)]);
  if (texts.every((text) => text === ".")) return [".", ".", 0];
  const plain = texts.toSorted((a, b) => a < b ? -1 : a > b ? 1 : 0).join("/");
  const phased = own.includes("|") && !own.includes("/") && new Set(texts).size > 1;
  return [plain, phased ? texts.join("|") : plain, 1];
}

/** Returns the lines that `checksum` prints. */
export function checksumOracle(vcf: string): string[] {
  const lines = vcf.split("\n").filter((line) => line !== "" && !line.startsWith("##"));
  const names = lines[0].split("\t").slice(9);
  const sums = names.map(() => ({ called: 0, plain: 0n, ordered: 0n }));
  let sites = 0n;
  for (const line of lines.slice(1)) {
    const [contig, pos, , ref, alt, , , , format, ...cells] = line.split("\t");
    const alleles = [ref, ...alt === "." ? [] : alt.split(",")].map(upper);
    const key = mix(fnv(`${contig}\t${Number(pos)}\t${alleles[0]}`));
    sites = (sites + key) & MASK;
    const place = (format ?? "").split(":").indexOf("GT");
    cells.forEach((cell, n) => {
      const gt = place < 0 ? "." : cell.split(":")[place];
      const [plain, ordered, called] = textsOf(gt, alleles);
      sums[n].called += called;
      sums[n].plain = (sums[n].plain + mix((key + fnv(plain)) & MASK)) & MASK;
      sums[n].ordered = (sums[n].ordered + mix((key + fnv(ordered)) & MASK)) & MASK;
    });
  }
  const records = lines.length - 1, hex = (sum: bigint) => sum.toString(16).padStart(16, "0");
  const all = { called: 0, plain: 0n, ordered: 0n };
  const printed = names.map((name, n) => {
    const { called, plain, ordered } = sums[n], own = mix(fnv(name));
    all.called += called;
    all.plain = (all.plain + mix((own + plain) & MASK)) & MASK;
    all.ordered = (all.ordered + mix((own + ordered) & MASK)) & MASK;
    return [name, records, called, hex(plain), hex(ordered)].join("\t");
  });
  return [
    "#sample\trecords\tcalled\talleles\tphase",
    ...printed,
    ["*", records, all.called, hex(all.plain), hex(all.ordered)].join("\t"),
    ["sites", records, ".", hex(sites), "."].join("\t"),
  ];
}
