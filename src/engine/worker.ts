import { random } from "#crypto";
import { describeError } from "../runtime/log.js";
import { withTimeout } from "../runtime/timeout.js";
import type { Log, QueueEntry, RequestQueue } from "../types.js";
import { eventOrigin, type Emitter } from "./events.js";
import { tolerance } from "./clocks.js";
import { entryId, isDroppable, type Intent, type Intents, type Performed } from "./intents.js";
import { createOutageLog } from "./outage-log.js";
import { toPieces, type Opened, type Piece } from "./pieces.js";
import type { Pace } from "./settings.js";
import type { Workload } from "./workload.js";

export interface WorkerParts {
  readonly queue: RequestQueue;
  readonly intents: Intents;
  readonly perform: (intent: Intent) => Promise<Performed>;
  /** A bounded bit of cleanup, called now and then between jobs. Returns whether nothing is left to clean up. */
  readonly tidy: () => Promise<boolean>;
  readonly load: Workload;
  readonly pace: Pace;
  readonly clock: () => number;
  readonly events: Emitter<any>;
  readonly log: Log;
}

export interface Worker {
  /** Polls until the signal aborts, or until `stop`. */
  run(signal?: AbortSignal): Promise<void>;
  /** Does all that's due now, and waits for what's in progress. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Ends every `run` and waits for what's in progress. */
  stop(): Promise<void>;
}

interface Failure {
  readonly reason: string;
  readonly final: boolean;
  /** Milliseconds that the mail service asked to wait. */
  readonly wait?: number;
}

/** The minimum number of entries to lease. */
const fewest = 10;
const tidyEvery = 10 * 60_000;
const longestPause = 10 * 60_000;
/** The longest wait that a mail service can ask for. If it asks for more, this one applies. */
const longestWait = 3_600_000;
/** Work that takes longer than this many delivery attempts is stuck. */
const stuckAfter = 4;

/**
 * Takes work off the queue at a fixed interval. The interval, and not the arrival of a request, decides when accounts
 * are looked up: work that starts when a request arrives would delay the next request, where it could be measured.
 */
