/**
 * On what a server's main thread spends the time of one answer: the part `profiles` of `npm run bench`.
 *
 * @module
 */
import { join } from "node:path";
import { table } from "./evidence.js";
import { type Arena, hold } from "./http/contest.js";
import { bare, bareFastify, contests, onFastify, onNode, type System } from "./http/contests.js";
import { of } from "./http/figures.js";
import { profileOf } from "./http/processes.js";
import { purposes, type Purpose, sharesOf } from "./http/purposes.js";

/** Microseconds of an answer, by purpose: of each system of each contest. */
export type Profiles = Readonly<Record<string, Readonly<Record<string, Readonly<Record<Purpose, number>>>>>>;

const systemsOf: Readonly<Record<string, readonly System[]>> = {
  request: [bare, onNode],
  validate: [bare, onNode, bareFastify, onFastify],
  confirm: [bare, onNode],
};

/** Profiles slow a server down, so these rounds are no contest. */
export async function measureProfiles(arena: Arena, folder: string): Promise<Profiles> {
  const found: [string, Profiles[string]][] = [];
  for (const contest of contests) {
    const systems = systemsOf[contest.name];
    if (!systems) continue;
    const plan = { rounds: 3, warmUps: 1, mostOthers: 1 };
    const rounds = await hold({ ...contest, systems }, plan, { ...arena, profiles: folder });
    const each = systems.map(async ({ name, options }) => {
      const { hash } = contest;
      const shares = await sharesOf(
        join(folder, contest.name, profileOf({ ...options, hash, database: arena.database })),
      );
      const cpu = of(rounds, name, "cpu").median * 1_000;
      const times = purposes.map((purpose) => [purpose, shares[purpose] * cpu]);
      return [name, Object.fromEntries(times)] as const;
    });
    found.push([contest.name, Object.fromEntries(await Promise.all(each))]);
  }
  return Object.fromEntries(found);
}

export function profilesTable(profiles: Profiles): string {
  const columns = Object.entries(profiles).flatMap(([contest, found]) =>
    Object.entries(found).map(([name, times]) => ({ head: `${contest}, ${name}`, times })),
  );
  const all = (times: Readonly<Record<string, number>>) => Object.values(times).reduce((a, b) => a + b, 0);
  return table(
    ["µs of one answer", ...columns.map(({ head }) => head)],
    [
      ...purposes.map((purpose) => [purpose, ...columns.map(({ times }) => times[purpose].toFixed(1))]),
      ["**all**", ...columns.map(({ times }) => `**${all(times).toFixed(0)}**`)],
    ],
  );
}
