import { describeError } from "../runtime/log.js";
import type { CounterStore, PasswordReset, RequestQueue, Store, TokenStore } from "../types.js";
import type { Change } from "./change.js";
import { compareClocks } from "./clocks.js";
import { removeInBatches, removersOf, tidyUp } from "./cleanup.js";
import type { Intent, Performed } from "./intents.js";
import type { MailingParts } from "./mail-steps.js";
import { createMailing } from "./mailing.js";
import type { Pace } from "./settings.js";
import { createWorker, type Worker } from "./worker.js";
import { createWorkload } from "./workload.js";

export interface BackgroundParts<U> extends Omit<MailingParts<U>, "timeout" | "lease" | "load"> {
  readonly change: () => Promise<Change<U>>;
  readonly store?: Store | undefined;
  readonly tokens: TokenStore | undefined;
  readonly counters: CounterStore;
  readonly queue: RequestQueue;
  readonly pace: Pace;
}

/** Everything that happens while no client waits for a response: emails, the worker, the cleanup. */
export interface Background {
  /** Carries out one intent now. */
  readonly perform: (intent: Intent) => Promise<Performed>;
  readonly worker: Worker;
  /** Reports now, and not when the first email is missing, what will keep emails from being sent. Never fails. */
  readonly announce: () => void;
  readonly clearExpired: (...how: Parameters<PasswordReset["clearExpired"]>) => Promise<{ removed: number }>;
}

export function createBackground<U>(parts: BackgroundParts<U>): Background {
  const { change, clock, pace } = parts;
  const load = createWorkload(pace.concurrency);
  const mailing = createMailing<U>({ ...parts, load, timeout: pace.timeout });
  const byKind: { [Kind in Intent["kind"]]: (intent: Intent & { kind: Kind }) => Promise<Performed> } = {
    request: mailing.answer,
    issue: mailing.issue,
    changed: mailing.tellChanged,
    finish: async (intent) => (await change()).complete(intent),
  };
  const perform: Background["perform"] = (intent) => byKind[intent.kind](intent as never);
  const removers = removersOf(parts, clock, pace.deadline, async (count) => {
    const reason = `${count} queued requests were dropped, because no worker took them in time`;
    parts.log.error(`${reason}. Check that a worker runs: npx resetkit work`);
    await parts.events.tell("failed", { what: "intent", reason, final: true });
  });
  return {
    perform,
    worker: createWorker({
      ...parts,
      load,
      perform,
      tidy: () => tidyUp(removers),
    }),
    announce() {
      const { store, users, log } = parts;
      // Such as a missing migration, a Redis that evicts keys, or a column with another name.
      store?.check?.().catch((error) => log.error(`The store isn't ready: ${describeError(error)}`));
      users
        .check?.()
        .then((findings) => findings?.forEach(({ what, fix }) => log.warn(`${what} ${fix}`)))
        .catch((error) => log.error(`users isn't ready: ${describeError(error)}`));
      compareClocks(parts)
        .then((finding) => finding && log.warn(`${finding.what} ${finding.fix}`))
        .catch(() => undefined);
    },
    async clearExpired({ onProgress, signal } = {}) {
      const report = (removed: number) => onProgress?.({ removed });
      const { removed } = await removeInBatches(removers, report, () => signal?.aborted === true);
      return { removed };
    },
  };
}
