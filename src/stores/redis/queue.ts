import { base64url, fromBase64url, fromUtf8, utf8 } from "../../crypto/encoding.js";
import type { IntentKind, QueuedEntry, QueueEntry, RequestQueue } from "../../ports.js";
import type { RunScript } from "./client.js";
import * as scripts from "./queue-scripts.js";

/** Stands for what an entry doesn't have. It isn't the base64url text of anything. */
const absent = "-";

/**
 * A queue in Redis, all under the hash tag of `tag`. Nothing in it expires by itself: it holds requests that were
 * accepted, and the engine decides when one is too late.
 */
export function redisQueue(run: RunScript, tag: string): RequestQueue {
  const names = ["entries", "ready", "ids", "requests", "lasting", "due", "added"];
  const keys = names.map((name) => `${tag}:${name}`);

  return {
    async add({ id, sealed, addedAt, dueAt, kind = absent, keyId }) {
      const entry = [timeText(addedAt), timeText(dueAt), kind, keyText(keyId), base64url(sealed)];
      if ((await run(scripts.add, keys, [id, ...entry])) === 1) return;
      throw new Error(`The queue already has an entry with the id ${id}.`);
    },

    async lease(limit, now, until, keyIds) {
      const wanted = keyIds ? [absent, ...keyIds.map(keyText)] : [];
      const values = [limit, timeText(now), timeText(until), ...wanted];
      return readAll(await run(scripts.lease, keys, values)).map(({ entry }) => entry);
    },

    async done(id) {
      await run(scripts.done, keys, [id]);
    },

    async retry(id, at, failure) {
      await run(scripts.retry, keys, [id, timeText(at), ...(failure === undefined ? [] : [failure])]);
    },

    async removeExpired(before, limit) {
      return Number(await run(scripts.removeExpired, keys, [before, limit]));
    },

    async stats(now, keyIds) {
      const ours = keyIds ? [absent, ...keyIds.map(keyText)] : [];
      const answer = (await run(scripts.stats, keys, [timeText(now), ...ours])) as unknown[];
      const [waiting, foreign, oldest] = answer.map(String);
      return {
        waiting: Number(waiting),
        oldestAt: oldest === "" ? undefined : Number(oldest),
        foreign: Number(foreign),
      };
    },

    async list({ after, limit }) {
      const found: QueuedEntry[] = [];
      let from = after === undefined ? "-" : `(${after}`;
      while (found.length < limit) {
        const page = pairsOf(await run(scripts.list, keys, [from, limit]));
        for (const [id, text] of page) {
          if (text !== "") found.push(toQueued(read(id, text)));
          from = `(${id}`;
        }
        if (page.length < limit) break;
      }
      return found.slice(0, limit);
    },
  };
}

/** Sixteen digits, so that times sort as strings do. */
function timeText(time: number): string {
  return String(Math.max(0, Math.round(time))).padStart(16, "0");
}

/** Without spaces, which separate the parts of an entry. */
function keyText(keyId: string | undefined): string {
  return keyId === undefined ? absent : base64url(utf8(keyId));
}

interface Read {
  readonly entry: QueueEntry;
  readonly attempts: number;
  readonly failure: string;
}

function readAll(answer: unknown): Read[] {
  return pairsOf(answer).map(([id, text]) => read(id, text));
}

function pairsOf(answer: unknown): [id: string, text: string][] {
  const flat = answer as unknown[];
  return Array.from({ length: flat.length / 2 }, (_, i) => [String(flat[2 * i]), String(flat[2 * i + 1])]);
}

function read(id: string, text: string): Read {
  const pattern = /^(\S+) (\S+) (\S+) (\S+) (\S+) (\S+) ?(.*)$/s;
  const [, addedAt, dueAt, attempts, kind, keyId = "", sealed = "", failure = ""] = pattern.exec(text) ?? [];
  const entry: QueueEntry = {
    id,
    sealed: fromBase64url(sealed)!,
    addedAt: Number(addedAt),
    dueAt: Number(dueAt),
    kind: kind === absent ? undefined : (kind as IntentKind),
    keyId: keyId === absent ? undefined : fromUtf8(fromBase64url(keyId)!),
  };
  return { entry, attempts: Number(attempts), failure };
}

function toQueued({ entry: { sealed: _, ...rest }, attempts, failure }: Read): QueuedEntry {
  return { ...rest, attempts, failure: failure === "" ? undefined : failure };
}
