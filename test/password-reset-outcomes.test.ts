/** What the engine answers, charges, tells, and logs when something in it fails, is refused, or is missing. */
import { afterEach, describe, expect, it, vi } from "vitest";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../src/engine/background.js";
import { observersOf } from "../src/engine/inner.js";
import { ResetError } from "../src/errors.js";
import { memoryStore } from "../src/stores/memory.js";
import { signedTokens } from "../src/tokens/signed.js";
import { storedTokens } from "../src/tokens/stored.js";
import { randomNumber } from "../src/tokens/generators.js";
import type { Events, StrategyContext, TokenStrategy } from "../src/types.js";
import { goodPassword, makeKit, people, type Kit, type Person } from "./kit.js";

const email = "ada@example.com";
const minute = 60_000;
const hour = 60 * minute;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What happened, in the order in which it was told. */
function heard(kit: Kit, ...names: (keyof Events<Person>)[]) {
  const told: Record<string, unknown>[] = [];
  for (const name of names) kit.reset.on(name, (event: object) => void told.push({ name, ...event }));
  return told;
}

async function errorOf(work: Promise<unknown>): Promise<ResetError & Error> {
  return work.then(
    () => {
      throw new Error("It didn't fail.");
    },
    (error: ResetError) => error,
  );
}

/** Throttles that count, for each stage, what was charged and not given back. */
function charging() {
  const open: Record<string, number> = { request: 0, validate: 0, confirm: 0 };
  const throttle = (stage: string) => ({
    take: async () => void open[stage]!++,
    giveBack: async () => void open[stage]!--,
  });
  const throttles = Object.fromEntries(Object.keys(open).map((stage) => [stage, [throttle(stage)]]));
  return { open, throttles };
}

describe("a listener that throws", () => {
  it("is named in the log and in an event, and changes nothing", async () => {
    const kit = makeKit();
    const told = heard(kit, "failed");
    kit.reset.on("tokenCreated", () => {
      throw new Error("no such queue");
    });
    await kit.ask(email);
    const reason = 'a listener of "tokenCreated" threw: Error: no such queue';
    expect(kit.log.lines).toEqual([`error: ${reason}`]);
    expect(told).toEqual([{ name: "failed", what: "listener", reason, final: true }]);
  });

  it("isn't told of itself", async () => {
    const kit = makeKit();
    let calls = 0;
    kit.reset.on("failed", () => {
      calls++;
      throw new Error("no such queue");
    });
    kit.reset.on("tokenCreated", () => {
      throw new Error("no such queue");
    });
    await kit.ask(email);
    await vi.waitFor(() => expect(kit.log.lines).toHaveLength(2));
    expect(calls).toBe(1);
    expect(kit.log.lines[1]).toMatch(/^error: a listener of "failed" threw/);
  });

  it("must be a function", () => {
    expect(() => makeKit().reset.on("delivered", undefined as never)).toThrow(
      'on("delivered") is missing: pass a function to call.',
    );
  });
});

