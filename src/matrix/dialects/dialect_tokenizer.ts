/**
 * Turns the bytes of rows of a dialect into codes, phase and declared alleles in typed arrays. It
 * is apart from the tokenizer of a matrix, whose loop knows nothing of all this.
 *
 * @module
 */
import { MISSING } from "../../base/alleles.ts";
import { DOT, HASH, LF, TAB } from "../../base/bytes.ts";
import type { Dictionary } from "../../base/dictionary.ts";
import {
  fieldCount,
  isAnyBases,
  isNumbers,
  lineEnd,
  parsePosition,
  restOfLine,
  trimBlanks,
} from "../cell_bytes.ts";
import {
  alleleProblem,
  blockProblem,
  contigProblem,
  fieldsProblem,
  idProblem,
  positionProblem,
  referenceProblem,
} from "../cell_problems.ts";
import { Role } from "../layout.ts";
import { appendId, hasRoom, MAX_ALTS, MAX_FREQ, type RowBatch } from "../row_batch.ts";
import { type RowProblem, rowProblem } from "../row_problem.ts";
import type { TokenizerPlan } from "../tokenizer_plan.ts";
import { AlleleFinder, ILLEGAL, NEW } from "./allele_finder.ts";
import { ContigFinder } from "./contig_finder.ts";
import { type CellPlace, type CellReader, markPhased, READ } from "./cell_reader.ts";
import { pairedSamples, phasesOf, runEnds } from "./column_runs.ts";
import { DeclaredAlleles } from "./declared_alleles.ts";
import { type DialectPlan, WHOLE_CONTIG } from "./dialect.ts";
import { NO_REF, type ReferenceBases, RefFinder, type RowSite } from "./find_ref.ts";
import { readerOf } from "./reader_of.ts";

/** The kinds of lines that the tokenizer tells apart. */
const Outcome = { Row: 0, Skipped: 1, Bad: 2, Unforeseen: 3 } as const;

/** The tokenizer of the rows of a dialect, with the interface of `Tokenizer`. */
export class DialectTokenizer {
  /** Rows that a kernel has read; it takes none of these. */
  readonly kernelRows = 0;
  /** Lines seen in this segment; set to 0 where one starts. */
  line = 0;
  /** The last bad row, until the caller takes it. */
  problem: RowProblem | undefined;
  /** True when `fill` met an allele or contig that a closed vocabulary lacks. */
  unforeseen = false;
  readonly #contigs: ContigFinder;
  readonly #refs: RefFinder;
  readonly #finder: AlleleFinder;
  readonly #reader: CellReader;
  readonly #declared: DeclaredAlleles;
  readonly #columns: readonly string[];
  readonly #roles: Int32Array;
  /** End (exclusive) of the run of columns that a column belongs to, whose cells are alike. */
  readonly #runEnd: Int32Array;
  /** True unless the user has said outright that N is missing. */
  readonly #keepsAnyBases: boolean;
  readonly #idColumn: number;
  /** True where a column names the contig. */
  readonly #namesContig: boolean;
  /** The last column that holds no cell, and the first that holds one. */
  readonly #lastFixed: number;
  readonly #firstCell: number;
  /** Place of a column's first haplotype among those of its sample. */
  readonly #phases: Int32Array;
  /** Samples whose haplotypes have an order in all rows, though others' cells say it. */
  readonly #pairs: readonly number[];
  /** Begin and end of the fields up to the last one that holds no cell. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;

  /** @param bases The reference, for rows that do not say what REF is. */
  constructor(
    private readonly plan: TokenizerPlan,
    private readonly dialect: DialectPlan,
    { alleles, contigs }: { alleles: Dictionary; contigs: Dictionary },
    bases?: ReferenceBases,
  ) {
    const { columns, roles } = plan, { name, missing } = dialect.dialect;
    const reading = { ...plan, missing: [...plan.missing, ...missing] };
    this.#finder = new AlleleFinder(reading, alleles);
    const numbered = ["code", "dosage", "haps"].includes(dialect.dialect.cells);
    this.#declared = new DeclaredAlleles(this.#finder, name === "hapmap", numbered);
    this.#contigs = new ContigFinder(contigs, dialect.facts.contigNames);
    this.#refs = new RefFinder(plan, dialect, this.alleles, this.#declared, bases);
    this.#reader = readerOf(dialect, this.#finder);
    this.#columns = columns;
    this.#roles = roles;
    this.#phases = phasesOf(roles, dialect.samples);
    this.#runEnd = runEnds(plan, dialect, this.#reader);
    const isFixed = (role: number) => role < Role.Ignored && role !== Role.Block;
    this.#keepsAnyBases = !plan.missing.some((text) => /^N+$/i.test(text));
    this.#idColumn = roles.indexOf(Role.Id);
    this.#namesContig = roles.includes(Role.Chrom);
    this.#lastFixed = roles.findLastIndex(isFixed);
    const first = roles.findIndex((role) => role >= 0 || role === Role.Block);
    this.#firstCell = first < 0 ? columns.length : first;
    const { phase } = dialect.dialect, marked = phase === "cell" || phase === "blocks";
    this.#pairs = marked ? pairedSamples(plan, dialect) : [];
    this.#from = new Int32Array(columns.length + 1);
    this.#to = new Int32Array(columns.length + 1);
  }

