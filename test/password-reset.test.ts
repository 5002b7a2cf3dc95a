import { describe, expect, it, vi } from "vitest";
import { ResetError } from "../src/errors.js";
import { memoryStore } from "../src/stores/memory.js";
import { goodPassword, makeKit, people } from "./kit.js";

const hour = 3_600_000;

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "fulfilled",
    (error) => (error instanceof ResetError ? error.code : String(error)),
  );
}

describe("the job, end to end", () => {
  it("turns a forgotten password into a new one, once", async () => {
    const kit = makeKit();
    const { token, url, address } = await kit.ask("ada@example.com");
    expect(url).toBe(`https://app.example.com/reset-password/${token}`);
    expect(address).toBe("ada@example.com");
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await kit.reset.validate({ token })).toBe(true);

    const user = await kit.reset.confirm({ token, password: goodPassword });
    expect(user.id).toBe(1);
    expect(kit.passwordOf(1)).toBe(goodPassword);
    expect(kit.byId.get(1)!.sessions).toBe(0);
    expect(await kit.reset.validate({ token })).toBe(false);
    expect(await codeOf(kit.reset.confirm({ token, password: "Another-horse-9" }))).toBe("invalid_token");
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("tells the owner that the password was changed", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token, password: goodPassword }, { ip: "192.0.2.7", userAgent: "test" });
    await kit.reset.drain();
    expect(kit.mails.at(-1)).toMatchObject({
      kind: "changed",
      address: "ada@example.com",
      changedAt: new Date(kit.clock.now),
      request: { ip: "192.0.2.7", userAgent: "test" },
    });
    await kit.reset.drain();
    expect(kit.mails.length).toBe(2);
  });

  it("has exactly one winner among 200 simultaneous confirms, and computes one hash (GHSA-r3xq-68wh-gwvh)", async () => {
    const accounts = people("ada@example.com");
    let hashes = 0;
    accounts.users.hashPassword = async (password) => {
      hashes++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return password;
    };
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        codeOf(kit.reset.confirm({ token, password: `${goodPassword}-${n}` })),
      ),
    );
    expect(all.filter((code) => code === "fulfilled")).toHaveLength(1);
    expect(all.filter((code) => code === "invalid_token")).toHaveLength(199);
    expect(hashes).toBe(1);
    expect(kit.passwordOf(1)).toBe(`${goodPassword}-${all.indexOf("fulfilled")}`);
  });

  it("finds more than one winner where the token is looked at first and used up later (control)", async () => {
    const live = new Set(["token"]);
    const confirm = async () => {
      if (!live.has("token")) return false;
      await Promise.resolve();
      live.delete("token");
      return true;
    };
    const all = await Promise.all(Array.from({ length: 200 }, confirm));
    expect(all.filter(Boolean).length).toBeGreaterThan(1);
  });
});

