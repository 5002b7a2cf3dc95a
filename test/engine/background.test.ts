/** What runs while nobody waits for a response: each kind of intent, the announcements, and the cleanup. */
import { describe, expect, it, vi } from "vitest";
// Named here so that they're loaded before the first test: the engine loads them when they're first needed.
import "../../src/engine/background.js";
import "../../src/engine/change.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import type { Events, Finding, Store } from "../../src/types.js";
import { goodPassword, makeKit, people, type Person } from "../kit.js";

const email = "ada@example.com";
const minute = 60_000;
const hour = 60 * minute;

/** Starts a worker, lets it say what it has to say, and ends it. */
async function announced(options: Parameters<typeof makeKit>[0], accounts = people(email)) {
  const kit = makeKit(options, accounts);
  const stop = new AbortController();
  const working = kit.reset.work({ signal: stop.signal });
  stop.abort();
  await working;
  await new Promise((resolve) => setImmediate(resolve));
  return kit.log.lines;
}

const finding = (what: string, fix: string): Finding => ({ level: "warning", what, fix });

describe("a worker that starts", () => {
  it("says nothing where all is well, and where nothing can be checked", async () => {
    expect(await announced({})).toEqual([]);
    const store: Store = { ...memoryStore(), check: async () => undefined };
    const accounts = people(email);
    for (const findings of [[], undefined]) {
      accounts.users.check = async () => findings;
      expect(await announced({ store }, accounts)).toEqual([]);
    }
    const lines = await announced({ store: undefined, tokens: signedTokens() });
    expect(lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  it("says what the store is missing", async () => {
    const check = () => Promise.reject(new Error("The tables are missing."));
    expect(await announced({ store: { ...memoryStore(), check } })).toEqual([
      "error: The store isn't ready: Error: The tables are missing.",
    ]);
  });

  it("says what users is missing, or why that can't be found out", async () => {
    const accounts = people(email);
    accounts.users.check = async () => [
      finding("The column email is missing.", "Add it."),
      finding("There's no index.", "Create one."),
    ];
    expect(await announced({}, accounts)).toEqual([
      "warn: The column email is missing. Add it.",
      "warn: There's no index. Create one.",
    ]);
    accounts.users.check = () => Promise.reject(new Error("connection refused"));
    expect(await announced({}, accounts)).toEqual(["error: users isn't ready: Error: connection refused"]);
  });

  it("says that its clock and the database's differ, and nothing where the database can't be asked", async () => {
    const time = async () => Date.UTC(2026, 0, 15, 12, 2);
    expect(await announced({ store: { ...memoryStore(), time } })).toEqual([
      expect.stringMatching(/^warn: This machine's clock is 120 seconds behind the database's\. Synchronize/),
    ]);
    const fails = () => Promise.reject(new Error("connection refused"));
    expect(await announced({ store: { ...memoryStore(), time: fails } })).toEqual([]);
  });
});

describe("each kind of intent", () => {
  it("is carried out by the one part that knows it", async () => {
    const store = memoryStore();
    const accounts = people(email);
    const kit = makeKit({ store }, accounts);
    const { token } = await kit.ask(email);
    await kit.reset.issueFor(accounts.byId.get(1)!, { template: "invitation" });
    await kit.reset.drain();
    expect(kit.mails.at(-1)).toMatchObject({ kind: "reset", template: "invitation" });
    await kit.reset.confirm({ token, password: goodPassword });
    await kit.reset.drain();
    expect(kit.mails.at(-1)).toMatchObject({ kind: "changed" });
    expect(kit.mails).toHaveLength(3);
  });

  it("includes what a crash left of a changed password", async () => {
    const store = memoryStore();
    const accounts = people(email);
    const { revokeSessions } = accounts.users;
    accounts.users.revokeSessions = () => Promise.reject(new Error("away"));
    const kit = makeKit({ store }, accounts);
    const { token } = await kit.ask(email);
    await kit.reset.confirm({ token, password: goodPassword }).catch(() => undefined);
    accounts.users.revokeSessions = revokeSessions;
    expect(accounts.byId.get(1)!.sessions).toBe(2);
    for (let n = 0; n < 5; n++) {
      kit.clock.now += minute;
      await kit.reset.drain();
    }
    expect(accounts.byId.get(1)!.sessions).toBe(0);
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
  });
});

describe("clearExpired", () => {
  async function withStale(count: number) {
    const kit = makeKit();
    const failed: Events<Person>["failed"][] = [];
    kit.reset.on("failed", (event) => void failed.push(event));
    for (let n = 0; n < count; n++) await kit.reset.request({ identifier: `user${n}@example.com` });
    return { kit, failed };
  }

  it("drops requests that no worker took in twice the deadline, and says so", async () => {
    const { kit, failed } = await withStale(2);
    kit.clock.now += 4 * hour;
    await kit.reset.clearExpired();
    expect([kit.log.lines, failed]).toEqual([[], []]);
    kit.clock.now += 1;
    await kit.reset.clearExpired();
    const reason = "2 queued requests were dropped, because no worker took them in time";
    expect(kit.log.lines).toEqual([`error: ${reason}. Check that a worker runs: npx resetkit work`]);
    expect(failed).toEqual([{ what: "intent", reason, final: true }]);
  });

  it("removes nothing once its signal has aborted, and reports each batch", async () => {
    const { kit } = await withStale(3);
    kit.clock.now += 5 * hour;
    const stop = new AbortController();
    stop.abort();
    expect(await kit.reset.clearExpired({ signal: stop.signal })).toEqual({ removed: 0 });
    expect(kit.log.lines).toEqual([]);
    const onProgress = vi.fn();
    const { removed } = await kit.reset.clearExpired({ onProgress, signal: new AbortController().signal });
    // Three requests, and what was noted of each that waits.
    expect(removed).toBe(6);
    expect(onProgress.mock.calls.map(([progress]) => progress)).toEqual([
      { removed: 0 },
      { removed: 3 },
      { removed: 6 },
    ]);
  });
});

describe("a worker", () => {
  it("removes what has expired every ten minutes", async () => {
    const store = memoryStore();
    const asked: number[] = [];
    const tokens = {
      ...store.tokens,
      removeExpired: (now: number, limit: number) => (
        asked.push(now),
        store.tokens.removeExpired(now, limit)
      ),
    };
    const kit = makeKit({ store: { ...store, tokens }, worker: { mode: "outside", tick: "1ms" } });
    await kit.reset.drain();
    const working = kit.reset.work();
    kit.clock.now += 10 * minute;
    await expect.poll(() => asked).toEqual([kit.clock.now]);
    await kit.reset.close();
    await working;
    expect(asked).toHaveLength(1);
  });
});
