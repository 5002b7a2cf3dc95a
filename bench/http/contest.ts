import { join } from "node:path";
import type { Contest, System } from "./contests.js";
import { bare, workerOutside } from "./contests.js";
import { copy, count, type Family, restore, type Template } from "./databases.js";
import { type Prober, startProber, startServer, type Server } from "./processes.js";
import { writeRequests } from "./requests.js";
import { type Contestant, type Plan, type Rounds, type Slice, takeTurns } from "./rounds.js";
import type { DatabaseName, ServerOptions } from "./system.js";
import { drive } from "./wrk.js";

export interface Arena {
  readonly database: DatabaseName;
  readonly templates: Readonly<Record<Family, Template>>;
  readonly packages: string;
  /** The folder for profiles of the servers' processor time, where they are wanted. */
  readonly profiles: string | undefined;
}

/** What the others are compared with, where nothing else is said. */
export const baseline = bare.name;

/** Starts a server process for each system, each on a copy of its database, and lets them take turns. */
export async function hold(contest: Contest, plan: Plan, arena: Arena): Promise<Rounds> {
  const prober = await startProber();
  const servers: Server[] = [];
  try {
    const contestants: Contestant[] = [];
    for (const system of contest.systems) {
      contestants.push(await enter(system, contest, arena, prober, servers));
    }
    return await takeTurns(contestants, plan);
  } finally {
    for (const server of servers) await server.stop();
    await prober.stop();
  }
}

async function enter(
  system: System,
  contest: Contest,
  { database, templates, packages, profiles }: Arena,
  prober: Prober,
  servers: Server[],
): Promise<Contestant> {
  const { workload, kind, hash } = contest;
  const template = templates[system.family];
  const url = await copy(template);
  const mail = kind === "mail" && { sink: prober.sink };
  const options: ServerOptions = { ...system.options, hash, database, url, packages, ...mail };
  const folder = profiles && join(profiles, contest.name);
  const server = await startServer(options, folder);
  const own = [server];
  if (system === workerOutside) own.push(await startServer({ ...options, worker: "alone" }, folder));
  servers.push(...own);

  const load = await loadOf(system, contest, template, server, prober);
  const changes = workload === "request" || workload === "confirm";
  return {
    name: system.name,
    load,
    async spent() {
      let cpu = 0;
      for (const one of own) cpu += (await one.usage()).cpu;
      return cpu;
    },
    spentByLoad: () => prober.spent(),
    ...(changes && { restore: () => restore(template, url) }),
    ...(changes &&
      kind === "full" &&
      options.program !== "hash" && { check: checkOf(contest, template, url) }),
  };
}

/** Each answer has left a row, or a new password; so may have those that were under way at the end. */
function checkOf({ workload, connections }: Contest, template: Template, url: string) {
  return async ({ answers }: Slice) => {
    const { requested, changed } = await count(template, url);
    const done = workload === "confirm" ? changed : requested;
    if (done >= answers && done <= answers + 2 * connections) return undefined;
    return `${answers} were answered, and the database shows ${done}`;
  };
}

async function loadOf(
  { options }: System,
  { kind, workload, seconds, connections }: Contest,
  template: Template,
  server: Server,
  prober: Prober,
): Promise<() => Promise<Slice>> {
  if (options.program === "hash") return () => hashOnly(server, seconds, connections);
  const { port } = server;
  const file = await writeRequests(workload, template);
  switch (kind) {
    case "full":
      return () => drive({ port, file, seconds, connections });
    case "mail":
      return async () => {
        const steady = { port, file, perSecond: connections, seconds, mails: true };
        const { sent, mailP50, mailMax, ...rest } = await prober.steady(steady);
        return { ...rest, answers: sent, more: { mailP50, mailMax } };
      };
    case "isolation": {
      // The tokens of the second half: those of the first are used up meanwhile.
      const validations = await writeRequests("validate", template, template.tokens.length >> 1);
      return () => isolation({ port, file, seconds, connections }, validations, prober);
    }
  }
}

/** What validations take with nothing beside them, and beside confirms at full load. */
async function isolation(
  full: { port: number; file: string; seconds: number; connections: number },
  file: string,
  prober: Prober,
): Promise<Slice> {
  const steady = { port: full.port, file, perSecond: 200, mails: false };
  const idle = await prober.steady({ ...steady, seconds: full.seconds });
  const confirming = drive({ ...full, seconds: full.seconds + 1 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const busy = await prober.steady({ ...steady, seconds: full.seconds });
  const confirms = await confirming;
  const wrong = idle.wrong + busy.wrong + confirms.wrong;
  const example = [idle, busy, confirms].find((one) => one.wrong > 0)?.example ?? "";
  const more = {
    idleP50: idle.p50,
    idleP99: idle.p99,
    growth: busy.p99 / idle.p99,
    confirmP99: confirms.p99,
  };
  return { ...confirms, p50: busy.p50, p99: busy.p99, wrong, example, more };
}

async function hashOnly(server: Server, seconds: number, inFlight: number): Promise<Slice> {
  const { hashes, ms } = await server.hashOnly(seconds * 1000, inFlight);
  const each = (ms * inFlight) / hashes;
  return { answers: hashes, seconds: ms / 1000, p50: each, p99: each, wrong: 0, example: "" };
}
