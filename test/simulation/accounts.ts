/** The application's accounts, and its side of the port `users`. */
import type { ResetOptions, StateValue, Users } from "resetkit";
import type { Process } from "./scheduler.js";
import type { World } from "./world.js";
import type { Who } from "./plan.js";

export interface Person {
  readonly id: number | string;
  readonly email: string;
  readonly password: string | null;
  readonly lastLogin: string | null;
  readonly active: boolean | number;
  /** Keeps the account from being reset, and isn't part of its state. */
  readonly hold: boolean;
  /** Counts all changes of the account. */
  readonly version: number;
  /** When its address, status or hold changed last. */
  readonly movedAt: number;
}

/** Told of what happens to this. */
export interface AccountsListener {
  hashing(password: string): void;
  hashed(password: string): void;
  /** Just before a password is stored. */
  setting(before: Person, secret: string): void;
  /** An answer to a second factor, as the engine is told. */
  judged(account: number, process: Process, isRight: boolean): void;
  /** It is stored, and committed. */
  set(before: Person, secret: string): void;
}

/** When each session of an account began. */
type Sessions = number[];

export interface Transaction {
  readonly handle: unknown;
  readonly undo: (() => void)[];
  readonly after: (() => void)[];
}

export const addressOf = (who: Who, { sharedAddress }: { sharedAddress: boolean }) =>
  [
    "",
    "Ada.Lovelace@example.com",
    "grace@example.com",
    sharedAddress ? "grace@example.com" : "Linus@example.com",
  ][who]!;

export const hasSecondFactor = ({ id }: Pick<Person, "id">) => Number(id) !== 3;

export class Accounts {
  readonly people = new Map<number, Person>();
  readonly #addresses = new Map<number, Set<string>>();
  readonly sessions = new Map<number, Sessions>();
  /** Since when an account cannot be reset. */
  readonly barredSince = new Map<number, number>();
  readonly listener: AccountsListener;
  readonly world: World;
  #transaction: Transaction | undefined;
  #waiting: (() => void)[] = [];
  #salt = 0;

  constructor(world: World, listener: AccountsListener) {
    this.world = world;
    this.listener = listener;
    for (const id of [1, 2, 3] as const) {
      const password = id === 3 && world.combination.nullHash ? null : this.hash("first", 0);
      const email = addressOf(id, world.combination);
      this.people.set(id, {
        id,
        email,
        password,
        lastLogin: null,
        active: true,
        hold: false,
        version: 0,
        movedAt: -1,
      });
      this.sessions.set(id, [0]);
      this.#addresses.set(id, new Set([email]));
    }
  }

  hash(password: string, by: number): string {
    return `$fake$${by}$${++this.#salt}$${password.length}`;
  }

  /** What a look at a row shows of it: the copy that a driver makes. */
  read(id: unknown): Person | null {
    const person = this.people.get(Number(id));
    return person ? { ...person } : null;
  }

  /** All that were ever stored. */
  addressesOf(id: number): ReadonlySet<string> {
    return this.#addresses.get(id)!;
  }

  /** Whose identifier this is, by the application's own query. */
  find(identifier: string): Person[] {
    const exact = this.world.combination.lookup === "exact";
    const key = (text: string) => (exact ? text : text.normalize("NFKC").toLowerCase());
    return [...this.people.values()].filter(({ email }) => key(email) === key(identifier));
  }

  update(id: number, changes: Partial<Person>): void {
    const before = this.people.get(id)!;
    const moves = "email" in changes || "active" in changes || "hold" in changes;
    const movedAt = moves ? this.world.scheduler.now : before.movedAt;
    const after = { ...before, ...changes, version: before.version + 1, movedAt };
    this.people.set(id, after);
    this.#addresses.get(id)!.add(after.email);
    this.#transaction?.undo.push(() => void this.people.set(id, before));
    if (after.active === true && !after.hold) this.barredSince.delete(id);
    else if (!this.barredSince.has(id)) this.barredSince.set(id, this.world.scheduler.now);
  }

