import type { RefusalReason } from "../types.js";
import { need, withConfig } from "./config.js";
import { say, UsageError, type Command } from "./terminal.js";

export const send: Command = {
  name: "send",
  usage: "<identifier> [--scope <scope>]",
  summary: "starts a reset for somebody, as support does",
  help: `Sends what the form would have sent: a mail to the stored address of every account behind the identifier.
Nobody but its owner sees the link.

  resetkit send ada@example.com

Says how many messages were accepted by the transport.`,
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
      if (seen.failed > 0) throw new Error("A message was not accepted; a worker will try again.");
    });
  },
};

/** For support they are one: the worker's log says which. */
const noEmail: ReadonlySet<RefusalReason> = new Set([
  "unknown_account",
  "identifier_mismatch",
  "not_eligible",
]);

function sentence(seen: { delivered: number; unknown: number; overCap: number; failed: number }): string {
  if (seen.unknown > 0) return "There is no account that could be reset.";
  if (seen.overCap > 0)
    return "The account has had its mails: earlier links work, and one more goes out in an hour.";
  if (seen.delivered + seen.failed === 0) return "Taken down; another worker is sending it.";
  return `${seen.delivered} ${seen.delivered === 1 ? "message was" : "messages were"} accepted.`;
}
