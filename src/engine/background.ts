import type { CounterStore, PasswordReset, RequestQueue, TokenStore } from "../types.js";
import type { Change } from "./change.js";
import { removeInBatches, removersOf } from "./cleanup.js";
import type { Intent } from "./intents.js";
import { createMailing, type Mailing, type MailingParts } from "./mailing.js";
import type { Pace } from "./settings.js";
import { createWorker, type Performed, type Worker } from "./worker.js";

export interface BackgroundParts<U> extends Omit<MailingParts<U>, "timeout" | "lease"> {
  readonly change: () => Promise<Change<U>>;
  readonly tokens: TokenStore | undefined;
  readonly counters: CounterStore;
  readonly queue: RequestQueue;
  readonly pace: Pace;
}

/** Everything that happens while nobody waits for an answer: mails, the worker, the clean-up. */
export interface Background {
  readonly mailing: Mailing;
  readonly worker: Worker;
  readonly clearExpired: (...how: Parameters<PasswordReset["clearExpired"]>) => Promise<{ removed: number }>;
}

export function createBackground<U>(parts: BackgroundParts<U>): Background {
  const { change, clock, pace } = parts;
  const mailing = createMailing<U>({ ...parts, timeout: pace.timeout, lease: pace.lease });
  const perform: { [Kind in Intent["kind"]]: (intent: Intent & { kind: Kind }) => Promise<Performed> } = {
    request: mailing.answer,
    changed: mailing.tellChanged,
    finish: async (intent) => {
      await (await change()).complete(intent);
      return "nothing";
    },
  };
  const removers = removersOf(parts, clock, pace.deadline, async (count) => {
    const reason = `${count} intents were dropped that no worker had taken in time`;
    parts.log.error(`${reason}: see that a worker runs.`);
    await parts.events.tell("failed", { what: "intent", reason, final: true });
  });
  return {
    mailing,
    worker: createWorker({
      ...parts,
      perform: (intent) => perform[intent.kind](intent as never),
      tidy: () => Promise.all(removers.map((remove) => remove(100))),
    }),
    async clearExpired({ onProgress, signal } = {}) {
      return { removed: await removeInBatches(removers, (removed) => onProgress?.({ removed }), signal) };
    },
  };
}
