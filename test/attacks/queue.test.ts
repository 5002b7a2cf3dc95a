import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { memoryStore } from "resetkit/stores/memory";
import type { Message } from "resetkit/types";
import { makeKit, people, type Person } from "../kit.js";

// Nothing that anyone can request grows without a bound, or tells who has an account.

describe("the queue", () => {
  it.each(["ada@example.com", "nobody@example.com"])(
    "A58, X24: holds three waiting requests of one spelling, known or not: %s",
    async (identifier) => {
      const store = memoryStore();
      const { reset } = makeKit({ store });
      for (let n = 0; n < 400; n++) await reset.request({ identifier });
      expect(await store.queue!.stats(Number.MAX_SAFE_INTEGER)).toMatchObject({ waiting: 3 });
      await reset.drain();
      expect(await store.queue!.list({ limit: 10 })).toEqual([]);
      // Once they were taken, three more may wait.
      for (let n = 0; n < 9; n++) await reset.request({ identifier });
      expect(await store.queue!.stats(Number.MAX_SAFE_INTEGER)).toMatchObject({ waiting: 3 });
    },
  );

  it("X23: another spelling has its own places, so nobody can push the owner's request out", async () => {
    const { reset, mails } = makeKit();
    for (let n = 0; n < 50; n++) await reset.request({ identifier: "ADA@example.com" });
    await reset.request({ identifier: "ada@example.com" });
    await reset.drain();
    expect(mails).toHaveLength(2);
  });

  it("is open again a minute after a crash took the note of what was taken", async () => {
    const store = memoryStore();
    const { reset, clock } = makeKit({ store });
    for (let n = 0; n < 4; n++) await reset.request({ identifier: "ada@example.com" });
    clock.now += 60_000;
    await reset.request({ identifier: "ada@example.com" });
    expect(await store.queue!.stats(clock.now)).toMatchObject({ waiting: 4 });
  });
});

describe("who has an account", () => {
  it("notifyUnknown never says that there's no account to the owner of one that can't be reset", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    const kit = makeKit({ notifyUnknown: true }, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.request({ identifier: "nobody@example.com" });
    await kit.reset.drain();
    expect(kit.mails).toMatchObject([{ kind: "unknown", address: "nobody@example.com" }]);
  });

  it("X07: a wrong code asks users.mayReset of nobody; a right one does", async () => {
    const { storedTokens } = await import("resetkit/tokens/stored");
    const { randomNumber } = await import("resetkit/tokens/generators");
    const accounts = people("ada@example.com");
    let asks = 0;
    accounts.users.mayReset = () => (asks++, true);
    const kit = makeKit({ tokens: storedTokens({ generator: randomNumber() }) }, accounts);
    const { code } = await kit.ask("ada@example.com");
    asks = 0;
    await kit.reset.validate({ token: "1", identifier: "ada@example.com" });
    expect(asks).toBe(0);
    expect(await kit.reset.validate({ token: code!, identifier: "ada@example.com" })).toBe(true);
    expect(asks).toBe(1);
  });

  it("X05: a url that depends on the user costs an unknown account the same work", async () => {
    let dryRuns = 0;
    const deliver = Object.assign(() => undefined, { dryRun: () => void dryRuns++ });
    const url = (user: Person) => `https://${user.email.split("@")[1]}/reset/{token}`;
    const { reset } = makeKit({ deliver, url });
    for (const identifier of ["ada@example.com", "nobody@example.com"]) {
      await reset.request({ identifier });
      await reset.drain();
    }
    expect(dryRuns).toBe(1);
  });
});

describe("A48: a message with a token", () => {
  it("doesn't print it, and can be read and copied", async () => {
    let message: Message<Person> | undefined;
    const { reset } = makeKit({ deliver: (given) => void (message = given) });
    await reset.request({ identifier: "ada@example.com" });
    await reset.drain();
    const { token, url } = message as { token: string; url: string };
    expect(url).toContain(token);
    for (const printed of [JSON.stringify({ message }), inspect(message), inspect([message], { depth: 9 })]) {
      expect(printed).toContain("[hidden]");
      expect(printed).not.toContain(token);
    }
    expect({ ...message }).toMatchObject({ token, url });
  });
});