export function createWorker(parts: WorkerParts): Worker {
  const { queue, intents, load, pace, clock, log, events } = parts;
  const running = new Set<Promise<void>>();
  /** Rounds that are leasing: what they get is in progress, too. */
  const rounds = new Set<Promise<number>>();
  const runs = new Set<Promise<void>>();
  /** One for each `run` and `drain`: on Workers, a request can't read a signal that another request made. */
  const endings = new Set<AbortController>();
  let isStopped = false;
  /** Done, but not yet removed from the queue: must not be done again when it's leased again. */
  const unreported = new Set<string>();
  const mails = createOutageLog(log, {
    begins: "Email delivery failed",
    ends: "Email delivery recovered",
  });
  const reach = createOutageLog(log, {
    begins: "The worker can't reach its queue",
    ends: "The worker reaches its queue again",
  });
  const tooLate =
    `not done within ${pace.deadline / 60_000} minutes. If it didn't wait that long, the clock of the machine that queued it ` +
    "is behind this one's";
  let tidiedAt = clock();
  let lookedForForeignAt = -Infinity;

  /** Starts what was due at a moment, as fast as there is room for it; returns the number of pieces. */
  const begin = (due: number, stopped: AbortSignal) => tracked(rounds, beginAll(due, stopped));

  async function beginAll(due: number, stopped: AbortSignal): Promise<number> {
    const keyIds = await intents.keyIds();
    await lookForForeign(keyIds, due);
    let begun = 0;
    let wake = () => {};
    const onStop = () => wake();
    stopped.addEventListener("abort", onStop);
    try {
      while (!stopped.aborted) {
        if (load.room() <= 0) {
          await Promise.race([load.more(), new Promise<void>((resolve) => (wake = resolve))]);
          continue;
        }
        // A few may wait here for their place, so that requests for one account are found together.
        const count = Math.max(load.room(), fewest);
        const now = clock();
        // What was added after the round began is left for the next: the interval decides when accounts are looked up.
        const entries = await queue.lease(count, due, now + pace.lease, keyIds);
        // If leasing took longer than the lease itself, another worker may own these entries: skip them.
        if (clock() - now < pace.lease) begun += await start(entries);
        if (entries.length < count) break;
      }
    } finally {
      stopped.removeEventListener("abort", onStop);
    }
    return begun;
  }

  async function start(entries: readonly QueueEntry[]): Promise<number> {
    const pieces = toPieces(await openAll(entries));
    for (const piece of pieces) void tracked(running, hold(piece));
    return pieces.length;
  }

  async function openAll(entries: readonly QueueEntry[]): Promise<Opened[]> {
    const opened: Opened[] = [];
    for (const entry of entries) {
      if (unreported.has(entry.id)) {
        await report(entry.id).catch((error) => reach.failed(describeError(error)));
        continue;
      }
      const intent = await openEntry(entry);
      if (intent) opened.push({ entry, intent });
    }
    return opened;
  }

  async function openEntry(entry: QueueEntry): Promise<Intent | null> {
    const opened = await intents.open(entry);
    if (typeof opened === "object") {
      if (!(await intents.wasDone(entry))) return opened;
      await dropForged(entry, "was carried out before");
    } else if (opened === "forged") await dropForged(entry, "was encrypted for another entry");
    else await leaveForOwner(entry);
    return null;
  }

  /** Someone who can write to the queue put it there. It's removed: no user waits for it. */
  async function dropForged({ id }: QueueEntry, what: string): Promise<void> {
    const reason = `A queue entry ${what}, so it was removed`;
    log.error(`${reason}. Check who can write to the queue.`);
    await queue.done(id);
    await events.tell("failed", { what: "intent", reason, final: true });
  }

  /** Another application shares the store, or a secret was rotated: another process may still decrypt it. */
  async function leaveForOwner({ id, addedAt, kind }: QueueEntry): Promise<void> {
    const now = clock();
    if (isDroppable(kind) && now - addedAt >= pace.deadline) {
      const reason = `No secret opened a queued request within ${pace.deadline / 60_000} minutes`;
      await queue.done(id);
      log.error(
        `${reason}, so it was dropped. Keep the old secret in \`secret\` until its requests are done.`,
      );
      await events.tell("failed", { what: "intent", reason, final: true });
      return;
    }
    warnOfForeign(1);
    await queue.retry(id, now + 1_000 + Math.round((random(1)[0]! / 255) * 4_000), "no secret opens it");
  }

  /** Entries under other keys aren't leased to this worker, so they're counted here. Not every queue can do that. */
  async function lookForForeign(keyIds: readonly string[], now: number): Promise<void> {
    if (now - lookedForForeignAt < tidyEvery) return;
    lookedForForeignAt = now;
    const { foreign = 0 } = (await queue.stats?.(now, keyIds)) ?? {};
    if (foreign > 0) warnOfForeign(foreign);
    await lookForFuture(now);
  }

  /** Entries aren't leased before they were added, so a clock that's ahead delays emails without any failure. */
  async function lookForFuture(now: number): Promise<void> {
    // Ids begin with the time.
    const [entry] = (await queue.list?.({ after: entryId(now + tolerance), limit: 1 })) ?? [];
    const ahead = entry ? entry.addedAt - now : 0;
    if (ahead <= tolerance) return;
    log.warn(
      `A queued request is dated ${Math.round(ahead / 1_000)} seconds in the future: the clock of the machine that queued it is ahead, so its email is that late. Synchronize the clocks of all machines, with NTP or chrony.`,
    );
  }

  let warnedOfForeignAt = -Infinity;
  function warnOfForeign(count: number): void {
    if (clock() - warnedOfForeignAt < tidyEvery) return;
    warnedOfForeignAt = clock();
    log.warn(
      `${count} queued ${count === 1 ? "request is" : "requests are"} encrypted with a secret that this process doesn't have, and left for the process that has it. If two applications share this store, give each a \`prefix\` of its own. If a secret was rotated, keep the old one in the list \`secret\`.`,
    );
  }

  /** Works on a piece while keeping its lease; never rejects. */
  async function hold(piece: Piece): Promise<void> {
    const ids = piece.entries.map(({ id }) => id);
    const renewal = setInterval(() => {
      for (const id of ids) queue.retry(id, clock() + pace.lease).catch(() => undefined);
    }, pace.lease / 3);
    unref(renewal);
    try {
      const outcome = await load.hold(() => tryTo(piece.intent));
      clearInterval(renewal);
      if (outcome === "later") await postpone(piece);
      else if (typeof outcome === "object") await putBack(piece, outcome);
      else {
        if (outcome === "sent") mails.over();
        for (const id of ids) unreported.add(id);
        await load.note(async () => {
          for (const entry of piece.entries) await intents.noteDone(entry);
          for (const id of ids) await report(id);
        });
      }
    } catch (error) {
      // The queue itself can't be reached: the lease ends by itself, and what isn't done is done then.
      reach.failed(describeError(error));
    } finally {
      clearInterval(renewal);
    }
  }

  async function report(id: string): Promise<void> {
    await queue.done(id);
    unreported.delete(id);
  }

  async function tryTo(intent: Intent): Promise<Performed | Failure> {
    // After the deadline, the user no longer waits for a link, so it isn't sent. What must follow a changed password is, however late.
    const isLate = () => isDroppable(intent.kind) && clock() - intent.at >= pace.deadline;
    if (isLate()) return { reason: tooLate, final: true };
    try {
      // A callback that never returns must not hold its place, and the lease, forever.
      return await withTimeout(stuckAfter * pace.timeout, "The work", () => parts.perform(intent));
    } catch (error) {
      return { reason: describeError(error), final: isLate(), wait: waitOf(error) };
    }
  }

  async function putBack(piece: Piece, { wait = 0, ...failure }: Failure): Promise<void> {
    const what = piece.intent.kind === "finish" ? "finish" : "deliver";
    mails.failed(failure.reason, failure.final);
    try {
      if (failure.final) for (const { id } of piece.entries) await queue.done(id);
      else await postpone(piece, failure.reason, wait);
    } finally {
      const { request, scope } = piece.intent;
      await events.tell("failed", { what, ...failure, ...eventOrigin(request, scope) });
    }
  }

  /** The pause grows with the age, so it doubles from attempt to attempt without being counted anywhere. */
  async function postpone({ intent, entries }: Piece, failure?: string, wait = 0): Promise<void> {
    const now = clock();
    const pause = Math.min(Math.max(1_000, now - intent.at), longestPause);
    const at = now + Math.max(wait, Math.round(pause * (0.8 + (0.4 * random(1)[0]!) / 255)));
    for (const { id } of entries) await queue.retry(id, at, failure);
  }

  async function tick(stopped: AbortSignal): Promise<void> {
    try {
      await begin(clock(), stopped);
      reach.over();
      const now = clock();
      if (now - tidiedAt < tidyEvery) return;
      // A flood leaves more rows than one tick removes. The next ones remove the rest. If the clock was set forward
      // meanwhile, what expired by that is due at the next tick, not ten minutes later.
      if (await parts.tidy()) tidiedAt = now;
    } catch (error) {
      reach.failed(describeError(error));
    }
  }

  /** Does work that ends early if the caller's signal aborts, or on `stop`. */
  async function endable(
    signal: AbortSignal | undefined,
    work: (stopped: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const ending = new AbortController();
    if (isStopped) ending.abort();
    endings.add(ending);
    try {
      await work(signal ? AbortSignal.any([signal, ending.signal]) : ending.signal);
    } finally {
      endings.delete(ending);
    }
  }

  async function run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      await endOf(tick(stopped), stopped, pace.lease);
      await pause(pace.tick - (performance.now() % pace.tick), stopped);
    }
    await Promise.all(running);
  }

  async function drain(stopped: AbortSignal): Promise<void> {
    while ((await begin(clock(), stopped)) > 0 || rounds.size > 0 || running.size > 0) {
      await Promise.allSettled(rounds);
      await Promise.all(running);
    }
  }

  return {
    run: (signal) => tracked(runs, endable(signal, run)),
    drain: (signal) => endable(signal, drain),

    async stop() {
      isStopped = true;
      for (const ending of endings) ending.abort();
      // A tick may be leasing right now: what it gets is in progress, too.
      await Promise.all(runs);
      await Promise.all(running);
    },
  };
}

