/**
 * Finds names of haplotypes that a statement has without double quotes, so that SQL takes them for
 * constants: `'1a'` is a text, and `1a` is the number 1 under the name `a`. Only a look at the text
 * tells, as the result of such a statement is a result like any other.
 *
 * @module
 */
import { pieces } from "./sql_text.ts";

/** A constant where a column may be meant. */
export interface Constant {
  kind: "text" | "number" | "number and name";
  /** The name that a haplotype would have. */
  name: string;
}

interface Token {
  kind: "text" | "number" | "name" | "word" | "sign";
  /** In lower case, but for texts and names. */
  text: string;
}

/** Matches tokens of code; `NOT IN (` and `NOT LIKE` are one. */
const TOKENS =
  /(?:\bnot\s+)?\b(?:in\s*\(|i?like\b)|[\w$.\x80-\uffff]+|[(),;[\]]|[^\s\w$.\x80-\uffff(),;[\]]+/gi;
const NUMBER = /^(?:0x[\da-f_]+|0b[01_]+|0o[0-7_]+|[\d_]*\.?[\d_]+(?:e\d*)?|[\d_]+\.)$/;
/** Matches a number that runs into a name, maybe after the name of a table. */
const GLUED = /^(?:\w*[a-z_]\w*\.)?(\d[\w$\x80-\uffff]*)$/;
const OPERATOR = /^(?:==?|<>|!=|[<>]=?|\|\||(?:not\s+)?(?:in\s*\(|i?like))$/;
/** Words after which a list of expressions begins, and words that end it. */
const LIST = /^(?:select|by)$/;
const END_OF_LIST = /^(?:from|where|having|limit|values|set|on|qualify)$/;
/** Words after an expression that make it a part of a greater one. */
const GOES_ON = /^(?:is|not|in|between|collate|and|or|similar|glob)$/;

/** Returns the constants of a statement that stand as columns do, or are compared with others. */
export function suspiciousConstants(statement: string): Constant[] {
  const tokens = tokensOf(statement), found: Constant[] = [];
  // What begins a list of expressions in each open parenthesis, the innermost one last.
  const lists = [""];
  tokens.forEach(({ text, kind }, at) => {
    const glued = kind === "word" ? GLUED.exec(text)?.[1] : undefined;
    if (glued && !NUMBER.test(glued)) found.push({ kind: "number and name", name: glued });
    if (kind === "sign" && text.endsWith("(")) lists.push("");
    else if (kind === "sign" && text === ")" && lists.length > 1) lists.pop();
    else if (kind === "word" && LIST.test(text)) lists[lists.length - 1] = text;
    else if (kind === "word" && END_OF_LIST.test(text)) lists[lists.length - 1] = "";
    if (kind !== "text" && kind !== "number") return;
    // `ORDER BY 1` means the first column of the result.
    const inList = lists.at(-1) === "select" || kind === "text" && lists.at(-1) === "by";
    if (inList && standsAlone(tokens, at) || isCompared(tokens, at)) {
      found.push({ kind, name: text });
    }
  });
  return found;
}

function tokensOf(statement: string): Token[] {
  return [...pieces(statement)].flatMap(({ kind, text }): Token[] => {
    if (kind === "name") return [{ kind, text }];
    if (kind === "literal" && text.startsWith("'")) {
      return [{ kind: "text", text: text.slice(1, -1).replaceAll("''", "'") }];
    }
    return kind === "code" ? (text.toLowerCase().match(TOKENS) ?? []).map(codeToken) : [];
  });
}

function codeToken(text: string): Token {
  if (/^\d+$/.test(text)) return { kind: "number", text };
  return { kind: /^[\w$.\x80-\uffff]/.test(text) && !OPERATOR.test(text) ? "word" : "sign", text };
}

/** Tells whether a constant is an expression of its list by itself, but for an alias. */
function standsAlone(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1], after = tokens[at + 1];
  if (isConstant(before) || !/^(?:,|select|by|distinct)$/.test(before.text)) return false;
  if (after === undefined || after.kind === "name") return true;
  return after.kind === "word" ? !GOES_ON.test(after.text) : /^[,)]$/.test(after.text);
}

/** Tells whether a constant is one side of an operator whose other side is one, too. */
function isCompared(tokens: readonly Token[], at: number): boolean {
  return [-1, 1].some((step) => {
    const operator = tokens[at + step];
    return operator?.kind === "sign" && OPERATOR.test(operator.text) &&
      isConstant(tokens[at + 2 * step]);
  });
}

function isConstant(token: Token | undefined): boolean {
  return token?.kind === "text" || token?.kind === "number";
}
