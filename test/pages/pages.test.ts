import { describe, expect, it } from "vitest";
import { ResetError } from "../../src/errors.js";
import { htmlPages } from "../../src/pages/pages.js";
import type { HttpRequest, Validator } from "../../src/types.js";
import { storedTokens } from "../../src/tokens/stored.js";
import { length } from "../../src/validators/length.js";
import { goodPassword, makeKit, people } from "../kit.js";
import { browse, site } from "./browse.js";

const refuseShort = (password: string) =>
  password.length < 8 ? { code: "too_short", params: { min: 8 }, message: "Too short." } : null;

function setUp(options: Parameters<typeof htmlPages>[1] = {}, engine: Parameters<typeof makeKit>[0] = {}) {
  const kit = makeKit(
    { validators: [refuseShort], ...engine },
    people("ada@example.com", "grace@example.com"),
  );
  const handler = htmlPages(kit.reset, { baseUrl: site, ...options });
  return { kit, handler, visitor: browse(handler) };
}

describe("the way through the pages", () => {
  it("leads from a forgotten password to a new one", async () => {
    const { kit, visitor } = setUp();
    const sent = await visitor.submit(await visitor.get("/forgot-password"), { email: "ada@example.com" });
    expect([sent.status, sent.location]).toEqual([303, "/forgot-password/sent"]);
    expect((await visitor.get(sent.location!)).page.querySelector("h1")!.text).toBe("Check your inbox");

    await kit.reset.drain();
    const [mail] = kit.mails;
    const form = await visitor.open((mail as { url: string }).url);
    expect(form.status).toBe(200);
    const done = await visitor.submit(form, { password: goodPassword, repeat: goodPassword });
    expect([done.status, done.location]).toEqual([303, "/reset-password/done"]);
    expect(kit.passwordOf(1)).toBe(goodPassword);

    const last = await visitor.get(done.location!);
    expect(last.page.querySelector("a.button")!.getAttribute("href")).toBe("/login");
  });

  it("answers a request alike for accounts that are there, are not, and may not", async () => {
    const { kit, handler } = setUp();
    kit.byId.get(2)!.active = false;
    const answers = await Promise.all(
      ["ada@example.com", "nobody@example.com", "grace@example.com"].map(async (email) => {
        const visitor = browse(handler);
        const { status, headers, text } = await visitor.submit(await visitor.get("/forgot-password"), {
          email,
        });
        return { status, headers: [...headers], text };
      }),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("shows the form again for something that is no address, with what was typed", async () => {
    const { visitor } = setUp();
    const again = await visitor.submit(await visitor.get("/forgot-password"), { email: "ada@" });
    const field = again.page.querySelector("#email")!;
    expect(again.status).toBe(400);
    expect(again.page.querySelector("title")!.text).toBe("Error: Forgot your password?");
    expect(field.getAttribute("value")).toBe("ada@");
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(field.hasAttribute("autofocus")).toBe(true);
    const alert = again.page.querySelector("[role=alert]")!;
    expect(alert.text.trim()).toBe("Enter a valid email address.");
    expect(field.getAttribute("aria-describedby")).toBe(alert.id);
    expect(again.text.indexOf(`id="${alert.id}"`)).toBeGreaterThan(again.text.indexOf('id="email"'));
  });

  it("takes user names where the format is text", async () => {
    const { kit, visitor } = setUp(
      { format: "text", field: "username", label: "Member name" },
      {
        users: {
          ...people("ada@example.com").users,
          findByIdentifier: () => null,
        },
      },
    );
    const form = await visitor.get("/forgot-password");
    expect(form.page.querySelector("label")!.text).toBe("Member name");
    expect(form.page.querySelector("#username")!.getAttribute("type")).toBe("text");
    expect((await visitor.submit(form, { username: "ada" })).status).toBe(303);
    expect((await visitor.submit(form, { username: " " })).status).toBe(400);
    await kit.reset.drain();
  });
});

describe("the link of the mail", () => {
  it("moves its token into a cookie that scripts, other sites and plain connections never see", async () => {
    const { handler } = setUp();
    const response = await handler(new Request(`${site}/reset-password/abc_DEF-123`));
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("/reset-password?from=link");
    expect(response.headers.getSetCookie()).toEqual([
      "__Host-resetkit=abc_DEF-123; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure",
    ]);
  });

  it("uses a plain cookie on http, which only the loopback may speak", async () => {
    const { kit } = setUp();
    const handler = htmlPages(kit.reset, { baseUrl: "http://127.0.0.1:3000" });
    const response = await handler(new Request("http://127.0.0.1:3000/reset-password/abc"));
    expect(response.headers.getSetCookie()).toEqual([
      "resetkit=abc; Path=/; Max-Age=900; HttpOnly; SameSite=Lax",
    ]);
    expect(response.headers.has("strict-transport-security")).toBe(false);
  });

  it("is looked up only when the form is shown", async () => {
    const { kit, visitor } = setUp();
    const mail = await kit.ask("ada@example.com");
    kit.calls.findById = 0;
    await visitor.get(new URL(mail.url).pathname);
    expect(kit.calls.findById).toBe(0);
    await visitor.get("/reset-password");
    expect(kit.calls.findById).toBe(1);
  });

  it("carries tokens with slashes and percent signs, and a slash at its end", async () => {
    const { handler } = setUp();
    const cookieOf = async (path: string) =>
      (await handler(new Request(site + path))).headers.getSetCookie()[0]!.split(";")[0];
    expect(await cookieOf("/reset-password/MQ/c4x-5f")).toBe("__Host-resetkit=MQ%2Fc4x-5f");
    expect(await cookieOf("/reset-password/MQ%2Fc4x-5f/")).toBe("__Host-resetkit=MQ%2Fc4x-5f");
  });

  it.each(["%20", "%0D%0A", ">", ".", ")", ",", ".)", "%22", "%E2%80%8B", "%3E.%20", "'", "]"])(
    "works with %s after it",
    async (rest) => {
      const { kit, visitor } = setUp();
      const { url } = await kit.ask("ada@example.com");
      const form = await visitor.open(url + rest);
      expect((await visitor.submit(form, { password: goodPassword, repeat: goodPassword })).location).toBe(
        "/reset-password/done",
      );
    },
  );

  it.each(["%0D%0A", "%20", "%C2%AD"])("works with %s inside", async (gap) => {
    const { kit, visitor } = setUp();
    const { pathname } = new URL((await kit.ask("ada@example.com")).url);
    const opened = await visitor.get(pathname.slice(0, 30) + gap + pathname.slice(30));
    expect((await visitor.get(opened.location!)).status).toBe(200);
  });

  it("keeps a sign at its end that belongs to the token", async () => {
    const generator = { bits: 128, generate: () => "a-token-of-an-own-generator!" };
    const { kit, visitor } = setUp({}, { tokens: storedTokens({ generator }) });
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    expect((await visitor.submit(form, { password: goodPassword, repeat: goodPassword })).location).toBe(
      "/reset-password/done",
    );
  });

  it("sends no header of its own", async () => {
    const { handler } = setUp();
    const response = await handler(new Request(`${site}/reset-password/%0d%0aSet-Cookie:x=y`));
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-resetkit=Set-Cookie%3Ax%3Dy;/),
    ]);
  });

  it("is over where no token can be in it, and sets nothing", async () => {
    const { handler } = setUp();
    for (const written of ["%", "%ff", "a%00b", "%20", "%C3%A9", "a".repeat(513)]) {
      const response = await handler(new Request(`${site}/reset-password/${written}`));
      expect([written, response.status]).toEqual([written, 404]);
      expect(response.headers.getSetCookie()).toEqual([
        "__Host-resetkit=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
      ]);
    }
  });

  it("survives twenty openings by scanners of each kind", async () => {
    const { kit, handler, visitor } = setUp();
    const mail = await kit.ask("ada@example.com");
    const path = new URL(mail.url).pathname;
    for (let i = 0; i < 20; i++) {
      const scanner = browse(handler, { purpose: "prefetch", "sec-purpose": "prefetch" });
      expect((await scanner.send("HEAD", path, {})).status).toBe(303);
      expect((await scanner.open(mail.url)).status).toBe(200);
      expect((await scanner.send("HEAD", "/reset-password", {})).status).toBe(200);
    }
    const form = await visitor.open(mail.url);
    expect((await visitor.submit(form, { password: goodPassword, repeat: goodPassword })).status).toBe(303);
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("leaves no token in any page, header or address after the redirect", async () => {
    const { kit, visitor } = setUp();
    const mail = await kit.ask("ada@example.com");
    const answers = [await visitor.open(mail.url)];
    const [form] = answers as [(typeof answers)[0]];
    answers.push(await visitor.submit(form, { password: "short", repeat: "short" }));
    answers.push(await visitor.submit(form, { password: goodPassword, repeat: "other" }));
    answers.push(await visitor.submit(form, { password: goodPassword, repeat: goodPassword }));
    answers.push(await visitor.get("/reset-password/done"));
    for (const { text, headers } of answers) {
      expect(text + JSON.stringify([...headers])).not.toContain(mail.token);
    }
  });
});

describe("the form for the new password", () => {
  it("says whose it is without saying it all, and tells the password manager", async () => {
    const { kit, visitor } = setUp();
    const { page } = await visitor.open((await kit.ask("ada@example.com")).url);
    expect(page.querySelector(".account strong")!.text).toBe("a•••@example.com");
    const username = page.querySelector("[name=username]")!;
    expect(username.getAttribute("value")).toBe("ada@example.com");
    expect(username.getAttribute("autocomplete")).toBe("username");
    expect(username.hasAttribute("readonly") && username.hasAttribute("hidden")).toBe(true);
    const passwords = page.querySelectorAll("[type=password]");
    expect(passwords.map((field) => field.getAttribute("autocomplete"))).toEqual([
      "new-password",
      "new-password",
    ]);
    expect(page.querySelectorAll("script, [onpaste], [oncopy], [maxlength]")).toEqual([]);
  });

  it("shows what identifierOf gives, and nothing where that is nothing", async () => {
    const named = setUp({ identifierOf: () => "countess" });
    const shown = await named.visitor.open((await named.kit.ask("ada@example.com")).url);
    expect(shown.page.querySelector(".account strong")!.text).toBe("c•••");
    const nameless = setUp({ identifierOf: () => undefined });
    const bare = await nameless.visitor.open((await nameless.kit.ask("ada@example.com")).url);
    expect(bare.page.querySelectorAll(".account, [name=username]")).toEqual([]);
  });

  it("comes back with the reasons where a password is refused, and the link stays good", async () => {
    const { kit, visitor } = setUp();
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    const weak = await visitor.submit(form, { password: "short", repeat: "short" });
    expect(weak.status).toBe(400);
    expect(weak.page.querySelector("#password-errors")!.text.trim()).toBe("Use at least 8 characters.");
    expect(weak.page.querySelector("#password")!.getAttribute("aria-describedby")).toBe(
      "password-errors password-hint",
    );
    const differs = await visitor.submit(weak, { password: goodPassword, repeat: `${goodPassword} ` });
    expect(differs.status).toBe(400);
    expect(differs.page.querySelector("#repeat")!.hasAttribute("autofocus")).toBe(true);
    expect(differs.page.querySelector("#password")!.hasAttribute("autofocus")).toBe(false);
    const empty = await visitor.submit(differs, { password: "", repeat: "" });
    expect(empty.page.querySelector("#password-errors")!.text.trim()).toBe("Enter a new password.");
    for (const { text } of [weak, differs, empty]) expect(text).not.toContain(goodPassword);
    expect((await visitor.submit(empty, { password: goodPassword, repeat: goodPassword })).location).toBe(
      "/reset-password/done",
    );
  });

  it("refuses a null character, at which some hashes end", async () => {
    const { kit, visitor } = setUp();
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    const password = `${goodPassword}\0and more`;
    const refused = await visitor.submit(form, { password, repeat: password });
    expect(refused.page.querySelector("#password-errors")!.text.trim()).toBe(
      "This field can't contain null characters.",
    );
  });

  it("takes a password exactly as it was typed", async () => {
    const { kit, visitor } = setUp();
    const password = "  spaces, ümlauts & 100 % 😀+ ";
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    await visitor.submit(form, { password, repeat: password });
    expect(kit.passwordOf(1)).toBe(password);
  });

  it("speaks the language of the visitor", async () => {
    const { kit, handler } = setUp();
    const visitor = browse(handler, { "accept-language": "fr;q=0.3, de-AT" });
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    expect(form.page.querySelector("html")!.getAttribute("lang")).toBe("de");
    const weak = await visitor.submit(form, { password: "kurz", repeat: "kurz" });
    expect(weak.page.querySelector("#password-errors")!.text.trim()).toBe(
      "Verwenden Sie mindestens 8 Zeichen.",
    );
  });

  it("drops the cookies of the link when all is done, and logs nobody in", async () => {
    const { kit, visitor } = setUp();
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    const done = await visitor.submit(form, { password: goodPassword, repeat: goodPassword });
    expect(done.headers.getSetCookie()).toEqual([
      "__Host-resetkit=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
    ]);
    expect([...visitor.cookies.keys()]).toEqual(["__Host-resetkit-form"]);
  });

  it("gives one answer for links that are unknown, used, over, cut short or not there", async () => {
    const { kit, handler } = setUp();
    const used = await kit.ask("ada@example.com");
    const first = browse(handler);
    const form = await first.open(used.url);
    await first.submit(form, { password: goodPassword, repeat: goodPassword });
    const old = await kit.ask("grace@example.com");
    kit.clock.now += 86_400_000;

    const bodies = new Set<string>();
    for (const token of [used.token, old.token, old.token.slice(1), "unknown", undefined]) {
      const visitor = browse(handler);
      if (token !== undefined) await visitor.get(`/reset-password/${token}`);
      const { status, text } = await visitor.get("/reset-password");
      expect(status).toBe(404);
      bodies.add(text);
    }
    expect(bodies.size).toBe(1);
    expect([...bodies][0]).toContain('href="/forgot-password"');
    const late = await first.submit(form, { password: "another-Passw0rd", repeat: "another-Passw0rd" });
    expect(late.status).toBe(404);
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("lets one of two simultaneous posts win", async () => {
    const { kit, visitor } = setUp();
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    const answers = await Promise.all(
      ["first-Passw0rd", "second-Passw0rd"].map((password) =>
        visitor.submit(form, { password, repeat: password }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 404]);
  });
});

describe("where the pages are", () => {
  const ask = (over: Partial<HttpRequest> = {}): HttpRequest => ({
    method: "GET",
    path: "/forgot-password",
    query: "",
    header: () => undefined,
    body: () => ({ kind: "bytes", bytes: new Uint8Array() }),
    ...over,
  });

  it("answers its own paths, with and without a slash at their end, and no others", async () => {
    const { handler } = setUp({ ask: "/account/forgot", choose: "/account/reset" });
    for (const path of [
      "/account/forgot",
      "/account/forgot/",
      "/account/forgot/sent",
      "/account/reset/done",
    ]) {
      expect([path, (await handler.plain(ask({ path })))?.status]).toEqual([path, 200]);
    }
    for (const path of ["/", "/account", "/forgot-password", "/account/forgotten", "/account/forgot//"]) {
      expect([path, await handler.plain(ask({ path }))]).toEqual([path, null]);
    }
    expect((await handler(new Request(`${site}/`))).status).toBe(404);
  });

  it("writes its addresses below the path that it is mounted at", async () => {
    const { handler } = setUp();
    const form = await handler.plain(ask({ path: "/auth/forgot-password" }), {}, "/auth");
    expect(form!.body).toContain('action="/auth/forgot-password"');
    const moved = await handler.plain(ask({ path: "/auth/reset-password/abc" }), {}, "/auth");
    expect(moved!.headers["location"]).toBe("/auth/reset-password?from=link");
  });

  it("never redirects to another host, whatever a mount is said to be (CVE-2025-27143)", async () => {
    const { handler } = setUp();
    for (const mountedAt of ["//evil.example", "/\\evil.example", "https://evil.example"]) {
      const path = `${mountedAt}/reset-password/abc`;
      expect(await handler.plain(ask({ path }), {}, mountedAt)).toBeNull();
    }
    const doubled = await handler.plain(ask({ path: "/reset-password//evil.example" }));
    expect(doubled!.headers["location"]).toBe("/reset-password?from=link");
  });

  it("reads nothing of the query, and sends nobody where it says", async () => {
    const { visitor } = setUp();
    const form = await visitor.get("/forgot-password?next=//evil.example&email=mallory@example.com");
    expect(form.text).not.toMatch(/evil|mallory/);
  });

  it("leads password managers to the form", async () => {
    const { handler } = setUp();
    const wellKnown = await handler(new Request(`${site}/.well-known/change-password`));
    expect([wellKnown.status, wellKnown.headers.get("location")]).toEqual([303, "/forgot-password"]);
    const missing = "/.well-known/resource-that-should-not-exist-whose-status-code-should-not-be-200";
    expect((await handler(new Request(site + missing))).status).toBe(404);
    const without = setUp({ wellKnown: false }).handler;
    expect(await without.plain(ask({ path: "/.well-known/change-password" }))).toBeNull();
  });
});

describe("a step, success, waiting, and failure", () => {
  it("have an icon and a color each", async () => {
    const { visitor } = setUp();
    const iconOf = async (path: string) => {
      const { page } = await visitor.get(path);
      const icon = page.querySelector("svg")!;
      return { tone: icon.getAttribute("class"), shape: icon.innerHTML };
    };
    const icons = [
      await iconOf("/forgot-password"),
      await iconOf("/reset-password/done"),
      await iconOf("/forgot-password/sent"),
      await iconOf("/reset-password"),
    ];
    expect(icons.map(({ tone }) => tone)).toEqual(["icon", "icon good", "icon wait", "icon bad"]);
    expect(new Set(icons.map(({ shape }) => shape)).size).toBe(4);
  });
});

describe("a browser without cookies", () => {
  it("is told so when it opens a link, and not when it comes another way", async () => {
    const { kit, handler } = setUp();
    const { url } = await kit.ask("ada@example.com");
    const moved = await handler(new Request(`${site}${new URL(url).pathname}`));
    const blocked = await browse(handler).get(moved.headers.get("location")!);
    expect([blocked.status, blocked.page.querySelector("h1")!.text]).toEqual([
      400,
      "Turn on cookies to continue",
    ]);
    expect((await browse(handler).get("/reset-password")).status).toBe(404);
  });

  it.each(["/forgot-password", "/reset-password/code"])(
    "is told so when it sends the form at %s, with a button that leads back to it",
    async (path) => {
      const { visitor } = setUp({ codes: true });
      const form = await visitor.get(path);
      visitor.cookies.clear();
      const refused = await visitor.submit(form, { email: "ada@example.com", code: "12345678" });
      expect([refused.status, refused.page.querySelector("h1")!.text]).toEqual([
        403,
        "Turn on cookies to continue",
      ]);
      expect(refused.page.querySelector("a.button")!.getAttribute("href")).toBe(path);
    },
  );

  it("is told so when it sends a new password, and the link still works elsewhere", async () => {
    const { kit, visitor } = setUp();
    const { url } = await kit.ask("ada@example.com");
    const form = await visitor.open(url);
    visitor.cookies.clear();
    const both = { password: goodPassword, repeat: goodPassword };
    const refused = await visitor.submit(form, both);
    expect(refused.page.querySelector("h1")!.text).toBe("Turn on cookies to continue");
    expect((await visitor.submit(await visitor.open(url), both)).location).toBe("/reset-password/done");
  });

  it("isn't one whose form has expired: that link is over", async () => {
    const { kit, visitor } = setUp();
    const moved = await visitor.get(new URL((await kit.ask("ada@example.com")).url).pathname);
    expect((await visitor.get(moved.location!)).status).toBe(200);
    visitor.cookies.delete("__Host-resetkit");
    expect((await visitor.get(moved.location!)).status).toBe(404);
  });
});

describe("what users are told of the rules", () => {
  const hintOf = async (validators: readonly Validator[]) => {
    const { kit, visitor } = setUp({}, { validators });
    const { page } = await visitor.open((await kit.ask("ada@example.com")).url);
    return page.querySelector("#password-hint")!.text;
  };

  it("is the minimum length, before they choose a password", async () => {
    const hint = "A few unrelated words make a strong password that's easy to remember.";
    expect(await hintOf([length({ min: 12 })])).toBe(`At least 12 characters. ${hint}`);
    expect(await hintOf([() => null])).toBe(hint);
  });

  it("is that they were signed out, if they were", async () => {
    const textOf = async (users: Partial<ReturnType<typeof people>["users"]>) => {
      const accounts = people("ada@example.com");
      const { reset } = makeKit({ users: { ...accounts.users, ...users } });
      const visitor = browse(htmlPages(reset, { baseUrl: site }));
      return (await visitor.get("/reset-password/done")).page.text;
    };
    expect(await textOf({})).toContain("we signed you out on all devices");
    expect(await textOf({ revokeSessions: "none" })).not.toContain("signed you out");
  });
});

describe("what can go wrong", () => {
  it("says how long a throttled visitor should wait", async () => {
    const { visitor } = setUp({}, { throttles: { request: [{ by: "ip", max: 1, per: "24h" }] } });
    const form = await visitor.get("/forgot-password");
    expect((await visitor.submit(form, { email: "ada@example.com" })).status).toBe(303);
    const refused = await visitor.submit(form, { email: "nobody@example.com" });
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("86400");
    expect(refused.page.querySelector("main")!.text).toContain("Try again in 24 hours.");
  });

  it("asks the gate of the application, and shows it nothing but the identifier", async () => {
    const asked: unknown[] = [];
    const { kit, visitor } = setUp({
      gate: ({ stage, fields }) => {
        asked.push([stage, { ...fields }]);
        return stage !== "request";
      },
    });
    const refused = await visitor.submit(await visitor.get("/forgot-password"), { email: "ada@example.com" });
    expect(refused.status).toBe(403);
    const form = await visitor.open((await kit.ask("ada@example.com")).url);
    await visitor.submit(form, { password: goodPassword, repeat: goodPassword });
    expect(asked).toEqual([
      ["request", { email: "ada@example.com" }],
      ["confirm", {}],
    ]);
  });

  it("answers failures of its surroundings with a page, and logs them without addresses", async () => {
    const { kit } = setUp();
    const handler = htmlPages(kit.reset, {
      baseUrl: site,
      log: kit.log,
      context: () => {
        throw new Error("no tenant for ada@example.com");
      },
    });
    const response = await handler(new Request(`${site}/forgot-password`));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("tenant");
    expect(kit.log.lines.filter((line) => line.startsWith("error"))).toEqual([
      "error: A page failed: Error: no tenant for [address]",
    ]);
  });

  it("keeps token and password out of the log when something breaks", async () => {
    const { kit } = setUp();
    const mail = await kit.ask("ada@example.com");
    const reset = {
      ...kit.reset,
      confirm: (input: object) => Promise.reject(new TypeError(`bad value in ${JSON.stringify(input)}`)),
    };
    const visitor = browse(htmlPages(reset, { baseUrl: site, log: kit.log }));
    const form = await visitor.open(mail.url);
    expect((await visitor.submit(form, { password: goodPassword, repeat: goodPassword })).status).toBe(500);
    expect(kit.log.lines.at(-1)).toBe(
      'error: A page failed: TypeError: bad value in {"token":"[hidden]","password":"[hidden]"}',
    );
  });

  it("tells whether an account exists only with revealUnknown", async () => {
    const { kit } = setUp();
    const reset = { ...kit.reset, request: () => Promise.reject(new ResetError("unknown_account")) };
    const visitor = browse(htmlPages(reset, { baseUrl: site }));
    const told = await visitor.submit(await visitor.get("/forgot-password"), { email: "x@example.com" });
    expect(told.status).toBe(400);
    expect(told.page.querySelector("[role=alert]")!.text).toContain("couldn't find an account");
  });
});
