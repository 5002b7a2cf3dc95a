/**
 * Reads the tables of a Drizzle schema through the symbols that Drizzle's classes store their names under.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import type { Column } from "../sql/accounts.js";
import { checkedName, type TablePath } from "../../sql/names.js";
import type { Given } from "../sql/statements.js";

/** A Drizzle column. */
export interface DrizzleColumn {
  readonly name: string;
  readonly primary: boolean;
  readonly onUpdateFn?: (() => unknown) | undefined;
  mapFromDriverValue(value: unknown): unknown;
  mapToDriverValue(value: unknown): unknown;
}

/** What `pgTable`, `mysqlTable`, and `sqliteTable` return. */
export interface DrizzleTable {
  readonly $inferSelect: any;
  readonly $inferInsert: any;
}

/** The columns of a table, by reference. A column of another table is a type error. */
export type ColumnOf<T extends DrizzleTable> = T[keyof T & keyof T["$inferSelect"]] & DrizzleColumn;

export interface ReadTable {
  /** The table's name, after its schema's if it has one. */
  readonly name: TablePath;
  readonly columns: readonly {
    readonly property: string;
    readonly name: string;
    readonly reference: DrizzleColumn;
  }[];
  /** Throws if it isn't a column of this table. */
  columnOf(reference: unknown, option: string): Column;
}

const symbols = {
  name: Symbol.for("drizzle:Name"),
  schema: Symbol.for("drizzle:Schema"),
  columns: Symbol.for("drizzle:Columns"),
};

export function tableOf(table: unknown, db: object, option: string): ReadTable {
  const inside = (table ?? {}) as Readonly<Record<symbol, unknown>>;
  const given = inside[symbols.columns] as Readonly<Record<string, DrizzleColumn>> | undefined;
  if (!given) {
    throw new UsageError(
      `${option} ${option.includes("'") ? "isn't" : "takes"} a table of your Drizzle schema. Pass what pgTable, mysqlTable, or sqliteTable returned.`,
    );
  }
  const own = inside[symbols.name] as string;
  const schema = inside[symbols.schema] as string | undefined;
  const columns = Object.entries(given).map(([property, reference]) => ({
    property,
    name: checkedName(nameOf(reference, db), `${option}: the column ${property}`),
    reference,
  }));
  return {
    name: schema ? [checkedName(schema, option), checkedName(own, option)] : [checkedName(own, option)],
    columns,
    columnOf(reference, name) {
      const found = columns.find((one) => one.reference === reference);
      if (!found) {
        throw new UsageError(
          `${name} isn't a column of the table ${JSON.stringify(own)}. Pass one of the table's columns: ${columns.map(({ property }) => property).join(", ")}.`,
        );
      }
      const send = (value: unknown) => found.reference.mapToDriverValue(value) as Given;
      return { option: name, name: found.name, property: found.property, send };
    },
  };
}

/** The column's name in the database. If the database was created with `casing`, columns declared without a name get another one. */
function nameOf(column: DrizzleColumn, db: object): string {
  const { dialect } = db as { dialect?: { casing?: { getColumnCasing?(column: object): string } } };
  return dialect?.casing?.getColumnCasing?.(column) ?? column.name;
}
