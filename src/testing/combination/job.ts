/**
 * Whole resets, with as many concurrent clients as there are connections.
 *
 * @module
 */
import assert from "node:assert/strict";
import { passwordReset } from "../../index.js";
import type { Message, PasswordReset, ResetOptions, Store } from "../../types.js";
import type { Combination } from "./combinations.js";
import { passwordOf, type People, type Person } from "./people.js";

/** A limit in milliseconds for what would otherwise hang forever. It's long, so that a slow machine fails no test. */
export const never = 20_000;

export interface Setting {
  readonly store: Store;
  readonly people: People;
  /** The number of connections in the pool, and of clients that confirm concurrently. */
  readonly size: number;
  /** Maximum duration of a step, in milliseconds. */
  readonly limit: number;
}

/** Rejects if a step has the wrong result or takes longer than the limit. */
export async function runJob(combination: Combination, setting: Setting): Promise<void> {
  const messages: Message<Person>[] = [];
  const reset = passwordReset<Person>({
    users: setting.people.users,
    store: setting.store,
    secret: "a secret of the suite of combinations, 0123456789",
    tokens: combination.tokens(),
    url: "https://example.com/reset/{token}",
    throttles: combination.full ? "fair" : false,
    ...(combination.full && everyOption),
    deliver: (message) => void messages.push(message),
    // Low enough that the limit is checked, and high enough that it isn't reached.
    worker: { mode: combination.worker, tick: "50ms", ...(combination.full && { maxWaiting: 100 }) },
    log: { info() {}, warn() {}, error() {} },
  });
  if (combination.full) reset.on("beforeReset", () => undefined);
  try {
    await new Job(combination, setting, reset, messages).run();
  } finally {
    // If a step hangs, the worker can't stop either. Don't wait for it, so that the failure is reported.
    await Promise.race([reset.close(), new Promise((resolve) => setTimeout(resolve, setting.limit))]);
  }
}

/** The correct answer to an account's second factor. */
const factorOf = ({ id }: Person) => `the second factor of ${id}`;

const everyOption: Partial<ResetOptions<Person>> = {
  secondFactor: { required: () => true, verify: async (person, answer) => answer === factorOf(person) },
  notifyUnknown: true,
  lifetime: () => "1h",
  validators: [(password) => (password.length < 12 ? "Use at least 12 characters." : undefined)],
};

/** What a client sends: a link's token, or a code with an identifier and a flow handle. */
interface Answer {
  readonly token: string;
  readonly identifier?: string;
  readonly flow?: string | undefined;
  readonly secondFactor?: string;
}

class Job {
  readonly #codes: boolean;
  readonly #full: boolean;
  readonly #setting: Setting;
  readonly #reset: PasswordReset<Person>;
  readonly #messages: readonly Message<Person>[];

  constructor(
    { codes, full }: Combination,
    setting: Setting,
    reset: PasswordReset<Person>,
    messages: readonly Message<Person>[],
  ) {
    this.#codes = codes;
    this.#full = full;
    this.#setting = setting;
    this.#reset = reset;
    this.#messages = messages;
  }

  async run(): Promise<void> {
    const { people, size } = this.#setting;
    const one = await people.add(1);
    const others: Person[] = [];
    for (let i = 1; i <= size; i++) others.push(await people.add(i + 1));
    await this.#oneWinner(one);
    await this.#everybody(others);
  }

