/**
 * Checks that data flows one way through `src/`: a module imports its own layer or one before it,
 * be it for code or for types, and no modules load each other in a circle.
 *
 * @module
 */
import { type Import, moduleGraph, ROOT } from "./module_graph.ts";

/** The layers, in the order in which data passes through them; every module of `src/` is in one. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  base: [
    "alleles",
    "bytes",
    "codes",
    "bgzf",
    "dictionary",
    "errors",
    "file_state",
    "files",
    "garbage",
    "input_state",
    "memory_budget",
    "progress",
    "sizes",
    "text",
    "version",
    "wake_ups",
    "work_folder",
    "worker_calls",
    "worker_life",
    "worker_pool",
  ],
  format: ["genotype", "info_fields", "output_buffer", "row_format", "site_choice"],
  front: ["ingest_options", "options", "output_options"],
  input: [
    "batch_feed",
    "batch_ring",
    "cell_bytes",
    "cell_codes",
    "chunk_items",
    "chunk_stage",
    "contig_summary",
    "contig_tracker",
    "database",
    "database_files",
    "database_limits",
    "find_contigs",
    "fingerprint",
    "gunzip",
    "header",
    "ingest",
    "ingest_calls",
    "ingest_worker",
    "kept_rejects",
    "line_segments",
    "local_producer",
    "matrix_layout",
    "matrix_source",
    "pinned_table",
    "rejects",
    "row_batch",
    "row_producer",
    "samples",
    "sql",
    "sql_views",
    "store_job",
    "table_description",
    "table_store",
    "tokenizer",
  ],
  plan: ["plan", "region", "region_spans", "table_summary"],
  worker: [
    "partition_calls",
    "partition_job",
    "partition_worker",
    "partition_reader",
    "record_spans",
    "reference",
    "table_row",
    "vcf_record",
    "worker",
  ],
  output: [
    "byte_writer",
    "contig_index",
    "ordered_writer",
    "output_file",
    "partition_run",
    "publication",
    "report",
    "tabix_index",
    "table_header",
    "table_name",
    "tally",
    "vcf_header",
  ],
  convert: [
    "convert",
    "profile",
    "generate",
    "kept_table",
    "make_table",
    "new_table",
    "table_request",
    "table_source",
    "write_output",
  ],
  // The table after a conversion: nothing that converts needs it.
  query: [
    "dot_commands",
    "formats",
    "inspect_database",
    "inspect_matrix",
    "inspect_report",
    "interactive_shell",
    "open_matrix",
    "profile_chart",
    "result_formats",
    "result_table",
    "shell_history",
    "shell_output",
    "sql_guard",
    "sql_rules",
    "sql_session",
    "sql_shell",
    "sql_text",
    "value_text",
  ],
  shell: [
    "args",
    "arguments",
    "completion",
    "completion_command",
    "generate_command",
    "inspect_command",
    "main",
    "profile_command",
    "progress_display",
    "sql_command",
  ],
};

/** Imports that point the other way all the same, each with its reason. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {};

/**
 * What is wrong with the modules and the imports between them, one line each.
 *
 * @param names Names of all modules, as in `tokenizer`.
 * @param imports Imports between them, by these names.
 */
export function layerProblems(
  names: readonly string[],
  imports: readonly Import[],
  layers = LAYERS,
  exceptions = EXCEPTIONS,
): string[] {
  const rank = ranks(layers);
  const titles = Object.keys(layers);
  const used = new Set<string>();
  const upstream = imports.filter(({ from, to }) => rank[from] < rank[to]).filter(
    ({ from, to }) => {
      used.add(`${from} -> ${to}`);
      return !(`${from} -> ${to}` in exceptions);
    },
  );
  return [
    ...names.filter((name) => !(name in rank)).map((name) =>
      `src/${name}.ts is in no layer: add "${name}" to one of ${titles.join(", ")} ` +
      "in LAYERS of tasks/check_layers.ts"
    ),
    ...Object.keys(rank).filter((name) => !names.includes(name)).map((name) =>
      `src/${name}.ts is gone: take "${name}" out of LAYERS of tasks/check_layers.ts`
    ),
    ...upstream.map(({ from, to }) =>
      `src/${from}.ts (${titles[rank[from]]}) must not import src/${to}.ts (${
        titles[rank[to]]
      }): ` +
      `the order is ${titles.join(", ")}`
    ),
    ...Object.keys(exceptions).filter((exception) => !used.has(exception)).map((exception) =>
      `${exception} is no longer there: take it out of EXCEPTIONS of tasks/check_layers.ts`
    ),
    ...circles(imports).map((circle) => `modules load each other in a circle: ${circle}`),
  ];
}

function ranks(layers: Readonly<Record<string, readonly string[]>>): Record<string, number> {
  const pairs = Object.values(layers).flatMap((names, rank) => names.map((name) => [name, rank]));
  return Object.fromEntries(pairs);
}

/** Circles of imports that load code, each once; types are gone by then. */
function circles(imports: readonly Import[]): string[] {
  const next = Map.groupBy(imports.filter(({ typeOnly }) => !typeOnly), ({ from }) => from);
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) {
      found.push([...path.slice(path.indexOf(name)), name].join(" -> "));
    }
    if (done.has(name)) return;
    done.add(name);
    for (const { to } of next.get(name) ?? []) walk(to, [...path, name]);
  };
  for (const name of next.keys()) walk(name, []);
  return found;
}

/** The modules of `src/`, by name, and the imports between them. */
async function sourceImports(): Promise<{ names: string[]; imports: Import[] }> {
  const files = [...Deno.readDirSync(`${ROOT}src`)].map(({ name }) => `src/${name}`)
    .filter((file) => file.endsWith(".ts"));
  const main = await moduleGraph(["src/main.ts", "src/worker.ts", "mod.ts"]);
  const rest = await moduleGraph(files.filter((file) => !main.files.includes(file)));
  const all = [...main.imports, ...rest.imports];
  const inside = all.filter(({ from, to }) => files.includes(from) && files.includes(to));
  const named = inside.map(({ from, to, typeOnly }) => ({
    from: nameOf(from),
    to: nameOf(to),
    typeOnly,
  }));
  const unique = new Map(named.map((found) => [`${found.from} -> ${found.to}`, found]));
  return { names: files.map(nameOf).sort(), imports: [...unique.values()] };
}

function nameOf(file: string): string {
  return file.slice("src/".length, -".ts".length);
}

if (import.meta.main) {
  const { names, imports } = await sourceImports();
  const problems = layerProblems(names, imports);
  for (const problem of problems) console.error(`error: ${problem}`);
  if (problems.length > 0) Deno.exit(1);
  console.error(`Checked ${names.length} modules in ${Object.keys(LAYERS).length} layers`);
}
