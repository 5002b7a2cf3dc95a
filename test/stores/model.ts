import fc from "fast-check";
import { passwordReset } from "resetkit";
import { ResetError } from "resetkit/errors";
import type { PasswordReset, RequestQueue, ResetMessage, Store } from "resetkit/types";
import { goodPassword, keptLog, people, type Person } from "../kit.js";

const emails = ["ada@example.com", "bob@example.com"];
const beginning = Date.UTC(2100, 0, 15, 12);

/** An application on a store, and all that its users can see of it. */
export interface Application {
  readonly store: Store;
  readonly byId: Map<number, Person>;
  readonly clock: { now: number };
  /** The next mail is refused by the transport, the next password by the application's database. */
  readonly broken: { mail: boolean; accounts: boolean };
  reset(): PasswordReset<Person>;
  rotateSecret(): void;
  /** The tokens that were mailed to an account, oldest first. */
  readonly mailed: ReadonlyMap<number, readonly string[]>;
  /** What mails and events there were since the last call, in an order of their own. */
  news(): string[];
}

export function application(store: Store): Application {
  const { users, byId } = people(...emails);
  const clock = { now: beginning };
  const broken = { mail: false, accounts: false };
  const mailed = new Map<number, string[]>();
  let news: string[] = [];
  let secrets = [secretNumber(0)];
  let reset = make();

  function make(): PasswordReset<Person> {
    const made = passwordReset<Person>({
      users: {
        ...users,
        // Compares nothing, so that nothing but the store keeps a token from being used twice.
        async setPassword({ id }, password) {
          if (broken.accounts) throw new Error("The accounts are out of reach.");
          await Promise.resolve();
          byId.get(id)!.passwordHash = `#${clock.now}#${password}`;
          return true;
        },
      },
      store: { ...store, queue: withoutChance(store.queue!, clock) },
      secret: secrets,
      url: "https://app.example.com/reset-password/{token}",
      deliver(message) {
        if (broken.mail) throw new Error("The mail was refused.");
        news.push(`${message.kind} to ${message.address}`);
        if (message.kind === "reset") keep(message);
      },
      throttles: { request: [{ by: "ip", max: 3, per: "1h" }] },
      // Few, so that most histories come to the limit, and to successors.
      maxLive: 2,
      // One at a time: of two emails to one account, which goes first must not depend on the store's speed.
      worker: { mode: "outside", concurrency: 1 },
      clock: () => clock.now,
      log: keptLog(),
    });
    made.on("refused", ({ stage, reason }) => void news.push(`${stage} refused: ${reason}`));
    made.on("failed", ({ what, final }) => void news.push(`failed: ${what}, ${final}`));
    return made;
  }

  function keep({ user, token }: ResetMessage<Person>): void {
    mailed.set(user.id, [...(mailed.get(user.id) ?? []), token]);
  }

  return {
    store,
    byId,
    clock,
    broken,
    mailed,
    reset: () => reset,
    rotateSecret() {
      secrets = [secretNumber(Number(secrets[0]!.slice(-4)) + 1), secrets[0]!];
      reset = make();
    },
    news() {
      const all = news.sort();
      news = [];
      return all;
    },
  };
}

/**
 * A retried email pauses for as long as it has waited, give or take a fifth, which is drawn. Whether it's due at the next
 * step mustn't depend on that draw, or two stores would differ by chance.
 */
function withoutChance(queue: RequestQueue, clock: Application["clock"]): RequestQueue {
  return {
    ...queue,
    retry(id, _drawn, reason) {
      // Ids begin with the time.
      const waited = clock.now - Number.parseInt(id.slice(0, 12), 16);
      return queue.retry(id, clock.now + Math.max(1_000, waited), reason);
    },
  };
}

/** One thing that happens, and what its caller is told. */
type Happening = (app: Application) => unknown;

type Step = fc.AsyncCommand<Application, readonly Application[]>;

/** Lets it happen to the reference and to all others, and compares whatever can be seen of them. */
function step(name: string, happen: Happening): Step {
  return {
    check: () => true,
    toString: () => name,
    async run(reference, others) {
      const expected = await seenOf(reference, happen);
      const seen = await Promise.all(others.map((app) => seenOf(app, happen)));
      for (const one of seen) {
        if (one !== expected) throw new Error(`After "${name}": expected ${expected}, got ${one}`);
      }
    },
  };
}

