import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kinds } from "./classes.js";
import type { Measured, Plan, Times } from "./measure.js";

/** Rounds that were measured in one go, or in several, each with a server and a database of its own. */
export interface Piece {
  readonly plan: Plan;
  readonly measured: Measured;
}

const fileOf = (part: string) => join(tmpdir(), `resetkit-timing-${part}.json`);

/** What was measured of a part so far, every time of it. */
export async function recall(part: string): Promise<Piece | undefined> {
  return existsSync(fileOf(part)) ? JSON.parse(await readFile(fileOf(part), "utf8")) : undefined;
}

export async function keep(part: string, piece: Piece): Promise<void> {
  const plain = (_: string, value: unknown) => (value instanceof Float64Array ? Array.from(value) : value);
  await writeFile(fileOf(part), JSON.stringify(piece, plain));
}

export function together(earlier: Piece | undefined, { plan, measured }: Piece): Piece {
  if (!earlier) return { plan, measured };
  const { plan: before, measured: then } = earlier;
  return {
    plan: { ...plan, rounds: before.rounds + plan.rounds, warmUp: before.warmUp + plan.warmUp },
    measured: {
      version: measured.version,
      response: timesOf(then.response, measured.response),
      next: timesOf(then.next, measured.next),
      ...(then.held && measured.held && { held: timesOf(then.held, measured.held) }),
      answers: [...new Set([...then.answers, ...measured.answers])],
      seconds: then.seconds + measured.seconds,
      ended: [...then.ended, ...measured.ended],
      left: then.left + measured.left,
    },
  };
}

function timesOf(then: Times, now: Times): Times {
  const entries = kinds.map((kind) => [kind, Float64Array.from([...then[kind], ...now[kind]])]);
  return Object.fromEntries(entries) as Times;
}
