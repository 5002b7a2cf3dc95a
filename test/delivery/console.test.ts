import { afterEach, describe, expect, it, vi } from "vitest";
import { toConsole } from "../../src/delivery/console.js";
import { changedMessage, link, now, resetMessage, unknownMessage } from "./messages.js";

function notebook() {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return { lines, log: { info: note("info"), warn: note("warn"), error: note("error") } };
}

afterEach(() => void vi.unstubAllEnvs());

describe("toConsole", () => {
  it("writes the link and the code, and who they are for behind a mask", async () => {
    const { lines, log } = notebook();
    await toConsole({ log })(resetMessage({ code: "48217730", codeExpiresAt: new Date(now + 600_000) }));
    expect(lines).toEqual([
      `info: Reset link for a•••@example.com (expires 2026-11-24 12:00 UTC):\n${link}\nOr this code (expires 2026-11-23 12:10 UTC):\n48217730`,
    ]);
  });

  it("says what else would have been sent", async () => {
    const { lines, log } = notebook();
    await toConsole({ log })(changedMessage());
    await toConsole({ log })(unknownMessage());
    expect(lines).toEqual([
      "info: Password changed for a•••@example.com.",
      "info: No account matches e•••@example.com, so there is no reset link.",
    ]);
  });

  it("warns in production, and nowhere else", () => {
    const { lines, log } = notebook();
    toConsole({ log });
    expect(lines).toEqual([]);
    vi.stubEnv("NODE_ENV", "production");
    toConsole({ log });
    expect(lines).toEqual([
      "warn: toConsole() writes reset links to the log, and anyone who reads it can use them. In production, send emails with byEmail(…).",
    ]);
  });

  it("does all but print in a dry run, and refuses options that it does not know", async () => {
    const { lines, log } = notebook();
    await toConsole({ log }).dryRun!(resetMessage());
    expect(lines).toEqual([]);
    expect(() => toConsole({ print: 1 } as object)).toThrow('toConsole has no option "print"');
  });
});
