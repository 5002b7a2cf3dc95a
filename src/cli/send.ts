import { random } from "#crypto";
import { hex } from "../crypto/encoding.js";
import type { Events, PasswordReset, RefusalReason } from "../types.js";
import { need, withConfig, type Config } from "./config.js";
import { allEntries } from "../engine/rows.js";
import { Failure, say, UsageError, type Command } from "./terminal.js";

export const send: Command = {
  name: "send",
  usage: "<identifier> [--scope <scope>]",
  summary: "starts a reset for a user, as support does",
  help: `Sends the same email as the form: to the stored address of every account that the identifier matches.
The link isn't shown.

  resetkit send ada@example.com

Prints the outcome. The exit code is 0 if a message was accepted or if the request is left to another worker. It's 1 if no
email was sent, because the request was refused or the mail server failed. A failed attempt stays in the queue and is
retried.`,
  options: { scope: { type: "string" } },
  async run(call) {
    const [identifier, ...more] = call.words;
    if (identifier === undefined || more.length > 0) throw new UsageError("send takes one identifier.");
    await withConfig(call, async (config) => {
      const order = { identifier, scope: call.options["scope"] as string | undefined };
      const report = await requestAndWait(need(config, "reset"), order);
      const { sentence, isFine } = conclude(report, await whereItIs(config, report));
      say(call, sentence, shown(report));
      if (!isFine) throw new Failure();
    });
  },
};

/** The events of one request, without those of other requests that run at the same time. */
interface Report {
  readonly since: Date;
  delivered: number;
  readonly refusals: RefusalReason[];
  readonly failures: Events<any>["failed"][];
}

async function requestAndWait(
  reset: PasswordReset,
  { identifier, scope }: { readonly identifier: string; readonly scope: string | undefined },
): Promise<Report> {
  // Identifies the request in its events, and in the list of tokens.
  const userAgent = `npx resetkit send ${hex(random(4))}`;
  const isOurs = (event: Partial<Events<any>["delivered"]>) => event.request?.userAgent === userAgent;
  const report: Report = { since: new Date(), delivered: 0, refusals: [], failures: [] };
  reset.on("delivered", (event) => void (isOurs(event) && event.kind === "reset" && report.delivered++));
  reset.on("refused", (event) => void (isOurs(event) && report.refusals.push(event.reason)));
  reset.on("failed", (event) => void (isOurs(event) && report.failures.push(event)));
  await reset.request({ identifier }, { scope, userAgent });
  await reset.drain();
  return report;
}

/** Where a request without an event is: still in the queue, or leased by another worker. */
async function whereItIs(
  { store }: Config,
  { since, delivered, failures }: Report,
): Promise<"queued" | "taken" | "unknown"> {
  if (!store?.queue) return "unknown";
  if (delivered > 0 && failures.length === 0) return "taken";
  for await (const { kind, addedAt } of allEntries(store.queue)) {
    if (kind === "request" && addedAt >= since.getTime()) return "queued";
  }
  return "taken";
}

function conclude(
  { delivered, refusals, failures, since }: Report,
  place: "queued" | "taken" | "unknown",
): { readonly sentence: string; readonly isFine: boolean } {
  const accepted = `${delivered} ${delivered === 1 ? "message was" : "messages were"} accepted.`;
  const [failure] = failures;
  if (failure) {
    const next = failure.final
      ? "It isn't retried."
      : place === "unknown"
        ? "It's retried only if the store has a queue and a worker is running."
        : `It has been queued since ${minuteOf(since)}, and a worker will retry it.`;
    const reason = `The email wasn't accepted: ${ended(failure.reason)}`;
    return { sentence: `${delivered > 0 ? `${accepted} ` : ""}${reason} ${next}`, isFine: false };
  }
  if (delivered > 0) return { sentence: accepted, isFine: true };
  const [refusal] = refusals;
  if (refusal === "already_waiting") {
    const sentence = "Queued: 3 requests for it are already waiting for a worker. See: npx resetkit status";
    return { sentence, isFine: true };
  }
  if (refusal) return { sentence: `No email was sent: ${reasons[refusal] ?? refusal}.`, isFine: false };
  if (place === "queued") {
    const sentence = `Queued, and waiting since ${minuteOf(since)}. See: npx resetkit status`;
    return { sentence, isFine: true };
  }
  return {
    sentence: "Another worker leased the request. The outcome is in that worker's log.",
    isFine: true,
  };
}

const reasons: Partial<Record<RefusalReason, string>> = {
  unknown_account: "no account matches",
  identifier_mismatch:
    "an account was found, but none of its identifiers equals what you typed (users.identifierOf)",
  not_eligible: "users.mayReset doesn't allow a reset for the account",
  over_cap: "the account has as many valid links as maxLive allows. They still work",
  mailbox_full: "its mailbox got 4 × maxLive emails that were requested within a day",
  unusable_address: "the account's stored email address can't be sent to",
};

function shown({ since, delivered, refusals, failures }: Report) {
  return {
    delivered,
    failed: failures.length,
    refused: refusals[0] ?? null,
    reason: failures[0]?.reason ?? null,
    since: since.toISOString(),
  };
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** "14:02 UTC". */
function minuteOf(date: Date): string {
  return `${date.toISOString().slice(11, 16)} UTC`;
}
