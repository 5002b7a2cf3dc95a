import { describe, expect, it } from "vitest";
// Named here so that it's loaded before the first test: the engine loads it when it's first needed.
import "../../src/engine/clear-throttles.js";
import { randomNumber } from "../../src/tokens/generators.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { ResetContext } from "../../src/types.js";
import { makeKit } from "../kit.js";

const email = "ada@example.com";

describe("clearThrottles", () => {
  it("lets one client in again, and no other", async () => {
    const { reset } = makeKit({ throttles: { request: [{ by: "ip", max: 1, per: "24h" }] } });
    const isIn = (context: ResetContext) =>
      reset.request({ identifier: email }, context).then(
        () => true,
        () => false,
      );
    const clients = [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }];
    const all = async () => [await isIn(clients[0]!), await isIn(clients[1]!)];
    expect(await all()).toEqual([true, true]);
    expect(await all()).toEqual([false, false]);
    expect(await reset.clearThrottles({ ip: "192.0.2.1" })).toEqual({ cleared: 1 });
    expect(await all()).toEqual([true, false]);
  });

  it("lets all clients in again, and gives nobody more guesses at a code", async () => {
    const tokens = storedTokens({ generator: randomNumber() });
    const kit = makeKit({ tokens, throttles: { validate: [{ by: "ip", max: 5, per: "1h" }] } });
    const { code } = await kit.ask(email);
    const validate = (token: string) => kit.reset.validate({ token, identifier: email }, { ip: "192.0.2.1" });
    for (let n = 0; n < 5; n++) await validate(code === "11111111" ? "22222222" : "11111111");
    await expect(validate(code!)).rejects.toMatchObject({ code: "throttled" });
    expect(await kit.reset.clearThrottles()).toEqual({ cleared: 1 });
    expect(await validate(code!)).toBe(false);
    // Control: a new code has guesses of its own.
    kit.clock.now += 600_000;
    expect(await validate((await kit.ask(email)).code!)).toBe(true);
  });
});
