import { equal } from "#crypto";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import { writeUserId } from "../identity/user-id.js";
import { describeError } from "../runtime/log.js";
import type { Account, Claim, ConnectedStrategy, Keyring, Log, Origin, Store, Users } from "../types.js";
import { sameState, type Accounts } from "./accounts.js";
import type { Emitter } from "./events.js";
import type { FinishIntent, Intents } from "./intents.js";
import { createLimiter } from "./limiter.js";

export interface ChangeParts<U> {
  readonly users: Users<U>;
  readonly accounts: Accounts<U>;
  readonly strategies: readonly ConnectedStrategy[];
  readonly store: Store | undefined;
  readonly intents: Intents;
  readonly keys: Keyring;
  readonly clock: () => number;
  readonly events: Emitter<U>;
  readonly log: Log;
  readonly hashing: { readonly concurrency: number; readonly waiting: number };
}

/** A password that is about to be set under a spent token. */
export interface ChangeOrder {
  readonly claim: Claim;
  readonly password: string;
  readonly request: Origin;
  readonly locale: string | undefined;
  /** When the token's lease ends. */
  readonly leasedUntil: number;
}

/** The same, ready to be stored. */
interface StorableOrder extends Omit<ChangeOrder, "password"> {
  /** The hash, where `users.hashPassword` makes one; else the password. */
  readonly secret: string;
}

export interface Change<U> {
  /** Sets the password and all that belongs to it; `null` where the account was no longer in its state. */
  make(order: ChangeOrder): Promise<U | null>;
  /** After a crash: does what is left of a change that was made, or nothing where none was. */
  complete(intent: FinishIntent): Promise<void>;
}

export function createChange<U>(parts: ChangeParts<U>): Change<U> {
  const { users, accounts, strategies, store, intents, clock } = parts;
  const limit = createLimiter(parts.hashing);
  const carryOut = users.lock ? inTransaction : withoutTransaction;
  let stateIsSeenToMove = false;

  async function forgetAll(account: Account, transaction?: unknown): Promise<void> {
    for (const strategy of strategies) await strategy.forget(account, { transaction });
  }

  async function endSessions(user: U, transaction?: unknown): Promise<void> {
    if (users.revokeSessions !== "none") await users.revokeSessions(user, { transaction });
  }

  async function setPassword(user: U, order: StorableOrder, transaction?: unknown): Promise<boolean> {
    const answer: unknown = await users.setPassword(user, order.secret, {
      expected: order.claim.account.state,
      transaction,
    });
    if (answer === true || answer === false) return answer;
    throw new TypeError(
      `users.setPassword gave ${answer === undefined ? "nothing" : `a ${typeof answer}`}: return true if the password was stored, and false if the account was no longer in the state "expected".`,
    );
  }

  /** A state that stays the same would leave every token good: found out at the first change, and said. */
  async function checkStateMoved(before: Account, fresh: U | null | undefined): Promise<void> {
    if (stateIsSeenToMove || !fresh) return;
    if (sameState(before, await accounts.of(fresh, before.scope))) {
      throw new TypeError(
        "users.stateOf gives the same after users.setPassword as before, so used tokens would stay good: put the stored password hash into it.",
      );
    }
    stateIsSeenToMove = true;
  }

  const toChanged = ({ claim, request, locale }: StorableOrder) =>
    ({
      kind: "changed",
      at: clock(),
      userId: writeUserId(claim.account.id),
      scope: claim.account.scope,
      request,
      locale,
    }) as const;

  /** Users and store share a database: everything in one transaction, the account first, then the token. */
  async function inTransaction(order: StorableOrder): Promise<U | null> {
    const { claim } = order;
    const { id, scope } = claim.account;
    const lock = users.lock!;
    try {
      return await store!.transaction!(async (transaction) => {
        const user = await lock(id, { transaction, scope: scope || undefined });
        if (!user || !(await accounts.mayReset(user))) throw new NotAsExpected();
        if (!sameState(claim.account, await accounts.of(user, scope))) throw new NotAsExpected();
        if (!(await setPassword(user, order, transaction))) throw new NotAsExpected();
        if (!(await claim.finish({ transaction }))) throw new NotAsExpected();
        await forgetAll(claim.account, transaction);
        await endSessions(user, transaction);
        await intents.add(toChanged(order), { transaction });
        if (!stateIsSeenToMove) {
          await checkStateMoved(claim.account, await lock(id, { transaction, scope: scope || undefined }));
        }
        return user;
      });
    } catch (error) {
      if (error instanceof NotAsExpected) return null;
      throw error;
    }
  }

  /** Users live elsewhere: what must follow is written down first, and nothing of the application runs in a transaction. */
  async function withoutTransaction(order: StorableOrder): Promise<U | null> {
    const { claim } = order;
    const { account } = claim;
    const user = account.user as U;
    const changed = toChanged(order);
    const before = base64url(await fingerprint(account));
    const finish = await intents.add({ ...changed, kind: "finish", before }, { dueAt: order.leasedUntil });
    if (!(await setPassword(user, order))) {
      await intents.drop(finish);
      return null;
    }
    // From here on the password is changed, and an error would tell the visitor otherwise: the worker goes on.
    await reportFailure(account, async () => {
      await claim.finish({});
      await finishReset(account, user);
      await intents.add(changed);
      await intents.drop(finish);
    });
    if (!stateIsSeenToMove) {
      await reportFailure(account, async () =>
        checkStateMoved(account, await users.findById(account.id, { scope: account.scope || undefined })),
      );
    }
    return user;
  }

  async function reportFailure(account: Account, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const reason = describeError(error);
      parts.log.error(`A password was changed, but something after it failed: ${reason}`);
      await parts.events.tell("failed", { what: "finish", reason, final: false, userId: account.id });
    }
  }

  async function finishReset(account: Account, user: U): Promise<void> {
    await forgetAll(account);
    await endSessions(user);
  }

  /** A keyed hash of an account's state, for the queue. */
  async function fingerprint(account: Account, index = 0): Promise<Uint8Array> {
    return parts.keys.mac(index, "state", [writeUserId(account.id), account.scope, ...account.state]);
  }

  return {
    async make({ password, ...order }) {
      const hash = users.hashPassword;
      if (!hash) return limit(() => carryOut({ ...order, secret: password }));
      const secret = await limit(async () => hash(password, order.claim.account.user as U));
      return carryOut({ ...order, secret });
    },

    async complete({ userId, scope, before, at, request, locale }) {
      const id = accounts.readId(userId);
      const user = await users.findById(id, { scope: scope || undefined });
      if (!user) return;
      const account = await accounts.of(user, scope);
      const expected = fromBase64url(before) ?? new Uint8Array();
      for (let index = 0; index < parts.keys.size; index++) {
        if (equal(await fingerprint(account, index), expected)) return;
      }
      await finishReset(account, user);
      await intents.add({ kind: "changed", at, userId, scope, request, locale });
    },
  };
}

/** Rolls a transaction back. */
class NotAsExpected extends Error {}