describe("a kind of token", () => {
  /** A kind of one's own, which makes signed tokens. */
  function own(seen: StrategyContext[], more: object = {}): TokenStrategy {
    const signed = signedTokens({ ids: "integer" });
    return {
      kind: "own",
      connect: (context) => (seen.push(context), { ...signed.connect(context), ...more }),
    };
  }

  it("is connected to the engine's parts, and the first one issues", () => {
    const seen: StrategyContext[] = [];
    const store = memoryStore();
    makeKit({ tokens: [own(seen), own(seen)], store, maxLive: 5, lifetime: "2h" });
    expect(seen.map(({ issues }) => issues)).toEqual([true, false]);
    expect(seen[0]).toMatchObject({ maxLive: 5, lifetime: 2 * hour });
    expect([seen[0]!.tokens === store.tokens, seen[0]!.counters === store.counters]).toEqual([true, true]);
  });

  it("raises an alarm of each kind once an hour, in the log and in an event", async () => {
    const seen: StrategyContext[] = [];
    const kit = makeKit({ tokens: own(seen) });
    const told = heard(kit, "alarm");
    const raise = (what: "codes" | "queue") => seen[0]!.alarm!(what as never, `Look at ${what}`);
    for (let n = 0; n < 2; n++) raise("codes");
    raise("queue");
    kit.clock.now += hour - 1;
    raise("codes");
    expect(kit.log.lines).toEqual(["error: Look at codes.", "error: Look at queue."]);
    kit.clock.now += 1;
    raise("codes");
    expect(told.map(({ what, reason }) => [what, reason])).toEqual([
      ["codes", "Look at codes"],
      ["queue", "Look at queue"],
      ["codes", "Look at codes"],
    ]);
  });

  it("may refuse a lifetime, before anything is queued", async () => {
    const store = memoryStore();
    const lifetimes: number[] = [];
    const checkLifetime = (lifetime: number) => {
      lifetimes.push(lifetime);
      if (lifetime > hour) throw new TypeError("too long");
    };
    const kit = makeKit({ tokens: own([], { checkLifetime }), store, lifetime: () => "50m" });
    await kit.reset.issueFor(kit.byId.get(1)!);
    await expect(kit.reset.issueFor(kit.byId.get(1)!, { lifetime: "2h" })).rejects.toThrow();
    expect(lifetimes).toEqual([50 * minute, 2 * hour]);
    expect(await store.queue!.list({ limit: 9 })).toHaveLength(1);
  });

  it("is revoked along with all others", async () => {
    const revoked: unknown[] = [];
    const revoke = async (account: { id: unknown; scope: string }) =>
      void revoked.push([account.id, account.scope]);
    const kit = makeKit({ tokens: [own([], { revoke }), own([], { revoke })] });
    await kit.reset.revoke(kit.byId.get(1)!, { scope: "north" });
    expect(revoked).toEqual([
      [1, "north"],
      [1, "north"],
    ]);
  });
});

describe("a request", () => {
  it("has a flow only with codes, and keeps the one that the client has", async () => {
    expect(await makeKit().reset.request({ identifier: email })).toStrictEqual({});
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) });
    const { flow } = await kit.reset.request({ identifier: email });
    expect(flow).toMatch(/^[\w-]{43}$/);
    expect(await kit.reset.request({ identifier: email, flow } as never)).toEqual({ flow });
    expect((await kit.reset.request({ identifier: email, flow: "made up" } as never)).flow).not.toBe(
      "made up",
    );
  });

  it("that waits three times already is told as such, and not queued", async () => {
    const store = memoryStore();
    const details: unknown[] = [];
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const kit = makeKit({
      store,
      log: { ...log, debug: (message: string, fields?: unknown) => void details.push([message, fields]) },
    });
    vi.stubEnv("NODE_ENV", "production");
    const told = heard(kit, "refused");
    for (let n = 0; n < 4; n++)
      await kit.reset.request({ identifier: email }, { scope: "north", ip: "192.0.2.7" });
    vi.unstubAllEnvs();
    expect(await store.queue!.list({ limit: 9 })).toHaveLength(3);
    expect(told).toEqual([
      {
        name: "refused",
        stage: "mail",
        reason: "already_waiting",
        request: { ip: "192.0.2.7", userAgent: undefined, data: undefined },
        scope: "north",
      },
    ]);
    expect(details).toEqual([
      [expect.stringContaining("wasn't queued"), { stage: "request", reason: "already_waiting" }],
    ]);
  });

  it("for an unknown account is refused with revealUnknown alone, and stays charged", async () => {
    const { open, throttles } = charging();
    const kit = makeKit({ revealUnknown: true, throttles } as never);
    const told = heard(kit, "refused");
    const unknown = await errorOf(kit.reset.request({ identifier: "nobody@example.com" }));
    expect(unknown.code).toBe("unknown_account");
    expect(told).toMatchObject([{ stage: "request", reason: "unknown_account" }]);
    expect(open["request"]).toBe(1);
    await kit.ask(email);
    expect(open["request"]).toBe(2);
  });

  it("without a context, or with an unusable one, is answered all the same or refused", async () => {
    const kit = makeKit();
    await kit.reset.request({ identifier: email });
    const { code, fields } = await errorOf(kit.reset.request({ identifier: email }, { scope: "a\nb" }));
    expect([code, fields]).toEqual(["invalid_input", { scope: ["invalid_text"] }]);
  });
});

