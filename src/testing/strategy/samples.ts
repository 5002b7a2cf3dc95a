/**
 * Accounts, times, and calls for the cases of the strategy suite.
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

/** The time at which every case begins: a whole second, since some tokens have no milliseconds. */
export const start = Date.UTC(2030, 0, 1);
export const second = 1_000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

/** The number of concurrent callers. */
export const crowd = 200;

/** The maximum number of valid tokens per account, in every case. */
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
  /** Leave it out for strategies that store no rows. */
  readonly tokens?: TokenStore | undefined;
  readonly counters: CounterStore;
  /**
   * Converts a number to an ID of the kind that the strategy supports.
   *
   * @default the number itself
   */
  readonly idOf?: (number: number) => UserId;
}

/** A connected strategy, with two accounts that exist in every scope. */
export interface Bench {
  readonly strategy: ConnectedStrategy;
  readonly subject: StrategySubject;
  readonly ada: Person;
  readonly grace: Person;
  readonly account: (person: Person, scope?: string) => Account;
  /** The same strategy with other secrets. */
  readonly on: (...secrets: string[]) => ConnectedStrategy;
  readonly order: (changes?: Partial<TokenOrder>) => Promise<Issued | "over_cap">;
  /** Issues a token for Ada, whose email was accepted. */
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
      assert.ok(issued !== "over_cap", "The strategy returned over_cap below the limit.");
      await issued.settle(true);
      return issued;
    },
    verify: (token, changes) =>
      strategy.verify({ token: token as string, scope: "", now: start, ...changes }, accounts),
  };
}

/** Asserts that a token is valid, and resolves to its claim. */
export async function good(
  claim: Promise<Claim | null>,
  why = "A valid token was rejected.",
): Promise<Claim> {
  const found = await claim;
  assert.ok(found, why);
  return found;
}

/** Asserts that a token is rejected, without a reason. */
export async function bad(claim: Promise<Claim | null>, why: string): Promise<void> {
  assert.equal(await claim, null, why);
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
