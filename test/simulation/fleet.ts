/** The processes of the application: each is an engine of its own on the shared store. */
import {
  djangoTokens,
  passwordReset,
  randomNumber,
  signedTokens,
  storedTokens,
  type Message,
  type PasswordReset,
  type ResetOptions,
  type TokenStrategy,
} from "resetkit";
import type { Accounts, Person } from "./accounts.js";
import type { Combination, TokenKind } from "./plan.js";
import { paces } from "./plan.js";
import type { Process } from "./scheduler.js";
import type { Shared } from "./store.js";
import type { World } from "./world.js";

/** Told of what an engine says and sends. */
export interface FleetListener {
  deliver(process: Process, message: Message<Person>): Promise<void>;
  event(process: Process, name: string, event: any): void;
  died(process: Process): void;
  /** A log says that something was dropped; the process may die before its event. */
  gaveUp(): void;
}

/** Breaks something on purpose, from outside of the engine. */
export type Break = (options: ResetOptions<any>) => ResetOptions<any>;

export interface Member {
  readonly process: Process;
  readonly engine: PasswordReset<Person>;
}

const secrets = ["0: a secret of the simulation, abcdefghijkl", "1: a secret of the simulation, mnopqrstuvw"];
const django = { secretKey: "a secret key of a Django site, abcdefghijklmnopq", ids: "integer" } as const;

const strategies: Record<TokenKind, () => TokenStrategy> = {
  stored: () => storedTokens(),
  codes: () => storedTokens({ generator: randomNumber({ digits: 8 }) }),
  signed: () => signedTokens({ ids: "integer" }),
  django: () =>
    djangoTokens({
      ...django,
      user: (user: Person) => ({ password: user.password, lastLogin: user.lastLogin, email: user.email }),
    }),
};

const throttles: Record<Combination["throttles"], NonNullable<ResetOptions<Person>["throttles"]>> = {
  none: false,
  few: {
    request: [{ by: "ip", max: 3, per: "24h" }],
    validate: [{ by: "ip", max: 5, per: "1h" }],
    confirm: [{ by: "ip", max: 5, per: "1h" }],
  },
  fair: "fair",
};

/** With each deploy the list of kinds is turned around, and a new secret comes in front of the old one. */
export function kindsOf({ tokens }: Combination, generation: number): readonly TokenKind[] {
  return generation % 2 === 0 ? tokens : tokens.toReversed();
}

export class Fleet {
  readonly members: (Member | undefined)[];
  /** What the next process that starts runs. */
  generation = 0;
  readonly #world: World;
  readonly #accounts: Accounts;
  readonly #shared: Shared;
  readonly #listener: FleetListener;
  readonly #broken: Break;
  #started = 0;

  constructor(world: World, accounts: Accounts, shared: Shared, listener: FleetListener, broken: Break) {
    this.#world = world;
    this.#accounts = accounts;
    this.#shared = shared;
    this.#listener = listener;
    this.#broken = broken;
    const { processes, worker } = world.combination;
    this.members = new Array<Member | undefined>(processes + (worker === "outside" ? 1 : 0));
    for (let slot = 0; slot < this.members.length; slot++) this.start(slot);
  }

  /** Whether a process takes requests, and not just work off the queue. */
  isWeb(slot: number): boolean {
    return slot < this.#world.combination.processes;
  }

  /** A process that takes requests: that one, or another if it's down. */
  web(slot: number): Member | undefined {
    const alive = this.members
      .filter((_, index) => this.isWeb(index))
      .filter((member) => member?.process.alive);
    return alive.find((member) => member!.process.slot === slot) ?? alive[0];
  }

  start(slot: number): void {
    this.#world.scheduler.after(0, undefined, "start", () => {
      const process: Process = {
        ...{ name: `${this.isWeb(slot) ? "web" : "work"}${slot}`, slot, generation: this.generation },
        ...{ alive: true, steps: 0, faults: { store: 0, users: 0, mail: 0 }, slowUntil: 0 },
        skew: [0, 700, -900][this.#started++ % 3]!,
        onDeath: new Set(),
      };
      process.onDeath.add(() => this.#onDeath(process));
      this.#world.scheduler.after(0, process, "start", () => this.#begin(process));
    });
  }

