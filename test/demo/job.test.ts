import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DemoProcess, startDemo, temporaryFolder, until } from "./process.js";
import { firstPassword, linkIn, tokenIn, visitor, type Visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;
let me: Visitor;

beforeAll(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, { THROTTLE: "off" });
  me = visitor(demo.url);
});

afterAll(async () => {
  await demo.stop();
  await folder.remove();
});

describe("somebody who forgot the password", () => {
  const email = "ada@example.com";
  const password = "thunder marmalade quay";
  let token: string;
  let session: string;

  it("was logged in before", async () => {
    const answer = await me.logIn(email, firstPassword);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "OK" });
    session = answer.headers.get("set-cookie")!.split(";")[0]!;
    expect(await home(session)).toContain(`You're signed in as <strong>${email}</strong>`);
  });

  it("asks, and finds a mail with a link in the inbox", async () => {
    const answer = await me.ask(email);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "OK" });
    const [mail] = await me.resetMails(email);
    expect(Object.keys(mail!)).toEqual(["to", "subject", "text", "html", "date"]);
    expect(mail!.to).toBe(email);
    expect(Math.abs(Date.parse(mail!.date) - Date.now())).toBeLessThan(60_000);
    expect(linkIn(mail!)).toMatch(new RegExp(`^${demo.url}/reset-password/[A-Za-z0-9_-]{43}$`));
    expect(mail!.html).toContain(linkIn(mail!));
    token = tokenIn(mail!);
  });

  it("may try a password that is refused, and keeps the link", async () => {
    const answer = await me.confirm(token, "password");
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ password: [expect.any(String)] });
    expect((await me.validate(token)).status).toBe(200);
  });

  it("chooses a new password, and logs in with it", async () => {
    const answer = await me.confirm(token, password);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ status: "OK" });
    expect((await me.logIn(email, password)).status).toBe(200);
  });

  it("finds the old password refused, the link used up, and the old session ended", async () => {
    const refused = await me.logIn(email, firstPassword);
    expect(refused.status).toBe(401);
    expect((await me.confirm(token, "another fine password")).status).toBe(404);
    expect((await me.validate(token)).status).toBe(404);
    expect(await home(session)).toContain("You aren't signed in.");
  });

  it("is told that the password was changed, in the newest mail", async () => {
    const mails = await until("the second mail", async () => {
      const all = await me.inbox();
      return all.length === 2 ? all : undefined;
    });
    expect(mails[0]!.to).toBe(email);
    expect(linkIn(mails[0]!)).toBeUndefined();
    expect(linkIn(mails[1]!)).toBeDefined();
    expect(mails[0]!.date >= mails[1]!.date).toBe(true);
  });

  it("leaves no trace of address, password or token in the log", () => {
    for (const secret of [email, password, firstPassword, token, session.split("=")[1]!]) {
      expect(demo.output()).not.toContain(secret);
    }
    expect(demo.output()).toContain('"message":"started"');
  });

  const home = async (cookie: string) => (await fetch(demo.url, { headers: { cookie } })).text();
});

describe("somebody who cannot be helped", () => {
  it("gets the same answer as everybody, and no mail", async () => {
    const before = (await me.inbox()).length;
    const answers = [];
    for (const email of ["linus@example.com", "sso@example.com", "nobody@example.com", "grace@example.com"]) {
      const answer = await me.ask(email);
      const { date: _, ...headers } = Object.fromEntries(answer.headers);
      answers.push({ status: answer.status, headers, body: await answer.text() });
    }
    for (const answer of answers) expect(answer).toEqual(answers[3]);
    // Grace asked last, so by the time of her mail the others have been dealt with as well.
    await me.resetMails("grace@example.com");
    const mails = await me.inbox();
    expect(mails.length - before).toBe(1);
    expect(mails[0]!.to).toBe("grace@example.com");
  });

  it.each(["linus@example.com", "sso@example.com", "nobody@example.com"])(
    "cannot log in as %s",
    async (email) => {
      const answer = await me.logIn(email, firstPassword);
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ detail: "Incorrect email or password." });
    },
  );
});

describe("the log-in", () => {
  const send = (type: string, body: string) =>
    fetch(`${demo.url}/login`, { method: "POST", headers: { "content-type": type }, body });

  it("reads forms, and answers a browser with a page", async () => {
    const form = `email=${encodeURIComponent("Grace@Example.com")}&password=${encodeURIComponent(firstPassword)}`;
    const type = "application/x-www-form-urlencoded";
    expect(await (await send(type, form)).json()).toEqual({ status: "OK" });
    const page = await fetch(`${demo.url}/login`, {
      method: "POST",
      headers: { "content-type": type, accept: "text/html" },
      body: form,
    });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("You're signed in as <strong>grace@example.com</strong>");
  });

  it.each([
    ["text/plain", "{}", 415],
    ["application/json", "{", 400],
    ["application/json", "null", 400],
    ["application/json", '{"email":["ada@example.com"],"password":{}}', 400],
    ["application/json", '{"email":"ada@example.com"}', 400],
    ["application/json", JSON.stringify({ email: "a", password: "x".repeat(10_000) }), 413],
    ["application/x-www-form-urlencoded", "email=&password=", 400],
    ["application/x-www-form-urlencoded", "email=a&password=%00", 401],
  ])("refuses %s %.20s… with %i", async (type, body, status) => {
    expect((await send(type, body)).status).toBe(status);
  });

  it("refuses forms of other sites", async () => {
    const answer = await fetch(`${demo.url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "cross-site" },
      body: JSON.stringify({ email: "grace@example.com", password: firstPassword }),
    });
    expect(answer.status).toBe(403);
  });

  it("escapes what it shows again", async () => {
    const answer = await fetch(`${demo.url}/login`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "text/html" },
      body: JSON.stringify({ email: '"><script>alert(1)</script>', password: "x" }),
    });
    expect(answer.status).toBe(401);
    expect(await answer.text()).not.toContain("<script");
  });
});

describe("every page", () => {
  it.each(["/", "/login", "/inbox", "/forgot-password"])(
    "is there at %s, allows no script from elsewhere, and answers HEAD without a body",
    async (path) => {
      const page = await fetch(demo.url + path);
      expect(page.status).toBe(200);
      expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      const head = await fetch(demo.url + path, { method: "HEAD" });
      expect(head.status).toBe(200);
      expect(await head.text()).toBe("");
    },
  );

  it("has a 404 where nothing is, and a 405 that names the methods", async () => {
    for (const path of ["/nothing", "/inbox/nothing", "/__proto__", "/constructor", "/login/"]) {
      expect((await fetch(demo.url + path)).status).toBe(404);
    }
    const wrong = await fetch(`${demo.url}/login`, { method: "DELETE" });
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get("allow")).toBe("GET, HEAD, POST");
  });

  it("shows a mail's HTML in a frame that can run nothing", async () => {
    const [path] = /\/inbox\/[\w-]+/.exec(await (await fetch(`${demo.url}/inbox`)).text())!;
    const mail = await fetch(demo.url + path);
    expect(mail.status).toBe(200);
    const policy = mail.headers.get("content-security-policy");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("sandbox allow-top-navigation-by-user-activation");
    expect(policy).not.toContain("allow-scripts");
  });
});

describe("what lies in the folder", () => {
  it("is for its owner alone", async () => {
    const mode = async (name: string) => ((await stat(join(folder.path, name))).mode & 0o777).toString(8);
    expect(await mode("secret")).toBe("600");
    expect(await mode("inbox")).toBe("700");
    expect(await mode("demo.sqlite")).toBe("600");
    expect(await readFile(join(folder.path, "secret"), "utf8")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