describe("a request", () => {
  it("never looks an account up before it is answered", async () => {
    const kit = makeKit();
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.request({ identifier: "nobody@example.com" });
    expect(kit.calls.findByIdentifier).toBe(0);
    await kit.reset.drain();
    expect(kit.calls.findByIdentifier).toBe(2);
    expect(kit.mails.map((mail) => mail.address)).toEqual(["ada@example.com"]);
  });

  it("does the same steps for an unknown account, and leaves nothing of them", async () => {
    const store = memoryStore();
    const steps: string[] = [];
    const tokens = new Proxy(store.tokens, {
      get: (target: any, name: string) =>
        typeof target[name] === "function"
          ? (...args: unknown[]) => (steps.push(name), target[name](...args))
          : target[name],
    });
    const deliver = Object.assign(() => void steps.push("deliver"), {
      dryRun: () => void steps.push("dryRun"),
    });
    const kit = makeKit({ store: { ...store, tokens }, deliver });
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    expect(steps.splice(0)).toEqual(["put", "deliver", "delivered"]);
    await kit.reset.request({ identifier: "nobody@example.com" });
    await kit.reset.drain();
    expect(steps).toEqual(["put", "dryRun", "finish"]);
    expect(await store.tokens.list({ limit: 10 })).toHaveLength(1);
  });

  it("mails every eligible account behind an address, and only to stored addresses", async () => {
    const accounts = people("twin@example.com", "Twin@example.com", "twin@example.com");
    accounts.byId.get(3)!.active = false;
    const kit = makeKit({}, accounts);
    await kit.reset.request({ identifier: "TWIN@example.com" });
    await kit.reset.drain();
    expect(kit.mails.map((mail) => mail.address)).toEqual(["twin@example.com", "Twin@example.com"]);
  });

  it("compares again what a lenient database found", async () => {
    const accounts = people("mike@example.com");
    accounts.users.findByIdentifier = () => accounts.byId.get(1);
    const kit = makeKit({}, accounts);
    for (const identifier of [
      "mıke@example.com",
      "mi\u212ae@example.com",
      "mike@exämple.com",
      "mike@example.com ",
    ]) {
      await kit.reset.request({ identifier });
    }
    await kit.reset.drain();
    expect(kit.mails.map((mail) => mail.address)).toEqual(["mike@example.com"]);
  });

  it("makes one mail of several requests that wait together", async () => {
    const kit = makeKit();
    for (let n = 0; n < 5; n++) await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    expect(kit.mails).toHaveLength(1);
  });

  it("looks up every spelling that was typed, since an application may find one and not the other", async () => {
    const accounts = people("ada@example.com");
    accounts.users.findByIdentifier = (typed) =>
      [...accounts.byId.values()].filter(({ email }) => email === typed);
    const kit = makeKit({}, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.request({ identifier: "ADA@example.com" });
    await kit.reset.drain();
    expect(kit.mails).toHaveLength(1);
  });

  it("refuses what is no identifier, and says which field", async () => {
    const kit = makeKit();
    for (const identifier of ["", "  ", "a\0b", "x".repeat(255), 5, null, ["a@b.example"]] as any[]) {
      const error = await kit.reset.request({ identifier }).catch((reason) => reason);
      expect([error.code, Object.keys(error.fields)]).toEqual(["invalid_input", ["identifier"]]);
    }
  });

  it("keeps a small data sealed all the way to deliver", async () => {
    const store = memoryStore();
    const sealed: Uint8Array[] = [];
    const queue = {
      ...store.queue!,
      add: (entry: any, context: any) => (sealed.push(entry.sealed), store.queue!.add(entry, context)),
    };
    const kit = makeKit({ store: { ...store, queue } });
    await kit.reset.request(
      { identifier: "ada@example.com" },
      { data: { campaign: "autumn" }, ip: "192.0.2.1" },
    );
    expect(Buffer.from(sealed[0]!).toString("latin1")).not.toMatch(/ada|autumn|192/);
    await kit.reset.drain();
    expect(kit.mails[0]).toMatchObject({ request: { data: { campaign: "autumn" }, ip: "192.0.2.1" } });
    await expect(
      kit.reset.request({ identifier: "ada@example.com" }, { data: "x".repeat(5_000) }),
    ).rejects.toThrow(/4 kB/);
  });
});

describe("mails for one account", () => {
  it("are as many as maxLive, then one an hour, and earlier links stay good", async () => {
    const kit = makeKit();
    const tokens: string[] = [];
    for (let n = 0; n < 3; n++) tokens.push((await kit.ask("ada@example.com")).token);
    const refused = vi.fn();
    kit.reset.on("refused", refused);
    await expect(kit.ask("ada@example.com")).rejects.toThrow("no mail came");
    expect(refused).toHaveBeenCalledWith(
      expect.objectContaining({ stage: "mail", reason: "over_cap", userId: 1 }),
    );
    for (const token of tokens) expect(await kit.reset.validate({ token })).toBe(true);

    kit.clock.now += hour + 1;
    const fourth = await kit.ask("ada@example.com");
    expect(await kit.reset.validate({ token: fourth.token })).toBe(true);
    expect(await Promise.all(tokens.map((token) => kit.reset.validate({ token })))).toEqual([
      false,
      true,
      true,
    ]);
    await expect(kit.ask("ada@example.com")).rejects.toThrow("no mail came");
  });

  it("that failed do not count", async () => {
    let down = true;
    const sent: string[] = [];
    const kit = makeKit({
      deliver(message) {
        if (down) throw new Error("450 try later");
        if (message.kind === "reset") sent.push(message.token);
      },
    });
    await kit.reset.request({ identifier: "ada@example.com" });
    for (let n = 0; n < 6; n++) {
      await kit.reset.drain();
      kit.clock.now += 60_000 * 2 ** n;
    }
    down = false;
    await kit.reset.drain();
    expect(sent).toHaveLength(1);
    expect(await kit.reset.validate({ token: sent[0]! })).toBe(true);
  });

  it("all die when one of them was used", async () => {
    const kit = makeKit();
    const first = await kit.ask("ada@example.com");
    const second = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token: second.token, password: goodPassword });
    expect(await kit.reset.validate({ token: first.token })).toBe(false);
  });
});

