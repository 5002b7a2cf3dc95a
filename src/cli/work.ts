import { need, withConfig } from "./config.js";
import { say, type Command } from "./terminal.js";

export const work: Command = {
  name: "work",
  usage: "[--once]",
  summary: "takes requests off the queue until it's stopped",
  help: `Runs a worker in a separate process, for applications with worker: "outside". You can run any number of
them: each request is leased by one.

  resetkit work
  resetkit work --once   does what is due now and ends: for cron, where functions are frozen between requests

SIGTERM and Ctrl+C stop it: it finishes what it has leased, and the rest stays in the queue.`,
  options: { once: { type: "boolean" } },
  async run(call) {
    await withConfig(call, async (config) => {
      await config.store?.check?.();
      if (call.options["once"]) {
        await need(config, "reset").drain();
        return say(call, "Done: everything that was due was tried once.", { done: true });
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
