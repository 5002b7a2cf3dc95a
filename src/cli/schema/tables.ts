import { migrationsShape, shapes, type IndexShape, type TableShape } from "../../stores/sql/shape.js";

/** A table to print, as the latest migration leaves it. */
export interface PrintedTable {
  /** The name, including the prefix. */
  readonly name: string;
  readonly columns: readonly PrintedColumn[];
  readonly indexes: readonly PrintedIndex[];
}

export type ColumnType =
  "bytes" | "name" | "word" | "key" | "text" | "blob" | "integer" | "bigint" | "timestamp";

export interface PrintedColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** The length of a `bytes` column, otherwise 0. */
  readonly length: number;
  readonly isPrimary: boolean;
  readonly isNullable: boolean;
  /** The default, as SQL. */
  readonly default: string | undefined;
}

/** An index whose name is complete: it includes the table's. */
export type PrintedIndex = IndexShape;

export function printedTables(prefix: string): readonly PrintedTable[] {
  const all: Record<string, TableShape> = { ...shapes, migrations: migrationsShape };
  return Object.entries(all).map(([key, { columns, indexes }]) => {
    const name = prefix + key;
    return {
      name,
      columns: Object.values(columns).flatMap((version) => Object.entries(version).map(columnOf)),
      indexes: indexes.map((index) => ({ ...index, name: `${name}_${index.name}` })),
    };
  });
}

function columnOf([name, definition]: [string, string]): PrintedColumn {
  const [, type, length] = /^(\w+)(?:\((\d+)\))?/.exec(definition) ?? [];
  return {
    name,
    type: type as ColumnType,
    length: Number(length ?? 0),
    isPrimary: definition.includes("primary key"),
    isNullable: !definition.includes("not null"),
    default: / default (\w+)$/.exec(definition)?.[1],
  };
}

/** Converts `"code_lookup"` to `"codeLookup"`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