  get contigs(): Dictionary {
    return this.#contigs.contigs;
  }

  get alleles(): Dictionary {
    return this.#finder.alleles;
  }

  /** True where new alleles and contigs are added instead of stopping. */
  get open(): boolean {
    return this.#finder.open;
  }

  set open(open: boolean) {
    this.#finder.open = this.#contigs.open = open;
  }

  /** Adds rows to the batch, as `Tokenizer.fill` does. */
  fill(raw: Uint8Array, from: number, to: number, batch: RowBatch): number {
    let at = from;
    while (at < to && hasRoom(batch)) {
      this.line++;
      const skipped = raw[at] <= HASH && this.#isSkipped(raw, at);
      const outcome = skipped ? Outcome.Skipped : this.#row(raw, at, batch);
      if (outcome === Outcome.Row) {
        batch.line[batch.rows++] = this.line;
        at = this.#next;
        continue;
      }
      if (outcome === Outcome.Unforeseen) {
        this.line--;
        this.unforeseen = true;
        return at;
      }
      at = raw.indexOf(LF, at) + 1;
      if (outcome === Outcome.Bad) return at;
    }
    return at;
  }

  /** Offset of the next line, after a good row. */
  #next = 0;

  /** Tells whether a line is no row: a blank one, or a `##` one. */
  #isSkipped(raw: Uint8Array, at: number): boolean {
    if (raw[at] === HASH && raw[at + 1] === HASH) return true;
    return trimBlanks(raw, at, lineEnd(raw, at)) === at;
  }

  #row(raw: Uint8Array, at: number, batch: RowBatch): number {
    const fixed = this.#fixedFields(raw, at);
    if (fixed !== Outcome.Row) return fixed;
    this.#beginRow(batch);
    let ref = NO_REF;
    for (let column = 0; column <= this.#lastFixed; column++) {
      const role = this.#roles[column];
      if (role >= Role.Ignored || role === Role.Block) continue;
      const outcome = this.#fixedCell(raw, at, column, batch);
      if (outcome !== Outcome.Row) return outcome;
      if (role === Role.Ref) ref = this.#ref;
    }
    const begun = this.#beginCells(raw, at, ref, batch);
    if (begun !== Outcome.Row) return begun;
    const column = Math.min(this.#firstCell, this.#lastFixed + 1);
    const from = column <= this.#lastFixed
      ? this.#from[column]
      : column === 0
      ? at
      : this.#to[column - 1] + 1;
    const cells = column > this.#last
      ? this.#endOfRow(raw, at, this.#to[this.#last])
      : this.#cells(raw, at, column, from, batch);
    return cells === Outcome.Row ? this.#finish(raw, at, ref, batch) : cells;
  }

  get #last(): number {
    return this.#columns.length - 1;
  }

  /** Finds the fields up to the last one that holds no cell. */
  #fixedFields(raw: Uint8Array, at: number): number {
    const from = this.#from, to = this.#to, end = this.#lastFixed;
    let p = at;
    for (let column = 0; column <= end; column++) {
      from[column] = p;
      while (raw[p] !== TAB && raw[p] !== LF) p++;
      to[column] = p;
      if (raw[p] === LF && column < this.#last) {
        return this.#wrongFields(raw, at, p === at ? 0 : column + 1);
      }
      p++;
    }
    // Blanks and a CR at the end of a row belong to no field.
    if (end === this.#last) to[end] = trimBlanks(raw, from[end], to[end]);
    return Outcome.Row;
  }

  /** Makes sure that a row ends after its last field. */
  #endOfRow(raw: Uint8Array, at: number, end: number): number {
    const rest = restOfLine(raw, end);
    if (rest < 0) return this.#wrongFields(raw, at, fieldCount(raw, at));
    this.#next = rest;
    return Outcome.Row;
  }

  #beginRow(batch: RowBatch): void {
    const { rows, shape: { idBytes, alts, freqBytes, phaseBytes, sets } } = batch;
    if (idBytes) batch.idEnd[rows] = rows ? batch.idEnd[rows - 1] : 0;
    if (alts) batch.altEnd[rows] = rows ? batch.altEnd[rows - 1] : 0;
    if (freqBytes) batch.freqEnd[rows] = rows ? batch.freqEnd[rows - 1] : 0;
    if (phaseBytes) {
      const { phased } = batch, { phaseFill } = this.#reader, end = (rows + 1) * phaseBytes;
      for (let at = rows * phaseBytes; at < end; at++) phased[at] = phaseFill;
      for (const sample of this.#pairs) markPhased(batch, sample);
    }
    if (sets) {
      batch.sets.fill(0, rows * sets, (rows + 1) * sets);
      for (const sample of this.#pairs) batch.sets[rows * sets + sample] = WHOLE_CONTIG;
    }
    this.#declared.clear();
    this.#finder.anyBasesRef = -1;
    this.#finder.symbolic = false;
  }

  /** REF of the row, after its cell: a code, or NO_REF. */
  #ref = NO_REF;

  #fixedCell(raw: Uint8Array, lineAt: number, column: number, batch: RowBatch): number {
    const row = batch.rows, from = this.#from[column], to = this.#to[column];
    switch (this.#roles[column]) {
      case Role.Chrom: {
        const code = this.#contigs.find(raw, from, to);
        if (code === NEW) return Outcome.Unforeseen;
        if (code < 0) return this.#bad(raw, lineAt, column, contigProblem(raw, from, to));
        batch.chrom[row] = code;
        return Outcome.Row;
      }
      case Role.Pos: {
        const pos = parsePosition(raw, from, to);
        if (pos === 0) return this.#bad(raw, lineAt, column, positionProblem(raw, from, to));
        batch.pos[row] = pos;
        return Outcome.Row;
      }
      case Role.Ref:
        return this.#refCell(raw, lineAt, column);
      case Role.Id:
        return this.#id(raw, lineAt, column, batch);
      case Role.Freq:
        return this.#freq(raw, lineAt, column, batch);
      case Role.Strand:
        return to - from === 1 && raw[from] === GAP
          ? this.#bad(raw, lineAt, column, STRAND_PROBLEM)
          : Outcome.Row;
      default: {
        const code = this.#declared.add(raw, from, to);
        if (code === NEW) return Outcome.Unforeseen;
        if (code === ILLEGAL) return this.#bad(raw, lineAt, column, alleleProblem(raw, from, to));
        return this.#declared.isIndel ? this.#bad(raw, lineAt, column, INDEL_PROBLEM) : Outcome.Row;
      }
    }
  }

  #refCell(raw: Uint8Array, lineAt: number, column: number): number {
    const from = this.#from[column], to = this.#to[column], byte = raw[from];
    this.#ref = NO_REF;
    const isNone = to === from || to - from === 1 && (byte === GAP || byte === DOT);
    if (isNone && this.#refs.mayBeOpen) return Outcome.Row;
    const code = this.#finder.reference(raw, from, to);
    if (code === NEW) return Outcome.Unforeseen;
    if (code < 0) {
      return this.#bad(raw, lineAt, column, referenceProblem(raw, from, to));
    }
    if (this.#keepsAnyBases && isAnyBases(raw, from, to)) this.#finder.anyBasesRef = code;
    this.#ref = code;
    return Outcome.Row;
  }

  /** Tells the reader of cells what numbers in them stand for. */
  #beginCells(raw: Uint8Array, lineAt: number, ref: number, batch: RowBatch): number {
    if (!this.#namesContig) {
      const { contig } = this.dialect.facts, id = this.#idColumn;
      const code = contig !== undefined
        ? this.#contigs.given(contig)
        : id < 0
        ? ILLEGAL
        : this.#contigs.ofId(raw, this.#from[id], this.#to[id]);
      if (code === NEW) return Outcome.Unforeseen;
      if (code < 0) return this.#bad(raw, lineAt, -1, NO_CONTIG);
      batch.chrom[batch.rows] = code;
    }
    this.#reader.begin();
    this.#reader.number(ref, this.#declared.codes);
    return Outcome.Row;
  }

  /** Reads the cells from `column` on. */
  #cells(raw: Uint8Array, lineAt: number, first: number, from: number, batch: RowBatch): number {
    const roles = this.#roles, last = this.#last, reader = this.#reader;
    const base = batch.rows * batch.shape.stride, samples = this.dialect.samples;
    let column = first, p = from;
    while (true) {
      // A REF of N is told from a missing allele where cells are looked at one by one.
      const end = this.#finder.anyBasesRef < 0 ? Math.min(this.#runEnd[column], last) : 0;
      if (end > column) {
        const place = base + roles[column];
        const read = reader.run(raw, p, end - column, batch, place, samples[column]);
        column += read;
        p += read * reader.bytes;
        if (read > 0 && column === end && end !== last) continue;
      }
      let q = p;
      while (raw[q] !== TAB && raw[q] !== LF) q++;
      if (raw[q] === LF && column < last) return this.#wrongFields(raw, lineAt, column + 1);
      if (column === last) {
        const rest = this.#endOfRow(raw, lineAt, q);
        if (rest !== Outcome.Row) return rest;
      }
      const cellEnd = column === last ? trimBlanks(raw, p, q) : q;
      const outcome = this.#cell(raw, lineAt, p, cellEnd, column, batch);
      if (outcome !== Outcome.Row || column === last) return outcome;
      column++;
      p = q + 1;
    }
  }

  #cell(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    batch: RowBatch,
  ): number {
    const role = this.#roles[column];
    if (role === Role.Block) return this.#block(raw, lineAt, from, to, column, batch);
    if (role < 0) return Outcome.Row;
    const place = this.#place;
    place.at = batch.rows * batch.shape.stride + role;
    place.copies = this.plan.copies[column];
    place.sample = this.dialect.samples[column];
    place.phase = this.#phases[column];
    const outcome = this.#reader.cell(raw, from, to, batch, place);
    if (outcome === READ) return Outcome.Row;
    if (outcome === NEW) return Outcome.Unforeseen;
    const problem = this.#reader.problem(raw, from, to) ?? alleleProblem(raw, from, to);
    return this.#bad(raw, lineAt, column, problem);
  }

  /** Place of the current cell's haplotypes; one object for all of them. */
  readonly #place: CellPlace = { at: 0, copies: 0, sample: 0, phase: 0 };

  /** Stores the number of a block. */
  #block(
    raw: Uint8Array,
    lineAt: number,
    from: number,
    to: number,
    column: number,
    batch: RowBatch,
  ): number {
    const { sets = 0 } = batch.shape, sample = this.dialect.blocks[column];
    if (sample < 0 || to - from === 1 && raw[from] === DOT) return Outcome.Row;
    let set = parsePosition(raw, from, to);
    if (set === 0 && this.#contigs.isCurrent(raw, from, to)) set = WHOLE_CONTIG;
    if (set === 0 && this.#finder.isMissing(raw, from, to)) return Outcome.Row;
    if (set === 0) return this.#bad(raw, lineAt, column, blockProblem(raw, from, to));
    batch.sets[batch.rows * sets + sample] = set;
    return Outcome.Row;
  }

  /** Finds REF, and does what had to wait for it. */
  #finish(raw: Uint8Array, lineAt: number, known: number, batch: RowBatch): number {
    const row = batch.rows;
    const ref = known >= 0 ? known : this.#refs.find(batch, this.#siteOf(raw, batch));
    if (ref < 0) return this.#bad(raw, lineAt, this.#roles.indexOf(Role.Ref), this.#refs.problem);
    batch.ref[row] = ref;
    if (this.#finder.anyBasesRef >= 0) this.#forgetAnyBases(batch);
    for (const at of this.#reader.splits) {
      if (batch.alleles[at + 1] !== ref) continue;
      batch.alleles[at + 1] = batch.alleles[at];
      batch.alleles[at] = ref;
    }
    if (!batch.shape.alts) return Outcome.Row;
    if (this.#declared.codes.length > MAX_ALTS) {
      const problem =
        `the row declares ${this.#declared.codes.length} alleles; ${MAX_ALTS} at most`;
      return this.#bad(raw, lineAt, this.#roles.indexOf(Role.Alt), problem);
    }
    batch.altEnd[row] = this.#declared.copyAlts(ref, batch.altCodes, batch.altEnd[row]);
    return Outcome.Row;
  }

  readonly #site: RowSite = { contig: "", pos: 0, raw: new Uint8Array(0), idFrom: 0, idTo: 0 };

  #siteOf(raw: Uint8Array, { pos, rows }: RowBatch): RowSite {
    const site = this.#site, id = this.#idColumn;
    site.contig = this.#contigs.name;
    site.pos = pos[rows];
    site.raw = raw;
    site.idFrom = id < 0 ? 0 : this.#from[id];
    site.idTo = id < 0 ? 0 : this.#to[id];
    return site;
  }

  /** N beside a symbolic allele is REF where REF is N; elsewhere it is missing. */
  #forgetAnyBases({ alleles, rows, shape: { stride } }: RowBatch): void {
    if (this.#finder.symbolic || this.#declared.symbolic) return;
    for (let at = rows * stride; at < (rows + 1) * stride; at++) {
      if (alleles[at] === this.#finder.anyBasesRef) alleles[at] = MISSING;
    }
  }

  #id(raw: Uint8Array, lineAt: number, column: number, batch: RowBatch): number {
    const from = this.#from[column], to = this.#to[column];
    if (to === from || to - from === 1 && raw[from] === DOT || batch.shape.idBytes === 0) {
      return Outcome.Row;
    }
    const problem = idProblem(raw, from, to);
    if (problem) return this.#bad(raw, lineAt, column, problem);
    appendId(batch, raw, from, to);
    return Outcome.Row;
  }

  /** Stores a text that only goes with the row. */
  #freq(raw: Uint8Array, lineAt: number, column: number, batch: RowBatch): number {
    const from = this.#from[column], to = this.#to[column], row = batch.rows;
    if (to === from || to - from === 1 && raw[from] === DOT) return Outcome.Row;
    if (to - from > MAX_FREQ || !isNumbers(raw, from, to)) {
      return this.#bad(raw, lineAt, column, FREQ_PROBLEM);
    }
    const start = batch.freqEnd[row];
    batch.freqBytes.set(raw.subarray(from, to), start);
    batch.freqEnd[row] = start + to - from;
    return Outcome.Row;
  }

  #wrongFields(raw: Uint8Array, lineAt: number, found: number): number {
    return this.#bad(
      raw,
      lineAt,
      -1,
      fieldsProblem(found, this.#columns.length, this.plan.separator),
    );
  }

  #bad(raw: Uint8Array, lineAt: number, column: number, detail: string): number {
    this.problem = rowProblem(raw, lineAt, detail, this.line, this.#columns[column]);
    return Outcome.Bad;
  }
}

const GAP = "-".charCodeAt(0);
const STRAND_PROBLEM = "the alleles are of the - strand; write those of the + strand";
const INDEL_PROBLEM =
  "the row declares an indel without its bases, of which no allele can be written";
const FREQ_PROBLEM = "expected numbers with commas between them, or '.'";
const NO_CONTIG = "the row names no contig; give it with --contig NAME";
