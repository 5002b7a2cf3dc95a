import { UsageError } from "../check-options.js";
import { sameValues } from "../crypto/canonical.js";
import { foldIdentifier } from "../identity/identifier.js";
import { isObjectId, readUserId, writeUserId } from "../identity/user-id.js";
import type {
  Account,
  AccountFinder,
  IneligibleReason,
  ObjectIdLike,
  StateValue,
  UserId,
  Users,
} from "../types.js";
import { callback } from "./callbacks.js";

/** The application's accounts, with the defaults filled in and the result of every lookup compared again. */
export interface Accounts<U> extends AccountFinder {
  of(user: U, scope: string, how?: Reading): Promise<Account>;
  /** What was typed, normalized by the application (`users.normalize`). */
  normalize(identifier: string): string;
  /** Every eligible account behind an identifier, and why other results don't count. */
  lookUp(identifier: string, scope: string): Promise<LookUp>;
  /** The account as `users.findById` returns it now, whether or not it's eligible. */
  current(id: UserId, scope: string, typed?: string): Promise<{ user: U; account: Account } | null>;
  /** Does the work of `current` and `mayReset` on an account that was seen before, and returns its user. */
  currentOfDecoy(): Promise<U | undefined>;
  identifiersOf(user: U): readonly string[];
  /** The stored address that messages go to. */
  addressOf(user: U): string;
  /** Reads an id that `writeUserId` wrote. */
  readId(text: string): UserId;
  mayReset(user: U, transaction?: unknown): Promise<boolean>;
}

/** How an account is read. */
interface Reading {
  readonly transaction?: unknown;
  /** What was typed: of several verified addresses, the one that equals it is used. */
  readonly typed?: string | undefined;
}

export interface LookUp {
  readonly accounts: readonly Account[];
  /** How many accounts were found of which no identifier equals what was typed. */
  readonly mismatched: number;
  /** Accounts that `users.mayReset` refused. */
  readonly ineligible: readonly Ineligible[];
  /** What kept other accounts from being read. One bad row must not keep the email from the others. */
  readonly failures: readonly LookUpFailure[];
}

export interface Ineligible {
  readonly user: unknown;
  readonly reason: IneligibleReason | undefined;
}

export interface LookUpFailure {
  readonly error: unknown;
  /** The account, if its id could be read. */
  readonly id: UserId | undefined;
}

export function createAccounts<U>(users: Users<U>): Accounts<U> {
  // An ObjectId's text can't be turned back into one without its class, and some drivers return bytes as Buffers,
  // others as plain arrays. Both are learned from the ids that the application's own lookups return.
  let makeObjectId: ((hex: string) => ObjectIdLike) | undefined;
  let areBytesPlain = false;
  /** An account that was found earlier. */
  let seen: Account | undefined;
  /** The user that a token or a code was last checked for. */
  let last: U | undefined;

  const identifiersOf = (user: U): readonly string[] => {
    const given = users.identifierOf ? users.identifierOf(user) : field(user, "email", "identifierOf");
    return [given as string | readonly string[]].flat();
  };

  async function verdictOf(user: U, transaction?: unknown): Promise<boolean | IneligibleReason> {
    if (!users.mayReset) return true;
    const verdict = await callback("users.mayReset", () => users.mayReset?.(user, { transaction }));
    return verdict === true || verdict === "no_password" || verdict === "closed" ? verdict : false;
  }

  const mayReset = async (user: U, transaction?: unknown) => (await verdictOf(user, transaction)) === true;

  const normalize = (identifier: string): string => {
    const normal: unknown = users.normalize
      ? callback("users.normalize", () => users.normalize?.(identifier), { hidden: [identifier] })
      : identifier;
    if (typeof normal === "string") return normal;
    throw new UsageError(
      `users.normalize returned ${describeType(normal)}. Return the identifier as a string.`,
    );
  };

  /** For comparison: typed and stored identifiers go through the same steps. */
  const fold = (identifier: string) => foldIdentifier(normalize(identifier));

  function idOf(user: U): UserId {
    const id = users.idOf ? users.idOf(user) : (field(user, "id", "idOf") as UserId);
    if (isObjectId(id))
      makeObjectId ??= (hex) => new (id.constructor as new (hex: string) => ObjectIdLike)(hex);
    if (id instanceof Uint8Array) areBytesPlain = id.constructor === Uint8Array;
    return id;
  }

  async function of(user: U, scope: string, { transaction, typed }: Reading = {}): Promise<Account> {
    const id = idOf(user);
    const addresses = addressesOf(users, user);
    const state = await callback("users.stateOf", () => users.stateOf(user, { transaction }));
    checkState(state);
    const wanted = addresses.length > 1 && typed !== undefined ? fold(typed) : undefined;
    const address = addresses.find((one) => wanted !== undefined && fold(one) === wanted) ?? addresses[0]!;
    return { user, id, scope, state, address, addresses };
  }

  async function find(id: UserId, scope: string): Promise<U | null | undefined> {
    const asReturned = areBytesPlain && id instanceof Uint8Array ? new Uint8Array(id) : id;
    return callback("users.findById", () => users.findById(asReturned, { scope: scope || undefined }));
  }

  /** A database may treat more as equal than we do: accents, case in other scripts, trailing spaces. */
  function isNamed(user: U, identifier: string): boolean {
    const typed = fold(identifier);
    return identifiersOf(user).some((stored) => fold(stored) === typed);
  }

  async function lookUp(identifier: string, scope: string): Promise<LookUp> {
    const result = {
      accounts: [] as Account[],
      mismatched: 0,
      ineligible: [] as Ineligible[],
      failures: [] as LookUpFailure[],
    };
    for (const user of await findAll(identifier, scope)) {
      try {
        if (!isNamed(user, identifier)) {
          result.mismatched++;
          continue;
        }
        const verdict = await verdictOf(user);
        if (verdict !== true) result.ineligible.push({ user, reason: verdict || undefined });
        else {
          const account = await of(user, scope, { typed: identifier });
          if (!result.accounts.some(({ id }) => writeUserId(id) === writeUserId(account.id)))
            result.accounts.push(account);
        }
      } catch (error) {
        let id;
        try {
          id = idOf(user);
        } catch {
          // The error above says what is wrong.
        }
        result.failures.push({ error, id });
      }
    }
    seen = result.accounts[0] ?? seen;
    return result;
  }

  /** A domain outside ASCII has several spellings, and the application may have stored any of them. */
  async function findAll(typed: string, scope: string): Promise<readonly U[]> {
    const identifier = normalize(typed);
    const all: U[] = [];
    for (const one of isInternational.test(identifier) ? await spellings(identifier) : [identifier])
      all.push(...(await findOne(one, scope)));
    return all;
  }

  async function findOne(identifier: string, scope: string): Promise<readonly U[]> {
    const found = await callback(
      "users.findByIdentifier",
      () => users.findByIdentifier(identifier, { scope: scope || undefined }),
      // `describeError` recognizes email addresses, but not phone numbers or usernames. One or two characters would
      // match too much of any text.
      { hidden: identifier.length > 2 ? [identifier] : [] },
    );
    return [found || []].flat() as readonly U[];
  }

  async function current(id: UserId, scope: string, typed?: string) {
    const user = await find(id, scope);
    return user ? { user, account: await of(user, scope, { typed }) } : null;
  }

  return {
    of,
    identifiersOf,
    addressOf: (user) => addressesOf(users, user)[0]!,
    normalize,
    mayReset,
    lookUp,
    current,
    readId: (text) =>
      readUserId(text, (hex) => (users.parseId ? users.parseId(hex) : (makeObjectId?.(hex) ?? hex))),

    async byId(id, scope) {
      const user = await find(id, scope);
      if (user) return of((last = user), scope);
      // The one that was read last is read again, so that the rejection of a guessed id takes as long.
      if (last) await of(last, scope).catch(() => undefined);
      return null;
    },

    async idsOf(identifier, scope) {
      let found = await findAll(identifier, scope);
      // Without an account, the one that was read last is compared, so that the rejection of a code takes as long.
      if (found.length === 0 && last) found = [last];
      last = found[0];
      const ids = found.filter((user) => isNamed(user, identifier)).map(idOf);
      return [...new Map(ids.map((id) => [writeUserId(id), id])).values()];
    },

    async currentOfDecoy() {
      const found = seen && (await current(seen.id, seen.scope));
      if (found) await mayReset(found.user);
      return found?.user;
    },
  };
}

