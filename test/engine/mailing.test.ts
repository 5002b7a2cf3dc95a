/** What becomes of a request, an issued link, and a changed password: who gets an email, and what is said of it. */
import { describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/background.js";
import { createIntents, type Intent } from "../../src/engine/intents.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import type { Events, Log, Message, ResetOptions, Store, TokenStrategy } from "../../src/types.js";
import { goodPassword, keptLog, makeKit, people, secret, type Person } from "../kit.js";

const email = "ada@example.com";
const minute = 60_000;
const hour = 60 * minute;
const context = { scope: "acme", ip: "192.0.2.1", locale: "de" };
const from = { scope: "acme", request: expect.objectContaining({ ip: "192.0.2.1" }) };

type Event = { readonly name: keyof Events<Person> } & Record<string, unknown>;

/** An engine, all that it tells, and its queue. */
function setUp(options: Partial<ResetOptions<Person>> = {}, accounts = people(email)) {
  const store: Store = options.store ?? memoryStore();
  const kit = makeKit({ ...options, store }, accounts);
  const told: Event[] = [];
  for (const name of ["tokenCreated", "delivered", "refused", "failed"] as const)
    kit.reset.on(name, (event) => void told.push({ name, ...event }));
  const intents = createIntents({
    ...{ queue: store.queue!, counters: store.counters },
    ...{ keys: createKeyring(secret), clock: () => kit.clock.now },
  });
  return {
    ...{ ...kit, kit, store, told },
    eventsOf: (name: keyof Events<Person>) => told.filter((event) => event.name === name),
    add: (intent: Intent) => intents.add(intent),
    left: () => store.queue!.list({ limit: 100 }),
    /** Asks, and does what's due. */
    async request(identifier = email) {
      await kit.reset.request({ identifier }, context);
      await kit.reset.drain();
    },
    async after(time: number) {
      kit.clock.now += time;
      await kit.reset.drain();
    },
    warnings: () => kit.log.lines.filter((line) => !line.startsWith("info")),
  };
}

const twins = (count = 2) => people(...Array.from({ length: count }, () => "twin@example.com"));

/** Fails for some accounts, and keeps what goes to the others. */
function delivery() {
  const down = new Set<number>();
  const sent: number[] = [];
  const deliver: ResetOptions<Person>["deliver"] = (message) => {
    const { id } = (message as { user: Person }).user;
    if (down.has(id)) throw new Error(`450 of account ${id}`);
    sent.push(id);
  };
  return { down, sent, deliver };
}

describe("a request for one account", () => {
  it("is told as a token that was made and an email that was delivered, with where it came from", async () => {
    const { request, told, clock, byId } = setUp();
    await request();
    expect(told).toEqual([
      {
        ...{ name: "tokenCreated", user: byId.get(1), userId: 1 },
        ...{ expiresAt: new Date(clock.now + 24 * hour), ...from },
      },
      { name: "delivered", kind: "reset", userId: 1, ...from },
    ]);
  });

  it("has the lifetime of its account", async () => {
    const accounts = people(email, "grace@example.com");
    const { request, mails, clock } = setUp({ lifetime: (user) => (user.id === 1 ? "1h" : "2h") }, accounts);
    await request();
    await request("grace@example.com");
    expect(mails).toMatchObject([
      { expiresAt: new Date(clock.now + hour) },
      { expiresAt: new Date(clock.now + 2 * hour) },
    ]);
  });

  it("is written in the account's language, and otherwise in that of the request", async () => {
    const accounts = people(email, "grace@example.com");
    accounts.users.localeOf = (user) => (user.id === 1 ? "fr" : undefined);
    const { request, mails } = setUp({}, accounts);
    await request();
    await request("grace@example.com");
    expect(mails.map(({ locale }) => locale)).toEqual(["fr", "de"]);
    const plain = setUp();
    await plain.request();
    expect(plain.mails.map(({ locale }) => locale)).toEqual(["de"]);
  });

  it("has no other template than the usual, and is no invitation", async () => {
    const { request, mails } = setUp();
    await request();
    expect(mails).toMatchObject([{ template: undefined }]);
  });
});

describe("a request for no account", () => {
  it("is told as refused, without an account, and with where it came from", async () => {
    const { request, told } = setUp();
    await request("bob@example.com");
    expect(told).toEqual([{ name: "refused", stage: "mail", reason: "unknown_account", ...from }]);
    expect(told[0]).not.toHaveProperty("userId");
  });

  it("is tried again where the only account couldn't be read", async () => {
    const accounts = people(email);
    const { stateOf } = accounts.users;
    accounts.users.stateOf = () => {
      throw new Error("ECONNREFUSED");
    };
    const { request, eventsOf, after, mails, left } = setUp({}, accounts);
    await request();
    expect(eventsOf("refused")).toEqual([]);
    expect(eventsOf("failed")).toMatchObject([
      { what: "deliver", final: false, reason: expect.stringContaining("ECONNREFUSED") },
    ]);
    expect(await left()).toHaveLength(1);
    accounts.users.stateOf = stateOf;
    await after(2_000);
    expect(mails).toHaveLength(1);
  });

  it("costs a dry run, as one for an account that is at its limit does", async () => {
    let dryRuns = 0;
    const deliver = Object.assign(() => undefined, { dryRun: () => void dryRuns++ });
    const { request, eventsOf } = setUp({ deliver, maxLive: 1 });
    await request("bob@example.com");
    expect(dryRuns).toBe(1);
    await request();
    expect(dryRuns).toBe(1);
    await request();
    expect(dryRuns).toBe(2);
    expect(eventsOf("refused")).toEqual([
      expect.objectContaining({ reason: "unknown_account" }),
      { name: "refused", stage: "mail", reason: "over_cap", userId: 1, ...from },
    ]);
  });

  it("is refused for the account that may not be reset, rather than for one that only resembles it", async () => {
    const accounts = people("other@example.com", email);
    accounts.users.findByIdentifier = () => [...accounts.byId.values()];
    accounts.byId.get(2)!.active = false;
    const { request, told } = setUp({}, accounts);
    await request();
    expect(told).toMatchObject([{ reason: "not_eligible" }]);
  });
});

describe("a request for several accounts", () => {
  it("is tried again for those alone that failed, a second later, and says so", async () => {
    const { deliver, down, sent } = delivery();
    const { request, left, clock, log, eventsOf, after } = setUp({ deliver }, twins(3));
    down.add(2);
    await request("twin@example.com");
    expect(sent).toEqual([1, 3]);
    expect(await left()).toEqual([
      expect.objectContaining({ kind: "request", dueAt: clock.now + 1_000, attempts: 0 }),
    ]);
    expect(log.lines).toEqual([
      "warn: One of several accounts with the same identifier couldn't be emailed: Error: 450 of account 2",
    ]);
    expect(eventsOf("failed")).toEqual([]);
    await after(999);
    expect(sent).toHaveLength(2);
    // What has failed is alone then: its failure is that of the request.
    await after(1);
    expect(eventsOf("failed")).toMatchObject([{ reason: "Error: 450 of account 2" }]);
    down.clear();
    await after(5_000);
    expect(sent).toEqual([1, 3, 2]);
    expect(await left()).toEqual([]);
  });

  it("is tried again for the one that couldn't be read", async () => {
    const accounts = twins();
    const { stateOf } = accounts.users;
    let unreadable = 2;
    accounts.users.stateOf = (user, context) => {
      if (user.id === unreadable) throw new Error("ECONNREFUSED");
      return stateOf(user, context);
    };
    const { deliver, sent, down } = delivery();
    const { request, after, left, warnings } = setUp({ deliver }, accounts);
    await request("twin@example.com");
    expect(sent).toEqual([1]);
    expect(await left()).toHaveLength(1);
    unreadable = 0;
    await after(1_000);
    expect(sent).toEqual([1, 2]);
    // And for that one alone, even if another can't be read by then.
    down.add(2);
    await request("twin@example.com");
    down.clear();
    unreadable = 1;
    const before = warnings().length;
    await after(1_000);
    expect(sent).toEqual([1, 2, 1, 2]);
    expect(await left()).toEqual([]);
    expect(warnings()).toHaveLength(before);
  });

  it("doesn't count as an email that was sent, where none was", async () => {
    const { deliver, down } = delivery();
    const { request, log, left } = setUp(
      { deliver, maxLive: 1 },
      people("twin@example.com", "twin@example.com", email),
    );
    await request("twin@example.com");
    down.add(3);
    await request();
    expect(log.lines).toHaveLength(1);
    await request("twin@example.com");
    expect(log.lines.filter((line) => line.includes("recovered"))).toEqual([]);
    expect(await left()).toHaveLength(1);
  });

  it("counts as an email that was sent, where one was", async () => {
    const { deliver, down } = delivery();
    const { request, log, after } = setUp({ deliver }, twins());
    down.add(1).add(2);
    await request("twin@example.com");
    down.delete(1);
    await after(2_000);
    expect(log.lines).toEqual([
      "error: Email delivery failed: Error: 450 of account 1",
      expect.stringMatching(/^warn: One of several .* account 2$/),
      "info: Email delivery recovered, after 1 failed attempts; 0 were dropped.",
    ]);
  });

  it("is tried again as one where all of them failed", async () => {
    const { deliver, down, sent } = delivery();
    const { request, left, log, after } = setUp({ deliver }, twins());
    down.add(1).add(2);
    await request("twin@example.com");
    expect(await left()).toEqual([expect.objectContaining({ attempts: 1 })]);
    expect(log.lines).toHaveLength(1);
    down.clear();
    await after(2_000);
    expect(sent).toEqual([1, 2]);
  });

  it("is tried again as one where one couldn't be read and the other couldn't be emailed", async () => {
    const accounts = twins();
    const { stateOf } = accounts.users;
    const { deliver, down, sent } = delivery();
    let unreadable = 1;
    accounts.users.stateOf = (user, context) => {
      if (user.id === unreadable) throw new Error("ECONNREFUSED");
      return stateOf(user, context);
    };
    const { request, left, log, after } = setUp({ deliver }, accounts);
    down.add(2);
    await request("twin@example.com");
    expect(await left()).toHaveLength(1);
    // The first of the two failures is the one that is told.
    expect(log.lines).toEqual([expect.stringMatching(/^error: Email delivery failed: .*ECONNREFUSED/)]);
    unreadable = 0;
    down.clear();
    await after(2_000);
    expect(sent).toEqual([1, 2]);
  });

  it("sends the others their emails where the id of one can't be read, which can't be tried again", async () => {
    const accounts = twins();
    accounts.users.idOf = (user) => {
      if (user.id === 1) throw new Error("no id");
      return user.id;
    };
    const { deliver, sent } = delivery();
    const { request, left, log } = setUp({ deliver }, accounts);
    await request("twin@example.com");
    expect(sent).toEqual([2]);
    expect(await left()).toEqual([]);
    expect(log.lines).toEqual([expect.stringMatching(/^warn: One of several .* no id$/)]);
  });

  it("is tried again for one of them even if the id of another can't be read", async () => {
    const accounts = twins(3);
    accounts.users.idOf = (user) => {
      if (user.id === 1) throw new Error("no id");
      return user.id;
    };
    const { deliver, down, sent } = delivery();
    const { request, after, left } = setUp({ deliver }, accounts);
    down.add(2);
    await request("twin@example.com");
    down.clear();
    await after(1_000);
    expect(sent).toEqual([3, 2]);
    expect(await left()).toEqual([]);
  });

  it("says of each at its limit that it's at its limit", async () => {
    const { deliver, sent } = delivery();
    const { request, eventsOf } = setUp({ deliver, maxLive: 1 }, twins());
    for (let n = 0; n < 2; n++) await request("twin@example.com");
    expect(sent).toEqual([1, 2]);
    expect(eventsOf("refused")).toMatchObject([
      { reason: "over_cap", userId: 1 },
      { reason: "over_cap", userId: 2 },
    ]);
  });

  it.each([
    ["one dry run where none of them is emailed", false],
    ["none where one of them is tried again", true],
  ])("costs %s", async (_, fails) => {
    let dryRuns = 0;
    const { deliver, down } = delivery();
    const accounts = twins();
    accounts.byId.get(2)!.active = !fails;
    const counted = Object.assign(deliver, { dryRun: () => void dryRuns++ });
    const { request, left } = setUp({ deliver: counted, maxLive: 1 }, accounts);
    await request("twin@example.com");
    accounts.byId.get(2)!.active = true;
    down.add(2);
    await request("twin@example.com");
    expect(dryRuns).toBe(fails ? 0 : 1);
    expect(await left()).toHaveLength(fails ? 1 : 0);
  });

  it("costs no dry run where one of them was emailed", async () => {
    let dryRuns = 0;
    const { deliver } = delivery();
    const { request } = setUp({ deliver: Object.assign(deliver, { dryRun: () => void dryRuns++ }) }, twins());
    await request("twin@example.com");
    expect(dryRuns).toBe(0);
  });
});

describe("two lookups that don't agree", () => {
  it.each([
    [
      "users.findById doesn't return",
      (accounts: ReturnType<typeof people>) => {
        accounts.users.findById = () => null;
      },
    ],
    [
      "users.mayReset then refuses",
      (accounts: ReturnType<typeof people>) => {
        accounts.users.findById = (id) => ({ ...accounts.byId.get(id)!, active: false });
      },
    ],
  ])("send no email for an account that %s, and say so", async (_, change) => {
    const accounts = people(email);
    change(accounts);
    const { request, told, warnings, mails } = setUp({}, accounts);
    await request();
    expect(mails).toEqual([]);
    expect(told).toEqual([{ name: "refused", stage: "mail", reason: "not_eligible", userId: 1, ...from }]);
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^error: No email sent: .* users\.findById doesn't .* Make both read the same table\.$/,
      ),
    ]);
  });

  /** An account whose hash each lookup reads in its own way. */
  function differing(count = 1) {
    const accounts = twins(count);
    const { findByIdentifier } = accounts.users;
    const read = { hash: (user: Person): any => user.passwordHash, lookUps: 0 };
    accounts.users.findByIdentifier = async (identifier, context) => {
      read.lookUps++;
      const found = (await findByIdentifier(identifier, context)) as Person[];
      return found.map((user) => ({ ...user, passwordHash: read.hash(user) }));
    };
    return { accounts, read };
  }
  const differences = (lines: readonly string[]) =>
    lines.filter((line) => line.includes("return different values"));

  it("are a warning, once for each difference, and links are bound to what findById returns", async () => {
    const { accounts, read } = differing();
    const { request, log, mails, kit } = setUp({ maxLive: 9 }, accounts);
    read.hash = () => Buffer.from("a hash");
    for (let n = 0; n < 2; n++) await request("twin@example.com");
    expect(differences(log.lines)).toEqual([
      expect.stringMatching(
        /^warn: .* in users\.stateOf\(\)\[0\] \(Buffer and string\)\. .* same query or ORM\.$/,
      ),
    ]);
    const { token } = mails[1] as { token: string };
    expect(await kit.reset.validate({ token }, context)).toBe(true);
    read.hash = () => null;
    await request("twin@example.com");
    expect(differences(log.lines)[1]).toContain("(null and string)");
  });

  it("are no warning where the account was changed in between", async () => {
    const { accounts, read } = differing();
    read.hash = (user) => (read.lookUps === 1 ? "an older hash" : user.passwordHash);
    const { request, log } = setUp({}, accounts);
    await request("twin@example.com");
    expect(read.lookUps).toBe(2);
    expect(differences(log.lines)).toEqual([]);
    read.hash = () => "another hash";
    await request("twin@example.com");
    expect(differences(log.lines)).toHaveLength(1);
  });

  it("are no warning where the account is gone since", async () => {
    const { accounts, read } = differing(2);
    read.hash = (user) => (read.lookUps === 1 && user.id === 2 ? "an older hash" : user.passwordHash);
    const { findByIdentifier } = accounts.users;
    accounts.users.findByIdentifier = async (identifier, context) => {
      const found = (await findByIdentifier(identifier, context)) as Person[];
      return read.lookUps > 1 ? found.filter(({ id }) => id !== 2) : found;
    };
    const { request, log, mails } = setUp({}, accounts);
    await request("twin@example.com");
    expect(mails).toHaveLength(2);
    expect(differences(log.lines)).toEqual([]);
  });

  it("are looked at for the account that differs, of several", async () => {
    const { accounts, read } = differing(2);
    read.hash = (user) => (user.id === 2 ? null : user.passwordHash);
    const { request, log } = setUp({}, accounts);
    await request("twin@example.com");
    expect(differences(log.lines)).toHaveLength(1);
  });

  it("are looked up no third time where they agree", async () => {
    const { accounts, read } = differing();
    await setUp({}, accounts).request("twin@example.com");
    expect(read.lookUps).toBe(1);
  });
});

