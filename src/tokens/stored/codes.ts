/**
 * Codes: texts so short that they can be guessed, so attempts are counted.
 *
 * @module
 */
import { equal } from "#crypto";
import { keyedName } from "../../crypto/keyed-name.js";
import { foldIdentifier } from "../../identity/identifier.js";
import { networkOf } from "../../identity/ip.js";
import { writeUserId } from "../../identity/user-id.js";
import type {
  Account,
  AccountFinder,
  FoundToken,
  Generator,
  Keyring,
  Presented,
  StateValue,
  StrategyContext,
  TokenRow,
  TokenStore,
  UserId,
} from "../../ports.js";
import { generateText, normalizeTyped } from "../generators.js";
import { bindings } from "../shared/bindings.js";
import { flowKey } from "../shared/flow.js";

const day = 86_400_000;

/** Wrong attempts with one flow handle while a code is valid. No one else can use them up. */
const perFlow = 5;
/** Without a handle: at one identifier while a code is valid, fewer of them from one IP address, and in a day. */
const perIdentifier = 5;
const perIpAddress = 3;
const perDay = 20;
/** At all identifiers together in a day. With eight digits, that's 0.0001 expected takeovers. */
export const perDayInAll = 10_000;

/** What a client presents as a code, with whom it says that the code is for. */
type PresentedCode = Presented & { readonly identifier: string };

export interface Codes {
  /**
   * Makes a code for an account, and the part of it that's stored in the row of its link. It works with these flows.
   */
  make(
    account: Account,
    now: number,
    flows?: readonly string[],
  ): Promise<{ code: string; row: NonNullable<TokenRow["code"]> }>;
  /** Charges an attempt before anything is evaluated, then looks for the code among the identifier's accounts. */
  verify(
    presented: PresentedCode,
    accounts: AccountFinder,
  ): Promise<{ account: Account; row: FoundToken } | null>;
}

/**
 * Codes bound to accounts. Clients name the account along with the code, so a code is never looked up across accounts.
 *
 * Attempts are counted by flow handle, or by what was typed: alike for known and unknown identifiers, and for all
 * accounts behind one. When they are used up, the link of the same email still works (decision 150).
 */
export function createCodes(options: {
  readonly generator: Generator;
  readonly lifetime: number;
  readonly context: StrategyContext & { readonly tokens: TokenStore };
}): Codes {
  const { generator, lifetime, context } = options;
  const { keys, counters, tokens } = context;

  return {
    async make(account, now, flows = []) {
      const code = await generateText(generator);
      const typed = normalizeTyped(generator, code);
      const expiresAt = account.decoy ? now : now + lifetime;
      const [lookup, proof] = await Promise.all([
        codeLookup(keys, 0, typed, account),
        codeProof(keys, 0, typed, account, expiresAt),
      ]);
      for (const flow of flows) await (await servesFlow(flow, lookup, account.decoy))(1, now);
      return { code, row: { lookup, proof, expiresAt } };
    },

    async verify(given, accounts) {
      const { flow: handle, now } = given;
      const presented = { ...given, flow: handle === undefined ? undefined : await flowKey(keys, handle) };
      const charged: Count[] = [];
      const refund = () => Promise.all(charged.map((count) => count(-1, now)));
      try {
        for (const [count, most, what] of await budgetsOf(presented)) {
          const used = await count(1, now);
          charged.push(count);
          if (used <= most) continue;
          if (what === "all") alarm();
          return null;
        }
        const found = await look(presented, accounts);
        if (found) await refund();
        return found;
      } catch (error) {
        // An outage isn't a wrong attempt, so it isn't counted.
        await refund().catch(() => undefined);
        throw error;
      }
    },
  };

  /** What an attempt is charged to, the narrowest first: an attempt that one refuses isn't charged to the others. */
  async function budgetsOf({ identifier, scope, flow, ip }: PresentedCode): Promise<Budget[]> {
    const all = [await counter("code/all", [], day), perDayInAll, "all"] as const;
    if (flow !== undefined) {
      return [[await counter("code/flow", [flow], lifetime), perFlow], all];
    }
    const named = [scope, foldIdentifier(identifier)];
    return [
      ...(ip ? [[await counter("code/ip", [...named, networkOf(ip)], lifetime), perIpAddress] as const] : []),
      [await counter("code/tries", named, lifetime), perIdentifier],
      [await counter("code/day", named, day), perDay],
      all,
    ];
  }

  async function look(presented: PresentedCode, accounts: AccountFinder) {
    const { token, identifier, scope } = presented;
    const code = normalizeTyped(generator, token);
    // Computed beside known identifiers as well, so that it takes as long.
    const decoy = await standIn(keys, identifier, scope);
    const named = await accounts.idsOf(identifier, scope);
    for (const id of named.length > 0 ? named : [decoy]) {
      const found = await findCode(code, { id, scope }, presented, accounts);
      if (found) return found;
    }
    return null;
  }

  /**
   * The proof is checked against what `findById` returns, since it was made from that: the two lookups may read one
   * column in two types.
   */
  async function findCode(code: string, named: Named, { flow, now }: Presented, accounts: AccountFinder) {
    for (let index = 0; index < keys.size; index++) {
      const lookup = await codeLookup(keys, index, code, named);
      const row = await tokens.find(lookup, "code");
      if (!row?.code || row.code.expiresAt <= now || row.expiresAt <= now) continue;
      if (flow !== undefined && (await (await servesFlow(flow, lookup))(0, now)) === 0) continue;
      const account = await accounts.byId(named.id, named.scope);
      if (!account) return null;
      const proof = await codeProof(keys, index, code, account, row.code.expiresAt);
      if (equal(proof, row.code.proof)) return { account, row };
    }
    return null;
  }

  /** Above zero if a code was sent for a flow. For decoys, it lasts a millisecond, under one of 256 keys. */
  function servesFlow(flow: string, lookup: Uint8Array, isDecoy = false): Promise<Count> {
    const parts = isDecoy ? [lookup.slice(0, 1)] : [flow, lookup];
    return counter("code/serves", parts, isDecoy ? 1 : lifetime);
  }

  async function counter(purpose: string, parts: readonly StateValue[], per: number): Promise<Count> {
    const key = await keyedName(keys, purpose, parts);
    return async (by, now) => (await counters.hit(key, { per, by, now })).count;
  }

  function alarm(): void {
    context.alarm?.(
      "codes_off",
      `More than ${perDayInAll} wrong codes were entered today, so codes are refused until the day is over. Links still work. Check whether someone is guessing`,
    );
  }
}

/** Two lookups may return one id as 7 and as "7"; the proof is checked against what `findById` returns. */
function nameOf({ id }: Named): string {
  return writeUserId(typeof id === "string" && /^[1-9]\d{0,14}$/.test(id) ? Number(id) : id);
}

type Named = Pick<Account, "id" | "scope">;

/** Bound to the account already in its lookup: the same code of two accounts is two different keys. */
async function codeLookup(keys: Keyring, index: number, code: string, account: Named): Promise<Uint8Array> {
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

/** For an unknown identifier, the same search runs on one of 256 ids that no account has, so it takes as long. */
async function standIn(keys: Keyring, identifier: string, scope: string): Promise<UserId> {
  const mac = await keys.mac(0, "code/stand-in", [scope, foldIdentifier(identifier)]);
  return mac.slice(0, 1);
}

/** Adds to a counter, in one atomic step, and returns the new count. */
type Count = (by: number, now: number) => Promise<number>;

type Budget = readonly [count: Count, most: number, what?: "all"];
