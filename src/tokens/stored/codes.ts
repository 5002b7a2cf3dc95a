/**
 * Codes: texts so short that guessing is an option, and is therefore counted.
 *
 * @module
 */
import { equal } from "#crypto";
import { base64url } from "../../crypto/encoding.js";
import { foldIdentifier } from "../../identity/identifier.js";
import { writeUserId } from "../../identity/user-id.js";
import type {
  Account,
  AccountFinder,
  FoundToken,
  Generator,
  Keyring,
  StateValue,
  StrategyContext,
  TokenRow,
  TokenStore,
} from "../../types.js";
import { generateText, normalizeTyped } from "../generators.js";
import { bindings } from "../shared/bindings.js";

/** Tries at the codes of one identifier, in a window of the codes' lifetime. Asking again refills nothing. */
const maxTries = 5;
/** Wrong tries in a row at one account, ever: then its codes are off until a reset by link (NIST SP 800-63B-4 §3.2.2). */
const maxInARow = 100;
const forever = 10 * 365 * 86_400_000;

export interface Codes {
  /** A code for an account, and what the row beside its link keeps of it. */
  make(account: Account, now: number): Promise<{ code: string; row: NonNullable<TokenRow["code"]> }>;
  /** Charges a try before anything is evaluated, then looks for the code among the identifier's accounts. */
  verify(
    typed: { code: string; identifier: string; scope: string; now: number },
    accounts: AccountFinder,
  ): Promise<{ account: Account; row: FoundToken } | null>;
  /** After a reset, by code or by link, the failures at the account are forgotten. */
  forgive(account: Account, now: number): Promise<void>;
}

/**
 * Codes bound to accounts. The client names the account with the code, so a code is never looked up
 * across accounts, and the tries are counted by what was typed: alike for known and unknown identifiers,
 * and for all accounts behind one. When they are gone the link of the same mail still works.
 */
export function createCodes(options: {
  readonly generator: Generator;
  readonly lifetime: number;
  readonly context: StrategyContext & { readonly tokens: TokenStore };
}): Codes {
  const { generator, lifetime, context } = options;
  const { keys, counters, tokens } = context;

  return {
    async make(account, now) {
      const code = await generateText(generator);
      const typed = normalizeTyped(generator, code);
      const expiresAt = account.decoy ? now : now + lifetime;
      const [lookup, proof] = await Promise.all([
        codeLookup(keys, 0, typed, account),
        codeProof(keys, 0, typed, account, expiresAt),
      ]);
      return { code, row: { lookup, proof, expiresAt } };
    },

    async verify({ code: typed, identifier, scope, now }, accounts) {
      const tries = await triesAt(identifier, scope);
      const charged: Count[] = [];
      const refund = () => Promise.all(charged.map((count) => count(-1, now)));
      try {
        return await look();
      } catch (error) {
        // An outage is no verdict: the attempt isn't counted.
        await refund().catch(() => undefined);
        throw error;
      }

      async function look() {
        const isOver = (await tries(1, now)) > maxTries;
        charged.push(tries);
        if (isOver) return null;
        const code = normalizeTyped(generator, typed);
        const named = await accounts.byIdentifier(identifier, scope);
        for (const account of named.length > 0 ? named : [await standIn(keys, identifier, scope)]) {
          const inARow = await failuresOf(account);
          const isOff = (await inARow(1, now)) > maxInARow;
          charged.push(inARow);
          // Looked for where codes are off, too: how long a refusal takes must not tell that there is an account.
          const found = await findCode(code, account, now, accounts);
          if (isOff || !found) continue;
          await refund();
          return found;
        }
        return null;
      }
    },

    async forgive(account, now) {
      // Reset to 0, including attempts that were made while codes were off.
      await (
        await failuresOf(account)
      )(-1_000_000, now);
    },
  };

  function triesAt(identifier: string, scope: string): Promise<Count> {
    return counter("code/tries", [scope, foldIdentifier(identifier)], lifetime);
  }

  /** For decoys, it lasts a millisecond: an unknown identifier is always rejected in the same steps. */
  function failuresOf(account: Account): Promise<Count> {
    const parts = [account.scope, nameOf(account)];
    return counter("code/in-a-row", parts, account.decoy ? 1 : forever);
  }

  async function counter(purpose: string, parts: readonly StateValue[], per: number): Promise<Count> {
    const key = base64url((await keys.mac(0, purpose, parts)).subarray(0, 16));
    return async (by, now) => (await counters.hit(key, { per, by, now })).count;
  }

  /**
   * The proof is checked against what `findById` returns, as it was made from that: the two look-ups may read one column
   * in two types.
   */
  async function findCode(code: string, named: Account, now: number, accounts: AccountFinder) {
    for (let index = 0; index < keys.size; index++) {
      const row = await tokens.find(await codeLookup(keys, index, code, named), "code");
      if (!row?.code || row.code.expiresAt <= now || row.expiresAt <= now) continue;
      const account = await accounts.byId(named.id, named.scope);
      if (!account) return null;
      const proof = await codeProof(keys, index, code, account, row.code.expiresAt);
      if (equal(proof, row.code.proof)) return { account, row };
    }
    return null;
  }
}

/** Two look-ups may return one id as 7 and as "7"; the proof is checked against what `findById` returns. */
function nameOf({ id }: Account): string {
  return writeUserId(typeof id === "string" && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id);
}

/** Bound to the account already in its lookup: the same code of two accounts is two different keys. */
async function codeLookup(keys: Keyring, index: number, code: string, account: Account): Promise<Uint8Array> {
  const mac = await keys.mac(index, "code/lookup", [code, nameOf(account), account.scope]);
  return mac.slice(0, 16);
}

async function codeProof(
  keys: Keyring,
  index: number,
  code: string,
  account: Account,
  expiresAt: number,
): Promise<Uint8Array> {
  return keys.mac(index, "code/proof", [code, expiresAt, ...bindings(account)]);
}

/** Unknown identifiers are looked up for as long as known ones, on one of 256 accounts that don't exist. */
async function standIn(keys: Keyring, identifier: string, scope: string): Promise<Account> {
  const mac = await keys.mac(0, "code/stand-in", [scope, foldIdentifier(identifier)]);
  return { user: undefined, id: mac.slice(0, 1), scope, state: [mac], address: "", decoy: true };
}

/** Adds to a counter, in one atomic step, and says what it has come to. */
type Count = (by: number, now: number) => Promise<number>;
