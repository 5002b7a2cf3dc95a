import { describe, expect, it } from "vitest";
import { createLink } from "../../src/engine/link.js";

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
