import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { base64url, hex, utf8 } from "../../../src/crypto/encoding.js";
import { createHandler } from "resetkit/http";
import { createKeyring } from "../../../src/crypto/keyring.js";
import { memoryStore } from "resetkit/stores/memory";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { createCodes } from "../../../src/tokens/stored/codes.js";
import { randomNumber, randomString } from "resetkit/tokens/generators";
import { storedTokens } from "resetkit/tokens/stored";
import type { Account, AccountFinder, CounterStore, Generator, Store, TokenRow } from "resetkit/types";
import { goodPassword, keptLog, makeKit, people, type Person } from "../../kit.js";
import { accountOf, day, macOf, secrets, start } from "../bench.js";

const email = "ada@example.com";
const tenMinutes = 600_000;

/** A store that keeps what its counters and its look-ups were asked. */
function keptStore(store: Store = memoryStore()) {
  const hits: { key: string; per: number; by: number | undefined }[] = [];
  const looked: Uint8Array[] = [];
  const hit: CounterStore["hit"] = (key, window) => {
    hits.push({ key, per: window.per, by: window.by });
    return store.counters.hit(key, window);
  };
  const find = (lookup: Uint8Array) => (looked.push(lookup), store.tokens.find(lookup));
  return {
    store: { ...store, counters: { ...store.counters, hit }, tokens: { ...store.tokens, find } },
    hits,
    looked,
  };
}

const coded = (generator: Generator = randomNumber(), more: Parameters<typeof makeKit>[0] = {}) =>
  makeKit({ tokens: storedTokens({ generator }), ...more }, people(email, "grace@example.com"));

