import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Track } from "../../bench/races/databases.js";
import { connections, processes, race, type Tally } from "../../bench/races/race.js";
import { mariadb } from "../servers/mariadb.js";
import { postgres } from "../servers/postgres.js";
import { redis } from "../servers/redis.js";

// Sample: 64 callers from four processes, in so many rounds of each kind. `npm run bench:races` has thousands.
const rounds = 8;
const controlRounds = 10;
const callers = processes * connections;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "resetkit-races-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tracks: Record<string, () => Promise<Track>> = {
  SQLite: async () => ({ database: "sqlite", url: join(folder, "races.db") }),
  PostgreSQL: async () => ({ database: "postgres", url: await postgres() }),
  MariaDB: async () => ({ database: "mariadb", url: await mariadb() }),
  "Redis, with accounts in PostgreSQL": async () => ({
    database: "redis",
    url: await redis(),
    accountsUrl: await postgres(),
  }),
};

describe.each(Object.entries(tracks))("on %s, of 64 simultaneous confirms from four processes", (_, open) => {
  let tallies: Tally[];
  let control: Tally;

  beforeAll(async () => {
    const plan = { steps: rounds, lock: rounds, two: rounds, "two, lock": rounds, seed: controlRounds };
    const all = await race(await open(), plan);
    tallies = all.filter(({ mode }) => mode !== "seed");
    control = all.find(({ mode }) => mode === "seed")!;
  });

  it("exactly one sets its password, of one token or of two, and all others are told one thing", () => {
    for (const tally of tallies) {
      const expected = { ok: rounds, invalid_token: rounds * (callers - 1) };
      expect(tally, tally.mode).toEqual({
        mode: tally.mode,
        rounds,
        successes: { 1: rounds },
        answers: expected,
        wrongEnds: 0,
        errors: [],
      });
    }
  });

  it("several do by the seed's algorithm: select, set, delete (control)", () => {
    const several = Object.entries(control.successes).filter(([winners]) => Number(winners) > 1);
    expect(several).not.toEqual([]);
  });
});
