import { randomBytes } from "node:crypto";
import { summary, type Summary } from "./figures.js";
import { day, type Opened } from "./tables.js";

export interface Verbs {
  readonly insert: Summary;
  readonly confirm: Summary;
}

const rule = { maxLive: 3, pendingFor: 300_000, quietFor: 3_600_000 };
const blocks = 16;
const warmUp = 1;
const perBlock = 200;

/**
 * What the store does for a request (`put`) and for a confirm (`find`, `lease`, `finish`, and `removeByUser`
 * for what is left), on several tables by turns: what disturbs the machine disturbs all of them.
 */
export async function measureVerbs(tables: readonly Opened[], now: number): Promise<Verbs[]> {
  const times = tables.map(() => ({ insert: [] as number[], confirm: [] as number[] }));
  for (let block = 0; block < blocks; block++) {
    for (const [index, table] of tables.entries()) {
      const measured = await runBlock(table, block, now);
      if (block < warmUp) continue;
      times[index]!.insert.push(...measured.insert);
      times[index]!.confirm.push(...measured.confirm);
    }
  }
  return times.map(({ insert, confirm }) => ({ insert: summary(insert), confirm: summary(confirm) }));
}

async function runBlock({ store: { tokens } }: Opened, block: number, now: number) {
  const rows = Array.from({ length: perBlock }, (_, i) => ({
    lookup: randomBytes(16),
    proof: randomBytes(32),
    userId: `new ${block} ${i}`,
    scope: "",
    createdAt: now,
    expiresAt: now + day,
    delivery: "pending" as const,
    leasedUntil: 0,
  }));
  const insert: number[] = [];
  const confirm: number[] = [];
  for (const row of rows) {
    insert.push(await timeOf(async () => (await tokens.put(row, { now, ...rule })) === "stored"));
  }
  const until = now + 60_000;
  for (const { lookup, userId } of rows) {
    const spend = async () => {
      const found = await tokens.find(lookup);
      const leased = await tokens.lease(lookup, until, now);
      const finished = await tokens.finish(lookup, { leasedUntil: until });
      await tokens.removeByUser(userId, { scope: "" });
      return found !== null && leased && finished;
    };
    confirm.push(await timeOf(spend));
  }
  return { insert, confirm };
}

async function timeOf(work: () => Promise<boolean>): Promise<number> {
  const startedAt = performance.now();
  const right = await work();
  const took = performance.now() - startedAt;
  if (!right) throw new Error("A verb of the store did not do what it was measured for.");
  return took;
}
