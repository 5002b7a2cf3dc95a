/**
 * The process with the worker. With the worker inside, it takes the requests as well.
 *
 * @module
 */
import { once } from "node:events";
import { open } from "../database.js";
import { engineOn, type OwnMailPlan } from "./engine.js";

/** From the measuring process. */
export interface Ask {
  readonly lane: number;
  readonly first: string;
  readonly own: string;
}

/** When an email was accepted, or a request for it made, in milliseconds since 1970, by a clock of microseconds. */
export interface Told {
  readonly what: "ready" | "asked" | "arrived";
  readonly address: string;
  readonly at: number;
}

const now = () => performance.timeOrigin + performance.now();
const tell = (what: Told["what"], address = "") => process.send!({ what, address, at: now() } satisfies Told);

// The process that measured is gone.
process.once("disconnect", () => process.exit());
const [plan] = (await once(process, "message")) as [OwnMailPlan];
const { connection } = open(plan.place);
const engines = Array.from({ length: plan.lanes }, (_, lane) =>
  engineOn(connection, plan, lane, "inside", (address) => tell("arrived", address)),
);
for (const engine of engines) void engine.work();
process.on("message", async ({ lane, first, own }: Ask) => {
  await engines[lane]!.request({ identifier: first });
  tell("asked", own);
  await engines[lane]!.request({ identifier: own });
});
tell("ready");