describe("delivery", () => {
  it("is tried again with growing pauses until the deadline, and then said to have failed", async () => {
    const tries: number[] = [];
    const kit = makeKit({
      deliver() {
        tries.push(kit.clock.now);
        throw new Error("550 <ada@example.com> rejected");
      },
    });
    const failed: any[] = [];
    kit.reset.on("failed", (event) => void failed.push(event));
    const start = kit.clock.now;
    await kit.reset.request({ identifier: "ada@example.com" });
    while (kit.clock.now < start + 3 * hour) {
      await kit.reset.drain();
      kit.clock.now += 1_000;
    }
    expect(tries[0]).toBe(start);
    expect(tries.length).toBeGreaterThan(8);
    expect(tries.length).toBeLessThan(40);
    expect(failed.at(-1)).toMatchObject({ what: "deliver", final: true });
    expect(failed.filter((event) => event.final)).toHaveLength(1);
    expect(JSON.stringify(failed) + kit.log.lines.join()).not.toContain("ada@");
  });

  it("of a request that no secret opens is left for who can open it, and said", async () => {
    const store = memoryStore();
    const before = makeKit({ store });
    await before.reset.request({ identifier: "ada@example.com" });
    const after = makeKit({ store, secret: "another secret of the tests: 9876543210 zyxwvut" });
    await after.reset.drain();
    expect(after.mails).toEqual([]);
    expect(after.log.lines.join()).toMatch(/1 queued request is encrypted with a secret that this process/);
    await before.reset.drain();
    expect(before.mails).toHaveLength(1);
  });

  it("of a request that no secret opens ends at the deadline, where a queue cannot tell keys apart", async () => {
    const store = memoryStore();
    const queue = {
      ...store.queue!,
      lease: (limit: number, now: number, until: number) => store.queue!.lease(limit, now, until),
    };
    const before = makeKit({ store });
    await before.reset.request({ identifier: "ada@example.com" });
    const after = makeKit({
      store: { ...store, queue },
      secret: "another secret of the tests: 9876543210 zyxwvut",
    });
    const failed = vi.fn();
    after.reset.on("failed", failed);
    await after.reset.drain();
    expect(failed).not.toHaveBeenCalled();
    after.clock.now += 2 * hour;
    await after.reset.drain();
    expect(failed).toHaveBeenCalledWith(expect.objectContaining({ what: "intent", final: true }));
  });

  it("waits for work that is under way when the engine is closed", async () => {
    let finished = false;
    const kit = makeKit({
      worker: { mode: "inside", tick: "5ms" },
      async deliver() {
        await new Promise((resolve) => setTimeout(resolve, 60));
        finished = true;
      },
    });
    await kit.reset.request({ identifier: "ada@example.com" });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await kit.reset.close();
    expect(finished).toBe(true);
  });

  it("goes to the accounts that failed alone, where one of several failed", async () => {
    const accounts = people("twin@example.com", "twin@example.com");
    const sent: number[] = [];
    let down = true;
    const kit = makeKit(
      {
        deliver(message) {
          if (message.kind !== "reset") return;
          if (message.user.id === 2 && down) throw new Error("450");
          sent.push(message.user.id);
        },
      },
      accounts,
    );
    await kit.reset.request({ identifier: "twin@example.com" });
    await kit.reset.drain();
    expect(sent).toEqual([1]);
    down = false;
    kit.clock.now += 5_000;
    await kit.reset.drain();
    expect(sent).toEqual([1, 2]);
  });

  it("goes to the account that couldn't be read, once it can be", async () => {
    const accounts = people("twin@example.com", "twin@example.com");
    const { stateOf } = accounts.users;
    let down = true;
    accounts.users.stateOf = (user, context) => {
      if (user.id === 2 && down) throw new Error("ECONNREFUSED");
      return stateOf(user, context);
    };
    const kit = makeKit({}, accounts);
    const sent = () => kit.mails.map((mail) => (mail.kind === "reset" ? mail.user.id : 0));
    await kit.reset.request({ identifier: "twin@example.com" });
    await kit.reset.drain();
    expect(sent()).toEqual([1]);
    down = false;
    kit.clock.now += 5_000;
    await kit.reset.drain();
    expect(sent()).toEqual([1, 2]);
  });

  it("tells unknown addresses only where that was asked for, and not without end", async () => {
    const kit = makeKit({ notifyUnknown: true });
    for (let n = 0; n < 5; n++) {
      await kit.reset.request({ identifier: "nobody@example.com" });
      await kit.reset.drain();
    }
    expect(kit.mails.map((mail) => mail.kind)).toEqual(["unknown", "unknown", "unknown"]);
  });
});

