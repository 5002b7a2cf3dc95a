/** Work on its way through the queue: sealed, bound to its entry, done once, and understood by other versions. */
import { describe, expect, it } from "vitest";
import { utf8 } from "../../src/crypto/encoding.js";
import { createKeyring } from "../../src/crypto/keyring.js";
import { keyedName } from "../../src/crypto/keyed-name.js";
import {
  createIntents,
  entryId,
  type ChangedIntent,
  type FinishIntent,
  type RequestIntent,
} from "../../src/engine/intents.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { QueueEntry } from "../../src/types.js";
import { keptLog, makeKit, people, secret } from "../kit.js";

const email = "ada@example.com";
const otherSecret = "another secret of the tests: 9876543210 zyxwvutsrqponmlkjih";
const day = 86_400_000;
const noon = Date.UTC(2026, 0, 15, 12);
const origin = { ip: undefined, userAgent: undefined, data: undefined };

const requested: RequestIntent = {
  ...{ kind: "request", at: noon, scope: "", request: origin, identifier: email },
};
const changed: ChangedIntent = {
  ...{ kind: "changed", at: noon, scope: "", request: origin, userId: "n:1", address: email },
};
const finishing: FinishIntent = {
  ...{ kind: "finish", at: noon, scope: "", request: origin, userId: "n:1", before: "AA", address: email },
};

function setUp(secrets: string | string[] = secret, store = memoryStore()) {
  const clock = { now: noon };
  const keys = createKeyring(secrets);
  const queue = store.queue!;
  const intents = createIntents({ queue, keys, counters: store.counters, clock: () => clock.now });
  /** All entries that are in the queue, as a worker gets them. */
  const entries = () => queue.lease(100, Number.MAX_SAFE_INTEGER, noon);
  return { intents, queue, keys, store, clock, entries };
}

describe("an entry of the queue", () => {
  it("is due when it's added, or at the given time, and shows nothing but its kind, time and key", async () => {
    const { intents, queue, clock } = setUp();
    clock.now = noon + 5;
    const ids = [await intents.add(requested), await intents.add(changed, { dueAt: noon + 60_000 })];
    const rest = { attempts: 0, addedAt: noon, keyId: (await intents.keyIds())[0] };
    const listed = await queue.list({ limit: 9 });
    expect(new Set(listed)).toEqual(
      new Set([
        { ...rest, id: ids[0], kind: "request", dueAt: noon + 5, failure: undefined },
        { ...rest, id: ids[1], kind: "changed", dueAt: noon + 60_000, failure: undefined },
      ]),
    );
  });

  it("gives back what was added, to whoever has its secret", async () => {
    const one = setUp();
    await one.intents.add(changed);
    const [entry] = await one.entries();
    expect(Buffer.from(entry!.sealed).toString("latin1")).not.toMatch(/ada|changed/);
    expect(await one.intents.open(entry!)).toEqual(changed);
    expect(await setUp([otherSecret, secret]).intents.open(entry!)).toEqual(changed);
    expect(await setUp(otherSecret).intents.open(entry!)).toBe("sealed");
  });

  it("isn't accepted with what was sealed for another", async () => {
    const { intents, entries } = setUp();
    await intents.add(changed);
    await intents.add(changed);
    const [one, other] = await entries();
    expect(await intents.open({ ...one!, sealed: other!.sealed })).toBe("forged");
    expect(await intents.open({ ...one!, sealed: other!.sealed, kind: undefined })).toBe("forged");
  });

  it("that someone made of another is removed, is said, and ends no sessions", async () => {
    const { intents, entries, queue, store } = setUp();
    const accounts = people(email);
    const kit = makeKit({ store }, accounts);
    const failed: unknown[] = [];
    kit.reset.on("failed", (event) => void failed.push(event));
    const id = await intents.add(finishing);
    const [entry] = await entries();
    await queue.done(id);
    await queue.add({ ...entry!, id: entryId(noon), dueAt: noon }, {});
    await kit.reset.drain();
    const reason = "A queue entry was encrypted for another entry, so it was removed";
    expect(kit.log.lines).toEqual([`error: ${reason}. Check who can write to the queue.`]);
    expect(failed).toEqual([{ what: "intent", reason, final: true }]);
    expect(accounts.byId.get(1)).toMatchObject({ sessions: 2 });
    expect(await queue.list({ limit: 9 })).toEqual([]);
  });

  it("has an id that sorts by time, and that nobody can guess", () => {
    expect(entryId(0)).toMatch(/^0{12}[0-9a-f]{20}$/);
    expect(entryId(noon)).toMatch(new RegExp(`^0${noon.toString(16)}[0-9a-f]{20}$`));
    expect(entryId(noon) < entryId(noon + 1)).toBe(true);
    expect(new Set(Array.from({ length: 50 }, () => entryId(noon))).size).toBe(50);
  });
});

describe("an entry of version 0.1.0, which isn't bound to its id,", () => {
  /** As that version wrote it: no id inside, and no kind outside. */
  async function old(kind?: QueueEntry["kind"]) {
    const { intents, keys, clock } = setUp();
    const sealed = await keys.seal("queue", utf8(JSON.stringify(requested)));
    const entry: QueueEntry = { ...{ id: entryId(noon), sealed, addedAt: noon, dueAt: noon }, kind };
    const openAfter = (time: number) => ((clock.now = noon + time), intents.open(entry));
    return { openAfter };
  }

  it("is accepted for a day", async () => {
    const { openAfter } = await old();
    for (const time of [0, day - 1]) expect(await openAfter(time)).toEqual(requested);
    for (const time of [day, 30 * day]) expect(await openAfter(time)).toBe("forged");
  });

  it("isn't accepted with a kind, which that version didn't write", async () => {
    const { openAfter } = await old("request");
    expect(await openAfter(0)).toBe("forged");
  });
});

