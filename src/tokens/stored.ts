/**
 * Stored tokens: a row per token, with nothing in the table that could be used as a token.
 *
 * @module
 */
import { equal, random } from "#crypto";
import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { base64url } from "../crypto/encoding.js";
import { milliseconds } from "../duration.js";
import type {
  Account,
  Awaitable,
  Claim,
  ConnectedStrategy,
  Duration,
  FoundToken,
  Generator,
  Issued,
  Keyring,
  StrategyContext,
  TokenRow,
  TokenStore,
  TokenStrategy,
} from "../ports.js";
import { generateText, normalizeTyped } from "./generators.js";
import { bindings } from "./shared/bindings.js";
import { pendingFor, quietFor } from "./shared/mail-quota.js";
import type { Codes } from "./stored/codes.js";

export interface StoredTokensOptions {
  /** Default: `randomString()`, with 256 bits. Below 64 bits, it makes codes, and a link is sent along with each. */
  readonly generator?: Generator;
  /**
   * Codes only. `true` (default): a code is valid for one account, which the client names, and has five
   * attempts. `false`: as in django-rest-passwordreset, a code is looked up across all accounts.
   */
  readonly bound?: boolean;
  /** Codes only. Default: `"10m"` (NIST SP 800-63B-4 §4.2.1.2; OWASP ASVS V6.5.5). */
  readonly codeLifetime?: Duration;
}

/** Short codes collide, and are then drawn again. More draws than this mean that the range is nearly used up. */
const draws = 20;

/**
 * Tokens with a row each. The row's key is the first half of a keyed hash of the token, and its proof is a keyed hash
 * of token, account, expiry, email address, and state. So a leaked table is worthless, a row planted or moved to
 * another account is worthless, and changing the password, email address, or status revokes every token of the account
 * without any cleanup.
 *
 * Needs a `store`. Throws a `TypeError` at construction for a generator that can't be trusted.
 * @example
 * ```ts
 * tokens: storedTokens() // a link
 * tokens: storedTokens({ generator: randomNumber({ digits: 8 }) }) // a code to type
 * ```
 */
export function storedTokens(options: StoredTokensOptions = {}): TokenStrategy {
  assertKnownKeys(options, ["generator", "bound", "codeLifetime"], "storedTokens()");
  const { generator = links, bound = true } = options;
  const codeLifetime = milliseconds(options.codeLifetime ?? "10m", "storedTokens({ codeLifetime })");
  checkGenerator(generator);
  if (generator.bits < 64) checkCode(generator, bound);

  return {
    kind: "stored",
    connect(context) {
      const { tokens } = context;
      if (!tokens) {
        throw new UsageError("storedTokens() needs a store. Pass one, or use signedTokens().");
      }
      if (generator.bits >= 64) return connectStored({ ...context, tokens }, generator);
      void import("./stored/code-risk.js").then(({ logGuessingRisk }) =>
        logGuessingRisk(generator, { bound, codeLifetime, context }),
      );
      if (!bound) return connectStored({ ...context, tokens }, generator);
      // Loaded only if there are codes.
      const loading = import("./stored/codes.js").then(({ createCodes }) =>
        createCodes({ generator, lifetime: codeLifetime, context: { ...context, tokens } }),
      );
      return connectStored({ ...context, tokens }, links, loading);
    },
  };
}

/**
 * 32 random bytes, 256 bits. The last of the 43 characters is never punctuation, so no mail program cuts the link
 * short.
 */
const links: Generator = { bits: 256, generate: () => base64url(random(32)) };

