/**
 * Turns values of DuckDB into text and JSON, as DuckDB writes them.
 *
 * @module
 */
import {
  DuckDBArrayType,
  DuckDBEnumType,
  DuckDBListType,
  DuckDBMapType,
  type DuckDBMapValue,
  DuckDBStructType,
  type DuckDBStructValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
} from "@duckdb/node-api";
import { jsonText } from "../base/text.ts";

/** Elements of a list or array. */
interface Items {
  readonly items: readonly DuckDBValue[];
}

/**
 * Returns a value as text; null for NULL.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DOUBLE } from "@duckdb/node-api";
 * import { valueText } from "./value_text.ts";
 * assert(valueText(0.00001, DOUBLE) === "1e-05" && valueText(1, DOUBLE) === "1.0");
 * ```
 */
export function valueText(value: DuckDBValue, type: DuckDBType): string | null {
  if (value === null) return null;
  if (typeof value === "string") return value;
  if (type.typeId === DuckDBTypeId.DOUBLE) return doubleText(value as number);
  if (type.typeId === DuckDBTypeId.FLOAT) return doubleText(shortest(value as number));
  if (typeof value !== "object") return String(value);
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const { valueType } = type;
    return `[${(value as Items).items.map((item) => nested(item, valueType)).join(", ")}]`;
  }
  if (type instanceof DuckDBStructType) {
    const fields = structFields(value as DuckDBStructValue, type).map(([name, field, of]) =>
      `'${name}': ${nested(field, of)}`
    );
    return `{${fields.join(", ")}}`;
  }
  if (type instanceof DuckDBMapType) {
    const entries = (value as DuckDBMapValue).entries.map(({ key, value }) =>
      `${nested(key, type.keyType)}=${nested(value, type.valueType)}`
    );
    return `{${entries.join(", ")}}`;
  }
  return String(value);
}

/** Returns the text of a value inside another; texts that could be mistaken are quoted. */
function nested(value: DuckDBValue, type: DuckDBType): string {
  const text = valueText(value, type);
  if (text === null) return "NULL";
  if (typeof value !== "string") return text;
  const plain = /^[^\s"'(){}[\],:=;\\]+(?: [^\s"'(){}[\],:=;\\]+)*$/.test(text);
  return plain && !/^null$/i.test(text) ? text : `'${text.replace(/['\\]/g, "\\$&")}'`;
}

function structFields(
  { entries }: DuckDBStructValue,
  { entryNames, entryTypes }: DuckDBStructType,
): [name: string, value: DuckDBValue, type: DuckDBType][] {
  return entryNames.map((name, index) => [name, entries[name], entryTypes[index]]);
}

/** Returns a value as JSON. */
export function valueJson(value: DuckDBValue, type: DuckDBType): string {
  if (value === null) return "null";
  if (typeof value === "boolean") return String(value);
  if (isNumeric(type)) {
    const text = valueText(value, type)!;
    return /^-?\d/.test(text) ? text : jsonText(text);
  }
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    const { valueType } = type;
    return `[${(value as Items).items.map((item) => valueJson(item, valueType)).join(",")}]`;
  }
  if (type instanceof DuckDBStructType) {
    const fields = structFields(value as DuckDBStructValue, type).map(([name, field, of]) =>
      `${jsonText(name)}:${valueJson(field, of)}`
    );
    return `{${fields.join(",")}}`;
  }
  if (type instanceof DuckDBMapType) {
    const entries = (value as DuckDBMapValue).entries.map(({ key, value }) =>
      `${jsonText(valueText(key, type.keyType) ?? "null")}:${valueJson(value, type.valueType)}`
    );
    return `{${entries.join(",")}}`;
  }
  return jsonText(valueText(value, type)!);
}

const NUMERIC: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
  DuckDBTypeId.BIGNUM,
]);

/** Tells whether a type is one of numbers. */
export function isNumeric(type: DuckDBType): boolean {
  return NUMERIC.has(type.typeId);
}

/** Returns a short name of a type; an ENUM's values are left out, as there can be thousands. */
export function typeName(type: DuckDBType): string {
  if (type instanceof DuckDBEnumType) return type.alias ?? "enum";
  if (type instanceof DuckDBListType) return `${typeName(type.valueType)}[]`;
  if (type instanceof DuckDBArrayType) return `${typeName(type.valueType)}[${type.length}]`;
  if (type instanceof DuckDBMapType) {
    return `map(${typeName(type.keyType)}, ${typeName(type.valueType)})`;
  }
  if (type instanceof DuckDBStructType) {
    const fields = type.entryNames.map((name, index) =>
      `${name} ${typeName(type.entryTypes[index])}`
    );
    return `struct(${fields.join(", ")})`;
  }
  return type.toString().toLowerCase().replace("timestamp with time zone", "timestamptz");
}

function doubleText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  const [digits, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    const sign = exponent < 0 ? "-" : "+";
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return Number.isInteger(value) ? `${text}.0` : text;
}

/** Returns the number with the fewest digits that is the same 32-bit float. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}
