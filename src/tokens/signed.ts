/**
 * Signed tokens: nothing is stored. The token is a MAC over the account's own state.
 *
 * @module
 */
import { equal } from "#crypto";
import { assertKnownKeys, UsageError } from "../check-options.js";
import { base64url, fromBase36, fromBase64url } from "../crypto/encoding.js";
import { milliseconds } from "../duration.js";
import type {
  Account,
  Awaitable,
  ConnectedStrategy,
  Duration,
  Keyring,
  StrategyContext,
  TokenStrategy,
} from "../ports.js";
import { bindings } from "./shared/bindings.js";
import { idCodec, type IdCodec, type IdKind } from "./shared/ids.js";
import { createMailQuota } from "./shared/mail-quota.js";
import { cannotRevoke, createClaim } from "./shared/stateless-claim.js";

export interface SignedTokensOptions {
  /** How ids are written into tokens. Default: `"text"`. Integers and UUIDs are shorter with their own kind. */
  readonly ids?: IdKind;
  /** The longest lifetime that `issueFor({ lifetime })`, or a `lifetime` function, may request. Default: `"30d"`. */
  readonly maxLifetime?: Duration;
}

/**
 * Tokens that need no row and no store. Each names its account and its expiry, and is a 128-bit MAC over both and
 * everything that the account's tokens are bound to (`users.stateOf`, email address, scope). So it becomes invalid by
 * itself when the password changes, even to the same one, and when the email address or the status does.
 *
 * The format is `"1" kid exp tag uid`: one character that names the secret, six base-36 digits for the expiry in
 * seconds since 2024 (until 2093), 22 base64url characters for the tag, and the id. The widths are fixed, so no field
 * can lend a digit to the next. A link on example.com with any 64-bit id has at most 70 characters. A leading `"2"`
 * marks a token whose requested lifetime is longer than the configured one.
 *
 * Limits: a single token can't be revoked, and earlier tokens stay valid beside later ones. The compare-and-set of
 * `users.setPassword` makes them single-use, even for concurrent callers. Anyone who has the secret can make a token
 * for any account. The tag is half of the MAC, the least that RFC 2104 §5 allows.
 * @example
 * ```ts
 * tokens: signedTokens({ ids: "uuid" })
 * ```
 */
export function signedTokens(options: SignedTokensOptions = {}): TokenStrategy {
  assertKnownKeys(options, ["ids", "maxLifetime"], "signedTokens()");
  const ids = idCodec(options.ids ?? "text", "signedTokens({ ids })");
  const maxLifetime = milliseconds(options.maxLifetime ?? "30d", "signedTokens({ maxLifetime })");
  return { kind: "signed", connect: (context) => connectSigned(context, ids, maxLifetime) };
}

const epoch = /* @__PURE__ */ Date.UTC(2024, 0, 1);
/** How far two servers' clocks may differ (RFC 7519 §4.1.4 names "a few minutes" as usual). */
const skew = 60_000;
/** If a token expires this much later than it could, clocks aren't the reason, and nothing is looked up for it. */
const noClock = 86_400_000;
const form = /^[12][0-9A-Za-z][0-9a-z]{6}[A-Za-z0-9_-]{21}[AQgw][A-Za-z0-9_-]{1,86}$/;