/** How long the error of a mail service asks to wait (`retryAfter`, in seconds), in milliseconds. */
function waitOf(error: unknown): number {
  const { retryAfter, cause } = (error ?? {}) as { retryAfter?: unknown; cause?: unknown };
  if (typeof retryAfter !== "number" || !(retryAfter > 0)) return cause ? waitOf(cause) : 0;
  return Math.min(retryAfter * 1_000, longestWait);
}

/** Keeps a promise in a set until it's settled. */
function tracked<T>(set: Set<Promise<T>>, work: Promise<T>): Promise<T> {
  const kept = work.finally(() => set.delete(kept));
  set.add(kept);
  return kept;
}

/** Waits without keeping the process alive; ends early if the signal aborts. */
function pause(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, time);
    unref(timer);
    signal.addEventListener("abort", end);
    // If it has aborted already, such as during a tick, there's no event.
    if (signal.aborted) end();
  });
}

/** Waits for a tick; after the signal aborts, for at most `time` milliseconds, since a queue may never respond. */
function endOf(ticking: Promise<void>, signal: AbortSignal, time: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const begin = () => unref((timer = setTimeout(resolve, time)));
    signal.addEventListener("abort", begin);
    void ticking.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", begin);
      resolve();
    });
  });
}

/** Timers of Node and Bun keep the process alive unless told not to; elsewhere a timer is a number. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