  #begin(process: Process): void {
    try {
      const engine = this.#engine(process);
      this.members[process.slot] = { process, engine };
      if (!this.isWeb(process.slot)) void engine.work();
    } catch (error) {
      this.#world.violate("every combination starts", String(error));
    }
  }

  /** Whether every process runs what was deployed last. */
  get isReady(): boolean {
    return Array.from(this.members).every(
      (member) => member?.process.alive && member.process.generation === this.generation,
    );
  }

  /** Every process is replaced, one after the other. */
  async deploy(gap: number): Promise<void> {
    const { scheduler } = this.#world;
    // What starts at the very first runs what was deployed before.
    await scheduler.turn(undefined, "deploy", 1_000);
    this.generation = 1;
    for (let slot = 0; slot < this.members.length; slot++) {
      // One that is down starts with what is new by itself.
      const member = this.members[slot];
      if (member?.process.alive && member.process.generation < this.generation) await this.#replace(member);
      await scheduler.turn(undefined, "deploy", gap);
    }
  }

  /** It's asked to stop, and ended ten seconds later. */
  async #replace({ process, engine }: Member): Promise<void> {
    const { scheduler } = this.#world;
    this.#world.note(process, "is asked to stop, for a deploy");
    scheduler.after(0, process, "close", () => void engine.close());
    await scheduler.turn(undefined, "deploy", 10_000);
    this.#world.kill(process);
  }

  #onDeath(process: Process): void {
    this.#listener.died(process);
    const delay = this.#world.random.pick([100, 5_000, 90_000]);
    this.#world.scheduler.after(delay, undefined, "restart", () => this.start(process.slot));
  }

  #engine(process: Process): PasswordReset<Person> {
    const { combination } = this.#world;
    const { generation } = process;
    const line = (level: string) => (text: string) => {
      this.#world.note(process, `log ${level}: ${text}`);
      if (/not done within|dropped/.test(text)) this.#listener.gaveUp();
      if (combination.logThrows) throw new Error("the log is full");
    };
    const { tick } = paces[combination.pace];
    const engine = passwordReset<Person>(
      this.#broken({
        users: this.#accounts.usersOf(process),
        store: this.#shared.of(process),
        secret: generation === 0 ? [secrets[0]!] : [secrets[1]!, secrets[0]!],
        tokens: kindsOf(combination, generation).map((kind) => strategies[kind]()),
        url: "https://example.com/reset/{token}",
        deliver: (message) => this.#listener.deliver(process, message),
        lifetime: combination.lifetime,
        maxLive: combination.maxLive,
        revealUnknown: combination.revealUnknown,
        notifyUnknown: combination.notifyUnknown,
        throttles: throttles[combination.throttles],
        ...(combination.secondFactor && { secondFactor: this.#accounts.secondFactorOf(process) }),
        validators: [(password) => (password.includes("weak") ? "This password is too weak." : undefined)],
        worker: {
          mode: combination.worker,
          tick,
          deadline: combination.deadline,
          maxWaiting: combination.maxWaiting,
        },

        clock: () => this.#world.clockOf(process),
        log: { info: line("info"), warn: line("warn"), error: line("error") },
      }),
    );
    for (const name of eventNames) {
      engine.on(name, (event) => this.#listener.event(process, name, event));
      if (combination.listener === "throws") {
        if (name !== "beforeReset") engine.on(name, () => Promise.reject(new Error("a listener's mistake")));
      } else if (combination.listener === "hangs" && name !== "beforeReset") {
        engine.on(name, () => new Promise(() => undefined));
      }
    }
    return engine;
  }
}

const eventNames = ["tokenCreated", "beforeReset", "afterReset", "delivered", "refused", "failed"] as const;
