/** What must hold in every history. Each invariant has a name, by which a failing history is told from another. */
import { hasSecondFactor, isSame, type Person } from "./accounts.js";
import type { Member } from "./fleet.js";
import { countFaults, type History } from "./history.js";
import type { Process } from "./scheduler.js";
import { skew, type Call, type Link, type Model, type Refusal } from "./model.js";
import type { World } from "./world.js";

const minute = 60_000;

/** The call that a password, or its hash, was made in. */
export function readCall(model: Model, secret: string): Call | undefined {
  const [, id] = /(\d+)/.exec(secret) ?? [];
  return model.calls[Number(id) - 1];
}

// ─── At the moment that a password is stored ─────────────────────────────────────────────────────────

export function checkSetting({ world, model, accounts }: History, before: Person, secret: string): void {
  const call = readCall(model, secret);
  const account = Number(before.id);
  if (!call?.link || call.kind !== "confirm") {
    return world.violate("only a token changes a password", `account ${account}`);
  }
  const { link } = call;
  const about = `confirm ${call.id} sets the password of account ${account}`;
  if (link.account !== account) world.violate("a token is for its account", about);
  if (asksMore(world, call) && call.answer !== "right") {
    world.violate("a second factor is never passed over", `${about} with the answer ${call.answer}`);
  }
  if (call.password?.includes("weak")) world.violate("weak passwords are refused", about);
  // A state that doesn't move says nothing of a change whose answer was lost, or that takes effect after it was given up.
  const isUnsure =
    world.combination.constantState &&
    link.usedBy !== undefined &&
    (model.calls[link.usedBy - 1]!.outcome !== "ok" || call.endedAt !== undefined);
  if (link.usedBy !== undefined && !isUnsure) {
    world.violate("one winner per token", `${about} with the token that confirm ${link.usedBy} used`);
  }
  // Django's tokens contain the password. A state that leaves it out doesn't show that it changed after the token was looked at.
  const isUnseen = world.combination.constantState && link.kind === "django" && call.wasGood !== false;
  const bound = model.bindingOf(link.kind, link.bound);
  if (!isSame(bound, model.bindingOf(link.kind, before)) && !isUnsure && !isUnseen) {
    world.violate("the account is as the token found it", `${about}, which changed since`);
  }
  if (call.startedOn > link.expiresAt + skew) world.violate("expired tokens are dead", about);
  // What happens between the last look and the change can't be seen; what happened before hashing ended must be.
  const looked = call.hashedAt ?? call.startedAt;
  if ((accounts.barredSince.get(account) ?? Infinity) < looked) {
    world.violate("only eligible accounts are changed", `${about}, which isn't eligible any more`);
  }
  checkRevoked(world, model, call);
}

function checkRevoked(world: World, model: Model, call: Call): void {
  const looked = call.hashedAt ?? call.startedAt;
  const { account, startedAt } = call.link!;
  const revoke = model.revokes.find(
    (each) =>
      each.account === account &&
      each.outcome === "ok" &&
      each.startedAt > startedAt &&
      each.endedAt! < looked,
  );
  if (!revoke) return;
  const about = `confirm ${call.id} sets the password of account ${account} after revoke ${revoke.id}`;
  world.violate("revoked tokens are dead", about);
}

export function checkAddress({ world, accounts }: History, account: number | undefined, to: string): void {
  if (account === undefined || accounts.addressesOf(account).has(to)) return;
  world.violate("mails go to stored addresses", `a mail for account ${account} went to ${to}`);
}

/** With one token there are five attempts, and at one account ten in a day; a history is shorter than that. */
export function checkAnswers(
  { world, model }: History,
  account: number,
  { generation }: Process,
  isRight: boolean,
): void {
  if (isRight || world.calm) return;
  // Budgets are named by the newest secret: a deploy that brings one begins them anew.
  const name = `${account} under secret ${generation}`;
  const count = (model.wrongAnswers.get(name) ?? 0) + 1;
  model.wrongAnswers.set(name, count);
  if (count > 10) world.violate("a second factor has ten tries", `account ${name} had ${count}`);
}

function asksMore({ combination }: World, { account }: Call): boolean {
  return combination.secondFactor && hasSecondFactor({ id: account! });
}

