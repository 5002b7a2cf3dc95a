import { equal } from "#crypto";
import { UsageError } from "../check-options.js";
import { base64url, fromBase64url, utf8 } from "../crypto/encoding.js";
import { writeUserId } from "../identity/user-id.js";
import { wasGivenUp } from "../runtime/given-up.js";
import { describeError } from "../runtime/log.js";
import { withTimeout } from "../runtime/timeout.js";
import type {
  Account,
  Claim,
  ConnectedStrategy,
  Keyring,
  Log,
  Origin,
  StateValue,
  Store,
  Users,
} from "../types.js";
import { differenceOf, sameState, type Accounts } from "./accounts.js";
import { callback, callbackLimit } from "./callbacks.js";
import { eventOrigin, type Emitter } from "./events.js";
import type { ChangedIntent, FinishIntent, Intents, Performed } from "./intents.js";
import { createLimiter } from "./limiter.js";

/** How long a confirm holds its token, from the lease to the changed password. Milliseconds. */
const confirmLease = 60_000;
/** How long one password may be hashed. One that takes longer is stuck, and its place goes to the next. */
const hashLimit = 5_000;
/** How long a transaction may take. Its locks must not outlive a callback that never returns. */
const transactionLimit = 3 * callbackLimit;
/**
 * How long after its timeout a `users.setPassword` may still take effect. Databases don't wait this long for a lock.
 */
const lateLimit = 10 * 60_000;

export interface ChangeParts<U> {
  readonly users: Users<U>;
  readonly accounts: Accounts<U>;
  readonly strategies: readonly ConnectedStrategy[];
  readonly store?: Store | undefined;
  readonly intents: Intents;
  readonly keys: Keyring;
  readonly clock: () => number;
  readonly events: Emitter<U>;
  readonly log: Log;
  readonly hashing: { readonly concurrency: number; readonly waiting: number };
}

/** A password that is about to be set under a leased token. */
export interface ChangeOrder {
  readonly claim: Claim;
  readonly password: string;
  readonly request: Origin;
  readonly locale: string | undefined;
}

/** The same order with a password that is ready to be stored. */
interface StorableOrder extends Omit<ChangeOrder, "password"> {
  /** The hash if `users.hashPassword` makes one, otherwise the password. */
  readonly secret: string;
}

/** A password that was changed, with the address before the change. */
type Changed = ChangedIntent & Pick<FinishIntent, "address">;

/** A transaction's `users.setPassword` while it runs. */
interface Setting {
  intent: Changed | undefined;
}

export interface Change<U> {
  /** How long `make` may hold the token's lease, in milliseconds. */
  readonly lease: number;
  /** Sets the password and does all that goes with it; `null` if the account or the token is no longer as it was. */
  make(order: ChangeOrder): Promise<U | null>;
  /** After a crash or an outage: finishes a change that was made; does nothing if none was. */
  complete(intent: FinishIntent): Promise<Performed>;
}

