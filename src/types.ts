/**
 * Every port and public shape of resetkit, in the order in which a request meets them. No code.
 *
 * Times are milliseconds since 1970 (UTC) unless a field is a `Date`; lengths of time are `Duration`s.
 *
 * @module
 */

/** A value, or a promise of it: every callback may be synchronous. */
export type Awaitable<T> = T | PromiseLike<T>;

/** `"90s"`, `"15m"`, `"24h"`, `"7d"`, or a number of milliseconds. */
export type Duration = string | number;

/** How an application names an account: what `users.idOf` gives, handed back to `users.findById` as it came. */
export type UserId = string | number | bigint | Uint8Array | ObjectIdLike;

/** MongoDB's ObjectId, by the one method that is needed of it. */
export interface ObjectIdLike {
  toHexString(): string;
}

// ─── 1. The client ───────────────────────────────────────────────────────────────────────────────────

/** What is known about the request that a call is made for. Optional everywhere. */
export interface ResetContext {
  /** The client's IP address; rate limits count by it. */
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  /** A language tag such as `de` or `pt-BR`. */
  readonly locale?: string | undefined;
  /** The tenant, where one installation serves several. A token is good in its own scope only. */
  readonly scope?: string | undefined;
  /** Anything small that JSON can carry; it travels, sealed, to `deliver`. At most 4 kB. */
  readonly data?: unknown;
  /** Keeps a serverless function alive after its answer (`worker: "waitUntil"`). */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** Where a request came from, as messages and events show it. */
export interface Origin {
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly data?: unknown;
}

// ─── 2. HTTP, as a plain shape that every framework fits ─────────────────────────────────────────────

export interface HttpRequest {
  readonly method: string;
  /** The path as it was sent: still encoded, without the query. */
  readonly path: string;
  /** What follows the `?`, without it; may be empty. Never read for fields. */
  readonly query: string;
  /** The address at the other end of the connection. */
  readonly ip?: string | undefined;
  /** One header's value, by its lower-case name; several are joined by `, `. */
  header(name: string): string | undefined;
  /** The body, read once, within the limits; throws `ResetError` `body_too_large` or `body_timeout`. */
  body(limits: BodyLimits): Awaitable<HttpBody>;
  /** The framework's own request, for callbacks of the application. */
  readonly raw?: unknown;
}

export interface BodyLimits {
  /** Bytes. */
  readonly maxBytes: number;
  /** Milliseconds from the first read to the last byte. */
  readonly timeout: number;
}

/** Bytes as they arrived, or what a body parser of the framework made of them before we were asked. */
export type HttpBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "parsed"; readonly value: unknown };

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. A list is sent as several headers (`set-cookie`). */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
}

/** What an adapter needs of a handler. */
export interface PlainHandler {
  /** Answers a request, or `null` where the path is not the handler's own. Never rejects. */
  plain(request: HttpRequest, context?: ResetContext, mountedAt?: string): Promise<HttpResponse | null>;
}

/** A fetch handler that adapters can also call without making a `Request`. */
export interface Handler extends PlainHandler {
  (request: Request, context?: FetchContext): Promise<Response>;
}

export interface FetchContext extends ResetContext {
  /**
   * The address at the other end of the connection, where the platform says it. `trustProxy` looks behind it;
   * `ip` is taken as it is.
   */
  readonly peer?: string | undefined;
}

// ─── 3. Throttles ────────────────────────────────────────────────────────────────────────────────────

export type Stage = "request" | "validate" | "confirm";

/** One use of one of the three endpoints. */
export interface Attempt extends ResetContext {
  readonly stage: Stage;
  readonly now: number;
  /** What was typed, folded for comparison. On `validate` and `confirm`, only beside a code. */
  readonly identifier?: string | undefined;
}

/** `max` uses by one client in a window of `per`. The window starts at the first use. */
export interface ThrottleRule {
  /**
   * Who counts as one client. An IPv6 address counts as its /64, and the /48 around it gets four times as many uses.
   * A function may return `undefined`: not counted.
   */
  readonly by: "ip" | ((attempt: Attempt) => string | undefined);
  readonly max: number;
  readonly per: Duration;
}

/** A throttle of the application's own. */
export interface Throttle {
  /** Counts the attempt; gives the seconds to wait where it is one too many. */
  take(attempt: Attempt): Awaitable<{ readonly retryAfter: number } | null | undefined | void>;
  /** Takes the count back: on validate and confirm only failures count. */
  giveBack?(attempt: Attempt): Awaitable<void>;
}

