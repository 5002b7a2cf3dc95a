import { describe, expect, it } from "vitest";
import { memoryStore, passwordReset } from "resetkit";
import { fakeClock, outbox } from "resetkit/testing";
import type { ResetOptions } from "resetkit/types";
import { memoryUsers, type MemoryUser } from "resetkit/users/memory";
import { goodPassword, secret } from "../kit.js";
import { root } from "../package/packed.js";
import { run } from "../servers/debian.js";

function app(options: Partial<ResetOptions<MemoryUser>> = {}) {
  const mail = outbox<MemoryUser>();
  const clock = fakeClock(Date.UTC(2026, 0, 15));
  const users = memoryUsers<MemoryUser>([
    { id: 1, email: "ada@example.com" },
    { id: 2, email: "grace@example.com" },
  ]);
  const reset = passwordReset<MemoryUser>({
    ...{ users, secret, store: memoryStore(), url: "https://example.com/reset/{token}" },
    ...{ deliver: mail.deliver, clock: clock.now, throttles: false },
    ...options,
  });
  return { mail, clock, reset };
}

describe("outbox", () => {
  it("waits for the message to an address, and returns each one once", async () => {
    const { mail, reset } = app();
    const first = mail.next("ADA@example.com");
    await reset.request({ identifier: "grace@example.com" });
    await reset.request({ identifier: "ada@example.com" });
    const { token, kind } = await first;
    expect(kind).toBe("reset");
    await reset.confirm({ token, password: goodPassword });
    const changed = await mail.next("ada@example.com", { kind: "changed" });
    expect(changed.changedAt).toBeInstanceOf(Date);
    expect((await mail.next("grace@example.com")).user.id).toBe(2);
    expect(mail.messages.map((message) => message.kind).sort()).toEqual(["changed", "reset", "reset"]);
    mail.clear();
    expect(mail.messages).toEqual([]);
    await reset.close();
  });

  it("rejects without the address where nothing comes, with what to look at", async () => {
    const failed = outbox().next("ada@example.com", { timeout: 10 });
    await expect(failed).rejects.toThrow(
      'No "reset" message to a•••@example.com was delivered within 10; messages delivered in total: 0.',
    );
  });

  it("goes with a clock that the test moves", async () => {
    const { mail, clock, reset } = app();
    await reset.request({ identifier: "ada@example.com" });
    const { token } = await mail.next("ada@example.com");
    clock.advance("23h");
    expect(await reset.validate({ token })).toBe(true);
    clock.advance("2h");
    expect(await reset.validate({ token })).toBe(false);
    await reset.close();
  });
});

it.each(["inside", "outside"] as const)(
  "drain delivers what was requested before it was called: worker %s",
  async (worker) => {
    for (let round = 0; round < 20; round++) {
      const { mail, reset } = app({ worker });
      await reset.request({ identifier: "ada@example.com" });
      await reset.drain();
      expect(mail.messages).toHaveLength(1);
      await reset.close();
    }
  },
);

it.each([
  ["at once", ""],
  ["after a drain", "await reset.drain();"],
  ["while the worker waits", "await reset.drain(); await new Promise((go) => setTimeout(go, 400));"],
])("close ends a bare script with exit code 0, %s", async (_, between) => {
  const script = `
    import { memoryStore, passwordReset } from "./dist/index.js";
    import { memoryUsers } from "./dist/users/memory.js";
    const reset = passwordReset({
      users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
      secret: ${JSON.stringify(secret)}, store: memoryStore(), url: "https://example.com/reset/{token}",
      deliver: () => undefined, log: { info() {}, warn() {}, error() {} },
    });
    await reset.request({ identifier: "ada@example.com" });
    ${between}
    await reset.close();
    console.log("closed");`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: root });
  expect(stdout).toBe("closed\n");
});
