import { random } from "#crypto";
import { base64url, fromUtf8, hex, utf8 } from "../crypto/encoding.js";
import { keyedName } from "../crypto/keyed-name.js";
import type {
  CounterStore,
  InTransaction,
  IntentKind,
  Keyring,
  Origin,
  QueueEntry,
  RequestQueue,
} from "../types.js";

/**
 * Work that is still to be done. It names people, so it's encrypted before it reaches a queue. It never contains a
 * token: tokens are made when the email is.
 */
export type Intent = RequestIntent | IssueIntent | FinishIntent | ChangedIntent;

interface Common {
  readonly at: number;
  readonly scope: string;
  readonly locale?: string | undefined;
  readonly request: Origin;
  /** True if a worker leased it before: an attempt may have been cut off, and have left a token behind. */
  readonly wasLeased?: boolean | undefined;
}

/** A reset was requested. */
export interface RequestIntent extends Common {
  readonly kind: "request";
  readonly identifier: string;
  /** Only this one of the accounts behind the identifier: the others got their email. */
  readonly only?: string;
  /** Hashes of the flow handles that the code in the email is to work with. */
  readonly flows?: readonly string[] | undefined;
}

/** A code works with this many flows: each has its own attempts. */
export const maxFlows = 3;

/** The application starts a reset, or an invitation, for one account (`issueFor`). */
export interface IssueIntent extends Common {
  readonly kind: "issue";
  readonly userId: string;
  /** Milliseconds. Absent: the account's usual lifetime. */
  readonly lifetime?: number | undefined;
  readonly template?: string | undefined;
}

/** A password is about to be changed: if it is, the rest must follow. */
export interface FinishIntent extends Common {
  readonly kind: "finish";
  readonly userId: string;
  /** A keyed hash of the state before the change. */
  readonly before: string;
  /** The email address before the change, which must be notified. */
  readonly address: string;
}

/** A password was changed: the user must be notified. */
export interface ChangedIntent extends Common {
  readonly kind: "changed";
  readonly userId: string;
  /** The email address before the change. Absent in entries of version 0.1.0. */
  readonly address?: string | undefined;
  /** True if only `address` is to be notified: the account's current one has its own entry. */
  readonly onlyAddress?: boolean;
}

/** The outcome of an intent: a message was sent, there was nothing to send, or it can't be known yet. */
export type Performed = "sent" | "nothing" | "later";

export interface Intents {
  /** Encrypts and adds an intent, due now or at `dueAt`. Returns the entry's id. */
  add(intent: Intent, options?: { readonly dueAt?: number } & InTransaction): Promise<string>;
  /** Adds a request; false if as many with the same spelling are waiting as one email can answer. */
  addRequest(intent: RequestIntent): Promise<boolean>;
  /** Called when requests with one spelling are taken off the queue, so that new ones may wait. */
  noteTaken(intent: RequestIntent): Promise<void>;
  /** Removes an intent without a deadline that needn't be done, for good even if a copy of it is put back. */
  drop(id: string): Promise<void>;
  /** The intent in an entry; `"sealed"` if no secret decrypts it, `"forged"` if it was encrypted for another entry. */
  open(entry: QueueEntry): Promise<Intent | "sealed" | "forged">;
  /** Key ids of all secrets: entries with other key ids belong to another application. */
  keyIds(): Promise<readonly string[]>;
  /** Whether an entry was carried out before. Only for kinds that have no deadline. */
  wasDone(entry: QueueEntry): Promise<boolean>;
  noteDone(entry: QueueEntry): Promise<void>;
}

/** How long requests of one spelling are counted as waiting, if no worker takes them. */
const waitingFor = 60_000;
/** How long an entry that was carried out is remembered. */
const rememberedFor = 7 * 86_400_000;
/** Entries of version 0.1.0 aren't bound to their id. They're accepted for this long, so that an upgrade loses none. */
const unboundFor = 86_400_000;

export function createIntents(parts: {
  readonly queue: RequestQueue;
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly clock: () => number;
}): Intents {
  const { queue, keys, counters, clock } = parts;
  const ids: string[] = [];

  async function keyId(index: number): Promise<string> {
    return (ids[index] ??= base64url((await keys.mac(index, "queue/key", [])).subarray(0, 8)));
  }

  /** An entry put back into the queue by someone who kept a copy must not revoke sessions or send an email again. */
  async function mark({ id, kind }: Pick<QueueEntry, "id" | "kind">, by: number): Promise<number> {
    if (isDroppable(kind)) return 0;
    const key = await keyedName(keys, "queue/done", [id]);
    return (await counters.hit(key, { per: rememberedFor, by, now: clock() })).count;
  }

  /**
   * Alike for known and unknown identifiers: nothing was looked up. A window that a crash left behind closes by itself.
   */
  async function waiting({ scope, identifier }: RequestIntent, by: number): Promise<number> {
    const key = await keyedName(keys, "queue/waiting", [scope, identifier]);
    return (await counters.hit(key, { per: waitingFor, by, now: clock() })).count;
  }

  const intents: Intents = {
    async addRequest(intent) {
      if ((await waiting(intent, 1)) > maxFlows) return false;
      try {
        await intents.add(intent);
        return true;
      } catch (error) {
        await waiting(intent, -1).catch(() => undefined);
        throw error;
      }
    },

    async noteTaken(intent) {
      if (!intent.only) await waiting(intent, -1_000_000);
    },

    async add(intent, { dueAt, transaction } = {}) {
      const now = clock();
      const id = entryId(now);
      const sealed = await keys.seal("queue", utf8(JSON.stringify({ ...intent, id })));
      const { kind, at: addedAt } = intent;
      await queue.add(
        { id, sealed, addedAt, dueAt: dueAt ?? now, kind, keyId: await keyId(0) },
        { transaction },
      );
      return id;
    },

    async drop(id) {
      await queue.done(id);
      await mark({ id, kind: "finish" }, 1);
    },

    async open(entry) {
      const plain = await keys.open("queue", entry.sealed);
      if (!plain) return "sealed";
      const { id, ...intent } = JSON.parse(fromUtf8(plain)) as Intent & { id?: string };
      if (id === entry.id) return intent as Intent;
      const isUnbound = id === undefined && entry.kind === undefined && clock() - intent.at < unboundFor;
      return isUnbound ? (intent as Intent) : "forged";
    },

    keyIds: () => Promise.all(Array.from({ length: keys.size }, (_, index) => keyId(index))),
    wasDone: async (entry) => (await mark(entry, 0)) > 0,
    noteDone: async (entry) => void (await mark(entry, 1)),
  };
  return intents;
}

/** Whether an entry may be dropped at its deadline. What must follow a changed password may not. */
export function isDroppable(kind: IntentKind | undefined): boolean {
  return kind === undefined || kind === "request";
}

/** The time, in twelve hexadecimal digits, then randomness: entries close in time are close in the index. */
export function entryId(now: number): string {
  return now.toString(16).padStart(12, "0") + hex(random(10));
}
