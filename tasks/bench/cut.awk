# Joins the two columns of each sample, as other programs want them; one pass, CHROM, POS and REF
# come first, and alleles are single bases.
# Usage: mawk -f cut.awk [-v names=FILE] matrix.tsv > cut.tsv
#   default     ID CHROM POS AG CC ..., for `bcftools convert --tsv2vcf -c ID,CHROM,POS,AA`.
#               It knows no half-missing genotypes: their missing allele becomes N; nor haploid
#               ones, which are doubled.
#   -v tped=1   CHROM ID 0 POS A G C C ..., for `plink1.9 --tfile`
#   -v names=F  writes the samples' names to F, one a line; with tped=1 as a .tfam file
#   -v refs=F   with tped=1: writes every ID and its REF to F, for `plink1.9 --a2-allele F 2 1`
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
    if (names) print tped ? name " " name " 0 0 0 -9" : name > names
  }
  next
}

tped {
  id = $1 ":" $2
  if (refs) print id, $3 > refs
  line = $1 "\t" id "\t0\t" $2
  part = ""
  for (s = 1; s <= samples; s++) {
    part = part "\t" $first[s] "\t" (second[s] ? $second[s] : $first[s])
    if (s % 64 == 0) { line = line part; part = "" }
  }
  print line part
  next
}

{
  line = ".\t" $1 "\t" $2
  part = ""
  for (s = 1; s <= samples; s++) {
    cell = $first[s] (second[s] ? $second[s] : $first[s])
    if (cell == "..") cell = "--"
    else sub(/\./, "N", cell)
    part = part "\t" cell
    if (s % 64 == 0) { line = line part; part = "" }
  }
  print line part
}
