/**
 * What an adapter costs: `validate_token` with a memory store through Express, Fastify, Hono and Koa, beside a
 * bare route of the same framework that answers the same: `npm run bench:adapters [rounds]`. Writes
 * docs/evidence/adapters.md; exits with 1 where a limit is missed.
 *
 * Two servers of one framework run at a time, each in a process of its own, and get their load in turn. What
 * counts is the median of the rounds' ratios.
 *
 * @module
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { answer, frameworks, path, type Framework } from "./adapters/apps.js";
import { circumstances, table, writeEvidence } from "./evidence.js";
import { connectTo, requestBytes, type Connections } from "./http/connections.js";

const rounds = Number(process.argv[2] ?? 15);
const sliceMilliseconds = 1_000;
const connections = 16;
const least = 0.85;

interface Server {
  /** How much it does in a second, and what a request costs it in microseconds of processor time. */
  slice(milliseconds: number): Promise<Slice>;
  stop(): void;
}

interface Slice {
  readonly perSecond: number;
  readonly cpu: number;
}

async function start(framework: Framework, kind: "bare" | "mounted"): Promise<Server> {
  const child = fork("bench/dist/bench/adapters/server.js", [framework, kind]);
  const [{ port, token }] = await once(child, "message");
  const to = connectTo(port);
  await to.open(connections);
  const request = requestBytes("POST", path, JSON.stringify({ token }));
  return {
    slice: (milliseconds) => slice(child, to, request, milliseconds),
    stop() {
      to.close();
      child.disconnect();
    },
  };
}

async function slice(
  child: ChildProcess,
  to: Connections,
  request: Buffer,
  milliseconds: number,
): Promise<Slice> {
  const expected = JSON.stringify(answer);
  const [begin, before] = [performance.now(), await cpuOf(child)];
  let count = 0;
  const drive = async () => {
    while (performance.now() - begin < milliseconds) {
      const { status, body } = await to.send(request);
      if (status !== 200 || body !== expected) throw new Error(`The answer was ${status} ${body}.`);
      count++;
    }
  };
  await Promise.all(Array.from({ length: connections }, drive));
  const seconds = (performance.now() - begin) / 1_000;
  return { perSecond: count / seconds, cpu: ((await cpuOf(child)) - before) / count };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("cpu");
  const [microseconds] = await once(child, "message");
  return microseconds;
}

/** Rounds of two servers in turn; who goes first changes with every round. */
async function compare(servers: readonly [Server, Server]): Promise<[Slice, Slice][]> {
  for (const server of servers) await server.slice(2 * sliceMilliseconds);
  const pairs: [Slice, Slice][] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? [1, 0] : [0, 1];
    const pair = [] as unknown as [Slice, Slice];
    for (const index of order) pair[index] = await servers[index]!.slice(sliceMilliseconds);
    pairs.push(pair);
  }
  for (const server of servers) server.stop();
  return pairs;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

function versionOf(framework: Framework): string {
  const file = `node_modules/${framework.toLowerCase()}/package.json`;
  return JSON.parse(readFileSync(file, "utf8")).version;
}

interface Line {
  readonly cells: readonly string[];
  readonly rate: number;
}

function lineOf(name: string, pairs: readonly [Slice, Slice][]): Line {
  const ratios = pairs.map(([bare, ours]) => ours.perSecond / bare.perSecond);
  const rate = median(ratios);
  const typical = (which: 0 | 1, what: keyof Slice) => median(pairs.map((pair) => pair[which][what]));
  const whole = (value: number) => Math.round(value).toLocaleString("en");
  const cells = [
    name,
    whole(typical(0, "perSecond")),
    whole(typical(1, "perSecond")),
    `${rate.toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
    whole(typical(0, "cpu")),
    whole(typical(1, "cpu")),
  ];
  console.log(cells.join(" | "));
  return { cells, rate };
}

const lines: Line[] = [];
for (const framework of frameworks) {
  const pairs = await compare([await start(framework, "bare"), await start(framework, "mounted")]);
  lines.push(lineOf(`${framework} ${versionOf(framework)}`, pairs));
}
const control = await compare([await start("Express", "bare"), await start("Express", "bare")]);
const same = lineOf("**control**: the bare Express, twice", control);

const missed = lines.filter(({ rate }) => rate < least);
const head = ["framework", "bare, a second", "resetkit, a second", "rate", "bare, µs", "resetkit, µs"];
const page = `# What an adapter costs

${circumstances(`npm run bench:adapters ${rounds}`, [])}
- ${rounds} rounds; each gives both servers of a framework ${sliceMilliseconds} ms of load in turn; medians, and the rates' least and most
- ${connections} connections that are kept, one request at a time on each, from one process on the same machine

${table(
  head,
  [...lines, same].map(({ cells }) => cells),
)}

µs: processor time of the server for a request. Each request is a \`POST ${path}\` with a good token in JSON. The bare route
reads the body with the framework's own parser (Koa has none: it reads and parses by hand) and answers the same JSON with the
same headers; it looks up nothing. resetkit besides checks every field, looks the token up in a memory store, reads the account,
and checks two MACs. Throttles are those by default, which leave \`validate_token\` alone.

At least ${least.toFixed(2)} of the bare route is wanted. ${missed.length === 0 ? "All have it." : `**Missed by ${missed.map(({ cells, rate }) => `${cells[0]}: ${rate.toFixed(2)}`).join(", ")}.**`}
`;
await writeEvidence("adapters", page);
if (missed.length > 0) process.exitCode = 1;
