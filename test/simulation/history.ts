/** One history: what people do and what goes wrong, and whether everything that must hold held. */
import { ResetError, type Message } from "resetkit";
import { Accounts, type Person } from "./accounts.js";
import { Fleet, kindsOf, type Break, type Member } from "./fleet.js";
import {
  checkAddress,
  checkAnswers,
  checkEnd,
  checkOutcome,
  checkQueue,
  checkSetting,
  readCall,
} from "./invariants.js";
import { Model, skew, type Call, type Link } from "./model.js";
import { paces, type Action, type Answer, type Plan, type Who } from "./plan.js";
import type { Process } from "./scheduler.js";
import { openStore, type Shared } from "./store.js";
import { World, type Violation } from "./world.js";

export interface Result {
  readonly violation: Violation | undefined;
  readonly lines: readonly string[];
  readonly events: number;
  /** Equal for equal histories. */
  readonly checksum: number;
}

/** The world whose history runs: an error that nobody catches is its fault. */
export let running: World | undefined;

export async function runHistory(
  plan: Plan,
  { recording = false, broken = (options) => options }: { recording?: boolean; broken?: Break } = {},
): Promise<Result> {
  const history = new History(plan, recording);
  running = history.world;
  await history.run(plan, broken);
  const { violation, lines, scheduler } = history.world;
  return { violation, lines, events: scheduler.events, checksum: scheduler.checksum };
}

interface ConfirmOrder {
  readonly quality: "good" | "weak";
  readonly answer?: Answer | undefined;
  readonly beside?: string | undefined;
}

const minute = 60_000;
/** How long everything may take once nothing goes wrong any more. */
const settling = 4 * 60 * minute;

export class History {
  readonly world: World;
  readonly model: Model;
  readonly accounts: Accounts;
  fleet!: Fleet;
  shared!: Shared;

  constructor(plan: Plan, recording: boolean) {
    this.world = new World(plan, recording);
    this.model = new Model(plan.combination);
    this.accounts = new Accounts(this.world, {
      hashing: (password) => this.#hashing(password),
      hashed: (password) => void (readCall(this.model, password)!.hashedAt = this.world.scheduler.now),
      setting: (before, secret) => checkSetting(this, before, secret),
      judged: (account, process, isRight) => checkAnswers(this, account, process, isRight),
      set: (before, secret) => this.#set(before, secret),
    });
  }

  async run(plan: Plan, broken: Break): Promise<void> {
    const { world, accounts } = this;
    const { scheduler } = world;
    this.shared = await openStore(world, accounts);
    this.fleet = new Fleet(world, accounts, this.shared, this, broken);
    for (const action of plan.actions) {
      scheduler.after(action.at, undefined, action.kind, () => this.act(action));
    }
    let last = plan.actions.at(-1)?.at ?? 0;
    for (const fault of plan.faults) {
      last = Math.max(last, fault.kind === "outage" ? fault.to : fault.at);
      if (fault.kind === "jump") scheduler.after(fault.at, undefined, "jump", () => world.jump(fault.by));
      if (fault.kind === "deploy") {
        scheduler.after(fault.at, undefined, "deploy", () => void this.fleet.deploy(fault.gap));
      }
    }
    await this.#until(() => false, last + 3 * paces[plan.combination.pace].tick + 5_000);
    await this.#calm();
    await this.#settle();
    await checkEnd(
      this,
      (action) => this.#finish(action),
      () => this.#settle(),
    );
    this.shared.close();
  }

