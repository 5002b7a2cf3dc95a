/**
 * The ports of resetkit: what a kind of token, a store, a queue, or a database connection implements. No code.
 *
 * Applications don't need this page. Import these types from `resetkit/types`; each port has a conformance suite in
 * `resetkit/testing`. Times are milliseconds since 1970 (UTC), and lengths of time are milliseconds.
 *
 * @module
 */

// ─── Tokens ─────────────────────────────────────────────────────────────────────────────────────────

/** A kind of token: what the option `tokens` takes. */
export interface TokenStrategy {
  /** `"stored"`, `"signed"`, `"django"` … */
  readonly kind: string;
  /** Called once, at construction; throws a `TypeError` if the configuration can't work. */
  connect(context: StrategyContext): ConnectedStrategy;
}

/** What the engine passes to `TokenStrategy.connect`. */
export interface StrategyContext {
  /** The keys derived from the option `secret`. */
  readonly keys: Keyring;
  /** Absent if the engine has no store. */
  readonly tokens: TokenStore | undefined;
  /** Counters, such as for failed attempts at codes. */
  readonly counters: CounterStore;
  /** The configured lifetime in milliseconds, if it's the same for all accounts. */
  readonly lifetime: number | undefined;
  /** How many valid tokens an account may have. */
  readonly maxLive: number;
  /** True for the first kind in `tokens`: it issues, and all verify. */
  readonly issues?: boolean | undefined;
  /** The application's log. */
  readonly log: Log;
  /** Reports something that an operator must look at, as an error in the log and an `alarm` event. */
  readonly alarm?: ((what: AlarmKind, reason: string) => void) | undefined;
}

/** A kind of token, connected to the engine. Test yours with `strategySuite` of `resetkit/testing`. */
export interface ConnectedStrategy {
  /** True if it makes codes, so that requests get a flow handle. */
  readonly hasCodes?: boolean;
  /** Makes a token, or returns `"over_cap"` if the account is at its email limit. */
  issue(order: TokenOrder): Promise<Issued | "over_cap">;
  /** Returns the claim behind a token, or `null`, whatever the reason. Consumes nothing. */
  verify(presented: Presented, accounts: AccountFinder): Promise<Claim | null>;
  /** Revokes every token of an account. Throws `unsupported` if tokens of this kind can't be revoked. */
  revoke(account: Account): Promise<void>;
  /** Removes what remains of the tokens that were made for an account before `before`, after its password changed. */
  forget(account: Account, context: { readonly before: number } & InTransaction): Promise<void>;
  /** Throws a `TypeError` if no token can have that lifetime. Milliseconds. */
  checkLifetime?(lifetime: number): void;
}

/** An order to make a token for an account. */
export interface TokenOrder {
  /** The account that the token is for. */
  readonly account: Account;
  /** The current time. */
  readonly now: number;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Where the request came from. */
  readonly request: Origin;
  /** True if the application issues it (`issueFor`): it's counted apart from the tokens that users request. */
  readonly force?: boolean | undefined;
  /** Hashes of the flow handles of the requests that this token is for. A code works with these flows. */
  readonly flows?: readonly string[] | undefined;
}

/** A new token. The only place where its text exists. */
export interface Issued {
  /** The text of the token. It's never stored. */
  readonly token: string;
  /** A short code to type, sent along with the link. */
  readonly code?: string | undefined;
  /** When the code expires. */
  readonly codeExpiresAt?: number | undefined;
  /** When the token expires. */
  readonly expiresAt: number;
  /** Called once the transport has accepted or rejected the message. */
  settle(accepted: boolean): Promise<void>;
}

/** A token as a client presents it. */
export interface Presented {
  /** The text from a link, or a code. */
  readonly token: string;
  /** The identifier that the client typed with a code. */
  readonly identifier?: string | undefined;
  /** The flow handle that `request` returned. */
  readonly flow?: string | undefined;
  /** The client's IP address. */
  readonly ip?: string | undefined;
  /** The tenant; `""` if there are none. */
  readonly scope: string;
  /** The current time. */
  readonly now: number;
}