describe("an outage", () => {
  it("is an answer to try again, with its cause, while the log hides what was typed", async () => {
    const accounts = people(email);
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask(email);
    accounts.users.mayReset = () => Promise.reject(new Error(`lost ${token} and ${goodPassword}`));
    const error = await errorOf(kit.reset.confirm({ token, password: goodPassword }));
    expect(error).toMatchObject({
      code: "unavailable",
      retryAfter: 1,
      cause: { name: "users.mayReset failed" },
    });
    expect(kit.log.lines).toEqual([
      "error: confirm() failed: users.mayReset failed: Error: lost [hidden] and [hidden]",
    ]);
  });

  it("hides an identifier, too, and names what was called", async () => {
    const store = memoryStore();
    const down = () => Promise.reject(new Error("no insert of bobby"));
    const kit = makeKit({ store: { ...store, queue: { ...store.queue!, add: down } } });
    expect((await errorOf(kit.reset.request({ identifier: "bobby" }))).code).toBe("unavailable");
    expect((await errorOf(kit.reset.issueFor(kit.byId.get(1)!))).code).toBe("unavailable");
    expect(kit.log.lines).toEqual([
      "error: request() failed: Error: no insert of [hidden]",
      "error: issueFor() failed: Error: no insert of bobby",
    ]);
  });

  it("is told to listeners as no refusal, and its charge is given back", async () => {
    const { open, throttles } = charging();
    const store = memoryStore();
    let isDown = true;
    const queue = {
      ...store.queue!,
      add: (...given: Parameters<NonNullable<typeof store.queue>["add"]>) =>
        isDown ? Promise.reject(new Error("no connection")) : store.queue!.add(...given),
    };
    const kit = makeKit({ store: { ...store, queue }, throttles } as never);
    const told = heard(kit, "refused");
    expect((await errorOf(kit.reset.request({ identifier: email }))).code).toBe("unavailable");
    expect([told, open["request"]]).toEqual([[], 0]);
    isDown = false;
    const { token } = await kit.ask(email);
    expect(open).toEqual({ request: 1, validate: 0, confirm: 0 });
    const { findById } = kit.users;
    kit.users.findById = () => Promise.reject(new Error("no connection"));
    for (const stage of ["validate", "confirm"] as const) {
      const error = await errorOf(kit.reset[stage]({ token, password: goodPassword }));
      expect([error.code, open[stage]]).toEqual(["unavailable", 0]);
    }
    kit.users.findById = findById;
    await kit.reset.confirm({ token, password: goodPassword });
    expect(open).toEqual({ request: 1, validate: 0, confirm: 0 });
  });

  it("is its own answer even if the charge can't be given back", async () => {
    const giveBack = () => Promise.reject(new Error("no connection to the counters"));
    const throttles = { request: [{ take: () => undefined, giveBack }] };
    const store = memoryStore();
    const down = () => Promise.reject(new Error("no connection to the queue"));
    const kit = makeKit({ store: { ...store, queue: { ...store.queue!, add: down } }, throttles } as never);
    const error = await errorOf(kit.reset.request({ identifier: email }));
    expect([error.code, String((error.cause as Error).message)]).toEqual([
      "unavailable",
      "no connection to the queue",
    ]);
  });
});

