import type { QueueEntry } from "../types.js";
import { maxFlows, type Intent, type RequestIntent } from "./intents.js";

/** Entries that are one piece of work: several requests with the same identifier, in the same spelling. */
export interface Piece {
  readonly intent: Intent;
  readonly entries: readonly QueueEntry[];
}

/** A leased entry, and what it contained. */
export interface Opened {
  readonly entry: QueueEntry;
  readonly intent: Intent;
}

export function toPieces(all: readonly Opened[]): Piece[] {
  const pieces = new Map<string, Piece>();
  for (const { entry, intent: content } of all) {
    const intent = { ...content, wasLeased: wasLeased(entry) };
    const key =
      intent.kind === "request" ? JSON.stringify([intent.scope, intent.identifier, intent.only]) : entry.id;
    const before = pieces.get(key);
    const merged = before ? mergeRequests(before.intent as RequestIntent, intent as RequestIntent) : intent;
    pieces.set(key, { intent: merged, entries: [...(before?.entries ?? []), entry] });
  }
  return [...pieces.values()];
}

/** Merges two requests for the same account into one piece of work. The newer one counts, for the deadline as well. */
function mergeRequests(one: RequestIntent, other: RequestIntent): RequestIntent {
  const flows = [...new Set([...(one.flows ?? []), ...(other.flows ?? [])])].slice(0, maxFlows);
  const newer = other.at >= one.at ? other : one;
  return { ...newer, ...(flows.length > 0 && { flows }), wasLeased: one.wasLeased || other.wasLeased };
}

/** A lease has ended, or an attempt has failed, if an entry is due later than its id says that it was added. */
function wasLeased({ id, dueAt }: QueueEntry): boolean {
  return dueAt > Number.parseInt(id.slice(0, 12), 16);
}
