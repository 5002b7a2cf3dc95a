import { UsageError } from "../../check-options.js";
import type { Model } from "./model.js";

/** Turns Prisma's error about a missing table or column into one with a fix. Returns any other error unchanged. */
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
  // Prisma's adapter for libSQL passes SQLite's message on.
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

/** The places where Prisma's versions put the names. */
interface Meta {
  readonly table?: string;
  readonly column?: string;
  readonly driverAdapterError?: { readonly cause?: { readonly table?: string; readonly column?: string } };
}