/** A token that was valid when it was verified. */
export interface Claim {
  /** The account that the token was made for. */
  readonly account: Account;
  /** When the token expires. */
  readonly expiresAt: number;
  /** Acquires an exclusive lease until `until`: true for exactly one of any number of concurrent callers. */
  spend(until: number, now: number): Promise<boolean>;
  /** Extends the lease: false if it was lost meanwhile, or if the token is gone (revoked, replaced, used). */
  renew(until: number, now: number): Promise<boolean>;
  /** Consumes the token for good; false if it's gone. Touches nothing that doesn't share the transaction. */
  finish(context: InTransaction): Promise<boolean>;
  /**
   * Called after `finish` is committed, for what's counted outside the transaction, such as failed attempts at a code.
   */
  settle(now: number): Promise<void>;
  /** Ends the lease, so that the token can be used again. */
  release(): Promise<void>;
}

/** An account as strategies see it. */
export interface Account {
  /** The application's own object. Strategies never read it. */
  readonly user: unknown;
  /** What `users.idOf` returned. */
  readonly id: UserId;
  /** The tenant; `""` if there are none. */
  readonly scope: string;
  /** What `users.stateOf` returned: tokens are bound to it. */
  readonly state: readonly StateValue[];
  /** The stored email address that messages go to. */
  readonly address: string;
  /** All email addresses that tokens are bound to: `address` and other verified ones. Default: `address` alone. */
  readonly addresses?: readonly string[] | undefined;
  /** True for the decoy, a placeholder that gets the same work for an unknown account. It must leave nothing behind. */
  readonly decoy?: boolean;
}

/**
 * How the engine finds accounts for a strategy. `users.mayReset` isn't asked here: it's asked once a token is proven
 * valid, so its time can't tell a guesser that an account exists.
 */
export interface AccountFinder {
  /** The account with an id, or `null`. */
  byId(id: UserId, scope: string): Promise<Account | null>;
  /** Ids of the accounts behind an identifier. */
  idsOf(identifier: string, scope: string): Promise<readonly UserId[]>;
}

/** Generates the text of a token. With fewer than 64 bits, it's a code. */
export interface Generator {
  /** The minimum entropy of what `generate` returns. */
  readonly bits: number;
  /** Generates one text. */
  generate(): Awaitable<string>;
  /** Undoes what people do to a code when they type it, such as adding spaces or using lowercase letters. */
  normalize?(typed: string): string;
}

/** Keys derived from the secrets, one per purpose. The first secret signs, and all verify. */
export interface Keyring {
  /** How many secrets there are. */
  readonly size: number;
  /** A one-character name of a secret, derived from the secret itself. */
  id(index: number): Awaitable<string>;
  /** HMAC-SHA-256 over the length-prefixed parts, under the purpose's own key. */
  mac(index: number, purpose: string, parts: readonly StateValue[]): Awaitable<Uint8Array>;
  /** Encrypts with AES-256-GCM under the first secret. */
  seal(purpose: string, plain: Uint8Array): Awaitable<Uint8Array>;
  /** Decrypts what was encrypted under any of the secrets; `null` if none of them decrypts it. */
  open(purpose: string, sealed: Uint8Array): Awaitable<Uint8Array | null>;
}

/** `codes_off`: too many wrong codes in total, so codes are rejected until the day is over. Links still work. */
export type AlarmKind = "codes_off" | "queue_full";

// ─── Stores: small ports, each method atomic ────────────────────────────────────────────────────────

/**
 * Where tokens, rate-limit counters, and the queue are kept. Its parts may come from different databases. Test yours with
 * `storeSuite` of `resetkit/testing`.
 */
export interface Store {
  /** Stored tokens. */
  readonly tokens: TokenStore;
  /** Rate-limit counters. */
  readonly counters: CounterStore;
  /** Requests that wait for a worker. Without a queue, they wait in memory. */
  readonly queue?: RequestQueue | undefined;
  /** Runs `work` in one transaction. The handle is the driver's own transaction object. */
  transaction?: (<T>(work: (handle: any) => Promise<T>) => Promise<T>) | undefined;
  /** True if nothing outlives the process. */
  readonly ephemeral?: boolean | undefined;
  /** Checks that the store can keep its promises; rejects with an error that ends with the fix. */
  check?(): Promise<void>;
  /** The time on the database server's clock, if the store is on a server of its own. */
  time?(): Promise<number>;
}

