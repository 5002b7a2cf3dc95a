/**
 * What the store's tables look like: the one description that migrations, and the schemas that the command line prints
 * for ORMs, are made from. The type of a column is a word of `Dialect.types`, or SQL that all databases know.
 *
 * @module
 */
import type { TableName } from "./tables.js";

export interface TableShape {
  /** By the version that added them. What follows the name is SQL, except for the type. */
  readonly columns: Readonly<Record<number, Readonly<Record<string, string>>>>;
  readonly indexes: readonly IndexShape[];
}

export interface IndexShape {
  /** Follows the name of the table. */
  readonly name: string;
  readonly columns: readonly [string, ...string[]];
  readonly isUnique?: boolean;
  /** The column is null in most rows, so the index leaves those out if the database can. */
  readonly isPartial?: boolean;
}

/** Records which migrations were applied. It's created before the first of them. */
export const migrationsShape = {
  columns: {
    0: {
      version: "integer not null primary key",
      name: "text not null",
      applied_at: "timestamp not null default current_timestamp",
    },
  },
  indexes: [],
} satisfies TableShape;

export const shapes: Readonly<Record<Exclude<TableName, "migrations">, TableShape>> = {
  tokens: {
    columns: {
      1: {
        lookup: "bytes(16) not null primary key",
        proof: "bytes(32) not null",
        code_lookup: "bytes(16)",
        code_proof: "bytes(32)",
        code_expires_at: "bigint",
        scope: "name not null",
        user_id: "name not null",
        slot: "integer not null",
        created_at: "bigint not null",
        expires_at: "bigint not null",
        delivery: "word not null",
        leased_until: "bigint not null",
        ip: "text",
        user_agent: "text",
      },
    },
    indexes: [
      { name: "slot", columns: ["scope", "user_id", "slot"], isUnique: true },
      { name: "code", columns: ["code_lookup"], isUnique: true, isPartial: true },
      { name: "expires_at", columns: ["expires_at"] },
    ],
  },
  counters: {
    columns: {
      1: { id: "bytes(255) not null primary key", hits: "bigint not null", reset_at: "bigint not null" },
    },
    indexes: [{ name: "reset_at", columns: ["reset_at"] }],
  },
  queue: {
    columns: {
      1: {
        id: "name not null primary key",
        sealed: "blob not null",
        added_at: "bigint not null",
        due_at: "bigint not null",
      },
      // What an entry is for, which key encrypted it, and how often it failed. Version 0.1.0 writes none of this.
      2: { kind: "word", key_id: "key", attempts: "integer not null default 0", failure: "text" },
    },
    indexes: [
      { name: "due_at", columns: ["due_at", "id"] },
      { name: "added_at", columns: ["added_at"] },
    ],
  },
};
