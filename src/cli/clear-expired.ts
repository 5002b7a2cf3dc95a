import { need, withConfig } from "./config.js";
import { say, type Command, type Terminal } from "./terminal.js";

export const clearExpired: Command = {
  name: "clear-expired",
  usage: "",
  summary: "deletes expired tokens, rate-limit counters, and queued requests",
  help: `Deletes expired tokens, rate-limit counters, and queued requests, in batches small enough not to delay
other queries. The worker deletes a few from time to time. For large tables, run this from cron:

  15 3 * * *  cd /srv/app && npx resetkit clear-expired

In a terminal, it shows its progress. Otherwise, it prints one line at the end. Ctrl+C stops it between two batches.`,
  options: {},
  async run(call) {
    await withConfig(call, async (config) => {
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      process.once("SIGINT", onSignal);
      const startedAt = performance.now();
      const show = progressOn(call.terminal.progress);
      const { removed } = await need(config, "reset").clearExpired({
        signal: stop.signal,
        onProgress: (progress) => show.update(progress.removed),
      });
      process.removeListener("SIGINT", onSignal);
      show.end();
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      const sentence = `Removed ${removed.toLocaleString("en")} ${removed === 1 ? "row" : "rows"} in ${seconds} s.`;
      say(call, stop.signal.aborted ? `Stopped. ${sentence}` : sentence, {
        removed,
        stopped: stop.signal.aborted,
      });
    });
  },
};

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** The total isn't known until the end, so this shows the count, the rate, and a spinner. */
function progressOn(screen: Terminal["progress"]): { update(removed: number): void; end(): void } {
  if (!screen) return { update: () => undefined, end: () => undefined };
  const startedAt = performance.now();
  let shownAt = 0;
  let frame = 0;
  return {
    update(removed) {
      const now = performance.now();
      if (now - shownAt < 80) return;
      shownAt = now;
      const pace = Math.round(removed / ((now - startedAt) / 1000));
      const text = `${frames[frame++ % frames.length]} ${removed.toLocaleString("en")} rows removed, ${pace.toLocaleString("en")}/s`;
      screen.write(`\r\u001b[2K${text.slice(0, (screen.columns ?? 80) - 1)}`);
    },
    end: () => void screen.write("\r\u001b[2K"),
  };
}
