import { need, withConfig } from "./config.js";
import { say, type Command } from "./terminal.js";

export const work: Command = {
  name: "work",
  usage: "",
  summary: "takes requests off the queue until it's stopped",
  help: `Runs a worker in a separate process, for applications with worker: "outside". You can run any number of
them: each request is leased by one.

  resetkit work

SIGTERM and Ctrl+C stop it: it finishes what it has leased, and the rest stays in the queue.`,
  options: {},
  async run(call) {
    await withConfig(call, async (config) => {
      await config.store?.check?.();
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
