/**
 * A client in a process of its own that sends at a steady rate, whatever becomes of the answers, or all at
 * once; beside it the sink that takes mails.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { summary } from "../growth/figures.js";
import { type Connections, connectTo, type HttpAnswer, requestBytes } from "./connections.js";

/** Requests of a file (see `load.lua`), so many a second; where mails come of them, until the last has come. */
export interface Steady {
  readonly port: number;
  readonly file: string;
  readonly perSecond: number;
  readonly seconds: number;
  readonly mails: boolean;
}

export interface Probe {
  readonly sent: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  /** From the request to the mail, milliseconds; of every mail that came. */
  readonly mails: number;
  readonly mailP50: number;
  readonly mailMax: number;
  readonly wrong: number;
  readonly example: string;
}

/** The same number of requests at one instant, each on a connection of its own. */
export interface Burst {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly bodies: readonly string[];
}

/** How many got which status. */
export type Statuses = Readonly<Record<string, number>>;

export interface ProberReady {
  readonly sink: number;
}

const patience = 15_000;

// What is measured is how long the server takes, and not how long this process waits for its own turn.
try {
  setPriority(-10);
} catch {
  // Only the superuser may; the evidence says who ran.
}
const arrivals = new Map<string, number>();
const sink = createServer((socket) => {
  let held = "";
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    const lines = (held + chunk.toString()).split("\n");
    held = lines.pop()!;
    for (const line of lines) arrivals.set(line.split(" ")[1]!, performance.now());
    socket.write(Buffer.alloc(lines.length, 1));
  });
});
await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));

process.on("message", async (message: "usage" | { readonly steady: Steady } | { readonly burst: Burst }) => {
  if (message === "usage") {
    const { user, system } = process.cpuUsage();
    return process.send!({ cpu: (user + system) / 1000 });
  }
  process.send!("steady" in message ? await probe(message.steady) : await strike(message.burst));
});
process.on("disconnect", () => process.exit());
process.send!({ sink: (sink.address() as AddressInfo).port } satisfies ProberReady);

interface Expected {
  readonly status: number;
  readonly body: string;
  readonly location: string;
}

async function probe({ port, file, perSecond, seconds, mails }: Steady): Promise<Probe> {
  const [method, status, body, location, ...lines] = readFileSync(file, "utf8").trimEnd().split("\n");
  const expected = { status: Number(status), body: body!, location: location! };
  const connections = connectTo(port);
  await connections.open(8);
  arrivals.clear();
  const sentAt = new Map<string, number>();
  const answers: Promise<void>[] = [];
  const times: number[] = [];
  let wrong = 0;
  let example = "";
  const begin = performance.now();
  for (let i = 0; i < perSecond * seconds; i++) {
    await pauseUntil(begin + (i * 1000) / perSecond);
    const [path, sent = ""] = split(lines[i % lines.length]!);
    if (mails) sentAt.set(JSON.parse(sent).email, performance.now());
    answers.push(
      ask(connections, requestBytes(method!, path, sent), expected).then(({ took, problem }) => {
        times.push(took);
        if (problem === undefined) return;
        wrong++;
        example = problem;
      }),
    );
  }
  await Promise.all(answers);
  connections.close();
  if (mails) await allMails(sentAt);
  const end = performance.now();
  const delays = [...sentAt].flatMap(([address, at]) => {
    const arrived = arrivals.get(address);
    return arrived === undefined ? [] : [arrived - at];
  });
  if (delays.length < sentAt.size) {
    wrong += sentAt.size - delays.length;
    example = `${sentAt.size - delays.length} mails did not come`;
  }
  const { p50, p99 } = summary(times);
  const mail = summary(delays);
  return {
    sent: answers.length,
    seconds: (end - begin) / 1000,
    ...{ p50, p99, wrong, example },
    ...{ mails: delays.length, mailP50: mail.p50, mailMax: mail.max },
  };
}

async function pauseUntil(due: number): Promise<void> {
  const left = due - performance.now();
  if (left > 0) await pause(left);
}

async function allMails(sentAt: ReadonlyMap<string, number>): Promise<void> {
  const until = performance.now() + patience;
  while (performance.now() < until && [...sentAt.keys()].some((address) => !arrivals.has(address))) {
    await pause(20);
  }
}

async function ask(connections: Connections, request: Buffer, { status, body, location }: Expected) {
  const answer = await connections
    .send(request)
    .catch((error: Error): HttpAnswer => ({ status: 0, head: "", body: error.message, took: NaN }));
  const isRight =
    answer.status === status &&
    (body === "" || answer.body === body) &&
    (location === "" || answer.head.includes(location));
  return {
    took: answer.took,
    problem: isRight ? undefined : `${answer.status} ${answer.body.slice(0, 100)}`,
  };
}

async function strike({ port, method, path, bodies }: Burst): Promise<Statuses> {
  const connections = connectTo(port);
  await connections.open(bodies.length);
  const requests = bodies.map((body) => requestBytes(method, path, body));
  const statuses: Record<string, number> = {};
  await Promise.all(
    requests.map(async (request) => {
      const { status } = await connections.send(request).catch(() => ({ status: 0 }));
      statuses[status] = (statuses[status] ?? 0) + 1;
    }),
  );
  connections.close();
  return statuses;
}

function split(line: string): [string, string?] {
  const blank = line.indexOf(" ");
  return blank < 0 ? [line] : [line.slice(0, blank), line.slice(blank + 1)];
}
