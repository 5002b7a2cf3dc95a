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
  /** Called once, at construction; throws a `TypeError` where the configuration cannot work. */
  connect(context: StrategyContext): ConnectedStrategy;
}

/** What the engine hands to a kind of token when it connects it. */
export interface StrategyContext {
  /** The keys made of the option `secret`. */
  readonly keys: Keyring;
  /** Absent where the engine was made without a store. */
  readonly tokens: TokenStore | undefined;
  /** Counters, such as for failed attempts at codes. */
  readonly counters: CounterStore;
  /** The configured lifetime in milliseconds, where it is the same for everyone. */
  readonly lifetime: number | undefined;
  /** How many live tokens an account may have. */
  readonly maxLive: number;
  /** True for the first kind in `tokens`: it issues, and all verify. */
  readonly issues?: boolean | undefined;
  /** The application's log. */
  readonly log: Log;
  /** Reports something that an operator must look at, as an error in the log and an `alarm` event. */
  readonly alarm?: ((what: AlarmKind, reason: string) => void) | undefined;
}

/** A kind of token at work. Test yours with `strategySuite` of `resetkit/testing`. */
export interface ConnectedStrategy {
  /** True if it makes codes, so that requests get a flow handle. */
  readonly hasCodes?: boolean;
  /** Makes a token, or says that the account has had its mails for now. */
  issue(order: TokenOrder): Promise<Issued | "over_cap">;
  /** Whose token it is, or `null` for every reason alike. Spends nothing. */
  verify(presented: Presented, accounts: AccountFinder): Promise<Claim | null>;
  /** Ends every token of an account; throws `unsupported` where a token cannot be ended alone. */
  revoke(account: Account): Promise<void>;
  /** Removes what is left of the tokens that an account got before `before`, after its password changed. */
  forget(account: Account, context: { readonly before: number } & InTransaction): Promise<void>;
  /** Throws a `TypeError` if no token can live that long. Milliseconds. */
  checkLifetime?(lifetime: number): void;
}

/** An order to make a token for an account. */
export interface TokenOrder {
  /** Whom the token is for. */
  readonly account: Account;
  /** The current time. */
  readonly now: number;
  /** Milliseconds. */
  readonly lifetime: number;
  /** Where the request came from. */
  readonly request: Origin;
  /** `true`: the application issues it (`issueFor`). It has a place of its own, whatever users request. */
  readonly force?: boolean | undefined;
  /** Hashes of the flow handles of the requests that this answers. A code works with these flows. */
  readonly flows?: readonly string[] | undefined;
}

/** A token that was made. The only place where its text exists. */
export interface Issued {
  /** The text of the token. It's never stored. */
  readonly token: string;
  /** A short code to type, beside the link, and when it ends. */
  readonly code?: string | undefined;
  /** When the code expires. */
  readonly codeExpiresAt?: number | undefined;
  /** When the token expires. */
  readonly expiresAt: number;
  /** Called once the message was accepted, or refused, by the transport. */
  settle(accepted: boolean): Promise<void>;
}

/** A token as a client presents it. */
export interface Presented {
  /** The text from a link, or a code. */
  readonly token: string;
  /** What the client typed beside a code. */
  readonly identifier?: string | undefined;
  /** The flow handle that the request was answered with. */
  readonly flow?: string | undefined;
  /** The client's IP address. */
  readonly ip?: string | undefined;
  /** The tenant; `""` if there are none. */
  readonly scope: string;
  /** The current time. */
  readonly now: number;
}

/** A token that was good when it was looked at. */
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
  /** Called after `finish` is committed: what counts outside the transaction, such as failed attempts at a code. */
  settle(now: number): Promise<void>;
  /** Ends the lease, so that the token can be used again. */
  release(): Promise<void>;
}