// ─── When a call ends ────────────────────────────────────────────────────────────────────────────────

export function checkOutcome(history: History, call: Call, answer: unknown): void {
  const { world } = history;
  const { kind, outcome, link } = call;
  const about = `${kind} ${call.id}`;
  // The clean-up is an operator's: it tells what went wrong as it is.
  const isToldToDeveloper = world.combination.constantState && /stateOf/.test(String(answer));
  if (outcome === "threw" && kind !== "clearExpired" && !isToldToDeveloper) {
    return world.violate("errors keep their contract", `${about} threw ${String(answer)}`);
  }
  if (outcome === "throttled") {
    const { retryAfter } = answer as { retryAfter?: number };
    if (!(Number.isInteger(retryAfter) && retryAfter! >= 1))
      world.violate("a refusal says when to try again", `${about} said ${retryAfter}`);
    checkThrottled(history, call);
  }
  if (kind === "confirm") {
    const refused = ["invalid_token", "weak_password", "throttled", "vetoed", "second_factor"].includes(
      outcome,
    );
    if (outcome === "ok" && !call.hasSet) world.violate("an answer is true", `${about} changed nothing`);
    if (refused && call.hasSet) world.violate("an answer is true", `${about} said ${outcome}, but changed`);
    if (outcome === "second_factor" && (!asksMore(world, call) || call.answer === "right"))
      world.violate("an answer is true", `${about} was refused for its second factor, which was right`);
    const userId = Number((answer as Person | undefined)?.id);
    if (outcome === "ok" && userId !== link?.account)
      world.violate("an answer is true", `${about} gave account ${userId}`);
  }
  if (kind === "validate" && outcome === "ok") {
    if (!link) return world.violate("only a token changes a password", `${about} found a guess good`);
    const isDead =
      !world.combination.constantState &&
      !seemsGood(history, link) &&
      call.wasGood === false &&
      history.isGood(link) === false;
    if (isDead && !movedSince(history, call)) world.violate("dead tokens are refused", about);
  }
  if (
    outcome === "invalid_token" &&
    link &&
    call.wasGood &&
    history.isGood(link) &&
    mustSucceed(history, call)
  ) {
    world.violate("good tokens work", `${about} was refused`);
  }
  const { store, users } = call.process.faults;
  // With the lock, a transaction of any process may be in the way.
  const noOtherFaults = world.combination.lock
    ? world.faultsSoFar === 0
    : store === call.faultsThen.store && users === call.faultsThen.users;
  if (
    kind === "issueFor" &&
    !call.wait &&
    outcome === "unavailable" &&
    noOtherFaults &&
    !world.combination.badRow
  ) {
    world.violate("issueFor outlasts a dead mail server", about);
  }
}

/** A stateless token is found good for as long as the state doesn't move. A confirm also looks at what was used. */
function seemsGood({ world }: History, { kind }: Link): boolean {
  return world.combination.constantState && (kind === "signed" || kind === "django");
}

function movedSince({ accounts }: History, { startedAt, link }: Call): boolean {
  return accounts.people.get(link!.account)!.movedAt >= startedAt;
}

/** Whether nothing excuses a refusal: no fault, no other confirm that may hold the token, no code that is used up. */
function mustSucceed({ world, model }: History, call: Call): boolean {
  const link = call.link!;
  if (call.generation < link.generation || hadFaults(call)) return false;
  if (world.jumpedAt >= call.startedAt - minute) return false;
  const isBlocked = model.calls.some(
    (other) =>
      other !== call &&
      other.kind === "confirm" &&
      other.link?.account === link.account &&
      (other.endedAt ?? Infinity) >=
        call.startedAt - (other.outcome === "lost" || hadFaults(other) ? 4 * minute : 0),
  );
  if (isBlocked) return false;
  if (call.by === "link") return true;
  const isSure =
    call.startedOn < link.codeExpiresAt! - skew &&
    call.identifier!.toLowerCase() === link.bound.email.toLowerCase();
  return isSure && triesAt(model, call) < 3;
}

