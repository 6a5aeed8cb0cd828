# The converter a geneticist writes in an evening: one pass, columns 1 to 3 are CHROM, POS and REF.
# Usage: mawk -f convert.awk matrix.tsv > out.vcf
BEGIN { FS = OFS = "\t" }

NR == 1 {
  for (i = 4; i <= NF; i++) column[$i] = i
  for (i = 4; i <= NF; i++) {
    stem = substr($i, 1, length($i) - 1)
    paired = $i ~ /[ab]$/ && (stem "a") in column && (stem "b") in column
    name = paired ? stem : $i
    if (name in seen) continue
    seen[name] = 1
    samples++
    first[samples] = paired ? column[stem "a"] : i
    second[samples] = paired ? column[stem "b"] : 0
    names = names "\t" name
  }
  print "##fileformat=VCFv4.2"
  print "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">"
  print "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT" names
  next
}

{
  split("", code)
  code["."] = "."
  code[$3] = 0
  alts = ""
  count = 0
  genotypes = ""
  part = ""
  for (s = 1; s <= samples; s++) {
    a = $first[s]
    if (!(a in code)) { code[a] = ++count; alts = alts "," a }
    if (second[s]) {
      b = $second[s]
      if (!(b in code)) { code[b] = ++count; alts = alts "," b }
      part = part "\t" code[a] "|" code[b]
    } else part = part "\t" code[a]
    # Appending to a long text copies it, so it grows by parts.
    if (s % 64 == 0) { genotypes = genotypes part; part = "" }
  }
  alt = count ? substr(alts, 2) : "."
  print $1, $2, ".", $3, alt, ".", ".", ".", "GT" genotypes part
}
