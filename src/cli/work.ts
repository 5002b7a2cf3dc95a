import type { PasswordReset } from "../types.js";
import { need, withConfig } from "./config.js";
import { Failure, say, type Call, type Command } from "./terminal.js";

export const work: Command = {
  name: "work",
  usage: "[--once]",
  summary: "processes the queue until it's stopped",
  help: `Runs a worker in a separate process, for applications with worker: "outside". You can run any number of
workers: each request is leased by one of them.

  resetkit work
  resetkit work --once   processes what's due now and exits: for cron, if your app is frozen between requests

With --once, the exit code is 1 if an attempt failed. What can be retried stays in the queue for the next run.

SIGTERM and Ctrl+C stop it: it finishes what it has leased, and the rest stays in the queue.`,
  options: { once: { type: "boolean" } },
  async run(call) {
    await withConfig(call, async (config) => {
      await config.store?.check?.();
      if (call.options["once"]) {
        return once(call, need(config, "reset"));
      }
      const stop = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
      say(call, "Working. Press Ctrl+C to stop.", { working: true });
      // The worker's own timers don't keep the process running; this one does.
      const alive = setInterval(() => undefined, 2 ** 30);
      await need(config, "reset").work({ signal: stop.signal });
      clearInterval(alive);
    });
  },
};

async function once(call: Call, reset: PasswordReset): Promise<void> {
  const did = { delivered: 0, failed: 0 };
  reset.on("delivered", () => void did.delivered++);
  reset.on("failed", () => void did.failed++);
  await reset.drain();
  const messages = did.delivered === 1 ? "message was" : "messages were";
  const failures = did.failed === 1 ? "attempt failed" : "attempts failed";
  const more = did.failed > 0 ? `, and ${did.failed} ${failures}` : "";
  say(call, `Done: ${did.delivered} ${messages} accepted${more}.`, { done: true, ...did });
  if (did.failed > 0) throw new Failure();
}
