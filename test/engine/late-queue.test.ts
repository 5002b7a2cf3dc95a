import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import { signedTokens } from "../../src/tokens/signed.js";
import { storedTokens } from "../../src/tokens/stored.js";
import type { Events } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

const identifier = "ada@example.com";

describe.each([
  ["stored", storedTokens],
  ["signed", signedTokens],
])("with %s tokens, a request for an account at its limit", (_, tokens) => {
  const refusedOf = ({ reset }: ReturnType<typeof makeKit>) => {
    const refused: Events<Person>["refused"][] = [];
    reset.on("refused", (event) => void refused.push(event));
    return refused;
  };

  it.each([0, 1, 60, 599])("is done after one attempt, %i seconds after it was queued", async (seconds) => {
    const store = memoryStore();
    const kit = makeKit({ store, tokens: tokens(), maxLive: 1 });
    const refused = refusedOf(kit);
    await kit.ask(identifier);
    const before = kit.calls.findByIdentifier;
    await kit.reset.request({ identifier });
    kit.clock.now += seconds * 1_000;
    await kit.reset.drain();
    expect(refused).toMatchObject([{ stage: "mail", reason: "over_cap", userId: 1 }]);
    expect(kit.calls.findByIdentifier).toBe(before + 1);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });

  it("waits for the token of its own attempt that was cut off, and is emailed then", async () => {
    const store = memoryStore();
    const accounts = people(identifier);
    const shared = { store, tokens: tokens(), maxLive: 1 };
    let begun!: () => void;
    const isBegun = new Promise<void>((resolve) => (begun = resolve));
    const dies = makeKit({ ...shared, deliver: () => new Promise<void>(() => begun()) }, accounts);
    await dies.reset.request({ identifier });
    void dies.reset.drain();
    await isBegun;

    const lives = makeKit({ ...shared, clock: () => dies.clock.now }, accounts);
    const refused = refusedOf(lives);
    // The lease ends, and the token still counts as an email in progress.
    dies.clock.now += 31_000;
    await lives.reset.drain();
    expect(lives.mails).toEqual([]);
    expect(await store.queue!.list({ limit: 9 })).toHaveLength(1);
    for (let minute = 0; minute < 10; minute++) {
      dies.clock.now += 60_000;
      await lives.reset.drain();
    }
    expect(lives.mails).toHaveLength(1);
    expect(refused).toEqual([]);
    expect(await store.queue!.list({ limit: 9 })).toEqual([]);
  });
});
