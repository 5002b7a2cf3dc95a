/** The store that all processes share, as each of them reaches it: every call is a step that can fail. */
import Database from "better-sqlite3";
import { memoryStore, type SqlConnection, type Store } from "resetkit";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { syncSqlite } from "../../src/connections/shared/sync-sqlite.js";
import type { Accounts, Transaction } from "./accounts.js";
import type { Process } from "./scheduler.js";
import type { World } from "./world.js";

export interface Shared {
  /** Nobody's steps: for looking at what is in the store. */
  readonly bare: Store;
  /** The store as a process reaches it. */
  of(process: Process): Store;
  /** How many intents wait in the queue. */
  waiting(): Promise<number>;
  /** The same in the middle of a history: leases stay as they are. */
  queued(now: number): Promise<number>;
  /** When a row was put, by its lookup in hexadecimal. */
  readonly putAt: ReadonlyMap<string, number>;
  close(): void;
}

interface Sqlite {
  readonly db: Database.Database;
  readonly connection: SqlConnection;
  readonly tables: readonly string[];
}

let spare: Sqlite | undefined;

/** A database with empty tables. The last history's is used again, with its prepared statements. */
async function takeDatabase(): Promise<Sqlite> {
  const taken = spare;
  spare = undefined;
  if (taken) {
    for (const table of taken.tables) taken.db.exec(`delete from ${table}`);
    return taken;
  }
  const db = new Database(":memory:");
  // All processes of a history share this connection, so no write may wait for a turn of one that dies before.
  const connection = syncSqlite(db, () => Promise.resolve());
  await migrate(connection);
  const named = "select name from sqlite_master where type = 'table' and name not like '%migration%'";
  const tables = (db.prepare(named).all() as { name: string }[]).map(({ name }) => name);
  return { db, connection, tables };
}

export async function openStore(world: World, accounts: Accounts): Promise<Shared> {
  const sqlite = world.combination.store === "sqlite" ? await takeDatabase() : undefined;
  const { connection } = sqlite ?? {};
  const bare = connection ? sqlStore(connection) : memoryStore();
  const putAt = new Map<string, number>();

  return {
    bare,
    putAt,
    queued: async (now) => (sqlite ? countIn(sqlite) : (await bare.queue!.stats!(now)).waiting),
    waiting: () => (sqlite ? Promise.resolve(countIn(sqlite)) : peekAt(bare)),
    close() {
      // What a history left unfinished must not reach into the next.
      if (world.violation || accounts.isInTransaction) sqlite?.db.close();
      else spare = sqlite;
    },
    of(process) {
      const stepped = connection
        ? sqlStore(steppedConnection(world, accounts, connection, process))
        : steppedStore(world, accounts, bare, process);
      return observed(world, stepped, putAt);
    },
  };
}

/** A transaction of the store, in which the accounts change with the rest or not at all. */
function transactionOf(
  world: World,
  accounts: Accounts,
  begin: NonNullable<Store["transaction"]>,
  process: Process,
  own: (handle: any) => unknown = (handle) => handle,
) {
  return <T>(work: (handle: any) => Promise<T>): Promise<T> =>
    world.step(process, "store", "transaction", async () => {
      let opened: Transaction | undefined;
      try {
        const result = await begin(async (given) => {
          const handle = own(given);
          opened = accounts.begin(handle);
          return await untilDeath(process, async () => {
            // What comes after waiting for the connection belongs to this process again.
            await world.scheduler.turn(process, "begin", 0);
            const done = await work(handle);
            await world.step(process, "store", "commit", () => undefined);
            return done;
          });
        });
        if (opened) accounts.end(opened, "commit");
        return result;
      } catch (error) {
        if (opened) accounts.end(opened, "rollback");
        throw error;
      }
    });
}

/** A connection closes when its process dies, and what was open on it is rolled back. */
async function untilDeath<T>(process: Process, work: () => Promise<T>): Promise<T> {
  if (!process.alive) throw new Error("the connection was closed");
  let die!: () => void;
  const death = new Promise<never>((_, reject) => {
    die = () => reject(new Error("the connection was closed"));
  });
  process.onDeath.add(die);
  try {
    return await Promise.race([work(), death]);
  } finally {
    process.onDeath.delete(die);
  }
}

/** The handle of one transaction and of no other. */
interface Own {
  readonly of: unknown;
}

function steppedConnection(
  world: World,
  accounts: Accounts,
  connection: SqlConnection,
  process: Process,
): SqlConnection {
  return {
    ...connection,
    query: (statement, values, handle) => {
      const name = statement.name ?? "query";
      if (handle !== undefined) accounts.checkOpen(handle, name);
      return world.step(process, "store", name, () => {
        // A statement that its transaction was given up behind does end, and is rolled back with it.
        if (handle !== undefined && !accounts.isOpen(handle)) return { rows: [], changes: 0 };
        return connection.query(statement, values, (handle as Own | undefined)?.of);
      });
    },
    // SQLite's handle is the database, the same for every transaction.
    transaction: transactionOf(world, accounts, connection.transaction!, process, (of): Own => ({ of })),
  };
}

function steppedStore(world: World, accounts: Accounts, bare: Store, process: Process): Store {
  const stepped = <Port extends object>(port: Port, name: string): Port =>
    each(
      port,
      (verb, call) =>
        (...given) =>
          world.step(process, "store", `${name}.${verb}`, () => call(...given)),
    );
  return {
    ...bare,
    tokens: stepped(bare.tokens, "tokens"),
    counters: stepped(bare.counters, "counters"),
    queue: stepped(bare.queue!, "queue"),
    transaction: transactionOf(world, accounts, bare.transaction!, process),
  };
}

/** Notes when tokens are put. */
function observed(world: World, store: Store, putAt: Map<string, number>): Store {
  const { tokens } = store;
  return {
    ...store,
    tokens: {
      ...tokens,
      async put(row, rule) {
        const outcome = await tokens.put(row, rule);
        if (outcome === "stored") putAt.set(Buffer.from(row.lookup).toString("hex"), world.scheduler.now);
        return outcome;
      },
    },
  };
}

function countIn({ db, tables }: Sqlite): number {
  const queue = tables.find((name) => name.includes("queue"))!;
  return (db.prepare(`select count(*) as n from ${queue}`).get() as { n: number }).n;
}

/** The port has no way to count, so everything is taken, and put back as it was. */
async function peekAt({ queue }: Store): Promise<number> {
  const end = Number.MAX_SAFE_INTEGER;
  const entries = await queue!.lease(10_000, end, end);
  for (const { id, dueAt } of entries) await queue!.retry(id, dueAt);
  return entries.length;
}

function each<Port extends object>(
  port: Port,
  wrap: (name: string, call: (...given: unknown[]) => unknown) => (...given: unknown[]) => unknown,
): Port {
  const wrapped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(port)) {
    wrapped[name] =
      typeof value === "function" ? wrap(name, value as (...given: unknown[]) => unknown) : value;
  }
  return wrapped as Port;
}
