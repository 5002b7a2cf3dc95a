import { foldIdentifier, maskIdentifier } from "../identity/identifier.js";
import { writeUserId } from "../identity/user-id.js";
import { DescribedError, describeError, logDetail } from "../runtime/log.js";
import { pendingFor } from "../tokens/shared/mail-quota.js";
import type { Account, Message, Origin, RefusalReason, UserId } from "../types.js";
import { differenceOf, type LookUp, type LookUpFailure } from "./accounts.js";
import { createDecoy } from "./decoy.js";
import { eventOrigin } from "./events.js";
import type { ChangedIntent, IssueIntent, Performed, RequestIntent } from "./intents.js";
import { type AtLimit, createSteps, type MailingParts } from "./mail-steps.js";
import { resetMessage, secretsOf } from "./messages.js";

/** How a message is made for one account. */
interface SendOrder {
  readonly lifetime: number;
  readonly request: Origin;
  readonly locale?: string | undefined;
  readonly template?: string | undefined;
  readonly force?: boolean;
  readonly flows?: readonly string[] | undefined;
}

/** Why an eligible account got no email. */
type Unsent = AtLimit | "unusable_address";

/** Makes tokens and messages. Whatever throws here is retried. */
export interface Mailing {
  /** Emails every account behind an identifier, or does the same work on a decoy. */
  answer(intent: RequestIntent): Promise<Performed>;
  /** Emails the account that the application named. */
  issue(intent: IssueIntent): Promise<Performed>;
  /** Notifies the user that the password was changed. */
  tellChanged(intent: ChangedIntent): Promise<Performed>;
}

