import type { SqlDialect } from "../../types.js";
import type { PrintOptions } from "./options.js";
import { camelCase, pascalCase, printedTables, type PrintedColumn, type PrintedIndex } from "./tables.js";

/** Prisma's type, and the database's native type if Prisma's default would be another one. */
type TypeOf = (column: PrintedColumn) => readonly [type: string, native?: string];

const types: Readonly<Record<SqlDialect, TypeOf>> = {
  postgres: ({ type }) => {
    if (type === "bytes" || type === "blob") return ["Bytes"];
    if (type === "integer") return ["Int"];
    if (type === "bigint") return ["BigInt"];
    if (type === "timestamp") return ["DateTime", "@db.Timestamp(6)"];
    return ["String"];
  },
  mysql: ({ type, length }) => {
    if (type === "bytes") return ["Bytes", `@db.VarBinary(${length})`];
    if (type === "name") return ["Bytes", "@db.VarBinary(255)"];
    if (type === "word") return ["String", "@db.VarChar(16)"];
    if (type === "key") return ["String", "@db.VarChar(64)"];
    if (type === "blob") return ["Bytes", "@db.MediumBlob"];
    if (type === "integer") return ["Int"];
    if (type === "bigint") return ["BigInt"];
    if (type === "timestamp") return ["DateTime", "@db.Timestamp(0)"];
    return ["String", "@db.Text"];
  },
  sqlite: (column) => {
    const [type] = types.postgres(column);
    return [type];
  },
};

/** The tables as models for `schema.prisma`. */
export function prismaModels(dialect: SqlDialect, { prefix, schema }: PrintOptions): string {
  const models = printedTables(prefix).map(({ name, columns, indexes }) => {
    const lines = columns.map((column) => fieldOf(dialect, column));
    const widthOf = (at: 0 | 1) => Math.max(...lines.map((line) => line[at].length));
    const [fieldWidth, typeWidth] = [widthOf(0), widthOf(1)];
    const fields = lines.map(([field, type, rules]) =>
      `  ${field.padEnd(fieldWidth)} ${type.padEnd(typeWidth)} ${rules}`.trimEnd(),
    );
    const keys = indexes.flatMap((index) => keyOf(dialect, index));
    const inSchema = schema === undefined ? [] : [`  @@schema("${schema}")`];
    return [`model ${pascalCase(name)} {`, ...fields, "", ...keys, `  @@map("${name}")`, ...inSchema, "}"];
  });
  return models.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

type Field = readonly [field: string, type: string, rules: string];

function fieldOf(dialect: SqlDialect, column: PrintedColumn): Field {
  const [type, native] = types[dialect](column);
  const field = camelCase(column.name);
  const rules = [
    column.isPrimary && "@id",
    column.default !== undefined &&
      `@default(${column.default === "current_timestamp" ? "now()" : column.default})`,
    field !== column.name && `@map("${column.name}")`,
    native,
  ];
  return [field, column.isNullable ? `${type}?` : type, rules.filter(Boolean).join(" ")];
}

/** Prisma neither creates nor sees partial indexes, so `migrate` creates them and Prisma leaves them alone. */
function keyOf(dialect: SqlDialect, index: PrintedIndex): string[] {
  if (index.isPartial && dialect !== "mysql") return [];
  const fields = index.columns.map(camelCase).join(", ");
  return [`  @@${index.isUnique ? "unique" : "index"}([${fields}], map: "${index.name}")`];
}
