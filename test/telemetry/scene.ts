/** Everything that is measured, once: for each system of metrics the same. */
import { goodPassword, makeKit, people, type Kit } from "../kit.js";

export interface Measured {
  readonly kit: Kit;
  /** A request that is delivered, one for an unknown account, refusals of each kind, a reset, and an outage of the mail server. */
  run(): Promise<void>;
  /** What no metric and no span may contain. */
  readonly secrets: readonly string[];
}

export function measured(): Measured {
  const accounts = people("ada@example.com", "grace@example.com");
  const secrets = ["@", "example.com", "192.0.2.7", "Secret Agent", goodPassword, "421 try"];
  let isDown = false;
  const kit = makeKit(
    {
      deliver: (message) => {
        if (isDown) throw new Error(`421 try later: ${message.address}`);
        secrets.push(...("token" in message ? [message.token] : []));
      },
      users: {
        ...accounts.users,
        hashPassword: async (password) => `hash of ${password}`,
        setPassword: (user, hash) => {
          accounts.byId.get(user.id)!.passwordHash = hash;
          return true;
        },
      },
    },
    accounts,
  );
  return { kit, run, secrets };

  async function run() {
    const { reset } = kit;
    await reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.7", userAgent: "Secret Agent" });
    await reset.request({ identifier: "eve@example.com" }, { ip: "192.0.2.7" });
    await reset.drain();
    const token = secrets.at(-1)!;
    await reset.validate({ token: "nonsense" });
    await reset.validate({ token });
    await reset.confirm({ token, password: "short" }).catch(() => undefined);
    await reset.confirm({ token, password: goodPassword });
    await reset.drain();
    isDown = true;
    await reset.request({ identifier: "grace@example.com" });
    await reset.drain();
    kit.clock.now += 90_000;
  }
}
