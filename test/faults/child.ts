/** The process that meets a fault and does not survive it: killed at a call, or stuck in one until it is killed. */
import { writeSync } from "node:fs";
import { meeting, type Fault } from "./fault.js";
import { openEngine, type Place } from "./engine.js";
import { stages, type Stage, type Work } from "./stages.js";

export interface Errand {
  readonly place: Place;
  readonly now: number;
  readonly stage: Stage;
  readonly work: Work;
  /** None: the parent ends the process when it likes. */
  readonly fault?: Fault | undefined;
}

const errand = JSON.parse(process.argv[2]!) as Errand;
// Written at once, since there may be no later.
const say = (line: unknown) => writeSync(1, `${JSON.stringify(line)}\n`);
const unused = async () => undefined;
const around =
  errand.fault &&
  meeting(errand.fault, {
    kill: () => process.kill(process.pid, "SIGKILL"),
    hang: () => say("hangs"),
    cut: unused,
    restart: unused,
  });

// A hung call is no reason for Node to end.
const alive = setInterval(() => undefined, 60_000);
const engine = openEngine(errand.place, errand.now, around, (event, detail) =>
  say({ event, detail: String(detail) }),
);
try {
  await stages[errand.stage](engine, errand.work, say);
} catch {
  say("refused");
}
await engine.close();
clearInterval(alive);
