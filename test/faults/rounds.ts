/** Requests, and a worker that is killed at a random moment: what became of the mails. */
import { setTimeout as pause } from "node:timers/promises";
import { inChild, prepare, recover } from "./cell.js";
import type { Errand } from "./child.js";
import type { Place } from "./engine.js";

export interface Rounds {
  readonly rounds: number;
  readonly requests: number;
  readonly lost: number;
  readonly twice: number;
  readonly moreThanTwice: number;
  /** Rounds in which the worker died in the middle: some of its mails were sent, and some were not. */
  readonly torn: number;
}

/** How many workers are left alone first, to see how long one takes. */
const undisturbed = 5;

/**
 * `requestsEach` accounts ask in each round; the worker is killed at a random moment of the time that it takes, or
 * before its `atCall`th call of a port, counted from 0.
 */
export async function killedWorkers(
  place: Place,
  child: string,
  { rounds, requestsEach, atCall }: { rounds: number; requestsEach: number; atCall?: number },
): Promise<Rounds> {
  const ground = await prepare(place, child);
  const { heir } = ground;
  const counted = { rounds: 0, requests: 0, lost: 0, twice: 0, moreThanTwice: 0, torn: 0 };
  let within = 0;
  for (let round = -undisturbed; round < rounds; round++) {
    heir.clock.now += 48 * 3_600_000;
    await heir.reset.clearExpired();
    const people = Array.from({ length: requestsEach }, (_, n) => ({
      id: `r${round}-${n}`,
      email: `person${round}-${n}@example.com`,
      hash: "salt$old",
    }));
    for (const person of people) {
      await heir.accounts.add(person);
      await heir.reset.request({ identifier: person.email }, { ip: "192.0.2.7" });
    }
    const work = { person: people[0]!, token: "" };
    const errand: Errand = { place, now: heir.clock.now, stage: "work", work };
    if (round < 0) {
      within = Math.max(within, await timeOf(child, errand));
      await recover(ground);
      continue;
    }
    counted.rounds++;
    if (atCall === undefined) await inChild(child, errand, () => pause(Math.random() * within));
    else await inChild(child, { ...errand, fault: { kind: "kill -9", call: atCall, side: "before" } });
    const mailsOf = () =>
      Promise.all(people.map(async ({ email }) => (await heir.accounts.mailsTo(email)).length));
    const early = (await mailsOf()).filter(Boolean).length;
    if (early > 0 && early < requestsEach) counted.torn++;
    await recover(ground);
    for (const mails of await mailsOf()) {
      counted.requests++;
      if (mails === 0) counted.lost++;
      if (mails === 2) counted.twice++;
      if (mails > 2) counted.moreThanTwice++;
    }
  }
  await heir.close();
  return counted;
}

/** Milliseconds from the moment at which the work begins to the end of the process. */
async function timeOf(child: string, errand: Errand): Promise<number> {
  let began = 0;
  await inChild(child, errand, async () => {
    began ||= performance.now();
    await new Promise(() => undefined);
  });
  return performance.now() - began;
}
