import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { place } from "../../test/servers/place.js";
import type { Awake } from "../http/awake.js";
import type { Contestant } from "../http/rounds.js";
import { drive } from "../http/wrk.js";
import { answer, path, type Framework } from "./apps.js";
import type { Kind } from "./looks.js";

export const connections = 16;
export const seconds = 1;

export interface Server extends Contestant {
  stop(): Promise<void>;
}

/** An application of its own, which takes its turn of load. */
export async function startServer(
  name: string,
  framework: Framework,
  kind: Kind,
  awake: Awake,
): Promise<Server> {
  const child = fork("bench/dist/bench/adapters/server.js", [framework, kind]);
  const [{ port, token }] = await once(child, "message");
  const file = join(place().folder, `${name}.requests`);
  const request = `${path} ${JSON.stringify({ token })}`;
  await writeFile(file, ["POST", "200", JSON.stringify(answer), "", request, ""].join("\n"));
  return {
    name,
    load: () => drive({ port, file, seconds, connections }),
    spent: () => cpuOf(child),
    spentByLoad: async () => awake.spent(),
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [milliseconds] = await once(child, "message");
  return milliseconds;
}
