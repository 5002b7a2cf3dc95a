import { UsageError } from "../../check-options.js";
import type { Model } from "./model.js";

/** An error of Prisma's about a table or a column that the database lacks, as a sentence with its fix. */
export function explained(
  error: unknown,
  { made, model, sessions }: { readonly made: string; readonly model: Model; readonly sessions: boolean },
): unknown {
  const {
    code,
    meta,
    message = "",
  } = (error ?? {}) as {
    readonly code?: unknown;
    readonly meta?: Meta;
    readonly message?: string;
  };
  // Prisma's adapter for libSQL hands on what SQLite says.
  const [, missing, name] = /no such (table|column): ([\w.]+)/.exec(message) ?? [];
  const option = `${made}'s ${sessions ? "sessions.table" : "model"} is ${JSON.stringify(model.key)}`;
  const cause = meta?.driverAdapterError?.cause;
  const fix = "Bring the database up to date, as with npx prisma migrate deploy.";
  if (code === "P2021" || missing === "table") {
    const table = name ?? cause?.table ?? meta?.table ?? model.table?.join(".");
    return new UsageError(`${option}, but the database has no table ${JSON.stringify(table)}. ${fix}`, {
      cause: error,
    });
  }
  if (code === "P2022" || missing === "column") {
    const column = name ?? cause?.column ?? meta?.column;
    return new UsageError(
      `${option}, but the database has no column ${JSON.stringify(column)} for it. ${fix}`,
      {
        cause: error,
      },
    );
  }
  return error;
}

/** Where Prisma's versions put the names. */
interface Meta {
  readonly table?: string;
  readonly column?: string;
  readonly driverAdapterError?: { readonly cause?: { readonly table?: string; readonly column?: string } };
}