export type Throttles = Partial<Record<Stage, readonly (ThrottleRule | Throttle)[] | false>>;

/** See `ResetOptions.secondFactor`. */
export interface SecondFactor<U> {
  /** Whether the account has a second factor. */
  required(user: U): Awaitable<boolean>;
  /** Whether an answer is right. Called at most five times per token, and ten times a day per account. */
  verify(user: U, answer: string, context: ResetContext): Awaitable<boolean>;
}

// ─── 4. Accounts: the one port that every application implements ────────────────────────────────────

/** What may stand in `stateOf`. */
export type StateValue = string | number | bigint | boolean | null | undefined | Date | Uint8Array;

/** The driver's own handle of the running transaction, where users and store share a database. */
export interface InTransaction {
  readonly transaction?: any;
}

export interface Users<U> {
  /** One account, several, or nothing. The application's query decides what an identifier is. */
  findByIdentifier(
    identifier: string,
    context: { readonly scope?: string | undefined },
  ): Awaitable<U | readonly U[] | null | undefined>;
  findById(id: any, context: { readonly scope?: string | undefined }): Awaitable<U | null | undefined>;
  /**
   * What tokens are bound to: changing any of these values revokes them. The stored password hash must be in it;
   * email address and status should be. With `lock` it also runs inside the transaction, and then gets its handle.
   */
  stateOf(user: U, context: InTransaction): Awaitable<readonly StateValue[]>;
  /**
   * Stores the new password if the account is still in the state `expected` (compare-and-set), and says
   * whether it did. Anything but `true` and `false` throws. With `hashPassword` it gets the hash.
   */
  setPassword(
    user: U,
    password: string,
    context: { readonly expected: readonly StateValue[] } & InTransaction,
  ): Awaitable<boolean>;
  /** Ends every session of the account, or the literal `"none"` where there are none. */
  readonly revokeSessions: ((user: U, context: InTransaction) => Awaitable<unknown>) | "none";
  /**
   * The one form of an identifier, such as a phone number without blanks and hyphens. `findByIdentifier` gets its result,
   * and stored identifiers go through it before they're compared. It must leave its own results unchanged, and two
   * different accounts must never have the same result. Default: as typed.
   */
  normalize?(identifier: string): string;
  /** Default: `user.id`. */
  idOf?(user: U): UserId;
  /** Makes an id out of its text, where text alone does not give it back (an ObjectId outside MongoDB). */
  parseId?(text: string): UserId;
  /** What an account can be asked for by; compared again, Unicode-safe, with what was typed. Default: `user.email`. */
  identifierOf?(user: U): string | readonly string[];
  /**
   * Where messages go: the stored email address, or a list of verified ones. Of a list, the one that equals what was
   * typed, otherwise the first. Nothing that was typed is ever mailed. Default: `user.email`.
   */
  addressOf?(user: U): string | readonly string[];
  /** The account's language. Default: the request's. */
  localeOf?(user: U): string | undefined;
  /**
   * Whether this account's password may be reset. Asked on request and again on confirm. With `lock` it also runs
   * inside the transaction: a query that it makes must use the handle in `context`. Default: every account.
   */
  mayReset?(user: U, context: InTransaction): Awaitable<boolean>;
  /** The slow part, outside any transaction and a few at a time. */
  hashPassword?(password: string, user: U): Awaitable<string>;
  /**
   * Present where users and store share a database: locks the account's row (`SELECT … FOR UPDATE`) in the
   * transaction and returns it fresh, or null. Then token, password and sessions change together.
   */
  lock?(
    id: any,
    context: { readonly transaction: any; readonly scope?: string | undefined },
  ): Awaitable<U | null | undefined>;
}

// ─── 5. Tokens ───────────────────────────────────────────────────────────────────────────────────────

/** Makes the text of a token. Below 64 bits it is a code. */
export interface Generator {
  /** The least entropy of any text that `generate` gives. */
  readonly bits: number;
  generate(): Awaitable<string>;
  /** Undoes what people do to a code when they type it: blanks, small letters. */
  normalize?(typed: string): string;
}

/** An account as strategies see it. */
export interface Account {
  /** The application's own object, never looked into. */
  readonly user: unknown;
  readonly id: UserId;
  /** `""` where there are no tenants. */
  readonly scope: string;
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
  byId(id: UserId, scope: string): Promise<Account | null>;
  /** Ids of the accounts behind an identifier. */
  idsOf(identifier: string, scope: string): Promise<readonly UserId[]>;
}