it("a first value of stateOf that isn't there is told, too", async () => {
  const accounts = people(email);
  accounts.users.stateOf = (user) => [(user as any).password, user.passwordHash];
  const { request, log } = setUp({}, accounts);
  for (let n = 0; n < 2; n++) await request();
  expect(log.lines).toEqual([expect.stringContaining("users.stateOf()[0] is undefined")]);
});

it("what was typed and isn't what was found is a warning again after more than an hour", async () => {
  const accounts = people(email);
  accounts.users.findByIdentifier = () => [...accounts.byId.values()];
  const { request, clock, warnings } = setUp({}, accounts);
  await request("ada");
  clock.now += hour;
  await request("ada");
  expect(warnings()).toHaveLength(1);
  clock.now += 1;
  await request("ada");
  expect(warnings()).toHaveLength(2);
  expect(warnings()[1]).toMatch(/^warn: No email sent for a•*: .*users\.identifierOf/);
});

describe("a request that may be in its own way", () => {
  /** An attempt that was cut off left a token behind, and the entry is leased again so much later. */
  async function leasedAfter(time: number) {
    const accounts = people(email);
    const kit = setUp({ maxLive: 1 }, accounts);
    // Its email is accepted, so that the account is at its limit.
    await kit.request();
    await kit.reset.request({ identifier: email }, context);
    await kit.store.queue!.lease(1, kit.clock.now, kit.clock.now + time);
    await kit.after(time);
    return { left: await kit.left(), refused: kit.eventsOf("refused") };
  }

  it("waits until its token no longer counts", async () => {
    expect(await leasedAfter(10 * minute - 1)).toMatchObject({ left: [{ attempts: 0 }], refused: [] });
  });

  it("is refused from then on", async () => {
    expect(await leasedAfter(10 * minute)).toMatchObject({ left: [], refused: [{ reason: "over_cap" }] });
  });

  it("is refused where its mailbox is full, which no token of its own makes it", async () => {
    const kit = setUp({ maxLive: 1 }, twins(5));
    await kit.request("twin@example.com");
    await kit.reset.request({ identifier: "twin@example.com" }, context);
    await kit.store.queue!.lease(1, kit.clock.now, kit.clock.now + minute);
    kit.kit.byId.get(1)!.passwordHash = "another";
    for (const id of [2, 3, 4, 5]) kit.kit.byId.delete(id);
    await kit.after(minute);
    expect(kit.eventsOf("refused").at(-1)).toMatchObject({ reason: "mailbox_full", userId: 1 });
    expect(await kit.left()).toEqual([]);
  });
});

