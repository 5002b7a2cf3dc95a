export type DatabaseName = "sqlite" | "postgres";

/** A server process: what answers, on which framework and database. */
export interface ServerOptions {
  /** `"tuned"` is the bare handler on `node:http`, read and answered as `adapters/node` does. */
  readonly program: "bare" | "tuned" | "resetkit" | "better-auth" | "hash";
  readonly framework: "node" | "fastify" | "express";
  readonly database: DatabaseName;
  /** A URL, or the file of SQLite. */
  readonly url: string;
  readonly hash: "none" | "argon2id";
  /** resetkit: whether the change is one transaction (`users.lock`), or steps. */
  readonly change: "lock" | "steps";
  /** resetkit: mails are not made, made in the process that answers, or in this one, which answers nobody. */
  readonly worker: "none" | "inside" | "alone";
  /** resetkit: how many hashes are computed at once, where it is not the default. */
  readonly hashing?: number;
  /** resetkit: hashes are computed in so many threads of low priority, and not in Node's own. */
  readonly threads?: number;
  /** resetkit and bare: the port of the sink of mails, where mails are sent. */
  readonly sink?: number;
  /** Better Auth: the `node_modules` it is in. */
  readonly packages?: string;
}

/** From a server process to the bench, once it listens. */
export interface Ready {
  readonly port: number;
}

/** The answer to `"usage"`. */
export interface Usage {
  /** Milliseconds of processor time, all threads together. */
  readonly cpu: number;
  /** Password hashes that were computed. */
  readonly hashes: number;
}

/** The pool of every system on PostgreSQL. */
export const poolSize = 10;
export const secret = "a secret of the bench: 0123456789 abcdefghijklmnopqrstuv";
export const base = "/api/password_reset";