  /** Confirms one link concurrently, with one more client than there are connections. */
  async #oneWinner(person: Person): Promise<void> {
    const callers = this.#setting.size + 1;
    const sibling = await this.#ask(person);
    await nextMillisecond();
    const link = await this.#ask(person);
    await this.#isGood(link, true);
    await this.#isGood({ ...link, token: `${link.token.slice(0, -4)}AAAA` }, false);
    if (this.#full) await this.#isRefused({ ...link, secondFactor: "a wrong one" }, "second_factor");
    if (this.#full) await this.#isRefused(link, "weak_password", "short");

    const passwords = Array.from({ length: callers }, (_, i) => `a new passphrase, number ${i}`);
    const confirm = async (password: string) => {
      await this.#reset.confirm({ ...link, password });
      return password;
    };
    const ends = await this.#inTime("confirms of one link", Promise.allSettled(passwords.map(confirm)));
    const winners = ends.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
    const [winner] = winners;
    assert.ok(
      winner !== undefined && winners.length === 1,
      `${winners.length} of ${callers} callers with the same link succeeded instead of exactly one.`,
    );
    for (const end of ends) if (end.status === "rejected") this.#isBeaten(end.reason);
    await this.#isReset(person, winner);
    await this.#isGood(link, false);
    await this.#isGood(sibling, false);
  }

  /** Confirms with every client's own link or code, all concurrently. */
  async #everybody(visitors: readonly Person[]): Promise<void> {
    const asked: (readonly [person: Person, link: Answer])[] = [];
    for (const person of visitors) asked.push([person, await this.#ask(person)]);
    const password = (person: Person) => `a new passphrase of ${person.id}`;
    const confirms = asked.map(([person, link]) =>
      this.#reset.confirm({ ...link, password: password(person) }),
    );
    const ends = await this.#inTime("concurrent confirms by all clients", Promise.allSettled(confirms));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
    for (const person of visitors) await this.#isReset(person, password(person));
  }

  async #ask(person: Person): Promise<Answer> {
    const { id, email } = person;
    const before = this.#messages.length;
    const { flow } = await this.#inTime(
      "a request",
      this.#reset.request({ identifier: email }, addressOf(id)),
    );
    await this.#inTime("a drain", this.#reset.drain());
    const message = this.#messages.slice(before).find((one) => one.kind === "reset" && one.address === email);
    assert.ok(message?.kind === "reset", `The request for ${email} ended without a message.`);
    const factor = this.#full ? { secondFactor: factorOf(person) } : {};
    if (!this.#codes) return { token: message.token, ...factor };
    assert.ok(message.code, "A message has no code.");
    return { token: message.code, identifier: email, ...(this.#full && { flow }), ...factor };
  }

  async #isGood(input: Answer, expected: boolean): Promise<void> {
    assert.equal(await this.#inTime("a validation", this.#reset.validate(input)), expected);
  }

  /** Answers to a second factor count before they're checked, so some of many concurrent ones exceed the limit. */
  #isBeaten(error: unknown): void {
    const { code } = error as { readonly code?: string };
    if (this.#full && code === "throttled") return;
    const what = `A confirm failed for a reason other than its used token: ${String(error)}`;
    assert.equal(code, "invalid_token", what);
  }

  async #isRefused(answer: Answer, code: string, password = "a new passphrase"): Promise<void> {
    const end = this.#reset.confirm({ ...answer, password }).then(
      () => undefined,
      (error: { readonly code?: string }) => error.code,
    );
    assert.equal(await this.#inTime("a confirm that is refused", end), code);
  }

  async #isReset({ id, email }: Person, password: string): Promise<void> {
    const person = await this.#setting.people.find(id);
    assert.ok(person, "The account is gone after its password was changed.");
    assert.equal(passwordOf(person), password);
    assert.equal(person.sessions, 0, "The account still has sessions after its password was changed.");
    await this.#inTime("a drain", this.#reset.drain());
    const notices = this.#messages.filter(({ kind, address }) => kind === "changed" && address === email);
    assert.equal(
      notices.length,
      1,
      `${notices.length} password-changed messages were sent instead of exactly one.`,
    );
    assert.deepEqual(await this.#setting.store.tokens.liveOf(id, { scope: "", now: Date.now() }), []);
  }

  async #inTime<T>(what: string, work: Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      const end = () => reject(new Error(`${what} took longer than ${this.#setting.limit / 1_000} s.`));
      timer = setTimeout(end, this.#setting.limit);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }
}

/**
 * A change removes the tokens that were made in an earlier millisecond. Those of its own may be newer than the change,
 * and with a store in memory, a whole reset takes no longer than that.
 */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() <= now) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Each client has its own IP address. */
const addressOf = (id: number) => ({ ip: `192.0.2.${id}` });
