import { random } from "#crypto";
import { fromUtf8, hex, utf8 } from "../crypto/encoding.js";
import type { InTransaction, Keyring, Origin, QueueEntry, RequestQueue } from "../types.js";

/**
 * What is still to be done. It names people, so it is sealed before it reaches a queue; it never holds a
 * token: tokens are made when the mail is.
 */
export type Intent = RequestIntent | FinishIntent | ChangedIntent;

interface Common {
  readonly at: number;
  readonly scope: string;
  readonly locale?: string | undefined;
  readonly request: Origin;
}

/** Somebody asked for a reset. */
export interface RequestIntent extends Common {
  readonly kind: "request";
  readonly identifier: string;
  /** Only for this one of the accounts behind the identifier: the others had their mail. */
  readonly only?: string;
}

/** A password is about to be changed: if it was, the rest must follow. */
export interface FinishIntent extends Common {
  readonly kind: "finish";
  readonly userId: string;
  /** A keyed hash of the state before the change. */
  readonly before: string;
}

/** A password was changed: its owner must be told. */
export interface ChangedIntent extends Common {
  readonly kind: "changed";
  readonly userId: string;
}

export interface Intents {
  /** Seals and adds; due at once, or at `dueAt`. Returns the entry's id. */
  add(intent: Intent, options?: { readonly dueAt?: number } & InTransaction): Promise<string>;
  /** Takes an intent back. */
  drop(id: string): Promise<void>;
  /** Opens an entry, or gives `null` where none of the secrets fits any more. */
  open(entry: QueueEntry): Promise<Intent | null>;
}

export function createIntents(queue: RequestQueue, keys: Keyring, clock: () => number): Intents {
  return {
    async add(intent, { dueAt, transaction } = {}) {
      const now = clock();
      const sealed = await keys.seal("queue", utf8(JSON.stringify(intent)));
      const entry = { id: entryId(now), sealed, addedAt: intent.at, dueAt: dueAt ?? now };
      await queue.add(entry, { transaction });
      return entry.id;
    },

    drop: (id) => queue.done(id),

    async open(entry) {
      const plain = await keys.open("queue", entry.sealed);
      return plain && (JSON.parse(fromUtf8(plain)) as Intent);
    },
  };
}

/** The time, then randomness: neighbours in time are neighbours in the index. */
function entryId(now: number): string {
  return now.toString(16).padStart(12, "0") + hex(random(10));
}