describe("a token", () => {
  it("is refused from the end of its life on, and its row is dropped when it is shown", async () => {
    const store = memoryStore();
    const kit = makeKit({ store, lifetime: "24h" });
    const { token, expiresAt } = await kit.ask("ada@example.com");
    expect(expiresAt).toEqual(new Date(kit.clock.now + 24 * hour));
    kit.clock.now += 24 * hour - 1;
    expect(await kit.reset.validate({ token })).toBe(true);
    kit.clock.now += 1;
    expect(await kit.reset.validate({ token })).toBe(false);
    expect(await store.tokens.list({ limit: 10 })).toEqual([]);
  });

  const changes: [string, (person: any) => void][] = [
    ["the password", (person) => (person.passwordHash = "other")],
    ["the address", (person) => (person.email = "ada@example.org")],
    ["the status", (person) => (person.active = false)],
  ];
  it.each(changes)("dies when %s changes", async (_, change) => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    change(kit.byId.get(1)!);
    expect(await kit.reset.validate({ token })).toBe(false);
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("invalid_token");
  });

  it("is good in its own scope only", async () => {
    const kit = makeKit();
    await kit.reset.request({ identifier: "ada@example.com" }, { scope: "north" });
    await kit.reset.drain();
    const { token } = kit.mails[0] as any;
    expect(await kit.reset.validate({ token }, { scope: "south" })).toBe(false);
    expect(await kit.reset.validate({ token })).toBe(false);
    expect(await kit.reset.validate({ token }, { scope: "north" })).toBe(true);
  });

  it("survives the rotation of secrets, until the old one is taken out", async () => {
    const store = memoryStore();
    const accounts = people("ada@example.com");
    const old = "the old secret of the tests: 0123456789 abcdefghijk";
    const young = "the young secret of the tests: 0123456789 abcdefghijk";
    const { token } = await makeKit({ store, secret: old }, accounts).ask("ada@example.com");
    expect(await makeKit({ store, secret: [young, old] }, accounts).reset.validate({ token })).toBe(true);
    expect(await makeKit({ store, secret: young }, accounts).reset.validate({ token })).toBe(false);
  });

  it("is dead after revoke", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    await kit.reset.revoke(kit.byId.get(1)!);
    expect(await kit.reset.validate({ token })).toBe(false);
  });
});