describe("a code", () => {
  it("goes out beside a link, and is good with its identifier alone", async () => {
    const kit = coded();
    const { token, code, codeExpiresAt } = await kit.ask(email);
    expect(code).toMatch(/^[1-9]\d{7}$/);
    expect(codeExpiresAt!.getTime()).toBe(kit.clock.now + tenMinutes);
    expect(token).toHaveLength(43);
    expect(await kit.reset.validate({ token: code! })).toBe(false);
    expect(await kit.reset.validate({ token: code!, identifier: "grace@example.com" })).toBe(false);
    expect(await kit.reset.validate({ token: code!, identifier: "ADA@example.com" })).toBe(true);
    await kit.reset.confirm({ token: code!, identifier: email, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
    expect(await kit.reset.validate({ token })).toBe(false);
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
  });

  it("works if the two look-ups read a column in two types", async () => {
    const accounts = people(email);
    const users = {
      ...accounts.users,
      mayReset: ({ active }: Person) => Boolean(active),
      findByIdentifier: (identifier: string) =>
        [...accounts.byId.values()]
          .filter((user) => user.email === identifier)
          .map((user) => ({ ...user, active: 1 as unknown as boolean })),
    };
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }), users }, accounts);
    const { code } = await kit.ask(email);
    await kit.reset.confirm({ token: code!, identifier: email, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("lives ten minutes, its link a day", async () => {
    const kit = coded();
    const { token, code } = await kit.ask(email);
    kit.clock.now += tenMinutes - 1;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(true);
    kit.clock.now += 1;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token })).toBe(true);
  });

  it("never outlives its link", async () => {
    const kit = coded(randomNumber(), { lifetime: "5m" });
    const { code } = await kit.ask(email);
    kit.clock.now += tenMinutes / 2 - 1;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(true);
    kit.clock.now += 1;
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
  });

  it("dies with the account's state, as the link does", async () => {
    const kit = coded();
    const { code } = await kit.ask(email);
    kit.byId.get(1)!.passwordHash = "#another";
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
  });

  it("is good with every secret in the list, and with no other", async () => {
    const store = memoryStore();
    const kitWith = (secret: string | string[]) => coded(randomNumber(), { store, secret });
    const { code } = await kitWith(secrets[1]).ask(email);
    const given = { token: code!, identifier: email };
    expect(await kitWith([secrets[0], secrets[1]]).reset.validate(given)).toBe(true);
    expect(await kitWith([secrets[0], secrets[2]]).reset.validate(given)).toBe(false);
  });

  it("can be text for people", async () => {
    const kit = coded(randomString({ length: 8, alphabet: "crockford" }));
    const { code } = await kit.ask(email);
    const typed = `${code!.slice(0, 4).toLowerCase()}-${code!.slice(4)}`;
    expect(await kit.reset.validate({ token: typed, identifier: email })).toBe(true);
  });

  it("may come from a class of one's own, which is asked as the object that it is", async () => {
    class Words implements Generator {
      readonly bits = 40;
      readonly #words = ["Tiger Lamp Ocean", "Paper Crown Lemon"];
      generate() {
        return this.#words.shift()!;
      }
      normalize(typed: string) {
        return typed.toLowerCase().replace(/\s+/g, " ").trim();
      }
    }
    const kit = coded(new Words());
    const { code } = await kit.ask(email);
    expect(code).toBe("Tiger Lamp Ocean");
    for (const typed of [code!, "  tiger lamp  OCEAN "]) {
      expect(await kit.reset.validate({ token: typed, identifier: email }), typed).toBe(true);
    }
    expect(await kit.reset.validate({ token: "tiger lamp", identifier: email })).toBe(false);
  });

  it("is compared as it was typed where its maker does not say what people do to it", async () => {
    const kit = coded({ bits: 40, generate: async () => "Aa-Bb" });
    await kit.ask(email);
    expect(await kit.reset.validate({ token: "Aa-Bb", identifier: email })).toBe(true);
    expect(await kit.reset.validate({ token: "aa-bb", identifier: email })).toBe(false);
  });

  it.each([[12_345_678], [undefined], [""]])(
    "that is %j is not sent, and the sentence says why",
    async (made) => {
      const codes = alone({ bits: 40, generate: () => made as string }).codes;
      await expect(codes.make(accountOf("ada"), start)).rejects.toThrow(
        "storedTokens({ generator }).generate must return a string. Return the code as a string, such as String(number).",
      );
      await expect(codes.make(accountOf("ada"), start)).rejects.toThrow(TypeError);
    },
  );

  it("of fewer than six digits is refused, however its range is written", () => {
    for (const generator of [
      randomNumber({ digits: 5 }),
      randomNumber({ digits: 4 }),
      randomNumber({ min: 10_000, max: 99_999 }),
      randomString({ length: 4 }),
    ]) {
      expect(() => coded(generator)).toThrow(/too easy to guess. Use six digits or more/);
      expect(() => makeKit({ tokens: storedTokens({ generator, bound: true }) })).toThrow(TypeError);
    }
    for (const generator of [
      randomNumber({ digits: 6 }),
      randomNumber({ min: 0, max: 999_999 }),
      randomString({ length: 4, alphabet: "crockford" }),
    ]) {
      expect(() => coded(generator)).not.toThrow();
    }
  });

  it("can be the seed's, looked up across accounts: drawn again where two collide", async () => {
    const numbers = ["11111", "11111", "22222"];
    const generator = { bits: 16.4, generate: () => numbers.shift()! };
    const kit = makeKit(
      { tokens: storedTokens({ generator, bound: false }) },
      people(email, "grace@example.com"),
    );
    const [ada, grace] = [await kit.ask(email), await kit.ask("grace@example.com")];
    expect([ada.token, ada.code, grace.token]).toEqual(["11111", undefined, "22222"]);
    await kit.reset.confirm({ token: "22222", password: goodPassword });
    expect([kit.passwordOf(1), kit.passwordOf(2)]).toEqual(["old-Passw0rd!", goodPassword]);
  });
});