/** Keeps stored tokens. Every method is one atomic step, whatever runs concurrently. */
export interface TokenStore {
  /**
   * Adds a row. Rows of requests and rows of `issueFor` (`row.issued`) are counted apart: at most `maxLive` of the one
   * kind, and one of the other.
   *
   * Below the limit the row is added: `"stored"`. At the limit, it replaces expired rows, then rows whose email failed
   * (oldest first). If all are valid, it may be added beside them as a `"successor"`: an issued row always (and it
   * replaces an issued row whose email is still pending), a request's row if the newest one is older than `quietFor`
   * and no other successor is pending. `delivered` then removes what it replaces, so a valid link stays valid until its
   * successor's email is accepted. Otherwise `"over_cap"`. `"taken"`: the lookup of the row or of its code already
   * exists, and nothing was changed.
   */
  put(row: TokenRow, rule: PutRule): Promise<"stored" | "successor" | "over_cap" | "taken">;
  /**
   * The row with that lookup, whether it's the link's or the code's. Expired rows are found, too. `of` is a hint: the
   * lookup is a link's or a code's. A store may then search one index only and return just the fields of `FoundToken`.
   */
  find(lookup: Uint8Array, of?: "link" | "code"): Promise<FoundToken | null>;
  /**
   * Records whether the email was accepted. With `replace` (for an accepted successor), rows of the same kind and
   * account are removed, failed ones first and then the oldest, until no more than `maxLive` (one, for an issued row)
   * remain.
   */
  delivered(lookup: Uint8Array, accepted: boolean, replace?: { readonly maxLive: number }): Promise<void>;
  /** Rows that haven't expired at `now`, oldest first. */
  liveOf(userId: UserId, context: { readonly scope: string; readonly now: number }): Promise<TokenRow[]>;
  /** True for exactly one caller until `until`; false if the row is leased or gone. */
  lease(lookup: Uint8Array, until: number, now: number): Promise<boolean>;
  /** Extends the lease that ends at `held` to `until`; false if that lease was lost or the row is gone. */
  renew(lookup: Uint8Array, until: number, held: number): Promise<boolean>;
  /** Releases the lease that ends at `until`, and no other. */
  release(lookup: Uint8Array, until: number): Promise<void>;
  /** Removes the row; true for exactly one caller. With `leasedUntil`, only under that lease. */
  finish(
    lookup: Uint8Array,
    context?: { readonly leasedUntil?: number | undefined } & InTransaction,
  ): Promise<boolean>;
  /** Removes an account's rows; with `before`, only those created before it. Returns how many. */
  removeByUser(
    userId: UserId,
    context: { readonly scope: string; readonly before?: number | undefined } & InTransaction,
  ): Promise<number>;
  /** Removes at most `limit` rows that expired before `now`; returns how many. */
  removeExpired(now: number, limit: number): Promise<number>;
  /** All rows in a fixed order, `limit` at a time, after the row with the lookup `after`. */
  list(page: { readonly after?: Uint8Array | undefined; readonly limit: number }): Promise<TokenRow[]>;
  /** Parts with the same `database` share transactions. */
  readonly database?: object | undefined;
}

/** A stored token. Nothing in it lets a reader, or a writer, of the table reset a password. */
export interface TokenRow {
  /** 16 bytes, unique: a keyed hash of the token. */
  readonly lookup: Uint8Array;
  /** 32 bytes: a keyed hash of token, account, expiry and state. */
  readonly proof: Uint8Array;
  /** The code that's sent along with the link. */
  readonly code?: { readonly lookup: Uint8Array; readonly proof: Uint8Array; readonly expiresAt: number };
  /** The account's id. */
  readonly userId: UserId;
  /** The tenant; `""` if there are none. */
  readonly scope: string;
  /** When the token was made. */
  readonly createdAt: number;
  /** When the token expires. */
  readonly expiresAt: number;
  /** Whether its email was accepted. */
  readonly delivery: Delivery;
  /** Until when a confirm holds the token; 0 if none does. */
  readonly leasedUntil: number;
  /** True for a token of `issueFor`. It doesn't count against `maxLive`, and requests never replace it. */
  readonly issued?: boolean | undefined;
  /** The client IP address of the request. */
  readonly ip?: string | undefined;
  /** The `User-Agent` of the request. */
  readonly userAgent?: string | undefined;
}