describe("issueFor", () => {
  const issue = (kit: ReturnType<typeof setUp>, order = {}) =>
    kit.reset.issueFor(kit.byId.get(1) ?? people(email).byId.get(1)!, { ...context, ...order });

  it.each([
    ["users.findById doesn't return", (accounts: ReturnType<typeof people>) => accounts.byId.delete(1)],
    [
      "users.mayReset doesn't allow a reset for",
      (accounts: ReturnType<typeof people>) => (accounts.byId.get(1)!.active = false),
    ],
  ])("sends no email where %s the account by then", async (what, change) => {
    const accounts = people(email);
    const kit = setUp({}, accounts);
    await issue(kit);
    change(accounts);
    await kit.reset.drain();
    expect(kit.log.lines).toEqual([`warn: No email sent: ${what} an account that issueFor was called for.`]);
    expect(kit.told).toEqual([
      { name: "refused", stage: "mail", reason: "not_eligible", userId: 1, ...from },
    ]);
    expect(kit.mails).toEqual([]);
    expect(await kit.left()).toEqual([]);
  });

  it("rejects where nothing was sent because of that, if it's asked to wait", async () => {
    const accounts = people(email);
    accounts.users.findById = () => null;
    const kit = setUp({}, accounts);
    await expect(issue(kit, { wait: true })).rejects.toMatchObject({ code: "vetoed" });
    expect(await kit.left()).toEqual([]);
  });

  it("writes in the language of its order, with its template", async () => {
    const kit = setUp();
    await issue(kit, { template: "invitation" });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([
      { template: "invitation", locale: "de", address: email, scope: "acme", request: { ip: "192.0.2.1" } },
    ]);
    expect(kit.eventsOf("delivered")).toEqual([{ name: "delivered", kind: "reset", userId: 1, ...from }]);
  });

  it("has the lifetime of the account where an older version queued it without one", async () => {
    const kit = setUp({ lifetime: "3h" });
    const request = { ip: undefined, userAgent: undefined, data: undefined };
    await kit.add({ kind: "issue", at: kit.clock.now, scope: "", userId: "n:1", request });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ expiresAt: new Date(kit.clock.now + 3 * hour) }]);
  });

  it("takes the place of no email that is requested", async () => {
    const kit = setUp({ maxLive: 1 });
    for (let n = 0; n < 5; n++) await issue(kit, { wait: true });
    await kit.request();
    expect(kit.mails).toHaveLength(6);
  });

  it("is tried again where the tokens have a limit of their own", async () => {
    let isFull = true;
    const inner = signedTokens();
    const tokens: TokenStrategy = {
      ...inner,
      connect: (context) => {
        const connected = inner.connect(context);
        return { ...connected, issue: async (order) => (isFull ? "over_cap" : connected.issue(order)) };
      },
    };
    const kit = setUp({ tokens });
    await issue(kit);
    await kit.reset.drain();
    expect(await kit.left()).toHaveLength(1);
    isFull = false;
    await kit.after(2_000);
    expect(kit.mails).toHaveLength(1);
  });

  it("isn't tried again where the address can't be sent to", async () => {
    const kit = setUp({
      deliver: () => Promise.reject(Object.assign(new Error("no such domain"), { code: "unusable_address" })),
    });
    await issue(kit);
    await kit.reset.drain();
    expect(await kit.left()).toEqual([]);
    expect(kit.eventsOf("delivered")).toEqual([]);
  });
});

