/** The steps of an email: how much one mailbox gets, and what is waited for. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { createKeyring } from "../../src/crypto/keyring.js";
import { createEmitter } from "../../src/engine/events.js";
import { createSteps, type MailingParts } from "../../src/engine/mail-steps.js";
import { createWorkload } from "../../src/engine/workload.js";
import { memoryStore } from "../../src/stores/memory.js";
import type { Issued, TokenOrder } from "../../src/types.js";
import { keptLog, secret } from "../kit.js";

afterEach(() => void vi.useRealTimers());

const noon = Date.UTC(2026, 0, 15, 12);
const day = 86_400_000;
const request = { ip: undefined, userAgent: undefined, data: undefined };

function orderFor(address: string, { decoy = false, force = false, now = noon } = {}): TokenOrder {
  const account = { user: {}, id: 1, scope: "", state: ["hash"], address, decoy };
  return { account, now, lifetime: day, request, force };
}

/** The steps over a strategy that gives a token each time, unless it's told otherwise. */
function setUp(change: Partial<MailingParts<unknown>> = {}) {
  const { counters } = memoryStore();
  const hits: { name: string; per: number; by: number }[] = [];
  const settled: boolean[] = [];
  const state = { isAtCap: false, turns: 0, strategyCalls: 0 };
  const observed: string[] = [];
  const log = keptLog();
  const events = createEmitter<unknown>(() => undefined);
  events.observers.push((step, work) => (observed.push(step), work()));
  const load = createWorkload(100);
  const kinds: string[] = [];
  const parts = {
    strategy: {
      async issue(): Promise<Issued | "over_cap"> {
        state.strategyCalls++;
        if (state.isAtCap) return "over_cap";
        const settle = async (accepted: boolean) => void settled.push(accepted);
        return { token: `token ${state.strategyCalls}`, code: "1234", expiresAt: noon, settle };
      },
    },
    keys: createKeyring(secret),
    counters: {
      ...counters,
      hit: (name: string, how: { per: number; by: number; now: number }) => {
        hits.push({ name, per: how.per, by: how.by });
        return counters.hit(name, how);
      },
    },
    events,
    log,
    timeout: 2_000,
    maxLive: 1,
    yieldToEventLoop: async () => void state.turns++,
    load: {
      ...load,
      deliver: (send: any) => (kinds.push("deliver"), load.deliver(send)),
      imitate: (send: any) => (kinds.push("imitate"), load.imitate(send)),
      note: (step: any) => (kinds.push("note"), load.note(step)),
    },
    ...change,
  } as unknown as MailingParts<unknown>;
  return { steps: createSteps(parts), hits, settled, state, observed, kinds, log };
}

const issuedOf = (outcome: Issued | string): Issued => {
  if (typeof outcome === "string") throw new Error(`It wasn't issued: ${outcome}`);
  return outcome;
};

describe("a mailbox", () => {
  it("gets four emails a day for each link that an account may have, whatever the account", async () => {
    const { steps, state } = setUp();
    for (let n = 0; n < 4; n++) issuedOf(await steps.issue(orderFor("Ada@Example.com")));
    expect(await steps.issue(orderFor("ada@example.com"))).toBe("mailbox_full");
    expect(state.strategyCalls).toBe(4);
    issuedOf(await steps.issue(orderFor("grace@example.com")));
    expect(await steps.issue(orderFor("ada@example.com", { now: noon + day - 1 }))).toBe("mailbox_full");
    issuedOf(await steps.issue(orderFor("ada@example.com", { now: noon + day })));
  });

  it("gets more where an account may have more links", async () => {
    const { steps } = setUp({ maxLive: 2 });
    for (let n = 0; n < 8; n++) issuedOf(await steps.issue(orderFor("ada@example.com")));
    expect(await steps.issue(orderFor("ada@example.com"))).toBe("mailbox_full");
  });

  it("isn't charged for what wasn't sent", async () => {
    const { steps, state, settled } = setUp();
    for (let n = 0; n < 9; n++) await issuedOf(await steps.issue(orderFor("ada@example.com"))).settle(false);
    expect(settled).toEqual(Array(9).fill(false));
    state.isAtCap = true;
    for (let n = 0; n < 9; n++) expect(await steps.issue(orderFor("ada@example.com"))).toBe("over_cap");
    state.isAtCap = false;
    for (let n = 0; n < 4; n++) await issuedOf(await steps.issue(orderFor("ada@example.com"))).settle(true);
    expect(settled.slice(9)).toEqual(Array(4).fill(true));
    for (let n = 0; n < 9; n++) expect(await steps.issue(orderFor("ada@example.com"))).toBe("mailbox_full");
    issuedOf(await steps.issue(orderFor("ada@example.com", { now: noon + day })));
  });

  it("gets everything that the application sends itself, which isn't counted", async () => {
    const { steps, hits } = setUp();
    for (let n = 0; n < 9; n++) {
      const issued = issuedOf(await steps.issue(orderFor("ada@example.com", { force: true })));
      await issued.settle(false);
    }
    expect(hits).toEqual([]);
  });

  it("is counted under a name that doesn't show the address, for a day", async () => {
    const { steps, hits } = setUp();
    await steps.issue(orderFor("ada@example.com"));
    // A new version that counted under another name would begin anew.
    expect(hits).toEqual([{ name: "mailbox.hANR4tIYQVlfv1P0aDk0FQ", per: day, by: 1 }]);
  });
});