/** A kind of token: what the option `tokens` takes. */
export interface TokenStrategy {
  /** `"stored"`, `"signed"`, `"django"` … */
  readonly kind: string;
  /** Called once, at construction; throws a `TypeError` where the configuration cannot work. */
  connect(context: StrategyContext): ConnectedStrategy;
}

export interface StrategyContext {
  readonly keys: Keyring;
  /** Absent where the engine was made without a store. */
  readonly tokens: TokenStore | undefined;
  readonly counters: CounterStore;
  /** The configured lifetime in milliseconds, where it is the same for everyone. */
  readonly lifetime: number | undefined;
  /** How many live tokens an account may have. */
  readonly maxLive: number;
  readonly log: Log;
  /** Reports something that an operator must look at, as an error in the log and an `alarm` event. */
  readonly alarm?: ((what: Events<unknown>["alarm"]["what"], reason: string) => void) | undefined;
}

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

export interface TokenOrder {
  readonly account: Account;
  readonly now: number;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly request: Origin;
  /** `true`: the application issues it (`issueFor`). It has a place of its own, whatever users request. */
  readonly force?: boolean | undefined;
  /** Hashes of the flow handles of the requests that this answers. A code works with these flows. */
  readonly flows?: readonly string[] | undefined;
}

export interface Issued {
  readonly token: string;
  /** A short code to type, beside the link, and when it ends. */
  readonly code?: string | undefined;
  readonly codeExpiresAt?: number | undefined;
  readonly expiresAt: number;
  /** Called once the message was accepted, or refused, by the transport. */
  settle(accepted: boolean): Promise<void>;
}

export interface Presented {
  readonly token: string;
  readonly identifier?: string | undefined;
  /** The flow handle that the request was answered with. */
  readonly flow?: string | undefined;
  readonly ip?: string | undefined;
  readonly scope: string;
  readonly now: number;
}

