/**
 * Accounts, moments and questions that the cases of the strategy suite are made of.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createKeyring } from "../../crypto/keyring.js";
import type {
  Account,
  AccountFinder,
  Claim,
  ConnectedStrategy,
  CounterStore,
  Issued,
  Keyring,
  Presented,
  TokenOrder,
  TokenStore,
  TokenStrategy,
  UserId,
} from "../../types.js";

/** The moment at which every case begins: a whole second, since some tokens know no others. */
export const start = Date.UTC(2030, 0, 1);
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** How many callers race. */
export const crowd = 200;

/** How many live tokens an account may have in every case. */
export const maxLive = 3;

export interface Person {
  readonly id: UserId;
  password: string;
  email: string;
  active: boolean;
  readonly lastLogin: null;
}

/** A strategy, and empty stores for it to work with. */
export interface StrategySubject {
  readonly strategy: TokenStrategy;
  /** Left out for strategies that need no rows. */
  readonly tokens?: TokenStore | undefined;
  readonly counters: CounterStore;
  /** An id of the kind that the strategy was made for. Default: the number itself. */
  readonly idOf?: (number: number) => UserId;
}

/** A strategy at work: two accounts, each of them there in every scope, and a finder. */
export interface Bench {
  readonly strategy: ConnectedStrategy;
  readonly subject: StrategySubject;
  readonly ada: Person;
  readonly grace: Person;
  readonly account: (person: Person, scope?: string) => Account;
  /** The same strategy on other secrets. */
  readonly on: (...secrets: string[]) => ConnectedStrategy;
  readonly order: (changes?: Partial<TokenOrder>) => Promise<Issued | "over_cap">;
  /** A token for Ada, whose mail was accepted. */
  readonly issue: (changes?: Partial<TokenOrder>) => Promise<Issued>;
  readonly verify: (token: unknown, changes?: Partial<Presented>) => Promise<Claim | null>;
}

export const firstSecret = "the first secret of the suite 0123456789";
export const otherSecret = "another secret of the suite ABCDEFGHIJKLM";

export function createBench(subject: StrategySubject): Bench {
  const idOf = subject.idOf ?? ((number: number) => number);
  const person = (number: number, name: string): Person => ({
    id: idOf(number),
    password: `$argon2id$v=19$of-${name}`,
    email: `${name}@example.com`,
    active: true,
    lastLogin: null,
  });
  const [ada, grace] = [person(41, "ada"), person(42, "grace")];
  const account = (user: Person, scope = ""): Account => ({
    user,
    id: user.id,
    scope,
    state: [user.password, user.email, user.active],
    address: user.email,
  });
  const accounts: AccountFinder = {
    async byId(id, scope) {
      const found = [ada, grace].find((one) => one.id === id);
      return found ? account(found, scope) : null;
    },
    idsOf: async () => [],
  };
  const connect = (keys: Keyring) =>
    subject.strategy.connect({
      keys,
      tokens: subject.tokens,
      counters: subject.counters,
      lifetime: day,
      maxLive,
      log: silent,
    });
  const strategy = connect(createKeyring(firstSecret));
  const order: Bench["order"] = (changes = {}) =>
    strategy.issue({ account: account(ada), now: start, lifetime: day, request: {}, ...changes });

  return {
    strategy,
    subject,
    ada,
    grace,
    account,
    on: (...secrets) => connect(createKeyring(secrets)),
    order,
    async issue(changes) {
      const issued = await order(changes);
      assert.ok(issued !== "over_cap", "The strategy says over_cap where there is room.");
      await issued.settle(true);
      return issued;
    },
    verify: (token, changes) =>
      strategy.verify({ token: token as string, scope: "", now: start, ...changes }, accounts),
  };
}

/** The claim of a token that must be good. */
export async function good(claim: Promise<Claim | null>, why = "A good token is refused."): Promise<Claim> {
  const found = await claim;
  assert.ok(found, why);
  return found;
}

/** Asserts that a token is refused, for no reason that is told. */
export async function bad(claim: Promise<Claim | null>, why: string): Promise<void> {
  assert.equal(await claim, null, why);
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
