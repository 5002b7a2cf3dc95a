/** The process that meets a fault and does not survive it. */
import { writeSync } from "node:fs";
import { meeting, type Fault } from "./fault.js";
import { openEngine, type Place } from "./engine.js";
import { stages, type Stage, type Work } from "./stages.js";

export interface Errand {
  readonly place: Place;
  readonly now: number;
  readonly stage: Stage;
  readonly work: Work;
  /** A kill at a call. None: the parent ends the process when it likes. */
  readonly fault?: Fault | undefined;
}

const errand = JSON.parse(process.argv[2]!) as Errand;
// Written at once, since there may be no later.
const say = (line: unknown) => writeSync(1, `${JSON.stringify(line)}\n`);
const kill = () => void process.kill(process.pid, "SIGKILL");
const around = errand.fault && meeting(errand.fault, { kill });

const engine = await openEngine(errand.place, errand.now, around, (event, detail) =>
  say({ event, detail: String(detail) }),
);
try {
  await stages[errand.stage](engine, errand.work, say);
} catch {
  say("refused");
}
await engine.close();
