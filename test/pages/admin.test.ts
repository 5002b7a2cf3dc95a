import { describe, expect, it } from "vitest";
import { betterSqlite3 } from "../../src/connections/better-sqlite3.js";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/operations.js";
import { adminPages } from "../../src/pages/admin.js";
import type { AdminPagesOptions } from "../../src/pages/admin.js";
import { memoryStore } from "../../src/stores/memory.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { AdminAction, Handler, ResetOptions } from "../../src/types.js";
import Database from "better-sqlite3";
import { makeKit, people, type Kit, type Person } from "../kit.js";
import { browse, site, type Answer } from "./browse.js";

interface Scene extends Kit {
  readonly handler: Handler;
  readonly admin: ReturnType<typeof browse>;
  readonly acts: AdminAction[];
}

function scene(
  engine: Partial<ResetOptions<Person>> = {},
  pages: Partial<AdminPagesOptions> = {},
  accounts = people("ada@example.com", "grace@example.com"),
): Scene {
  const kit = makeKit(engine, accounts);
  const acts: AdminAction[] = [];
  kit.reset.on("adminAction", (act) => void acts.push(act));
  const handler = adminPages(kit.reset, { authorize: () => true, baseUrl: site, log: kit.log, ...pages });
  return { ...kit, handler, admin: browse(handler), acts };
}

const textOf = ({ page }: Answer) => page.querySelector("main")!.structuredText;
const hrefs = ({ page }: Answer) => page.querySelectorAll("main a").map((a) => a.getAttribute("href")!);

/** Sends the form that posts to a path, with its hidden fields. */
async function press({ admin }: Scene, from: Answer, path: string, fields: Record<string, string> = {}) {
  const form = from.page.querySelectorAll("form").find((one) => one.getAttribute("action")!.endsWith(path));
  if (!form) throw new Error(`There's no form for ${path} in: ${textOf(from)}`);
  const hidden = form
    .querySelectorAll("input")
    .map((input) => [input.getAttribute("name")!, input.getAttribute("value") ?? ""]);
  const answer = await admin.post(form.getAttribute("action")!, { ...Object.fromEntries(hidden), ...fields });
  return answer.location ? admin.get(answer.location) : answer;
}

const accountOf = async (one: Scene, account: string, more = {}) =>
  press(one, await one.admin.get("/admin"), "/search", { account, ...more });

