import { equal, random } from "#crypto";
import { hex } from "../../crypto/encoding.js";
import { describeError } from "../../runtime/log.js";
import type { Store } from "../../ports.js";
import type { Finding } from "../../types.js";
import { compareClocks } from "../clocks.js";
import { entryId } from "../intents.js";
import { splitFix, type CheckParts } from "./parts.js";

/**
 * Whether the store is reachable, migrated, in the right schema, with the rights that it needs, and with the right
 * time.
 */
export async function checkStore<U>(parts: CheckParts<U>): Promise<readonly Finding[]> {
  const { store } = parts;
  if (!store) return [];
  try {
    await store.check?.();
  } catch (error) {
    return [explain(error)];
  }
  return [
    ...(await tryVerbs(store, parts.clock())),
    ...[await compareClocks(parts)].filter((one) => one !== undefined),
  ];
}

function explain(error: unknown): Finding {
  const { code, message } = error as { code?: unknown; message?: string };
  const text = describeError(error).replace(/^Error: /, "");
  if (isOutage(code, message)) {
    return {
      level: "error",
      what: `The store can't be reached. ${text}.`,
      fix: "Start the database, and check the host, the name, and the credentials of its connection.",
    };
  }
  return splitFix("error", text);
}

/** Goes by the drivers' codes (SQLSTATE classes 08 and 28), and by the messages of drivers without codes. */
function isOutage(code: unknown, message = ""): boolean {
  const byCode =
    /^(E[A-Z]+|08...|28...|3D000|ER_ACCESS_DENIED_ERROR|ER_BAD_DB_ERROR|PROTOCOL_.*|SQLITE_(CANTOPEN|NOTADB).*)$/;
  return byCode.test(String(code)) || /\bE(CONN|HOST|NOTFOUND)|^(connect|Connection) /.test(message);
}

/**
 * Does everything once on rows of its own, which it removes. That shows missing rights, and what the driver returns.
 */
async function tryVerbs(store: Store, now: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const attempt = async (part: string, work: () => Promise<string | undefined>) => {
    try {
      const wrong = await work();
      if (wrong) {
        findings.push({
          level: "error",
          what: `The store's ${part} don't work: ${wrong}.`,
          fix: "Use the database client without options, type parsers, or casts that change what it returns.",
        });
      }
    } catch (error) {
      findings.push({
        level: "error",
        what: `The store's ${part} don't work. ${describeError(error)}.`,
        fix: "Allow the database account to select, insert, update and delete rows of resetkit's tables.",
      });
    }
  };
  await attempt("counters", () => tryCounters(store, now));
  await attempt("tokens", () => tryTokens(store, now));
  await attempt("queue", () => tryQueue(store, now));
  return findings;
}

async function tryCounters({ counters }: Store, now: number): Promise<string | undefined> {
  const key = `check:${hex(random(16))}`;
  const window = { per: 1_000, now };
  const first = await counters.hit(key, window);
  const second = await counters.hit(key, window);
  await counters.removeExpired(0, 1);
  if (first.count === 1 && second.count === 2 && second.resetAt === now + 1_000) return undefined;
  return `two hits were counted as ${JSON.stringify([first.count, second.count])}`;
}

async function tryTokens({ tokens }: Store, now: number): Promise<string | undefined> {
  const lookup = random(16);
  const userId = random(16);
  const times = { createdAt: now, expiresAt: now + 60_000, leasedUntil: 0 };
  const row = { lookup, proof: random(32), userId, scope: "", delivery: "pending", ...times } as const;
  const rule = { now, maxLive: 1, pendingFor: 60_000, quietFor: 60_000 };
  const placed = await tokens.put(row, rule);
  if (placed !== "stored") return `a new row was reported as ${JSON.stringify(placed)}`;
  try {
    const found = await tokens.find(lookup);
    if (!found) return "a row that was stored isn't found";
    const isSame = sameBytes(found.lookup, lookup) && sameBytes(found.proof, row.proof);
    if (!isSame) return "bytes come back as something else";
    if (found.expiresAt !== row.expiresAt) return `a number comes back as ${typeof found.expiresAt}`;
    if (!(await tokens.lease(lookup, now + 1_000, now))) return "a row without a lease can't be leased";
    if (await tokens.lease(lookup, now + 1_000, now)) return "a row was leased twice";
  } finally {
    const removed = await tokens.removeByUser(userId, { scope: "" });
    if (removed !== 1) findLost(removed);
  }
  return undefined;
}

function findLost(removed: unknown): never {
  throw new Error(`Removing one row was reported as ${JSON.stringify(removed)}`);
}

async function tryQueue({ queue }: Store, now: number): Promise<string | undefined> {
  if (!queue) return undefined;
  // Due long after it's removed, so no worker can take it meanwhile.
  const id = entryId(now);
  const times = { addedAt: now, dueAt: now + 3_600_000 };
  await queue.add({ id, sealed: random(16), kind: "request", ...times });
  try {
    await queue.retry(id, now + 3_600_001, "check");
    const leased = await queue.lease(1, 0, 0);
    if (leased.length > 0) return "an entry that isn't due was handed out";
  } finally {
    await queue.done(id);
  }
  return undefined;
}

function sameBytes(found: unknown, stored: Uint8Array): boolean {
  return found instanceof Uint8Array && equal(found, stored);
}
