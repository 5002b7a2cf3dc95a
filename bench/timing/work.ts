import { randomInt } from "node:crypto";
import { addressOf, classes, type Kind } from "./classes.js";
import { fill, open, type Place } from "./database.js";
import { engineOn } from "./engine.js";
import { type Comparison, compare, median } from "./statistics.js";

export interface Work extends Comparison {
  readonly database: string;
  readonly kind: Kind;
  /** Microseconds. */
  readonly median: number;
}

/** What the worker has to do for a request of each class, compared with `known`: what the tick hides. */
export async function measureWork(place: Place, rounds: number): Promise<Work[]> {
  const opened = open(place);
  const warmUp = Math.ceil(rounds / 10);
  const measuredKinds: readonly Kind[] = [...classes, "again"];
  try {
    await fill(opened, rounds + warmUp, Date.now());
    const { reset } = engineOn(opened.connection, {
      place,
      worker: "outside",
      tick: 1,
      planted: 0,
      plantedWork: 0,
      late: 0,
    });
    const times = Object.fromEntries(measuredKinds.map((kind) => [kind, new Float64Array(rounds)]));
    for (let round = 0; round < warmUp + rounds; round++) {
      const left = [...measuredKinds];
      while (left.length > 0) {
        const [kind] = left.splice(randomInt(left.length), 1);
        await reset.request({ identifier: addressOf(kind!, round) });
        const startedAt = performance.now();
        await reset.drain();
        if (round >= warmUp) times[kind!]![round - warmUp] = (performance.now() - startedAt) * 1_000;
      }
    }
    return measuredKinds.map((kind) => ({
      ...{ database: place.database, kind, median: median(times[kind]!) },
      ...compare(times["known"]!, times[kind]!),
    }));
  } finally {
    await opened.close();
  }
}
