/*
 * The limit: one pass, one thread, no table, no checks that a user would need. Alleles are single
 * characters, CHROM, POS and REF come first, the columns of sample X are Xa and Xb.
 *
 * Usage: convert matrix.tsv out.vcf
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 20, NO_PARTNER = -1 };

/* Cells are two bytes each, so an allele's column says where it lies. */
typedef struct {
  int first, second;
} Sample;

static Sample *samples;
static int sample_count, column_count;
static char *out;
static size_t out_end, out_size;
static int out_file;

static void fail(const char *what) {
  fprintf(stderr, "error: %s\n", what);
  exit(1);
}

static void flush_out(void) {
  for (size_t done = 0; done < out_end;) {
    ssize_t wrote = write(out_file, out + done, out_end - done);
    if (wrote < 0) fail("cannot write");
    done += wrote;
  }
  out_end = 0;
}

static void put(const char *text, size_t length) {
  memcpy(out + out_end, text, length);
  out_end += length;
}

static char **names;

static int by_name(const void *a, const void *b) {
  return strcmp(names[*(const int *)a], names[*(const int *)b]);
}

/* The column whose name is that of column `i` with another last character. */
static int partner(int i, char suffix, const int *sorted) {
  char *name = names[i], *last = name + strlen(name) - 1, own = *last;
  int low = 0, high = column_count;
  *last = suffix;
  char *wanted = strdup(name);
  *last = own;
  while (low < high) {
    int middle = (low + high) / 2;
    if (strcmp(names[sorted[middle]], wanted) < 0) low = middle + 1;
    else high = middle;
  }
  int found = low < column_count && !strcmp(names[sorted[low]], wanted);
  free(wanted);
  return found ? sorted[low] : NO_PARTNER;
}

/* Pairs the columns and writes the VCF's header; `line` has no newline. */
static void read_header(char *line) {
  names = malloc(sizeof *names * (strlen(line) + 1));
  char *rest = line;
  for (char *name; (name = strsep(&rest, "\t"));) names[column_count++] = name;
  column_count -= 3;
  names += 3;
  samples = malloc(sizeof *samples * (column_count + 1));
  char *taken = calloc(column_count + 1, 1);
  int *sorted = malloc(sizeof *sorted * (column_count + 1));
  for (int i = 0; i < column_count; i++) sorted[i] = i;
  qsort(sorted, column_count, sizeof *sorted, by_name);
  const char *meta = "##fileformat=VCFv4.2\n"
                     "##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n"
                     "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT";
  put(meta, strlen(meta));
  for (int i = 0; i < column_count; i++) {
    if (taken[i]) continue;
    int a = partner(i, 'a', sorted), b = partner(i, 'b', sorted);
    int paired = a != NO_PARTNER && b != NO_PARTNER && (a == i || b == i);
    Sample sample = {paired ? a : i, paired ? b : NO_PARTNER};
    samples[sample_count++] = sample;
    if (paired) taken[a] = taken[b] = 1;
    put("\t", 1);
    put(names[i], strlen(names[i]) - paired);
  }
  put("\n", 1);
}

/* Writes one record; the line ends before `end`, where its newline is. */
static void convert(const char *line, const char *end) {
  const char *cells = end - 2 * column_count + 1;
  const char *ref = cells - 2;
  const char *pos = memchr(line, '\t', ref - line);
  if (!pos++ || ref <= pos || ref[-1] != '\t') fail("a row has other than single-base alleles");
  static char digit[256];
  char alts[16];
  int alt_count = 0;
  memset(digit, 0, sizeof digit);
  digit['.'] = '.';
  digit[(unsigned char)*ref] = '0';
  put(line, pos - line);
  put(pos, ref - pos);
  put(".\t", 2);
  put(ref, 1);
  put("\t", 1);
  for (int s = 0; s < sample_count; s++) {
    for (int side = 0; side < 2; side++) {
      int column = side ? samples[s].second : samples[s].first;
      if (column == NO_PARTNER) continue;
      unsigned char allele = cells[2 * column];
      if (digit[allele]) continue;
      if (alt_count == 8) fail("more than eight ALT alleles");
      digit[allele] = '1' + alt_count;
      alts[2 * alt_count] = allele;
      alts[2 * alt_count++ + 1] = ',';
    }
  }
  if (alt_count) put(alts, 2 * alt_count - 1);
  else put(".", 1);
  put("\t.\t.\t.\tGT", 9);
  char *to = out + out_end;
  for (int s = 0; s < sample_count; s++) {
    *to++ = '\t';
    *to++ = digit[(unsigned char)cells[2 * samples[s].first]];
    if (samples[s].second == NO_PARTNER) continue;
    *to++ = '|';
    *to++ = digit[(unsigned char)cells[2 * samples[s].second]];
  }
  *to++ = '\n';
  out_end = to - out;
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage: convert matrix.tsv out.vcf");
  int in_file = open(arguments[1], O_RDONLY);
  out_file = open(arguments[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (in_file < 0 || out_file < 0) fail("cannot open");
  size_t size = 2 * BLOCK, have = 0, longest = 0;
  char *in = malloc(size);
  out = malloc(out_size = 4 * BLOCK);
  for (ssize_t got; (got = read(in_file, in + have, size - have)) > 0;) {
    char *line = in, *stop = in + (have += got), *end;
    while ((end = memchr(line, '\n', stop - line))) {
      *end = 0;
      if (!samples) {
        longest = 4 * (end - line) + 256;
        if (longest > out_size) out = realloc(out, out_size = longest);
        read_header(line);
      } else {
        if (out_end + longest > out_size) flush_out();
        convert(line, end);
      }
      line = end + 1;
    }
    memmove(in, line, have = stop - line);
    if (have == size) in = realloc(in, size *= 2);
  }
  if (have) fail("the last line has no newline");
  flush_out();
  return close(out_file);
}