describe("an outage in the middle", () => {
  it("of a confirm costs nothing, whatever code its error has", async () => {
    const { open, throttles } = charging();
    const validator = () => Promise.reject(Object.assign(new Error("no connection"), { code: "vetoed" }));
    const kit = makeKit({ throttles: throttles as never, validators: [validator as never] });
    const { token } = await kit.ask(email);
    expect((await errorOf(kit.reset.confirm({ token, password: goodPassword }))).code).toBe("unavailable");
    expect(open["confirm"]).toBe(0);
  });

  it("that the application itself names costs nothing, and other refusals of its do", async () => {
    const { open, throttles } = charging();
    const kit = makeKit({ throttles: throttles as never });
    const { token } = await kit.ask(email);
    for (const [code, charged] of [
      ["unavailable", 0],
      ["vetoed", 1],
    ] as const) {
      kit.users.findById = () => Promise.reject(new ResetError(code));
      expect((await errorOf(kit.reset.validate({ token }))).code).toBe(code);
      expect(open["validate"]).toBe(charged);
    }
  });

  it.each(["validate", "inspect"] as const)("of a look at a link is logged as one: %s", async (method) => {
    const kit = makeKit();
    const { token } = await kit.ask(email);
    const told = heard(kit, "refused");
    kit.users.findById = () => Promise.reject(new Error("no connection"));
    await errorOf(kit.reset[method]({ token }));
    expect(kit.log.lines).toEqual([expect.stringMatching(/^error: validate\(\) failed: .*no connection/)]);
    kit.users.findById = () => Promise.reject(new ResetError("unavailable"));
    await errorOf(kit.reset[method]({ token }));
    expect(told).toMatchObject([{ stage: "validate", reason: "unavailable" }]);
  });

  it("hides texts alone, since a number would match much of any text", async () => {
    const store = memoryStore();
    const down = () => Promise.reject(new Error("5 rows"));
    const kit = makeKit({ store: { ...store, queue: { ...store.queue!, add: down } } });
    await errorOf(kit.reset.issueFor({ ...kit.byId.get(1)!, token: 5 } as never));
    expect(kit.log.lines).toEqual(["error: issueFor() failed: Error: 5 rows"]);
  });
});

describe("a mistake in the application's code", () => {
  it("reaches the caller as it is", async () => {
    const accounts = people(email);
    accounts.users.stateOf = () => 5 as never;
    const kit = makeKit({}, accounts);
    await expect(kit.reset.issueFor(kit.byId.get(1)!)).rejects.toThrow(/^users\.stateOf returned/);
    expect(kit.log.lines).toEqual([]);
  });
});

