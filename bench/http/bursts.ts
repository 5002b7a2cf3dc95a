import { bare, betterAuth, onNode, type System } from "./contests.js";
import type { Arena } from "./contest.js";
import { copy } from "./databases.js";
import { startProber, startServer, type Prober } from "./processes.js";
import { dialogue, passwordOf } from "./requests.js";

/** What came of several bursts, in each of which many confirm one token at once. */
export interface Bursts {
  readonly name: string;
  readonly tokens: number;
  readonly racers: number;
  /** How many tokens had so many successes. */
  readonly winners: Readonly<Record<string, number>>;
  /** How many racers got which status, all tokens together. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Hashes computed for one token. */
  readonly hashes: number;
  /** Milliseconds of processor time for one token. */
  readonly cpu: number;
}

export const racers = 50;

export async function burst(arena: Arena, tokens: number): Promise<Bursts[]> {
  const prober = await startProber();
  try {
    const all: Bursts[] = [];
    for (const system of [bare, onNode, betterAuth]) all.push(await burstAt(system, arena, tokens, prober));
    return all;
  } finally {
    await prober.stop();
  }
}

async function burstAt(
  { name, family, options }: System,
  { database, templates, packages }: Arena,
  tokens: number,
  prober: Prober,
): Promise<Bursts> {
  const template = templates[family];
  const url = await copy(template);
  const server = await startServer({ ...options, hash: "argon2id", database, url, packages });
  const { method, lines } = dialogue("confirm", template);
  const winners: Record<string, number> = {};
  const statuses: Record<string, number> = {};
  const strike = async (line: string) => {
    const [path, body] = [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)];
    const own = body.slice(0, body.lastIndexOf("thunder"));
    const bodies = Array.from({ length: racers }, (_, i) => `${own}${passwordOf(i)}"}`);
    return prober.burst({ port: server.port, method, path, bodies });
  };
  try {
    await strike(lines.at(-1)!);
    const before = await server.usage();
    for (const line of lines.slice(0, tokens)) {
      const told = await strike(line);
      const won = told[200] ?? 0;
      winners[won] = (winners[won] ?? 0) + 1;
      for (const [status, count] of Object.entries(told)) statuses[status] = (statuses[status] ?? 0) + count;
    }
    const after = await server.usage();
    return {
      name,
      ...{ tokens, racers, winners, statuses },
      hashes: (after.hashes - before.hashes) / tokens,
      cpu: (after.cpu - before.cpu) / tokens,
    };
  } finally {
    await server.stop();
  }
}