describe("an email that can't be delivered", () => {
  it("is dropped at once where its address can't be sent to, and isn't counted", async () => {
    let isUnusable = true;
    const sent = vi.fn();
    const { request, told, log, left } = setUp({
      maxLive: 1,
      deliver: () => {
        if (!isUnusable) return void sent();
        throw Object.assign(new Error(`no mailbox for ${email}`), { code: "unusable_address" });
      },
    });
    await request();
    const reason = "Error unusable_address: no mailbox for [hidden]";
    expect(told.slice(1)).toEqual([
      { name: "failed", what: "deliver", reason, final: true, userId: 1, ...from },
      { name: "refused", stage: "mail", reason: "unusable_address", userId: 1, ...from },
    ]);
    expect(log.lines).toEqual([`error: An email was dropped: ${reason}`]);
    expect(await left()).toEqual([]);
    isUnusable = false;
    await request();
    expect(sent).toHaveBeenCalledOnce();
  });

  it("has an error that shows neither its link nor its token", async () => {
    const { request, log, eventsOf } = setUp({
      deliver: (message) => {
        const { token, url, address } = message as { token: string; url: string; address: string };
        throw new Error(`can't send ${token} and ${url} to ${address}`);
      },
    });
    await request();
    expect(log.lines).toEqual([
      expect.stringMatching(
        /^error: Email delivery failed: Error: can't send \[hidden\] and .*\[hidden\] to \[/,
      ),
    ]);
    expect(eventsOf("failed")).toMatchObject([{ final: false }]);
    expect(eventsOf("delivered")).toEqual([]);
  });

  it("isn't counted, and is tried again when its error asks for it", async () => {
    const errors = [Object.assign(new Error("429"), { retryAfter: 1_800 })];
    const sent = vi.fn();
    const { request, left, clock } = setUp({
      maxLive: 1,
      deliver: () => {
        const error = errors.pop();
        if (error) throw error;
        sent();
      },
    });
    await request();
    expect(await left()).toMatchObject([{ dueAt: clock.now + 1_800_000, attempts: 1 }]);
    await request();
    expect(sent).toHaveBeenCalledOnce();
  });

  it.each([
    [null, "object"],
    [undefined, "undefined"],
    ["421", "string"],
  ])("is tried again where %j was thrown", async (thrown, reason) => {
    const { request, eventsOf, left } = setUp({ deliver: () => Promise.reject(thrown) });
    await request();
    expect(eventsOf("failed")).toMatchObject([{ what: "deliver", reason, final: false }]);
    expect(await left()).toHaveLength(1);
  });
});

