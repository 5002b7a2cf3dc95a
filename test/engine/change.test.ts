/** What a confirm does when each of its steps fails, takes too long, or finds the account otherwise than expected. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/change.js";
import { observersOf } from "../../src/engine/inner.js";
import { createIntents } from "../../src/engine/intents.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import type { QueuedEntry, ResetOptions, Store } from "../../src/types.js";
import { goodPassword, makeKit, people, secret, type Kit, type Person } from "../kit.js";

const email = "ada@example.com";
const minute = 60_000;

type People = ReturnType<typeof people>;
type Users = People["users"];

afterEach(() => void vi.useRealTimers());

/** One account, its users with some callbacks replaced, and a link. */
async function withLink(
  change: (accounts: People) => Partial<Users> = () => ({}),
  options: Partial<ResetOptions<Person>> = {},
) {
  const accounts = people(email);
  Object.assign(accounts.users, change(accounts));
  const store: Store = options.store ?? memoryStore();
  const kit = makeKit({ ...options, store }, accounts);
  const { token } = await kit.ask(email);
  const confirm = (password = goodPassword) => kit.reset.confirm({ token, password });
  return { ...kit, kit, store, token, confirm, entries: () => entriesOf(store) };
}

const entriesOf = (store: Store): Promise<readonly QueuedEntry[]> => store.queue!.list({ limit: 100 });

/** What a promise rejects with. */
const errorOf = (work: Promise<unknown>): Promise<any> =>
  work.then(
    () => "fulfilled",
    (error) => error,
  );

/** The lock of an application: the row as it is, or nothing. */
const lockOf =
  ({ byId }: People): NonNullable<Users["lock"]> =>
  (id: number) =>
    byId.has(id) ? { ...byId.get(id)! } : null;

/** Both ways to change a password: in one transaction with the account, and without one. */
const ways: readonly [string, (accounts: People) => Partial<Users>][] = [
  ["without users.lock", () => ({})],
  ["with users.lock", (accounts) => ({ lock: lockOf(accounts) })],
];

const errorsOf = ({ log }: Pick<Kit, "log">) => log.lines.filter((line) => line.startsWith("error"));

