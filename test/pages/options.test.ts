import { describe, expect, it } from "vitest";
import { htmlPages } from "../../src/pages/pages.js";
import { keptLog, makeKit } from "../kit.js";

const { reset } = makeKit();

describe("the options of the pages", () => {
  it("may all be left out", async () => {
    const response = await htmlPages(reset)(new Request("https://app.example.com/reset-password/abc"));
    expect(response.headers.get("set-cookie")).toMatch(/^__Host-resetkit=abc; .*Secure$/);
  });

  it.each([
    [{ asks: "/a" }, `htmlPages() has no option "asks". Did you mean "ask"?`],
    [{ ask: "forgot" }, `ask is "forgot". Use a path such as "/account/ask", without a trailing slash.`],
    [{ ask: "/" }, `ask is "/". Use a path such as "/account/ask", without a trailing slash.`],
    [
      { choose: "//evil" },
      `choose is "//evil". Use a path such as "/account/choose", without a trailing slash.`,
    ],
    [{ ask: "/a", choose: "/a" }, `ask and choose are both "/a". Use a different path for each.`],
    [
      { baseUrl: "http://app.example.com" },
      `baseUrl is "http://app.example.com". Use the https origin of your site, such as "https://example.com".`,
    ],
    [
      { baseUrl: "http://localhost:3000", secure: true },
      "secure is true, but baseUrl is http://localhost:3000. Leave secure out, or serve https.",
    ],
    [
      { login: "javascript:alert(1)" },
      `login is "javascript:alert(1)". Use the path or the https URL of your sign-in page.`,
    ],
    [
      { login: "//evil.example" },
      `login is "//evil.example". Use the path or the https URL of your sign-in page.`,
    ],
    [
      { login: "/\\evil.example" },
      `login is "/\\\\evil.example". Use the path or the https URL of your sign-in page.`,
    ],
    [{ format: "phone" }, `format is "phone". Use "email" or "text".`],
    [
      { field: "form_token" },
      `field is "form_token". Use the name of a form field, such as "email" or "username".`,
    ],
    [
      { identifierOf: "email" },
      "identifierOf must be a function: pass a function of the user, such as (user) => user.name.",
    ],
    [{ style: "</style><script>" }, "style contains HTML. Use CSS rules only, without <style> around them."],
    [{ gate: true }, "gate must be a function: pass a function of the attempt."],
    [{ trustProxy: "10.0.0.0/8" }, expect.stringContaining("trustProxy")],
  ])("%j is refused with the fix", (options, sentence) => {
    let told = "";
    try {
      htmlPages(reset, options as object);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
      told = (error as Error).message;
    }
    expect(told).toEqual(sentence);
  });

  it.each(["/login", "/login?from=reset#top", "https://id.example.com/login", "http://localhost:3000/login"])(
    "the log-in page may be %s",
    async (login) => {
      const response = await htmlPages(reset, { login })(
        new Request("https://x.example/reset-password/done"),
      );
      expect(await response.text()).toContain(`href="${login}"`);
    },
  );
});

describe("links and pages", () => {
  const warningsOf = (url: string, options: object) => {
    const log = keptLog();
    htmlPages(makeKit({ url }).reset, { log, ...options });
    return log.lines.join();
  };

  it.each([
    ["https://app.example.com/reset-password/{token}", { baseUrl: "https://app.example.com" }],
    ["https://app.example.com/auth/reset-password/{token}", { baseUrl: "https://app.example.com/auth" }],
    ["https://app.example.com/auth/reset-password/{token}", {}],
    ["https://app.example.com/new/{token}", { choose: "/new", baseUrl: "https://app.example.com/" }],
    // Without `choose`, its path is the one of the links.
    ["https://app.example.com/new/{token}", { baseUrl: "https://app.example.com/" }],
    ["https://app.example.com/app/account/new/{token}", { baseUrl: "https://app.example.com/app" }],
  ])("fit: %s, %j", (url, options) => expect(warningsOf(url, options)).toBe(""));

  it.each([
    [
      "https://app.example.com/reset/{token}",
      { baseUrl: "https://app.example.com", choose: "/reset-password" },
    ],
    ["https://app.example.com/reset-password?token={token}", { baseUrl: "https://app.example.com" }],
    ["https://www.example.com/reset-password/{token}", { baseUrl: "https://app.example.com" }],
    ["https://app.example.com/reset-password/{token}", { baseUrl: "https://app.example.com/app" }],
  ])("don't fit, and a warning says what would: %s, %j", (url, options) => {
    const path = options.baseUrl.endsWith("/app") ? "/app" : "";
    expect(warningsOf(url, options)).toContain(`at https://app.example.com${path}/reset-password/{token}`);
  });

  it.each(["/app", ""])("work below a path, whether or not a proxy removes it: %j", async (kept) => {
    const kit = makeKit({ url: "https://app.example.com/app/reset-password/{token}" });
    const pages = htmlPages(kit.reset, { baseUrl: "https://app.example.com/app" });
    const get = (path: string) => pages(new Request(`https://app.example.com${kept}${path}`));
    expect(await (await get("/forgot-password")).text()).toContain('action="/app/forgot-password"');
    const { token } = await kit.ask("ada@example.com");
    expect((await get(`/reset-password/${token}`)).headers.get("location")).toBe(
      "/app/reset-password?from=link",
    );
    expect((await get("/.well-known/change-password")).headers.get("location")).toBe("/app/forgot-password");
  });
});