function connectStored(
  context: StrategyContext & { tokens: TokenStore },
  generator: Generator,
  codes?: Promise<Codes>,
): ConnectedStrategy {
  const { keys, tokens, maxLive } = context;
  const toClaim = (account: Account, row: FoundToken) => claimOf(tokens, account, row);

  return {
    hasCodes: codes !== undefined,

    async issue({ account, now, lifetime, request, force, flows }) {
      const rule = { now, maxLive, pendingFor, quietFor };
      // A decoy's row has already expired when it's written: it can never be found, and nothing of it is kept.
      const expiresAt = account.decoy ? now : now + lifetime;
      for (let draw = 0; draw < draws; draw++) {
        const token = await generateText(generator);
        const typed = normalizeTyped(generator, token);
        const lookup = toLookup(await lookupMac(keys, 0, typed));
        const proof = await proofOf(keys, 0, typed, account, expiresAt);
        const beside = await (await codes)?.make(account, now, flows);
        const row: TokenRow = {
          lookup,
          proof,
          ...(beside && { code: beside.row }),
          userId: account.id,
          scope: account.scope,
          createdAt: now,
          expiresAt,
          delivery: "pending",
          leasedUntil: 0,
          ...(force && { issued: true }),
          ip: request.ip,
          userAgent: request.userAgent,
        };
        const outcome = await tokens.put(row, rule);
        if (outcome === "over_cap") return outcome;
        if (outcome === "taken") continue;
        const replace = outcome === "successor" ? { maxLive } : undefined;
        return issued(tokens, account, row, { token, code: beside?.code, replace });
      }
      throw new Error(
        `The generator returned ${draws} tokens in a row that are already in use. Give it a larger range.`,
      );
    },

    async verify(presented, accounts) {
      const { token: typed, identifier, scope, now } = presented;
      if (typeof typed !== "string") return null;
      const token = normalizeTyped(generator, typed);
      for (let index = 0; index < keys.size; index++) {
        const row = await tokens.find(toLookup(await lookupMac(keys, index, token)), "link");
        if (!row) continue;
        if (row.expiresAt <= now) {
          await tokens.finish(row.lookup);
          return null;
        }
        const account = row.scope === scope ? await accounts.byId(row.userId, scope) : null;
        if (!account) return null;
        const proof = await proofOf(keys, index, token, account, row.expiresAt);
        return equal(proof, row.proof) ? toClaim(account, row) : null;
      }
      if (!codes || identifier === undefined) return null;
      const found = await (await codes).verify({ ...presented, identifier }, accounts);
      return found && toClaim(found.account, found.row);
    },

    async revoke(account) {
      await tokens.removeByUser(account.id, { scope: account.scope });
    },

    async forget({ id, scope }, { before, transaction }) {
      await tokens.removeByUser(id, { scope, before, transaction });
    },
  };
}

function lookupMac(keys: Keyring, index: number, token: string): Awaitable<Uint8Array> {
  return keys.mac(index, "stored/lookup", [token]);
}

function toLookup(mac: Uint8Array): Uint8Array {
  return mac.slice(0, 16);
}

function proofOf(
  keys: Keyring,
  index: number,
  token: string,
  account: Account,
  expiresAt: number,
): Awaitable<Uint8Array> {
  return keys.mac(index, "stored/proof", [token, expiresAt, ...bindings(account)]);
}

function issued(
  tokens: TokenStore,
  account: Account,
  row: TokenRow,
  made: { token: string; code: string | undefined; replace: { maxLive: number } | undefined },
): Issued {
  const { token, code, replace } = made;
  return {
    token,
    code,
    codeExpiresAt: row.code?.expiresAt,
    expiresAt: row.expiresAt,
    async settle(accepted) {
      if (account.decoy) await tokens.finish(row.lookup);
      else await tokens.delivered(row.lookup, accepted, accepted ? replace : undefined);
    },
  };
}

function claimOf(tokens: TokenStore, account: Account, row: FoundToken): Claim {
  let leasedUntil = 0;
  return {
    account,
    expiresAt: row.expiresAt,
    async spend(until, now) {
      const mine = await tokens.lease(row.lookup, until, now);
      if (mine) leasedUntil = until;
      return mine;
    },
    async renew(until) {
      const held = await tokens.renew(row.lookup, until, leasedUntil);
      if (held) leasedUntil = until;
      return held;
    },
    finish: ({ transaction }) => tokens.finish(row.lookup, { leasedUntil, transaction }),
    // Nothing counts outside the transaction: the row itself shows that it was used.
    settle: async () => undefined,
    async release() {
      if (leasedUntil) await tokens.release(row.lookup, leasedUntil);
    },
  };
}

function checkGenerator(generator: Generator): void {
  assertFunction(
    generator?.generate,
    "storedTokens({ generator }).generate",
    "pass a function that returns a string",
  );
  if (typeof generator.bits !== "number" || !(generator.bits >= 13 && generator.bits <= 4096)) {
    throw new UsageError(
      `storedTokens({ generator }).bits is ${String(generator.bits)}. Set it to the minimum entropy of any text, in bits (13 to 4096).`,
    );
  }
}

/** NIST SP 800-63B-4 §3.1.3.2: six digits at least. */
function checkCode({ bits }: Generator, bound: boolean): void {
  if (!bound || bits >= 19.7) return;
  throw new UsageError(
    `A code of ${bits.toFixed(1)} bits is too easy to guess. Use six digits or more, such as randomNumber({ digits: 8 }).`,
  );
}