describe("users.hashPassword", () => {
  it.each([
    ["", "an empty string"],
    [undefined, "a value of type undefined"],
    [null, "a value of type object"],
    [7, "a value of type number"],
  ])("that returns %j is a mistake, and the token stays good", async (hash, what) => {
    const { confirm, calls, kit, token } = await withLink(() => ({ hashPassword: () => hash as string }));
    expect(await errorOf(confirm())).toMatchObject({
      name: "TypeError",
      message: `users.hashPassword returned ${what}. Return the hash to store, as a string.`,
    });
    expect(calls.setPassword).toBe(0);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("that fails is named, and its error shows no password", async () => {
    const { confirm, kit } = await withLink(() => ({
      hashPassword: (password) => Promise.reject(new Error(`can't hash ${password}`)),
    }));
    expect(await errorOf(confirm())).toMatchObject({
      code: "unavailable",
      cause: { name: "users.hashPassword failed", message: "Error: can't hash [hidden]" },
    });
    expect(errorsOf(kit)).toEqual([
      "error: confirm() failed: users.hashPassword failed: Error: can't hash [hidden]",
    ]);
  });

  it("that never ends is given up after five seconds, and the token stays good", async () => {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const { confirm, kit, token } = await withLink(() => ({
      hashPassword: () => (begin(), new Promise<never>(() => undefined)),
    }));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const outcome = errorOf(confirm());
    await begun;
    await vi.advanceTimersByTimeAsync(4_999);
    expect(kit.log.lines).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await outcome).toMatchObject({ code: "unavailable" });
    expect(errorsOf(kit)).toEqual([
      expect.stringMatching(/users\.hashPassword failed: .*users\.hashPassword didn't end within 5 seconds$/),
    ]);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("is timed as a step of its own", async () => {
    const { confirm, kit } = await withLink(() => ({ hashPassword: (password) => password }));
    const steps: string[] = [];
    observersOf(kit.reset, "This test").push((step, work) => (steps.push(step), work()));
    await confirm();
    expect(steps).toEqual(["confirm", "hash"]);
  });
});

describe("a warning of bcrypt's 72 bytes", () => {
  const long = "a1-".repeat(25);
  const warned = async (change: (accounts: People) => Partial<Users>, password = long) => {
    const { confirm, log } = await withLink(change);
    await confirm(password);
    return log.lines.some((line) => line.includes("72 bytes"));
  };
  const hashedAs = (hash: string) => () => ({ hashPassword: () => hash });

  it.each(["$2$", "$2a$", "$2b$", "$2x$", "$2y$"])(
    "comes with a hash that begins with %s",
    async (prefix) => {
      expect(await warned(hashedAs(`${prefix}12$${"x".repeat(53)}`))).toBe(true);
    },
  );

  it.each([
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
    // Django hashes the password before bcrypt does.
    `bcrypt_sha256$$2b$12$${"x".repeat(53)}`,
  ])("doesn't come with %s", async (hash) => {
    expect(await warned(hashedAs(hash))).toBe(false);
  });

  it("comes from 73 bytes on", async () => {
    const bcrypt = hashedAs(`$2b$12$${"x".repeat(53)}`);
    expect(await warned(bcrypt, long.slice(0, 72))).toBe(false);
    expect(await warned(bcrypt, long.slice(0, 73))).toBe(true);
  });

  it("doesn't come where users.setPassword hashes with something else", async () => {
    expect(await warned(() => ({}))).toBe(false);
  });
});

describe.each(ways)("%s, users.setPassword", (_, way) => {
  it("that fails is named, and its error shows neither the hash nor what it compares with", async () => {
    const { confirm, kit, token, entries } = await withLink((accounts) => ({
      ...way(accounts),
      hashPassword: () => "$made-of-the-password",
      setPassword: (_user, hash, { expected }) =>
        Promise.reject(new Error(`no row: ${hash}, ${String(expected[0])}`)),
    }));
    const message = "Error: no row: [hidden], [hidden]";
    expect(await errorOf(confirm())).toMatchObject({
      code: "unavailable",
      cause: { name: "users.setPassword failed", message },
    });
    expect(errorsOf(kit)).toEqual([`error: confirm() failed: users.setPassword failed: ${message}`]);
    expect(await kit.reset.validate({ token })).toBe(true);
    // In a transaction, it was rolled back. Without one, a worker looks whether it took effect.
    const kinds = (await entries()).map(({ kind }) => kind);
    expect(kinds).toEqual(kit.users.lock ? [] : ["finish"]);
  });

  it("that returns false is a mistake if the account still matches", async () => {
    const { confirm, kit, token, entries } = await withLink((accounts) => ({
      ...way(accounts),
      setPassword: () => false,
    }));
    expect(await errorOf(confirm())).toMatchObject({
      name: "TypeError",
      message:
        "users.setPassword returned false although the account still matches `expected`. Compare null values with " +
        "`is not distinct from` (PostgreSQL), `is` (SQLite) or `<=>` (MySQL), not with `=`.",
    });
    expect(await kit.reset.validate({ token })).toBe(true);
    expect(await entries()).toEqual([]);
  });
});

describe("without users.lock, users.setPassword that returns false", () => {
  it.each([
    ["if the account changed", ({ byId }: People) => void (byId.get(1)!.passwordHash = "#0#other")],
    ["if the account is gone", ({ byId }: People) => void byId.delete(1)],
  ])("ends the attempt as an invalid token %s, with nothing left to do", async (_, meanwhile) => {
    const { confirm, entries, log } = await withLink((accounts) => ({
      setPassword: () => (meanwhile(accounts), false),
    }));
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
    expect(await entries()).toEqual([]);
    expect(log.lines).toEqual([]);
  });
});

describe("without users.lock, an account read again after the password was hashed", () => {
  it.each([
    ["is gone", ({ byId }: People) => void byId.delete(1)],
    ["has another password", ({ byId }: People) => void (byId.get(1)!.passwordHash = "#0#other")],
    ["has another email address", ({ byId }: People) => void (byId.get(1)!.email = "moved@example.com")],
  ])("that %s is left as it is", async (_, meanwhile) => {
    const { confirm, calls, entries, log } = await withLink((accounts) => ({
      // The address isn't part of the state: setPassword wouldn't notice that it changed.
      stateOf: (user) => [user.passwordHash],
      hashPassword: (password) => (meanwhile(accounts), password),
    }));
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
    expect(calls.setPassword).toBe(0);
    expect(await entries()).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it("that may no longer be reset is left as it is, though its state is the same", async () => {
    let isHeld = false;
    const { confirm, calls, entries } = await withLink(() => ({
      mayReset: () => !isHeld,
      hashPassword: (password) => ((isHeld = true), password),
    }));
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
    expect(calls.setPassword).toBe(0);
    expect(await entries()).toEqual([]);
  });

  it("that can't be read leaves nothing to do, and the token good", async () => {
    let isDown = false;
    const { confirm, calls, entries, kit, token } = await withLink(({ users: { findById } }) => ({
      findById: (...given: Parameters<typeof findById>) =>
        isDown ? Promise.reject(new Error("ECONNREFUSED")) : findById(...given),
      hashPassword: (password) => ((isDown = true), password),
    }));
    expect(await errorOf(confirm())).toMatchObject({ code: "unavailable" });
    expect(errorsOf(kit)).toEqual(["error: confirm() failed: users.findById failed: Error: ECONNREFUSED"]);
    expect(calls.setPassword).toBe(0);
    expect(await entries()).toEqual([]);
    isDown = false;
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("that can't be read, with a queue that fails too, shows the first failure", async () => {
    let isDown = false;
    const store = memoryStore();
    const queue = {
      ...store.queue!,
      done: async (...given: Parameters<NonNullable<Store["queue"]>["done"]>) => {
        if (isDown) throw new Error("the queue is down");
        return store.queue!.done(...given);
      },
    };
    const { confirm, kit } = await withLink(
      ({ users: { findById } }) => ({
        findById: (...given: Parameters<typeof findById>) =>
          isDown ? Promise.reject(new Error("the accounts are down")) : findById(...given),
        hashPassword: (password) => ((isDown = true), password),
      }),
      { store: { ...store, queue } },
    );
    expect(await errorOf(confirm())).toMatchObject({ code: "unavailable" });
    expect(errorsOf(kit)).toEqual([
      "error: confirm() failed: users.findById failed: Error: the accounts are down",
    ]);
  });
});

describe("without users.lock, the lease of a token", () => {
  it("is counted anew after the hash, so that a slow hash and a slow statement together don't end it", async () => {
    let hashes = 0;
    let second: Promise<any> | undefined;
    let due: QueuedEntry | undefined;
    let setAt = 0;
    const found = await withLink((accounts) => ({
      hashPassword(password) {
        hashes++;
        found.clock.now += 50_000;
        return password;
      },
      async setPassword(user, password) {
        setAt = found.clock.now;
        [due] = await found.entries();
        found.clock.now += 50_000;
        second = errorOf(found.confirm("Another-horse-9"));
        await second;
        accounts.byId.get(user.id)!.passwordHash = password;
        return true;
      },
    }));
    await found.confirm();
    expect(await second).toMatchObject({ code: "invalid_token" });
    expect(hashes).toBe(1);
    // No worker looks for the change before then.
    expect(due).toMatchObject({ kind: "finish", dueAt: setAt + minute });
  });
});

describe.each(ways)("%s, sessions", (_, way) => {
  it("need no callback if there are none", async () => {
    const { confirm, kit } = await withLink((accounts) => ({ ...way(accounts), revokeSessions: "none" }));
    await confirm();
    await kit.reset.drain();
    expect(errorsOf(kit)).toEqual([]);
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
  });
});

describe.each(ways)("%s, a used signed token", (_, way) => {
  it("stays used, even if the old password comes back from a backup", async () => {
    const { confirm, kit, byId, token } = await withLink(way, { tokens: signedTokens({ ids: "integer" }) });
    const before = byId.get(1)!.passwordHash;
    await confirm();
    byId.get(1)!.passwordHash = before;
    // Its lease has ended.
    kit.clock.now += 2 * minute;
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
    expect(byId.get(1)!.passwordHash).toBe(before);
    expect(errorsOf(kit)).toEqual([]);
    // The control: it's the use that counts, not the token.
    const other = makeKit({ tokens: signedTokens({ ids: "integer" }), clock: () => kit.clock.now }, kit);
    expect(await other.reset.validate({ token })).toBe(true);
  });
});

describe("without users.lock, a later step that fails", () => {
  it("doesn't fail the confirm, is logged and told, and is done by the worker", async () => {
    let isDown = true;
    const { confirm, kit, entries, byId, token } = await withLink(({ users: { revokeSessions }, byId }) => ({
      revokeSessions: (user, context) => {
        if (isDown) throw new Error("the sessions of ada@example.com are down");
        if (revokeSessions !== "none") void revokeSessions(user, context);
        expect(byId.get(1)!.sessions).toBe(0);
      },
    }));
    const failed: unknown[] = [];
    kit.reset.on("failed", (event) => void failed.push(event));
    const user = await kit.reset.confirm({ token, password: goodPassword }, { ip: "192.0.2.1" });
    expect(user).toMatchObject({ id: 1 });
    const reason = "users.revokeSessions failed: Error: the sessions of [address] are down";
    expect(kit.log.lines).toEqual([
      `error: A password was changed, but a later step failed: ${reason}. The worker will do what's left.`,
    ]);
    const request = { ip: "192.0.2.1", userAgent: undefined, data: undefined };
    expect(failed).toEqual([{ what: "finish", reason, final: false, userId: 1, request, scope: undefined }]);
    expect((await entries()).map(({ kind }) => kind)).toEqual(["finish"]);

    isDown = false;
    kit.clock.now += minute;
    await kit.reset.drain();
    expect(byId.get(1)!.sessions).toBe(0);
    await kit.reset.drain();
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset", "changed"]);
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
  });
});

describe("a state that users.setPassword doesn't change", () => {
  const message =
    "users.stateOf returned the same values after users.setPassword as before, so other tokens of the account stay " +
    "valid. Add the stored password hash to it. If accounts are read from a replica, read them from the primary.";
  const unmoved = { stateOf: (user: Person) => [user.email], setPassword: () => true };

  it("is logged, since the password is changed", async () => {
    const { confirm, kit } = await withLink(() => unmoved);
    const finals: boolean[] = [];
    kit.reset.on("failed", ({ final }) => void finals.push(final));
    expect(await confirm()).toMatchObject({ id: 1 });
    // No worker can do anything about it, so nothing says that one will.
    expect(kit.log.lines).toEqual([
      `error: A password was changed, but a later step failed: TypeError: ${message}`,
    ]);
    expect(finals).toEqual([true]);
  });

  it("is thrown where the change can be rolled back", async () => {
    const { confirm } = await withLink((accounts) => ({ ...unmoved, lock: lockOf(accounts) }));
    expect(await errorOf(confirm())).toMatchObject({ name: "TypeError", message });
  });

  it.each(ways)("isn't looked for again once it was seen to change: %s", async (_, way) => {
    const { confirm, kit, calls } = await withLink((accounts) => {
      const { lock } = way(accounts);
      const counted = lock && ((...given: Parameters<typeof lock>) => (calls.findById++, lock(...given)));
      const { calls } = accounts;
      return counted ? { lock: counted } : {};
    });
    const reads: number[] = [];
    let before = calls.findById;
    await confirm();
    reads.push(calls.findById - before);
    for (let n = 0; n < 2; n++) {
      const { token } = await kit.ask(email);
      before = calls.findById;
      await kit.reset.confirm({ token, password: `${goodPassword}${n}` });
      reads.push(calls.findById - before);
    }
    expect(reads).toEqual([reads[0], reads[0]! - 1, reads[0]! - 1]);
  });

  it.each(ways)("can't be seen if the account is gone right after: %s", async (_, way) => {
    const { confirm, kit } = await withLink((accounts) => ({
      ...way(accounts),
      revokeSessions: (user) => void accounts.byId.delete(user.id),
    }));
    expect(await confirm()).toMatchObject({ id: 1 });
    expect(errorsOf(kit)).toEqual([]);
  });
});

describe("with users.lock, an account", () => {
  it.each([
    ["is gone", ({ byId }: People) => void byId.delete(1)],
    ["has another password", ({ byId }: People) => void (byId.get(1)!.passwordHash = "#0#other")],
    ["may no longer be reset", ({ users }: People) => void (users.mayReset = () => false)],
  ])("that %s is left as it is", async (_, meanwhile) => {
    const { confirm, calls, kit } = await withLink((accounts) => ({
      lock: lockOf(accounts),
      hashPassword: (password) => (meanwhile(accounts), password),
    }));
    expect(await errorOf(confirm())).toMatchObject({ code: "invalid_token" });
    expect(calls.setPassword).toBe(0);
    expect(kit.log.lines).toEqual([]);
  });

  it("that can't be locked is an outage by name", async () => {
    const { confirm, kit } = await withLink(() => ({ lock: () => Promise.reject(new Error("deadlock")) }));
    expect(await errorOf(confirm())).toMatchObject({ code: "unavailable" });
    expect(errorsOf(kit)).toEqual(["error: confirm() failed: users.lock failed: Error: deadlock"]);
  });

  it("is read and changed with the handle of one transaction by every callback, of its tenant", async () => {
    const seen: [string, unknown][] = [];
    let scopes: unknown[] = [];
    const note =
      (name: keyof Users) =>
      ({ users }: People) => {
        const original = users[name] as (...given: any[]) => unknown;
        return {
          [name]: (...given: any[]) => {
            const { transaction } = given.at(-1) ?? {};
            if (transaction !== undefined) seen.push([name, transaction]);
            return original?.(...given);
          },
        };
      };
    const { kit, token } = await withLink((accounts) => {
      const lock = lockOf(accounts);
      accounts.users.lock = (id, context) => {
        scopes.push("scope" in context ? context.scope : "missing");
        return lock(id, context);
      };
      const names = ["lock", "stateOf", "mayReset", "setPassword", "revokeSessions"] as const;
      return Object.assign({}, ...names.map((name) => note(name)(accounts)));
    });
    await kit.reset.confirm({ token, password: goodPassword });
    expect(seen.map(([name]) => name)).toEqual([
      ...["lock", "stateOf", "mayReset", "setPassword", "revokeSessions"],
      ...["lock", "stateOf"],
    ]);
    expect(new Set(seen.map(([, transaction]) => transaction)).size).toBe(1);
    expect(scopes).toEqual([undefined, undefined]);

    scopes = [];
    await kit.reset.request({ identifier: email }, { scope: "acme" });
    await kit.reset.drain();
    const mail = kit.mails.at(-1) as { token: string };
    await kit.reset.confirm({ token: mail.token, password: "Another-horse-9" }, { scope: "acme" });
    expect(scopes).toEqual(["acme"]);
  });
});

describe("with users.lock, a users.setPassword that never ends", () => {
  /** Confirms, and lets the callback's ten seconds pass. */
  async function givenUp(options: Partial<ResetOptions<Person>> = {}) {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const found = await withLink(
      (accounts) => ({
        lock: lockOf(accounts),
        setPassword: () => (begin(), new Promise<never>(() => undefined)),
      }),
      options,
    );
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const outcome = errorOf(found.confirm());
    await begun;
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    expect(await outcome).toMatchObject({ code: "unavailable" });
    return found;
  }
  const timeout = expect.stringMatching(
    /^error: confirm\(\) failed: users\.setPassword failed: .*users\.setPassword didn't end within 10 seconds$/,
  );

  it("is looked for a minute later, and not sooner", async () => {
    const { kit, entries, clock } = await givenUp();
    expect(await entries()).toMatchObject([{ kind: "finish", dueAt: clock.now + minute }]);
    expect(errorsOf(kit)).toEqual([timeout]);
  });

  it("is reported if the queue fails in the same moment", async () => {
    const store = memoryStore();
    const add = store.queue!.add.bind(store.queue);
    const queue = {
      ...store.queue!,
      add: (...given: Parameters<typeof add>) =>
        given[0].kind === "finish" ? Promise.reject(new Error("the disk is full")) : add(...given),
    };
    const { kit } = await givenUp({ store: { ...store, queue } });
    expect(errorsOf(kit)).toEqual([
      "error: users.setPassword was given up. If it takes effect later, no sessions end and no notice is sent, since " +
        "the queue failed: Error: the disk is full",
      timeout,
    ]);
  });
});

describe("with users.lock, a transaction that takes 30 seconds", () => {
  it("is given up by name", async () => {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const store = memoryStore();
    const finish: typeof store.tokens.finish = (lookup, context) =>
      context?.transaction
        ? (begin(), new Promise<never>(() => undefined))
        : store.tokens.finish(lookup, context);
    const { confirm, kit, entries } = await withLink((accounts) => ({ lock: lockOf(accounts) }), {
      store: { ...store, tokens: { ...store.tokens, finish } },
    });
    vi.useFakeTimers({ toFake: ["performance", "setTimeout", "clearTimeout"] });
    const outcome = errorOf(confirm());
    await begun;
    await vi.advanceTimersByTimeAsync(29_999);
    expect(errorsOf(kit)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    expect(await outcome).toMatchObject({ code: "unavailable" });
    expect(errorsOf(kit)).toEqual([
      expect.stringMatching(
        /^error: confirm\(\) failed: .*The transaction of a confirm didn't end within 30 seconds$/,
      ),
    ]);
    // The password's own statement had ended, and was rolled back.
    expect(await entries()).toEqual([]);
  });
});

describe("a change whose outcome isn't known", () => {
  const lost = { setPassword: () => Promise.reject(new Error("the connection was lost")) };

  it.each([
    [10 * minute - 1, ["finish"]],
    [10 * minute, []],
  ])("is looked for until ten minutes have passed: after %i milliseconds", async (time, kinds) => {
    const { confirm, kit, entries } = await withLink(() => lost);
    expect(await errorOf(confirm())).toMatchObject({ code: "unavailable" });
    kit.clock.now += time;
    await kit.reset.drain();
    expect((await entries()).map(({ kind }) => kind)).toEqual(kinds);
    expect(kit.mails.map(({ kind }) => kind)).toEqual(["reset"]);
    expect(kit.byId.get(1)!.sessions).toBe(2);
  });

  it("is forgotten once the account is gone", async () => {
    const { confirm, kit, entries } = await withLink(() => lost);
    expect(await errorOf(confirm())).toMatchObject({ code: "unavailable" });
    const logged = kit.log.lines.length;
    kit.byId.delete(1);
    kit.clock.now += minute;
    await kit.reset.drain();
    expect(await entries()).toEqual([]);
    expect(kit.log.lines.slice(logged)).toEqual([]);
  });

  it.each([
    ["the same", "z237ne90Kd7s1H-YPITpBCnT9OsbvN3H-biJnEwb2vg", false],
    ["another", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", true],
  ])("is known by a hash that earlier versions wrote, of %s state", async (_, before, isChanged) => {
    const store = memoryStore();
    const accounts = people(email);
    const kit = makeKit({ store }, accounts);
    const intents = createIntents({
      queue: store.queue!,
      keys: createKeyring(secret),
      counters: store.counters,
      clock: () => kit.clock.now,
    });
    const at = kit.clock.now;
    const request = { ip: undefined, userAgent: undefined, data: undefined };
    await intents.add({
      ...{ kind: "finish", at, scope: "", request, userId: "n:1", before, address: email },
    });
    await kit.reset.drain();
    await kit.reset.drain();
    expect(kit.mails.map(({ kind }) => kind)).toEqual(isChanged ? ["changed"] : []);
    expect(accounts.byId.get(1)!.sessions).toBe(isChanged ? 0 : 2);
  });
});
