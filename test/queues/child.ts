/** A worker in a process of its own, which stops for ever in the middle of a mail and waits to be killed. */
import { writeSync } from "node:fs";
import { openEngine, type Place } from "./engine.js";

export interface Errand {
  readonly place: Place;
  /** Whether the mail is on its way when the process stops. */
  readonly sent: boolean;
}

const { place, sent } = JSON.parse(process.argv[2]!) as Errand;

const engine = await openEngine(place, {
  async deliver(keep) {
    if (sent) await keep();
    writeSync(1, "sending\n");
    await new Promise(() => undefined);
  },
});
await engine.reset.work();
