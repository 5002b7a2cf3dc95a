import { describe, expect, it } from "vitest";
import { htmlPages } from "../../src/pages/pages.js";
import { goodPassword, makeKit, people } from "../kit.js";
import { browse, site } from "./browse.js";

function setUp() {
  const kit = makeKit({ validators: [] }, people("ada@example.com", "mallory@example.com"));
  const handler = htmlPages(kit.reset, { baseUrl: site, codes: true });
  return { kit, handler, visitor: browse(handler) };
}

const email = "ada@example.com";
const both = { password: goodPassword, repeat: goodPassword };

describe("a form", () => {
  it.each([
    ["sent by the page of another site", { "sec-fetch-site": "cross-site" }],
    ["sent by a sibling domain", { "sec-fetch-site": "same-site" }],
    ["with the origin of another site", { origin: "https://evil.example" }],
    ["with the site's name on another port", { origin: `${site}:8443` }],
    ["with a strange origin from an old browser", { origin: "https://evil.example", "sec-fetch-site": "" }],
  ])("%s is refused, and does nothing", async (_name, headers) => {
    const { kit, visitor } = setUp();
    const form = await visitor.get("/forgot-password");
    const refused = await visitor.submit(form, { email }, headers);
    expect(refused.status).toBe(403);
    expect(refused.page.querySelector("a.button")!.getAttribute("href")).toBe("/forgot-password");
    await kit.reset.drain();
    expect(kit.mails).toEqual([]);
  });

  it.each([
    ["without the headers of newer browsers", { "sec-fetch-site": "same-origin", origin: site }],
    ["from a page whose referrer policy hides the origin", { origin: "null" }],
    ["sent again by reloading", { "sec-fetch-site": "none" }],
  ])("%s is taken", async (_name, headers) => {
    const { visitor } = setUp();
    const form = await visitor.get("/forgot-password");
    expect((await visitor.submit(form, { email }, headers)).status).toBe(303);
  });

  it("is taken from a browser that says nothing of where it comes from, by its token alone", async () => {
    const { visitor } = setUp();
    const { page } = await visitor.get("/forgot-password");
    const token = page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const body = (form_token: string) => new URLSearchParams({ email, form_token }).toString();
    expect((await visitor.send("POST", "/forgot-password", type, body(token))).status).toBe(303);
    expect((await visitor.send("POST", "/forgot-password", type, body(""))).status).toBe(403);
  });

  it("is refused without its token, with a changed one, with that of another form or browser, and without the cookie", async () => {
    const { kit, handler, visitor } = setUp();
    const form = await visitor.get("/forgot-password");
    const token = form.page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const other = browse(handler);
    const stranger = await other.get("/forgot-password");
    const choose = await visitor.open((await kit.ask(email)).url);
    const tokenOf = (answer: typeof form) =>
      answer.page.querySelector("[name=form_token]")!.getAttribute("value")!;
    const code = await visitor.get("/reset-password/code");
    const wrong = [
      tokenOf(code),
      "",
      token.slice(1),
      `${token}A`,
      `${token}=`,
      tokenOf(stranger),
      tokenOf(choose),
    ];
    for (const form_token of wrong) {
      expect((await visitor.submit(form, { email, form_token })).status).toBe(403);
    }
    visitor.cookies.delete("__Host-resetkit-form");
    expect((await visitor.submit(form, { email })).status).toBe(403);
  });

  it("is good in two tabs at once, and gets its cookie once", async () => {
    const { visitor } = setUp();
    const first = await visitor.get("/forgot-password");
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-resetkit-form=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax; Secure$/),
    ]);
    const second = await visitor.get("/forgot-password");
    expect(second.headers.getSetCookie()).toEqual([]);
    expect((await visitor.submit(first, { email })).status).toBe(303);
    expect((await visitor.submit(second, { email })).status).toBe(303);
  });

  it("gets a new key where the cookie's is not one of ours", async () => {
    const { handler } = setUp();
    for (const planted of ["", "short", "A".repeat(44), "!".repeat(22)]) {
      const visitor = browse(handler, { cookie: `__Host-resetkit-form=${planted}` });
      expect((await visitor.get("/forgot-password")).headers.getSetCookie()).toHaveLength(1);
    }
  });

  it("sets the password of the account that it was shown for, or of none", async () => {
    const { kit, visitor } = setUp();
    const own = await visitor.open((await kit.ask(email)).url);
    // A stranger has the victim open the link of the stranger's account while the form is open.
    const strange = await visitor.open((await kit.ask("mallory@example.com")).url);
    const refused = await visitor.submit(own, both);
    expect(refused.status).toBe(403);
    expect([kit.passwordOf(1), kit.passwordOf(2)]).toEqual(["old-Passw0rd!", "old-Passw0rd!"]);
    expect(strange.page.querySelector(".account strong")!.text).toBe("m•••@example.com");
  });

  it("that was refused costs no link", async () => {
    const { kit, visitor } = setUp();
    const form = await visitor.open((await kit.ask(email)).url);
    expect((await visitor.submit(form, both, { "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await visitor.submit(form, both)).location).toBe("/reset-password/done");
  });
});
