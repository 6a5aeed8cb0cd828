# A FASTA that agrees with a sorted matrix: its REF bases, N between them, one line a contig.
# Usage: cut -f1-3 matrix.tsv | mawk -f fasta.awk > ref.fa
BEGIN {
  FS = "\t"
  filler = "N"
  while (length(filler) < 4096) filler = filler filler
}

NR > 1 {
  if ($1 != contig) {
    if (NR > 2) print ""
    print ">" $1
    contig = $1
    filled = 0
  }
  for (gap = $2 - filled - 1; gap > 0; gap -= length(filler)) printf "%s", substr(filler, 1, gap)
  printf "%s", $3
  filled = $2
}

END { print "" }