describe("confirm", () => {
  it("refuses a weak password with reasons, and the token stays good", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    const error = await kit.reset.confirm({ token, password: "1234" }).catch((reason) => reason);
    expect(error.code).toBe("weak_password");
    expect(error.problems.map(({ code }: any) => code)).toEqual([
      "too_short",
      "too_common",
      "entirely_numeric",
    ]);
    expect(kit.calls.setPassword).toBe(0);
    await kit.reset.confirm({ token, password: goodPassword });
  });

  it("gives a password on exactly as it was typed", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token, password: "  Correct-horse-9 \u00a0" });
    expect(kit.passwordOf(1)).toBe("  Correct-horse-9 \u00a0");
  });

  it("asks beforeReset only after the password was accepted, and is vetoed by what it throws", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    const listener = vi.fn(async () => {
      throw new Error("second factor first");
    });
    const undo = kit.reset.on("beforeReset", listener);
    expect(await codeOf(kit.reset.confirm({ token, password: "1234" }))).toBe("weak_password");
    expect(listener).not.toHaveBeenCalled();
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("vetoed");
    expect(listener).toHaveBeenCalledOnce();
    undo();
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("fulfilled");
  });

  it("cannot be changed by what listens to afterReset", async () => {
    const kit = makeKit();
    const { token } = await kit.ask("ada@example.com");
    kit.reset.on("afterReset", () => {
      throw new Error("a listener's own fault");
    });
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("fulfilled");
    expect(kit.log.lines.join()).toContain("afterReset");
  });

  it("gives the token back where hashing fails", async () => {
    const accounts = people("ada@example.com");
    let broken = true;
    accounts.users.hashPassword = async (password) => {
      if (broken) throw new Error("out of memory");
      return password;
    };
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("unavailable");
    broken = false;
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("fulfilled");
  });

  it("hashes a few at a time and sends the rest away, with their tokens good", async () => {
    const accounts = people(...Array.from({ length: 6 }, (_, n) => `user${n}@example.com`));
    let running = 0;
    let most = 0;
    accounts.users.hashPassword = async (password) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running--;
      return password;
    };
    const kit = makeKit({ hashing: { concurrency: 2, waiting: 2 } }, accounts);
    const tokens: string[] = [];
    for (let n = 0; n < 6; n++) tokens.push((await kit.ask(`user${n}@example.com`)).token);
    const all = await Promise.all(
      tokens.map((token) => codeOf(kit.reset.confirm({ token, password: goodPassword }))),
    );
    expect(all.filter((code) => code === "fulfilled")).toHaveLength(4);
    expect(all.filter((code) => code === "unavailable")).toHaveLength(2);
    expect(most).toBe(2);
    const again = tokens[all.indexOf("unavailable")]!;
    expect(await codeOf(kit.reset.confirm({ token: again, password: goodPassword }))).toBe("fulfilled");
  });

  it("says so where setPassword gives neither true nor false", async () => {
    const accounts = people("ada@example.com");
    accounts.users.setPassword = (() => undefined) as any;
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    await expect(kit.reset.confirm({ token, password: goodPassword })).rejects.toThrow(
      /Return true if it stored the password/,
    );
  });

  it("is refused where the account changed between the look and the change", async () => {
    const accounts = people("ada@example.com");
    accounts.users.hashPassword = async (password) => {
      accounts.byId.get(1)!.email = "moved@example.com";
      return password;
    };
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("invalid_token");
    expect(kit.passwordOf(1)).toBe("old-Passw0rd!");
  });

  it("is finished by the worker where the process died after the password was set", async () => {
    const store = memoryStore();
    const accounts = people("ada@example.com");
    accounts.users.revokeSessions = () => new Promise(() => undefined);
    const dying = makeKit({ store }, accounts);
    const { token } = await dying.ask("ada@example.com");
    void dying.reset.confirm({ token, password: goodPassword });
    await vi.waitFor(() => expect(accounts.passwordOf(1)).toBe(goodPassword));

    accounts.users.revokeSessions = (user) => void (accounts.byId.get(user.id)!.sessions = 0);
    const next = makeKit({ store }, accounts);
    next.clock.now += 61_000;
    await next.reset.drain();
    await next.reset.drain();
    expect(accounts.byId.get(1)!.sessions).toBe(0);
    expect(next.mails.map(({ kind }) => kind)).toEqual(["changed"]);
    expect(await next.reset.validate({ token })).toBe(false);
  });

  it("leaves nothing to finish where the process died before the password was set", async () => {
    const store = memoryStore();
    const accounts = people("ada@example.com");
    const { setPassword } = accounts.users;
    accounts.users.setPassword = () => new Promise(() => undefined);
    const dying = makeKit({ store }, accounts);
    const { token } = await dying.ask("ada@example.com");
    // It's given up after ten seconds, when this test has ended.
    dying.reset.confirm({ token, password: goodPassword }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));

    accounts.users.setPassword = setPassword;
    const next = makeKit({ store }, accounts);
    next.clock.now += 61_000;
    await next.reset.drain();
    expect(next.mails).toEqual([]);
    expect(accounts.byId.get(1)!.sessions).toBe(2);
    expect(await codeOf(next.reset.confirm({ token, password: goodPassword }))).toBe("fulfilled");
  });

  it.each([
    [8, 0, ["changed"]],
    [25, 2, []],
  ])(
    "looks for at least ten minutes for a change that was given up: after %i",
    async (minutes, sessions, kinds) => {
      const store = memoryStore();
      const accounts = people("ada@example.com");
      const { setPassword } = accounts.users;
      accounts.users.setPassword = () => Promise.reject(new Error("the connection was lost"));
      const kit = makeKit({ store }, accounts);
      const { token } = await kit.ask("ada@example.com");
      expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("unavailable");
      for (let minute = 1; minute <= 40; minute++) {
        // The statement waited for a lock, and is carried out after all.
        const user = { ...accounts.byId.get(1)! };
        if (minute === minutes)
          await setPassword(user, goodPassword, {
            expected: accounts.users.stateOf(user, {}) as [],
            transaction: undefined,
          });
        kit.clock.now += 60_000;
        await kit.reset.drain();
      }
      expect(accounts.byId.get(1)!.sessions).toBe(sessions);
      expect(kit.mails.slice(1).map(({ kind }) => kind)).toEqual(kinds);
      expect(await store.queue!.list({ limit: 10 })).toEqual([]);
    },
  );
});

