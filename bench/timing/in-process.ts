/**
 * Whether a check takes longer the more of a secret was guessed. Without a network in between, so that a few
 * nanoseconds show.
 *
 * @module
 */
import { equal } from "#crypto";
import Database from "better-sqlite3";
import { randomBytes, randomInt } from "node:crypto";
import { passwordReset } from "resetkit";
import { betterSqlite3 } from "resetkit/connections/better-sqlite3";
import { migrate, sqlStore } from "resetkit/stores/sql";
import { signedTokens } from "resetkit/tokens/signed";
import { storedTokens } from "resetkit/tokens/stored";
import type { PasswordReset, TokenStrategy } from "resetkit/types";
import { type Comparison, compare, median } from "./statistics.js";

/** A call with inputs that differ in how much of a secret is right, or in what is behind it. */
interface Series<Input> {
  readonly name: string;
  /** Calls that are timed together. */
  readonly batch: number;
  /** Made anew for each round, in random order: where an input lies in memory must not look like a leak. */
  readonly inputs: Readonly<Record<string, () => Input>>;
  readonly call: (input: Input) => unknown;
  /** `differs`: a control, or a difference that is no secret. */
  readonly expected: "same" | "differs";
}

export interface Finding extends Comparison {
  readonly series: string;
  /** Compared with the series' first input. */
  readonly input: string;
  readonly first: string;
  readonly expected: "same" | "differs";
  /** Nanoseconds that one call with the first input takes. */
  readonly nanos: number;
}

export async function inProcess(rounds: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const series of [...comparing(), ...(await validating())]) {
    findings.push(...(await run(series as Series<unknown>, rounds)));
  }
  return findings;
}

async function run(series: Series<unknown>, rounds: number): Promise<Finding[]> {
  const { name, batch, inputs, call, expected } = series;
  const names = Object.keys(inputs);
  const times = Object.fromEntries(names.map((input) => [input, new Float64Array(rounds)]));
  const warmUp = Math.ceil(rounds / 20);
  const isAsync = call(inputs[names[0]!]!()) instanceof Promise;
  for (let round = -warmUp; round < rounds; round++) {
    const given = new Map(shuffled(names).map((input) => [input, inputs[input]!()]));
    for (const input of shuffled(names)) {
      const value = given.get(input);
      const startedAt = process.hrtime.bigint();
      if (isAsync) for (let i = 0; i < batch; i++) await call(value);
      else for (let i = 0; i < batch; i++) call(value);
      if (round >= 0) times[input]![round] = Number(process.hrtime.bigint() - startedAt) / batch;
    }
  }
  const [first] = names;
  const nanos = median(times[first!]!);
  return names.slice(1).map((input) => ({
    ...{ series: name, input, first: first!, expected, nanos },
    ...compare(times[first!]!, times[input]!),
  }));
}

