import { describe, expect, it } from "vitest";
import type { Users } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

/** An engine one of whose callbacks fails. */
function failing(callback: Partial<Users<Person>>) {
  const { users } = people("ada@example.com");
  return makeKit({ users: { ...users, ...callback } });
}

describe("what a failing callback repeats", () => {
  it("X12: a phone number that a look-up's error quotes isn't in the log", async () => {
    const { reset, log } = failing({
      findByIdentifier(typed) {
        throw new Error(`no rows for '${typed}'`);
      },
    });
    await reset.request({ identifier: "+49 170 5550199" });
    await reset.drain();
    expect(log.lines.join()).toContain("no rows for '[hidden]'");
    expect(log.lines.join()).not.toContain("5550199");
  });

  it("X12: neither is a password that it quotes as JSON does", async () => {
    const { reset, log, ask } = failing({
      hashPassword(password) {
        throw new Error(`bad call ${JSON.stringify({ password })}`);
      },
    });
    const { token } = await ask("ada@example.com");
    await expect(reset.confirm({ token, password: 'thunder "quay" canary' })).rejects.toThrow();
    expect(log.lines.join()).toContain('{"password":"[hidden]"}');
    expect(log.lines.join()).not.toContain("canary");
  });
});
