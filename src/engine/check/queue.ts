import type { Finding } from "../../types.js";
import type { CheckParts } from "./parts.js";

/** A worker polls every 250 ms, so no worker takes what has waited this long. Milliseconds. */
const patience = 60_000;

/** Whether a worker takes what's waiting, and whether all of it belongs to this application. */
export async function checkQueue<U>(parts: CheckParts<U>): Promise<readonly Finding[]> {
  const { queue, mode } = parts;
  const findings: Finding[] = [];
  const now = parts.clock();
  const keyIds = await parts.intents.keyIds();
  const { waiting, oldestAt, foreign } = await queue.stats(now, keyIds);
  if (waiting > foreign && oldestAt !== undefined && now - oldestAt > patience) {
    const minutes = Math.round((now - oldestAt) / 60_000);
    findings.push({
      level: "error",
      what: `${waiting} queued ${waiting === 1 ? "entry waits" : "entries wait"}, the oldest for ${minutes} ${minutes === 1 ? "minute" : "minutes"}: no worker takes ${waiting === 1 ? "it" : "them"}.`,
      fix:
        mode === "outside"
          ? "Run a worker: npx resetkit work."
          : `Start the application, whose worker is ${JSON.stringify(mode)}, or run: npx resetkit work.`,
    });
  }
  if (foreign > 0) {
    findings.push({
      level: "error",
      what: `${foreign} queued ${foreign === 1 ? "entry was" : "entries were"} encrypted with a secret that this application doesn't have: another application uses the same store, or a secret was replaced.`,
      fix: "Give each application a prefix of its own, as in sqlStore(connection, { prefix }), and keep the old secret in the list: secret: [newOne, oldOne].",
    });
  }
  return findings;
}