/** A token that was good when it was looked at. */
export interface Claim {
  readonly account: Account;
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

// ─── 6. Stores: three small ports, each verb atomic ──────────────────────────────────────────────────

export interface Store {
  readonly tokens: TokenStore;
  readonly counters: CounterStore;
  readonly queue?: RequestQueue | undefined;
  /** Runs `work` in one transaction. The handle is the driver's own. */
  transaction?: (<T>(work: (handle: any) => Promise<T>) => Promise<T>) | undefined;
  /** True where nothing outlives the process. */
  readonly ephemeral?: boolean | undefined;
  /** Checks that the store can keep its promises; rejects with a sentence that ends with the fix. */
  check?(): Promise<void>;
}

/** Whether the mail of a token was accepted by the transport. */
export type Delivery = "pending" | "accepted" | "failed";

/** A stored token. Nothing in it lets a reader, or a writer, of the table reset a password. */
export interface TokenRow {
  /** 16 bytes, unique: a keyed hash of the token. */
  readonly lookup: Uint8Array;
  /** 32 bytes: a keyed hash of token, account, expiry and state. */
  readonly proof: Uint8Array;
  /** The code beside the link. */
  readonly code?: { readonly lookup: Uint8Array; readonly proof: Uint8Array; readonly expiresAt: number };
  readonly userId: UserId;
  readonly scope: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly delivery: Delivery;
  /** Until when a confirm holds the token; 0 where none does. */
  readonly leasedUntil: number;
  /** True for a token of `issueFor`. It doesn't count against `maxLive`, and requests never replace it. */
  readonly issued?: boolean | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** A row as far as a check of a token reads it. */
export type FoundToken = Pick<TokenRow, "lookup" | "proof" | "code" | "userId" | "scope" | "expiresAt"> &
  Partial<TokenRow>;

/** How many rows an account may have. See `TokenStore.put`. */
export interface PutRule {
  readonly now: number;
  readonly maxLive: number;
  /** Rows that have been pending for longer than this count as failed. Milliseconds. */
  readonly pendingFor: number;
  /** At the limit, a successor may be added if the newest row is older than this. Milliseconds. */
  readonly quietFor: number;
}

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
}

/** What a queued entry is for: the one thing about it that the queue can read. */
export type IntentKind = "request" | "issue" | "finish" | "changed";

/** Something to be done. Its content is encrypted: the queue can't read it. */
export interface QueueEntry {
  /** 32 hexadecimal digits, growing with time. */
  readonly id: string;
  readonly sealed: Uint8Array;
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

export interface RequestQueue {
  /** Inserts an entry. An id that is there already is an error. */
  add(entry: QueueEntry, context?: InTransaction): Promise<void>;
  /**
   * Hands out what is due at `now`, oldest first; each entry to one caller, until `until`. With `keyIds`, only entries
   * with one of these key ids or with none: another application's entries on the same store aren't touched, and never
   * keep ours from being handed out. A queue that can't filter may ignore `keyIds`.
   */
  lease(limit: number, now: number, until: number, keyIds?: readonly string[]): Promise<QueueEntry[]>;
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
  readonly database?: object | undefined;
}

export interface QueueStats {
  /** Entries that are due and not leased. */
  readonly waiting: number;
  /** When the oldest of them was added; undefined if there's none. */
  readonly oldestAt: number | undefined;
  /** Entries whose key id isn't in `keyIds`: another application shares the store, or a secret is missing. */
  readonly foreign: number;
}

/** How the SQL store reaches a database: two verbs, which every driver and ORM has in some form. */
export interface SqlConnection<Handle = any> {
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

export type SqlDialect = "sqlite" | "postgres" | "mysql";

export type SqlValue = string | number | Uint8Array | null;

export interface SqlStatement {
  /** In the dialect's own placeholders (`?`, `$1`), each of which occurs once and in order. */
  readonly text: string;
  /** Whether it gives rows; else it gives the number of changes. */
  readonly rows: boolean;
  /** Present on statements that are run again and again: the name to prepare them under. */
  readonly name?: string | undefined;
}

export interface SqlResult {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** How many rows a statement without `rows` inserted, changed or deleted. */
  readonly changes: number;
}

// ─── 7. Messages ─────────────────────────────────────────────────────────────────────────────────────

/** `JSON.stringify` and `console.log` show it without token, code, and URL. Read the properties to send them. */
export interface ResetMessage<U> {
  readonly kind: "reset";
  readonly user: U;
  /** The stored address. */
  readonly address: string;
  readonly token: string;
  /** Where there are codes: good for less long than the link. */
  readonly code?: string | undefined;
  readonly codeExpiresAt?: Date | undefined;
  readonly url: string;
  readonly expiresAt: Date;
  readonly locale: string | undefined;
  readonly request: Origin;
  /** What `issueFor` was called with: an invitation reads differently. */
  readonly template?: string | undefined;
}

export interface ChangedMessage<U> {
  readonly kind: "changed";
  readonly user: U;
  readonly address: string;
  readonly changedAt: Date;
  readonly locale: string | undefined;
  readonly request: Origin;
}

/** Only with `notifyUnknown: true`: a reset was requested for an account that does not exist. */
export interface UnknownMessage {
  readonly kind: "unknown";
  readonly address: string;
  readonly locale: string | undefined;
  readonly request: Origin;
}

export type Message<U> = ResetMessage<U> | ChangedMessage<U> | UnknownMessage;

/**
 * Sends a message. Alone sees a token. Resolves when the transport has accepted it, and rejects otherwise: the message
 * is then retried, unless the error has the `code` `"unusable_address"`.
 */
export interface Deliver<U> {
  (message: Message<U>): Awaitable<unknown>;
  /** Does everything except sending, so that an unknown account costs what a known one costs. */
  dryRun?(message: Message<U>): Awaitable<unknown>;
}

// ─── 8. Passwords ────────────────────────────────────────────────────────────────────────────────────

/** Why a password was refused. */
export interface Problem {
  /** `too_short`, `too_long`, `too_common`, `entirely_numeric`, `too_similar`, or a validator's own. */
  readonly code: string;
  /** What the sentence needs, such as `{ min: 8 }`. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** The sentence in English; a locale that knows the code says it in its own words. */
  readonly message: string;
}

/** Returns what's wrong with a password: nothing, a sentence, a problem, or several. */
export interface Validator<U = unknown> {
  (
    password: string,
    context: {
      readonly user: U;
      readonly identifiers: readonly string[];
      readonly locale?: string | undefined;
    },
  ): Awaitable<string | Problem | readonly (string | Problem)[] | null | undefined | void>;
  /** Minimum number of characters. Pages show it above the field. */
  readonly minLength?: number;
}

/** See `PasswordReset.rules`. */
export interface PasswordRules {
  /** Minimum number of characters: the largest `minLength` of the validators, or 0. */
  readonly minLength: number;
  /** Whether a reset ends the account's sessions: true if `users.revokeSessions` is a function. */
  readonly revokesSessions: boolean;
}

// ─── 9. Events and the log ───────────────────────────────────────────────────────────────────────────

/** No event carries a token, a password or a full address (but in the application's own `user`). */
export interface Events<U> {
  /** A token was made for an account; its message is about to go out. */
  tokenCreated: {
    readonly user: U;
    readonly userId: UserId;
    readonly expiresAt: Date;
    readonly request: Origin;
  };
  /** The password was accepted and is about to be set. Awaited; a listener vetoes by throwing. */
  beforeReset: { readonly user: U; readonly userId: UserId; readonly request: Origin };
  /** The password is set and committed. */
  afterReset: { readonly user: U; readonly userId: UserId; readonly request: Origin };
  /** A transport accepted a message. */
  delivered: { readonly kind: Message<U>["kind"]; readonly userId?: UserId };
  /** A call was rejected, or a request ended without an email. */
  refused: {
    readonly stage: Stage | "mail";
    readonly reason: RefusalReason;
    readonly userId?: UserId;
    readonly request: Origin;
  };
  /** Something that should have worked did not. `final`: it will not be tried again. */
  failed: {
    readonly what: "deliver" | "finish" | "listener" | "worker" | "intent";
    /** One line, without addresses or secrets. */
    readonly reason: string;
    readonly final: boolean;
    readonly userId?: UserId;
  };
  /** Something that an operator should look at. At most one per process and hour. */
  alarm: {
    /** `codes_off`: too many wrong codes in all, so codes are refused until the day is over. Links work. */
    readonly what: "codes_off";
    readonly reason: string;
  };
}

export type RefusalReason =
  | "invalid_token"
  | "weak_password"
  | "throttled"
  | "vetoed"
  /** `secondFactor.verify` didn't accept the answer, or there was none. */
  | "second_factor"
  | "unavailable"
  /** No account was found. */
  | "unknown_account"
  /** An account was found, but none of its identifiers equals what was typed (`users.identifierOf`). */
  | "identifier_mismatch"
  /** `users.mayReset` refused the account. */
  | "not_eligible"
  /** The account has as many valid links as `maxLive` allows. Earlier links still work. */
  | "over_cap"
  /** `deliver` can't send to the account's stored address, now or later. */
  | "unusable_address";

export type Listener<U, Name extends keyof Events<U>> = (event: Events<U>[Name]) => Awaitable<unknown>;

/** `console` fits, and so do most loggers. `fields` say the same as the message, for programs. */
export interface Log {
  /** Why a request ended without an email, among others. Outside production such messages go to `info`. */
  debug?(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean>>;

// ─── 10. The engine ──────────────────────────────────────────────────────────────────────────────────

/** Where requests become mails: in this process, in one of its own, or after the answer of a function. */
export type WorkerMode = "inside" | "outside" | "waitUntil";

export interface WorkerOptions {
  /** @default "inside" */
  readonly mode?: WorkerMode;
  /**
   * How often the worker looks at the queue.
   *
   * @default "250ms"
   */
  readonly tick?: Duration;
  /**
   * How long a worker may stay silent before another one takes its work.
   *
   * @default "30s"
   */
  readonly lease?: Duration;
  /**
   * How long a request is retried. After that it's dropped with a `failed` event. What must follow a changed password,
   * and what `issueFor` queued, has no deadline.
   *
   * @default "2h"
   */
  readonly deadline?: Duration;
  /**
   * How long one delivery attempt may take.
   *
   * @default "2m"
   */
  readonly timeout?: Duration;
  /**
   * Messages in progress at the same time, at most. The worker begins with ten and adapts to how fast `deliver` answers: more
   * while deliveries succeed, half as many after one that fails. It uses at most eight database connections.
   *
   * @default 100
   */
  readonly concurrency?: number;
}

export interface ResetOptions<U> {
  readonly users: Users<U>;
  /** At least 32 bytes. In a list the first signs and all verify. */
  readonly secret: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Where tokens, counters and queue live. May be left out with signed tokens alone. */
  readonly store?: Store;
  /** Default: `storedTokens()`. In a list the first issues and all verify. */
  readonly tokens?: TokenStrategy | readonly TokenStrategy[];
  /** Default `"24h"`. A function of the user is possible. */
  readonly lifetime?: Duration | ((user: U) => Duration);
  /** With `{token}` in it; or a function of the user that gives such a text. https, unless it is loopback. */
  readonly url: string | ((user: U) => string);
  readonly deliver: Deliver<U>;
  /**
   * Rate limits. `"fair"` suits most sites: 5 requests per hour by IP address and identifier, 120 by IP address, and 30
   * failures of `validate` and `confirm`. `false`: none.
   *
   * @default 3 requests per day, and 30 failures per hour, by IP address
   */
  readonly throttles?: Throttles | "fair" | false;
  /** Asks accounts that have a second factor for it before the password is set. */
  readonly secondFactor?: SecondFactor<U>;
  /** Default: `length({ min: 8 })`, `common()`, `numeric()`, `similar()`. */
  readonly validators?: readonly Validator<U>[];
  /**
   * Where and how queued requests become emails: a mode, or an object with a mode and the worker's settings.
   *
   * @default "inside"
   */
  readonly worker?: WorkerMode | WorkerOptions;
  /** Live tokens of one account. Default 3. */
  readonly maxLive?: number;
  /** Allows user enumeration: reveals whether an account exists, and looks it up inside the request. Deprecated: leave it out. */
  readonly revealUnknown?: boolean;
  /** Sends `{ kind: "unknown" }` to addresses without an account. Default false. */
  readonly notifyUnknown?: boolean;
  /** What `validate_token` tells about the account behind a good token. Default: nothing. */
  readonly validateReveals?: (user: U) => Readonly<Record<string, unknown>>;
  /** Hashes at once, and how many may wait. Default `{ concurrency: 2, waiting: 64 }`. */
  readonly hashing?: { readonly concurrency?: number; readonly waiting?: number };
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: () => number;
  /** Default: the console. */
  readonly log?: Log;
}

/** A token or code, as it's presented. */
export interface PresentedToken {
  readonly token: string;
  /** Required with a code. */
  readonly identifier?: string | undefined;
  /** What `request` returned as `flow`. A code must then be one that was sent for this flow. */
  readonly flow?: string | undefined;
}

export interface PasswordReset<U = any> {
  /** Takes a request for a reset. Resolves alike for everyone. Throws `throttled`, `invalid_input`, `unavailable`. */
  request(
    input: {
      readonly identifier: string;
      /** The flow of an earlier request by the same client. */
      readonly flow?: string | undefined;
    },
    context?: ResetContext,
  ): Promise<{
    /** If there are codes: pass it to `validate` and `confirm`. Then no one else can use up this client's attempts. */
    readonly flow?: string;
  }>;
  /** Whether a token could be confirmed now. Changes nothing, but for dropping a token that is over. */
  validate(input: PresentedToken, context?: ResetContext): Promise<boolean>;
  /** The same, with the account. For pages; never show more of it than its owner needs. */
  inspect(
    input: PresentedToken,
    context?: ResetContext,
  ): Promise<{
    readonly user: U;
    readonly reveals: Readonly<Record<string, unknown>>;
    /** Whether `confirm` will ask for a second factor. */
    readonly secondFactor: boolean;
  } | null>;
  /** What to tell users before and after they choose a password. */
  rules(): Promise<PasswordRules>;
  /** Sets the new password and resolves to the account, for exactly one of any number of callers. */
  confirm(
    input: PresentedToken & {
      readonly password: string;
      /** The answer for `secondFactor.verify`. */
      readonly secondFactor?: string | undefined;
    },
    context?: ResetContext,
  ): Promise<U>;
  /**
   * Starts a reset, or an invitation, for one account. Never returns the token.
   *
   * Resolves once the message is queued: a mail server that is down delays it and doesn't lose it. With `wait: true` it
   * resolves once the message is delivered; if that attempt fails it rejects with `unavailable`, and the message stays
   * queued and is retried.
   */
  issueFor(
    user: U,
    options?: {
      readonly lifetime?: Duration;
      readonly template?: string;
      readonly wait?: boolean;
    } & ResetContext,
  ): Promise<void>;
  /** Ends every token of an account. */
  revoke(user: U, context?: ResetContext): Promise<void>;
  /** Removes expired tokens, closed windows and stale intents, in small batches. */
  clearExpired(options?: {
    readonly onProgress?: (progress: { readonly removed: number }) => void;
    readonly signal?: AbortSignal;
  }): Promise<{ readonly removed: number }>;
  /** Listens to an event; returns the undo. */
  on<Name extends keyof Events<U>>(name: Name, listener: Listener<U, Name>): () => void;
  /** Takes requests off the queue until stopped. */
  work(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Does all that is due now, and waits for what is under way. */
  drain(): Promise<void>;
  /** Stops the worker and waits for what it holds. Ends no connection that the caller made. */
  close(): Promise<void>;
}