describe("a code over HTTP", () => {
  async function setUp() {
    const kit = coded(randomNumber(), { validators: [] });
    const handler = createHandler(kit.reset);
    const post = async (path: string, fields: object) => {
      const answer = await handler.plain({
        ...{ method: "POST", path: `/api/password_reset${path}`, query: "", ip: "192.0.2.1" },
        header: (name) => (name === "content-type" ? "application/json" : undefined),
        body: () => ({ kind: "bytes", bytes: utf8(JSON.stringify(fields)) }),
      });
      return [answer!.status, JSON.parse(answer!.body)];
    };
    return { kit, post };
  }
  const refused = [404, { detail: "This link or code is invalid or has expired. Request a new one." }];

  it("is sent with the address, as text or as a number, and is good once", async () => {
    const { kit, post } = await setUp();
    const { code } = await kit.ask(email);
    for (const token of [code!, Number(code), ` ${code!.slice(0, 4)} ${code!.slice(4)}`]) {
      expect(await post("/validate_token/", { token, email })).toEqual([200, { status: "OK" }]);
    }
    expect(await post("/validate_token/", { token: code })).toEqual(refused);
    expect(await post("/validate_token/", { token: code, email: "grace@example.com" })).toEqual(refused);
    const confirm = () => post("/confirm/", { token: Number(code), email, password: goodPassword });
    expect(await confirm()).toEqual([200, { status: "OK" }]);
    expect(await confirm()).toEqual(refused);
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("is refused in the same bytes after five tries, for known and unknown addresses; the link is not", async () => {
    const { kit, post } = await setUp();
    const { code, token } = await kit.ask(email);
    for (const whose of [email, "nobody@example.com"]) {
      for (let n = 0; n < 3; n++)
        expect(await post("/validate_token/", { token: "1", email: whose })).toEqual(refused);
      for (let n = 0; n < 2; n++)
        expect(await post("/confirm/", { token: "1", email: whose, password: goodPassword })).toEqual(
          refused,
        );
      expect(await post("/validate_token/", { token: code, email: whose })).toEqual(refused);
    }
    expect(await post("/validate_token/", { token, email })).toEqual([200, { status: "OK" }]);
  });
});

describe("the tries at a code", () => {
  it("are five, on validate and confirm together, which asking again does not refill; the link works on", async () => {
    const kit = coded();
    const { token, code } = await kit.ask(email);
    const wrong = code === "11111111" ? "22222222" : "11111111";
    for (let n = 0; n < 3; n++)
      expect(await kit.reset.validate({ token: wrong, identifier: email })).toBe(false);
    for (let n = 0; n < 2; n++) {
      await expect(
        kit.reset.confirm({ token: wrong, identifier: email, password: goodPassword }),
      ).rejects.toMatchObject({ code: "invalid_token" });
    }
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
    const again = await kit.ask(email);
    expect(await kit.reset.validate({ token: again.code!, identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token })).toBe(true);
    kit.clock.now += tenMinutes;
    const later = await kit.ask(email);
    expect(await kit.reset.validate({ token: later.code!, identifier: email })).toBe(true);
  });

  it("leave the fifth to the owner, and no sixth", async () => {
    const kit = coded();
    const { code } = await kit.ask(email);
    const right = () => kit.reset.validate({ token: code!, identifier: email });
    const wrong = () => kit.reset.validate({ token: "1", identifier: email });
    for (let n = 0; n < 4; n++) await wrong();
    expect(await right()).toBe(true);
    await wrong();
    expect(await right()).toBe(false);
  });

  it("are used up by failures alone: a success takes its charge back", async () => {
    const kit = coded();
    const { code } = await kit.ask(email);
    for (let n = 0; n < 120; n++)
      expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(true);
  });

  it("are an identifier's in its scope: another one has its own", async () => {
    const kit = coded();
    const { code } = await kit.ask("grace@example.com");
    for (let n = 0; n < 6; n++) {
      await kit.reset.validate({ token: "1", identifier: email });
      await kit.reset.validate({ token: "1", identifier: "grace@example.com" }, { scope: "acme" });
    }
    expect(await kit.reset.validate({ token: code!, identifier: "grace@example.com" })).toBe(true);
  });

  it("are counted by what was typed, so no spelling of an identifier has tries of its own", async () => {
    const kit = coded();
    const { code } = await kit.ask(email);
    for (const typed of [email, "ADA@example.com", " ada@example.com ", "Ada@Example.Com", email]) {
      expect(await kit.reset.validate({ token: "1", identifier: typed })).toBe(false);
    }
    expect(await kit.reset.validate({ token: code!, identifier: email })).toBe(false);
  });

  it("cost one try, and one look each, for two accounts behind one identifier; the right code costs neither anything", async () => {
    const kit = coded();
    kit.byId.get(2)!.email = email;
    await kit.reset.request({ identifier: email });
    await kit.reset.drain();
    const [first, second] = (kit.mails as { code?: string }[]).map(({ code }) => code!);
    for (let n = 0; n < 120; n++)
      expect(await kit.reset.validate({ token: second!, identifier: email })).toBe(true);
    for (let n = 0; n < 4; n++)
      expect(await kit.reset.validate({ token: "1", identifier: email })).toBe(false);
    expect(await kit.reset.validate({ token: first!, identifier: email })).toBe(true);
    await kit.reset.confirm({ token: second!, identifier: email, password: goodPassword });
    expect([kit.passwordOf(1), kit.passwordOf(2)]).toEqual(["old-Passw0rd!", goodPassword]);
  });

  it("take the same steps for known and unknown identifiers, however many guesses there were", async () => {
    const { store, hits, looked } = keptStore();
    const kit = coded(randomNumber(), { store });
    await kit.ask(email);
    const steps = async (identifier: string) => {
      hits.length = looked.length = 0;
      await kit.reset.validate({ token: "11111111", identifier });
      return { hits: hits.map(({ by }) => by), looked: looked.length };
    };
    const known = await steps(email);
    // One look is for a link of that text.
    expect(known).toEqual({ hits: [1, 1, 1], looked: 2 });
    expect(await steps("nobody@example.com")).toEqual(known);
    for (let n = 0; n < 15; n++) {
      if (n % 5 === 0) kit.clock.now += tenMinutes;
      await kit.reset.validate({ token: "11111111", identifier: "nobody@example.com" });
    }
    kit.clock.now += tenMinutes;
    expect(await steps("nobody@example.com")).toEqual(known);
  });
});

/** Codes without an engine, and what their store was asked. */
function alone(generator: Generator = { bits: 26, generate: () => "12345678" }, secret: string = secrets[0]) {
  const { store, hits, looked } = keptStore();
  const context = {
    ...{ keys: createKeyring(secret), tokens: store.tokens, counters: store.counters },
    ...{ lifetime: day, maxLive: 3, log: keptLog() },
  };
  return { codes: createCodes({ generator, lifetime: tenMinutes, context }), store, hits, looked };
}

const finding = (...accounts: Account[]): AccountFinder => ({
  byId: async (id) => accounts.find((account) => account.id === id) ?? null,
  idsOf: async () => accounts.map(({ id }) => id),
});

describe("the traces of a code", () => {
  const account = accountOf(35, { scope: "acme", address: email, state: ["hash", true] });
  const typed = { token: "12345678", identifier: "Ada@example.com", scope: "acme", now: start };

  it("in its row are keyed hashes, of the code and its account, and of all that the account is bound to", async () => {
    const { row } = await alone().codes.make(account, start);
    const expiresAt = start + tenMinutes;
    expect(row.expiresAt).toBe(expiresAt);
    expect(hex(row.lookup)).toBe(
      hex(macOf(secrets[0], "code/lookup", ["12345678", "n:35", "acme"]).subarray(0, 16)),
    );
    const bound = ["12345678", expiresAt, "n:35", "acme", email, "hash", true];
    expect(hex(row.proof)).toBe(hex(macOf(secrets[0], "code/proof", bound)));
  });

  it("in the counters are keyed hashes of what was typed", async () => {
    const { codes, hits } = alone();
    await codes.verify(typed, finding(account));
    const name = (purpose: string, parts: string[]) =>
      base64url(macOf(secrets[0], purpose, parts).subarray(0, 16));
    expect(hits).toEqual([
      { key: name("code/tries", ["acme", "ada@example.com"]), per: tenMinutes, by: 1 },
      { key: name("code/day", ["acme", "ada@example.com"]), per: day, by: 1 },
      { key: name("code/all", []), per: day, by: 1 },
    ]);
  });

  it("of unknown identifiers are those of 256 decoys", async () => {
    const { codes, looked } = alone();
    await codes.verify(typed, finding());
    const standIn = macOf(secrets[0], "code/stand-in", ["acme", "ada@example.com"]);
    const id = `x:${hex(standIn.subarray(0, 1))}`;
    expect(looked.map(hex)).toEqual([
      hex(macOf(secrets[0], "code/lookup", ["12345678", id, "acme"]).subarray(0, 16)),
    ]);
  });

  it("of a stand-in's code are over before they are written", async () => {
    const { row } = await alone().codes.make({ ...account, decoy: true }, start);
    expect(row.expiresAt).toBe(start);
  });

  const rowOf = (code: TokenRow["code"], more: Partial<TokenRow> = {}): TokenRow => ({
    ...{ lookup: new Uint8Array(16), proof: new Uint8Array(32), code, userId: 35, scope: "acme" },
    ...{ createdAt: start, expiresAt: start + day, delivery: "accepted", leasedUntil: 0 },
    ...more,
  });
  const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 31 ? byte ^ 1 : byte));
  type Code = NonNullable<TokenRow["code"]>;

  it.each<[string, (code: Code) => Code, Partial<TokenRow>, boolean]>([
    ["as it was made", (code) => code, {}, true],
    ["with another proof", (code) => ({ ...code, proof: flipped(code.proof) }), {}, false],
    ["that was prolonged", (code) => ({ ...code, expiresAt: code.expiresAt + 1 }), {}, false],
    ["beside a link that is over", (code) => code, { expiresAt: start }, false],
    ["beside a link that is good for a moment more", (code) => code, { expiresAt: start + 1 }, true],
  ])("in a row %s: %#", async (_, edit, more, isGood) => {
    const { codes, store } = alone();
    const { row } = await codes.make(account, start);
    await store.tokens.put(rowOf(edit(row), more), {
      now: start - 1,
      maxLive: 3,
      pendingFor: 1,
      quietFor: 1,
    });
    expect((await codes.verify(typed, finding(account))) !== null).toBe(isGood);
  });
});