export function createMailing<U>(parts: MailingParts<U>): Mailing {
  const { users, accounts, events, clock, log } = parts;
  const steps = createSteps(parts);
  const decoy = createDecoy<U>(parts, steps);
  const differencesLogged = new Set<string>();
  let mismatchLoggedAt = -Infinity;
  let missingIsTold = false;
  let lengthIsTold = false;
  const localeOf = (user: U, asked: string | undefined) => users.localeOf?.(user) ?? asked;

  async function answer(intent: RequestIntent): Promise<Performed> {
    // The work so far was the same for every request, and took longest: it must not run in one turn with the lookup.
    await parts.yieldToEventLoop();
    await parts.intents.noteTaken(intent);
    const found = await accounts.lookUp(intent.identifier, intent.scope);
    const { only } = intent;
    const isMeant = ({ id }: { id: UserId | undefined }) =>
      only === undefined || id === undefined || writeUserId(id) === only;
    const meant = found.accounts.filter(isMeant);
    const failures = found.failures.filter(isMeant);
    if (meant.length === 0) {
      const [failure] = failures;
      if (failure) throw failure.error;
      await refused(intent, reasonOf(found));
      return decoy.answer(intent, found.ineligible[0]);
    }
    return mailAll(intent, meant, failures);
  }

  /** One account that can't be read or mailed must not keep the email from the others. */
  async function mailAll(
    intent: RequestIntent,
    meant: readonly Account[],
    failures: readonly LookUpFailure[],
  ): Promise<Performed> {
    const { request, locale, flows } = intent;
    const again = failures.flatMap(({ id }) => (id === undefined ? [] : [id]));
    const unread = again.length;
    const errors = failures.map(({ error }) => error);
    let sent = 0;
    for (const account of meant) {
      try {
        const current = await currentOf(account, intent);
        if (!current) continue;
        const lifetime = parts.lifetimeOf(current.user as U);
        const outcome = await send(current, { lifetime, request, locale, flows });
        if (outcome === "sent") sent++;
        else if (outcome === "over_cap" && mayBeInItsOwnWay(intent)) again.push(account.id);
        else await refused(intent, outcome, account.id);
      } catch (error) {
        errors.push(error);
        again.push(account.id);
      }
    }
    if (again.length === meant.length + unread) {
      if (errors.length > 0) throw errors[0];
      return "later";
    }
    // Without this, an account at its limit would be cheaper to process than an unknown one, which could be measured.
    if (sent === 0 && again.length === 0) await decoy.run(intent);
    // Some accounts got their email: only the others are retried.
    for (const error of errors)
      log.warn(
        `One of several accounts with the same identifier couldn't be emailed: ${describeError(error)}`,
      );
    for (const id of again) {
      await parts.intents.add({ ...intent, only: writeUserId(id) }, { dueAt: clock() + 1_000 });
    }
    return sent > 0 ? "sent" : "nothing";
  }

  /**
   * The account as `users.findById` returns it, since that is what a link is checked against. Two lookups that read one
   * column in two types would make every emailed link invalid.
   */
  async function currentOf(account: Account, intent: RequestIntent): Promise<Account | null> {
    const found = await accounts.current(account.id, account.scope, intent.identifier);
    if (!found || !(await accounts.mayReset(found.user))) {
      log.error(
        "No email sent: users.findByIdentifier returned an account that users.findById doesn't return by its id, or that users.mayReset then refuses. Make both read the same table.",
      );
      await refused(intent, "not_eligible", account.id);
      return null;
    }
    warnOfMissing(found.account);
    const difference = differenceOf(account, found.account);
    if (difference) await logDifference(difference, account, intent);
    return found.account;
  }

  /** The query doesn't select the column, or has it under another name. An empty column is null. */
  function warnOfMissing({ state }: Account): void {
    const index = state.indexOf(undefined);
    if (index < 0 || missingIsTold) return;
    missingIsTold = true;
    log.warn(
      `users.stateOf()[${index}] is undefined, so tokens aren't bound to it. Return the column under the name that it has, and select it in both lookups.`,
    );
  }

  async function logDifference(difference: string, account: Account, intent: RequestIntent): Promise<void> {
    if (differencesLogged.has(difference)) return;
    // An account that was changed between the two lookups differs, too. A third lookup tells the cases apart.
    const again = await accounts.lookUp(intent.identifier, intent.scope);
    const same = again.accounts.find(({ id }) => writeUserId(id) === writeUserId(account.id));
    if (!same || differenceOf(account, same) !== undefined) return;
    differencesLogged.add(difference);
    log.warn(
      `users.findByIdentifier and users.findById return different values for the same account in ${difference}. Links are bound to what findById returns. Read both with the same query or ORM.`,
    );
  }

  async function refused(
    { request, scope, identifier }: RequestIntent,
    reason: RefusalReason,
    userId?: UserId,
  ): Promise<void> {
    logReason(reason, identifier);
    const account = userId === undefined ? {} : { userId };
    await events.tell("refused", { stage: "mail", reason, ...account, ...eventOrigin(request, scope) });
  }

  function logReason(reason: RefusalReason, identifier: string): void {
    const explanation = explanations[reason];
    if (!explanation) return;
    const sentence = `No email sent for ${maskIdentifier(identifier)}: ${explanation}.`;
    // This is nearly always a mistake in the application. Anyone can cause it, so it isn't a warning every time.
    const isNew = reason === "identifier_mismatch" && clock() - mismatchLoggedAt > 3_600_000;
    if (isNew) mismatchLoggedAt = clock();
    if (isNew) log.warn(sentence, { stage: "mail", reason });
    else logDetail(log, sentence, { stage: "mail", reason });
  }

  /**
   * If the process crashed after making a token, that token still counts against the limit for `pendingFor`. A retry of
   * the same request must not be refused because of it, so it waits until the token no longer counts. A first attempt,
   * however late, has no such token: if it waited, a queue that's behind would make work for itself.
   */
  const mayBeInItsOwnWay = ({ at, wasLeased }: RequestIntent) => wasLeased && clock() - at < 2 * pendingFor;

  async function issue({
    userId,
    scope,
    lifetime,
    template,
    request,
    locale,
  }: IssueIntent): Promise<Performed> {
    const id = accounts.readId(userId);
    const found = await accounts.current(id, scope);
    if (!found || !(await accounts.mayReset(found.user))) {
      const what = found ? "users.mayReset doesn't allow a reset for" : "users.findById doesn't return";
      log.warn(`No email sent: ${what} an account that issueFor was called for.`);
      const reason = "not_eligible";
      await events.tell("refused", { stage: "mail", reason, userId: id, ...eventOrigin(request, scope) });
      return "nothing";
    }
    const order = {
      lifetime: lifetime ?? parts.lifetimeOf(found.user),
      request,
      locale,
      template,
      force: true,
    };
    const outcome = await send(found.account, order);
    return outcome === "sent" ? outcome : outcome === "over_cap" ? "later" : "nothing";
  }

  /** Makes a token for one account and sends it, unless the account is at its email limit. */
  async function send(account: Account, order: SendOrder): Promise<"sent" | Unsent> {
    const { request, force, template, lifetime, flows } = order;
    const user = account.user as U;
    const { id: userId, scope } = account;
    const origin = eventOrigin(request, scope);
    const issued = await steps.issue({ account, now: clock(), lifetime, request, force, flows });
    if (typeof issued === "string") return issued;
    const url = parts.linkOf(user, issued.token);
    tellLength(url);
    const message = resetMessage<U>({
      issued,
      user,
      address: account.address,
      url,
      locale: localeOf(user, order.locale),
      request,
      scope,
      template,
    });
    const { expiresAt } = message;
    await events.tell("tokenCreated", { user, userId, expiresAt, ...origin });
    let isAccepted = false;
    try {
      isAccepted = await deliver(message, userId);
    } finally {
      await steps.settle(issued, isAccepted);
    }
    if (!isAccepted) return "unusable_address";
    await events.tell("delivered", { kind: "reset", userId, ...origin });
    return "sent";
  }

  /** Some mail programs break lines of plain text after 72 characters, and then only the beginning is a link. */
  function tellLength({ length }: string): void {
    if (lengthIsTold || length <= 72) return;
    lengthIsTold = true;
    log.debug?.(
      `Links have ${length} characters, and some mail programs break lines of text after 72. Shorten url, such as "https://example.com/reset/{token}".`,
      { length },
    );
  }

  /** Returns `false` if a retry can't help, and logs why. Rejects with an error that is safe to log. */
  async function deliver(message: Message<U>, userId: UserId): Promise<boolean> {
    try {
      await steps.inTime(() => parts.deliver(message));
      return true;
    } catch (error) {
      const reason = describeError(error, secretsOf(message));
      if ((error as { code?: unknown } | null)?.code !== "unusable_address")
        throw new DescribedError(reason, { cause: error });
      log.error(`An email was dropped: ${reason}`);
      const { request, scope } = message;
      await events.tell("failed", { what: "deliver", reason, final: true, userId, request, scope });
      return false;
    }
  }

  /** The email goes to the address before the change, and to the current one if it differs. */
  async function tellChanged(intent: ChangedIntent): Promise<Performed> {
    const { scope, request, at } = intent;
    const id = accounts.readId(intent.userId);
    const found = await accounts.current(id, scope);
    if (!found) return "nothing";
    const { user, account } = found;
    const address = intent.address ?? account.address;
    const isMoved = foldIdentifier(address) !== foldIdentifier(account.address);
    const locale = localeOf(user, intent.locale);
    const origin = eventOrigin(request, scope);
    const message: Message<U> = {
      kind: "changed",
      ...{ user, address, changedAt: new Date(at), locale, ...origin },
    };
    const isAccepted = await deliver(message, id);
    if (isMoved && !intent.onlyAddress) {
      await parts.intents.add({ ...intent, address: account.address, onlyAddress: true });
    }
    if (!isAccepted) return "nothing";
    await events.tell("delivered", { kind: "changed", userId: id, ...origin });
    return "sent";
  }

  return { answer, issue, tellChanged };
}

/** What to check for each reason. The other reasons have already been logged as errors. */
const explanations: Partial<Record<RefusalReason, string>> = {
  unknown_account:
    "users.findByIdentifier found no account. If there is one, check the query for letter case, spaces, and scope",
  identifier_mismatch:
    "users.findByIdentifier found an account, but none of its identifiers is what was typed. Return what people type from users.identifierOf, or normalize both with users.normalize",
  not_eligible: "users.mayReset doesn't allow a reset for the account",
  over_cap:
    "the account has as many valid links as maxLive allows. They still work, and a new one is sent once the latest is an hour old",
  mailbox_full: "its mailbox got 4 × maxLive emails that were requested within a day",
};

function reasonOf({ mismatched, ineligible }: LookUp): RefusalReason {
  if (ineligible.length > 0) return "not_eligible";
  return mismatched > 0 ? "identifier_mismatch" : "unknown_account";
}