describe("with users.lock", () => {
  function lockable() {
    const accounts = people("ada@example.com");
    accounts.users.hashPassword = (password) => password;
    accounts.users.lock = (id, { transaction }) => {
      expect(transaction).toBeDefined();
      return accounts.byId.has(id) ? { ...accounts.byId.get(id)! } : null;
    };
    return accounts;
  }

  it("changes token, password and sessions together", async () => {
    const accounts = lockable();
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token, password: goodPassword });
    expect(accounts.passwordOf(1)).toBe(goodPassword);
    expect(accounts.byId.get(1)!.sessions).toBe(0);
    await kit.reset.drain();
    expect(kit.mails.at(-1)!.kind).toBe("changed");
  });

  it("rolls the token back where something in the transaction fails", async () => {
    const accounts = lockable();
    let broken = true;
    accounts.users.setPassword = (user, password) => {
      if (broken) throw new Error("deadlock");
      accounts.byId.get(user.id)!.passwordHash = password;
      return true;
    };
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("unavailable");
    expect(kit.mails).toHaveLength(1);
    broken = false;
    expect(await codeOf(kit.reset.confirm({ token, password: goodPassword }))).toBe("fulfilled");
  });

  it("finds out that stateOf does not change with the password", async () => {
    const accounts = lockable();
    accounts.users.stateOf = (user) => [user.email];
    accounts.users.setPassword = () => true;
    const kit = makeKit({}, accounts);
    const { token } = await kit.ask("ada@example.com");
    await expect(kit.reset.confirm({ token, password: goodPassword })).rejects.toThrow(
      /Add the stored password hash to it/,
    );
  });

  it("is refused at construction where the store's parts share no transaction", () => {
    const [one, other] = [memoryStore(), memoryStore()];
    const mixed = {
      tokens: one.tokens,
      counters: one.counters,
      queue: other.queue,
      transaction: one.transaction,
    };
    expect(() => makeKit({ store: mixed }, lockable())).toThrow(/share one transaction\. Use one sqlStore/);
  });
});

