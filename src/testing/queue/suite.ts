import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Awaitable, RequestQueue } from "../../types.js";
import { givenTime, type QueueCase, type QueuePart, type Timeline } from "./case.js";
import { queueCases } from "./cases.js";
import { entry } from "../store/samples.js";
import { queueTransactionCases, type QueueTransaction } from "../store/transactions.js";
import { registrationOf, type TestRunner } from "../runner.js";

/** A queue to be judged, and how to run work in a transaction that it can join. */
export interface QueueSubject {
  readonly queue: RequestQueue;
  readonly transaction?: QueueTransaction;
  readonly close?: () => Awaitable<unknown>;
}

export interface QueueSuiteOptions {
  /**
   * `"given"` (default): what is due is said by the moments that the verbs are called with, and no time passes.
   * `"own"`: the queue goes by a clock of its own, as engines do; then every case waits until the time has come.
   */
  readonly clock?: "given" | "own";
  /** With a clock of its own: the milliseconds of a step. Default 1000, since some engines count in seconds. */
  readonly step?: number;
  /**
   * What the queue can't do: join a transaction, or filter leases by key id. By default it can do both, and `make`
   * returns a transaction.
   */
  readonly lacks?: readonly QueuePart[];
}

/** A timeline that notices when a machine was too busy for its steps. */
interface RealTimeline extends Timeline {
  /** Whether what was done at a step lasted until the next one: then nothing can be concluded from a failure. */
  wasLate(): boolean;
}

/** The story of a case in real time, from now on. A step is reached when a quarter of it has passed. */
export function realTime(step: number): RealTimeline {
  const begin = Date.now() + step / 4;
  const at = (number: number) => Math.round(begin + number * step);
  let reached = 0;
  let late = false;
  const wasLate = () => (late ||= Date.now() >= at(reached + 1));
  return {
    at,
    wasLate,
    async reach(number) {
      wasLate();
      reached = number;
      await pause(Math.max(0, at(number) + step / 4 - Date.now()));
      return Date.now();
    },
  };
}

/** A queue that can't filter must not filter by half: what it keeps from one worker, no other may ever get. */
const unfiltered: QueueCase = {
  name: "leases entries whatever their key ids",
  async run(queue, time) {
    const times = { addedAt: time.at(0), dueAt: time.at(0) };
    await queue.add(entry(1, { ...times, keyId: "theirs" }));
    assert.equal((await queue.lease(1, await time.reach(1), time.at(60), ["ours"])).length, 1);
  },
};

/**
 * Registers every promise of `RequestQueue` with a test runner: for a queue that isn't part of one of our stores.
 * `make` gives an empty queue to each case; `close` is called after it.
 *
 * @example
 * queueSuite({ describe, it }, "my queue", () => ({ queue: myQueue() }), { lacks: ["transaction"] });
 */
export function queueSuite(
  runner: TestRunner,
  name: string,
  make: () => Awaitable<QueueSubject>,
  { clock = "given", step = 1_000, lacks = [] }: QueueSuiteOptions = {},
): void {
  const { describe, test } = registrationOf(runner, "queueSuite");

  const withSubject = async (work: (subject: QueueSubject, time: Timeline) => Promise<void>) => {
    if (clock === "given") return onSubject((subject) => work(subject, givenTime()));
    const busy = await onSubject(async (subject) => {
      const time = realTime(step);
      try {
        await work(subject, time);
        return false;
      } catch (error) {
        if (time.wasLate()) return true;
        throw error;
      }
    });
    // A busy machine isn't a broken promise: run it again, in longer steps.
    if (busy) await onSubject((subject) => work(subject, realTime(4 * step)));
  };

  async function onSubject<T>(work: (subject: QueueSubject) => Promise<T>): Promise<T> {
    const subject = await make();
    try {
      return await work(subject);
    } finally {
      await subject.close?.();
    }
  }

  describe(`${name} keeps the promises of a queue`, () => {
    for (const one of queueCases) {
      if (one.needs && lacks.includes(one.needs)) continue;
      test(one.name, () => withSubject(({ queue }, time) => one.run(queue, time)));
    }
    if (lacks.includes("keyIds"))
      test(unfiltered.name, () => withSubject(({ queue }, time) => unfiltered.run(queue, time)));
    if (lacks.includes("transaction")) {
      test("has no transaction, and does not seem to", () =>
        withSubject(async ({ queue }) => assert.equal(queue.database, undefined)));
      return;
    }
    for (const one of queueTransactionCases) {
      test(one.name, () =>
        withSubject(({ queue, transaction }, time) => {
          assert.ok(transaction, 'The queue comes without a transaction: pass { lacks: ["transaction"] }.');
          assert.ok(queue.database, "queue.database is what the queue shares with the tokens.");
          return one.run(queue, transaction, time);
        }),
      );
    }
  });
}