/** How many tries at codes may have been charged to an identifier. */
function triesAt(model: Model, call: Call): number {
  const key = call.identifier!.toLowerCase();
  return model.calls.filter(
    (other) =>
      other !== call &&
      other.identifier?.toLowerCase() === key &&
      (other.by === "code" || other.by === "garbage") &&
      (isFailedTry(other) || mayBeCharged(other, call)),
  ).length;
}

/** What counts as an attempt that failed: a token that isn't good, and a wrong answer beside one that is. */
function isFailedTry({ outcome, answer }: Call): boolean {
  return outcome === "invalid_token" || (outcome === "second_factor" && answer !== "none");
}

/** A use is charged while it is under way, and what is found good is given back after it. */
function mayBeCharged({ outcome, process, faultsThen, endedAt }: Call, during: Call): boolean {
  if (outcome === "open" || outcome === "lost" || endedAt! >= during.startedAt) return true;
  // Given up at its time limit, but charged behind a slow step, and given back only then.
  if (outcome === "unavailable" && process.slowUntil >= during.startedAt) return true;
  return process.faults.store > faultsThen.store;
}

function hadFaults({ process, faultsThen }: Call): boolean {
  return countFaults(process) > faultsThen.store + faultsThen.users + faultsThen.mail;
}

/** A count may be ten seconds old if the one before was slow, and takes its time; a network's minute outlasts the flood. */
const countedWithin = 14_000;
const crowdedFor = minute + countedWithin;

/** The queue holds what it may, and what came since it was counted. Looked at by each request. */
export async function checkQueue({ world, model, shared }: History, process: Process): Promise<void> {
  const { now } = world.scheduler;
  // Behind a commit that hangs it can't be looked at, and waits no longer than any call.
  const waiting = await shared.queued(world.clockOf(process)).catch(() => 0);
  if (waiting > 0) model.crowdedAt = now;
  // What hangs or fails may hide the queue from those who count it.
  if (world.faultsSoFar > 0 || world.jumpedAt > -Infinity) return;
  const recent = model.calls.filter(
    ({ kind, startedAt }) => kind !== "request" || startedAt >= now - countedWithin,
  );
  // What was too much stays until a worker takes it.
  model.mostAtOnce = Math.max(model.mostAtOnce, recent.length);
  const most = world.combination.maxWaiting + model.mostAtOnce;
  if (waiting > most)
    world.violate("the queue keeps its bound", `${waiting} entries wait, of ${most} at most`);
}

function checkThrottled({ world, model }: History, call: Call): void {
  // By when it began: a step that takes minutes may end long after the flood that it was counted in.
  if (call.kind === "request" && call.startedAt - model.crowdedAt <= crowdedFor) return;
  if (call.kind === "confirm" && asksMore(world, call) && answersAt(model, call) >= 5) return;
  const isFair = world.combination.throttles === "fair";
  const isRequest = call.kind === "request";
  const max = isRequest ? (isFair ? 5 : 3) : isFair ? 30 : 5;
  const charged = model.calls.filter(
    (other) =>
      other !== call &&
      (other.kind === call.kind || (isFair && !isRequest && other.kind !== "request")) &&
      other.ip === call.ip &&
      (!isFair || !isRequest || other.identifier?.toLowerCase() === call.identifier?.toLowerCase()) &&
      (mayBeCharged(other, call) ||
        other.outcome === "throttled" ||
        (call.kind === "request"
          ? other.outcome === "ok" || other.outcome === "unknown_account"
          : isFailedTry(other))),
  );
  if (charged.length < max)
    world.violate(
      "only uses are charged",
      `${call.kind} ${call.id} was throttled after ${charged.length} uses`,
    );
}

/** How many answers to the second factor of the account may have been charged. */
function answersAt(model: Model, call: Call): number {
  return model.calls.filter(
    (other) =>
      other !== call &&
      other.kind === "confirm" &&
      other.account === call.account &&
      other.answer !== "none" &&
      (other.outcome === "second_factor" || mayBeCharged(other, call)),
  ).length;
}

// ─── When all is done ────────────────────────────────────────────────────────────────────────────────

type Finish = (make: (member: Member) => Call) => Promise<Call | undefined>;

export async function checkEnd(history: History, finish: Finish, settle: () => Promise<void>): Promise<void> {
  const { world, model } = history;
  if (world.violation) return;
  checkRequests(history);
  await checkDebts(history);
  await checkRows(history);
  await checkLinks(history, finish);
  await confirmOnce(history, finish);
  await settle();
  if (world.violation) return;
  await checkDebts(history);
  await checkEmptied(history, finish);
  void model;
}

