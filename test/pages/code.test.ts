import { describe, expect, it } from "vitest";
import { htmlPages } from "../../src/pages/pages.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import { goodPassword, makeKit } from "../kit.js";
import { browse, site } from "./browse.js";

function setUp() {
  const tokens = storedTokens({ generator: randomNumber({ digits: 8 }) });
  const kit = makeKit({ validators: [], tokens });
  const handler = htmlPages(kit.reset, { baseUrl: site, codes: true });
  return { kit, handler, visitor: browse(handler) };
}

const email = "ada@example.com";

describe("the page for codes", () => {
  it("leads from a code to a new password", async () => {
    const { kit, visitor } = setUp();
    const { code } = await kit.ask(email);
    const sent = await visitor.get("/forgot-password/sent");
    const form = await visitor.get(sent.page.querySelector("a.button")!.getAttribute("href")!);
    expect(form.page.querySelector("#code")!.getAttribute("autocomplete")).toBe("one-time-code");
    const moved = await visitor.submit(form, { email: `${email} `, code: ` ${code} ` });
    expect([moved.status, moved.location]).toEqual([303, "/reset-password"]);
    expect(visitor.cookies.get("__Host-resetkit")).toBe(`${code}:ada%40example.com`);

    const choose = await visitor.get(moved.location!);
    expect(choose.page.querySelector(".account strong")!.text).toBe("a•••@example.com");
    expect(choose.text).not.toContain(code);
    const done = await visitor.submit(choose, { password: goodPassword, repeat: goodPassword });
    expect(done.location).toBe("/reset-password/done");
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("says the same of a wrong code, an unknown account and something that is no code", async () => {
    const { kit, visitor } = setUp();
    const { code } = await kit.ask(email);
    const form = await visitor.get("/reset-password/code");
    const wrong = String((Number(code) + 1) % 1e8).padStart(8, "0");
    const answers = [
      await visitor.submit(form, { email, code: wrong }),
      await visitor.submit(form, { email: "eve@example.com", code: code! }),
      await visitor.submit(form, { email, code: "\u0661" }),
    ];
    for (const { status, page } of answers) {
      expect(status).toBe(400);
      expect(page.querySelector("#code-errors")!.text.trim()).toMatch(
        /^This code is incorrect or has expired/,
      );
    }
    expect(visitor.cookies.has("__Host-resetkit")).toBe(false);
  });

  it("lets five wrong codes in, and the link of the same mail after that", async () => {
    const { kit, visitor } = setUp();
    const mail = await kit.ask(email);
    const form = await visitor.get("/reset-password/code");
    for (let i = 0; i < 5; i++) await visitor.submit(form, { email, code: "12345678" });
    expect((await visitor.submit(form, { email, code: mail.code! })).status).toBe(400);
    expect((await visitor.open(mail.url)).status).toBe(200);
  });

  it("charges no try for a form that did not come from it, nor for blanks", async () => {
    const { kit, visitor } = setUp();
    const { code } = await kit.ask(email);
    const form = await visitor.get("/reset-password/code");
    for (let i = 0; i < 10; i++) {
      const strange = { "sec-fetch-site": "cross-site" };
      expect((await visitor.submit(form, { email, code: "12345678" }, strange)).status).toBe(403);
      expect((await visitor.submit(form, { email, code: "" })).status).toBe(400);
      expect((await visitor.get("/reset-password/code")).status).toBe(200);
    }
    expect((await visitor.submit(form, { email, code: code! })).status).toBe(303);
  });

  it("is there only where it was asked for", async () => {
    const { kit } = setUp();
    const visitor = browse(htmlPages(kit.reset, { baseUrl: site }));
    expect((await visitor.post("/reset-password/code", {})).status).toBe(405);
    expect((await visitor.get("/forgot-password/sent")).text).not.toContain("/code");
  });
});