describe("a refusal", () => {
  it("is told with its stage and origin, of what clients do, and not of what the application does", async () => {
    const accounts = people(email);
    const kit = makeKit({}, accounts);
    const told = heard(kit, "refused");
    const context = { ip: "192.0.2.7", scope: "north" };
    expect(await kit.reset.validate({ token: "wrong" }, context)).toBe(false);
    await errorOf(kit.reset.confirm({ token: "wrong", password: goodPassword }, context));
    const request = { ip: "192.0.2.7", userAgent: undefined, data: undefined };
    expect(told.splice(0)).toEqual([
      { name: "refused", stage: "validate", reason: "invalid_token", request, scope: "north" },
      { name: "refused", stage: "confirm", reason: "invalid_token", request, scope: "north" },
    ]);
    accounts.users.mayReset = () => false;
    expect((await errorOf(kit.reset.issueFor(kit.byId.get(1)!))).code).toBe("vetoed");
    accounts.users.stateOf = () => {
      throw new ResetError("unavailable");
    };
    expect((await errorOf(kit.reset.revoke(kit.byId.get(1)!))).code).toBe("unavailable");
    expect(told).toEqual([]);
    // What isn't about resets, such as a field that's missing, is no refusal.
    await errorOf(kit.reset.confirm({ token: "wrong" } as never));
    await errorOf(kit.reset.confirm({ token: "", password: goodPassword }));
    expect(told).toEqual([]);
  });

  it.each<[string, (kit: Kit, token: string) => void, string, number]>([
    ["a weak password", () => undefined, "weak_password", 0],
    ["a veto", (kit) => void kit.reset.on("beforeReset", () => Promise.reject(new Error("no"))), "vetoed", 1],
  ])("is told of %s, and only a veto stays charged", async (_name, prepare, reason, charged) => {
    const { open, throttles } = charging();
    const kit = makeKit({ throttles } as never);
    const { token } = await kit.ask(email);
    const told = heard(kit, "refused");
    prepare(kit, token);
    const password = reason === "weak_password" ? "1234" : goodPassword;
    expect((await errorOf(kit.reset.confirm({ token, password }))).code).toBe(reason);
    expect(told).toMatchObject([{ stage: "confirm", reason }]);
    expect(open["confirm"]).toBe(charged);
  });

  it.each([
    "invalid_token",
    "weak_password",
    "throttled",
    "vetoed",
    "second_factor",
    "unavailable",
    "unknown_account",
  ] as const)("is told whatever rejects a reset: %s", async (code) => {
    const kit = makeKit();
    const { token } = await kit.ask(email);
    const told = heard(kit, "refused");
    kit.reset.on("beforeReset", () => {
      throw new ResetError(code);
    });
    expect((await errorOf(kit.reset.confirm({ token, password: goodPassword }))).code).toBe(code);
    expect(told).toMatchObject([{ stage: "confirm", reason: code }]);
  });

  it("of a weak password costs nothing, though it came with a second factor", async () => {
    const { open, throttles } = charging();
    const kit = makeKit({ throttles: throttles as never });
    const { token } = await kit.ask(email);
    const given = { token, password: "1234", secondFactor: "123456" };
    expect((await errorOf(kit.reset.confirm(given))).code).toBe("weak_password");
    expect(open["confirm"]).toBe(0);
  });

  it.each([
    ["without an answer costs nothing", undefined, 0],
    ["with a wrong answer counts as an attempt", "123456", 1],
  ])("of a second factor %s", async (_name, answer, charged) => {
    const { open, throttles } = charging();
    const kit = makeKit({
      throttles: throttles as never,
      secondFactor: { required: () => true, verify: () => false },
    });
    const { token } = await kit.ask(email);
    expect((await kit.reset.inspect({ token }))?.secondFactor).toBe(true);
    const error = await errorOf(
      kit.reset.confirm({ token, password: goodPassword, secondFactor: answer } as never),
    );
    expect([error.code, open["confirm"]]).toEqual(["second_factor", charged]);
  });

  it("of an account that may no longer be reset is that of a wrong token, and stays charged", async () => {
    const { open, throttles } = charging();
    const kit = makeKit({ throttles } as never);
    const { token } = await kit.ask(email);
    kit.users.mayReset = () => false;
    expect(await kit.reset.inspect({ token })).toBe(null);
    expect((await errorOf(kit.reset.confirm({ token, password: goodPassword }))).code).toBe("invalid_token");
    expect(open).toMatchObject({ validate: 1, confirm: 1 });
  });
});

describe("inspect", () => {
  it("gives the user, what may be shown, and whether a second factor is asked for", async () => {
    const kit = makeKit();
    const { token } = await kit.ask(email);
    const found = await kit.reset.inspect({ token });
    expect(found).toEqual({ user: expect.objectContaining({ id: 1 }), reveals: {}, secondFactor: false });
    expect(Object.isFrozen(found!.reveals)).toBe(true);
    const showing = makeKit({ validateReveals: ({ id }) => ({ id }) });
    expect((await showing.reset.inspect({ token: (await showing.ask(email)).token }))?.reveals).toEqual({
      id: 1,
    });
  });
});

