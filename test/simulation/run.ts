/** Runs seeds, and makes a failing plan as small as it gets. */
import type { Break } from "./fleet.js";
import { runHistory, type Result } from "./history.js";
import { plain, planOf, type Combination, type Plan } from "./plan.js";

export interface Failure {
  readonly seed: number;
  readonly invariant: string;
  readonly message: string;
}

/** Removes what a plan doesn't need to violate the same invariant: actions, faults, and options that aren't plain. */
export async function shrink(plan: Plan, invariant: string, broken: Break | undefined): Promise<Plan> {
  let smallest = plan;
  let budget = 1_500;
  const stillFails = async (smaller: Plan) => {
    // A plan with a part less draws other times for the rest, so a few schedules are tried.
    for (let schedule = 0; schedule < 3 && budget > 0; schedule++) {
      budget--;
      const candidate = { ...smaller, schedule };
      const { violation } = await runHistory(candidate, broken && { broken });
      if (violation?.invariant !== invariant) continue;
      smallest = candidate;
      return true;
    }
    return false;
  };
  for (let again = true; again && budget > 0;) {
    again = false;
    for (const part of ["actions", "faults"] as const) {
      for (let size = Math.ceil(smallest[part].length / 2); size >= 1; size = Math.floor(size / 2)) {
        for (let at = 0; at + size <= smallest[part].length;) {
          const list = smallest[part].toSpliced(at, size);
          if (await stillFails({ ...smallest, [part]: list })) again = true;
          else at += size;
        }
      }
    }
    for (const name of Object.keys(plain) as (keyof Combination)[]) {
      if (JSON.stringify(smallest.combination[name]) === JSON.stringify(plain[name])) continue;
      const combination = { ...smallest.combination, [name]: plain[name] };
      if (await stillFails({ ...smallest, combination })) again = true;
    }
  }
  return smallest;
}

/** A failing history in one screen: how to run it again, the smallest plan that fails alike, and what happens in it. */
export async function explain(plan: Plan, { violation }: Result, broken?: Break): Promise<string> {
  const smallest = await shrink(plan, violation!.invariant, broken);
  const { lines } = await runHistory(smallest, { recording: true, ...(broken && { broken }) });
  const shown =
    lines.length > 60 ? [...lines.slice(0, 5), `… ${lines.length - 60} lines …`, ...lines.slice(-55)] : lines;
  const unusual = Object.entries(smallest.combination).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(plain[name as keyof Combination]),
  );
  return [
    `Seed ${plan.seed} violates "${violation!.invariant}": ${violation!.message}`,
    `Options: ${unusual.map(([name, value]) => `${name} ${String(value)}`).join(", ") || "all plain"}`,
    ...smallest.actions.map((action) => `  ${JSON.stringify(action)}`),
    ...smallest.faults.map((fault) => `  ${JSON.stringify(fault)}`),
    ...shown,
    `Run it again: SEED=${plan.seed} npm run bench:simulation`,
  ].join("\n");
}

export function runSeed(seed: number, off: ReadonlySet<string>, broken?: Break): Promise<Result> {
  return runHistory(planOf(seed, off), broken && { broken });
}