function connectSigned(context: StrategyContext, ids: IdCodec, maxLifetime: number): ConnectedStrategy {
  const { keys } = context;
  const usual = context.lifetime ?? maxLifetime;
  const longest = { "1": usual, "2": Math.max(usual, maxLifetime) };
  const mayMail = createMailQuota(context, "signed");
  let secretsByKid: ReadonlyMap<string, readonly number[]> | undefined;
  let warnedAt = -Infinity;

  return {
    async issue(order) {
      const { account, now, lifetime } = order;
      checkLifetime(lifetime);
      const version = lifetime > usual ? "2" : "1";
      const expiry = Math.floor((now + lifetime - epoch) / 1000);
      const head = version + (await keys.id(0)) + writeExpiry(expiry);
      const uid = account.decoy ? "0" : ids.pack(account.id);
      const settle = await mayMail(order);
      if (settle === "over_cap") return settle;
      const mac = await macOf(keys, 0, head + uid, account);
      const token = head + base64url(mac.subarray(0, 16)) + uid;
      return { token, expiresAt: epoch + expiry * 1000, settle };
    },

    async verify({ token, scope, now }, accounts) {
      if (typeof token !== "string" || !form.test(token)) return null;
      const expiresAt = epoch + (fromBase36(token.slice(2, 8)) as number) * 1000;
      const latest = now + longest[token[0] as "1" | "2"] + skew;
      if (now >= expiresAt || expiresAt > latest + noClock) return null;
      const isAhead = expiresAt > latest;
      secretsByKid ??= await readKids(keys);
      const secrets = secretsByKid.get(token[1]!);
      const tag = fromBase64url(token.slice(8, 30));
      const uid = token.slice(30);
      const id = ids.unpack(uid);
      if (!secrets || !tag || id === null) return null;
      const account = await accounts.byId(id, scope);
      const signed = token.slice(0, 8) + uid;
      for (const index of secrets) {
        // Also without an account: the time of a rejection must not reveal which ids exist.
        const pending = macOf(keys, index, signed, account ?? nobody);
        const mac = pending instanceof Uint8Array ? pending : await pending;
        if (isTag(mac, tag) && account) {
          if (isAhead) return warnOfClock(now);
          return createClaim(context, "signed", token, account, expiresAt);
        }
      }
      return null;
    },

    revoke: cannotRevoke,
    forget: async () => undefined,
    checkLifetime,
  };

  /** Only for tokens whose tag is right: anyone can write any date into the others. */
  function warnOfClock(now: number): null {
    if (now - warnedAt < 3_600_000) return null;
    warnedAt = now;
    context.log.warn(
      "A token was rejected because it expires later than `lifetime` allows. Either the clock of the machine that made it is ahead of this one's, so synchronize both with NTP, or `lifetime` was shortened.",
    );
    return null;
  }

  function checkLifetime(lifetime: number): void {
    if (lifetime <= longest["2"]) return;
    const [asked, most] = [lifetime / 3_600_000, longest["2"] / 3_600_000];
    throw new UsageError(
      `The requested lifetime of ${asked} hours exceeds maxLifetime, ${most} hours. Raise signedTokens({ maxLifetime }).`,
    );
  }
}

/** Covers the whole token except the tag itself, and everything that the account's tokens are bound to. */
function macOf(keys: Keyring, index: number, signed: string, account: Account): Awaitable<Uint8Array> {
  return keys.mac(index, "signed", [signed, ...bindings(account)]);
}

// V8 moves a small array out of its heap when native code first accesses it, which takes as long as the rest of a
// check. These two are moved only once.
const computed = new Uint8Array(16);
const presented = new Uint8Array(16);

/** Whether the tag is the first half of the MAC, in constant time. */
function isTag(mac: Uint8Array, tag: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) {
    computed[i] = mac[i]!;
    presented[i] = tag[i]!;
  }
  return equal(computed, presented);
}

/** Takes as much work as an account with a hash in PHC format. */
const nobody: Account = {
  user: undefined,
  id: "nobody",
  scope: "",
  state: [/* @__PURE__ */ "-".repeat(97), true],
  address: "nobody@example.com",
};

function writeExpiry(expiry: number): string {
  if (expiry >= 0 && expiry < 36 ** 6) return expiry.toString(36).padStart(6, "0");
  throw new UsageError(
    "Signed tokens must expire between 2024 and 2093. Correct the clock, or use a shorter lifetime.",
  );
}

/** There are few one-character names, so two secrets may share one. Then both are tried. */
async function readKids(keys: Keyring): Promise<ReadonlyMap<string, readonly number[]>> {
  const secrets = new Map<string, number[]>();
  for (let index = 0; index < keys.size; index++) {
    const kid = await keys.id(index);
    secrets.set(kid, [...(secrets.get(kid) ?? []), index]);
  }
  return secrets;
}
