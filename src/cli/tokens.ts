import { plainUserId } from "../identity/user-id.js";
import type { Store, TokenRow } from "../types.js";
import { need, withConfig } from "./config.js";
import { allTokens } from "../engine/rows.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

export const tokens: Command = {
  name: "tokens",
  usage: "list | revoke <user id> [--scope <scope>]",
  summary: "lists stored tokens, or revokes those of an account",
  help: `resetkit tokens list               account, times, IP address, and browser of every stored token
resetkit tokens list --json        the same, one line of JSON per token
resetkit tokens revoke 42          revokes every token of the account with that ID

Tokens themselves aren't stored, only keyed hashes of them.`,
  options: { scope: { type: "string" } },
  async run(call) {
    const [verb, id, ...more] = call.words;
    if (verb === "list" && id === undefined) {
      return withConfig(call, async (config) => list(call, need(config, "store")));
    }
    if (verb === "revoke" && id !== undefined && more.length === 0) {
      return withConfig(call, async (config) => revoke(call, need(config, "store"), id));
    }
    throw new UsageError('tokens needs "list", or "revoke" and one user ID.');
  },
};

async function list(call: Call, store: Store): Promise<void> {
  let count = 0;
  for await (const row of allTokens(store)) {
    count++;
    call.terminal.out(call.options["json"] ? JSON.stringify(shown(row)) : line(row));
  }
  if (count === 0 && !call.options["json"]) call.terminal.out("There are no tokens.");
}

async function revoke(call: Call, store: Store, id: string): Promise<void> {
  const scope = (call.options["scope"] as string | undefined) ?? "";
  // Compare as text: the argument may stand for the number 42 or the text "42".
  for await (const row of allTokens(store)) {
    if (plainUserId(row.userId) !== id || row.scope !== scope) continue;
    const removed = await store.tokens.removeByUser(row.userId, { scope });
    return say(call, `Revoked ${removed} ${removed === 1 ? "token" : "tokens"}.`, { removed });
  }
  say(call, "That account has no tokens.", { removed: 0 });
}

function shown(row: TokenRow) {
  const { scope, delivery, ip, userAgent } = row;
  const time = (at: number) => new Date(at).toISOString();
  const times = { createdAt: time(row.createdAt), expiresAt: time(row.expiresAt) };
  return {
    user: plainUserId(row.userId),
    ...(scope && { scope }),
    ...times,
    delivery,
    code: row.code !== undefined,
    ip,
    userAgent,
  };
}

function line(row: TokenRow): string {
  const { user, createdAt, expiresAt, delivery, ip = "-", userAgent = "-" } = shown(row);
  return [user.padEnd(12), createdAt, expiresAt, delivery.padEnd(8), ip.padEnd(15), userAgent].join("  ");
}
