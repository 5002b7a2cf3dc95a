/** What the check says about the transport, and the message that it sends if asked to. */
import { describe, expect, it } from "vitest";
import type { Deliver, Finding, Message } from "../../../src/types.js";
import type { Person } from "../../kit.js";
import { hashed, soundKit } from "./sound.js";

const network = { resolves: async () => true, offersStartTls: async () => true };
const finding: Finding = { level: "warning", what: "It's slow.", fix: "Take another." };

/** A transport that keeps what it sends, and finds fault with itself if it's to. */
function transport(check?: Deliver<Person>["check"]) {
  const sent: Message<Person>[] = [];
  const deliver: Deliver<Person> = Object.assign((message: Message<Person>) => void sent.push(message), {
    ...(check && { check }),
  });
  return { sent, deliver };
}

it("asks the transport, and hands on the network", async () => {
  const asked: unknown[] = [];
  const { deliver, sent } = transport(async (given) => (asked.push(given), [finding]));
  expect(await soundKit({ deliver }).reset.check({ network })).toEqual([finding]);
  expect(asked).toEqual([network]);
  expect(sent).toEqual([]);
});

it("finds nothing in a transport that can't check itself", async () => {
  expect(await soundKit({ deliver: transport().deliver }).reset.check()).toEqual([]);
});

describe("a message that was asked for", () => {
  it("greets the account that the address has, with a link that doesn't work", async () => {
    const { deliver, sent } = transport();
    const kit = soundKit({ deliver });
    expect(await kit.reset.check({ mail: "ada@example.com", scope: "north" })).toEqual([]);
    expect(sent).toEqual([
      expect.objectContaining({
        kind: "reset",
        address: "ada@example.com",
        user: expect.objectContaining({ id: 1 }),
        token: "this-link-is-a-test-and-does-not-work",
        url: "https://app.example.com/reset-password/this-link-is-a-test-and-does-not-work",
        expiresAt: new Date(kit.clock.now + 3_600_000),
        request: {},
        scope: "north",
      }),
    ]);
    expect(await kit.reset.validate({ token: "this-link-is-a-test-and-does-not-work" })).toBe(false);
  });

  it("greets nobody at an address without an account, or whose account can't be read", async () => {
    const { deliver, sent } = transport();
    const accounts = hashed("ada@example.com");
    const kit = soundKit({ deliver }, accounts);
    expect(await kit.reset.check({ mail: "nobody@example.com" })).toEqual([]);
    expect(sent.splice(0)).toMatchObject([{ address: "nobody@example.com", user: {} }]);
    accounts.users.findByIdentifier = () => Promise.reject(new Error("no such table"));
    const findings = await kit.reset.check({ mail: "nobody@example.com" });
    expect(findings.map(({ what }) => what)).toEqual([expect.stringContaining("no such table")]);
    expect(sent).toMatchObject([{ address: "nobody@example.com", user: {} }]);
  });

  it("belongs to the scope, also to none", async () => {
    const { deliver, sent } = transport();
    const scopes: unknown[] = [];
    const accounts = hashed("ada@example.com");
    const { findByIdentifier } = accounts.users;
    accounts.users.findByIdentifier = (typed, how) => (scopes.push(how.scope), findByIdentifier(typed, how));
    const kit = soundKit({ deliver }, accounts);
    await kit.reset.check({ mail: "ada@example.com" });
    await kit.reset.check({ mail: "ada@example.com", scope: "north" });
    expect(scopes).toEqual([undefined, undefined, "north", "north"]);
    expect(sent.map((message) => message.scope)).toEqual([undefined, "north"]);
  });

  it("that isn't accepted is found, besides what the transport says, and without the address", async () => {
    const refused = () => Promise.reject(new Error("550 nobody-here is unknown"));
    const deliver = Object.assign(refused, { check: async () => [finding] });
    const findings = await soundKit({ deliver }).reset.check({ mail: "nobody-here" });
    expect(findings).toEqual([
      finding,
      {
        level: "error",
        what: "The message wasn't accepted. Error: 550 [hidden] is unknown.",
        fix: expect.stringContaining("Fix what the mail server names"),
      },
    ]);
  });
});
