/** All cells of one place: every call of every stage, both sides of it, every kind of fault. */
import { callsOf, prepare, runCell, stageNames, type Ground } from "./cell.js";
import type { Place } from "./engine.js";
import type { Fault, Kind } from "./fault.js";

export interface Outcome {
  readonly cells: number;
  /** How many different calls were met. */
  readonly calls: number;
  readonly wrong: readonly string[];
}

export async function matrix(
  place: Place,
  child: string,
  kinds: readonly Kind[],
  options: { readonly pick?: (fault: Fault) => boolean; readonly harm?: Ground["harm"] } = {},
): Promise<Outcome> {
  const { pick = () => true, harm } = options;
  const ground = await prepare(place, child, harm);
  const wrong: string[] = [];
  let cells = 0;
  let met = 0;
  for (const stage of stageNames) {
    const calls = await callsOf(ground, stage);
    met += calls.length;
    for (const [call, name] of calls.entries()) {
      for (const kind of kinds) {
        for (const side of ["before", "after"] as const) {
          const fault = { kind, call, side };
          if (!pick(fault)) continue;
          cells++;
          const found = await runCell(ground, stage, fault).catch((error: Error) => [
            `it threw ${error.message}`,
          ]);
          for (const one of found) wrong.push(`${stage}, ${kind} ${side} ${name} (${call}): ${one}`);
        }
      }
    }
  }
  await ground.heir.close();
  return { cells, calls: met, wrong };
}
