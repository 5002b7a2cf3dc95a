import { afterEach, describe, expect, it, vi } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import type { Events, LogFields, ResetOptions } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

afterEach(() => vi.unstubAllEnvs());

/** Requests an email for an identifier, and returns what became of it. */
async function reasonsFor(
  identifier: string,
  options: Partial<ResetOptions<Person>> = {},
  accounts = people("ada@example.com"),
  requests = 1,
) {
  const lines: string[] = [];
  const keep = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push(`${level}: ${message} ${JSON.stringify(fields ?? {})}`);
  const log = { debug: keep("debug"), info: keep("info"), warn: keep("warn"), error: keep("error") };
  const kit = makeKit({ log, ...options }, accounts);
  const refused: Events<Person>["refused"][] = [];
  const failed: Events<Person>["failed"][] = [];
  kit.reset.on("refused", (event) => void refused.push(event));
  kit.reset.on("failed", (event) => void failed.push(event));
  for (let n = 0; n < requests; n++) {
    await kit.reset.request({ identifier });
    await kit.reset.drain();
  }
  return { lines, refused, failed, mails: kit.mails, reset: kit.reset };
}

const mismatched = () => {
  const accounts = people("ada@example.com");
  accounts.users.findByIdentifier = () => [...accounts.byId.values()];
  return accounts;
};
const inactive = () => {
  const accounts = people("ada@example.com");
  accounts.byId.get(1)!.active = false;
  return accounts;
};

describe("a request that ends without an email has a reason in the event and in the log:", () => {
  it.each([
    ["no account", "bob@example.com", people("ada@example.com"), 1, "unknown_account", "found no account"],
    ["another identifier", "ada", mismatched(), 1, "identifier_mismatch", "users.normalize"],
    ["not eligible", "ada@example.com", inactive(), 1, "not_eligible", "users.mayReset"],
    ["at its limit", "ada@example.com", people("ada@example.com"), 4, "over_cap", "maxLive"],
  ] as const)("%s", async (_, identifier, accounts, requests, reason, words) => {
    const { lines, refused } = await reasonsFor(identifier, {}, accounts, requests);
    expect(refused).toEqual([expect.objectContaining({ stage: "mail", reason })]);
    const [line, ...more] = lines.filter((one) => one.includes("No email sent"));
    expect(more).toEqual([]);
    expect(line).toContain(words);
    expect(line).toContain(`{"stage":"mail","reason":"${reason}"}`);
    expect(line).not.toContain(identifier);
  });

  it("a mailbox that got its emails, though the account has no valid link", async () => {
    const five = people(...Array.from({ length: 5 }, () => "ada@example.com"));
    const { lines, refused, mails } = await reasonsFor("ada@example.com", { maxLive: 1 }, five);
    expect(mails).toHaveLength(4);
    expect(refused).toEqual([expect.objectContaining({ stage: "mail", reason: "mailbox_full", userId: 5 })]);
    expect(lines.filter((one) => one.includes("No email sent"))).toEqual([
      expect.stringContaining("4 × maxLive emails"),
    ]);
  });

  it("an address that can't be sent to, which is dropped at once", async () => {
    const sendMail = vi.fn();
    const { lines, refused, failed } = await reasonsFor(
      "a..da@example.com",
      { deliver: byEmail({ transport: { sendMail }, from: "no-reply@example.com" }) },
      people("a..da@example.com"),
    );
    expect(refused).toEqual([
      expect.objectContaining({ stage: "mail", reason: "unusable_address", userId: 1 }),
    ]);
    expect(failed).toEqual([expect.objectContaining({ what: "deliver", final: true })]);
    expect(lines.filter((one) => one.startsWith("error")).join()).toMatch(
      /dropped.*two dots.*allowIrregularDots/,
    );
    expect(sendMail).not.toHaveBeenCalled();
  });

  it("no worker, in the process that takes requests", async () => {
    const lines: string[] = [];
    const keep = (message: string) => void lines.push(message);
    const kit = makeKit({ log: { info: keep, warn: keep, error: keep }, worker: "outside" });
    await kit.reset.request({ identifier: "ada@example.com" });
    await vi.waitFor(() => expect(lines).toEqual([]));
    kit.clock.now += 120_000;
    await kit.reset.request({ identifier: "ada@example.com" });
    await vi.waitFor(() =>
      expect(lines.join()).toMatch(/^2 queued requests wait since .* UTC.*npx resetkit work$/),
    );
    kit.clock.now += 120_000;
    await kit.reset.request({ identifier: "ada@example.com" });
    expect(lines).toHaveLength(1);
  });
});

describe("the level of a reason", () => {
  it.each([
    ["test", "info"],
    ["production", "debug"],
  ])("with NODE_ENV %s is %s", async (environment, level) => {
    vi.stubEnv("NODE_ENV", environment);
    const { lines } = await reasonsFor("bob@example.com");
    expect(lines.filter((one) => one.includes("No email sent"))).toEqual([
      expect.stringMatching(new RegExp(`^${level}: No email sent for b•••@example\\.com`)),
    ]);
  });

  it("is a warning where it's nearly always a mistake, once an hour", async () => {
    const { lines } = await reasonsFor("ada", {}, mismatched(), 3);
    expect(lines.map((one) => one.split(":")[0])).toEqual(["warn", "info", "info"]);
  });

  it("needs no log with debug", async () => {
    vi.stubEnv("NODE_ENV", "production");
    const lines: string[] = [];
    const keep = (message: string) => void lines.push(message);
    await reasonsFor("bob@example.com", { log: { info: keep, warn: keep, error: keep } });
    expect(lines.join()).not.toContain("No email sent");
  });
});

describe("issueFor with wait", () => {
  it("rejects if no email was sent, and queues nothing", async () => {
    const accounts = people("a..da@example.com");
    const deliver = byEmail({ transport: { sendMail: () => undefined }, from: "no-reply@example.com" });
    const { reset } = makeKit({ deliver }, accounts);
    const issued = reset.issueFor(accounts.byId.get(1)!, { wait: true });
    await expect(issued).rejects.toMatchObject({ code: "vetoed" });
  });
});
