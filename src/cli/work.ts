import { need, withConfig } from "./config.js";
import { say, type Command } from "./terminal.js";

export const work: Command = {
  name: "work",
  usage: "[--once]",
  summary: "takes requests off the queue until it is stopped",
  help: `A worker in a process of its own, for applications with worker: "outside". As many as you like may run at
once: each request is seen by one of them.

  resetkit work
  resetkit work --once   does what is due now and ends: for cron, where functions are frozen between requests

SIGTERM and Ctrl+C end it: what is under way is finished, and the rest stays in the queue.`,
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