describe("issueFor", () => {
  it("resolves when delivered if it is asked to wait, with its own lifetime and template, also over the cap", async () => {
    const kit = makeKit();
    for (let n = 0; n < 3; n++) await kit.ask("ada@example.com");
    const order = { lifetime: "7d", template: "invitation", wait: true };
    const answer = await kit.reset.issueFor(kit.byId.get(1)!, order);
    expect(answer).toBeUndefined();
    const mail = kit.mails.at(-1) as any;
    expect(mail).toMatchObject({
      template: "invitation",
      expiresAt: new Date(kit.clock.now + 7 * 24 * hour),
    });
    expect(await kit.reset.validate({ token: mail.token })).toBe(true);
  });

  it("rejects where the message could not be delivered, without naming the address", async () => {
    const kit = makeKit({
      deliver() {
        throw new Error("550 ada@example.com");
      },
    });
    const error = await kit.reset.issueFor(kit.byId.get(1)!, { wait: true }).catch((reason) => reason);
    expect(error.code).toBe("unavailable");
    expect(String(error)).not.toContain("ada@");
  });

  it("is queued while the mail server is down, and delivered when it is back", async () => {
    let down = true;
    const sent: string[] = [];
    const kit = makeKit({
      deliver(message) {
        if (down) throw new Error("connection refused");
        sent.push((message as any).template);
      },
    });
    await kit.reset.issueFor(kit.byId.get(1)!, { template: "invitation" });
    await kit.reset.issueFor(kit.byId.get(1)!, { template: "second", wait: true }).catch(() => undefined);
    for (let minutes = 0; minutes < 72 * 60; minutes += 15) {
      kit.clock.now += 15 * 60_000;
      await kit.reset.drain();
    }
    down = false;
    kit.clock.now += 15 * 60_000;
    await kit.reset.drain();
    expect(sent.sort()).toEqual(["invitation", "second"]);
  });
});

describe("an outage", () => {
  it("of the store is one unavailable for everyone, and recovers by itself", async () => {
    const store = memoryStore();
    let down = true;
    const broken = new Proxy(store.queue!, {
      get: (target: any, name) =>
        down && name === "add" ? () => Promise.reject(new Error("connection refused")) : target[name],
    });
    const kit = makeKit({ store: { ...store, queue: broken } });
    for (const identifier of ["ada@example.com", "nobody@example.com"]) {
      expect(await codeOf(kit.reset.request({ identifier }))).toBe("unavailable");
    }
    down = false;
    await kit.ask("ada@example.com");
  });
});

describe("clearExpired", () => {
  it("removes tokens, windows and intents that are over, and says how many", async () => {
    const store = memoryStore();
    const kit = makeKit({ store, throttles: { request: [{ by: "ip", max: 100, per: "1h" }] } });
    for (let n = 0; n < 2; n++) {
      await kit.reset.request({ identifier: "ada@example.com" }, { ip: `192.0.2.${n}` });
      await kit.reset.drain();
    }
    await kit.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.0" });
    kit.clock.now += 25 * hour;
    const progress: number[] = [];
    const { removed } = await kit.reset.clearExpired({
      onProgress: ({ removed }) => void progress.push(removed),
    });
    // Two tokens, two windows of IP addresses, one of a mailbox, one of what waits, and an intent.
    expect(removed).toBe(7);
    expect(progress.at(-1)).toBe(7);
    expect(await kit.reset.clearExpired()).toEqual({ removed: 0 });
  });
});

describe("a worker", () => {
  it("says at its start what the store is missing", async () => {
    const check = () => Promise.reject(new Error('The tables are missing: run "npx resetkit migrate".'));
    const kit = makeKit({ store: { ...memoryStore(), check } });
    const working = kit.reset.work();
    await vi.waitFor(() => expect(kit.log.lines.join()).toContain('run "npx resetkit migrate"'));
    await kit.reset.close();
    await working;
  });
});