  /** Resolves when no transaction is open: with `users.lock`, users and store share one connection. */
  async free(): Promise<void> {
    while (this.#transaction) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  isOpen(handle: unknown): boolean {
    return this.#transaction?.handle === handle;
  }

  /** A step that begins with the handle of a transaction that has ended would take effect outside of it, or in another. */
  checkOpen(handle: unknown, name: string): void {
    if (this.isOpen(handle)) return;
    this.world.violate("no step follows its transaction", `${name} began after its transaction had ended`);
  }

  get isInTransaction(): boolean {
    return this.#transaction !== undefined;
  }

  begin(handle: unknown): Transaction {
    return (this.#transaction = { handle, undo: [], after: [] });
  }

  /** Ends one. The next may have begun already: the connection was free a few microtasks before its caller learned of it. */
  end(transaction: Transaction, outcome: "commit" | "rollback"): void {
    if (this.#transaction === transaction) this.#transaction = undefined;
    if (outcome === "commit") for (const tell of transaction.after) tell();
    else for (const step of transaction.undo.reverse()) step();
    for (const go of this.#waiting.splice(0)) go();
  }

  /** Accounts 1 and 2 have one, and the right answer to it is "right". */
  secondFactorOf(process: Process): NonNullable<ResetOptions<Person>["secondFactor"]> {
    return {
      required: hasSecondFactor,
      verify: async ({ id }, answer) => {
        const isRight = await this.world.step(
          process,
          "users",
          "secondFactor.verify",
          () => answer === "right",
        );
        this.listener.judged(Number(id), process, isRight);
        return isRight;
      },
    };
  }

  /** The port, as one process sees it. */
  usersOf(process: Process): Users<any> {
    const { world, listener } = this;
    const { combination, scheduler } = world;

    /** With `users.lock` there is one connection, and a call without the handle waits for it. */
    const ask = <T>(name: string, transaction: unknown, work: () => T): Promise<T> => {
      if (transaction !== undefined) this.checkOpen(transaction, `users.${name}`);
      return world.step(process, "users", `users.${name}`, async () => {
        if (combination.lock && !transaction && this.#transaction) {
          await this.free();
          await scheduler.turn(process, `users.${name}`, 0);
        }
        // What was begun in time is rolled back with its transaction. But a setPassword that is several statements may send
        // the last of them later, and where the handle is the database, that isn't refused.
        const isLate = transaction !== undefined && !this.isOpen(transaction) && name !== "setPassword";
        if (isLate) throw new Error("the transaction has ended");
        return work();
      });
    };

    const handed = (given: unknown): unknown => (given as { transaction?: unknown } | undefined)?.transaction;
    const shape = (person: Person): Person =>
      combination.lookupsDisagree === "status"
        ? { ...person, active: person.active ? 1 : 0 }
        : combination.lookupsDisagree === "id"
          ? { ...person, id: String(person.id) }
          : { ...person };
    const stateOf = (user: Person): StateValue[] => {
      if (combination.badRow && Number(user.id) === 2) throw new Error('column "password_hash" is missing');
      const state = [
        user.email,
        user.active,
        ...(combination.tokens.includes("django") ? [user.lastLogin] : []),
      ];
      return combination.constantState ? state : [user.password, ...state];
    };
    const mayReset = (user: Person) => Boolean(user.active) && !user.hold;

    const store = (user: Person, secret: string, expected: readonly StateValue[]): boolean => {
      const before = this.people.get(Number(user.id));
      if (!before || !isSame(stateOf(before), expected)) return false;
      listener.setting(before, secret);
      const [, by] = /(\d+)/.exec(secret.replace("$fake", "")) ?? [];
      const password = secret.startsWith("$fake$") ? secret : this.hash(secret, Number(by));
      this.update(Number(user.id), { password });
      const transaction = this.#transaction;
      if (transaction) transaction.after.push(() => listener.set(before, secret));
      else listener.set(before, secret);
      return true;
    };

    const methods = {
      findByIdentifier: (identifier: string) =>
        ask("findByIdentifier", undefined, () => this.find(identifier).map(shape)),
      findById: (id: unknown, context?: unknown) => ask("findById", handed(context), () => this.read(id)),
      stateOf: (user: Person, context?: unknown) =>
        combination.callbacks === "plain"
          ? stateOf(user)
          : ask("stateOf", handed(context), () => stateOf(user)),
      mayReset: (user: Person, context?: unknown) =>
        combination.callbacks === "plain"
          ? mayReset(user)
          : ask("mayReset", handed(context), () => mayReset(user)),
      setPassword: (user: Person, secret: string, context: { expected: readonly StateValue[] }) =>
        ask("setPassword", handed(context), () => store(user, secret, context.expected)),
      revokeSessions: (user: Person, context: unknown) =>
        ask("revokeSessions", handed(context), () => {
          const before = this.sessions.get(Number(user.id))!;
          this.sessions.set(Number(user.id), []);
          this.#transaction?.undo.push(() => void this.sessions.set(Number(user.id), before));
        }),
      ...(combination.hashPassword && {
        hashPassword: async (password: string) => {
          listener.hashing(password);
          await scheduler.turn(process, "users.hashPassword", 0);
          await world.step(process, "users", "users.hashPassword", () =>
            scheduler.turn(process, "hash", 120),
          );
          listener.hashed(password);
          return this.hash(password, Number(/(\d+)/.exec(password)![1]));
        },
      }),
      ...(combination.lock && {
        lock: (id: unknown, context: unknown) => ask("lock", handed(context), () => this.read(id)),
      }),
    };
    return combination.usersClass ? asInstance(methods) : (methods as Users<any>);
  }
}

/** The same methods on a class, each of which needs its `this`. */
function asInstance(methods: object): Users<any> {
  class Repository {
    readonly rows = methods as Record<string, (...given: unknown[]) => unknown>;
  }
  for (const name of Object.keys(methods)) {
    Object.defineProperty(Repository.prototype, name, {
      value(this: Repository, ...given: unknown[]) {
        return this.rows[name]!(...given);
      },
    });
  }
  return new Repository() as unknown as Users<any>;
}

export function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
