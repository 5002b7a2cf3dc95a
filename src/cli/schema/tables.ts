import { migrationsShape, shapes, type IndexShape, type TableShape } from "../../stores/sql/shape.js";

/** What a schema is printed of: every table as the newest migration leaves it. */
export interface PrintedTable {
  /** With its prefix. */
  readonly name: string;
  readonly columns: readonly PrintedColumn[];
  readonly indexes: readonly PrintedIndex[];
}

export type ColumnType =
  "bytes" | "name" | "word" | "key" | "text" | "blob" | "integer" | "bigint" | "timestamp";

export interface PrintedColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Of bytes. */
  readonly length: number;
  readonly isPrimary: boolean;
  readonly isNullable: boolean;
  /** SQL. */
  readonly default: string | undefined;
}

/** Its name is whole. */
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
  const [, type, length] = /^(\w+)(?:\((\d+)\))?/.exec(definition)!;
  return {
    name,
    type: type as ColumnType,
    length: Number(length ?? 0),
    isPrimary: definition.includes("primary key"),
    isNullable: !definition.includes("not null"),
    default: / default (\w+)$/.exec(definition)?.[1],
  };
}

/** `"code_lookup"` as TypeScript writes names: `"codeLookup"`. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
