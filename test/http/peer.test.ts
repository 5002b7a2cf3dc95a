import { expect, it } from "vitest";
import { createHandler } from "resetkit/http";
import type { FetchContext, Handler, PasswordReset, ResetContext } from "resetkit/types";
import { json } from "./drive.js";
import { makeKit } from "../kit.js";

const proxies = { "x-forwarded-for": "198.51.100.66, 192.0.2.1" };

/** The address that the engine is told. */
async function seenBy(make: (reset: PasswordReset) => Handler, context: FetchContext) {
  const seen: ResetContext[] = [];
  const request = async (_: unknown, given?: ResetContext) => (seen.push(given ?? {}), {});
  const handler = make({ ...makeKit().reset, request } as PasswordReset);
  const { headers, body } = json({ email: "ada@example.com" });
  const address = "http://forged.example/api/password_reset/";
  const sent = new Request(address, { method: "POST", headers: { ...headers, ...proxies }, body });
  expect((await handler(sent, context)).status).toBe(200);
  return seen[0]!.ip;
}

it("a fetch handler looks for the visitor behind the peer, and takes an ip as it is", async () => {
  const trusting = (reset: PasswordReset) => createHandler(reset, { trustProxy: ["10.0.0.0/8"] });
  expect(await seenBy(trusting, { peer: "10.0.0.7" })).toBe("192.0.2.1");
  expect(await seenBy(trusting, { peer: "203.0.113.9" })).toBe("203.0.113.9");
  expect(await seenBy(trusting, { peer: "10.0.0.7", ip: "203.0.113.1" })).toBe("203.0.113.1");
  const alone = (reset: PasswordReset) => createHandler(reset, { trustProxy: 0 });
  expect(await seenBy(alone, { peer: "203.0.113.9" })).toBe("203.0.113.9");
  expect(await seenBy(alone, {})).toBe(undefined);
});
