/**
 * The flooded server as a process of its own.
 *
 * @module
 */
import { once } from "node:events";
import type { Plan } from "./plan.js";
import { startServer } from "./server.js";

// The process that measured is gone.
process.once("disconnect", () => process.exit());
const [plan] = (await once(process, "message")) as [Plan];
const flooded = await startServer(plan);
process.send!({ port: flooded.port });
const [{ drains }] = (await once(process, "message")) as [{ drains: boolean }];
const seen = await flooded.end(drains);
// What is still being sent when a channel closes is lost.
process.send!(seen, () => process.disconnect());
