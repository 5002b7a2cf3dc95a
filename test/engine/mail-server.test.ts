import { createTransport } from "nodemailer";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byEmail } from "../../src/delivery/email.js";
import { createHandler } from "../../src/http/handler.js";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import type { ResetOptions } from "../../src/types.js";
import { goodPassword, makeKit, people, type Kit, type Person } from "../kit.js";
import { startSmtp, type SmtpBehaviour, type SmtpFake } from "../servers/smtp.js";

const minute = 60_000;
let server: SmtpFake;
let undo: (() => void)[] = [];
beforeEach(async () => {
  server = await startSmtp();
  undo = [];
});
afterEach(async () => {
  for (const step of undo) step();
  await server.close();
});

/** An engine whose mails go to the server, and what it told. */
function mailing(options: Partial<ResetOptions<Person>> = {}, accounts = people("ada@example.com")) {
  const transport = createTransport(server.url);
  undo.push(() => transport.close());
  const kit = makeKit(
    {
      deliver: byEmail({ transport, from: "Example <no-reply@example.com>" }),
      // Long enough that a busy machine is not taken for a server that hangs.
      worker: { mode: "outside", timeout: "3s" },
      ...options,
    },
    accounts,
  );
  const failed: { what: string; reason: string; final: boolean }[] = [];
  kit.reset.on("failed", (event) => void failed.push(event));
  return { ...kit, failed };
}

/** Lets time pass in steps of a second, with a worker that looks at each; gives the seconds at which it tried. */
async function pass(kit: Kit, time: number, step = 1_000): Promise<number[]> {
  const start = kit.clock.now;
  const tries: number[] = [];
  for (let passed = 0; passed <= time; passed += step) {
    kit.clock.now = start + passed;
    const before = server.attempts();
    await kit.reset.drain();
    for (let n = before; n < server.attempts(); n++) tries.push(passed / 1_000);
  }
  return tries;
}

const tokensIn = () =>
  server.mails.flatMap(({ parsed }) => /reset-password\/([\w-]+)/.exec(parsed.text ?? "")?.[1] ?? []);

const answersOf: [name: string, behave: (attempt: number) => SmtpBehaviour, tries: number][] = [
  ["answers 421 three times", (attempt) => (attempt < 3 ? 421 : "accept"), 4],
  ["answers 550 three times", (attempt) => (attempt < 3 ? 550 : "accept"), 4],
  ["hangs once", (attempt) => (attempt < 1 ? "hang" : "accept"), 2],
  ["drops the connection twice", (attempt) => (attempt < 2 ? "drop" : "accept"), 3],
  ["greylists", (attempt) => (attempt < 1 ? 451 : "accept"), 2],
];

describe.each([
  ["stored", undefined],
  ["signed", signedTokens()],
] as const)("with %s tokens, a mail server that", (_, tokens) => {
  it.each(answersOf)("%s loses nothing", async (_name, behave, tries) => {
    server.behave = behave;
    const kit = mailing(tokens ? { tokens } : {});
    await kit.reset.request({ identifier: "ada@example.com" });
    expect(await pass(kit, minute)).toHaveLength(tries);

    expect(server.mails).toHaveLength(1);
    expect(server.mails[0]!.to).toEqual(["ada@example.com"]);
    expect(kit.failed).toHaveLength(tries - 1);
    expect(kit.failed.every(({ what, final }) => what === "deliver" && !final)).toBe(true);
    await kit.reset.confirm({ token: tokensIn()[0]!, password: goodPassword });
    expect(kit.passwordOf(1)).toBe(goodPassword);
  });

  it("took a mail and died before it said so gets it twice at most, and both links work", async () => {
    const mails: string[] = [];
    const transport = createTransport(server.url);
    undo.push(() => transport.close());
    const deliver = byEmail({ transport, from: "no-reply@example.com" });
    let first = true;
    const kit = mailing({
      ...(tokens && { tokens }),
      async deliver(message) {
        await deliver(message);
        if (message.kind === "reset") mails.push(message.token);
        if (first) {
          first = false;
          throw new Error("read ECONNRESET");
        }
      },
    });
    await kit.reset.request({ identifier: "ada@example.com" });
    await pass(kit, minute);
    expect(server.mails).toHaveLength(2);
    for (const token of mails) expect(await kit.reset.validate({ token })).toBe(true);
  });
});

