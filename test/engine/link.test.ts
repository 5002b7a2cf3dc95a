import { afterEach, describe, expect, it, vi } from "vitest";
import { createLink } from "../../src/engine/link.js";

afterEach(() => vi.unstubAllEnvs());

describe("a link", () => {
  it("is the configured text with the token in its place, as often as that stands there", () => {
    expect(createLink("https://app.example.com/r/{token}?again={token}")(null, "a-b_c")).toBe(
      "https://app.example.com/r/a-b_c?again=a-b_c",
    );
    expect(createLink("https://app.example.com/#/reset/{token}")(null, "abc")).toBe(
      "https://app.example.com/#/reset/abc",
    );
  });

  it("keeps the slash of Django's tokens, and encodes what could break out of the path", () => {
    const link = createLink("https://app.example.com/reset/{token}/");
    expect(link(null, "MQ/d2g5m8-24f8")).toBe("https://app.example.com/reset/MQ/d2g5m8-24f8/");
    expect(link(null, "a?b#c$&")).toBe("https://app.example.com/reset/a%3Fb%23c%24%26/");
  });

  it("may depend on the user, and is checked each time", () => {
    const link = createLink<{ tenant: string }>(({ tenant }) => `https://${tenant}.example.com/{token}`);
    expect(link({ tenant: "north" }, "t")).toBe("https://north.example.com/t");
    expect(() => createLink(() => "http://evil.example/{token}")(null, "t")).toThrow(/Use https/);
  });
});

describe("a template of links that can't work", () => {
  const errorOf = (url: unknown) => {
    try {
      createLink(url as string)(null, "t");
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    return "none";
  };
  const fix = 'Set it to your reset page\'s full address, such as "https://example.com/reset/{token}".';
  const app = "To open an app, use a universal link or an app link.";

  it.each([[undefined], [null], [7], [{}]])("is refused when it's given, as %j is", (url) => {
    expect(() => createLink(url as unknown as string)).toThrow(`url is missing. ${fix}`);
  });

  it.each([
    "",
    "/reset/{token}",
    "example.com/{token}",
    "myhttp://reset/{token}",
    "ftp://example.com/{token}",
  ])("is refused when it's given, as %j is, which is no address of a page", (url) => {
    expect(() => createLink(url)).toThrow(
      `url is ${JSON.stringify(url)}, which isn't an absolute URL. ${fix} ${app}`,
    );
  });

  it.each([
    ["nothing", undefined, "undefined"],
    ["an object", new URL("https://example.com/"), '"https://example.com/"'],
  ])("is refused where the function returns %s", (_, returned, shown) => {
    const url = (() => returned) as unknown as () => string;
    expect(errorOf(url)).toContain(`url is ${shown}, which isn't an absolute URL. ${fix}`);
  });

  it.each(["https://ada@example.com/{token}", "https://:quay@example.com/{token}"])(
    "is refused with a name or a password, which it doesn't show: %s",
    (url) => {
      expect(errorOf(url)).toContain(`url has a username or password. ${fix}`);
      expect(errorOf(url)).not.toMatch(/ada|quay/);
    },
  );

  it.each(["http://example.com/{token}", "http://93.184.216.34/{token}"])(
    "is refused where anyone on the network could read the token: %s",
    (url) => {
      expect(errorOf(url)).toMatch(/^TypeError: url starts with http:.* Use https\.$/);
      expect(errorOf(url.replace("http:", "https:"))).toBe("none");
    },
  );

  it("may stay on this computer without TLS, and on a private network during development", () => {
    const [here, near] = ["http://localhost:3000/{token}", "http://192.168.0.7/{token}"];
    expect([errorOf(here), errorOf(near)]).toEqual(["none", "none"]);
    vi.stubEnv("NODE_ENV", "production");
    expect(errorOf(here)).toBe("none");
    expect(errorOf(near)).toContain("Use https.");
  });

  it.each([
    "https://example.com/reset",
    "https://{token}.example.com/",
    "https://{tenant}.example.com/{token}",
  ])("is refused without a place for the token, or with one in its host: %s", (url) => {
    expect(errorOf(url)).toMatch(
      /^TypeError: url doesn't contain \{token\}\. Add it to the path, query, or fragment/,
    );
  });
});
