/**
 * One server process of the bench: `server.js OPTIONS`. It tells its port, and what it has used when asked.
 *
 * @module
 */
import { startBare } from "./bare.js";
import { startBetterAuth } from "./better-auth.js";
import { argon2id, hashes } from "./hash.js";
import { startResetkit, startWorker } from "./resetkit.js";
import type { Ready, ServerOptions, Usage } from "./system.js";

const options = JSON.parse(process.argv[2]!) as ServerOptions;

process.on("message", async (message: "usage" | { readonly hashFor: number; readonly inFlight: number }) => {
  if (message === "usage") return process.send!(usage());
  process.send!(await hashOnly(message.hashFor, message.inFlight));
});
process.on("disconnect", () => process.exit());
process.send!({ port: await start() } satisfies Ready);

async function start(): Promise<number> {
  switch (options.program) {
    case "bare":
    case "tuned":
      return startBare(options);
    case "better-auth":
      return startBetterAuth(options);
    case "hash":
      return 0;
    case "resetkit":
      if (options.worker !== "alone") return startResetkit(options);
      startWorker(options);
      return 0;
  }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1000, hashes: hashes() };
}

/** Hashes and nothing else, so many at once, for so many milliseconds: what a confirm cannot be faster than. */
async function hashOnly(time: number, inFlight: number): Promise<{ hashes: number; ms: number }> {
  const [begin, before] = [performance.now(), hashes()];
  const one = async () => {
    while (performance.now() - begin < time) await argon2id("correct horse battery staple");
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return { hashes: hashes() - before, ms: performance.now() - begin };
}