const isAtLimit = (reason: string) => reason === "over_cap" || reason === "mailbox_full";

/** Every accepted request ends in a mail, a stated reason, or its deadline. */
function checkRequests(history: History): void {
  const { world, model, accounts } = history;
  const { combination } = world;
  const deadline = combination.deadline === "2h" ? 120 * minute : 10 * minute;
  for (const call of model.calls) {
    if (call.outcome !== "ok") continue;
    if (call.kind !== "request" && call.kind !== "issueFor") continue;
    // What is dropped at its deadline is told, unless the process dies between the two.
    const ends = [...model.givenUp, ...world.diedOn];
    if (ends.some((at) => at >= call.startedOn + deadline - skew)) continue;
    const after = <T extends { at: number }>({ at }: T) => at >= call.startedAt;
    const isSurplus = ({ reason, at }: Refusal) =>
      reason === "already_waiting" && at >= call.startedAt && at <= call.endedAt!;
    if (call.kind === "request" && model.refusals.some(isSurplus)) continue;
    const found =
      call.kind === "request" ? accounts.find(call.identifier!).map(({ id }) => Number(id)) : [call.account!];
    for (const id of found) {
      const person = accounts.people.get(id)!;
      if (person.movedAt >= call.startedAt || !person.active || person.hold) continue;
      if (combination.badRow && id === 2) continue;
      const isMailed = model.mails.some(
        (mail) => mail.kind === "reset" && mail.account === id && after(mail),
      );
      const isOver = model.refusals.some(
        (each) => isAtLimit(each.reason) && each.account === id && after(each),
      );
      if (isMailed || (isOver && call.kind === "request")) continue;
      world.violate("every request is answered", `${call.kind} ${call.id} for account ${id} came to nothing`);
    }
    if (call.kind !== "request" || found.length > 0 || !combination.notifyUnknown) continue;
    const typed = call.identifier!;
    const told = model.mails.filter(
      ({ kind, to }) => kind === "unknown" && to.toLowerCase() === typed.toLowerCase(),
    );
    const wasSomebodys = [...accounts.people.values()].some(({ movedAt }) => movedAt >= 0);
    if (wasSomebodys || told.some(after) || told.length >= combination.maxLive) continue;
    world.violate("every request is answered", `request ${call.id} for an unknown address came to nothing`);
  }
  if (world.faultsSoFar === 0 && world.jumpedAt < 0) checkMailCount(history);
  if (
    !combination.notifyUnknown &&
    model.mails.some(({ kind }) => kind === "unknown" || kind === "ineligible")
  ) {
    world.violate("unknown addresses get no mail", "one did");
  }
}

/** Where nothing went wrong, nobody gets more mails than were asked for. */
function checkMailCount({ world, model, accounts }: History): void {
  for (const [id, { movedAt }] of accounts.people) {
    if (movedAt >= 0) continue;
    const mailedBy = (kind: Link["by"]) =>
      model.links.filter(({ account, by }) => account === id && by === kind).length;
    const issued = model.calls.filter(({ kind, account }) => kind === "issueFor" && account === id).length;
    if (mailedBy("issueFor") > issued)
      world.violate("one mail per request", `account ${id} got more than the ${issued} that were issued`);
    const mailed = mailedBy("request");
    const asked = model.calls.filter(
      ({ kind, identifier }) =>
        kind === "request" && accounts.find(identifier!).some((found) => Number(found.id) === id),
    ).length;
    if (mailed > asked)
      world.violate("one mail per request", `account ${id} got ${mailed} for ${asked} requests`);
  }
}

