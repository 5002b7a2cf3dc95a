import { fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { minute } from "../../evidence.js";
import { connect, post } from "../connection.js";
import type { Place } from "../database.js";
import { bandOf, isSeen, reachOf } from "../judge.js";
import { controlHeader } from "../messages.js";
import { type Comparison, compare, median } from "../statistics.js";
import type { GuessReady, GuessStart } from "./server.js";

/** Whose account is guessed at. `planted` is known, and the server works for a millisecond before it looks at the proof. */
const subjects = ["known", "unknown", "again", "planted"] as const;
type Subject = (typeof subjects)[number];

const guesses = ["wrong code", "forged signed token"] as const;
const endpoints = { validate: "validate_token/", confirm: "confirm/" } as const;

/** How long the answer to one kind of guess takes; microseconds. */
export interface Guess {
  readonly what: string;
  readonly database: string;
  readonly rounds: number;
  readonly date: string;
  readonly median: number;
  readonly unknown: Comparison;
  readonly again: Comparison;
  readonly planted: Comparison;
  readonly void: readonly string[];
  readonly isMet: boolean;
}

const accounts = 50;
const warmUp = 200;

export async function measureGuesses(place: Place, rounds: number): Promise<Guess[]> {
  const child = fork(resolve("bench/dist/bench/timing/guesses/server.js"), {
    execArgv: [],
    env: { ...process.env, NODE_ENV: "production" },
  });
  child.send({ place, accounts } satisfies GuessStart);
  const ended = once(child, "exit").then(() =>
    Promise.reject(new Error("The server ended before it listened.")),
  );
  const [{ port, tokens }] = (await Promise.race([once(child, "message"), ended])) as [GuessReady];
  const connection = await connect(port);
  const kinds = guesses.flatMap((guess) =>
    Object.entries(endpoints).map(([endpoint, path]) => ({ what: `${guess}, ${endpoint}`, guess, path })),
  );
  const order = kinds.flatMap((kind) => subjects.map((subject) => ({ ...kind, subject })));
  const times = new Map(order.map((one) => [keyOf(one), new Float64Array(rounds)]));
  const answers = new Map(kinds.map(({ what }) => [what, new Set<string>()]));
  try {
    for (let round = -warmUp; round < rounds; round++) {
      shuffle(order);
      for (const one of order) {
        const { micros, text } = await connection.ask(requestOf(one, tokens, round + warmUp));
        if (round < 0) continue;
        times.get(keyOf(one))![round] = micros;
        answers.get(one.what)!.add(text.replace(/\r\nDate: [^\r]*/, ""));
      }
    }
  } finally {
    connection.end();
    child.kill();
  }
  const date = minute();
  const band = bandOf("outside");
  return kinds.map(({ what }) => {
    const of = (subject: Subject) => times.get(keyOf({ what, subject }))!;
    const against = (subject: Subject) => compare(of("known"), of(subject));
    const [unknown, again, planted] = [against("unknown"), against("again"), against("planted")];
    const amiss = [
      ...(answers.get(what)!.size === 1 ? [] : [`${answers.get(what)!.size} different answers`]),
      ...(reachOf(again) > band ? ["known differs from itself"] : []),
      ...(isSeen(planted) && reachOf(planted) > band ? [] : ['"planted" is not seen']),
    ];
    return {
      ...{ what, database: place.database, rounds, date, median: median(of("known")) },
      ...{ unknown, again, planted, void: amiss, isMet: reachOf(unknown) <= band },
    };
  });
}

const keyOf = ({ what, subject }: { what: string; subject: Subject }) => `${what}: ${subject}`;

interface Asked {
  readonly guess: (typeof guesses)[number];
  readonly path: string;
  readonly subject: Subject;
}

/** Even numbers have an account. All requests of one kind are equally long. */
function requestOf({ guess, path, subject }: Asked, tokens: readonly string[], round: number): Buffer {
  const isKnown = subject !== "unknown";
  const mark = subject === "planted" ? "planted" : "nothing";
  const number = 1_000_000 + 2 * (round * subjects.length + subjects.indexOf(subject)) + (isKnown ? 0 : 1);
  const guessed =
    guess === "wrong code"
      ? { token: String(randomInt(1e8)).padStart(8, "0"), email: `person${number}@example.com` }
      : { token: forged(tokens[2 * randomInt(accounts) + (isKnown ? 0 : 1)]!) };
  const password = path === endpoints.confirm ? { password: "Correct-horse-9" } : {};
  return post(`/api/password_reset/${path}`, { ...guessed, ...password }, { [controlHeader]: mark });
}

/** Another character in the middle of the tag. */
function forged(token: string): string {
  const place = 12;
  const other = ["A", "Q", "g", "w"].find((one) => one !== token[place])!;
  return Buffer.from(token.slice(0, place) + other + token.slice(place + 1), "latin1").toString("latin1");
}

function shuffle(list: unknown[]): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
}
