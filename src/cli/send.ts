import type { RefusalReason } from "../types.js";
import { need, withConfig } from "./config.js";
import { say, UsageError, type Command } from "./terminal.js";

export const send: Command = {
  name: "send",
  usage: "<identifier> [--scope <scope>]",
  summary: "starts a reset for a user, as support does",
  help: `Sends the same email as the form: to the stored address of every account that the identifier matches.
The link isn't shown.

  resetkit send ada@example.com

Prints how many messages the transport accepted.`,
  options: { scope: { type: "string" } },
  async run(call) {
    const [identifier, ...more] = call.words;
    if (identifier === undefined || more.length > 0) throw new UsageError("send takes one identifier.");
    await withConfig(call, async (config) => {
      const reset = need(config, "reset");
      const seen = { delivered: 0, failed: 0, unknown: 0, overCap: 0 };
      reset.on("delivered", ({ kind }) => void (kind === "reset" && seen.delivered++));
      reset.on("failed", () => void seen.failed++);
      reset.on("refused", ({ reason }) => {
        if (noEmail.has(reason)) seen.unknown++;
        if (reason === "over_cap") seen.overCap++;
      });
      await reset.request({ identifier }, { scope: call.options["scope"] as string | undefined });
      await reset.drain();
      say(call, sentence(seen), seen);
      if (seen.failed > 0) throw new Error("A message wasn't accepted. A worker will retry it.");
    });
  },
};

/** One sentence covers all of them: the worker's log names the reason. */
const noEmail: ReadonlySet<RefusalReason> = new Set([
  "unknown_account",
  "identifier_mismatch",
  "not_eligible",
]);

function sentence(seen: { delivered: number; unknown: number; overCap: number; failed: number }): string {
  if (seen.unknown > 0) return "No account matches, or it isn't eligible.";
  if (seen.overCap > 0)
    return "The account is at its email limit. Earlier links still work, and another email can be sent in an hour.";
  if (seen.delivered + seen.failed === 0) return "Queued. Another worker is sending it.";
  return `${seen.delivered} ${seen.delivered === 1 ? "message was" : "messages were"} accepted.`;
}