/** Whether two accounts are in the same state, down to the type of each value. */
export function sameState(a: Account, b: Account): boolean {
  return sameValues(a.state, b.state);
}

/**
 * Names the first value in which two readings of one account differ, with its types only; undefined if they don't
 * differ.
 */
export function differenceOf(one: Account, other: Account): string | undefined {
  if (writeUserId(one.id) !== writeUserId(other.id)) return "users.idOf";
  if (!sameValues(one.addresses ?? [], other.addresses ?? [])) return "users.addressOf";
  const length = Math.max(one.state.length, other.state.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [one.state[index], other.state[index]];
    if (!sameValues([left], [right])) {
      const [first, second] = [typeName(left), typeName(right)];
      return `users.stateOf()[${index}]${first === second ? "" : ` (${first} and ${second})`}`;
    }
  }
  return undefined;
}

function typeName(value: StateValue): string {
  return value === null ? "null" : typeof value === "object" ? value.constructor.name : typeof value;
}

function addressesOf<U>(users: Users<U>, user: U): readonly string[] {
  const given = users.addressOf ? users.addressOf(user) : field(user, "email", "addressOf");
  const list: unknown[] = [given].flat();
  if (list.length > 0 && list.every((one) => typeof one === "string")) return list.map((one) => one.trim());
  throw new UsageError(
    `users.addressOf returned ${describeType(given)}. Return the stored email address, or an array of the verified ones.`,
  );
}

const isInternational = /@.*([^\0-\x7f]|xn--)/i;

/** Loaded when the first such domain is typed. */
async function spellings(identifier: string): Promise<readonly string[]> {
  return (await import("../identity/idna.js")).spellingsOf(identifier);
}

function checkState(state: unknown): asserts state is readonly StateValue[] {
  if (Array.isArray(state) && state.length > 0) return;
  throw new UsageError(
    `users.stateOf returned ${describeType(state)}. Return what tokens are bound to, such as [user.passwordHash, user.email].`,
  );
}

function describeType(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array of non-strings";
  return value === undefined || value === null ? String(value) : `a value of type ${typeof value}`;
}

function field(user: unknown, name: string, option: string): unknown {
  const value = (user as Record<string, unknown> | null)?.[name];
  if (value !== undefined && value !== null) return value;
  throw new UsageError(
    `An account has no property "${name}". Pass users.${option}, a function that returns it.`,
  );
}
