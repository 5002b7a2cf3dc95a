import { describe, expect, it } from "vitest";
import "../../src/engine/decoy.js";
import type { Events, Message } from "../../src/types.js";
import { makeKit, people, type Person } from "../kit.js";

const day = 24 * 3_600_000;

/** An engine that writes to strangers, and what it told. */
function writing(deliver?: (message: Message<Person>) => void, accounts = people("ada@example.com")) {
  const sent: Message<Person>[] = [];
  const options: Parameters<typeof makeKit>[0] = {
    notifyUnknown: true,
    deliver(message) {
      deliver?.(message);
      sent.push(message);
    },
  };
  const kit = makeKit(options, accounts);
  const told: { name: string; event: unknown }[] = [];
  for (const name of ["delivered", "failed", "refused"] as const satisfies (keyof Events<Person>)[]) {
    kit.reset.on(name, (event: unknown) => void told.push({ name, event }));
  }
  const ask = async (identifier: string, scope?: string) => {
    await kit.reset.request({ identifier }, { scope, ip: "192.0.2.7", locale: "de" });
    await kit.reset.drain();
  };
  return { kit, sent, told, ask };
}

describe("notifyUnknown", () => {
  it("writes to the address that was typed, in the request's language, without a token or a link", async () => {
    const { sent, told, ask } = writing();
    await ask("nobody@example.com");
    expect(sent).toEqual([
      {
        kind: "unknown",
        address: "nobody@example.com",
        locale: "de",
        request: { ip: "192.0.2.7", userAgent: undefined, data: undefined },
      },
    ]);
    expect(told.map(({ name }) => name)).toEqual(["refused", "delivered"]);
    expect(told[1]!.event).toEqual({ kind: "unknown", request: sent[0]!.request, scope: undefined });
    expect(JSON.stringify(told)).not.toContain("nobody@");
  });

  it.each([
    "nobody",
    "+49 170 1234567",
    "nobody@example.com, ada@example.com",
    "Nobody <nobody@example.com>",
    '"nobody"@example.com',
    "nobody@intranet",
  ])("writes nothing to %j, which is no plain address", async (identifier) => {
    const { sent, ask } = writing();
    await ask(identifier);
    expect(sent).toEqual([]);
  });

  it("tells the owner of an account that can't be reset why, at the stored address", async () => {
    const accounts = people("ada@example.com");
    const verdicts = ["no_password", "closed", false, "because"] as unknown[] as ("closed" | false)[];
    accounts.users.mayReset = () => verdicts.shift() ?? true;
    const { kit, sent } = writing(undefined, accounts);
    for (let n = 0; n < 4; n++) {
      await kit.reset.request({ identifier: "ADA@example.com" }, { locale: "de" });
      await kit.reset.drain();
    }
    const told = { kind: "ineligible", address: "ada@example.com", user: { id: 1 }, locale: "de" };
    expect(sent).toMatchObject([
      { ...told, reason: "no_password" },
      { ...told, reason: "closed" },
      { ...told, reason: undefined },
    ]);
  });

  it("writes what belongs to an account if it has one", async () => {
    const accounts = people("ada@example.com");
    accounts.byId.get(1)!.active = false;
    const kinds: string[] = [];
    const kit = makeKit({ notifyUnknown: true, deliver: ({ kind }) => void kinds.push(kind) }, accounts);
    await kit.reset.request({ identifier: "ada@example.com" });
    await kit.reset.drain();
    expect(kinds).toEqual(["ineligible"]);
    accounts.byId.get(1)!.active = true;
    await kit.reset.request({ identifier: "ADA@example.com" });
    await kit.reset.drain();
    expect(kinds).toEqual(["ineligible", "reset"]);
  });

  it("tries again while the mail server is away, and does not count what was not sent", async () => {
    let away = true;
    const { kit, sent, told, ask } = writing(() => {
      if (away) throw new Error("550 <nobody@example.com> is not known here");
    });
    for (let n = 0; n < 5; n++) {
      await ask("nobody@example.com");
      kit.clock.now += 60_000;
    }
    expect(sent).toEqual([]);
    const failed = told.filter(({ name }) => name === "failed");
    expect(failed.length).toBeGreaterThan(4);
    expect(JSON.stringify(failed) + kit.log.lines.join()).not.toContain("nobody@");
    away = false;
    kit.clock.now += 20 * 60_000;
    await kit.reset.drain();
    // Five requests wait for one address: they are one piece of work.
    expect(sent).toHaveLength(1);
    for (let n = 0; n < 5; n++) await ask("nobody@example.com");
    expect(sent).toHaveLength(3);
  });

  it("counts an address a day, however it is written, and each tenant for itself", async () => {
    const { kit, sent, ask } = writing();
    for (const identifier of [
      "nobody@example.com",
      "NOBODY@example.com",
      "Nobody@Example.com",
      "nobody@example.com",
    ]) {
      await ask(identifier);
    }
    expect(sent).toHaveLength(3);
    await ask("nobody@example.com", "north");
    expect(sent).toHaveLength(4);
    kit.clock.now += day;
    await ask("nobody@example.com");
    expect(sent).toHaveLength(5);
  });
});