describe("confirm", () => {
  it("tells before and after, with the account, the tenant, and where the request came from", async () => {
    const kit = makeKit();
    const told = heard(kit, "beforeReset", "afterReset");
    await kit.reset.request({ identifier: email }, { scope: "north" });
    await kit.reset.drain();
    const { token } = kit.mails[0] as { token: string };
    const user = await kit.reset.confirm(
      { token, password: goodPassword },
      { scope: "north", ip: "192.0.2.7" },
    );
    const common = {
      userId: 1,
      scope: "north",
      request: { ip: "192.0.2.7", userAgent: undefined, data: undefined },
    };
    expect(told).toEqual([
      { name: "beforeReset", user: expect.objectContaining({ id: 1 }), ...common },
      { name: "afterReset", user, ...common },
    ]);
  });

  it("gives the validators the user, the identifiers, and the language", async () => {
    const seen: unknown[] = [];
    const validator = (_password: string, given: unknown) => (seen.push(given), undefined);
    const kit = makeKit({ validators: [validator as never] });
    const { token } = await kit.ask(email);
    await kit.reset.confirm({ token, password: goodPassword }, { locale: "de" });
    expect(seen).toMatchObject([{ user: { id: 1 }, identifiers: [email], locale: "de" }]);
    await kit.reset.drain();
    expect(kit.mails.at(-1)).toMatchObject({ kind: "changed", locale: "de" });
  });

  it("gives the token back if the password wasn't stored, and keeps it if it was", async () => {
    const store = memoryStore();
    let released = 0;
    const release: typeof store.tokens.release = (...given) => (released++, store.tokens.release(...given));
    const kit = makeKit({ store: { ...store, tokens: { ...store.tokens, release } } });
    const { token } = await kit.ask(email);
    const { setPassword } = kit.users;
    kit.users.setPassword = () => Promise.reject(new Error("no connection"));
    expect((await errorOf(kit.reset.confirm({ token, password: goodPassword }))).code).toBe("unavailable");
    kit.users.setPassword = setPassword;
    expect(released).toBe(1);
    expect((await kit.reset.confirm({ token, password: goodPassword })).id).toBe(1);
    expect(released).toBe(1);
    expect((await errorOf(kit.reset.confirm({ token, password: goodPassword }))).code).toBe("invalid_token");
  });
});

describe("issueFor", () => {
  it("is refused for an account that may not be reset, with the reason, and queues nothing", async () => {
    const store = memoryStore();
    const kit = makeKit({ store });
    kit.byId.get(1)!.active = false;
    const error = await errorOf(kit.reset.issueFor(kit.byId.get(1)!));
    expect([error.code, error.message]).toEqual([
      "vetoed",
      expect.stringContaining("users.mayReset returned false"),
    ]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });

  it("names its lifetime if it isn't one", async () => {
    const kit = makeKit();
    await expect(kit.reset.issueFor(kit.byId.get(1)!, { lifetime: "soon" as never })).rejects.toThrow(
      /^issueFor\(\{ lifetime \}\) is "soon"/,
    );
  });

  it("is for a tenant and a language, and from where the application says", async () => {
    const kit = makeKit();
    await kit.reset.issueFor(kit.byId.get(1)!, { scope: "north", locale: "de", ip: "192.0.2.7" });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ scope: "north", locale: "de", request: { ip: "192.0.2.7" } }]);
  });

  it("isn't done by a worker while this process does it, and leaves nothing in the queue", async () => {
    const store = memoryStore();
    const waiting: unknown[] = [];
    const kit = makeKit({
      store,
      deliver: async () => void waiting.push(...(await store.queue!.list({ limit: 9 }))),
    });
    const { now } = kit.clock;
    await kit.reset.issueFor(kit.byId.get(1)!, { wait: true });
    // The lease and the timeout of a delivery.
    expect(waiting).toMatchObject([{ kind: "issue", addedAt: now, dueAt: now + 150_000 }]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });

  it("says so if it's tried again, and keeps it in the queue for that", async () => {
    const store = memoryStore();
    const kit = makeKit({ store: { ...store, tokens: { ...store.tokens, put: async () => "over_cap" } } });
    const { code, retryAfter } = await errorOf(kit.reset.issueFor(kit.byId.get(1)!, { wait: true }));
    expect([code, retryAfter]).toEqual(["unavailable", 60]);
    expect(await store.queue!.list({ limit: 9 })).toMatchObject([{ kind: "issue" }]);
  });

  it("says so if no email was sent", async () => {
    const store = memoryStore();
    const accounts = people(email);
    const kit = makeKit({ store }, accounts);
    let looks = 0;
    accounts.users.mayReset = () => ++looks === 1;
    const nothing = await errorOf(kit.reset.issueFor(kit.byId.get(1)!, { wait: true }));
    expect([nothing.code, nothing.message]).toEqual(["vetoed", expect.stringContaining("No email was sent")]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
    expect(kit.mails).toEqual([]);
  });
});