  /** From here on nothing goes wrong, and every process has the newest secrets. */
  async #calm(): Promise<void> {
    const { world, fleet } = this;
    world.calm = true;
    world.note(undefined, "— nothing goes wrong from here on —");
    await this.#until(() => fleet.isReady, world.scheduler.now + 15 * minute);
    // Traffic goes on: a process whose worker is inside begins to work with its first request.
    for (const member of fleet.members) {
      if (!member || !fleet.isWeb(member.process.slot)) continue;
      if (world.combination.revealUnknown)
        world.scheduler.after(0, member.process, "work", () => void member.engine.work());
      else this.request(member, "somebody@example.com", `198.51.100.${member.process.slot}`);
    }
  }

  /** Waits until all is done. */
  async #settle(): Promise<void> {
    const { world, model, accounts, shared } = this;
    const { scheduler } = world;
    const horizon = scheduler.now + settling;
    // Leases of those that died end by themselves.
    const earliest = scheduler.now + 65_000;
    while (!world.violation) {
      await this.#until(() => false, Math.min(horizon, scheduler.now + 65_000));
      if (scheduler.now < earliest) continue;
      const open = model.calls.filter(({ outcome }) => outcome === "open");
      const isBlocked = accounts.isInTransaction;
      const waiting = isBlocked ? 1 : await shared.waiting();
      if (open.length === 0 && waiting === 0) return;
      if (scheduler.now < horizon) continue;
      const names = open.map(({ kind, id }) => `${kind} ${id}`).join(", ");
      if (open.length > 0) world.violate("no call blocks", `${names} never ended`);
      else if (isBlocked) world.violate("no call blocks", "a transaction is never ended");
      else world.violate("the queue drains", `${waiting} intents are still queued after 4 hours`);
    }
  }

  async #until(ended: () => boolean, horizon: number): Promise<void> {
    const { world } = this;
    await world.scheduler.run(() => world.violation !== undefined || ended(), horizon);
  }

  /** Makes a call, and waits until it has ended. */
  async #finish(make: (member: Member) => Call): Promise<Call | undefined> {
    const { world, fleet } = this;
    const member = fleet.web(0);
    if (!member || world.violation) return undefined;
    const call = make(member);
    await this.#until(() => call.outcome !== "open", world.scheduler.now + settling);
    if (call.outcome === "open") world.violate("no call blocks", `${call.kind} ${call.id} never ended`);
    return world.violation ? undefined : call;
  }

  // ─── What people do ──────────────────────────────────────────────────────────────────────────────────

  act(action: Action): void {
    const member = this.fleet.web(action.process);
    switch (action.kind) {
      case "change":
        return void this.#change(action.who, action.what);
      case "signIn":
        return void this.#signIn(action.who);
    }
    if (!member) return;
    switch (action.kind) {
      case "request":
        this.request(member, spell(this.addressOf(action.who), action.spelling), action.ip);
        break;
      case "validate": {
        const link = this.linkFor(action.who, action.pick, action.by);
        for (let time = 0; link && time < action.times; time++) this.validate(member, link, action.by);
        break;
      }
      case "confirm": {
        const link = this.linkFor(action.who, action.pick, action.by);
        if (!link) break;
        const beside = action.stolen ? this.addressOf(((action.who % 3) + 1) as Who) : undefined;
        const order = { quality: action.password, answer: action.answer, beside };
        this.confirm(member, link, action.by, order);
        const other = this.fleet.web(action.process + 1) ?? member;
        if (action.twice) this.confirm(other, link, action.by, order);
        break;
      }
      case "answers": {
        const link = this.linkFor(action.who, action.pick, "link");
        for (let time = 0; link && time < action.times; time++) {
          this.confirm(member, link, "link", { quality: "good", answer: "wrong" });
        }
        break;
      }
      case "flood":
        this.#flood(action);
        break;
      case "guess":
        for (let time = 0; time < action.times; time++) this.guess(member, action.who, time);
        break;
      case "issueFor":
        this.issueFor(member, action.who, action.wait);
        break;
      case "revoke":
        this.revoke(member, action.who);
        break;
      case "clearExpired":
        this.call(member, { kind: "clearExpired" }, ({ engine }) => engine.clearExpired());
    }
  }

  /** Each request goes to the process that takes it then. */
  #flood({ requests, networks, lasts, process }: Action & { kind: "flood" }): void {
    for (let number = 0; number < requests; number++) {
      const at = Math.floor((number * lasts) / requests);
      this.world.scheduler.after(at, undefined, "flood", () => {
        const member = this.fleet.web(process + number);
        const from = `100.64.${number % networks}.${number % 250}`;
        if (member) this.request(member, `flood${number}@example.org`, from);
      });
    }
  }

  request(member: Member, identifier: string, ip: string): Call {
    if (this.world.combination.maxWaiting === 100) void checkQueue(this, member.process);
    return this.call(member, { kind: "request", identifier, ip }, ({ engine }) =>
      engine.request({ identifier }, { ip }),
    );
  }

  validate(member: Member, link: Link, by: "link" | "code"): Call {
    const presented = this.#present(link, by);
    const context = { ip: "192.0.2.1" };
    return this.call(
      member,
      { kind: "validate", link, account: link.account, by, identifier: presented.identifier, ...context },
      ({ engine }) => engine.validate(presented, this.world.calm ? {} : context),
    );
  }

  confirm(
    member: Member,
    link: Link,
    by: "link" | "code",
    { quality, answer = "right", beside }: ConfirmOrder = { quality: "good" },
  ): Call {
    const presented = this.#present(link, by, beside);
    const password = `Pw${this.model.calls.length + 1}-${quality}`;
    const context = { ip: "192.0.2.1" };
    return this.call(
      member,
      {
        kind: "confirm",
        link,
        account: link.account,
        by,
        password,
        answer,
        identifier: presented.identifier,
        ...context,
      },
      ({ engine }) =>
        engine.confirm(
          { ...presented, password, ...(answer !== "none" && { secondFactor: answer }) },
          this.world.calm ? {} : context,
        ),
    );
  }

  guess(member: Member, who: Who, time: number): Call {
    const identifier = this.addressOf(who);
    const token = `1234567${time}`;
    const ip = "203.0.113.9";
    return this.call(member, { kind: "validate", by: "garbage", identifier, ip }, ({ engine }) =>
      engine.validate({ token, identifier }, { ip }),
    );
  }

  issueFor(member: Member, account: Who, wait = false): Call {
    const user = this.accounts.read(account)!;
    return this.call(member, { kind: "issueFor", account, wait }, ({ engine }) =>
      engine.issueFor(user, { lifetime: "7d", template: "invitation", wait }),
    );
  }

  revoke(member: Member, account: Who): Call {
    const user = this.accounts.read(account)!;
    const call = this.call(member, { kind: "revoke", account }, ({ engine }) => engine.revoke(user));
    this.model.revokes.push(call);
    return call;
  }

  /** Makes a call at a process, and notes how it ends. */
  call(
    { process, engine }: Member,
    about: Pick<Call, "kind"> & Partial<Call>,
    work: (member: Member) => Promise<unknown>,
  ): Call {
    const { world, model } = this;
    const call: Call = {
      ...{ id: model.calls.length + 1, process, generation: process.generation },
      ...{ startedAt: world.scheduler.now, startedOn: world.clockOf(process) },
      ...{ faultsBefore: world.faultsSoFar, faultsThen: { ...process.faults } },
      ...{ endedAt: undefined, outcome: "open", hashingAt: undefined, hashedAt: undefined, hasSet: false },
      ...about,
      wasGood: about.link && this.isGood(about.link),
    };
    model.calls.push(call);
    world.note(process, `${describe(call)} begins`);
    world.scheduler.after(0, process, call.kind, () => {
      void Promise.resolve()
        .then(() => work({ process, engine }))
        .then(
          (answer) => this.#end(call, answer === false ? "invalid_token" : "ok", answer),
          (error) => this.#end(call, error instanceof ResetError ? error.code : "threw", error),
        );
    });
    return call;
  }

  #end(call: Call, outcome: string, answer: unknown): void {
    call.outcome = outcome;
    call.endedAt = this.world.scheduler.now;
    // Behind a transaction that hangs, the queue fills only when the requests end.
    if (call.kind === "request" && this.world.combination.maxWaiting === 100)
      void checkQueue(this, call.process);
    this.world.note(
      call.process,
      `${describe(call)}: ${outcome}${outcome === "threw" ? ` ${String(answer)}` : ""}`,
    );
    checkOutcome(this, call, answer);
  }

  async #change(who: Who, what: "address" | "status" | "password" | "hold"): Promise<void> {
    const { accounts, world } = this;
    await accounts.free();
    const person = accounts.people.get(who)!;
    world.note(undefined, `account ${who} changes its ${what}`);
    if (what === "address") accounts.update(who, { email: `${person.version}.${person.email}`.slice(-40) });
    if (what === "status") accounts.update(who, { active: !person.active });
    if (what === "password") accounts.update(who, { password: accounts.hash("elsewhere", 0) });
    if (what === "hold") accounts.update(who, { hold: !person.hold });
  }

  async #signIn(who: Who): Promise<void> {
    const { accounts, world } = this;
    await accounts.free();
    accounts.sessions.get(who)!.push(world.scheduler.now);
    const lastLogin = new Date(world.clockOf(undefined)).toISOString().replace("Z", "000+00:00");
    if (world.combination.tokens.includes("django")) accounts.update(who, { lastLogin });
    world.note(undefined, `account ${who} signs in`);
  }

  // ─── What the engines do ─────────────────────────────────────────────────────────────────────────────

  async deliver(process: Process, message: Message<Person>): Promise<void> {
    const { world, model } = this;
    const link = message.kind === "reset" ? this.#linkOf(process, message) : undefined;
    if (link) model.links.push(link);
    const account = message.kind === "unknown" ? undefined : Number(message.user.id);
    await world.step(process, "mail", `deliver ${message.kind}`, () => {
      if (link) link.mailedAt ??= world.scheduler.now;
      checkAddress(this, account, message.address);
      model.mails.push({ kind: message.kind, to: message.address, account, at: world.scheduler.now });
      world.note(process, `a ${message.kind} mail for ${account ?? "nobody"} reaches ${message.address}`);
    });
    if (link) link.faultsThen = countFaults(process);
  }

  event(process: Process, name: string, event: any): void {
    const { world, model } = this;
    const at = world.scheduler.now;
    const account = event.userId === undefined ? undefined : Number(event.userId);
    if (name === "refused" && event.stage === "mail") {
      world.note(process, `event refused: ${event.reason} ${account ?? ""}`);
      model.refusals.push({ account, reason: event.reason, at });
    }
    if (name === "failed") {
      world.note(process, `event failed${event.final ? " for good" : ""}: ${event.what}, ${event.reason}`);
      if (event.final && event.what !== "listener") this.gaveUp();
    }
    if (name === "delivered" && event.kind === "reset") {
      const link = model.links.findLast(
        (each) => each.process === process && each.account === account && !each.isKnown,
      );
      if (link?.faultsThen === countFaults(process)) link.isKnown = true;
    }
  }

  gaveUp(): void {
    this.model.givenUp.push(this.world.clockOf(undefined));
  }

  died(process: Process): void {
    for (const call of this.model.calls) {
      if (call.process !== process || call.outcome !== "open") continue;
      call.outcome = "lost";
      call.endedAt = this.world.scheduler.now;
    }
  }

  #linkOf(process: Process, message: Message<Person> & { kind: "reset" }): Link {
    const { token, code, address, user, expiresAt, codeExpiresAt, template } = message;
    return {
      ...{ token, code, to: address, account: Number(user.id), expiresAt: expiresAt.getTime() },
      codeExpiresAt: codeExpiresAt?.getTime(),
      kind: kindsOf(this.world.combination, process.generation)[0]!,
      by: template === "invitation" ? "issueFor" : "request",
      ...{ generation: process.generation, process, startedAt: this.world.scheduler.now },
      // What the engine made the token for, whatever types the look-up gave.
      bound: { ...user, active: Boolean(user.active) },
      ...{ mailedAt: undefined, faultsThen: undefined, isKnown: false, usedBy: undefined },
    };
  }

  #hashing(password: string): void {
    const { world, model } = this;
    const call = readCall(model, password)!;
    const { now } = world.scheduler;
    call.hashingAt = now;
    const other = model.calls.find(
      (each) => each !== call && each.link && each.link.token === call.link?.token && isHashing(each),
    );
    // The first has the token for a minute.
    if (other && now - other.startedAt < 55_000 && world.jumpedAt < other.startedAt) {
      world.violate("one caller hashes", `confirms ${other.id} and ${call.id} hash a password for one token`);
    }
  }

  #set(before: Person, secret: string): void {
    const { world, model } = this;
    const call = readCall(model, secret);
    const account = Number(before.id);
    world.note(call?.process, `the password of account ${account} is set by confirm ${call?.id}`);
    if (!call?.link) return;
    call.hasSet = true;
    for (const link of model.links) if (link.token === call.link.token) link.usedBy = call.id;
    // One that takes effect later than this after it was given up isn't looked for any more (decision 115).
    if (call.endedAt !== undefined && world.scheduler.now > call.endedAt + 8 * minute) return;
    // Nor one in a transaction whose queue failed just then: the log says that nobody will look.
    const isUnwatched = world.combination.lock && call.process.faults.store > call.faultsThen.store;
    if (call.endedAt !== undefined && isUnwatched) return;
    const revokesBefore = (call.hashedAt ?? call.startedAt) - skew;
    model.debts.push({ account, at: world.scheduler.now, revokesBefore, address: before.email });
  }

  // ─── What is known ───────────────────────────────────────────────────────────────────────────────────

  addressOf(who: Who | "nobody"): string {
    return who === "nobody" ? "nobody@example.com" : this.accounts.people.get(who)!.email;
  }

  isGood(link: Link): boolean | undefined {
    return this.model.isGood(link, this.accounts.people.get(link.account)!, this.world.clockOf(undefined));
  }

  /** One of the mails in the mailbox of an account, most often the newest. */
  linkFor(who: Who, pick: number, by: "link" | "code"): Link | undefined {
    const mailed = this.model.links.filter(
      (link) => link.account === who && link.mailedAt !== undefined && (by === "link" || link.code),
    );
    return mailed.at(-1 - Math.floor(pick * pick * mailed.length));
  }

  #present(link: Link, by: "link" | "code", beside?: string) {
    if (by === "link") return { token: link.token };
    return { token: link.code!, identifier: beside ?? this.addressOf(link.account as Who) };
  }
}

function isHashing({ hashingAt, hashedAt, outcome }: Call): boolean {
  return hashingAt !== undefined && hashedAt === undefined && outcome === "open";
}

export function countFaults({ faults }: Process): number {
  return faults.store + faults.users + faults.mail;
}

/** What was typed for an address: another spelling of the same. */
function spell(address: string, spelling: number): string {
  const [name, host] = address.split("@") as [string, string];
  return [address, address.toLowerCase(), address.toUpperCase(), `${name.toUpperCase()}@${host}`][spelling]!;
}

function describe({ kind, id, identifier, account, by }: Call): string {
  const about =
    kind === "request" ? identifier : [account && `account ${account}`, by].filter(Boolean).join(" by ");
  return `${kind} ${id}${about ? ` (${about})` : ""}`;
}
