import { describe, expect, it } from "vitest";
import { connections, processes, race } from "../../bench/races/race.js";

const url = process.env["MONGODB_URL"]!;
const rounds = 20;
const callers = processes * connections;

describe(`${rounds} rounds of ${callers} simultaneous confirms from four processes`, () => {
  it.each(["steps", "two"] as const)("have one winner each: %s", async (mode) => {
    const [tally] = await race({ database: "mongodb", url }, { [mode]: rounds });
    expect(tally).toEqual({
      mode,
      rounds,
      successes: { 1: rounds },
      answers: { ok: rounds, invalid_token: rounds * (callers - 1) },
      wrongEnds: 0,
      errors: [],
    });
  });

  it("have several by another algorithm: find, set, delete (control)", async () => {
    const [tally] = await race({ database: "mongodb", url }, { seed: rounds });
    expect(Object.keys(tally!.successes).some((winners) => Number(winners) > 1)).toBe(true);
  });
});