describe("adminPages()", () => {
  it("refuses to start without authorize, in a sentence with the fix", () => {
    const { reset } = makeKit();
    expect(() => adminPages(reset, {} as AdminPagesOptions)).toThrow(
      "authorize is missing: pass a function of the request that returns true for an administrator",
    );
    expect(() => adminPages(reset, { authorize: true } as never)).toThrow("authorize must be a function");
    expect(() => adminPages(reset, { authorise: () => true } as never)).toThrow('Did you mean "authorize"?');
    expect(() => adminPages({ ...reset }, { authorize: () => true })).toThrow("passwordReset() returned");
    expect(() => adminPages(reset, { authorize: () => true, baseUrl: "http://example.com" })).toThrow(
      "baseUrl is",
    );
  });

  it.each([
    ["false", () => false],
    ["nothing", () => undefined],
    ["a truthy text", () => "yes"],
    ["an error", () => Promise.reject(new Error("no session"))],
    ["a name that is no text", () => ({ name: 7 })],
    ["a whole user", () => ({ id: 1, email: "ada@example.com", name: "Ada" })],
  ])("answers %s from authorize like a page that isn't there", async (_what, authorize) => {
    const { handler, reset, admin } = scene({}, { authorize: authorize as never });
    const missing = await handler(new Request(`${site}/nothing`));
    const body = await missing.text();
    for (const path of ["/admin", "/admin/queue", "/admin/account?user=n%3A1"]) {
      const answer = await admin.get(path);
      expect([answer.status, answer.text]).toEqual([404, body]);
      expect(
        await handler.plain({
          method: "GET",
          path: path.split("?")[0]!,
          query: "",
          header: () => undefined,
          body: () => ({ kind: "bytes", bytes: new Uint8Array() }),
        }),
      ).toBeNull();
    }
    expect(body).not.toMatch(/admin|reset|queue/i);
    expect((await admin.post("/admin/revoke", { user: "n:1" })).status).toBe(404);
    await reset.close();
  });

  it("asks authorize with the framework's own request", async () => {
    const seen: unknown[] = [];
    const { handler } = scene({}, { authorize: (request) => seen.push(request) > 0 });
    const request = new Request(`${site}/admin`);
    expect((await handler(request)).status).toBe(200);
    expect(seen).toEqual([request]);
  });

  it("stands where baseUrl says, or where an adapter mounts it", async () => {
    const { reset } = makeKit();
    const base = (path: string) => `${site}${path}`;
    const links = async (options: object, path: string, mountedAt = "") => {
      const pages = adminPages(reset, { authorize: () => true, ...options });
      const request = {
        method: "GET",
        path,
        query: "",
        header: () => undefined,
        body: () => ({ kind: "bytes", bytes: new Uint8Array() }) as const,
      };
      const answer = await pages.plain(request, {}, mountedAt);
      return answer && /action="([^"]+)"/.exec(answer.body)?.[1];
    };
    expect(await links({}, "/admin")).toBe("/admin/search");
    expect(await links({}, "/admin/")).toBe("/admin/search");
    expect(await links({}, "/")).toBeNull();
    expect(await links({}, "/admin/else")).toBeNull();
    expect(await links({}, "/ops/resets", "/ops/resets")).toBe("/ops/resets/search");
    expect(await links({}, "/ops/admin", "/ops")).toBe("/ops/admin/search");
    expect(await links({ baseUrl: base("/staff/resets") }, "/staff/resets")).toBe("/staff/resets/search");
    expect(await links({ baseUrl: base("/staff/resets") }, "/resets", "/resets")).toBe(
      "/staff/resets/search",
    );
    expect(await links({}, "//evil.example/admin", "//evil.example")).toBeNull();
  });

  it("has the headers of all pages", async () => {
    const { headers } = await scene().admin.get("/admin");
    expect(headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("refuses methods that a page doesn't have", async () => {
    const { admin } = scene();
    const put = await admin.send("PUT", "/admin", {});
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const get = await admin.get("/admin/revoke");
    expect([get.status, get.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await admin.send("HEAD", "/admin", {})).text).toBe("");
  });
});

describe("the list of links", () => {
  it("has account, times, network and browser, and no token", async () => {
    const one = scene();
    await one.reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7", userAgent: "Firefox/<b>" });
    await one.reset.drain();
    const answer = await one.admin.get("/admin");
    const text = textOf(answer);
    expect(text).toContain("ada@example.com");
    expect(text).toContain("2026-01-15 12:00 UTC");
    expect(text).toContain("2026-01-16 12:00 UTC");
    expect(text).toContain("192.0.2.7");
    expect(text).toContain("Firefox");
    // In full, and escaped, on the account's page.
    const account = await one.admin.get("/admin/account?user=n%3A1");
    expect(account.text).toContain("Firefox/&lt;b&gt;");
    expect(text).toContain("Accepted by the mail server");
    const { token } = one.mails.at(-1) as { token: string };
    expect(answer.text).not.toContain(token);
    expect(answer.text).not.toContain("/reset-password/");
  });

  it("is empty, and leaves out what has expired", async () => {
    const one = scene();
    expect(textOf(await one.admin.get("/admin"))).toContain("No reset link is valid now.");
    await one.ask("ada@example.com");
    one.clock.now += 86_400_001;
    expect(textOf(await one.admin.get("/admin"))).toContain("No reset link is valid now.");
  });

  it("comes in pages, newest first", async () => {
    const emails = Array.from({ length: 45 }, (_, index) => `user${index}@example.com`);
    const one = scene({}, {}, people(...emails));
    for (const email of emails) {
      await one.ask(email);
      one.clock.now += 1_000;
    }
    const pages = [];
    let answer = await one.admin.get("/admin");
    for (;;) {
      pages.push([...textOf(answer).matchAll(/user\d+@example\.com/g)].map(([email]) => email));
      const older = answer.page.querySelectorAll(".pages a").find((a) => a.text === "Older");
      if (!older) break;
      answer = await one.admin.get(older.getAttribute("href")!);
    }
    expect(pages.map(({ length }) => length)).toEqual([20, 20, 5]);
    expect(pages.flat()).toEqual(emails.reverse());
    expect(textOf(answer)).toContain("Page 3 of 3");
    for (const page of ["0", "-1", "9999999", "NaN", "1e9", "2.5"]) {
      expect((await one.admin.get(`/admin?page=${page}`)).status).toBe(200);
    }
  });

  it("names an account that is gone by its id, and the others all the same", async () => {
    const one = scene();
    await one.ask("ada@example.com");
    await one.ask("grace@example.com");
    one.byId.delete(1);
    const text = textOf(await one.admin.get("/admin"));
    expect(text).toContain("The account is gone, or can't be read.");
    expect(text).toContain("grace@example.com");
    expect((await one.admin.get("/admin/account?user=n%3A1")).status).toBe(404);
  });

  it("says that signed links aren't stored, instead of an empty list", async () => {
    const one = scene({ tokens: signedTokens(), store: undefined } as never);
    await one.ask("ada@example.com");
    expect(textOf(await one.admin.get("/admin"))).toContain("are signed and aren't stored");
    const account = await accountOf(one, "ada@example.com");
    expect(textOf(account)).toContain("are signed and aren't stored");
    expect(textOf(await one.admin.get("/admin/queue"))).toContain("in the memory of this process");
  });

  it("says so, too, where only some are signed; revoking then names what it couldn't do", async () => {
    const one = scene({ tokens: [storedTokens(), signedTokens()] });
    await one.ask("ada@example.com");
    expect(textOf(await one.admin.get("/admin"))).toContain("Signed links aren't stored");
    const after = await press(one, await accountOf(one, "ada@example.com"), "/revoke");
    expect(textOf(after)).toContain("Signed links can't be revoked.");
    expect(textOf(after)).toContain("0 valid links");
  });
});

describe("the search", () => {
  it.each(["ada@example.com", " ADA@example.com ", "1"])("finds an account by %j", async (typed) => {
    const one = scene();
    const answer = await accountOf(one, typed);
    expect(answer.page.querySelector("h1")!.text).toBe("ada@example.com");
    expect(textOf(answer)).toContain("0 valid links");
  });

  it("keeps what was typed out of every URL", async () => {
    const one = scene();
    const before = await one.admin.get("/admin");
    const token = before.page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const answer = await one.admin.post("/admin/search", { form_token: token, account: "ada@example.com" });
    expect(answer.location).toBe("/admin/account?user=n%3A1");
  });

  it("says that no account matches, and that nothing was typed", async () => {
    const one = scene();
    const none = await accountOf(one, "eve@example.com");
    expect(none.page.querySelector("[role=alert]")!.text.trim()).toBe("No account matches.");
    const blank = await accountOf(one, "  ");
    expect([blank.status, blank.page.querySelector("[role=alert]")!.text.trim()]).toEqual([
      400,
      "Enter what to search for.",
    ]);
  });

  it("lists several accounts behind one identifier", async () => {
    const accounts = people("ada@example.com", "ADA@example.com");
    const answer = await accountOf(scene({}, {}, accounts), "ada@example.com");
    expect(answer.page.querySelector("h1")!.text).toBe("More than one account matches.");
    expect(hrefs(answer)).toContain("/admin/account?user=n%3A2");
  });

  it("works for ids of every type", async () => {
    for (const id of ["7f1c", "9007199254740993", "00ff00ff00ff00ff00ff00ff"]) {
      const accounts = people("ada@example.com");
      const ada = { ...accounts.byId.get(1)!, id: id as never };
      accounts.users.findById = (asked) => (asked === id ? ada : null);
      const answer = await accountOf(scene({}, {}, accounts), id);
      expect(answer.page.querySelector("h1")!.text).toBe("ada@example.com");
    }
  });
});

describe("an act", () => {
  it("sends a reset link, with an event that names the administrator", async () => {
    const one = scene({}, { authorize: () => ({ name: "olga" }) });
    const after = await press(one, await accountOf(one, "ada@example.com"), "/send");
    expect(textOf(after)).toContain("A reset link is in the queue.");
    await one.reset.drain();
    expect(one.mails.map(({ kind, address }) => [kind, address])).toEqual([["reset", "ada@example.com"]]);
    // The administrator's own network would frighten the user.
    expect((one.mails[0] as { request: object }).request).toEqual({});
    expect(one.acts).toEqual([
      {
        action: "issue",
        by: "olga",
        userId: 1,
        request: { ip: "192.0.2.1", userAgent: undefined, data: undefined },
      },
    ]);
    expect(textOf(await one.admin.get(`/admin/account?user=n%3A1`))).toContain("Sent by your team");
  });

  it("isn't offered for an account that may not be reset, and is refused", async () => {
    const one = scene();
    const form = await accountOf(one, "ada@example.com");
    one.byId.get(1)!.active = false;
    expect(textOf(await press(one, form, "/send"))).toContain("No reset link was sent");
    expect(one.acts).toEqual([]);
    const again = await one.admin.get("/admin/account?user=n%3A1");
    expect(textOf(again)).toContain("can't reset its password");
    expect(again.page.querySelectorAll("form")).toHaveLength(0);
  });

  it("revokes all links of an account, and of no other", async () => {
    const one = scene();
    const [ada, grace] = [await one.ask("ada@example.com"), await one.ask("grace@example.com")];
    const after = await press(one, await accountOf(one, "ada@example.com"), "/revoke");
    expect(textOf(after)).toContain("All reset links of this account were revoked.");
    expect(await one.reset.validate({ token: ada.token })).toBe(false);
    expect(await one.reset.validate({ token: grace.token })).toBe(true);
    expect(one.acts).toMatchObject([{ action: "revoke", userId: 1, by: undefined }]);
  });

  it("needs the form of this browser, on this site", async () => {
    const one = scene();
    const { token } = await one.ask("ada@example.com");
    const page = await accountOf(one, "ada@example.com");
    const form = page.page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const fields = { user: "n:1", scope: "", form_token: form };
    const foreign = browse(one.handler);
    const attempts = [
      await one.admin.post("/admin/revoke", { ...fields, form_token: "" }),
      await one.admin.post("/admin/revoke", { ...fields, form_token: `${form.slice(1)}A` }),
      await one.admin.post("/admin/revoke", fields, { "sec-fetch-site": "cross-site" }),
      await one.admin.post("/admin/revoke", fields, { origin: "https://evil.example" }),
      await foreign.post("/admin/revoke", fields),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(await one.reset.validate({ token })).toBe(true);
    expect(
      (await one.admin.send("POST", "/admin/revoke", { "content-type": "application/json" }, "{}")).status,
    ).toBe(415);
    expect(one.acts).toEqual([]);
    // The control: the same fields from this browser.
    expect((await one.admin.post("/admin/revoke", fields)).status).toBe(303);
    expect(await one.reset.validate({ token })).toBe(false);
  });

  it("takes nothing from a URL but one of its own outcomes, and no id that isn't one", async () => {
    const one = scene();
    const answer = await one.admin.get("/admin/account?user=n%3A1&done=<script>");
    expect(answer.page.querySelector("[role=status]")).toBeNull();
    for (const user of ["", "1", "n:abc", "z:1", "n:1'", "s:a\0b", `s:${"x".repeat(2_000)}`, "o:zz", "b:"]) {
      const { status } = await one.admin.get(`/admin/account?user=${encodeURIComponent(user)}`);
      expect([user.slice(0, 9), status]).toEqual([user.slice(0, 9), 404]);
    }
  });

  it("of an outage says that it may pass, and the log has the cause", async () => {
    const one = scene();
    const store = memoryStore();
    const broken = scene({
      store: {
        ...store,
        tokens: { ...store.tokens, list: () => Promise.reject(new Error("ECONNREFUSED ada@example.com")) },
      },
    });
    const answer = await broken.admin.get("/admin");
    expect(answer.status).toBe(503);
    expect(textOf(answer)).toContain("try again in a moment");
    expect(broken.log.lines.join("\n")).toContain(
      "An administrator's page failed: Error: ECONNREFUSED [address]",
    );
    await one.reset.close();
  });
});

describe("the queue", () => {
  it("shows age, attempts and the last failure of each entry, and drops one", async () => {
    const one = scene({ deliver: () => Promise.reject(new Error("421 mail server is full")) });
    await one.reset.issueFor((await one.users.findById(1, {})) as Person);
    await one.reset.drain();
    one.clock.now += 8 * 60_000;
    const first = await one.admin.get("/admin");
    expect(textOf(first)).toContain("1 entry is waiting for a worker. The oldest was added 8 minutes ago.");
    const queue = await one.admin.get("/admin/queue");
    expect(textOf(queue)).toContain("Reset link that your app sends");
    expect(textOf(queue)).toContain("8 minutes ago");
    expect(textOf(queue)).toContain("421 mail server is full");
    expect(queue.text).not.toContain("ada@example.com");
    const confirm = await one.admin.get(hrefs(queue).find((href) => href.includes("/queue/drop"))!);
    expect(textOf(confirm)).toContain("The account gets no email.");
    const after = await press(one, confirm, "/queue/drop");
    expect(textOf(after)).toContain("The entry was dropped.");
    expect(textOf(after)).toContain("The queue is empty.");
    expect(one.acts).toMatchObject([
      { action: "drop", kind: "issue", entryId: expect.stringMatching(/^[\da-f]{32}$/) },
    ]);
    expect((await press(one, confirm, "/queue/drop")).status).toBe(404);
  });

  it("comes in pages", async () => {
    const one = scene(
      {},
      {},
      people(...Array.from({ length: 30 }, (_, index) => `user${index}@example.com`)),
    );
    for (let index = 0; index < 30; index++) {
      await one.reset.request({ identifier: `user${index}@example.com` });
      one.clock.now += 1_000;
    }
    const first = await one.admin.get("/admin/queue");
    expect(first.page.querySelectorAll(".rows li")).toHaveLength(20);
    const next = first.page.querySelectorAll(".pages a").find((a) => a.text === "Next page")!;
    const second = await one.admin.get(next.getAttribute("href")!);
    expect(second.page.querySelectorAll(".rows li")).toHaveLength(10);
    expect((await one.admin.get("/admin/queue?after=%27%3B")).status).toBe(200);
  });

  it("neither drops an entry of another application nor hides it", async () => {
    const store = memoryStore();
    const other = makeKit({ store, secret: "another secret of the tests: 0123456789 abcdefghijklm" });
    await other.reset.request({ identifier: "ada@example.com" });
    const one = scene({ store });
    const queue = await one.admin.get("/admin/queue");
    expect(textOf(queue)).toContain("Encrypted with a secret that this app doesn't have.");
    expect(hrefs(queue).filter((href) => href.includes("drop"))).toEqual([]);
    const [entry] = await store.queue!.list({ limit: 1 });
    expect((await one.admin.get(`/admin/queue/drop?id=${entry!.id}`)).status).toBe(404);
  });
});

describe("with tenants", () => {
  const tenants = () => {
    const accounts = people("ada@example.com");
    const { findByIdentifier, findById } = accounts.users;
    accounts.users.findByIdentifier = (text, { scope }) => (scope ? findByIdentifier(text, { scope }) : null);
    accounts.users.findById = (id, { scope }) => (scope ? findById(id, { scope }) : null);
    return accounts;
  };
  const ask = async (one: Scene, scope: string) => {
    await one.reset.request({ identifier: "ada@example.com" }, { scope });
    await one.reset.drain();
  };

  it("lists the links of all, with their tenant, and searches in one", async () => {
    const one = scene({}, {}, tenants());
    await ask(one, "acme");
    await ask(one, "globex");
    const text = textOf(await one.admin.get("/admin"));
    expect(text).toContain("Tenant: acme");
    expect(text).toContain("Tenant: globex");
    const form = await one.admin.get("/admin?tenants");
    const found = await press(one, form, "/search", { account: "ada@example.com", scope: "acme" });
    expect(textOf(found)).toContain("1 valid link");
    expect(
      textOf(await press(one, form, "/search", { account: "ada@example.com", scope: "other" })),
    ).toContain("valid links");
  });

  it("keeps an administrator of one tenant in it", async () => {
    const one = scene({}, { authorize: () => ({ name: "olga", scope: "acme" }) }, tenants());
    await ask(one, "globex");
    expect(textOf(await one.admin.get("/admin"))).toContain("No reset link is valid now.");
    await ask(one, "acme");
    const home = await one.admin.get("/admin");
    expect(textOf(home)).not.toContain("globex");
    expect(hrefs(home)).not.toContain("/admin/queue");
    expect((await one.admin.get("/admin/queue")).status).toBe(404);
    expect((await one.admin.get("/admin/queue/drop?id=00000000000000000000000000000000")).status).toBe(404);
    const account = await one.admin.get("/admin/account?user=n%3A1&scope=globex");
    expect(textOf(account)).toContain("acme");
    const after = await press(one, account, "/revoke", { scope: "globex" });
    expect(textOf(after)).toContain("0 valid links");
    const store = await one.reset.inspect(
      { token: (one.mails[0] as { token: string }).token },
      { scope: "globex" },
    );
    expect(store).not.toBeNull();
  });
});

describe("in German", () => {
  it("says all of it, and formats times in words", async () => {
    const kit = scene();
    await kit.reset.request({ identifier: "ada@example.com" });
    kit.clock.now += 180_000;
    const german = browse(kit.handler, { "accept-language": "de-AT,de;q=0.9" });
    const answer = await german.get("/admin");
    expect(answer.page.querySelector("html")!.getAttribute("lang")).toBe("de");
    expect(textOf(answer)).toContain("1 Eintrag wartet auf einen Worker. Der älteste ist 3 Minuten alt.");
    const french = browse(kit.handler, { "accept-language": "fr" });
    expect((await french.get("/admin")).page.querySelector("html")!.getAttribute("lang")).toBe("en");
  });
});

describe("on a store in SQL", () => {
  it("reads, revokes and drops all the same", async () => {
    const db = new Database(":memory:");
    const connection = betterSqlite3(db);
    await migrate(connection);
    const one = scene({ store: sqlStore(connection) });
    const { token } = await one.ask("ada@example.com");
    expect(textOf(await one.admin.get("/admin"))).toContain("ada@example.com");
    await press(one, await accountOf(one, "1"), "/revoke");
    expect(await one.reset.validate({ token })).toBe(false);
    await one.reset.request({ identifier: "ada@example.com" });
    const queue = await one.admin.get("/admin/queue");
    const confirm = await one.admin.get(hrefs(queue).find((href) => href.includes("/queue/drop"))!);
    await press(one, confirm, "/queue/drop");
    expect(await sqlStore(connection).queue!.list({ limit: 9 })).toEqual([]);
    expect(one.acts.map(({ action }) => action)).toEqual(["revoke", "drop"]);
    db.close();
  });
});