/** An account as strategies see it. */
export interface Account {
  /** The application's own object, never looked into. */
  readonly user: unknown;
  /** What `users.idOf` returned. */
  readonly id: UserId;
  /** `""` where there are no tenants. */
  readonly scope: string;
  /** What `users.stateOf` returned: tokens are bound to it. */
  readonly state: readonly StateValue[];
  /** The stored email address that messages go to. */
  readonly address: string;
  /** All email addresses that tokens are bound to: `address` and further verified ones. Default: `address` alone. */
  readonly addresses?: readonly string[] | undefined;
  /** True for the decoy on which the work for an unknown account is done. Nothing of it may remain. */
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

/** Makes the text of a token. Below 64 bits it is a code. */
export interface Generator {
  /** The least entropy of any text that `generate` gives. */
  readonly bits: number;
  /** Makes one text. */
  generate(): Awaitable<string>;
  /** Undoes what people do to a code when they type it: blanks, small letters. */
  normalize?(typed: string): string;
}

/** Keys made of the secrets, one per purpose. The first secret signs, all verify. */
export interface Keyring {
  /** How many secrets there are. */
  readonly size: number;
  /** A one-character name of a secret, made of the secret itself. */
  id(index: number): Awaitable<string>;
  /** HMAC-SHA-256 over the length-prefixed parts, under the purpose's own key. */
  mac(index: number, purpose: string, parts: readonly StateValue[]): Awaitable<Uint8Array>;
  /** AES-256-GCM under the first secret. */
  seal(purpose: string, plain: Uint8Array): Awaitable<Uint8Array>;
  /** Opens what any of the secrets sealed, or gives `null`. */
  open(purpose: string, sealed: Uint8Array): Awaitable<Uint8Array | null>;
}

/** `codes_off`: too many wrong codes in all, so codes are refused until the day is over. Links work. */
export type AlarmKind = "codes_off" | "queue_full";

// ─── Stores: small ports, each verb atomic ──────────────────────────────────────────────────────────

/**
 * Where tokens, rate-limit counters, and the queue are kept. Its parts may come from different databases. Test yours with
 * `storeSuite` of `resetkit/testing`.
 */
export interface Store {
  /** Stored tokens. */
  readonly tokens: TokenStore;
  /** Rate-limit counters. */
  readonly counters: CounterStore;
  /** Requests that wait for a worker. Without one, they wait in memory. */
  readonly queue?: RequestQueue | undefined;
  /** Runs `work` in one transaction. The handle is the driver's own. */
  transaction?: (<T>(work: (handle: any) => Promise<T>) => Promise<T>) | undefined;
  /** True where nothing outlives the process. */
  readonly ephemeral?: boolean | undefined;
  /** Checks that the store can keep its promises; rejects with a sentence that ends with the fix. */
  check?(): Promise<void>;
  /** What the server's clock shows, if the store is on a server of its own. */
  time?(): Promise<number>;
}

/** Keeps stored tokens. Every method is one atomic step, whatever runs concurrently. */
export interface TokenStore {
  /**
   * Adds a row. Rows of requests and rows of `issueFor` (`row.issued`) are counted apart: at most `maxLive` of the one
   * kind, and one of the other.
   *
   * Below the limit the row is added: `"stored"`. At the limit, expired rows, then rows whose email failed (oldest
   * first), make way for it. If all are valid, it may be added beside them as a `"successor"`: an issued row always (an
   * issued row whose email is still pending makes way), a request's row if the newest one is older than `quietFor` and
   * no other successor is pending. `delivered` then removes what it replaces, so a valid link stays valid until its
   * successor's email was accepted. Otherwise `"over_cap"`. `"taken"`: the lookup of the row or of its code exists
   * already; nothing was changed.
   */
  put(row: TokenRow, rule: PutRule): Promise<"stored" | "successor" | "over_cap" | "taken">;
  /**
   * The row with that lookup, be it the link's or the code's; expired ones too. `of` is a hint: the lookup is a
   * link's or a code's. A store may then search one index only and return just the fields of `FoundToken`.
   */
  find(lookup: Uint8Array, of?: "link" | "code"): Promise<FoundToken | null>;
  /**
   * Notes whether the email was accepted. With `replace` (for an accepted successor), rows of the same kind and account
   * go, failed ones first and then the oldest, until no more than `maxLive` (one, for an issued row) remain.
   */
  delivered(lookup: Uint8Array, accepted: boolean, replace?: { readonly maxLive: number }): Promise<void>;
  /** Rows that haven't expired at `now`, oldest first. */
  liveOf(userId: UserId, context: { readonly scope: string; readonly now: number }): Promise<TokenRow[]>;
  /** True for exactly one caller until `until`; false if the row is leased or gone. */
  lease(lookup: Uint8Array, until: number, now: number): Promise<boolean>;
  /** Moves the end of the lease that lasts to `held` to `until`; false if that lease is lost or the row is gone. */
  renew(lookup: Uint8Array, until: number, held: number): Promise<boolean>;
  /** Ends the lease that lasts to `until`, and no other. */
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
  /** Removes at most `limit` rows that expired before `now`; says how many. */
  removeExpired(now: number, limit: number): Promise<number>;
  /** All rows in a fixed order, `limit` at a time, after the row with the lookup `after`. */
  list(page: { readonly after?: Uint8Array | undefined; readonly limit: number }): Promise<TokenRow[]>;
  /** Parts with the same one share transactions. */
  readonly database?: object | undefined;
}

/** A stored token. Nothing in it lets a reader, or a writer, of the table reset a password. */
export interface TokenRow {
  /** 16 bytes, unique: a keyed hash of the token. */
  readonly lookup: Uint8Array;
  /** 32 bytes: a keyed hash of token, account, expiry and state. */
  readonly proof: Uint8Array;
  /** The code beside the link. */
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
  /** Until when a confirm holds the token; 0 where none does. */
  readonly leasedUntil: number;
  /** True for a token of `issueFor`. It doesn't count against `maxLive`, and requests never replace it. */
  readonly issued?: boolean | undefined;
  /** The client IP address of the request. */
  readonly ip?: string | undefined;
  /** The `User-Agent` of the request. */
  readonly userAgent?: string | undefined;
}

/** A row as far as a check of a token reads it. */
export type FoundToken = Pick<TokenRow, "lookup" | "proof" | "code" | "userId" | "scope" | "expiresAt"> &
  Partial<TokenRow>;

/** Whether the mail of a token was accepted by the transport. */
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

/** Counts attempts in windows of time, for rate limits. */
export interface CounterStore {
  /**
   * Adds `by` (1 by default, never below 0 in all) to the key's window in one atomic step. A window lasts
   * `per` milliseconds from its first hit.
   */
  hit(
    key: string,
    window: { readonly per: number; readonly by?: number; readonly now: number },
  ): Promise<{ readonly count: number; readonly resetAt: number }>;
  /** Removes at most `limit` windows that closed before `now`; says how many. */
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
  /** Inserts an entry. An id that is there already is an error. */
  add(entry: QueueEntry, context?: InTransaction): Promise<void>;
  /**
   * Hands out what is due at `now`, oldest first; each entry to one caller, until `until`. With `keyIds`, only entries
   * with one of these key ids or with none: another application's entries on the same store aren't touched, and never
   * keep ours from being handed out. A queue that can't filter may ignore `keyIds`.
   */
  lease(limit: number, now: number, until: number, keyIds?: readonly string[]): Promise<QueueEntry[]>;
  /** Removes an entry that was done. One that isn't there is no error. */
  done(id: string, context?: InTransaction): Promise<void>;
  /** Due again at `at`: a retry after `failure`, or, while the work goes on, a longer lease. */
  retry(id: string, at: number, failure?: string): Promise<void>;
  /**
   * Removes at most `limit` entries of kind `"request"` that were added before `before`; returns how many. Entries of
   * any other kind, or of none, stay until they are done: what must follow a changed password has no deadline.
   */
  removeExpired(before: number, limit: number): Promise<number>;
  /** How many entries are waiting, since when the oldest was due, and how many are sealed by none of `keyIds`. */
  stats(now: number, keyIds?: readonly string[]): Promise<QueueStats>;
  /** Entries in the order of their ids, `limit` at a time, after the entry with the id `after`. */
  list(page: { readonly after?: string | undefined; readonly limit: number }): Promise<QueuedEntry[]>;
  /** What shares it shares transactions with this queue. */
  readonly database?: object | undefined;
}

/** Something to be done. Its content is encrypted: the queue can't read it. */
export interface QueueEntry {
  /** 32 hexadecimal digits, growing with time. */
  readonly id: string;
  /** The content, encrypted with AES-256-GCM. */
  readonly sealed: Uint8Array;
  /** When it was added. */
  readonly addedAt: number;
  /** When it may be leased first. */
  readonly dueAt: number;
  /** Absent on entries of version 0.1.0. */
  readonly kind?: IntentKind | undefined;
  /** Names the secret that sealed it, without revealing anything about it. Absent on entries of version 0.1.0. */
  readonly keyId?: string | undefined;
}

/** An entry as `list` shows it to an operator. */
export interface QueuedEntry extends Omit<QueueEntry, "sealed"> {
  /** Failed attempts so far. */
  readonly attempts: number;
  /** Why the last attempt failed, in one line without secrets or addresses. */
  readonly failure?: string | undefined;
}

/** How a queue is doing, as `npx resetkit status` shows it. */
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

/** How the SQL store reaches a database: two verbs, which every driver and ORM has in some form. */
export interface SqlConnection<Handle = any> {
  /** Which SQL the database speaks. */
  readonly dialect: SqlDialect;
  /** Runs one statement: in the transaction of `handle`, or outside of any. */
  query(statement: SqlStatement, values: readonly SqlValue[], handle?: Handle): Promise<SqlResult>;
  /**
   * Runs `work` in one transaction, which is rolled back where it rejects. The handle is the driver's own.
   * Absent where there are no interactive transactions (D1).
   */
  transaction?: (<T>(work: (handle: Handle) => Promise<T>) => Promise<T>) | undefined;
  /** The client that was wrapped: what shares it shares transactions. */
  readonly database: object;
}

/** Which SQL a database speaks. `"mysql"` covers MariaDB. */
export type SqlDialect = "sqlite" | "postgres" | "mysql";

/** What a statement is given for a placeholder. */
export type SqlValue = string | number | Uint8Array | null;

/** One statement, written for the dialect. */
export interface SqlStatement {
  /** In the dialect's own placeholders (`?`, `$1`), each of which occurs once and in order. */
  readonly text: string;
  /** Whether it returns rows; otherwise it returns the number of changes. */
  readonly rows: boolean;
  /** Present on statements that are run again and again: the name to prepare them under. */
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

/** How an application names an account: what `users.idOf` gives, handed back to `users.findById` as it came. */
export type UserId = string | number | bigint | Uint8Array | ObjectIdLike;

/** MongoDB's ObjectId, by the one method that is needed of it. */
export interface ObjectIdLike {
  /** The id as 24 hexadecimal digits. */
  toHexString(): string;
}

/** What may stand in `stateOf`. */
export type StateValue = string | number | bigint | boolean | null | undefined | Date | Uint8Array;

/** The driver's own handle of the running transaction, where users and store share a database. */
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

/** A value, or a promise of it: every callback may be synchronous. */
export type Awaitable<T> = T | PromiseLike<T>;

/** `"90s"`, `"15m"`, `"24h"`, `"7d"`, or a number of milliseconds. */
export type Duration = string | number;

/** `console` fits, and so do most loggers. `fields` say the same as the message, for programs. */
export interface Log {
  /** Why a request ended without an email, among others. Outside production such messages go to `info`. */
  debug?(message: string, fields?: LogFields): void;
  /** What an operator may like to know. */
  info(message: string, fields?: LogFields): void;
  /** What weakens the protection, or may soon fail. */
  warn(message: string, fields?: LogFields): void;
  /** What failed. */
  error(message: string, fields?: LogFields): void;
}

/** What a log line says, for programs. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;