/** A store in memory, and how often something was leased from its queue. */
function countedLeases() {
  const store = memoryStore();
  const counted = { leases: 0 };
  const queue: typeof store.queue = {
    ...store.queue!,
    lease: (...given) => (counted.leases++, store.queue!.lease(...given)),
  };
  return { store: { ...store, queue }, counted };
}

describe("a worker that isn't outside", () => {
  it("begins with the first request, once, and with none after close", async () => {
    const { store, counted } = countedLeases();
    const kit = makeKit({ store, worker: "inside" });
    await kit.reset.request({ identifier: email });
    await vi.waitFor(() => expect(kit.mails).toHaveLength(1));
    await kit.reset.close();
    const before = counted.leases;
    await kit.reset.request({ identifier: email });
    await kit.reset.work();
    expect([counted.leases, kit.mails.length]).toEqual([before, 1]);
  });

  it("begins with no request, and no call of work, after close", async () => {
    const { store, counted } = countedLeases();
    const { reset } = makeKit({ store, worker: "inside" });
    await reset.close();
    await reset.request({ identifier: email });
    // It ends at once. If it began instead, it would be ended after it leased something.
    await reset.work({ signal: AbortSignal.timeout(100) });
    expect(counted.leases).toBe(0);
  });

  it("that stops is said to have, and begins again with the next request", async () => {
    const store = memoryStore();
    let checks = 0;
    const kit = makeKit({
      store: {
        ...store,
        check() {
          checks++;
          if (checks === 1) throw new Error("it is gone");
          return Promise.resolve();
        },
      },
      worker: "inside",
    });
    await kit.reset.request({ identifier: email });
    await vi.waitFor(() => expect(kit.log.lines).toEqual(["error: The worker stopped: Error: it is gone"]));
    await kit.reset.request({ identifier: email });
    await vi.waitFor(() => expect(kit.mails).toHaveLength(1));
    await kit.reset.request({ identifier: "nobody@example.com" });
    await kit.reset.close();
    expect(checks).toBe(2);
  });

  it("isn't begun where work() was called, or where there is another process for it", async () => {
    const store = memoryStore();
    let checks = 0;
    const counted = { ...store, check: async () => void checks++ };
    const kit = makeKit({ store: counted, worker: "inside" });
    const working = kit.reset.work();
    await kit.reset.request({ identifier: email });
    await vi.waitFor(() => expect(kit.mails).toHaveLength(1));
    await kit.reset.close();
    await working;
    expect(checks).toBe(1);
    const outside = makeKit({ store: counted, worker: "outside" });
    await outside.reset.request({ identifier: email });
    expect(checks).toBe(1);
  });

  it("is missed where requests wait for a minute", async () => {
    const kit = makeKit({ worker: "outside" });
    await kit.reset.request({ identifier: email });
    kit.clock.now += minute;
    await kit.reset.request({ identifier: email });
    await vi.waitFor(() =>
      expect(kit.log.lines).toEqual([expect.stringMatching(/^warn: .*no worker takes them/)]),
    );
    for (const worker of ["inside", "waitUntil"] as const) {
      const other = makeKit({ worker });
      await other.reset.close();
      await other.reset.request({ identifier: email }, { waitUntil: () => undefined });
      other.clock.now += minute;
      await other.reset.request({ identifier: email }, { waitUntil: () => undefined });
      expect(other.log.lines).toEqual([]);
    }
  });

  it("works in what the platform waits for, after a pause of at most two seconds", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const kit = makeKit({ worker: "waitUntil" });
    const handed: Promise<unknown>[] = [];
    await kit.reset.request({ identifier: email }, { waitUntil: (work) => void handed.push(work) });
    expect([handed.length, kit.calls.findByIdentifier]).toEqual([1, 0]);
    await vi.advanceTimersByTimeAsync(2_040);
    await handed[0];
    expect(kit.mails).toHaveLength(1);
    expect(kit.log.lines).toEqual([]);
  });

  it("pauses for a time of its own in each of many processes, so that not all begin at once", async () => {
    const pauses: number[] = [];
    const { setTimeout: wait } = globalThis;
    // What limits a step, such as a look at the queue, is longer.
    vi.stubGlobal("setTimeout", (go: () => void, time: number) => {
      if (time > 2_040) return wait(go, time);
      pauses.push(time);
      return wait(go, 0);
    });
    const kit = makeKit({ worker: "waitUntil" });
    const handed: Promise<unknown>[] = [];
    // Each draws one of 256 pauses: that all 40 draw one of the five shortest doesn't happen.
    for (let n = 0; n < 40; n++) {
      const identifier = `${n}@example.com`;
      await kit.reset.request({ identifier }, { waitUntil: (work) => void handed.push(work) });
    }
    await Promise.all(handed);
    expect(Math.max(...pauses)).toBeGreaterThan(32);
  });

  it("works in what the platform itself offers, and warns once where it offers nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const handed: Promise<unknown>[] = [];
    vi.stubGlobal("Netlify", { context: { waitUntil: (work: Promise<unknown>) => void handed.push(work) } });
    const kit = makeKit({ worker: "waitUntil" });
    await kit.reset.request({ identifier: email });
    expect([handed.length, kit.log.lines]).toEqual([1, []]);
    vi.unstubAllGlobals();
    for (let n = 0; n < 2; n++) await kit.reset.request({ identifier: email });
    expect(kit.log.lines).toEqual([
      expect.stringMatching(/^warn: worker is "waitUntil", but .*pass context\.waitUntil/),
    ]);
    await vi.advanceTimersByTimeAsync(2_040);
    await handed[0];
  });

  it("that fails there fails nothing else, and says why", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const store = memoryStore();
    const queue = { ...store.queue!, lease: () => Promise.reject(new Error("no connection")) };
    const kit = makeKit({ store: { ...store, queue }, worker: "waitUntil" });
    const handed: Promise<unknown>[] = [];
    await kit.reset.request({ identifier: email }, { waitUntil: (work) => void handed.push(work) });
    await vi.advanceTimersByTimeAsync(2_040);
    await expect(handed[0]).resolves.toBe(undefined);
    expect(kit.log.lines.join()).toContain("no connection");
  });
});

describe("without a store", () => {
  it("all is kept in this process, and works", async () => {
    const kit = makeKit({ store: undefined, tokens: signedTokens({ ids: "integer" }) } as never);
    const { token } = await kit.ask(email);
    await kit.reset.confirm({ token, password: goodPassword });
    await kit.reset.drain();
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
    expect(await kit.reset.validate({ token })).toBe(false);
  });
});

describe("what other parts of the package find on the engine", () => {
  it("is where links lead, which pages compare with their own path", () => {
    const { reset } = makeKit({ url: "https://app.example.com/new/{token}" });
    const found = (reset as unknown as Record<symbol, unknown>)[Symbol.for("resetkit.url")];
    expect(found).toBe("https://app.example.com/new/{token}");
  });

  it("is a list of observers, which run around each step", async () => {
    const { reset } = makeKit();
    const steps: string[] = [];
    observersOf(reset, "the test").push((step, work) => (steps.push(step), work()));
    await reset.request({ identifier: email });
    await reset.validate({ token: "wrong" });
    expect(steps).toEqual(["request", "validate"]);
  });
});
