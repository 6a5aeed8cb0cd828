/**
 * Asks kept tables all that they answer, and prints a line of JSON for each answer. Which DuckDB is
 * asked, the configuration says that this runs with: `@duckdb/node-api` may be of an older version
 * there. So nothing of the program is imported, and nothing is used that versions of that package
 * spell differently.
 *
 * @module
 */
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** What one question gave. */
export interface Answer {
  /** The table's file. */
  file: string;
  question: string;
  /** Names and types of the columns. */
  columns?: string;
  /** How many rows came, some of them, and a sum of all, in the order of their texts. */
  rows?: { count: number; some: string[]; sha256: string };
  error?: string;
}

/** Rows of an answer that are printed from its beginning, and from its end. */
const MOST_SHOWN = 5;

/** Returns the rows of a result. */
async function rowsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

/** Returns the texts of a result's first column. */
async function textsOf(connection: DuckDBConnection, sql: string): Promise<string[]> {
  return (await rowsOf(connection, sql)).map(([text]) => String(text));
}

/**
 * Returns a value as JSON can have it. Lists, arrays and times are objects of the package, whose
 * fields have other names in other versions.
 */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value === null || typeof value !== "object" ? value : Object.values(value).map(plain);
}

/** Asks one question. Rows come in any order, so they are sorted by their texts. */
async function ask(connection: DuckDBConnection, question: string): Promise<Omit<Answer, "file">> {
  try {
    const described = `SELECT column_name, column_type FROM (DESCRIBE ${question})`;
    const columns = (await rowsOf(connection, described)).join();
    const rows = await rowsOf(connection, question);
    const texts = rows.map((row) => JSON.stringify(row.map(plain))).sort();
    const bytes = new TextEncoder().encode(texts.join("\n"));
    const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    const some = [...texts.slice(0, MOST_SHOWN), ...texts.slice(MOST_SHOWN).slice(-MOST_SHOWN)];
    return { question, columns, rows: { count: texts.length, some, sha256 } };
  } catch (error) {
    return { question, error: (error as Error).message };
  }
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Returns calls of all macros, by the names of the table's contigs, samples and haplotypes. */
async function calls(connection: DuckDBConnection): Promise<string[]> {
  const namesOf = async (column: string, table: string) =>
    (await textsOf(connection, `SELECT ${column} FROM ${table} ORDER BY ordinal`)).map(literal);
  const contigs = [...await namesOf("name", "contigs"), "'no contig'"];
  const samples = await namesOf("sample", "samples"),
    haplotypes = await namesOf("name", "haplotypes");
  const one = samples[0], other = samples.at(-1), last = haplotypes.at(-1);
  return [
    ...contigs.map((contig) => `FROM region(${contig}, 2, 3000)`),
    `FROM haplotype(${haplotypes[0]})`,
    `FROM haplotype(${last})`,
    "FROM site_frequency_spectrum()",
    "FROM site_frequency_spectrum(most_missing := 5)",
    ...["diversity", "divergence", "weir_cockerham", "heterozygosity"].map((name) =>
      `FROM ${name}(size := 500, step := 250)`
    ),
    `FROM ld(${contigs[0]}, 1, 3000)`,
    `FROM identity(${one}, ${one})`,
    `FROM identity(${one}, ${other})`,
    `SELECT first_haplotype(${other}), last_haplotype(${other})`,
    `SELECT contig_named(${contigs[0]})`,
    `SELECT line, haplotypes_of(alleles, ${other}) FROM records`,
    "SELECT line, alleles_in_common(alleles[:2], alleles[2:4]) FROM records",
  ];
}

/** Questions for the names of tables and views, and of macros, and for the row groups. */
const LISTINGS = [
  "SELECT table_name, table_type FROM information_schema.tables",
  "SELECT DISTINCT function_name FROM duckdb_functions() " +
  "WHERE database_name = current_database() AND NOT internal",
  "SELECT DISTINCT row_group_id FROM pragma_storage_info('records')",
];

async function askTable(file: string): Promise<void> {
  const instance = await DuckDBInstance.create(file, { access_mode: "READ_ONLY", threads: "1" });
  const connection = await instance.connect();
  const tables = await textsOf(connection, LISTINGS[0]);
  const every = tables.map((name) => `FROM "${name}"`);
  for (const question of [...LISTINGS, ...every, ...await calls(connection)]) {
    console.log(JSON.stringify({ file, ...await ask(connection, question) }));
  }
}

const [[version]] = await rowsOf(
  await (await DuckDBInstance.create(":memory:")).connect(),
  "SELECT version()",
);
console.log(JSON.stringify(version));
for (const file of Deno.args) await askTable(file);