/** Accounts and tokens in one SQLite database, with the compare-and-set of the README. */
async function onSqlite() {
  const db = new Database(":memory:");
  await migrate(betterSqlite3(db));
  db.exec("create table users (id integer primary key, email text, passwordHash text, sessions integer)");
  db.exec(`insert into users values (1, '${email}', '#0#old', 2)`);
  const one = (id: number) => db.prepare("select * from users where id = ?").get(id) as Person | undefined;
  let hashes = 0;
  const accounts = people();
  Object.assign(accounts.users, {
    findByIdentifier: (typed: string) =>
      db.prepare("select * from users where email = ? collate nocase").all(typed),
    findById: one,
    stateOf: (user: Person) => [user.passwordHash, user.email],
    hashPassword: async (password: string) => `#${++hashes}#${password}`,
    setPassword: (user: Person, hash: string, { expected }: { expected: readonly unknown[] }) =>
      db
        .prepare("update users set passwordHash = ? where id = ? and passwordHash is ? and email is ?")
        .run(hash, user.id, ...expected).changes === 1,
    revokeSessions: "none",
    mayReset: undefined,
  });
  const { store, looked } = keptStore(sqlStore(betterSqlite3(db)));
  const kit = makeKit({ store, tokens: storedTokens({ generator: randomNumber() }) }, accounts);
  return {
    ...kit,
    looked,
    hashed: () => hashes,
    passwordOf: () => one(1)!.passwordHash.replace(/^#\d+#/, ""),
  };
}

describe("at once, on SQLite", () => {
  const at200 = <T>(call: (n: number) => Promise<T>) =>
    Promise.allSettled(Array.from({ length: 200 }, (_, n) => call(n)));

  it("of 200 guesses five are looked at, and asking again lets nobody look at more", async () => {
    const { looked, ...kit } = await onSqlite();
    const { code } = await kit.ask(email);
    looked.length = 0;
    const guess = (n: number) =>
      kit.reset.validate({
        token: String(10_000_000 + n === Number(code) ? 1 : 10_000_000 + n),
        identifier: email,
      });
    const answers = await at200(guess);
    expect(answers.map((answer) => answer.status === "fulfilled" && answer.value)).toEqual(
      Array.from({ length: 200 }, () => false),
    );
    // Each guess is first looked for as a link, which costs nobody anything; only codes count.
    expect(looked.length - 200).toBe(5);
    const again = await kit.ask(email);
    looked.length = 0;
    expect(await kit.reset.validate({ token: again.code!, identifier: email })).toBe(false);
    expect(looked).toHaveLength(1);
    expect(await kit.reset.validate({ token: again.token })).toBe(true);
  });

  it("of 200 guesses all are looked at where tries are counted after the look (control)", async () => {
    let tries = 0;
    let looked = 0;
    const guess = async () => {
      if (tries >= 5) return false;
      looked++;
      await Promise.resolve();
      tries++;
      return false;
    };
    await at200(guess);
    expect(looked).toBeGreaterThan(5);
  });

  it.each(["link", "code"])(
    "of 200 confirms with one %s one succeeds, and one hash is computed",
    async (by) => {
      const kit = await onSqlite();
      const { token, code } = await kit.ask(email);
      const given = by === "link" ? { token } : { token: code!, identifier: email };
      const answers = await at200((n) => kit.reset.confirm({ ...given, password: `${goodPassword}-${n}` }));
      const won = answers.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
      expect(won).toHaveLength(1);
      const codes = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason.code] : []));
      expect(new Set(codes)).toEqual(new Set(["invalid_token"]));
      expect(kit.hashed()).toBe(1);
      expect(kit.passwordOf()).toBe(`${goodPassword}-${won[0]}`);
    },
  );
});