/** The part of a row that verifying a token reads. */
export type FoundToken = Pick<TokenRow, "lookup" | "proof" | "code" | "userId" | "scope" | "expiresAt"> &
  Partial<TokenRow>;

/** Whether the transport accepted the token's email. */
export type Delivery = "pending" | "accepted" | "failed";

/** How many rows an account may have. See `TokenStore.put`. */
export interface PutRule {
  /** The current time. */
  readonly now: number;
  /** How many valid rows of requests an account may have. */
  readonly maxLive: number;
  /** Rows that have been pending for longer than this count as failed. Milliseconds. */
  readonly pendingFor: number;
  /** At the limit, a successor may be added if the newest row is older than this. Milliseconds. */
  readonly quietFor: number;
}

/** Counts attempts in time windows, for rate limits. */
export interface CounterStore {
  /**
   * Adds `by` to the count of the key's window in one atomic step. `by` is 1 by default; the count never falls below 0.
   * A window lasts `per` milliseconds from its first hit.
   */
  hit(
    key: string,
    window: { readonly per: number; readonly by?: number; readonly now: number },
  ): Promise<{ readonly count: number; readonly resetAt: number }>;
  /** Removes at most `limit` windows that closed before `now`; returns how many. */
  removeExpired(now: number, limit: number): Promise<number>;
  /**
   * Removes at most `limit` windows, open or closed, whose key begins with `prefix`, which is ASCII; returns how many.
   * Without it, rate limits can be cleared one by one, but not all at once.
   */
  removeByPrefix?(prefix: string, limit: number): Promise<number>;
}

// ─── The queue ──────────────────────────────────────────────────────────────────────────────────────

/** Keeps requests until a worker has done them. Test yours with `queueSuite` of `resetkit/testing`. */
export interface RequestQueue {
  /** Inserts an entry. Rejects if the id already exists. */
  add(entry: QueueEntry, context?: InTransaction): Promise<void>;
  /**
   * Leases entries that are due at `now`, oldest first, each to one caller until `until`. With `keyIds`, only entries
   * with one of these key ids or without a key id: another application's entries in the same store aren't touched, and
   * never keep ours from being leased. A queue that can't filter may ignore `keyIds`.
   */
  lease(limit: number, now: number, until: number, keyIds?: readonly string[]): Promise<QueueEntry[]>;
  /** Removes a completed entry. A missing entry isn't an error. */
  done(id: string, context?: InTransaction): Promise<void>;
  /** Makes an entry due again at `at`: a retry after `failure`, or a longer lease while the work goes on. */
  retry(id: string, at: number, failure?: string): Promise<void>;
  /**
   * Removes at most `limit` entries of kind `"request"` that were added before `before`; returns how many. Entries of
   * any other kind, or of none, stay until they are done: what must follow a changed password has no deadline.
   */
  removeExpired(before: number, limit: number): Promise<number>;
  /**
   * How many entries are waiting, when the oldest of them was added, and how many are encrypted under none of `keyIds`.
   */
  stats(now: number, keyIds?: readonly string[]): Promise<QueueStats>;
  /** Entries in the order of their ids, `limit` at a time, after the entry with the id `after`. */
  list(page: { readonly after?: string | undefined; readonly limit: number }): Promise<QueuedEntry[]>;
  /** Parts with the same `database` share transactions. */
  readonly database?: object | undefined;
}

/** Something to be done. Its content is encrypted: the queue can't read it. */
export interface QueueEntry {
  /** 32 hexadecimal digits, increasing with time. */
  readonly id: string;
  /** The content, encrypted with AES-256-GCM. */
  readonly sealed: Uint8Array;
  /** When it was added. */
  readonly addedAt: number;
  /** When it may first be leased. */
  readonly dueAt: number;
  /** Absent on entries of version 0.1.0. */
  readonly kind?: IntentKind | undefined;
  /** Names the secret that encrypted it, without revealing anything about it. Absent on entries of version 0.1.0. */
  readonly keyId?: string | undefined;
}