describe("a decoy", () => {
  it("is counted in one of 256 windows of a millisecond, so that it leaves nothing behind", async () => {
    const { steps, hits } = setUp();
    for (let n = 0; n < 3; n++) await steps.issue(orderFor(`nobody${n}@example.com`, { decoy: true }));
    const one = { name: expect.stringMatching(/^mailbox\.[\w-]{2}$/), per: 1, by: 1 };
    expect(hits).toEqual([one, one, one]);
  });

  it("is never refused, so that its work is the same each time", async () => {
    const { steps } = setUp();
    for (let n = 0; n < 9; n++) issuedOf(await steps.issue(orderFor("nobody@example.com", { decoy: true })));
  });
});

it("what was issued keeps its token, its code and its end", async () => {
  const { steps } = setUp();
  expect(await steps.issue(orderFor("ada@example.com"))).toMatchObject({
    token: "token 1",
    code: "1234",
    expiresAt: noon,
  });
});

describe("each step", () => {
  it("begins in a turn of its own", async () => {
    const { steps, state } = setUp();
    const issued = issuedOf(await steps.issue(orderFor("ada@example.com")));
    expect(state.turns).toBe(1);
    await steps.inTime(() => undefined);
    expect(state.turns).toBe(2);
    await steps.dryRun(() => undefined);
    expect(state.turns).toBe(3);
    await steps.settle(issued, true);
    expect(state.turns).toBe(4);
  });

  it("has its own place: deliveries, what takes as long as one, and notes", async () => {
    const { steps, kinds, observed } = setUp();
    expect(await steps.inTime(async () => "sent")).toBe("sent");
    expect(await steps.dryRun(async () => "dry")).toBe("dry");
    // A delivery follows, and takes as long as one.
    expect(await steps.dryRun(async () => "followed", true)).toBe("followed");
    await steps.settle(issuedOf(await steps.issue(orderFor("ada@example.com"))), true);
    expect(kinds).toEqual(["deliver", "imitate", "note"]);
    expect(observed).toEqual(["deliver", "dryRun", "dryRun"]);
  });

  it.each(["inTime", "dryRun"] as const)("rejects where what it waits for never ends: %s", async (step) => {
    const { steps } = setUp();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let outcome: unknown;
    const ending = steps[step](() => new Promise(() => undefined)).catch((error) => (outcome = error));
    await vi.advanceTimersByTimeAsync(1_999);
    expect(outcome).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await ending;
    expect(outcome).toMatchObject({ message: "deliver didn't end within 2 seconds" });
  });
});

describe("a note of what became of an email", () => {
  it.each([
    [true, "sent"],
    [false, "not sent"],
  ])("that fails is a warning, and sends nothing again: %s", async (accepted, words) => {
    const { steps, log } = setUp();
    const settle = () => Promise.reject(new Error("connection refused"));
    await steps.settle({ token: "t", expiresAt: noon, settle }, accepted);
    expect(log.lines).toEqual([
      `warn: The store couldn't record that an email was ${words}: Error: connection refused`,
    ]);
  });

  it("that fails at once is no other failure", async () => {
    const { steps, log } = setUp();
    const settle = () => {
      throw new Error("closed");
    };
    await steps.settle({ token: "t", expiresAt: noon, settle }, true);
    expect(log.lines).toHaveLength(1);
  });

  it("says nothing where it could be made", async () => {
    const { steps, log, settled } = setUp();
    await steps.settle(issuedOf(await steps.issue(orderFor("ada@example.com"))), false);
    expect(settled).toEqual([false]);
    expect(log.lines).toEqual([]);
  });
});
