import { canonicalBytes } from "../crypto/canonical.js";
import { foldIdentifier } from "../identity/identifier.js";
import { isObjectId, readUserId } from "../identity/user-id.js";
import type { Account, AccountFinder, ObjectIdLike, UserId, Users } from "../types.js";

/** The application's accounts, with the defaults filled in and every look-up compared again. */
export interface Accounts<U> extends AccountFinder {
  of(user: U, scope: string): Promise<Account>;
  identifiersOf(user: U): readonly string[];
  /** An id out of what `writeUserId` wrote. */
  readId(text: string): UserId;
  mayReset(user: U): Promise<boolean>;
}

export function createAccounts<U>(users: Users<U>): Accounts<U> {
  const identifiersOf = (user: U): readonly string[] => {
    const given = users.identifierOf ? users.identifierOf(user) : field(user, "email", "identifierOf");
    return Array.isArray(given) ? given : [given as string];
  };
  const mayReset = async (user: U) => users.mayReset === undefined || (await users.mayReset(user)) === true;
  // An ObjectId's text cannot be turned back without its class; the class is learnt from the first one seen.
  let makeObjectId: ((hex: string) => ObjectIdLike) | undefined;

  async function of(user: U, scope: string): Promise<Account> {
    const id = users.idOf ? users.idOf(user) : (field(user, "id", "idOf") as UserId);
    if (isObjectId(id)) makeObjectId ??= (hexText) => new (id.constructor as any)(hexText);
    const address = users.addressOf ? users.addressOf(user) : field(user, "email", "addressOf");
    const state = await users.stateOf(user);
    if (!Array.isArray(state) || state.length === 0) {
      throw new TypeError(
        "users.stateOf gave no list: return what tokens must die with, such as [user.passwordHash, user.email, user.active].",
      );
    }
    return { user, id, scope, state, address: String(address) };
  }

  return {
    of,
    identifiersOf,
    mayReset,
    readId: (text) => readUserId(text, users.parseId ?? ((hexText) => makeObjectId?.(hexText) ?? hexText)),

    async byId(id, scope) {
      const user = await users.findById(id, { scope: scope || undefined });
      return user && (await mayReset(user)) ? of(user, scope) : null;
    },

    async byIdentifier(identifier, scope) {
      const found = await users.findByIdentifier(identifier, { scope: scope || undefined });
      const typed = foldIdentifier(identifier);
      const accounts: Account[] = [];
      for (const user of Array.isArray(found) ? (found as readonly U[]) : found ? [found as U] : []) {
        // A database's idea of equal may be wider than ours: accents, case of other scripts, trailing blanks.
        const isMeant = identifiersOf(user).some((stored) => foldIdentifier(stored) === typed);
        if (isMeant && (await mayReset(user))) accounts.push(await of(user, scope));
      }
      return accounts;
    },
  };
}

/** Whether two accounts are in the same state, down to the type of each value. */
export function sameState(a: Account, b: Account): boolean {
  const [left, right] = [canonicalBytes(a.state), canonicalBytes(b.state)];
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function field(user: unknown, name: string, option: string): unknown {
  const value = (user as Record<string, unknown> | null)?.[name];
  if (value !== undefined && value !== null) return value;
  throw new TypeError(`An account has no "${name}": give users.${option}, a function that says where it is.`);
}
