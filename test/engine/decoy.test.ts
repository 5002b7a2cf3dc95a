import { describe, expect, it, vi } from "vitest";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/decoy.js";
import { observersOf } from "../../src/engine/inner.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { Events, Message, ResetMessage } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

const day = 24 * 3_600_000;

/** An engine that writes to strangers, and what it told. */
function writing(deliver?: (message: Message<Person>) => void, accounts = people("ada@example.com")) {
  const sent: Message<Person>[] = [];
  const options: Parameters<typeof makeKit>[0] = {
    notifyUnknown: true,
    deliver(message) {
      deliver?.(message);
      sent.push(message);
    },
  };
  const kit = makeKit(options, accounts);
  const told: { name: string; event: unknown }[] = [];
  for (const name of ["delivered", "failed", "refused"] as const satisfies (keyof Events<Person>)[]) {
    kit.reset.on(name, (event: unknown) => void told.push({ name, event }));
  }
  const ask = async (identifier: string, scope?: string) => {
    await kit.reset.request({ identifier }, { scope, ip: "192.0.2.7", locale: "de" });
    await kit.reset.drain();
  };
  return { kit, sent, told, ask };
}

describe("notifyUnknown", () => {
  it("writes to the address that was typed, in the request's language, without a token or a link", async () => {
    const { sent, told, ask } = writing();
    await ask("nobody@example.com");
    expect(sent).toEqual([
      {
        kind: "unknown",
        address: "nobody@example.com",
        locale: "de",
        request: { ip: "192.0.2.7", userAgent: undefined, data: undefined },
      },
    ]);
    expect(told.map(({ name }) => name)).toEqual(["refused", "delivered"]);
    expect(told[1]!.event).toEqual({ kind: "unknown", request: sent[0]!.request, scope: undefined });
    expect(JSON.stringify(told)).not.toContain("nobody@");
  });

  it.each([
    "nobody",
    "+49 170 1234567",
    "nobody@example.com, ada@example.com",
    "Nobody <nobody@example.com>",
    '"nobody"@example.com',
    "nobody@intranet",
  ])("writes nothing to %j, which is no plain address", async (identifier) => {
    const { sent, ask } = writing();
    await ask(identifier);
    expect(sent).toEqual([]);
  });

  it("tells the owner of an account that can't be reset why, at the stored address", async () => {
    const accounts = people("ada@example.com");
    const verdicts = ["no_password", "closed", false, "because"] as unknown[] as ("closed" | false)[];
    accounts.users.mayReset = () => verdicts.shift() ?? true;
    const { kit, sent } = writing(undefined, accounts);
    for (let n = 0; n < 4; n++) {
      await kit.reset.request({ identifier: "ADA@example.com" }, { locale: "de" });
      await kit.reset.drain();
    }
    const told = { kind: "ineligible", address: "ada@example.com", user: { id: 1 }, locale: "de" };
    expect(sent).toMatchObject([
      { ...told, reason: "no_password" },
      { ...told, reason: "closed" },
      { ...told, reason: undefined },
    ]);
  });

  it("writes what belongs to an account if it has one", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    const kinds: string[] = [];
    const kit = makeKit({ notifyUnknown: true, deliver: ({ kind }) => void kinds.push(kind) }, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    expect(kinds).toEqual(["ineligible"]);
    accounts.byId.get(1)!.active = true;
    await kit.reset.request({ identifier: "ADA@example.com" });
    await kit.reset.drain();
    expect(kinds).toEqual(["ineligible", "reset"]);
  });

  it("tries again while the mail server is away, and does not count what was not sent", async () => {
    let away = true;
    const { kit, sent, told, ask } = writing(() => {
      if (away) throw new Error("550 <nobody@example.com> is not known here");
    });
    for (let n = 0; n < 5; n++) {
      await ask("nobody@example.com");
      kit.clock.now += 60_000;
    }
    expect(sent).toEqual([]);
    const failed = told.filter(({ name }) => name === "failed");
    expect(failed.length).toBeGreaterThan(4);
    expect(JSON.stringify(failed) + kit.log.lines.join()).not.toContain("nobody@");
    away = false;
    kit.clock.now += 20 * 60_000;
    await kit.reset.drain();
    // Five requests wait for one address: they are one piece of work.
    expect(sent).toHaveLength(1);
    for (let n = 0; n < 5; n++) await ask("nobody@example.com");
    expect(sent).toHaveLength(3);
  });

  it("counts an address a day, however it is written, and each tenant for itself", async () => {
    const { kit, sent, ask } = writing();
    for (const identifier of [
      "nobody@example.com",
      "NOBODY@example.com",
      "Nobody@Example.com",
      "nobody@example.com",
    ]) {
      await ask(identifier);
    }
    expect(sent).toHaveLength(3);
    await ask("nobody@example.com", "north");
    expect(sent).toHaveLength(4);
    kit.clock.now += day;
    await ask("nobody@example.com");
    expect(sent).toHaveLength(5);
  });
});