/** A changed password is followed by ended sessions, dead siblings, and a notice to the address before. */
async function checkDebts({ world, model, accounts, shared }: History): Promise<void> {
  const { combination } = world;
  // Whether a change was made is seen by the state, and this one doesn't move: the application is told.
  if (combination.constantState && world.faultsSoFar > 0) return;
  for (const { account, at, revokesBefore, address } of model.debts) {
    const about = `the password of account ${account}`;
    if (accounts.sessions.get(account)!.some((begin) => begin < at)) {
      world.violate("sessions end with a changed password", about);
    }
    const owed = model.debts.filter((debt) => debt.account === account && debt.address === address);
    const told = model.mails.filter(
      (mail) =>
        mail.kind === "changed" && mail.account === account && mail.to === address && mail.at >= owed[0]!.at,
    );
    const isUnreadable = combination.badRow && account === 2;
    if (told.length < owed.length && !isUnreadable) {
      world.violate(
        "the owner is told of a changed password",
        `${about}: ${told.length} of ${owed.length} notices`,
      );
    }
    for (const row of await shared.bare.tokens.liveOf(account, { scope: "", now: 0 })) {
      const putAt = shared.putAt.get(Buffer.from(row.lookup).toString("hex")) ?? Infinity;
      if (putAt < revokesBefore) world.violate("siblings end with a changed password", `${about} left a row`);
    }
  }
}

/**
 * No account keeps more rows than it may, and one that the application issued; beside each kind one more whose email was
 * not accepted.
 */
async function checkRows({ world, shared }: History): Promise<void> {
  const most = world.combination.maxLive + 1;
  for (const id of [1, 2, 3]) {
    const rows = await shared.bare.tokens.liveOf(id, { scope: "", now: world.clockOf(undefined) });
    const accepted = rows.filter(({ delivery }) => delivery === "accepted");
    // What fails between noting an email as accepted and removing what it replaces leaves one.
    if (accepted.length > most + world.faultsSoFar || rows.length > most + 2 + world.faultsSoFar)
      world.violate("tables keep their bounds", `account ${id} has ${rows.length} rows`);
  }
}

/** Good links are good, and dead ones dead. */
async function checkLinks(history: History, finish: Finish): Promise<void> {
  for (const link of history.model.links) {
    const expected = history.isGood(link);
    if (expected === undefined) continue;
    const call = await finish((member) => history.validate(member, link, "link"));
    if (!call) return;
    if (history.isGood(link) !== expected || call.outcome === "throttled") continue;
    if (!expected && history.world.combination.constantState && history.world.faultsSoFar > 0) continue;
    const about = `a link of account ${link.account}, mailed at ${link.mailedAt} ms`;
    if (expected && call.outcome !== "ok")
      history.world.violate("good links stay good", `${about}: ${call.outcome}`);
    if (!expected && call.outcome === "ok" && !seemsGood(history, link))
      history.world.violate("dead tokens are refused", about);
  }
}

/** Whatever happened: whoever has a good link can use it now. */
async function confirmOnce(history: History, finish: Finish): Promise<void> {
  for (const account of [1, 2, 3]) {
    const link = history.model.links.findLast(
      (each: Link) => each.account === account && history.isGood(each),
    );
    if (!link) continue;
    const call = await finish((member) => history.confirm(member, link, "link"));
    // A state that doesn't move is reported to the developer, in place of every changed password if it's in a transaction.
    const isReported = call?.outcome === "threw" && history.world.combination.constantState;
    const isUsedUp = call?.outcome === "throttled" && answersAt(history.model, call) >= 5;
    if (call && call.outcome !== "ok" && !isReported && !isUsedUp)
      history.world.violate("good links stay good", `the confirm of account ${account}: ${call.outcome}`);
  }
}

/** When everything has expired, nothing is left. */
async function checkEmptied(history: History, finish: Finish): Promise<void> {
  const { world, shared } = history;
  world.jump(8 * 24 * 60 * minute);
  const call = await finish((member) =>
    history.call(member, { kind: "clearExpired" }, ({ engine }) => engine.clearExpired()),
  );
  if (!call) return;
  const rows = await shared.bare.tokens.list({ limit: 10 });
  if (rows.length > 0) world.violate("tables keep their bounds", `${rows.length} rows are left`);
  const waiting = await shared.waiting();
  if (waiting > 0) world.violate("tables keep their bounds", `${waiting} intents are left`);
  // Windows that are still open when everything has ended: all others should have been removed.
  const counters = await shared.bare.counters.removeExpired(world.clockOf(undefined), 10_000);
  if (counters > 0) world.violate("tables keep their bounds", `${counters} counters are left`);
}