function shuffled(names: readonly string[]): string[] {
  const order = [...names];
  for (let i = order.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function comparing(): Series<readonly [Uint8Array, Uint8Array]>[] {
  const wrongAt = (place: number | undefined) => () => {
    const right = new Uint8Array(randomBytes(32));
    const given = right.slice();
    if (place !== undefined) given[place]! ^= 1;
    return [right, given] as const;
  };
  const inputs = {
    "first byte": wrongAt(0),
    "16th byte": wrongAt(15),
    "last byte": wrongAt(31),
    none: wrongAt(undefined),
  };
  return [
    {
      name: "digests compared, wrong in",
      batch: 200,
      inputs,
      call: ([a, b]) => equal(a, b),
      expected: "same",
    },
    {
      name: "**control**: the same by a loop that stops early",
      batch: 200,
      inputs,
      call: ([a, b]) => a.every((byte, index) => byte === b[index]),
      expected: "differs",
    },
  ];
}

interface Person {
  readonly id: number;
  readonly email: string;
  readonly hash: string;
}

/** Through `reset.validate`, as an attacker gets to it. */
async function validating(): Promise<Series<string>[]> {
  const signed = await engine(signedTokens({ ids: "integer" }));
  const stored = await engine(storedTokens());
  const naive = await engine(naiveTokens());
  // A live row of somebody whose password has changed since: refused by its proof, and not by its absence.
  const stale = await stored.issue({ ...ada, id: 2, hash: "$argon2id$before" });
  const tagAt = 8;
  const tagLength = 22;
  return [
    {
      name: "a signed token validated, its tag wrong in",
      batch: 10,
      expected: "same",
      call: signed.validate,
      inputs: Object.fromEntries(
        Array.from({ length: tagLength }, (_, place) => [
          `character ${place + 1}`,
          () => withOther(signed.token, tagAt + place),
        ]),
      ),
    },
    {
      name: "a stored token validated that is unknown, and begins as a live one does for",
      batch: 5,
      expected: "same",
      call: stored.validate,
      inputs: beginnings(stored.token, 0, 21, 42),
    },
    {
      name: "**control**: the same with a kind of token that is compared by a loop that stops early",
      batch: 10,
      expected: "differs",
      call: naive.validate,
      inputs: beginnings(naive.token, 0, 42),
    },
    {
      name: "no secret: a signed token validated, forged for",
      batch: 10,
      expected: "differs",
      call: signed.validate,
      inputs: {
        "an id that there is": () => withOther(signed.token, tagAt),
        "one that nobody has": () => withOther(`${signed.token.slice(0, -1)}z`, tagAt),
      },
    },
    {
      name: "no secret: a stored token validated that is",
      batch: 5,
      expected: "differs",
      call: stored.validate,
      inputs: {
        unknown: () => flat(randomBytes(32).toString("base64url")),
        "there, of a state that is over": () => flat(stale),
        good: () => flat(stored.token),
      },
    },
  ];
}

const ada: Person = {
  id: 1,
  email: "ada@example.com",
  hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
};

async function engine(tokens: TokenStrategy) {
  const connection = betterSqlite3(new Database(":memory:"));
  await migrate(connection);
  let token = "";
  const log = { info() {}, warn() {}, error() {} };
  const reset: PasswordReset<Person> = passwordReset<Person>({
    users: {
      findByIdentifier: () => null,
      findById: (id) => (id === 1 || id === 2 ? { ...ada, id } : null),
      stateOf: ({ hash, email }) => [hash, email],
      setPassword: () => false,
      revokeSessions: "none",
    },
    secret: "a secret of the timing: 0123456789 abcdefghijklmnopqrstuvwxyz",
    store: sqlStore(connection),
    tokens,
    url: "https://app.example.com/reset/{token}",
    deliver: (message) => void (token = message.kind === "reset" ? message.token : ""),
    throttles: false,
    worker: "outside",
    log,
  });
  const issue = async (person: Person) => {
    await reset.issueFor(person, { wait: true });
    return token;
  };
  return { issue, token: await issue(ada), validate: (text: string) => reset.validate({ token: text }) };
}

/** What the controls must find: a token that is compared character by character, up to the first wrong one. */
function naiveTokens(): TokenStrategy {
  const token = randomBytes(32).toString("base64url");
  return {
    kind: "naive",
    connect: () => ({
      issue: async ({ now, lifetime }) => ({
        token,
        expiresAt: now + lifetime,
        settle: async () => undefined,
      }),
      async verify(presented) {
        for (let i = 0; i < token.length; i++) if (presented.token[i] !== token[i]) return null;
        throw new Error("The whole token was guessed.");
      },
      revoke: async () => undefined,
      forget: async () => undefined,
    }),
  };
}

/** Texts that have so many characters in common with a secret, and the rest at random. */
function beginnings(secret: string, ...lengths: number[]): Record<string, () => string> {
  const alike = (same: number) => () => {
    const other = secret[same] === "A" ? "B" : "A";
    const random = randomBytes(33).toString("base64url");
    return flat((secret.slice(0, same) + other + random).slice(0, secret.length));
  };
  return Object.fromEntries(lengths.map((same) => [`${same} characters`, alike(same)]));
}

/** The text with another character in that place, of those that may stand in all of them. */
function withOther(text: string, place: number): string {
  const other = ["A", "Q", "g", "w"].find((one) => one !== text[place])!;
  return flat(text.slice(0, place) + other + text.slice(place + 1));
}

/** The same text as one piece of memory: V8 puts pieces together when a text is first read, which takes time. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