describe("a message to a stranger", () => {
  it("belongs to the tenant of the request, and so does the event", async () => {
    const { sent, told, ask } = writing();
    await ask("nobody@example.com", "north");
    expect(sent).toMatchObject([{ kind: "unknown", scope: "north" }]);
    expect(told.at(-1)).toMatchObject({ name: "delivered", event: { kind: "unknown", scope: "north" } });
  });

  it("is in the language of the account that can't be reset, if that's known", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    const locales = ["fr", undefined];
    accounts.users.localeOf = ({ id }) => (id === 1 ? locales.shift() : "it");
    const { sent, ask } = writing(undefined, accounts);
    await ask("ada@example.com", "north");
    await ask("ada@example.com", "north");
    expect(sent).toMatchObject([
      { kind: "ineligible", locale: "fr", scope: "north", request: { ip: "192.0.2.7" } },
      { kind: "ineligible", locale: "de", scope: "north" },
    ]);
  });

  it("goes to the owner of an account whatever was typed, and to nobody who typed no address", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    accounts.users.identifierOf = () => "ada";
    accounts.users.findByIdentifier = (typed) => (typed === "ada" ? accounts.byId.get(1) : null);
    const { sent, ask } = writing(undefined, accounts);
    await ask("ada");
    expect(sent).toMatchObject([{ kind: "ineligible", address: "ada@example.com" }]);
  });

  /** Four processes on one store, each with a request of the same stranger. Three are sending when the fourth begins. */
  async function fourAtOnce() {
    const store = memoryStore();
    const sending: { accept(): void; fail(error: Error): void }[] = [];
    const sent: string[] = [];
    const deliver = ({ address }: Message<Person>) =>
      new Promise<void>((resolve, fail) => {
        sending.push({ accept: () => resolve(void sent.push(address)), fail });
      });
    const working: Promise<void>[] = [];
    for (let n = 0; n < 4; n++) {
      const { reset } = makeKit({ store, notifyUnknown: true, deliver });
      await reset.request({ identifier: "nobody@example.com" });
      working.push(reset.drain());
      if (n < 3) await vi.waitFor(() => expect(sending).toHaveLength(n + 1));
    }
    await working[3];
    /** What is sent by a process that begins so much later, and whose transport accepts all. */
    const later = async (milliseconds: number) => {
      const { reset, clock, mails } = makeKit({ store, notifyUnknown: true });
      clock.now += milliseconds;
      await reset.drain();
      return mails.map(({ address }) => address);
    };
    return { store, sending, sent, later, end: () => Promise.all(working) };
  }

  it("waits while three to the same address are on their way, and is dropped once they were accepted", async () => {
    const { store, sending, sent, later, end } = await fourAtOnce();
    expect(sending).toHaveLength(3);
    expect(await store.queue!.list({ limit: 9 })).toHaveLength(4);
    for (const { accept } of sending) accept();
    await end();
    expect(sent).toHaveLength(3);
    expect(await later(60_000)).toEqual([]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });

  it("waits while three to the same address are on their way, and is sent if they fail", async () => {
    const { store, sending, sent, later, end } = await fourAtOnce();
    for (const { fail } of sending) fail(new Error("421 try later"));
    await end();
    expect(sent).toEqual([]);
    // All four wait to be tried again, and are one piece of work by now.
    expect(await later(60_000)).toEqual(["nobody@example.com"]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });

  it("that fails says why, without the address, and names what it failed of", async () => {
    const { kit, told, ask } = writing(() => {
      throw new Error("550 <nobody@example.com> is not known here");
    });
    await ask("nobody@example.com");
    const [failed] = told.filter(({ name }) => name === "failed");
    expect(failed!.event).toMatchObject({ reason: expect.stringContaining("550 <[") });
    expect(kit.log.lines.join()).not.toContain("nobody@");
  });
});

describe("a transport that fails for a stranger", () => {
  it("is asked again when it said, and the log says that it works again", async () => {
    let down = true;
    const { kit, sent, ask } = writing(() => {
      if (down) throw Object.assign(new Error("429"), { retryAfter: 1_800 });
    });
    await ask("nobody@example.com");
    down = false;
    kit.clock.now += 29 * 60_000;
    await kit.reset.drain();
    expect(sent).toEqual([]);
    kit.clock.now += 2 * 60_000;
    await kit.reset.drain();
    expect(sent).toHaveLength(1);
    expect(kit.log.lines.at(-1)).toMatch(/^info: .*after 1 failed attempts/);
  });

  it("isn't quoted with an address that isn't one of email", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    accounts.users.addressOf = () => "+49 170 1234567";
    const { kit, told, ask } = writing(() => {
      throw new Error("550 no route to +49 170 1234567");
    }, accounts);
    await ask("ada@example.com");
    expect(told.map(({ name }) => name)).toContain("failed");
    expect(JSON.stringify(told.filter(({ name }) => name === "failed"))).toContain("no route to [hidden]");
    expect(kit.log.lines.join()).not.toContain("1234567");
  });
});

