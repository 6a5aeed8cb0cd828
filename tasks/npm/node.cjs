// What `import "matrix2vcf"` is outside of Deno. The program needs what only Deno has.
// NAMES: deno task package puts the names of the library here.
const error = new Error(
  'matrix2vcf is a library for Deno: import { convert } from "npm:matrix2vcf"; ' +
    "on Node there is its command: npx matrix2vcf convert matrix.tsv -o matrix.vcf.gz",
);
// Where in this file it was thrown helps nobody.
error.stack = `Error: ${error.message}`;
throw error;
