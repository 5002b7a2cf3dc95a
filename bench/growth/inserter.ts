/**
 * The other process: adds a token every millisecond or so, and notes how long each took.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { summary } from "./figures.js";
import { day, open, type Place } from "./tables.js";

const [place] = (await once(process, "message")) as [Place];
const { store, close } = open(place);
let running = true;
process.once("message", () => (running = false));

const times: number[] = [];
const rule = { maxLive: 3, pendingFor: 300_000, quietFor: 3_600_000 };
process.send!("up");
for (let i = 0; running; i++) {
  const now = Date.now();
  const row = {
    lookup: randomBytes(16),
    proof: randomBytes(32),
    userId: `${process.pid} ${i}`,
    scope: "",
    createdAt: now,
    expiresAt: now + day,
    delivery: "pending" as const,
    leasedUntil: 0,
  };
  const startedAt = performance.now();
  await store.tokens.put(row, { now, ...rule });
  times.push(performance.now() - startedAt);
  await pause(1);
}
await close();
// The first hundred connect, prepare and warm up.
process.send!(summary(times.slice(100)));
process.disconnect();
