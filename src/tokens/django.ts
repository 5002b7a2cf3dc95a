/**
 * Django's tokens: to accept links that Django sent, and to send links that Django would accept.
 *
 * @module
 */
import { assertHash } from "#crypto";
import { assertFunction, assertInteger, assertKnownKeys, UsageError } from "../check-options.js";
import { fromBase64url, fromUtf8 } from "../crypto/encoding.js";
import { checkedSecret } from "../crypto/keyring.js";
import { milliseconds } from "../duration.js";
import type { Account, ConnectedStrategy, StrategyContext, TokenStrategy } from "../ports.js";
import {
  algorithms,
  createDjango,
  encodeUid,
  epoch,
  readTime,
  type Django,
  type DjangoAlgorithm,
  type DjangoUser,
} from "./django/token.js";
import { idCodec, type IdCodec, type IdKind } from "./shared/ids.js";
import { createMailQuota } from "./shared/mail-quota.js";
import { cannotRevoke, createClaim } from "./shared/stateless-claim.js";
import { offsetOf } from "./shared/utc-offset.js";

export {
  checkToken,
  decodeUid,
  encodeUid,
  makeToken,
  type DjangoAlgorithm,
  type DjangoCheckSettings,
  type DjangoSettings,
  type DjangoUser,
  type WallClock,
} from "./django/token.js";

/** What a token is made from. An account without a password gets no token; without `pk`, its id is used. */
export interface DjangoFields extends Omit<DjangoUser, "pk" | "password"> {
  /** The primary key. */
  readonly pk?: DjangoUser["pk"];
  /** The stored password hash, as Django wrote it. */
  readonly password: string | null;
}

export interface DjangoTokensOptions {
  /** Django's `SECRET_KEY`. */
  readonly secretKey: string;
  /** Django's `SECRET_KEY_FALLBACKS`: they verify, and never sign. */
  readonly fallbacks?: readonly string[];
  /** `PASSWORD_RESET_TIMEOUT`: a number of seconds, as in Django, or a duration such as `"3d"`. Default: 3 days. */
  readonly timeout?: number | string;
  /** The generator's `key_salt`, if the site has set one. */
  readonly keySalt?: string;
  /**
   * The generator's `algorithm`, if the site has set one. On Web Crypto, as on Workers: `"sha1"`, `"sha256"`, `"sha384"`,
   * or `"sha512"`. `"sha1"` for `DEFAULT_HASHING_ALGORITHM = "sha1"` of Django 3.1 and 3.2.
   *
   * @default "sha256"
   */
  readonly algorithm?: DjangoAlgorithm;
  /** The kind of the primary key. Default: `"integer"`. */
  readonly ids?: IdKind;
  /** Returns what an account's token is made from. Default: `password`, `last_login` or `lastLogin`, `email`. */
  readonly user?: (user: any) => DjangoFields;
  /** How far Django's wall clock (`TIME_ZONE`) is ahead of UTC, such as `"+02:00"`. Default: `"+00:00"`. */
  readonly utcOffset?: string;
}

/**
 * The tokens of Django 3.1 to 6.0, byte for byte; the token is `uid/token`, as in Django's links. With
 * `tokens: [storedTokens(), djangoTokens({ … })]` a site can migrate while links that Django sent still work.
 *
 * Weaker than `signedTokens()` in these ways, all of them Django's and required for compatibility:
 * - **No lengths in the MAC's input.** Primary key, hash, last login, time, and email address are joined without
 *   separators. Key `12` with hash `3x` and key `1` with hash `23x` have the same token; so do a time and an email
 *   address that begins with a digit, if the digit moves. Real hashes begin with a letter or `!`, and no exploit is
 *   known.
 * - **No purpose.** Another use of the same generator and secret (an invitation, an email check) makes tokens that are
 *   valid here. Give that use a `key_salt` of its own.
 * - **No lower bound on the time.** A token made for a moment in the future is valid until the timeout after that
 *   moment.
 * - **Not bound** to `users.stateOf`, the scope, or the status: only to the key, the hash, the last login, and the
 *   email address. If an email address is changed back, its tokens are valid again.
 * - The lifetime is the timeout, whatever `lifetime` says.
 *
 * In one way it is stricter than Django: of the many spellings of the key that Django reads (padding, unused bits,
 * `+1`), only the one that Django writes is accepted. Throws a `TypeError` at construction for invalid options.
 */
export function djangoTokens(options: DjangoTokensOptions): TokenStrategy {
  assertKnownKeys(options, optionNames, "djangoTokens()");
  const { secretKey, fallbacks = [], keySalt, algorithm = "sha256" } = options;
  checkSecrets(secretKey, fallbacks);
  if (!algorithms.includes(algorithm)) {
    throw new UsageError(
      `djangoTokens({ algorithm }) is ${JSON.stringify(algorithm)}. Use one of ${algorithms.join(", ")}.`,
    );
  }
  assertHash(algorithm, "djangoTokens({ algorithm })");
  if (options.user !== undefined) assertFunction(options.user, "djangoTokens({ user })", howToMap);
  const site: Site = {
    django: createDjango({ secret: secretKey, fallbacks, keySalt, algorithm }),
    timeout: timeoutOf(options.timeout),
    offset: offsetOf(options.utcOffset, "djangoTokens({ utcOffset })"),
    ids: idCodec(options.ids ?? "integer", "djangoTokens({ ids })"),
    fieldsOf: options.user ?? defaultFields,
  };
  return { kind: "django", connect: (context) => connectDjango(context, site) };
}

