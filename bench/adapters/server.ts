/**
 * One application, in a process of its own: `server.js FRAMEWORK KIND`. Sends its port and a good token, and to
 * each message the processor time that it has used, in milliseconds.
 *
 * @module
 */
import { passwordReset } from "resetkit";
import { memoryStore } from "resetkit/stores/memory";
import { byHand, mounted, type Framework } from "./apps.js";
import { looks, type Kind } from "./looks.js";

const user = { id: 1, email: "ada@example.com", hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA" };

async function start(framework: Framework, kind: Kind): Promise<void> {
  let token = "";
  const reset = passwordReset<typeof user>({
    users: {
      findByIdentifier: () => user,
      findById: () => user,
      stateOf: ({ hash, email }) => [hash, email],
      setPassword: () => true,
      revokeSessions: "none",
    },
    secret: "a secret of the bench: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store: memoryStore(),
    url: "https://app.example.com/reset-password/{token}",
    deliver: (message) => {
      if (message.kind === "reset") token = message.token;
    },
    worker: "outside",
  });
  await reset.issueFor(user, { wait: true });
  const apps = kind === "adapter" ? mounted(reset) : byHand(looks(reset)[kind]);
  apps[framework](0, (port) => process.send!({ port, token }));
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send!((user + system) / 1_000);
  });
  // In order, so that --cpu-prof is written.
  process.on("disconnect", () => process.exit());
}

const [, , framework, kind] = process.argv as unknown as [string, string, Framework, Kind];
await start(framework, kind);