describe("what was done", () => {
  it.each(["finish", "changed", "issue"] as const)("isn't done again for seven days: %s", async (kind) => {
    const { intents, clock } = setUp();
    const entry = { id: entryId(noon), kind } as QueueEntry;
    expect(await intents.wasDone(entry)).toBe(false);
    await intents.noteDone(entry);
    clock.now += 7 * day - 1;
    expect(await intents.wasDone(entry)).toBe(true);
    clock.now += 1;
    expect(await intents.wasDone(entry)).toBe(false);
  });

  it.each(["request", undefined] as const)("leaves no note if it has a deadline: %s", async (kind) => {
    const { intents, store } = setUp();
    const entry = { id: entryId(noon), kind } as QueueEntry;
    await intents.noteDone(entry);
    expect(await intents.wasDone(entry)).toBe(false);
    expect(await store.counters.removeExpired(Number.MAX_SAFE_INTEGER, 10)).toBe(0);
  });

  it("by a process of another version isn't done again", async () => {
    const { intents, keys, store } = setUp();
    const entry = { id: entryId(noon), kind: "changed" } as QueueEntry;
    const name = await keyedName(keys, "queue/done", [entry.id]);
    await store.counters.hit(name, { per: 7 * day, now: noon });
    expect(await intents.wasDone(entry)).toBe(true);
  });

  it("includes what was dropped, even if a copy of it is put back", async () => {
    const { intents, entries, queue } = setUp();
    const id = await intents.add(finishing);
    const [entry] = await entries();
    await intents.drop(id);
    expect(await queue.list({ limit: 9 })).toEqual([]);
    expect(await intents.wasDone(entry!)).toBe(true);
  });
});

describe("requests with one spelling", () => {
  const other = { ...requested, identifier: "grace@example.com" };
  const elsewhere = { ...requested, scope: "acme" };

  it("wait three at a time, apart from others and from other tenants", async () => {
    const { intents, queue } = setUp();
    const answers = [];
    for (let n = 0; n < 5; n++) answers.push(await intents.addRequest(requested));
    expect(answers).toEqual([true, true, true, false, false]);
    expect(await queue.list({ limit: 9 })).toHaveLength(3);
    expect([await intents.addRequest(other), await intents.addRequest(elsewhere)]).toEqual([true, true]);
  });

  it("may wait again once the others were taken, and not because one of their accounts was tried again", async () => {
    const { intents } = setUp();
    for (let n = 0; n < 3; n++) await intents.addRequest(requested);
    await intents.noteTaken({ ...requested, only: "n:1" });
    expect(await intents.addRequest(requested)).toBe(false);
    await intents.noteTaken(requested);
    const answers = [];
    for (let n = 0; n < 4; n++) answers.push(await intents.addRequest(requested));
    expect(answers).toEqual([true, true, true, false]);
  });

  it("may wait again after a minute, whatever a crash left behind", async () => {
    const { intents, clock } = setUp();
    for (let n = 0; n < 3; n++) await intents.addRequest(requested);
    clock.now += 59_999;
    expect(await intents.addRequest(requested)).toBe(false);
    clock.now += 1;
    expect(await intents.addRequest(requested)).toBe(true);
  });

  it("are counted together by processes of several versions", async () => {
    const { intents, keys, store } = setUp();
    const name = await keyedName(keys, "queue/waiting", ["", email]);
    await store.counters.hit(name, { per: 60_000, by: 3, now: noon });
    expect(await intents.addRequest(requested)).toBe(false);
  });

  it("lose no place to a queue that fails, whose error is the caller's", async () => {
    const { store } = setUp();
    let isDown = true;
    const add: NonNullable<typeof store.queue>["add"] = (...given) =>
      isDown ? Promise.reject(new Error("the queue is down")) : store.queue!.add(...given);
    const { intents } = setUp(secret, { ...store, queue: { ...store.queue!, add } });
    for (let n = 0; n < 5; n++)
      await expect(intents.addRequest(requested)).rejects.toThrow("the queue is down");
    isDown = false;
    expect(await intents.addRequest(requested)).toBe(true);
  });

  it("show the queue's error even if the counters fail as well", async () => {
    const { store } = setUp();
    const queue = { ...store.queue!, add: () => Promise.reject(new Error("the queue is down")) };
    const hit: typeof store.counters.hit = (name, how) =>
      how.by! < 0 ? Promise.reject(new Error("the counters are down")) : store.counters.hit(name, how);
    const { intents } = setUp(secret, { ...store, queue, counters: { ...store.counters, hit } });
    await expect(intents.addRequest(requested)).rejects.toThrow("the queue is down");
  });
});

describe("the key ids", () => {
  it("stay what they were, one for each secret in order, so that other versions take these entries", async () => {
    const { intents } = setUp([secret, otherSecret]);
    const recorded = ["WMEa_xdQeso", "SfF_SFek8Po"];
    expect(await intents.keyIds()).toEqual(recorded);
    expect(await intents.keyIds()).toEqual(recorded);
    expect(await setUp(otherSecret).intents.keyIds()).toEqual([recorded[1]]);
  });

  it("are in the entries, so that a worker without the secret leaves them alone", async () => {
    const store = memoryStore();
    const log = keptLog();
    const one = makeKit({ store });
    const other = makeKit({ store, secret: otherSecret, log });
    await one.reset.request({ identifier: email });
    await other.reset.drain();
    expect(other.mails).toEqual([]);
    expect(await store.queue!.list({ limit: 9 })).toMatchObject([{ attempts: 0, dueAt: noon }]);
    await one.reset.drain();
    expect(one.mails).toHaveLength(1);
  });
});