interface Site {
  readonly django: Django;
  /** Seconds. */
  readonly timeout: number;
  /** How far the wall clock is ahead of UTC, in milliseconds. */
  readonly offset: number;
  readonly ids: IdCodec;
  readonly fieldsOf: NonNullable<DjangoTokensOptions["user"]>;
}

function connectDjango(context: StrategyContext, site: Site): ConnectedStrategy {
  const { django, timeout, offset, ids } = site;
  if (timeout > 86_400) {
    context.log.warn(
      'djangoTokens({ timeout }) is above 24 hours, the most that NIST SP 800-63B-4 allows for a link in an email. Set it to "24h" or less when the links that Django sent have expired.',
    );
  }
  const mayMail = createMailQuota(context, "django");
  const toSeconds = (now: number) => Math.floor((now + offset - epoch) / 1000);
  // Valid while its age in whole seconds isn't above the timeout.
  const expiryOf = (seconds: number) => (seconds + timeout + 1) * 1000 + epoch - offset;

  return {
    async issue(order) {
      const user = djangoUser(site, order.account);
      if (!user)
        throw new UsageError(
          "An account without a password can't have a Django token. Return false for it in users.mayReset.",
        );
      const settle = await mayMail({ ...order, lifetime: timeout * 1000 });
      if (settle === "over_cap") return settle;
      const seconds = toSeconds(order.now);
      const token = `${encodeUid(user.pk)}/${await django.make(user, seconds)}`;
      return { token, expiresAt: expiryOf(seconds), settle };
    },

    async verify({ token, scope, now }, accounts) {
      if (typeof token !== "string" || token.length > 512) return null;
      const slash = token.indexOf("/");
      const uid = token.slice(0, Math.max(0, slash));
      const rest = token.slice(slash + 1);
      const time = readTime(rest);
      const seconds = toSeconds(now);
      if (time === null || seconds - Number(time) > timeout) return null;
      const pk = readUid(uid);
      const id = pk === null ? null : ids.parse(pk);
      if (id === null) return null;
      const account = await accounts.byId(id, scope);
      const user = account && djangoUser(site, account);
      const isGood = await django.check(user ?? nobody, rest, seconds, timeout);
      if (!isGood || !account || user?.pk !== pk) return null;
      return createClaim(context, "django", token, account, expiryOf(Number(time)));
    },

    revoke: cannotRevoke,
    forget: async () => undefined,
  };
}

/** The key's text, read only from the one spelling that Django writes. */
function readUid(uid: string): string | null {
  const bytes = fromBase64url(uid);
  try {
    return bytes && fromUtf8(bytes);
  } catch {
    return null;
  }
}

/** For an id without an account: its rejection takes as long as that of a wrong token. */
const nobody: DjangoUser = { pk: "", password: "", lastLogin: null, email: null };

/** What the token is made from; `null` if the account has no password, and so no token either. */
function djangoUser({ ids, fieldsOf }: Site, account: Account): DjangoUser | null {
  if (account.decoy) return { ...nobody, pk: "0", email: account.address };
  const { pk = account.id, password, lastLogin = null, email = null } = fieldsOf(account.user);
  if (password === null) return null;
  if (typeof password !== "string") {
    throw new UsageError(`djangoTokens() found no password hash in the account: ${howToMap}.`);
  }
  return { pk: ids.print(pk), password, lastLogin, email };
}

const howToMap =
  "pass djangoTokens({ user: (user) => ({ password: user.passwordHash, lastLogin: user.lastLogin, email: user.email }) })";

function defaultFields(user: any): DjangoFields {
  return { password: user.password, lastLogin: user.last_login ?? user.lastLogin, email: user.email };
}

const optionNames = [
  "secretKey",
  "fallbacks",
  "timeout",
  "keySalt",
  "algorithm",
  "ids",
  "user",
  "utcOffset",
] as const;

function checkSecrets(secretKey: unknown, fallbacks: unknown): void {
  checkedSecret(
    secretKey,
    "djangoTokens({ secretKey })",
    "pass the SECRET_KEY of the Django site. If this is it, change the site's key to a random one first.",
  );
  if (!Array.isArray(fallbacks)) {
    throw new UsageError(
      "djangoTokens({ fallbacks }) must be an array. Pass SECRET_KEY_FALLBACKS, or leave it out.",
    );
  }
  for (const fallback of fallbacks) {
    checkedSecret(
      fallback,
      "djangoTokens({ fallbacks })",
      "pass the site's old keys that were random, and leave the others out.",
    );
  }
}

function timeoutOf(timeout: number | string = 259_200): number {
  const seconds =
    typeof timeout === "number"
      ? timeout
      : Math.floor(milliseconds(timeout, "djangoTokens({ timeout })") / 1000);
  assertInteger(seconds, "djangoTokens({ timeout }), in seconds,", 1, 315_360_000);
  return seconds;
}
