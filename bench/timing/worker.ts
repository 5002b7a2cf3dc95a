/**
 * The worker as a process of its own.
 *
 * @module
 */
import { once } from "node:events";
import { open } from "./database.js";
import { engineOn } from "./engine.js";
import type { Ready, Start } from "./messages.js";

// Whoever measured is gone.
process.once("disconnect", () => process.exit());
const [start] = (await once(process, "message")) as [Start];
const opened = open(start.place);
const { reset, ended } = engineOn(opened.connection, start);
const end = new AbortController();
const working = reset.work({ signal: end.signal });
// Timers of the worker keep no process alive, and neither does SQLite: the channel to the parent does.
process.send!({ port: 0 } satisfies Ready);

await once(process, "message");
end.abort();
await working;
await reset.drain();
await reset.close();
await opened.close();
// What is still being sent when a channel closes is lost.
process.send!(ended, () => process.disconnect());
