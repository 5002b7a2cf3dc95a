import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { passwordReset } from "../../src/password-reset.js";
import { memoryStore } from "../../src/stores/memory.js";
import { keptLog, makeKit, people, secret } from "../kit.js";

const { users } = people("ada@example.com");
const good = {
  users,
  secret,
  store: memoryStore(),
  url: "https://app.example.com/reset/{token}",
  deliver: () => undefined,
  log: keptLog(),
};

/** Each wrong option, and how the sentence about it ends. */
const wrong: [change: object, sentence: RegExp][] = [
  [{ url: "http://app.example.com/reset/{token}" }, /url starts with http:.*\. Use https\.$/],
  [{ url: "https://app.example.com/reset" }, /url doesn't contain \{token\}. Add it to the path/],
  [{ url: "/reset/{token}" }, /which isn't an absolute URL. Set it to/],
  [{ url: "javascript:alert('{token}')" }, /which isn't an absolute URL/],
  [{ url: "https://{token}.example.com/" }, /absolute URL|doesn't contain {token}/],
  [{ url: "https://user:pass@app.example.com/{token}" }, /url has a username or password\. Set it/],
  [{ url: undefined }, /url is missing. Set it to your reset page's full address/],
  [{ secret: "too short" }, /secret has 9 bytes, but 32 is the minimum: set it to 32 random bytes/],
  [{ secret: undefined }, /secret is missing: set it to 32 random bytes/],
  [{ secret: "a".repeat(64) }, /placeholder that anyone could guess: set it to 32 random bytes/],
  [{ secret: `changeme ${secret}` }, /placeholder that anyone could guess/],
  [{ secret: "replace this with a long random string" }, /is a placeholder that anyone could guess/],
  [{ secret: "keyboard cat keyboard cat keyboard cat" }, /secret is a placeholder.*npx resetkit secret$/],
  [{ secret: "this is a secret this is a secret 123" }, /secret repeats itself, so anyone could guess it/],
  [{ secret: "supersecretkeysupersecretkeysupersecretkey" }, /repeats itself.*npx resetkit secret$/],
  [{ secret: "development-secret-development-secret" }, /repeats itself/],
  [{ secret: "0123456789abcdef0123456789abcdef" }, /secret (repeats itself|is a sequence)/],
  [{ secret: "abcdefghijklmnopqrstuvwxyz123456" }, /is a sequence that anyone could guess/],
  [{ secret: "qwertyuiopasdfghjklzxcvbnm1234567890" }, /is a sequence that anyone could guess/],
  [{ secret: "98765432109876543210zyxwvutsrqponmlk" }, /is a sequence/],
  [{ secret: [] }, /not 1 to 8 secrets/],
  [{ secret: [secret, "short"] }, /secret has 5 bytes/],
  [
    { users: { ...users, revokeSessions: undefined } },
    /users\.revokeSessions is missing: .*or "none" if there are no sessions/,
  ],
  [
    { users: { ...users, stateOf: undefined } },
    /users\.stateOf is missing: pass a function that returns what tokens are bound to/,
  ],
  [{ users: { ...users, findById: "id" } }, /users\.findById must be a function: pass/],
  [
    { users: { ...users, setPasword: () => true } },
    /users has no option "setPasword"\. Did you mean "setPassword"\?/,
  ],
  [{ users: undefined }, /users is undefined\. Pass an object with findByIdentifier/],
  [{ deliver: undefined }, /deliver is missing: pass a function that sends a message/],
  [{ store: {} }, /store must have `tokens` and `counters`\. Pass sqlStore/],
  [{ store: undefined }, /storedTokens\(\) needs a store. Pass one, or use signedTokens\(\)/],
  [{ tokens: {} }, /tokens is missing: pass storedTokens\(\)|tokens .*: pass storedTokens/],
  [{ tokens: [] }, /tokens is an empty array/],
  [{ lifetime: "tomorrow" }, /lifetime is "tomorrow", which isn't a duration. Use a number and a unit/],
  [{ lifetime: 0 }, /lifetime is 0/],
  [{ lifetime: "0h" }, /lifetime is "0h"/],
  [{ maxLive: 0 }, /maxLive is 0\. Pass an integer from 1 to 20/],
  [{ worker: "thread" }, /worker is "thread"\. Use "inside", "outside" or "waitUntil"/],
  [{ throttles: { request: [{ by: "ip", max: 3 }] } }, /throttles\.request\[0\]\.per is/],
  [
    { throttles: { request: { by: "ip", max: 3, per: "1h" } } },
    /throttles\.request must be an array, or false/,
  ],
  [{ throttles: { request: [5] } }, /throttles\.request\[0\] takes an options object/],
  [{ validateReveals: true }, /validateReveals must be a function: pass/],
  [{ revealUnknown: "false" }, /revealUnknown is "false"\. Use true or false/],
  [{ notifyUnknown: 1 }, /notifyUnknown is 1\. Use true or false/],
  [{ clock: 5 }, /clock must be a function: pass/],
  [{ log: null }, /log\.info is missing: pass a log such as console/],
  [{ validators: "strong" }, /validators must be an array/],
  [{ validators: [{}] }, /validators\[0\] must be a function/],
  [{ hashing: { concurrency: 0 } }, /hashing\.concurrency is 0/],
  [{ worker: { tik: "1s" } }, /worker has no option "tik". Did you mean "tick"/],
  [
    { urls: "https://app.example.com/{token}" },
    /passwordReset\(\) has no option "urls"\. Did you mean "url"\?/,
  ],
  [{ delivery: { tick: "1s" } }, /no longer has an option "delivery"\. Use worker: \{ mode, tick/],
  [{ colour: "blue" }, /passwordReset\(\) has no option "colour"\. Remove it, or use one of users, /],
];

describe("construction", () => {
  it("accepts what is right (control)", () => {
    expect(() => passwordReset(good)).not.toThrow();
    for (const url of [
      "http://localhost:3000/r/{token}",
      "http://127.0.0.1/{token}",
      "http://[::1]/#{token}",
    ]) {
      expect(() => passwordReset({ ...good, url })).not.toThrow();
    }
  });

  it.each(wrong)("refuses %j in a sentence that ends with the fix", (change, sentence) => {
    const build = () => passwordReset({ ...good, ...change } as any);
    expect(build).toThrow(TypeError);
    expect(build).toThrow(sentence);
    expect(build).toThrow(/[.?]$|npx resetkit secret$/);
  });

  it("takes secrets that were drawn at random, in any of the usual alphabets", () => {
    // From a fixed sequence of bytes, so that the test doesn't depend on chance.
    for (let n = 0; n < 300; n++) {
      const bytes = createHash("sha256").update(String(n)).digest();
      const digits = BigInt(`0x${bytes.toString("hex")}`)
        .toString()
        .slice(0, 32);
      for (const made of [bytes.toString("base64url"), bytes.toString("hex"), digits]) {
        expect(() => passwordReset({ ...good, secret: made }), made).not.toThrow();
      }
    }
  });

  it("lists all faults of a configuration at once", () => {
    const build = () =>
      passwordReset({ ...good, url: "/reset", maxLive: 0, secret: "short", urls: 1 } as any);
    expect(build).toThrow(/^passwordReset\(\) has 4 problems:\n- /);
    for (const part of [/has no option "urls"/, /maxLive is 0/, /secret has 5 bytes/, /url is/]) {
      expect(build).toThrow(part);
    }
  });

  it("takes a class as users, with fields of its own", async () => {
    class Accounts {
      readonly db = people("ada@example.com");
      findByIdentifier = (identifier: string) => this.db.users.findByIdentifier(identifier, {});
      findById(id: number) {
        return this.db.users.findById(id, {});
      }
      stateOf(user: any) {
        return this.db.users.stateOf(user, {});
      }
      setPassword(user: any, hash: string, context: any) {
        return this.db.users.setPassword(user, hash, context);
      }
      hashPassword(password: string) {
        return `${this.db.byId.size}#${password}`;
      }
      revokeSessions(user: any) {
        this.db.byId.get(user.id)!.sessions = 0;
      }
    }
    const accounts = new Accounts();
    const kit = makeKit({ users: accounts as any }, accounts.db);
    const { token } = await kit.ask("ada@example.com");
    await kit.reset.confirm({ token, password: "Correct-horse-9" });
    expect(accounts.db.passwordOf(1)).toBe("1#Correct-horse-9");
    expect(accounts.db.byId.get(1)!.sessions).toBe(0);
  });

  it("never says a secret", () => {
    const hidden = "hunter2-hunter2";
    expect(() => passwordReset({ ...good, secret: hidden })).not.toThrow(new RegExp(hidden));
  });

  it("warns of what is allowed, but weak", () => {
    const said = (options: object) => makeKit(options as any).log.lines.join("\n");
    expect(said({ lifetime: "7d" })).toMatch(/warn: lifetime is above 24 hours.*set it to "24h" or less/);
    expect(said({ store: { ...memoryStore(), queue: undefined } })).toMatch(
      /warn: The store has no queue.*pass a store with a queue/,
    );
    expect(said({ revealUnknown: true })).toMatch(/warn: revealUnknown/);
    expect(said({ secret: "the quick brown fox jumps over a lazy dog" })).toMatch(
      /warn: secret is made of words, which can be guessed\..*npx resetkit secret/,
    );
    expect(said({})).toBe("");
  });

  it.each(["production", "development", ""])(
    "says that deliver has no dry run, with NODE_ENV %j",
    (environment) => {
      const said = (deliver: object) => makeKit({ deliver } as any).log.lines.join("\n");
      vi.stubEnv("NODE_ENV", environment);
      const store = { ...memoryStore(), ephemeral: false };
      const { lines } = makeKit({ store, deliver: () => undefined }).log;
      expect(lines).toEqual([expect.stringMatching(/^info: deliver has no dryRun.*Add a deliver\.dryRun/)]);
      expect(said(Object.assign(() => undefined, { dryRun: () => undefined }))).not.toContain("dryRun");
      vi.stubEnv("NODE_ENV", "test");
      expect(said(() => undefined)).toBe("");
      vi.unstubAllEnvs();
    },
  );

  it.each(["AWS_LAMBDA_FUNCTION_NAME", "VERCEL", "NETLIFY", "K_SERVICE"])(
    "warns of a worker inside a process that is frozen after each response: %s",
    (variable) => {
      vi.stubEnv(variable, "1");
      const told = (worker: "inside" | "outside" | "waitUntil" | object) =>
        makeKit({ worker }).log.lines.join();
      for (const inside of ["inside", {}] as const)
        expect(told(inside)).toMatch(`${variable} is set, so this process is frozen`);
      expect(told("outside") + told("waitUntil") + told({ mode: "outside" })).toBe("");
      vi.unstubAllEnvs();
    },
  );

  it("refuses a lifetime in what must be meant as seconds", () => {
    expect(() => passwordReset({ ...good, lifetime: 3600 })).toThrow(
      'lifetime is 3600, and a number is in milliseconds. Write a unit, such as "1h" or "3600s".',
    );
    expect(() => passwordReset({ ...good, lifetime: 3_600_000 })).not.toThrow();
    expect(() => passwordReset({ ...good, lifetime: "30s" })).not.toThrow();
  });

  it.each([
    "http://192.168.1.20:3000",
    "http://10.0.0.5",
    "http://172.20.0.2",
    "http://web:5173",
    "http://app.local",
  ])("takes %s outside production, with a warning", (origin) => {
    expect(makeKit({ url: `${origin}/{token}` }).log.lines.join()).toMatch(/url starts with http:/);
    vi.stubEnv("NODE_ENV", "production");
    expect(() => passwordReset({ ...good, url: `${origin}/{token}` })).toThrow("Use https.");
    vi.unstubAllEnvs();
  });

  it.each([
    "http://172.15.0.1",
    "http://172.32.0.1",
    "http://192.169.1.1",
    "http://app.example.com",
    "http://8.8.8.8",
  ])("never takes %s", (origin) =>
    expect(() => passwordReset({ ...good, url: `${origin}/{token}` })).toThrow("Use https."),
  );

  it("warns of memoryStore() in production", () => {
    const before = process.env["NODE_ENV"];
    process.env["NODE_ENV"] = "production";
    try {
      expect(makeKit().log.lines.join()).toMatch(/memoryStore\(\) forgets everything.*use sqlStore/);
    } finally {
      process.env["NODE_ENV"] = before;
    }
  });
});

describe("on Workers", () => {
  it("the worker inside is refused, as the default too, since it would never send a mail", () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const sentence = /worker is "inside", which never sends an email here.*Set worker: "waitUntil"\.$/;
    expect(() => passwordReset(good)).toThrow(sentence);
    expect(() => passwordReset({ ...good, worker: "inside" })).toThrow(sentence);
    expect(() => passwordReset({ ...good, worker: "waitUntil" })).not.toThrow();
    expect(() => passwordReset({ ...good, worker: "outside" })).not.toThrow();
    vi.unstubAllGlobals();
  });
});
