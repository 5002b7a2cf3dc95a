/** An engine on a real database, as each process of a cell makes it. */
import Database from "better-sqlite3";
import { betterSqlite3 } from "../../src/connections/better-sqlite3.js";
import { pg } from "../../src/connections/pg.js";
import { passwordReset } from "../../src/password-reset.js";
import { memoryQueue } from "../../src/stores/memory/queue.js";
import { randomNumber, storedTokens } from "../../src/index.js";
import { redisStore } from "../../src/stores/redis.js";
import { migrate, sqlStore } from "../../src/stores/sql.js";
import type { Events, PasswordReset, RequestQueue, SqlConnection, Store } from "../../src/types.js";
import { accountsIn, type Accounts, type Person } from "./accounts.js";
import { aroundPorts, type Around } from "./ports.js";

/** How many connections an engine has to PostgreSQL. */
export const poolSize = 4;

/** Where a cell happens. */
export interface Place {
  /** A file of SQLite, or the URL of PostgreSQL: accounts and mails. */
  readonly users: string;
  /** The URL of Redis, where the store is not beside the accounts. */
  readonly redis?: string | undefined;
  /** Whether users and store change in one transaction. */
  readonly withLock: boolean;
  /** Whether mails have a code, typed beside the address, that is used in place of the link. */
  readonly codes?: boolean | undefined;
  /** A queue that dies with the process: what the harness must catch. */
  readonly forgetful?: boolean | undefined;
  /** A queue that forgets what it hands out, as a plain callback does: the harness must catch this, too. */
  readonly hasty?: boolean | undefined;
}

export interface Engine {
  readonly reset: PasswordReset<Person>;
  readonly accounts: Accounts;
  readonly store: Store;
  readonly clock: { now: number };
  /** What a person presents who was mailed this. */
  readonly presented: (person: Person, token: string) => { token: string; identifier?: string };
  create(): Promise<void>;
  close(): Promise<void>;
  /** Breaks its connections off, whatever they are doing: what a database sees of a process that is ended. */
  abandon(): void;
}

/** Loads the drivers that the place needs, and no others: a process that is to be killed should start fast. */
export async function openEngine(
  place: Place,
  now: number,
  around: Around = (_point, _args, call) => call(),
  tell: (event: string, detail: unknown) => void = () => undefined,
): Promise<Engine> {
  const { connection, end, drop } = await connect(place.users);
  const redis = place.redis === undefined ? undefined : new (await import("ioredis")).Redis(place.redis);
  redis?.on("error", () => undefined);
  const real = redis ? redisStore(redis) : sqlStore(connection);
  const store = {
    ...real,
    ...(place.forgetful && { queue: memoryQueue() }),
    ...(place.hasty && { queue: hasty(real.queue!) }),
  };
  const accounts = accountsIn(connection, place);
  const clock = { now };
  const quiet = () => undefined;
  const reset = passwordReset<Person>(
    aroundPorts(
      {
        users: accounts.users,
        secret: "a secret of the fault matrix: 0123456789 abcdefghijkl",
        store,
        ...(place.codes && {
          tokens: storedTokens({ generator: randomNumber({ digits: 8 }), codeLifetime: "2h" }),
        }),
        url: "https://app.example.com/reset-password/{token}",
        deliver: (message) =>
          accounts.keepMail({
            kind: message.kind,
            address: message.address,
            token: message.kind === "reset" ? (message.code ?? message.token) : "",
          }),
        throttles: { request: [{ by: "ip", max: 1_000, per: "1h" }] },
        validators: [() => null],
        worker: "outside",
        clock: () => clock.now,
        log: { info: quiet, warn: quiet, error: (message) => tell("log", message) },
      },
      around,
    ),
  );
  const names: (keyof Events<Person>)[] = ["tokenCreated", "beforeReset", "afterReset", "delivered"];
  for (const name of names) reset.on(name, async () => around(`listener.${name}`, [], quiet));
  for (const name of ["refused", "failed"] as const) reset.on(name, (event) => tell(name, event));

  return {
    reset,
    accounts,
    store,
    clock,
    presented: ({ email }, token) => (place.codes ? { token, identifier: email } : { token }),
    async create() {
      await accounts.create();
      if (!redis) await migrate(connection);
    },
    async close() {
      redis?.disconnect();
      await end();
    },
    abandon() {
      redis?.disconnect();
      drop();
    },
  };
}

function hasty(queue: RequestQueue): RequestQueue {
  return {
    ...queue,
    async lease(limit, now, until) {
      const leased = await queue.lease(limit, now, until);
      for (const { id } of leased) await queue.done(id);
      return leased;
    },
  };
}

async function connect(
  place: string,
): Promise<{ connection: SqlConnection; end: () => Promise<unknown>; drop: () => void }> {
  if (place.startsWith("postgres")) {
    const { Pool } = (await import("pg")).default;
    const pool = new Pool({ connectionString: place, max: poolSize });
    const open = new Set<any>();
    // A lost idle connection is replaced by the pool.
    pool.on("error", () => undefined);
    pool.on("connect", (client) => {
      open.add(client);
      client.on("error", () => undefined);
    });
    const drop = () => open.forEach((client) => client.connection.stream.destroy());
    return { connection: pg(pool), end: () => pool.end(), drop };
  }
  const db = new Database(place);
  db.pragma("journal_mode = wal");
  return { connection: betterSqlite3(db), end: async () => db.close(), drop: () => db.close() };
}