describe("a mail server that is dead", () => {
  it("is tried again after pauses that double, up to ten minutes, until the deadline", async () => {
    server.behave = () => 450;
    const kit = mailing();
    await kit.reset.request({ identifier: "ada@example.com" });
    const tries = await pass(kit, 150 * minute);

    const pauses = tries.slice(1).map((at, index) => at - tries[index]!);
    for (const [index, pause] of pauses.entries()) {
      const wanted = Math.min(Math.max(1, tries[index]!), 600);
      // A fifth of jitter to both sides, and a second for the step.
      expect(pause).toBeGreaterThanOrEqual(Math.floor(wanted * 0.8));
      expect(pause).toBeLessThanOrEqual(Math.ceil(wanted * 1.2) + 1);
    }
    expect(tries.at(-1)).toBeLessThan(7_200);
    expect(tries.length).toBeGreaterThanOrEqual(18);
    expect(kit.failed.filter(({ final }) => final)).toMatchObject([
      { what: "deliver", reason: expect.stringMatching(/^not done within 120 minutes/), final: true },
    ]);
    expect(kit.failed).toHaveLength(tries.length + 1);
    expect(kit.failed.at(-1)!.final).toBe(true);
  });

  it("is one line in the log for any number of mails, and one when it is back", async () => {
    server.behave = () => 421;
    const kit = mailing({}, people("ada@example.com", "grace@example.com", "edsger@example.com"));
    for (const identifier of ["ada@example.com", "grace@example.com", "edsger@example.com"]) {
      await kit.reset.request({ identifier });
    }
    await pass(kit, 5 * minute);
    // An identifier without an account needs no server: it must not pass for a recovery.
    await kit.reset.request({ identifier: "nobody@example.com" });
    await pass(kit, 5 * minute);
    const errors = () => kit.log.lines.filter((line) => line.startsWith("error"));
    expect(errors()).toHaveLength(1);
    expect(errors()[0]).toMatch(/^error: Email delivery failed: .*421/);
    expect(kit.log.lines.join()).not.toMatch(/[^•\s]@example\.com/);

    server.behave = () => "accept";
    await pass(kit, 15 * minute);
    expect(server.mails.map(({ to }) => to[0]).sort()).toEqual([
      "ada@example.com",
      "edsger@example.com",
      "grace@example.com",
    ]);
    const infos = kit.log.lines.filter((line) => line.startsWith("info: Email"));
    expect(infos).toEqual([
      `info: Email delivery recovered, after ${kit.failed.length} failed attempts; 0 were dropped.`,
    ]);

    server.behave = () => 421;
    await kit.reset.request({ identifier: "ada@example.com" });
    await pass(kit, minute);
    expect(errors()).toHaveLength(2);
  });

  it("uses up none of an account's mails, and the notice of a change waits for it too", async () => {
    const store = memoryStore();
    const kit = mailing({ store });
    for (let n = 0; n < 3; n++) {
      server.behave = () => 450;
      await kit.reset.request({ identifier: "ada@example.com" });
      await pass(kit, 2 * minute);
      server.behave = () => "accept";
      await pass(kit, 4 * minute);
      expect(server.mails).toHaveLength(n + 1);
    }
    expect(await store.tokens.list({ limit: 10 })).toHaveLength(3);
    for (const token of tokensIn()) expect(await kit.reset.validate({ token })).toBe(true);

    server.behave = () => 450;
    await kit.reset.confirm({ token: tokensIn()[2]!, password: goodPassword });
    await pass(kit, 2 * minute);
    server.behave = () => "accept";
    await pass(kit, 4 * minute);
    expect(server.mails).toHaveLength(4);
    expect(server.mails[3]!.parsed.subject).toMatch(/changed/);
  });

  it("cannot be told from one that works by what a visitor gets (CVE-2024-45231)", async () => {
    const answers = new Set<string>();
    const behaviours: SmtpBehaviour[] = ["accept", 421, 451, 550, "hang", "drop"];
    for (const behaviour of behaviours) {
      server.behave = () => behaviour;
      const kit = mailing();
      const handle = createHandler(kit.reset, { basePath: "/api/password_reset" });
      for (let n = 0; n < 3; n++) {
        const response = await handle(
          new Request("https://app.example.com/api/password_reset/", {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: '{"email":"ada@example.com"}',
          }),
        );
        answers.add(JSON.stringify([response.status, [...response.headers], await response.text()]));
        await kit.reset.drain();
        kit.clock.now += minute;
      }
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toContain('{\\"status\\":\\"OK\\"}');
  });
});

describe("a try that died", () => {
  it("after its token was made keeps no other from the last mail that the account may have", async () => {
    const store = memoryStore();
    const dying = mailing({
      store,
      deliver: () => new Promise(() => undefined),
      worker: { mode: "outside", timeout: "1h" },
    });
    const living = mailing({ store });
    for (let n = 0; n < 2; n++) {
      await living.reset.request({ identifier: "ada@example.com" });
      await living.reset.drain();
    }
    expect(server.mails).toHaveLength(2);
    // The third and last: its token is made, and then the process is no more.
    await dying.reset.request({ identifier: "ada@example.com" });
    void dying.reset.drain();
    await expect.poll(async () => (await store.tokens.list({ limit: 9 })).length).toBe(3);

    await pass(living, 12 * minute, 5_000);
    expect(server.mails).toHaveLength(3);
    for (const token of tokensIn()) expect(await living.reset.validate({ token })).toBe(true);
  });

  it("in a callback that never answers gives its place back", async () => {
    const accounts = people("ada@example.com");
    const { findByIdentifier } = accounts.users;
    accounts.users.findByIdentifier = () => new Promise(() => undefined);
    const kit = mailing({ worker: { mode: "outside", timeout: "300ms", concurrency: 1 } }, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    expect(kit.failed).toMatchObject([{ what: "deliver", final: false }]);
    accounts.users.findByIdentifier = findByIdentifier;
    await pass(kit, minute);
    expect(server.mails).toHaveLength(1);
  });

  it("only to tell the queue that it is done does not send the mail again", async () => {
    const store = memoryStore();
    let down = true;
    const queue = {
      ...store.queue!,
      async done(id: string) {
        if (down) throw new Error("connection reset");
        await store.queue!.done(id);
      },
    };
    const kit = mailing({ store: { ...store, queue } });
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    down = false;
    await pass(kit, 2 * minute);
    expect(server.mails).toHaveLength(1);
    expect(await store.queue!.lease(9, kit.clock.now + 24 * 60 * minute, 0)).toEqual([]);
  });
});
