import { isProduction } from "../runtime/environment.js";
import { need, withConfig } from "./config.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

export const throttles: Command = {
  name: "throttles",
  usage: "clear [--ip <address>] [--identifier <identifier>] [--by <key>] [--yes]",
  summary: "clears all rate limits, or those of one client",
  help: `resetkit throttles clear                         all of them
resetkit throttles clear --ip 203.0.113.7        those of an IP address
resetkit throttles clear --ip 203.0.113.7 --identifier ada@example.com
resetkit throttles clear --by acme               those for which your own \`by\` function returned "acme"

With throttles: "fair", requests count by IP address and identifier together, so clear them with both.

To clear all of them, you have to confirm. In a terminal, it asks. In a pipe in production, pass --yes.

Attempts to enter codes, the per-account email limit (maxLive), and your own Throttle objects aren't cleared.`,
  options: {
    ip: { type: "string" },
    identifier: { type: "string" },
    by: { type: "string" },
    yes: { type: "boolean" },
  },
  async run(call) {
    const [verb, ...more] = call.words;
    if (verb !== "clear" || more.length > 0) throw new UsageError('throttles needs "clear".');
    const { ip, identifier, by } = call.options as Record<string, string | undefined>;
    const isOne = ip !== undefined || identifier !== undefined || by !== undefined;
    if (!isOne && !(await isConfirmed(call))) return say(call, "Nothing was cleared.", { cleared: 0 });
    await withConfig(call, async (config) => {
      const { cleared } = await need(config, "reset").clearThrottles({ ip, identifier, by });
      say(call, sentence(cleared, isOne), { cleared });
    });
  },
};

async function isConfirmed({ options, terminal }: Call): Promise<boolean> {
  if (options["yes"]) return true;
  if (terminal.ask) return terminal.ask("Clear the rate limits of all clients?");
  if (isProduction()) throw new UsageError("This clears the rate limits of all clients. Pass --yes.");
  return true;
}

function sentence(cleared: number, isOne: boolean): string {
  if (cleared > 0)
    return `Cleared ${cleared.toLocaleString("en")} ${cleared === 1 ? "counter" : "counters"}.`;
  if (!isOne) return "There was nothing to clear.";
  return "Nothing was counted for it. A limit by IP address and identifier needs both: --ip and --identifier.";
}
