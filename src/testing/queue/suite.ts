import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Awaitable, RequestQueue } from "../../types.js";
import { givenTime, type QueueCase, type QueuePart, type Timeline } from "./case.js";
import { queueCases } from "./cases.js";
import { entry } from "../store/samples.js";
import { queueTransactionCases, type QueueTransaction } from "../store/transactions.js";
import { registrationOf, type TestRunner } from "../runner.js";

/** A queue to test, and a function that runs work in a transaction that the queue can join. */
export interface QueueSubject {
  readonly queue: RequestQueue;
  readonly transaction?: QueueTransaction;
  readonly close?: () => Awaitable<unknown>;
}

/** The options of `queueSuite()`. */
export interface QueueSuiteOptions {
  /**
   * `"given"` means that the queue uses the times that its methods are passed, so that cases don't wait. `"own"` means that
   * it uses its own clock, so that cases wait in real time.
   *
   * @default "given"
   */
  readonly clock?: "given" | "own";
  /**
   * Length of a step with `clock: "own"`, in milliseconds. Some queues count in seconds.
   *
   * @default 1000
   */
  readonly step?: number;
  /**
   * What the queue can't do: join a transaction, or filter leases by key ID. If it can join one, `make` has to return
   * `transaction`.
   *
   * @default []
   */
  readonly lacks?: readonly QueuePart[];
}

/** A timeline that detects if the machine was too busy for its steps. */
interface RealTimeline extends Timeline {
  /** Whether the work of a step took until the next one. If so, a failure proves nothing. */
  wasLate(): boolean;
}

/** A timeline in real time, starting now. A step is reached when a quarter of it has passed. */
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

/** A queue that can't filter must ignore key IDs. If it filtered partially, no worker might ever get some entries. */
const unfiltered: QueueCase = {
  name: "leases entries whatever their key ids",
  async run(queue, time) {
    const times = { addedAt: time.at(0), dueAt: time.at(0) };
    await queue.add(entry(1, { ...times, keyId: "theirs" }));
    assert.equal((await queue.lease(1, await time.reach(1), time.at(60), ["ours"])).length, 1);
  },
};

/**
 * Registers a test for every guarantee of `RequestQueue`, for a queue that isn't part of a store. `make` returns an empty
 * queue for each case, and `close` is called after the case.
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
    // The machine was too busy, so the failure proves nothing. Run the case again with longer steps.
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
          assert.ok(
            transaction,
            'The subject has no transaction. Return one from make, or pass { lacks: ["transaction"] }.',
          );
          assert.ok(
            queue.database,
            "queue.database is missing. Set it to the database that the queue shares with the tokens.",
          );
          return one.run(queue, transaction, time);
        }),
      );
    }
  });
}