async function seenOf(app: Application, happen: Happening): Promise<string> {
  // No two things happen in the same millisecond, so the queue has one order.
  app.clock.now += 1_000;
  const told = await Promise.resolve(happen(app)).catch(codeOf);
  const live = await Promise.all(
    [...app.byId.keys()].map(async (id) => {
      const rows = await app.store.tokens.liveOf(id, { scope: "", now: app.clock.now });
      return rows.map(({ createdAt, expiresAt, delivery }) => [createdAt, expiresAt, delivery]);
    }),
  );
  return JSON.stringify({ told, news: app.news(), live });
}

/** Every kind of step, with its own random parts. */
export const steps: fc.Arbitrary<Step>[] = [
  fc
    .tuple(
      fc.constantFrom(...emails, "nobody@example.com"),
      fc.constantFrom("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    )
    .map(([identifier, ip]) =>
      step(`request ${identifier} from ${ip}`, (app) => app.reset().request({ identifier }, { ip })),
    ),
  fc.constant(step("drain", (app) => app.reset().drain())),
  account().map((id) => step(`request for ${id}, and drain`, (app) => requestAndDrain(app, id))),
  issued(false),
  issued(true),
  tokens().map(([id, nth]) =>
    step(`validate ${id}/${nth}`, (app) => app.reset().validate({ token: tokenOf(app, id, nth) })),
  ),
  fc
    .tuple(tokens(), fc.constantFrom(goodPassword, "12345678"), fc.integer({ min: 1, max: 3 }))
    .map(([[id, nth], password, times]) =>
      step(`confirm ${id}/${nth} with ${password}, ${times} at once`, (app) =>
        confirmAtOnce(app, id, nth, password, times),
      ),
    ),
  tokens().map(([id, nth]) =>
    step(`confirm ${id}/${nth} while the accounts are out of reach`, async (app) => {
      app.broken.accounts = true;
      const told = await confirmAtOnce(app, id, nth, goodPassword, 1);
      app.broken.accounts = false;
      return told;
    }),
  ),
  account().map((id) =>
    step(`${id} changes the password`, (app) => void (app.byId.get(id)!.passwordHash += "+")),
  ),
  account().map((id) =>
    step(
      `${id} changes the address`,
      (app) => void (app.byId.get(id)!.email = `${app.clock.now}.${id}@example.com`),
    ),
  ),
  account().map((id) =>
    step(`${id} changes the status`, (app) => void (app.byId.get(id)!.active = !app.byId.get(id)!.active)),
  ),
  fc
    .constantFrom(1, 6, 61, 12 * 60, 25 * 60)
    .map((minutes) => step(`${minutes} minutes go by`, (app) => void (app.clock.now += minutes * 60_000))),
  fc.constant(step("clearExpired", (app) => app.reset().clearExpired())),
  account().map((id) => step(`revoke ${id}`, (app) => app.reset().revoke(app.byId.get(id)!))),
  fc.constant(step("rotate the secret", (app) => app.rotateSecret())),
];

function account(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: emails.length });
}

function tokens(): fc.Arbitrary<[number, number]> {
  return fc.tuple(account(), fc.constantFrom(0, 0, 0, 1, 2));
}

/** Support sends a link, with a mail server that takes it or refuses. */
function issued(refused: boolean): fc.Arbitrary<Step> {
  return account().map((id) =>
    step(`issue for ${id}${refused ? ", refused by the mail server" : ""}`, async (app) => {
      app.broken.mail = refused;
      const told = await app
        .reset()
        .issueFor(app.byId.get(id)!, { wait: true })
        .then(() => "sent", codeOf);
      app.broken.mail = false;
      return told;
    }),
  );
}

/** As it goes most of the time; without an IP address, so no throttle counts it. */
async function requestAndDrain(app: Application, id: number): Promise<void> {
  await app.reset().request({ identifier: app.byId.get(id)!.email });
  await app.reset().drain();
}

/** The nth newest of the tokens that an account was sent. */
function tokenOf(app: Application, id: number, nth: number): string {
  return app.mailed.get(id)?.at(-1 - nth) ?? "a token that nobody was sent";
}

async function confirmAtOnce(app: Application, id: number, nth: number, password: string, times: number) {
  const token = tokenOf(app, id, nth);
  const confirms = Array.from({ length: times }, () =>
    app
      .reset()
      .confirm({ token, password })
      .then(() => "ok", codeOf),
  );
  return (await Promise.all(confirms)).sort();
}

/** What a caller can tell of an error. */
function codeOf(error: unknown): string {
  if (error instanceof ResetError) return `${error.code} ${error.retryAfter ?? ""}`;
  return error instanceof TypeError ? `TypeError: ${error.message}` : "Error";
}

function secretNumber(number: number): string {
  return `a secret of the model: 0123456789 abcdefghijklm ${String(number).padStart(4, "0")}`;
}
