import { assertFunction } from "../check-options.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import type { CounterStore, IntentKind, QueuedEntry, QueueEntry, RequestQueue } from "../ports.js";

/** A Worker's binding of a queue, as a producer. */
export interface CloudflareQueueBinding {
  send(message: unknown, options?: { contentType?: any; delaySeconds?: number }): Promise<unknown>;
}

/** What a Worker's `queue` handler receives. */
export interface CloudflareBatch {
  readonly messages: readonly CloudflareMessage[];
}

export interface CloudflareMessage {
  readonly body: unknown;
  ack(): void;
  retry(options?: { delaySeconds?: number }): void;
}

/** The queue, and what a Worker's `queue` handler calls. */
export interface CloudflareRequestQueue extends RequestQueue {
  /** Carries out the entries of a batch. Resolves once each is done or queued again. */
  consume(batch: CloudflareBatch, reset: { drain(): Promise<void> }): Promise<void>;
}

/** What a message holds. Cloudflare counts attempts of its own, but our messages never fail there. */
interface Kept {
  readonly id: string;
  readonly sealed: string;
  readonly addedAt: number;
  readonly dueAt: number;
  readonly kind?: IntentKind | undefined;
  readonly keyId?: string | undefined;
  readonly attempts: number;
  readonly failure?: string | undefined;
}

/** An entry of a batch that this isolate is working on. */
interface Held {
  kept: Kept;
  /** A batch leases an entry once. What fails comes back in a later one. */
  isLeased: boolean;
  isDone: boolean;
}

/** The longest delay of a message, in seconds. */
const longestDelay = 43_200;
/** How long a removed entry is remembered, in milliseconds: the longest that Cloudflare keeps a message. */
const rememberedFor = 14 * 86_400_000;

/**
 * The queue on Cloudflare Queues, for Workers: requests become messages, and the Worker's `queue` handler, or another
 * Worker's, sends the emails. Set `worker: "outside"`.
 *
 * Limits:
 * - A message can't be removed, so what was done elsewhere is recorded in `counters`, and skipped when its message
 *   arrives.
 * - Cloudflare drops a message after `max_retries` deliveries that ended in an error. A failed email isn't one: it's sent to
 *   the queue again, with its delay.
 * - Messages can't be read without taking them, so `list` and `stats` show only what this isolate is working on.
 * - Delays are whole seconds. D1 has no interactive transactions, so `users.lock` can't be used with it.
 *
 * @throws {TypeError} If `binding` or `counters` isn't one.
 * @example
 * ```ts
 * const store = sqlStore(d1(env.DB));
 * const queue = cloudflareQueue(env.RESETS, store);
 * const reset = passwordReset({ store: { ...store, queue }, worker: "outside", … });
 * export default { fetch: app.fetch, queue: (batch) => queue.consume(batch, reset) };
 * ```
 */
export function cloudflareQueue(
  binding: CloudflareQueueBinding,
  { counters }: { readonly counters: CounterStore },
): CloudflareRequestQueue {
  assertFunction(
    binding?.send,
    "cloudflareQueue(binding)",
    "pass the binding of a queue, such as env.RESETS",
  );
  assertFunction(
    counters?.hit,
    "cloudflareQueue(…, { counters })",
    "pass a store, such as sqlStore(d1(env.DB))",
  );
  const held = new Map<string, Held>();

  const send = (kept: Kept): Promise<unknown> => {
    const delaySeconds = Math.min(longestDelay, Math.max(0, Math.ceil((kept.dueAt - Date.now()) / 1_000)));
    return binding.send(kept, { contentType: "json", delaySeconds });
  };

  /** How often an entry was recorded as removed. */
  const removals = async (id: string, by: number): Promise<number> =>
    (await counters.hit(`queue.done.${id}`, { per: rememberedFor, by, now: Date.now() })).count;

  async function settle(message: CloudflareMessage, { kept, isDone }: Held): Promise<void> {
    // The copy comes first: a crash between the two steps delivers the entry twice, but loses none.
    if (!isDone) await send(kept);
    message.ack();
  }

  return {
    async consume(batch, reset) {
      const own: [CloudflareMessage, Held][] = [];
      for (const message of batch.messages) {
        const kept = readKept(message.body);
        // Another program's message: it may have another consumer, or a dead-letter queue.
        if (!kept) message.retry();
        else if (held.has(kept.id) || (await removals(kept.id, 0)) > 0) message.ack();
        else {
          const one = { kept, isLeased: kept.dueAt > Date.now() + 1_000, isDone: false };
          held.set(kept.id, one);
          own.push([message, one]);
        }
      }
      try {
        await reset.drain();
        for (const [message, one] of own) await settle(message, one);
      } finally {
        for (const [, { kept }] of own) held.delete(kept.id);
      }
    },

    async add(entry) {
      await send(toKept(entry));
    },

    async lease(limit, _now, until) {
      const due = [...held.values()].filter(({ isLeased, isDone }) => !isLeased && !isDone).slice(0, limit);
      for (const one of due) Object.assign(one, { isLeased: true, kept: { ...one.kept, dueAt: until } });
      return due.map(({ kept }) => toEntry(kept));
    },

    async done(id) {
      const one = held.get(id);
      if (one) one.isDone = true;
      else await removals(id, 1);
    },

    async retry(id, at, failure) {
      const one = held.get(id);
      if (!one) return;
      const failed = failure === undefined ? {} : { failure, attempts: one.kept.attempts + 1 };
      one.kept = { ...one.kept, ...failed, dueAt: at };
    },

    // Each entry is dropped at its deadline when its message arrives.
    removeExpired: async () => 0,

    async stats(_now, keyIds) {
      const entries = [...held.values()].filter(({ isDone }) => !isDone).map(({ kept }) => kept);
      const foreign = entries.filter(({ keyId }) => keyId !== undefined && keyIds?.includes(keyId) === false);
      // What this isolate holds is being worked on, so nothing is waiting.
      return { waiting: 0, oldestAt: undefined, foreign: foreign.length };
    },

    async list({ after = "", limit }) {
      const entries = [...held.values()].filter(({ kept, isDone }) => !isDone && kept.id > after);
      const sorted = entries.map(({ kept }) => toQueued(kept)).sort((a, b) => (a.id < b.id ? -1 : 1));
      return sorted.slice(0, limit);
    },
  };
}

function toKept({ id, sealed, addedAt, dueAt, kind, keyId }: QueueEntry): Kept {
  return { id, sealed: base64url(sealed), addedAt, dueAt, kind, keyId, attempts: 0 };
}

function toEntry({ id, sealed, addedAt, dueAt, kind, keyId }: Kept): QueueEntry {
  return { id, sealed: fromBase64url(sealed) ?? new Uint8Array(), addedAt, dueAt, kind, keyId };
}

function toQueued({ id, addedAt, dueAt, kind, keyId, attempts, failure }: Kept): QueuedEntry {
  return { id, addedAt, dueAt, kind, keyId, attempts, failure };
}

function readKept(body: unknown): Kept | null {
  const { id, sealed, addedAt, dueAt, attempts } = (body ?? {}) as Partial<Kept>;
  const isOurs =
    typeof id === "string" &&
    /^[\da-f]{32}$/.test(id) &&
    typeof sealed === "string" &&
    [addedAt, dueAt, attempts].every((number) => typeof number === "number");
  return isOurs ? (body as Kept) : null;
}
