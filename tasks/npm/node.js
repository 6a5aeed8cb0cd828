// What `import "matrix2vcf"` is outside of Deno. The program needs what only Deno has.
throw new Error(
  'matrix2vcf is a library for Deno (import { convert } from "npm:matrix2vcf"); ' +
    "on Node, run its command: npx matrix2vcf convert matrix.tsv -o matrix.vcf.gz",
);