export function createChange<U>(parts: ChangeParts<U>): Change<U> {
  const { users, accounts, strategies, store, intents, clock } = parts;
  const limit = createLimiter(parts.hashing);
  const carryOut = users.lock ? inTransaction : withoutTransaction;
  let stateIsSeenToMove = false;
  let bcryptIsTold = false;

  async function hashOf(password: string, account: Account): Promise<string> {
    const hash: unknown = await callback(
      "users.hashPassword",
      () => users.hashPassword?.(password, account.user as U),
      { limit: hashLimit, hidden: [password] },
    );
    if (typeof hash === "string" && hash !== "") return hash;
    throw new UsageError(
      `users.hashPassword returned ${hash === "" ? "an empty string" : `a value of type ${typeof hash}`}. Return the hash to store, as a string.`,
    );
  }

  /** bcrypt ignores what comes after 72 bytes, so any ending would be accepted. */
  function warnOfBcrypt(password: string, hashes: readonly StateValue[]): void {
    const isBcrypt = hashes.some((hash) => typeof hash === "string" && /^\$2[abxy]?\$/.test(hash));
    if (bcryptIsTold || !isBcrypt || utf8(password).length <= 72) return;
    bcryptIsTold = true;
    parts.log.warn(
      "A password of more than 72 bytes was hashed with bcrypt, which ignores what comes after them. Pass validators that include length({ maxBytes: 72 }).",
    );
  }

  /** Tokens made after the change are bound to the new state, and stay valid. */
  async function forgetAll(
    account: Account,
    before: number,
    transaction?: unknown,
    insist?: (holds: boolean) => void,
  ): Promise<void> {
    for (const strategy of strategies) {
      await strategy.forget(account, { before, transaction });
      insist?.(true);
    }
  }

  async function endSessions(user: U, transaction?: unknown): Promise<void> {
    const { revokeSessions } = users;
    if (revokeSessions === "none") return;
    await callback("users.revokeSessions", () => revokeSessions.call(users, user, { transaction }));
  }

  async function setPassword(user: U, order: StorableOrder, transaction?: unknown): Promise<boolean> {
    const expected = order.claim.account.state;
    const stored: unknown = await callback(
      "users.setPassword",
      () => users.setPassword(user, order.secret, { expected, transaction }),
      { hidden: [order.secret, ...expected] },
    );
    if (stored === true || stored === false) return stored;
    throw new UsageError(
      `users.setPassword returned ${String(stored)}. Return true if it stored the password, or false if the account no longer matched \`expected\`.`,
    );
  }

  /** If the account still matches and yet wasn't updated, the application's comparison is wrong. */
  function explainRefusal(before: Account, fresh: Account | undefined): void {
    if (!fresh || !sameState(before, fresh)) return;
    throw new UsageError(
      "users.setPassword returned false although the account still matches `expected`. Compare null values with `is not distinct from` (PostgreSQL), `is` (SQLite) or `<=>` (MySQL), not with `=`.",
    );
  }

  /** A state that doesn't change would leave every token valid. It's detected at the first change. */
  function checkStateMoved(before: Account, fresh: Account | undefined): void {
    if (stateIsSeenToMove || !fresh) return;
    if (sameState(before, fresh)) {
      throw new UsageError(
        "users.stateOf returned the same values after users.setPassword as before, so other tokens of the account stay valid. Add the stored password hash to it. If accounts are read from a replica, read them from the primary.",
      );
    }
    stateIsSeenToMove = true;
  }

  const toChanged = ({ claim, request, locale }: StorableOrder): Changed => ({
    kind: "changed",
    at: clock(),
    userId: writeUserId(claim.account.id),
    scope: claim.account.scope,
    address: claim.account.address,
    request,
    locale,
  });

  /** Users and store share a database: everything in one transaction, the account first, then the token. */
  async function inTransaction(order: StorableOrder): Promise<U | null> {
    const setting: Setting = { intent: undefined };
    try {
      const user = await store!.transaction!((transaction) => {
        const steps = changeUnderLock(order, transaction, setting);
        return withTimeout(transactionLimit, "The transaction of a confirm", () => steps);
      });
      await settle(order);
      return user;
    } catch (error) {
      if (error instanceof NotAsExpected) return null;
      // With a driver whose handle outlives its transaction, a setPassword that was given up may still take effect.
      if (setting.intent && wasGivenUp(error)) await watchFor(setting.intent, order).catch(reportUnwatched);
      throw error;
    }
  }

  /** Queues what must follow if the password turns out to be changed. The worker looks for that from `dueAt` on. */
  async function watchFor(
    changed: Changed,
    { claim }: StorableOrder,
    dueAt = changed.at + confirmLease,
  ): Promise<string> {
    const before = base64url(await fingerprint(claim.account));
    return intents.add({ ...changed, kind: "finish", before }, { dueAt });
  }

  const reportUnwatched = (error: unknown) =>
    parts.log.error(
      `users.setPassword was given up. If it takes effect later, no sessions end and no notice is sent, since the queue failed: ${describeError(error)}`,
    );

  async function changeUnderLock(order: StorableOrder, transaction: unknown, setting: Setting): Promise<U> {
    const { claim } = order;
    const { id, scope } = claim.account;
    const endsAt = performance.now() + transactionLimit;
    // After the limit, the transaction was rolled back, and its handle may belong to another one, or to none: what ran
    // with it then would take effect without the rest. So this is asked after each step.
    const insist = (holds: boolean) => {
      if (!holds || performance.now() >= endsAt) throw new NotAsExpected();
    };
    const locked = async () => {
      const user = await callback("users.lock", () =>
        users.lock?.(id, { transaction, scope: scope || undefined }),
      );
      insist(true);
      return user ? { user, account: await accounts.of(user, scope, { transaction }) } : null;
    };
    const found = await locked();
    if (!found) throw new NotAsExpected();
    const { user, account } = found;
    insist(true);
    insist(await accounts.mayReset(user, transaction));
    insist(sameState(claim.account, account));
    // Before the password, so that one that's set too late is never set with a token that was revoked.
    insist(await claim.finish({ transaction }));
    const changed = (setting.intent = toChanged(order));
    const isStored = await setPassword(user, order, transaction);
    setting.intent = undefined;
    if (!isStored) explainRefusal(claim.account, account);
    insist(isStored);
    await forgetAll(claim.account, changed.at, transaction, insist);
    await endSessions(user, transaction);
    insist(true);
    await intents.add(changed, { transaction });
    insist(true);
    if (!stateIsSeenToMove) checkStateMoved(claim.account, (await locked())?.account);
    return user;
  }

  /**
   * Users are in another database: what must follow is queued first, and no callback runs in one of resetkit's
   * transactions.
   */
  async function withoutTransaction(order: StorableOrder): Promise<U | null> {
    const { claim } = order;
    const { account } = claim;
    const changed = toChanged(order);
    const now = clock();
    // Counted from now and not from the lease: hashing may have taken long, and a worker that finds the intent before
    // the password is set would conclude that the change never happened.
    const until = now + confirmLease;
    const finish = await watchFor(changed, order, until);
    const user = await stillLeased(order, until, now).catch(async (error: unknown) => {
      // The accounts haven't been changed yet, so nothing has to follow.
      await intents.drop(finish).catch(() => undefined);
      throw error;
    });
    if (!user || !(await setPassword(user, order))) {
      await intents.drop(finish);
      if (user) explainRefusal(account, (await accounts.current(account.id, account.scope))?.account);
      return null;
    }
    // The password is changed from here on, and an error would claim that it isn't. The worker redoes what fails now.
    await reportFailure(account, order.request, {
      isRetried: true,
      async work() {
        await claim.finish({});
        await finishReset(account, user, changed.at);
        await intents.add(changed);
        await intents.drop(finish);
      },
    });
    await settle(order, async () => {
      if (stateIsSeenToMove) return;
      checkStateMoved(account, (await accounts.current(account.id, account.scope))?.account);
    });
    return user;
  }

  /** What's left once all is committed. Nothing redoes it. */
  async function settle({ claim, request }: StorableOrder, check?: () => Promise<void>): Promise<void> {
    await reportFailure(claim.account, request, {
      isRetried: false,
      async work() {
        await claim.settle(clock());
        await check?.();
      },
    });
  }

  async function stillLeased({ claim }: StorableOrder, until: number, now: number): Promise<U | null> {
    return (await claim.renew(until, now)) ? unchanged(claim.account) : null;
  }

  /** The account, read again after the password was hashed; `null` if anything that tokens are bound to has changed. */
  async function unchanged(account: Account): Promise<U | null> {
    const fresh = await accounts.current(account.id, account.scope);
    if (!fresh || differenceOf(account, fresh.account) !== undefined) return null;
    return (await accounts.mayReset(fresh.user)) ? fresh.user : null;
  }

  /** `isRetried`: the worker redoes the work, since the entry that says so is still queued. */
  async function reportFailure(
    { id: userId, scope }: Account,
    request: Origin,
    { isRetried, work }: { readonly isRetried: boolean; work(): Promise<void> },
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = describeError(error);
      parts.log.error(
        `A password was changed, but a later step failed: ${reason.replace(/\.$/, "")}.${isRetried ? " The worker will do what's left." : ""}`,
      );
      const origin = eventOrigin(request, scope);
      const final = !isRetried;
      await parts.events.tell("failed", { what: "finish", reason, final, userId, ...origin });
    }
  }

  async function finishReset(account: Account, user: U, before: number): Promise<void> {
    await forgetAll(account, before);
    await endSessions(user);
  }

  /** A keyed hash of an account's state, for the queue. */
  async function fingerprint(account: Account, index = 0): Promise<Uint8Array> {
    return parts.keys.mac(index, "state", [writeUserId(account.id), account.scope, ...account.state]);
  }

  return {
    lease: confirmLease,

    async make({ password, ...order }) {
      const { account } = order.claim;
      if (!users.hashPassword) {
        warnOfBcrypt(password, account.state);
        return limit(() => carryOut({ ...order, secret: password }));
      }
      const secret = await limit(() => parts.events.observe("hash", () => hashOf(password, account)));
      warnOfBcrypt(password, [secret]);
      return carryOut({ ...order, secret });
    },

    async complete({ userId, scope, before, at, request, locale, address }) {
      const found = await accounts.current(accounts.readId(userId), scope);
      if (!found) return "nothing";
      const expected = fromBase64url(before) ?? new Uint8Array();
      for (let index = 0; index < parts.keys.size; index++) {
        // A statement that timed out may still be running, such as one that waits for a lock.
        if (equal(await fingerprint(found.account, index), expected))
          return clock() - at < lateLimit ? "later" : "nothing";
      }
      await finishReset(found.account, found.user, at);
      await intents.add({ kind: "changed", at, userId, scope, request, locale, address });
      return "nothing";
    },
  };
}

/** Thrown to roll a transaction back. */
class NotAsExpected extends Error {}
