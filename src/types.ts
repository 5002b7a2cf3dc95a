/**
 * What an application that uses resetkit sees: the object, its options, and the shapes that its callbacks get. No code.
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

/** A token or code, as it's presented. */
export interface PresentedToken {
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

// ─── Accounts ───────────────────────────────────────────────────────────────────────────────────────

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
  /**
   * Rejects, in a sentence that ends with the fix, if a table or a column isn't as configured. Called when a worker
   * starts.
   */
  check?(): Promise<void>;
}

/** See `ResetOptions.secondFactor`. */
export interface SecondFactor<U> {
  /** Whether the account has a second factor. */
  required(user: U): Awaitable<boolean>;
  /** Whether an answer is right. Called at most five times per token, and ten times a day per account. */
  verify(user: U, answer: string, context: ResetContext): Awaitable<boolean>;
}

// ─── Messages ───────────────────────────────────────────────────────────────────────────────────────

/**
 * Sends a message. Alone sees a token. Resolves when the transport has accepted it, and rejects otherwise: the message
 * is then retried, unless the error has the `code` `"unusable_address"`.
 */
export interface Deliver<U> {
  (message: Message<U>): Awaitable<unknown>;
  /** Does everything except sending, so that an unknown account costs what a known one costs. */
  dryRun?(message: Message<U>): Awaitable<unknown>;
}

export type Message<U> = ResetMessage<U> | ChangedMessage<U> | UnknownMessage;

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

// ─── Passwords ──────────────────────────────────────────────────────────────────────────────────────

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

/** Why a password was refused. */
export interface Problem {
  /** `too_short`, `too_long`, `too_common`, `entirely_numeric`, `too_similar`, or a validator's own. */
  readonly code: string;
  /** What the sentence needs, such as `{ min: 8 }`. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** The sentence in English; a locale that knows the code says it in its own words. */
  readonly message: string;
}

// ─── Rate limits ────────────────────────────────────────────────────────────────────────────────────

export type Throttles = Partial<Record<Stage, readonly (ThrottleRule | Throttle)[] | false>>;

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

/** One use of one of the three endpoints. */
export interface Attempt extends ResetContext {
  readonly stage: Stage;
  readonly now: number;
  /** What was typed, folded for comparison. On `validate` and `confirm`, only beside a code. */
  readonly identifier?: string | undefined;
}

export type Stage = "request" | "validate" | "confirm";

// ─── Events ─────────────────────────────────────────────────────────────────────────────────────────

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
    readonly what: AlarmKind;
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
  /** Three requests of the same spelling wait for the worker, and one email answers them all. */
  | "already_waiting"
  /** `deliver` can't send to the account's stored address, now or later. */
  | "unusable_address";

export type Listener<U, Name extends keyof Events<U>> = (event: Events<U>[Name]) => Awaitable<unknown>;

// ─── HTTP, as a plain shape that every framework fits ───────────────────────────────────────────────

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

/** What an adapter needs of a handler. */
export interface PlainHandler {
  /** Answers a request, or `null` where the path is not the handler's own. Never rejects. */
  plain(request: HttpRequest, context?: ResetContext, mountedAt?: string): Promise<HttpResponse | null>;
}

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
