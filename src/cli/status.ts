import { setTimeout as pause } from "node:timers/promises";
import type { QueuedEntry, RequestQueue, Store } from "../types.js";
import { need, withConfig } from "./config.js";
import { ageOf, line, queueOf, shown } from "./entries.js";
import { allEntries, allTokens, firstOf } from "../engine/rows.js";
import { say, type Command } from "./terminal.js";

/** In milliseconds. Entries without a deadline should take seconds. After this long, an operator should look into them. */
const stuckAfter = 15 * 60_000;
/** How long to watch whether a worker leases an entry, in milliseconds. Workers poll every 250 ms by default. */
const watchedFor = 3_000;
/** Maximum number of rows of each kind that a report reads. */
const sample = 10_000;

export const status: Command = {
  name: "status",
  usage: "",
  summary: "reports what's waiting, what keeps failing, and how many tokens are valid",
  help: `Reports how many queue entries are waiting and for how long, which of them keep failing and why, and how many
tokens are valid. If entries are waiting, it watches the queue for 3 seconds, and warns if no worker leases one.

  resetkit status
  resetkit status --json    for monitoring

The exit code is 1 if an entry of the kind "finish", "changed", or "issue" was added more than 15 minutes ago.
To drop one that can never succeed, run: resetkit queue drop <id>

It reads at most ${sample.toLocaleString("en")} rows of each kind.`,
  options: {},
  async run(call) {
    await withConfig(call, async (config) => {
      const store = need(config, "store");
      const report = await reportOn(store, queueOf(store));
      say(call, sentences(report).join("\n"), json(report));
      const { length } = report.stuck;
      if (length === 0) return;
      throw new Error(
        `${length} ${length === 1 ? "entry has" : "entries have"} been waiting for more than 15 minutes and should have taken seconds.`,
      );
    });
  },
};

interface Report {
  readonly now: number;
  readonly waiting: number;
  readonly oldestAt: number | undefined;
  /** Whether a worker leased an entry; undefined if none was due. */
  readonly isTaken: boolean | undefined;
  readonly failing: readonly QueuedEntry[];
  readonly stuck: readonly QueuedEntry[];
  readonly tokens: { readonly valid: number; readonly expired: number; readonly isSample: boolean };
}

async function reportOn(store: Store, queue: RequestQueue): Promise<Report> {
  const now = Date.now();
  const { waiting, oldestAt } = await queue.stats(now);
  const entries = await firstOf(allEntries(queue), sample);
  const rows = await firstOf(allTokens(store), sample);
  const valid = rows.filter(({ expiresAt }) => expiresAt > now).length;
  return {
    now,
    waiting,
    oldestAt,
    isTaken: await isTaken(queue, entries, now),
    failing: entries.filter(({ attempts }) => attempts > 0),
    stuck: entries.filter(({ kind, addedAt }) => hasNoDeadline(kind) && now - addedAt > stuckAfter),
    tokens: { valid, expired: rows.length - valid, isSample: rows.length === sample },
  };
}

/** A worker that leases an entry changes its due time or removes it. */
async function isTaken(
  queue: RequestQueue,
  before: readonly QueuedEntry[],
  now: number,
): Promise<boolean | undefined> {
  const due = before.filter(({ dueAt }) => dueAt <= now);
  if (due.length === 0) return undefined;
  await pause(watchedFor);
  const after = new Map((await firstOf(allEntries(queue), sample)).map(({ id, dueAt }) => [id, dueAt]));
  return due.some(({ id, dueAt }) => after.get(id) !== dueAt);
}

function hasNoDeadline(kind: QueuedEntry["kind"]): boolean {
  return kind !== undefined && kind !== "request";
}

function sentences({ now, waiting, oldestAt, isTaken, failing, stuck, tokens }: Report): string[] {
  const { valid, expired, isSample } = tokens;
  const report = [
    oldestAt === undefined
      ? "Queue: nothing is waiting."
      : `Queue: ${counted(waiting, "entry is", "entries are")} waiting. The oldest was added ${ageOf(oldestAt, now)} ago.`,
    ...(isTaken === false
      ? [
          `Warning: no worker leased an entry in ${watchedFor / 1_000} seconds. Start one with: npx resetkit work`,
        ]
      : []),
    ...listed("Failing:", failing, now),
    ...listed("Stuck for more than 15 minutes:", stuck, now),
    `Tokens: ${valid.toLocaleString("en")} valid, ${expired.toLocaleString("en")} expired${isSample ? `, among the first ${sample.toLocaleString("en")}` : ""}.`,
  ];
  return report;
}

function listed(title: string, entries: readonly QueuedEntry[], now: number): string[] {
  return entries.length > 0 ? [title, ...entries.map((entry) => `  ${line(entry, now)}`)] : [];
}

function counted(count: number, one: string, several: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : several}`;
}

function json({ waiting, oldestAt, isTaken, failing, stuck, tokens }: Report) {
  return {
    queue: {
      waiting,
      oldestAt: oldestAt === undefined ? null : new Date(oldestAt).toISOString(),
      taken: isTaken ?? null,
      failing: failing.map(shown),
      stuck: stuck.map(shown),
    },
    tokens,
  };
}
