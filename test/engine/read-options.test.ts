/** What is made of the options: their defaults, their bounds, and what is said of those that weaken security. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readOptions, warningsOf } from "../../src/engine/settings.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { ResetOptions, Store } from "../../src/types.js";
import { keptLog, people, secret, type Person } from "../kit.js";

const url = "https://app.example.com/reset/{token}";

type Options = ResetOptions<Person>;

function good(changes: object = {}): Options {
  const { users } = people("ada@example.com");
  return { users, secret, store: memoryStore(), url, deliver: () => undefined, log: keptLog(), ...changes };
}

const read = (changes: object = {}) => readOptions(good(changes));

beforeEach(() => {
  for (const name of ["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"]) vi.stubEnv(name, "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});

describe("an option that is left out", () => {
  it("has the default that the docs name", async () => {
    const settings = read({ log: undefined });
    expect(settings).toMatchObject({
      mode: "inside",
      pace: {
        tick: 250,
        lease: 30_000,
        deadline: 7_200_000,
        timeout: 120_000,
        concurrency: 100,
        maxWaiting: 100_000,
      },
      maxLive: 3,
      lifetime: 86_400_000,
      revealUnknown: false,
      notifyUnknown: false,
      hashing: { concurrency: 2, waiting: 64 },
    });
    expect(settings.strategies.map(({ kind }) => kind)).toEqual(["stored"]);
    expect(settings.lifetimeOf({ id: 1 } as Person)).toBe(86_400_000);
    expect(Math.abs(settings.clock() - Date.now())).toBeLessThan(60_000);
    const { validators } = settings as { validators: () => Promise<readonly unknown[]> };
    expect(await validators()).toHaveLength(4);
    expect(Object.keys(settings.throttles.charges)).not.toEqual([]);
  });

  it("and of the store is kept in memory", async () => {
    const without = read({ store: undefined, tokens: signedTokens() });
    expect(await without.counters.hit("a", { per: 5, now: 1 })).toEqual({ count: 1, resetAt: 6 });
    expect(await without.queue.list({ limit: 5 })).toEqual([]);
    const store = memoryStore();
    const whole = read({ store });
    expect([whole.counters === store.counters, whole.queue === store.queue]).toEqual([true, true]);
  });
});

describe("an option that is given", () => {
  it("is kept", () => {
    const given = {
      maxLive: 7,
      clock: () => 5,
      revealUnknown: true,
      notifyUnknown: true,
      validateReveals: () => ({}),
      secondFactor: { required: () => true, verify: () => true },
      hashing: { concurrency: 3, waiting: 5 },
      validators: [],
    };
    expect(read(given)).toMatchObject(given);
    expect(read({ lifetime: 60_000 })).toMatchObject({ lifetime: 60_000 });
    const { lifetime, lifetimeOf } = read({ lifetime: ({ id }: Person) => `${id}m` });
    expect([lifetime, lifetimeOf({ id: 5 } as Person)]).toEqual([undefined, 300_000]);
    const { strategies } = read({ tokens: [signedTokens(), storedTokens()] });
    expect(strategies.map(({ kind }) => kind)).toEqual(["signed", "stored"]);
  });

  it("sets how the worker works, or its mode alone", () => {
    const pace = { tick: "1s", lease: "2s", deadline: "3s", timeout: "4s", concurrency: 5, maxWaiting: 600 };
    expect(read({ worker: { mode: "outside", ...pace } })).toMatchObject({
      mode: "outside",
      pace: { tick: 1_000, lease: 2_000, deadline: 3_000, timeout: 4_000, concurrency: 5, maxWaiting: 600 },
    });
    for (const mode of ["inside", "outside", "waitUntil"]) {
      expect(read({ worker: mode }).mode).toBe(mode);
      expect(read({ worker: { mode } }).mode).toBe(mode);
    }
  });

  it.each([
    { maxLive: 1 },
    { maxLive: 20 },
    { worker: { concurrency: 1 } },
    { worker: { concurrency: 1_000 } },
    { worker: { maxWaiting: 100 } },
    { worker: { maxWaiting: 1e9 } },
    { hashing: { concurrency: 1 } },
    { hashing: { concurrency: 1_000 } },
    { hashing: { waiting: 0 } },
    { hashing: { waiting: 100_000 } },
    { lifetime: "1s" },
    { users: Object.assign(Object.create(null), good().users) },
    { users: { ...good().users, revokeSessions: "none" } },
    { secondFactor: { required: () => true, verify: () => true } },
  ])("may be %o", (changes) => expect(() => read(changes)).not.toThrow());

  it.each<[object, RegExp]>([
    [{ maxLive: 21 }, /^maxLive is 21\. Pass an integer from 1 to 20\.$/],
    [{ worker: { concurrency: 0 } }, /^worker\.concurrency is 0\. .* 1 to 1000\.$/],
    [{ worker: { concurrency: 1_001 } }, /^worker\.concurrency is 1001\./],
    [{ worker: { maxWaiting: 99 } }, /^worker\.maxWaiting is 99\. .* 100 to 1000000000\.$/],
    [{ worker: { maxWaiting: 1e9 + 1 } }, /^worker\.maxWaiting is 1000000001\./],
    [{ worker: { tick: "soon" } }, /^worker\.tick is "soon"/],
    [{ worker: { lease: "soon" } }, /^worker\.lease is "soon"/],
    [{ worker: { deadline: "soon" } }, /^worker\.deadline is "soon"/],
    [{ worker: { timeout: "soon" } }, /^worker\.timeout is "soon"/],
    [{ worker: { mode: "thread" } }, /^worker is "thread"\. Use "inside", "outside" or "waitUntil"\.$/],
    [{ worker: 5 }, /^worker takes an options object: pass \{ mode, tick, lease/],
    [{ hashing: { concurrency: 1_001 } }, /^hashing\.concurrency is 1001\./],
    [{ hashing: { waiting: -1 } }, /^hashing\.waiting is -1\./],
    [{ hashing: { waiting: 100_001 } }, /^hashing\.waiting is 100001\./],
    [{ hashing: { waitng: 1 } }, /^hashing has no option "waitng"\. Did you mean "waiting"\?$/],
    [{ hashing: { concurency: 1 } }, /^hashing has no option .* Did you mean "concurrency"\?$/],
    [{ lifetime: "soon" }, /^lifetime is "soon"/],
    [{ lifetime: 59_999 }, /^lifetime is 59999, and a number is in milliseconds\./],
    [
      { users: null },
      /^users is null\. Pass an object with findByIdentifier, findById, stateOf, setPassword\.$/,
    ],
    [{ users: 5 }, /^users is 5\. Pass an object/],
    [{ store: null }, /^store must have `tokens` and `counters`\. Pass /],
    [{ store: { tokens: memoryStore().tokens } }, /^store must have/],
    [{ store: { counters: memoryStore().counters } }, /^store must have/],
    [{ store: { tokens: {}, counters: {} } }, /^store must have/],
    [{ tokens: [storedTokens(), 5] }, /^tokens is missing: pass storedTokens\(\)/],
    [{ tokens: null }, /^tokens is missing: pass storedTokens\(\)/],
    [
      { secondFactor: {} },
      /^secondFactor\.required is missing: pass a function that returns true or false\.$/,
    ],
    [{ secondFactor: { required: () => true } }, /^secondFactor\.verify is missing: pass/],
    [{ secondFactor: { required: true, verify: true } }, /^secondFactor\.required must be a function/],
    [
      { secondFactor: { requird: true } },
      /^secondFactor has no option "requird"\. Did you mean "required"\?$/,
    ],
    [{ secondFactor: { verfy: true } }, /Did you mean "verify"\?$/],
    [{ secondFactor: null }, /^secondFactor takes an options object/],
    [{ log: { info() {}, warn() {} } }, /^log\.error is missing: pass a log such as console\.$/],
    [{ log: { info() {}, error() {} } }, /^log\.warn is missing/],
    [{ log: { warn() {}, error() {} } }, /^log\.info is missing/],
    [{ clock: null }, /^clock must be a function: pass a function, or leave it out\.$/],
    [{ validateReveals: 5 }, /^validateReveals must be a function: pass a function, or leave it out\.$/],
  ])("may not be %o", (changes, sentence) => expect(() => read(changes)).toThrow(sentence));

  it("gives a lifetime that is checked for each account, if it's a function", () => {
    expect(() => read({ lifetime: () => "soon" }).lifetimeOf({} as Person)).toThrow(
      /^lifetime\(user\) is "soon"/,
    );
  });

  it("can't be read from what is no object", () => {
    for (const options of [undefined, null] as unknown[] as Options[])
      expect(() => readOptions(options)).toThrow(/passwordReset\(\) takes an options object/);
  });

  it("that is unknown isn't read, with the list of those that are", () => {
    expect(() => read({ colour: "blue" })).toThrow(
      "Remove it, or use one of users, secret, store, url, deliver, tokens, lifetime, throttles, secondFactor, validators, worker, maxLive, revealUnknown, notifyUnknown, validateReveals, hashing, clock, log.",
    );
  });
});

describe("users", () => {
  const required = ["findByIdentifier", "findById", "stateOf", "setPassword"];
  const optional = [
    "normalize",
    "idOf",
    "parseId",
    "identifierOf",
    "addressOf",
    "localeOf",
    "mayReset",
    "hashPassword",
    "lock",
    "check",
  ];
  const with_ = (changes: object) => ({ users: { ...good().users, ...changes } });

  it.each([...required, "revokeSessions"])("must have %s", (name) => {
    expect(() => read(with_({ [name]: undefined }))).toThrow(
      new RegExp(`users\\.${name} is missing: pass a function`),
    );
    expect(() => read(with_({ [name]: 5 }))).toThrow(new RegExp(`users\\.${name} must be a function: pass`));
  });

  it.each(optional)("may have %s, which is a function", (name) => {
    expect(() => read(with_({ [name]: 5 }))).toThrow(
      new RegExp(`users\\.${name} must be a function: pass a function, or leave it out`),
    );
    if (name !== "lock") expect(() => read(with_({ [name]: () => undefined }))).not.toThrow();
    expect(() => read(with_({ [name]: undefined }))).not.toThrow();
  });

  it("has no other names, unless it's a class", () => {
    const names = [...required, "revokeSessions", ...optional].join(", ");
    expect(() => read(with_({ colour: 5 }))).toThrow(
      `users has no option "colour". Remove it, or use one of ${names}.`,
    );
    class Accounts {
      readonly colour = 5;
    }
    expect(() => read({ users: Object.assign(new Accounts(), good().users) })).not.toThrow();
    expect(() => read({ users: Object.assign(new Accounts(), { findById: good().users.findById }) })).toThrow(
      "users.findByIdentifier is missing",
    );
    const bare = Object.assign(Object.create(null) as object, good().users, { colour: 5 });
    expect(() => read({ users: bare })).toThrow('users has no option "colour"');
    expect(() => read({ users: [] })).toThrow("users.findByIdentifier is missing");
  });
});

describe("users.lock", () => {
  const lock = () => null;
  const locked = (store: Partial<Store> | undefined, more: object = {}) =>
    read({ users: { ...good().users, lock, hashPassword: String }, store, ...more });
  const sentence =
    /^users\.lock needs a store whose tokens and queue share one transaction\. Use one sqlStore/;

  it("needs a store whose parts share a transaction", () => {
    const store = memoryStore();
    expect(() => locked(store)).not.toThrow();
    expect(() => locked({ ...store, transaction: undefined as never })).toThrow(sentence);
    expect(() => locked({ ...store, queue: undefined as never })).toThrow(sentence);
    expect(() => locked({ ...store, queue: { ...store.queue!, database: {} } })).toThrow(sentence);
    expect(() => locked({ ...store, tokens: { ...store.tokens, database: undefined as never } })).toThrow(
      sentence,
    );
    const none = {
      tokens: { ...store.tokens, database: undefined as never },
      queue: { ...store.queue!, database: undefined as never },
    };
    expect(() => locked({ ...store, ...none })).toThrow(sentence);
    expect(() => locked(undefined, { tokens: signedTokens() })).toThrow(sentence);
  });

  it("isn't looked at if the users, or the store's tokens, aren't there", () => {
    expect(() => read({ users: undefined })).toThrow(/^users is undefined/);
    expect(() => locked({} as never)).toThrow(/store must have `tokens`[\s\S]*users\.lock needs a store/);
  });
});

describe("what weakens security", () => {
  const base = () => ({ ...good(), store: memoryStore() });
  const warnings = (changes: object) => warningsOf({ ...base(), ...changes } as Options);
  const begins = (sentence: string) => [expect.stringMatching(new RegExp(`^${sentence}`))];

  it("is nothing in sound options", () => {
    expect(warnings({})).toEqual([]);
    expect(warnings({ lifetime: "24h", revealUnknown: false, throttles: false })).toEqual([]);
    expect(warnings({ lifetime: () => "7d", url: () => "http://192.168.0.7/{token}" })).toEqual([]);
    expect(warnings({ lifetime: "86400001ms" })).toEqual(begins("lifetime is above 24 hours"));
  });

  it("is memoryStore() in production, and nowhere else", () => {
    for (const environment of ["test", "development", ""]) {
      vi.stubEnv("NODE_ENV", environment);
      expect(warnings({})).toEqual([]);
    }
    vi.stubEnv("NODE_ENV", "production");
    expect(warnings({})).toEqual(begins("memoryStore\\(\\) forgets everything"));
    expect(warnings({ store: { ...memoryStore(), ephemeral: undefined } })).toEqual([]);
  });

  it("is to have no store, unless a gateway limits requests", () => {
    const store = undefined;
    const queueless = expect.stringMatching(/^The store has no queue/);
    const alone = expect.stringMatching(/^Without a store, rate limits count in this process alone/);
    expect(warnings({ store })).toEqual([queueless, alone]);
    expect(warnings({ store, throttles: false })).toEqual([queueless]);
    expect(warnings({ store: { ...memoryStore(), queue: undefined } })).toEqual([queueless]);
  });

  it("is users.lock without users.hashPassword", () => {
    const { users } = good();
    const lock = () => null;
    const hashPassword = String;
    expect(warnings({ users: { ...users, lock } })).toEqual(
      begins("users\\.lock without users\\.hashPassword"),
    );
    expect(warnings({ users: { ...users, lock, hashPassword } })).toEqual([]);
    expect(warnings({ users: { ...users, hashPassword } })).toEqual([]);
  });

  it("is a link over http into a private network", () => {
    expect(warnings({ url: "http://192.168.0.7/{token}" })).toEqual(begins("url starts with http:"));
    for (const fine of ["http://localhost:3000/{token}", "https://192.168.0.7/{token}"])
      expect(warnings({ url: fine })).toEqual([]);
  });

  it("is a worker inside a process that is frozen after each response", () => {
    vi.stubEnv("VERCEL", "1");
    for (const worker of [undefined, "inside", {}, { mode: "inside" }])
      expect(warnings({ worker })).toEqual(begins("VERCEL is set, so this process is frozen"));
    for (const worker of ["outside", "waitUntil", { mode: "outside" }])
      expect(warnings({ worker })).toEqual([]);
  });

  it("is revealUnknown", () => {
    expect(warnings({ revealUnknown: true })).toEqual(begins("revealUnknown allows user enumeration"));
  });

  it("is a secret made of words, also one of several, in either case of letters", () => {
    const words = "the quick brown fox jumps over a lazy dog";
    const said = (given: unknown) => {
      const log = keptLog();
      read({ secret: given, log });
      return log.lines.filter((line) => line.startsWith("warn: secret is made of words"));
    };
    expect(said(words)).toHaveLength(1);
    expect(said([secret, words.toUpperCase()])).toHaveLength(1);
    expect(said([secret])).toEqual([]);
    expect(said(new TextEncoder().encode(words))).toEqual([]);
  });
});

describe("a developer's own machine", () => {
  /** How long the fourth request of a day must wait, from the machine itself. */
  async function wait(link: Options["url"], handlers: object[] = [], environment = "development") {
    vi.stubEnv("NODE_ENV", environment);
    const options = good({ url: link, deliver: Object.assign(() => undefined, { dryRun: () => undefined }) });
    const { charges } = readOptions(options, handlers).throttles;
    const charge = () => charges.request!({ ip: "127.0.0.1" }, 1_700_000_000_000, "ada@example.com");
    for (let n = 0; n < 3; n++) await charge();
    const error: { retryAfter?: number } = await charge().then(
      () => ({}),
      (reason: object) => reason,
    );
    return error.retryAfter;
  }

  it("is let in again after a minute", async () => {
    expect(await wait("http://localhost:3000/{token}")).toBe(60);
    expect(await wait("http://localhost:3000/{token}", [{ isForwarded: false }, {}])).toBe(60);
  });

  it("isn't one where others use it: in production, behind a proxy, or with links to elsewhere", async () => {
    const day = 86_400;
    expect(await wait("https://localhost/{token}", [], "production")).toBe(day);
    expect(await wait("http://localhost:3000/{token}", [{}, { isForwarded: true }])).toBe(day);
    expect(await wait(url)).toBe(day);
    expect(await wait(() => "http://localhost:3000/{token}")).toBe(day);
  });
});
