import type { RequestQueue } from "../types.js";
import { need, withConfig } from "./config.js";
import { line, queueOf, shown } from "./entries.js";
import { allEntries, entryOf } from "../engine/rows.js";
import { say, UsageError, type Call, type Command } from "./terminal.js";

export const queue: Command = {
  name: "queue",
  usage: "list | drop <id>",
  summary: "lists the queue's entries, or drops one",
  help: `resetkit queue list           id, kind, age, attempts, and last failure of every entry
resetkit queue list --json    the same, one line of JSON per entry
resetkit queue drop <id>      removes an entry permanently, without asking

Kinds: "request" (a reset was requested), "issue" (issueFor was called), "finish" (revoke the sessions after a
password change), and "changed" (send the password-changed email). Only requests have a deadline. The others are
retried until they succeed or you drop them.

The contents of an entry are encrypted, so the list shows no identifier and no email address.`,
  options: {},
  async run(call) {
    const [verb, id, ...more] = call.words;
    if (verb === "list" && id === undefined) {
      return withConfig(call, async (config) => list(call, queueOf(need(config, "store"))));
    }
    if (verb === "drop" && id !== undefined && more.length === 0) {
      return withConfig(call, async (config) => drop(call, queueOf(need(config, "store")), id));
    }
    throw new UsageError('queue needs "list", or "drop" and one ID.');
  },
};

async function list(call: Call, entries: RequestQueue): Promise<void> {
  let count = 0;
  for await (const entry of allEntries(entries)) {
    count++;
    call.terminal.out(call.options["json"] ? JSON.stringify(shown(entry)) : line(entry, Date.now()));
  }
  if (count === 0 && !call.options["json"]) call.terminal.out("The queue is empty.");
}

async function drop(call: Call, entries: RequestQueue, id: string): Promise<void> {
  const entry = await entryOf(entries, id);
  if (!entry) {
    throw new Error(
      `The queue has no entry ${JSON.stringify(id)}. Run "resetkit queue list" to see the IDs.`,
    );
  }
  await entries.done(id);
  say(call, `Dropped ${line(entry, Date.now())}`, { dropped: shown(entry) });
}
