import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { requestBytes } from "../http/connections.js";
import type { Contestant } from "../http/rounds.js";
import { answer, path, type Framework } from "./apps.js";
import { drive } from "./load.js";
import type { Kind } from "./looks.js";

export const connections = 16;
export const seconds = 1;

export interface Server extends Contestant {
  stop(): Promise<void>;
}

/** An application of its own, which takes its turn of load. */
export async function startServer(name: string, framework: Framework, kind: Kind): Promise<Server> {
  const child = fork("bench/dist/bench/adapters/server.js", [framework, kind]);
  const [{ port, token }] = await once(child, "message");
  const request = requestBytes("POST", path, JSON.stringify({ token }));
  return {
    name,
    load: () => drive({ port, request, body: JSON.stringify(answer), seconds, connections }),
    spent: () => cpuOf(child),
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
