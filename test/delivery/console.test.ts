import { afterEach, describe, expect, it, vi } from "vitest";
import { toConsole } from "../../src/delivery/console.js";
import { changedMessage, link, resetMessage, unknownMessage } from "./messages.js";

function notebook() {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, log: { info: note("info"), warn: note("warn"), error: note("error") } };
}

afterEach(() => void vi.unstubAllEnvs());

describe("toConsole", () => {
  it("writes the link and the code, and who they are for behind a mask", async () => {
    const { lines, log } = notebook();
    await toConsole({ log })(resetMessage({ code: "48217730" }));
    expect(lines).toEqual([
      `info: A link for a•••@example.com, good until 2026-11-24T12:00:00.000Z:\n${link}\nor the code 48217730`,
    ]);
  });

  it("says what else would have been sent", async () => {
    const { lines, log } = notebook();
    await toConsole({ log })(changedMessage());
    await toConsole({ log })(unknownMessage());
    expect(lines).toEqual([
      "info: The password of a•••@example.com was changed.",
      "info: There is no account for e•••@example.com.",
    ]);
  });

  it("warns in production, and nowhere else", () => {
    const { lines, log } = notebook();
    toConsole({ log });
    expect(lines).toEqual([]);
    vi.stubEnv("NODE_ENV", "production");
    toConsole({ log });
    expect(lines).toEqual([
      "warn: toConsole() writes reset links to the log, where they can be used: deliver with byEmail(…).",
    ]);
  });

  it("dry-runs nothing, and refuses options that it does not know", () => {
    expect(toConsole().dryRun).toBeUndefined();
    expect(() => toConsole({ print: 1 } as object)).toThrow('toConsole has no option "print"');
  });
});