/** An entry as `list` shows it to an operator. */
export interface QueuedEntry extends Omit<QueueEntry, "sealed"> {
  /** Failed attempts so far. */
  readonly attempts: number;
  /** Why the last attempt failed, in one line without secrets or email addresses. */
  readonly failure?: string | undefined;
}

/** The state of a queue, as `npx resetkit status` shows it. */
export interface QueueStats {
  /** Entries that are due and not leased. */
  readonly waiting: number;
  /** When the oldest of them was added; undefined if there's none. */
  readonly oldestAt: number | undefined;
  /** Entries whose key id isn't in `keyIds`: another application shares the store, or a secret is missing. */
  readonly foreign: number;
}

/** What a queued entry is for: the one thing about it that the queue can read. */
export type IntentKind = "request" | "issue" | "finish" | "changed";

// ─── Connections ────────────────────────────────────────────────────────────────────────────────────

/** How the SQL store reaches a database: two methods, which every driver and ORM has in some form. */
export interface SqlConnection<Handle = any> {
  /** Which SQL the database speaks. */
  readonly dialect: SqlDialect;
  /** Runs one statement: in the transaction of `handle`, or outside of any. */
  query(statement: SqlStatement, values: readonly SqlValue[], handle?: Handle): Promise<SqlResult>;
  /**
   * Runs `work` in one transaction, which is rolled back if it rejects. The handle is the driver's own transaction
   * object. Absent if there are no interactive transactions (D1).
   */
  transaction?: (<T>(work: (handle: Handle) => Promise<T>) => Promise<T>) | undefined;
  /** The wrapped database client. Parts with the same `database` share transactions. */
  readonly database: object;
}

/** Which SQL a database speaks. `"mysql"` covers MariaDB. */
export type SqlDialect = "sqlite" | "postgres" | "mysql";

/** A value bound to a placeholder. */
export type SqlValue = string | number | Uint8Array | null;

/** One statement, written for the dialect. */
export interface SqlStatement {
  /** SQL with the dialect's own placeholders (`?`, `$1`), each of which occurs once, in order. */
  readonly text: string;
  /** Whether it returns rows; otherwise it returns the number of changes. */
  readonly rows: boolean;
  /** Present on statements that run often: the name to prepare them under. */
  readonly name?: string | undefined;
}

/** What a statement returned. */
export interface SqlResult {
  /** The rows, by column name. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows a statement without `rows` inserted, changed or deleted. */
  readonly changes: number;
}

// ─── What they share ────────────────────────────────────────────────────────────────────────────────

/** An account's id: what `users.idOf` returned, passed back to `users.findById` unchanged. */
export type UserId = string | number | bigint | Uint8Array | ObjectIdLike;

/** MongoDB's ObjectId, reduced to the one method that's needed. */
export interface ObjectIdLike {
  /** The id as 24 hexadecimal digits. */
  toHexString(): string;
}

/** A value that `stateOf` may return. */
export type StateValue = string | number | bigint | boolean | null | undefined | Date | Uint8Array;

/** The driver's own handle of the running transaction, if users and store share a database. */
export interface InTransaction {
  /** Your driver's transaction object, such as pg's `PoolClient`. Absent outside a transaction. */
  readonly transaction?: any;
}

/** Where a request came from, as messages and events show it. */
export interface Origin {
  /** The client's IP address. */
  readonly ip?: string | undefined;
  /** The `User-Agent` header. */
  readonly userAgent?: string | undefined;
  /** What `ResetContext.data` was. */
  readonly data?: unknown;
}

/** A value, or a promise of one: every callback may be synchronous. */
export type Awaitable<T> = T | PromiseLike<T>;

/** `"90s"`, `"15m"`, `"24h"`, `"7d"`, or a number of milliseconds. */
export type Duration = string | number;

/** `console` fits, and so do most loggers. `fields` repeats what the message says, for programs. */
export interface Log {
  /** Details, such as why a request ended without an email. Outside production, such messages go to `info`. */
  debug?(message: string, fields?: LogFields): void;
  /** What an operator may want to know. */
  info(message: string, fields?: LogFields): void;
  /** What weakens the protection, or may soon fail. */
  warn(message: string, fields?: LogFields): void;
  /** What failed. */
  error(message: string, fields?: LogFields): void;
}

/** The content of a log line, for programs. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;
