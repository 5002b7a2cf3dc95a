/**
 * What an application that uses resetkit sees: the object, its options, and what its callbacks receive. No code.
 *
 * Times are milliseconds since 1970 (UTC) unless a property is a `Date`; lengths of time are `Duration`s. The ports that
 * a store, a queue, a connection, or a kind of token implements are in `ports.ts`, and exported from here, too.
 *
 * @module
 */
import type {
  AlarmKind,
  Awaitable,
  Duration,
  IntentKind,
  InTransaction,
  Log,
  Origin,
  StateValue,
  Store,
  TokenStrategy,
  UserId,
} from "./ports.js";

export type * from "./ports.js";

// ─── The object ─────────────────────────────────────────────────────────────────────────────────────

/**
 * What `passwordReset()` returns: the three steps of a reset, and what its operators need. `U` is the application's own
 * account type.
 *
 * Every failure outside the library, such as a database that can't be reached, is a `ResetError` with the code
 * `unavailable`: the same for each account, with the reason in the log.
 */
export interface PasswordReset<U = any> {
  /**
   * Queues a request for a reset. Resolves the same way whether or not an account exists: the worker looks it up and
   * sends the email later.
   *
   * @throws {ResetError} `invalid_input`, `throttled`, `unavailable`; with `revealUnknown` also `unknown_account`.
   * @example
   * ```ts
   * await reset.request({ identifier: body.email }, { ip: request.ip });
   * ```
   */
  request(
    input: {
      readonly identifier: string;
      /** The flow of an earlier request by the same client. */
      readonly flow?: string | undefined;
    },
    context?: ResetContext,
  ): Promise<{
    /**
     * Present if there are codes: pass it to `validate` and `confirm`, so that no one else can use up this client's
     * attempts.
     */
    readonly flow?: string;
  }>;
  /**
   * Whether `confirm` would accept a token now. Consumes nothing. Only invalid tokens count toward the rate limit.
   *
   * @throws {ResetError} `invalid_input`, `throttled`, `unavailable`.
   * @example
   * ```ts
   * if (!(await reset.validate({ token }))) return showLinkExpired();
   * ```
   */
  validate(input: PresentedToken, context?: ResetContext): Promise<boolean>;
  /**
   * Like `validate`, but resolves to the account, or to `null` for an invalid token. It's for pages: show no more of
   * the account than its user needs to recognize it.
   *
   * @throws {ResetError} `invalid_input`, `throttled`, `unavailable`.
   */
  inspect(
    input: PresentedToken,
    context?: ResetContext,
  ): Promise<{
    /** The account that the token was made for. */
    readonly user: U;
    /** What `validateReveals` returned. */
    readonly reveals: Readonly<Record<string, unknown>>;
    /** Whether `confirm` will ask for a second factor. */
    readonly secondFactor: boolean;
  } | null>;
  /** What to tell users before and after they choose a password. */
  rules(): Promise<PasswordRules>;
  /**
   * Sets the new password, consumes the token, and resolves to the account.
   *
   * Of any number of concurrent calls with one token, exactly one succeeds. If the password is rejected or the database
   * can't be reached, the token stays valid. On success, the account's earlier tokens are revoked and
   * `users.revokeSessions` runs. The user isn't signed in.
   *
   * @throws {ResetError} `invalid_token` (never says why), `weak_password` (see `problems`), `second_factor`, `vetoed`,
   * `throttled`, `invalid_input`, `unavailable`.
   * @throws {TypeError} If a callback breaks its contract, such as `setPassword` returning anything but a boolean.
   * @example
   * ```ts
   * const user = await reset.confirm({ token, password }, { ip: request.ip });
   * ```
   * @see [OWASP Forgot Password Cheat Sheet](https://cheatsheetseries.owasp.org/cheatsheets/Forgot_Password_Cheat_Sheet.html)
   */
  confirm(
    input: PresentedToken & {
      /** The new password, as it was typed. It's never trimmed. */
      readonly password: string;
      /** The answer for `secondFactor.verify`. */
      readonly secondFactor?: string | undefined;
    },
    context?: ResetContext,
  ): Promise<U>;
  /**
   * Starts a reset, or an invitation, for one account. Never returns the token.
   *
   * Resolves once the message is queued: if the mail server is down, the message is delayed, not lost. With
   * `wait: true` it resolves once the message is delivered; if that attempt fails it rejects with `unavailable`, and
   * the message stays queued and is retried.
   *
   * @throws {ResetError} `vetoed` if `users.mayReset` returned false, or if no email could be sent; `unavailable`.
   * @throws {TypeError} If no token can have the requested lifetime.
   * @example
   * ```ts
   * await reset.issueFor(user, { template: "invitation", lifetime: "7d" });
   * ```
   */
  issueFor(
    user: U,
    options?: {
      /** How long the token is valid. Default: the option `lifetime`. */
      readonly lifetime?: Duration;
      /** Reaches `deliver` as `message.template`. `byEmail` knows `"invitation"`. */
      readonly template?: string;
      /** Resolve only after the message was delivered. Default: false. */
      readonly wait?: boolean;
    } & ResetContext,
  ): Promise<void>;
  /**
   * Revokes every token of an account, such as when support suspects that its email is compromised.
   *
   * @throws {ResetError} `unsupported` if tokens of this kind can't be revoked (signed tokens); `unavailable`.
   */
  revoke(user: U, context?: ResetContext): Promise<void>;
  /**
   * Removes expired tokens, closed rate-limit windows, and stale requests, in small batches. Expired tokens are
   * rejected whether or not they were removed; run it once a day, or `npx resetkit clear-expired`.
   *
   * @returns How many rows were removed.
   */
  clearExpired(options?: {
    readonly onProgress?: (progress: { readonly removed: number }) => void;
    readonly signal?: AbortSignal;
  }): Promise<{ readonly removed: number }>;
  /**
   * Clears rate limits: those of one client, or, without an argument, all. For support, when someone was locked out.
   *
   * A limit that counts by IP address and identifier together, as one of `"fair"` does, needs both. Counters of codes,
   * and throttles of your own, aren't touched.
   *
   * @returns How many counters were cleared.
   * @throws {TypeError} Without an argument, if the store can't list its counters.
   * @example
   * ```ts
   * await reset.clearThrottles({ ip: "203.0.113.7", identifier: "ada@example.com" });
   * ```
   */
  clearThrottles(which?: {
    /** The client's IP address. */
    readonly ip?: string | undefined;
    /** What was typed. */
    readonly identifier?: string | undefined;
    /** What a rule's own `by` function returned. */
    readonly by?: string | undefined;
  }): Promise<{ readonly cleared: number }>;
  /**
   * Looks for what keeps resets from working: secret, link, store, clock, worker, mail server, proxy, accounts. Makes
   * no lasting changes. For a readiness endpoint or a start script; `npx resetkit doctor` prints it.
   */
  check(options?: CheckOptions): Promise<readonly Finding[]>;
  /**
   * Adds a listener for an event, and returns a function that removes it.
   *
   * Each listener delays a call by at most 5 seconds. What listeners throw is logged; a listener of `beforeReset`
   * vetoes the reset by throwing.
   *
   * @throws {TypeError} For a name that isn't an event, or a listener that isn't a function.
   * @example
   * ```ts
   * const stop = reset.on("afterReset", ({ userId }) => audit.record("password reset", userId));
   * ```
   */
  on<Name extends keyof Events<U>>(name: Name, listener: Listener<U, Name>): () => void;
  /**
   * Runs a worker in this process until `signal` aborts or `close` is called: with `worker: "outside"`, in a separate
   * process.
   *
   * @example
   * ```ts
   * await reset.work({ signal });
   * ```
   */
  work(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * Does all queued work that is due now, and resolves once it's done. For tests, and for scheduled functions. After
   * `signal` aborts, it takes nothing more off the queue.
   */
  drain(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** Shuts the worker down gracefully: resolves once its work in progress is done. Your own connections stay open. */
  close(): Promise<void>;
}

/** Something that `check` found, with its fix. Never contains a secret or a full email address. */
export interface Finding {
  /** `error`: resets don't work, or aren't safe. `warning`: they may not. */
  readonly level: "error" | "warning";
  readonly what: string;
  readonly fix: string;
}

export interface CheckOptions {
  /**
   * An account to look up, so that `users` is checked: its identifier, as a user types it. Default: an account that has
   * a token now.
   */
  readonly account?: string | undefined;
  readonly scope?: string | undefined;
  /** Sends a message to this email address. The link in it doesn't work. */
  readonly mail?: string | undefined;
  /** What only a platform with sockets can find out. `npx resetkit doctor` passes it. */
  readonly network?: NetworkProbe | undefined;
}

export interface NetworkProbe {
  /** Whether a host name resolves to an IP address. */
  resolves(host: string): Promise<boolean>;
  /** Whether a mail server offers STARTTLS. */
  offersStartTls(host: string, port: number): Promise<boolean>;
}

/** A token or code, as a client presents it. */
export interface PresentedToken {
  /** The text from the link, or the code as it was typed. */
  readonly token: string;
  /** Required with a code. */
  readonly identifier?: string | undefined;
  /** What `request` returned as `flow`. A code must then be one that was sent for this flow. */
  readonly flow?: string | undefined;
}

/** See `PasswordReset.rules`. */
export interface PasswordRules {
  /** Minimum number of characters: the largest `minLength` of the validators, or 0. */
  readonly minLength: number;
  /** Whether a reset ends the account's sessions: true if `users.revokeSessions` is a function. */
  readonly revokesSessions: boolean;
}

// ─── Its options ────────────────────────────────────────────────────────────────────────────────────

/** The options of `passwordReset()`. `users`, `secret`, `url`, and `deliver` are required. */
export interface ResetOptions<U> {
  /** How the application finds accounts, and changes a password. */
  readonly users: Users<U>;
  /**
   * The secret that all keys are derived from: at least 32 bytes. To rotate it, pass a list of at most 8: the first
   * signs, and all verify.
   */
  readonly secret: string | Uint8Array | readonly (string | Uint8Array)[];
  /**
   * Where tokens, rate-limit counters, and the queue are kept: use the database that the users are in. With signed
   * tokens alone it may be left out; counters and queue are then kept in memory, and don't survive the process.
   */
  readonly store?: Store;
  /**
   * The kind of token, or a list of kinds: the first issues tokens, and all verify them.
   *
   * @default storedTokens()
   */
  readonly tokens?: TokenStrategy | readonly TokenStrategy[];
  /**
   * How long a token is valid, or a function of the account that returns it.
   *
   * @default "24h"
   */
  readonly lifetime?: Duration | ((user: U) => Duration);
  /**
   * The absolute URL of the reset page, with `{token}` in its path, query, or fragment; or a function of the account that
   * returns one. It must be https, except on loopback and, outside production, in private networks.
   */
  readonly url: string | ((user: U) => string);
  /** Sends a message: `byEmail(…)`, `toConsole()`, or a function of your own. */
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
  /**
   * What a new password must satisfy. A list replaces the default.
   *
   * @default [length({ min: 8 }), common(), numeric(), similar()]
   */
  readonly validators?: readonly Validator<U>[];
  /**
   * Where and how queued requests become emails: a mode, or an object with a mode and the worker's settings.
   *
   * @default "inside"
   */
  readonly worker?: WorkerMode | WorkerOptions;
  /**
   * Maximum number of valid tokens per account, from 1 to 20. At the limit, at most one email per hour is sent.
   *
   * @default 3
   */
  readonly maxLive?: number;
  /**
   * Allows user enumeration: reveals whether an account exists, and looks it up inside the request.
   *
   * @default false
   * @deprecated Leave it out. It exists to replace software whose clients depend on the difference.
   */
  readonly revealUnknown?: boolean;
  /**
   * Sends a message of kind `"unknown"` to email addresses without an account, and one of kind `"ineligible"` to the
   * stored address of an account that `users.mayReset` refused.
   *
   * @default false
   */
  readonly notifyUnknown?: boolean;
  /** What the endpoint `validate_token` reveals about the account behind a valid token. Default: nothing. */
  readonly validateReveals?: (user: U) => Readonly<Record<string, unknown>>;
  /**
   * How many calls of `users.hashPassword` run at the same time, and how many may wait for their turn.
   *
   * @default { concurrency: 2, waiting: 64 }
   */
  readonly hashing?: { readonly concurrency?: number; readonly waiting?: number };
  /**
   * The current time in milliseconds since 1970.
   *
   * @default Date.now
   */
  readonly clock?: () => number;
  /**
   * Where log lines go. They never contain a secret, token, password, or email address.
   *
   * @default console
   */
  readonly log?: Log;
}

/**
 * Where queued requests become emails: in this process, in a separate one that calls `work`, or after the response of a
 * serverless function.
 */
export type WorkerMode = "inside" | "outside" | "waitUntil";

/** The settings of the background worker. */
export interface WorkerOptions {
  /**
   * Where queued requests become emails.
   *
   * @default "inside"
   */
  readonly mode?: WorkerMode;
  /**
   * How often the worker polls the queue.
   *
   * @default "250ms"
   */
  readonly tick?: Duration;
  /**
   * How long a worker may stay silent before another one takes over its work.
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
   * Maximum number of messages in progress at the same time. The worker begins with 16 and adapts to how fast `deliver`
   * is: more while deliveries succeed, half as many after one that fails. It uses at most eight database connections.
   *
   * @default 100
   */
  readonly concurrency?: number;
  /**
   * Maximum number of entries in the queue. Further requests are rejected with `throttled` (HTTP 429) and an `alarm`
   * event, for known and unknown accounts alike. While the queue holds more than 1% of it, each network (/24, or /48 of
   * IPv6) may add 30 requests per minute. Nothing else is ever rejected: what follows a changed password, and what
   * `issueFor` queues.
   *
   * @default 100_000
   */
  readonly maxWaiting?: number;
}

/** What's known about the request that a call is made for. Optional everywhere. */
export interface ResetContext {
  /** The client's IP address; rate limits count by it. */
  readonly ip?: string | undefined;
  /** The `User-Agent` header, for messages and events. At most 512 characters are kept. */
  readonly userAgent?: string | undefined;
  /** A language tag such as `de` or `pt-BR`. */
  readonly locale?: string | undefined;
  /** The tenant, if one installation serves several. A token is valid only in its own scope. */
  readonly scope?: string | undefined;
  /** Any JSON value of at most 4 kB. It's encrypted in the queue and passed on to `deliver`. */
  readonly data?: unknown;
  /**
   * Keeps a serverless function alive after its response (`worker: "waitUntil"`). Default: what the platform offers, on
   * Vercel, Netlify, and Cloudflare Workers.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

// ─── Accounts ───────────────────────────────────────────────────────────────────────────────────────

/**
 * The one port that every application implements: how accounts are found, and how a password is changed. An object or an
 * instance of a class. Test yours with `usersSuite` of `resetkit/testing`.
 *
 * @example
 * ```ts
 * const users: Users<User> = {
 *   findByIdentifier: (email) => db.users.findMany({ where: { email } }),
 *   findById: (id) => db.users.find(id),
 *   stateOf: (user) => [user.passwordHash, user.email, user.active],
 *   setPassword: async (user, password, { expected }) => {
 *     const { count } = await db.users.update({
 *       where: { id: user.id, passwordHash: expected[0] },
 *       data: { passwordHash: await hash(password) },
 *     });
 *     return count === 1;
 *   },
 *   revokeSessions: (user) => db.sessions.deleteMany({ where: { userId: user.id } }),
 * };
 * ```
 */
export interface Users<U> {
  /** One account, several, or nothing. The application's query decides what an identifier is. */
  findByIdentifier(
    identifier: string,
    context: { readonly scope?: string | undefined },
  ): Awaitable<U | readonly U[] | null | undefined>;
  /** The account with an id that `idOf` returned, or nothing if it no longer exists. */
  findById(id: any, context: { readonly scope?: string | undefined }): Awaitable<U | null | undefined>;
  /**
   * What tokens are bound to: changing any of these values revokes them. The stored password hash must be in it;
   * email address and status should be. With `lock` it also runs inside the transaction, and then gets its handle.
   */
  stateOf(user: U, context: InTransaction): Awaitable<readonly StateValue[]>;
  /**
   * Stores the new password if the account is still in the state `expected` (compare-and-set), and returns whether it
   * did. Any result but `true` or `false` is an error. With `hashPassword`, `password` is the hash.
   */
  setPassword(
    user: U,
    password: string,
    context: { readonly expected: readonly StateValue[] } & InTransaction,
  ): Awaitable<boolean>;
  /** Revokes every session of the account, or the literal `"none"` if there are no sessions. */
  readonly revokeSessions: ((user: U, context: InTransaction) => Awaitable<unknown>) | "none";
  /**
   * Returns the canonical form of an identifier, such as a phone number without spaces and hyphens. `findByIdentifier`
   * receives it, and stored identifiers are normalized before they're compared. It must leave its own results
   * unchanged, and two different accounts must never have the same result. Default: as typed.
   */
  normalize?(identifier: string): string;
  /** The id that tokens are stored under; it never changes. Default: `user.id`. */
  idOf?(user: U): UserId;
  /** Parses an id from its text. Needed if text alone doesn't bring the id back (an ObjectId outside MongoDB). */
  parseId?(text: string): UserId;
  /** The identifiers that a user may type; compared again, Unicode-safe, with what was typed. Default: `user.email`. */
  identifierOf?(user: U): string | readonly string[];
  /**
   * Where messages go: the stored email address, or a list of verified ones. From a list, the one that equals what was
   * typed is used, otherwise the first. Email never goes to an address as it was typed. Default: `user.email`.
   */
  addressOf?(user: U): string | readonly string[];
  /** The account's language. Default: the request's. */
  localeOf?(user: U): string | undefined;
  /**
   * Whether this account's password may be reset. Called on request and again on confirm. With `lock`, it also runs
   * inside the transaction: its queries must use the handle in `context`. Instead of `false`, it may return the reason,
   * for the email that `notifyUnknown` sends. Default: every account.
   */
  mayReset?(user: U, context: InTransaction): Awaitable<boolean | IneligibleReason>;
  /** Hashes a password for storage. It runs outside any transaction, at most `hashing.concurrency` calls at a time. */
  hashPassword?(password: string, user: U): Awaitable<string>;
  /**
   * For users and store in the same database: locks the account's row (`SELECT … FOR UPDATE`) in the transaction and
   * returns it as it is now, or null. Token, password, and sessions then change together.
   */
  lock?(
    id: any,
    context: { readonly transaction: any; readonly scope?: string | undefined },
  ): Awaitable<U | null | undefined>;
  /**
   * Rejects, with an error that ends with the fix, if a table or a column isn't as configured. Otherwise returns what may
   * cause trouble later, such as a missing index. Called when a worker starts, which logs the findings, and by
   * `PasswordReset.check`.
   */
  check?(): Promise<readonly Finding[] | void>;
}

/** See `ResetOptions.secondFactor`. */
export interface SecondFactor<U> {
  /** Whether the account has a second factor. */
  required(user: U): Awaitable<boolean>;
  /** Whether an answer is correct. Called at most five times per token, and ten times a day per account. */
  verify(user: U, answer: string, context: ResetContext): Awaitable<boolean>;
}

// ─── Messages ───────────────────────────────────────────────────────────────────────────────────────

/**
 * Sends a message. It's the only callback that sees a token. It resolves when the transport has accepted the message,
 * and rejects otherwise: the message is then retried, unless the error has the `code` `"unusable_address"`. If the
 * error has `retryAfter`, the retry waits at least that many seconds, up to an hour.
 */
export interface Deliver<U> {
  /** Sends one message to `message.address`. */
  (message: Message<U>): Awaitable<unknown>;
  /** Does everything except sending, so that an unknown account takes as much work as a known one. */
  dryRun?(message: Message<U>): Awaitable<unknown>;
  /** Looks for what would keep messages from being sent. Sends nothing. */
  check?(network?: NetworkProbe): Awaitable<readonly Finding[]>;
}

/** What `deliver` sends. Its `kind` tells the four apart. */
export type Message<U> = ResetMessage<U> | ChangedMessage<U> | UnknownMessage | IneligibleMessage<U>;

/** `JSON.stringify` and `console.log` show it without token, code, and URL. Read the properties to send them. */
export interface ResetMessage<U> {
  /** Always `"reset"`. */
  readonly kind: "reset";
  /** The account. */
  readonly user: U;
  /** The stored email address, never what was typed. */
  readonly address: string;
  /** The token itself. Prefer `url`. */
  readonly token: string;
  /** With one-time codes: the code, which expires sooner than the link. */
  readonly code?: string | undefined;
  /** When the code expires. */
  readonly codeExpiresAt?: Date | undefined;
  /** The link: the option `url` with the token in it. */
  readonly url: string;
  /** When the token expires. */
  readonly expiresAt: Date;
  /** The language of the message: the account's, otherwise the request's. */
  readonly locale: string | undefined;
  /** Where the request came from. */
  readonly request: Origin;
  /** The tenant; `undefined` if there are none. */
  readonly scope?: string | undefined;
  /** The `template` that `issueFor` was called with, such as `"invitation"`. */
  readonly template?: string | undefined;
}

/** Notifies the user that the password was changed: sent after each `confirm`. */
export interface ChangedMessage<U> {
  /** Always `"changed"`. */
  readonly kind: "changed";
  /** The account. */
  readonly user: U;
  /** The stored email address. */
  readonly address: string;
  /** When the password was changed. */
  readonly changedAt: Date;
  /** The language of the message: the account's, otherwise the request's. */
  readonly locale: string | undefined;
  /** Where the change came from. */
  readonly request: Origin;
  /** The tenant; `undefined` if there are none. */
  readonly scope?: string | undefined;
}

/** Only with `notifyUnknown: true`: a reset was requested for an account that doesn't exist. */
export interface UnknownMessage {
  /** Always `"unknown"`. */
  readonly kind: "unknown";
  /** The email address that was typed. It has no account. */
  readonly address: string;
  /** The language of the request. */
  readonly locale: string | undefined;
  /** Where the request came from. */
  readonly request: Origin;
  /** The tenant; `undefined` if there are none. */
  readonly scope?: string | undefined;
}

/** Only with `notifyUnknown: true`: a reset was requested for an account that `users.mayReset` refused. */
export interface IneligibleMessage<U> {
  /** Always `"ineligible"`. */
  readonly kind: "ineligible";
  /** The account. */
  readonly user: U;
  /** The stored email address. */
  readonly address: string;
  /** What `users.mayReset` returned, if it was a reason. */
  readonly reason?: IneligibleReason | undefined;
  /** The language of the message: the account's, otherwise the request's. */
  readonly locale: string | undefined;
  /** Where the request came from. */
  readonly request: Origin;
  /** The tenant; `undefined` if there are none. */
  readonly scope?: string | undefined;
}

/** Why an account's password can't be reset: it has none (single sign-on, passkeys), or the account is closed. */
export type IneligibleReason = "no_password" | "closed";

// ─── Passwords ──────────────────────────────────────────────────────────────────────────────────────

/** Returns what's wrong with a password: nothing, a sentence, a problem, or several. */
export interface Validator<U = unknown> {
  /** Checks one password. */
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

/** Why a password was rejected. */
export interface Problem {
  /** `too_short`, `too_long`, `too_common`, `entirely_numeric`, `too_similar`, or a validator's own. */
  readonly code: string;
  /** Values for the message, such as `{ min: 8 }`. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** The message in English. A locale that knows the code has its own text for it. */
  readonly message: string;
}

// ─── Rate limits ────────────────────────────────────────────────────────────────────────────────────

/** Rate limits by stage; `false` means none. A stage that's left out has none either. */
export type Throttles = Partial<Record<Stage, readonly (ThrottleRule | Throttle)[] | false>>;

/** `max` uses by one client in a window of `per`. The window starts at the first use. */
export interface ThrottleRule {
  /**
   * Who counts as one client. An IPv6 address counts as its /64, and the /48 around it gets four times as many uses.
   * A function may return `undefined`: not counted.
   */
  readonly by: "ip" | ((attempt: Attempt) => string | undefined);
  /** Uses per window. */
  readonly max: number;
  /** Length of the window, such as `"1h"`. It starts with the first use. */
  readonly per: Duration;
}

/** A throttle of the application's own. */
export interface Throttle {
  /** Counts the attempt; returns the seconds to wait if it's over the limit. */
  take(attempt: Attempt): Awaitable<{ readonly retryAfter: number } | null | undefined | void>;
  /** Refunds the attempt: on `validate` and `confirm`, only failures count. */
  giveBack?(attempt: Attempt): Awaitable<void>;
}

/** One use of one of the three endpoints. */
export interface Attempt extends ResetContext {
  /** Which endpoint is used. */
  readonly stage: Stage;
  /** The time of the attempt. */
  readonly now: number;
  /** The identifier that was typed, folded for comparison. On `validate` and `confirm`, only with a code. */
  readonly identifier?: string | undefined;
}

/** The three steps of a reset, which are the three endpoints. */
export type Stage = "request" | "validate" | "confirm";

// ─── Events ─────────────────────────────────────────────────────────────────────────────────────────

/** What events report about the call that they belong to. */
export interface EventOrigin {
  /** Where the request came from. */
  readonly request: Origin;
  /** The tenant; `undefined` if there are none. */
  readonly scope?: string | undefined;
}

/** No event contains a token, a password, or a full email address (except in the application's own `user`). */
export interface Events<U> {
  /** A token was made for an account; its message is about to go out. */
  tokenCreated: { readonly user: U; readonly userId: UserId; readonly expiresAt: Date } & EventOrigin;
  /** The password was accepted and is about to be set. Awaited; a listener vetoes by throwing. */
  beforeReset: { readonly user: U; readonly userId: UserId } & EventOrigin;
  /** The password is set and committed. */
  afterReset: { readonly user: U; readonly userId: UserId } & EventOrigin;
  /** A transport accepted a message. */
  delivered: { readonly kind: Message<U>["kind"]; readonly userId?: UserId } & EventOrigin;
  /** A call was rejected, or a request ended without an email. */
  refused: {
    readonly stage: Stage | "mail";
    readonly reason: RefusalReason;
    readonly userId?: UserId;
  } & EventOrigin;
  /** Something that should have worked didn't. `final`: it won't be retried. */
  failed: {
    readonly what: "deliver" | "finish" | "listener" | "worker" | "intent";
    /** One line, without email addresses or secrets. */
    readonly reason: string;
    readonly final: boolean;
    readonly userId?: UserId;
    /** `request` and `scope` are absent if it's not known what the failure belongs to. */
  } & Partial<EventOrigin>;
  /** Something that an operator should look at. At most one of each kind per hour and process. */
  alarm: {
    readonly what: AlarmKind;
    readonly reason: string;
  };
  /** An administrator did something on the pages of `adminPages`. */
  adminAction: AdminAction;
}

/** See `Events.adminAction`. */
export interface AdminAction {
  /** A reset link was queued for an account, its links were revoked, or a queue entry was dropped. */
  readonly action: "issue" | "revoke" | "drop";
  /** The administrator's name, if `authorize` returned one. */
  readonly by: string | undefined;
  /** The account. Absent for a queue entry, whose content is encrypted. */
  readonly userId?: UserId;
  /** The queue entry that was dropped. */
  readonly entryId?: string;
  /** What that entry was for. */
  readonly kind?: IntentKind | undefined;
  /** Where the administrator's request came from. */
  readonly request: Origin;
}

/** Why a call was rejected, or why a request ended without an email. */
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
  /** Requests brought `4 × maxLive` emails to the mailbox within a day, whichever accounts have its address. */
  | "mailbox_full"
  /** Three requests with the same spelling are waiting for the worker, and one email will answer them all. */
  | "already_waiting"
  /** `deliver` can't send to the account's stored email address, now or later. */
  | "unusable_address";

/** A function that is called with an event. */
export type Listener<U, Name extends keyof Events<U>> = (event: Events<U>[Name]) => Awaitable<unknown>;

// ─── HTTP, as a plain shape that every framework fits ───────────────────────────────────────────────

/** A fetch handler that adapters can also call without making a `Request`. */
export interface Handler extends PlainHandler {
  /** Responds to a request, with 404 if the path isn't its own. Never rejects. */
  (request: Request, context?: FetchContext): Promise<Response>;
}

/** What a fetch handler can be told about a request, besides the request itself. */
export interface FetchContext extends ResetContext {
  /**
   * The socket's remote address, if the platform provides it. `trustProxy` decides whether forwarded headers are read;
   * a value passed as `ip` is trusted as is.
   */
  readonly peer?: string | undefined;
}

/** What an adapter needs from a handler. */
export interface PlainHandler {
  /** Responds to a request, or resolves to `null` if the path isn't the handler's own. Never rejects. */
  plain(request: HttpRequest, context?: ResetContext, mountedAt?: string): Promise<HttpResponse | null>;
}

/** An HTTP request as a handler reads it. Adapters make one from their framework's own request. */
export interface HttpRequest {
  /** The method, in capitals. */
  readonly method: string;
  /** The path as it was sent: still encoded, without the query. */
  readonly path: string;
  /** The query string without the `?`; may be empty. Never read for fields. */
  readonly query: string;
  /** The socket's remote address. */
  readonly ip?: string | undefined;
  /** One header's value, by its lowercase name; several are joined by `, `. */
  header(name: string): string | undefined;
  /** The body, read once, within the limits; throws `ResetError` `body_too_large` or `body_timeout`. */
  body(limits: BodyLimits): Awaitable<HttpBody>;
  /** The framework's own request, for the application's callbacks. */
  readonly raw?: unknown;
}

/** The limits within which a body is read. */
export interface BodyLimits {
  /** Bytes. */
  readonly maxBytes: number;
  /** Milliseconds from the first read to the last byte. */
  readonly timeout: number;
}

/** The bytes as they arrived, or what a body parser of the framework made of them before the handler ran. */
export type HttpBody =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "parsed"; readonly value: unknown };

/** An HTTP response as a handler makes it, for an adapter to send. */
export interface HttpResponse {
  /** The HTTP status. */
  readonly status: number;
  /** Lowercase names. A list is sent as several headers (`set-cookie`). */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The body as text; `""` if there's none. */
  readonly body: string;
}
