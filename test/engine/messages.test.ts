/** What a message with a link contains, and what of it may be printed. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { resetMessage, secretsOf } from "../../src/engine/messages.js";
import type { Issued, Message } from "../../src/types.js";

const request = { ip: "192.0.2.1", userAgent: undefined, data: undefined };
const noon = Date.UTC(2026, 0, 15, 12);
const settle = async () => undefined;
const withCode: Issued = {
  ...{ token: "the-token", expiresAt: noon + 60_000, settle },
  ...{ code: "12345678", codeExpiresAt: noon + 30_000 },
};

const make = (issued: Issued, scope = "") =>
  resetMessage({
    ...{ issued, user: { id: 1 }, address: "ada@example.com", url: "https://example.com/the-token" },
    ...{ locale: "de", request, scope, template: "invitation" },
  });

const fields = {
  ...{ kind: "reset", user: { id: 1 }, address: "ada@example.com", locale: "de", request },
  ...{ template: "invitation", expiresAt: new Date(noon + 60_000) },
};

describe("a message with a link", () => {
  it("has what was issued, for whom, and where the request came from", () => {
    expect({ ...make(withCode, "acme") }).toEqual({
      ...fields,
      ...{ token: "the-token", url: "https://example.com/the-token", scope: "acme" },
      ...{ code: "12345678", codeExpiresAt: new Date(noon + 30_000) },
    });
  });

  it("has no code, and no end of one, where only a token was issued", () => {
    const { code, codeExpiresAt, scope } = make({ token: "the-token", expiresAt: noon, settle });
    expect([code, codeExpiresAt, scope]).toEqual([undefined, undefined, undefined]);
  });

  it("is printed without what could be used, and with everything else", () => {
    const hidden = "[hidden]";
    const message = make(withCode);
    const shown = { ...fields, ...{ token: hidden, url: hidden, code: hidden } };
    expect(JSON.parse(JSON.stringify(message))).toEqual({
      ...JSON.parse(JSON.stringify(shown)),
      codeExpiresAt: new Date(noon + 30_000).toISOString(),
    });
    expect(inspect(message)).toContain("token: '[hidden]'");
    for (const printed of [inspect(message), JSON.stringify(message)]) {
      expect(printed).not.toMatch(/the-token|12345678/);
      expect(printed).toContain("ada@example.com");
    }
  });

  it("that has no code is printed without one", () => {
    const printed = JSON.parse(JSON.stringify(make({ token: "the-token", expiresAt: noon, settle })));
    expect(printed).not.toHaveProperty("code");
  });

  it("has no further property that a copy would take along", () => {
    expect(Object.keys(make(withCode))).not.toContain("toJSON");
  });
});

describe("what must not be logged", () => {
  it("of a message with a link is all that could be used, and the address", () => {
    expect(secretsOf(make(withCode))).toEqual([
      ...["the-token", "12345678", "https://example.com/the-token", "ada@example.com"],
    ]);
  });

  it("of another message is the address", () => {
    const message = { kind: "unknown", address: "bob@example.com", locale: undefined, request } as const;
    expect(secretsOf(message as Message<unknown>)).toEqual(["bob@example.com"]);
  });
});
