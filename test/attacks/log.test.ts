import { describe, expect, it } from "vitest";
import { makeKit, people } from "../kit.js";

describe("what a failing callback repeats", () => {
  it("X12: a phone number that a look-up's error quotes isn't in the log", async () => {
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const { users } = makeKit({}, people("ada@example.com"));
    const kit = makeKit({
      users: {
        ...users,
        findByIdentifier(typed) {
          throw new Error(`no rows for '${typed}'`);
        },
      },
      log: { info: note, warn: note, error: note },
    });
    await kit.reset.request({ identifier: "+49 170 5550199" });
    await kit.reset.drain();
    expect(lines.join()).toContain("no rows for '[hidden]'");
    expect(lines.join()).not.toContain("5550199");
  });

  it("X12: neither is a password that it quotes as JSON does", async () => {
    const lines: string[] = [];
    const note = (line: string) => void lines.push(line);
    const { users } = makeKit({}, people("ada@example.com"));
    const kit = makeKit({
      users: {
        ...users,
        hashPassword(password) {
          throw new Error(`bad call ${JSON.stringify({ password })}`);
        },
      },
      log: { info: note, warn: note, error: note },
    });
    const { token } = await kit.ask("ada@example.com");
    await expect(kit.reset.confirm({ token, password: 'thunder "quay" canary' })).rejects.toThrow();
    expect(lines.join()).toContain('{"password":"[hidden]"}');
    expect(lines.join()).not.toContain("canary");
  });
});