describe("a stand-in", () => {
  /** An engine that writes down each dry run and each step at the counters. */
  function watched(options: Parameters<typeof makeKit>[0] = {}) {
    const dry: Message<Person>[] = [];
    const store = memoryStore();
    const hits: { key: string; by: number | undefined; per: number }[] = [];
    const counters: typeof store.counters = {
      ...store.counters,
      hit: (key, how) => (hits.push({ key, by: how.by, per: how.per }), store.counters.hit(key, how)),
    };
    const deliver = Object.assign(() => undefined, {
      dryRun: (message: Message<Person>) => void dry.push(message),
    });
    const kit = makeKit({ store: { ...store, counters }, deliver, ...options });
    const ask = async (identifier: string) => {
      await kit.reset.request({ identifier }, { scope: "north", ip: "192.0.2.7", locale: "de" });
      hits.length = 0;
      await kit.reset.drain();
      return hits.splice(0);
    };
    return { kit, store, dry, ask };
  }

  it("gets a message like that of an account, with a link, to the address that was typed", async () => {
    const { dry, ask } = watched();
    await ask("nobody@example.com");
    expect(dry).toHaveLength(1);
    const { url, token } = dry[0] as ResetMessage<Person>;
    expect(dry[0]).toMatchObject({
      kind: "reset",
      address: "nobody@example.com",
      locale: "de",
      scope: "north",
      request: { ip: "192.0.2.7" },
    });
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(url).toContain(token);
  });

  it("has a made-up address where none was typed", async () => {
    const { dry, ask } = watched();
    await ask("nobody");
    expect(dry).toMatchObject([{ address: "nobody@example.com" }]);
  });

  it("greets the account that was seen last, if there was one", async () => {
    const { dry, ask } = watched();
    await ask("nobody@example.com");
    await ask("ada@example.com");
    await ask("nobody@example.com");
    expect(dry).toMatchObject([{ user: undefined }, { user: { id: 1 } }]);
  });

  it.each([
    ["stored", storedTokens()],
    ["signed", signedTokens({ ids: "integer" })],
  ])(
    "costs as many steps at the counters as an account, and leaves no window open: %s",
    async (_kind, tokens) => {
      const { ask } = watched({ tokens });
      const account = await ask("ada@example.com");
      const stranger = await ask("nobody@example.com");
      expect(stranger.map(({ by }) => by)).toEqual(account.map(({ by }) => by));
      const own = (hits: typeof account) => hits.filter(({ key }) => /mail|decoy/.test(key));
      expect(own(account).length).toBeGreaterThan(0);
      for (const { per } of own(account)) expect(per).toBeGreaterThan(1);
      for (const { per } of own(stranger)) expect(per).toBe(1);
    },
  );

  it("for whom no link can be made leaves nothing behind, and nothing in the log", async () => {
    const url = (user: Person) => `https://app.example.com/${user.id}/{token}`;
    const { kit, store, dry, ask } = watched({ url });
    await ask("nobody@example.com");
    expect(dry).toEqual([]);
    expect(await store.tokens.list({ limit: 9 })).toEqual([]);
    expect(kit.log.lines.filter((line) => !line.startsWith("info: "))).toEqual([]);
    await ask("ada@example.com");
    await ask("nobody@example.com");
    expect(dry).toHaveLength(1);
  });

  it("whose row the store doesn't take gets no message", async () => {
    const store = memoryStore();
    const { kit, dry, ask } = watched({
      store: { ...store, tokens: { ...store.tokens, put: async () => "over_cap" } },
    });
    await ask("nobody@example.com");
    expect(dry).toEqual([]);
    expect(kit.log.lines.filter((line) => !line.startsWith("info: "))).toEqual([]);
  });

  it("works without a dry run, and where the account that was seen can't be read any more", async () => {
    const accounts = people("ada@example.com");
    const { reset, log } = makeKit({}, accounts);
    const failed: string[] = [];
    observersOf(reset, "the test").push(async (step, work) => {
      try {
        return await work();
      } catch (error) {
        failed.push(step);
        throw error;
      }
    });
    await reset.request({ identifier: "ada@example.com" });
    await reset.drain();
    accounts.users.findById = () => Promise.reject(new Error("no connection"));
    await reset.request({ identifier: "nobody@example.com" });
    await reset.drain();
    expect(log.lines.filter((line) => !line.startsWith("info: "))).toEqual([]);
    expect(failed).toEqual([]);
  });
});