describe("a link", () => {
  it.each([
    [72, []],
    [73, [{ length: 73 }]],
  ])("of %i characters is told if it's longer than a line of an email", async (length, expected) => {
    const lines: [string, unknown][] = [];
    const log: Log = { ...keptLog(), debug: (...line) => void lines.push(line as [string, unknown]) };
    const token = { length: 43 };
    const url = `https://example.com/${"x".repeat(length - token.length - 21)}/{token}`;
    const { request, mails } = setUp({ log, url });
    for (let n = 0; n < 2; n++) await request();
    expect((mails[0] as { url: string }).url).toHaveLength(length);
    expect(lines.filter(([line]) => line.startsWith("Links have")).map(([, fields]) => fields)).toEqual(
      expected,
    );
  });
});

describe("the notice of a changed password", () => {
  /** Changes the password, and what else changes before the notice is sent. */
  async function afterChange(
    change: (person: Person, accounts: ReturnType<typeof people>) => unknown = () => undefined,
    options: Partial<ResetOptions<Person>> = {},
  ) {
    const accounts = people(email);
    let token = "";
    const mails: Message<Person>[] = [];
    const { deliver, ...others } = options;
    const kit = setUp(
      {
        ...others,
        deliver: (message) => {
          if (message.kind === "reset") token = message.token;
          else deliver?.(message);
          mails.push(message);
        },
      },
      accounts,
    );
    await kit.request();
    await kit.reset.confirm({ token, password: goodPassword }, context);
    mails.length = kit.told.length = 0;
    change(accounts.byId.get(1)!, accounts);
    await kit.reset.drain();
    return { ...kit, accounts, mails };
  }
  const addressesOf = ({ mails }: { mails: readonly Message<Person>[] }) =>
    mails.map(({ address }) => address);

  it("says whose was changed, when, and where it came from", async () => {
    const { mails, told, clock, byId, left } = await afterChange();
    expect(mails).toEqual([
      {
        ...{ kind: "changed", user: byId.get(1), address: email, locale: "de" },
        ...{ changedAt: new Date(clock.now), ...from },
      },
    ]);
    expect(told).toEqual([{ name: "delivered", kind: "changed", userId: 1, ...from }]);
    expect(await left()).toEqual([]);
  });

  it("is written in the account's language", async () => {
    const kit = await afterChange((_, { users }) => void (users.localeOf = () => "fr"));
    expect(kit.mails).toMatchObject([{ locale: "fr" }]);
  });

  it("goes to the address before the change, and to the one of now, once each", async () => {
    const kit = await afterChange((person) => void (person.email = "new@example.com"));
    expect(addressesOf(kit)).toEqual([email, "new@example.com"]);
    expect(kit.eventsOf("delivered")).toHaveLength(2);
    await kit.after(hour);
    expect(kit.mails).toHaveLength(2);
  });

  it("goes to the address of then, if that has changed once more before the email could be sent", async () => {
    let isDown = true;
    const kit = await afterChange((person) => void (person.email = "new@example.com"), {
      deliver: ({ address }) => {
        if (isDown && address === "new@example.com") throw new Error("421");
      },
    });
    expect(addressesOf(kit)).toEqual([email]);
    kit.byId.get(1)!.email = "newest@example.com";
    isDown = false;
    await kit.after(2_000);
    expect(addressesOf(kit)).toEqual([email, "new@example.com"]);
    expect(await kit.left()).toEqual([]);
    // It's an email that was sent: delivery works again.
    expect(kit.log.lines.at(-1)).toContain("Email delivery recovered");
  });

  it("goes to one address that was only spelled anew", async () => {
    const kit = await afterChange((person) => void (person.email = "ADA@example.com"));
    expect(addressesOf(kit)).toEqual([email]);
  });

  it("goes to nobody where the account is gone", async () => {
    const kit = await afterChange((_, { byId }) => void byId.delete(1));
    expect([kit.mails, kit.told, await kit.left()]).toEqual([[], [], []]);
  });

  it("goes to the address of now even if the one before can't be sent to", async () => {
    const sent: string[] = [];
    const kit = await afterChange((person) => void (person.email = "new@example.com"), {
      deliver: (message) => {
        if (message.kind === "changed" && message.address === email)
          throw Object.assign(new Error("no such mailbox"), { code: "unusable_address" });
        sent.push(message.address);
      },
    });
    expect(sent).toEqual(["new@example.com"]);
    expect(kit.eventsOf("delivered")).toHaveLength(1);
    expect(kit.eventsOf("failed")).toMatchObject([{ what: "deliver", final: true, userId: 1 }]);
    expect(await kit.left()).toEqual([]);
  });

  it("goes to the address of now where an older version queued it without one", async () => {
    const kit = setUp();
    const request = { ip: undefined, userAgent: undefined, data: undefined };
    await kit.add({ kind: "changed", at: kit.clock.now - hour, scope: "", userId: "n:1", request });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ address: email, changedAt: new Date(kit.clock.now - hour) }]);
  });
});
