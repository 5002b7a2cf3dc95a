/**
 * What a history is made of, drawn from its seed: a combination of options, what people do, and what goes wrong. A plan is
 * plain data, so that it can be printed, and made smaller while it still shows the same fault.
 */
import { seeded, type Random } from "./random.js";

export type TokenKind = "stored" | "codes" | "signed" | "django";

export interface Combination {
  /** The first issues, all verify. */
  tokens: readonly TokenKind[];
  store: "memory" | "sqlite";
  lock: boolean;
  worker: "inside" | "outside";
  /** How many processes take requests. With `worker: "outside"` one more works. */
  processes: number;
  revealUnknown: boolean;
  notifyUnknown: boolean;
  maxLive: 1 | 3;
  /** None, those of `fleet.ts`, or `throttles: "fair"`. */
  throttles: "none" | "few" | "fair";
  hashPassword: boolean;
  /** Whether `findByIdentifier` folds what was typed, or looks for exactly that. */
  lookup: "folded" | "exact";
  /** Callbacks that look at the account alone, or ask the database. */
  callbacks: "plain" | "database";
  lifetime: "30m" | "24h";
  deadline: "10m" | "2h";
  pace: "minutes" | "hour" | "hours";
  outage: "Error" | "TypeError" | "SQLITE_BUSY";
  /** `users` as an instance of a class, whose methods need their `this`. */
  usersClass: boolean;
  /** Accounts 2 and 3 have one address. */
  sharedAddress: boolean;
  /** Account 3 has no password yet. */
  nullHash: boolean;
  /** Account 2 cannot be read: its `stateOf` throws. */
  badRow: boolean;
  /** `findByIdentifier` and `findById` give the same account in different types. */
  lookupsDisagree: "no" | "status" | "id";
  /** `stateOf` leaves out the password hash. */
  constantState: boolean;
  /** A listener of every event that throws, or never ends. */
  listener: "none" | "throws" | "hangs";
  logThrows: boolean;
  /** Accounts 1 and 2 need more than a link. */
  secondFactor: boolean;
  /** How many entries may wait in the queue: as many as usual, or so few that a flood fills it. */
  maxWaiting: 100_000 | 100;
}

export type Who = 1 | 2 | 3;

export type Answer = "right" | "wrong" | "none";

export type Action = { readonly at: number; readonly process: number } & (
  | { readonly kind: "request"; readonly who: Who | "nobody"; readonly spelling: number; readonly ip: string }
  | {
      readonly kind: "validate";
      readonly who: Who;
      readonly pick: number;
      readonly by: "link" | "code";
      readonly times: number;
    }
  | {
      readonly kind: "confirm";
      readonly who: Who;
      readonly pick: number;
      readonly by: "link" | "code";
      readonly password: "good" | "weak";
      /** A second call in the same moment, at another process. */
      readonly twice: boolean;
      /** The identifier of another account beside the code. */
      readonly stolen: boolean;
      /** To a second factor, where the account has one. */
      readonly answer?: Answer;
    }
  /** Somebody who has the link tries many answers. */
  | { readonly kind: "answers"; readonly who: Who; readonly pick: number; readonly times: number }
  /** Requests for accounts that nobody has, from so many networks by turns, at an even rate. */
  | {
      readonly kind: "flood";
      readonly requests: number;
      readonly networks: number;
      readonly lasts: number;
    }
  | { readonly kind: "guess"; readonly who: Who; readonly times: number }
  | { readonly kind: "issueFor"; readonly who: Who; readonly wait?: boolean }
  | { readonly kind: "revoke"; readonly who: Who }
  | { readonly kind: "change"; readonly who: Who; readonly what: "address" | "status" | "password" | "hold" }
  | { readonly kind: "signIn"; readonly who: Who }
  | { readonly kind: "clearExpired" }
);

export type Fault =
  /** The `step`-th step of a process after that moment fails, or is the last that the process takes. */
  | {
      readonly kind: "step";
      readonly at: number;
      readonly process: number;
      readonly step: number;
      readonly how: StepFault;
    }
  /** The first step after that moment that is so called takes long: those of a transaction are few, and rarely struck. */
  | { readonly kind: "hang"; readonly at: number; readonly of: readonly string[] }
  | {
      readonly kind: "outage";
      readonly at: number;
      readonly to: number;
      readonly of: "store" | "users" | "mail";
      readonly how: OutageFault;
    }
  | { readonly kind: "jump"; readonly at: number; readonly by: number }
  | { readonly kind: "deploy"; readonly at: number; readonly gap: number };

export type StepFault = "fails before" | "fails after" | "dies" | "takes long";
export type OutageFault = "down" | "fails after" | "flaky" | "hangs";

export interface Plan {
  readonly seed: number;
  /** Another schedule of the same plan. */
  readonly schedule: number;
  readonly combination: Combination;
  readonly actions: readonly Action[];
  readonly faults: readonly Fault[];
  /** Invariants that are not looked at. */
  readonly ignored: ReadonlySet<string>;
}

/** The dullest value of every option: what a smaller plan tries first. */
export const plain: Combination = {
  tokens: ["stored"],
  store: "memory",
  lock: false,
  worker: "inside",
  processes: 1,
  revealUnknown: false,
  notifyUnknown: false,
  maxLive: 3,
  throttles: "none",
  hashPassword: true,
  lookup: "folded",
  callbacks: "plain",
  lifetime: "24h",
  deadline: "2h",
  pace: "minutes",
  outage: "Error",
  usersClass: false,
  sharedAddress: false,
  nullHash: false,
  badRow: false,
  lookupsDisagree: "no",
  constantState: false,
  listener: "none",
  logThrows: false,
  secondFactor: false,
  maxWaiting: 100_000,
};

const minute = 60_000;
export const paces = {
  minutes: { tick: 2_000, length: 2 * minute },
  hour: { tick: 60_000, length: 60 * minute },
  hours: { tick: 240_000, length: 300 * minute },
};

const kinds: readonly (readonly TokenKind[])[] = [
  ["stored"],
  ["codes"],
  ["signed"],
  ["django"],
  ["stored", "signed"],
  ["signed", "stored"],
  ["stored", "django"],
  ["codes", "signed"],
  ["django", "codes"],
];

/**
 * Draws a plan. What is named in `off` is left out: options, one value of an option (`lookup:exact`), kinds of actions and
 * faults, and invariants.
 */
export function planOf(seed: number, off: ReadonlySet<string> = new Set()): Plan {
  const random = seeded(seed, 1);
  const combination = combine(random);
  // Drawn apart, so that a seed without them is the history that it was before there were such options.
  const later = seeded(seed, 2);
  if (combination.throttles === "none" && later.chance(0.2)) combination.throttles = "fair";
  combination.secondFactor = later.chance(0.25);
  const flooding = seeded(seed, 3);
  const isFlooded = flooding.chance(0.2);
  if (isFlooded && flooding.chance(0.6)) combination.maxWaiting = 100;
  for (const name of Object.keys(plain) as (keyof Combination)[]) {
    if (off.has(name) || off.has(`${name}:${String(combination[name])}`)) {
      (combination as unknown as Record<string, unknown>)[name] = plain[name];
    }
  }
  if (off.has("codes+lock") && combination.tokens.includes("codes")) combination.lock = false;
  if (off.has("callbacks+lock") && combination.callbacks === "database") combination.lock = false;
  // Django's tokens need a password: such accounts get none.
  if (combination.tokens.includes("django")) combination.nullHash = false;
  const allowed = ({ kind }: { kind: string }) => !off.has(kind);
  const { length } = paces[combination.pace];
  const moments = Array.from({ length: 2 + random.below(5) }, () => random.below(length));
  const drawn = actionsOf(random, combination, moments);
  const floods = isFlooded ? floodsOf(flooding, combination, moments) : [];
  const actions = [...extended(drawn, later, combination, moments), ...floods]
    .sort((a, b) => a.at - b.at)
    .filter(allowed);
  const faults = [
    ...faultsOf(random, combination, [0, ...moments]),
    ...hangsOf(seeded(seed, 4), combination, moments),
  ]
    .sort((a, b) => a.at - b.at)
    .filter(allowed);
  return { seed, schedule: 0, combination, actions, faults, ignored: off };
}

function combine(random: Random): Combination {
  const { chance, pick } = random;
  return {
    tokens: pick(kinds),
    store: pick(["memory", "sqlite"]),
    lock: chance(0.4),
    worker: pick(["inside", "outside"]),
    processes: 1 + random.below(2),
    revealUnknown: chance(0.15),
    notifyUnknown: chance(0.3),
    maxLive: pick([1, 3]),
    throttles: chance(0.3) ? "few" : "none",
    hashPassword: chance(0.7),
    lookup: pick(["folded", "exact"]),
    callbacks: pick(["plain", "database"]),
    lifetime: pick(["30m", "24h"]),
    deadline: pick(["10m", "2h"]),
    pace: pick(["minutes", "hour", "hours"]),
    outage: pick(["Error", "Error", "TypeError", "SQLITE_BUSY"]),
    usersClass: chance(0.1),
    sharedAddress: chance(0.2),
    nullHash: chance(0.15),
    badRow: chance(0.1),
    lookupsDisagree: chance(0.1) ? pick(["status", "id"]) : "no",
    constantState: chance(0.04),
    listener: chance(0.1) ? pick(["throws", "hangs"]) : "none",
    logThrows: chance(0.05),
    secondFactor: false,
    maxWaiting: 100_000,
  };
}

/** Actions come in bursts, since what happens in one moment is what can go wrong. */
function actionsOf(random: Random, { processes }: Combination, moments: readonly number[]): Action[] {
  const { chance, pick, below } = random;
  const who = () => pick<Who>([1, 1, 1, 2, 3]);
  const first: Action = { at: 0, process: 0, kind: "request", who: who(), spelling: 0, ip: "192.0.2.1" };
  const actions: Action[] = [first];
  for (const moment of moments) {
    const count = 1 + below(4);
    for (let index = 0; index < count; index++) {
      const base = { at: moment + below(pick([5, 500, 3_000])), process: below(processes) };
      actions.push({ ...base, ...actionOf() });
    }
  }
  return actions.sort((a, b) => a.at - b.at);

  function actionOf() {
    const by = pick(["link", "link", "code"] as const);
    const chosen = random.next();
    if (chosen < 0.3) {
      const asked = chance(0.85) ? who() : ("nobody" as const);
      const ip = chance(0.7) ? "192.0.2.1" : "203.0.113.9";
      return { kind: "request" as const, who: asked, spelling: chance(0.6) ? 0 : below(4), ip };
    }
    if (chosen < 0.58) {
      const password = chance(0.9) ? ("good" as const) : ("weak" as const);
      return {
        ...{ kind: "confirm" as const, who: who(), pick: random.next(), by, password },
        ...{ twice: chance(0.25), stolen: chance(0.05) },
      };
    }
    if (chosen < 0.66) {
      return { kind: "validate" as const, who: who(), pick: random.next(), by, times: pick([1, 1, 6]) };
    }
    if (chosen < 0.7) return { kind: "guess" as const, who: who(), times: 1 + below(6) };
    if (chosen < 0.78) return { kind: "issueFor" as const, who: who() };
    if (chosen < 0.83) return { kind: "revoke" as const, who: who() };
    if (chosen < 0.92) {
      const what = pick(["address", "status", "password", "hold"] as const);
      return { kind: "change" as const, who: who(), what };
    }
    return chance(0.5) ? { kind: "signIn" as const, who: who() } : { kind: "clearExpired" as const };
  }
}

/** Answers to a second factor, and support that waits for its email. */
function extended(
  actions: readonly Action[],
  { chance, pick, below, next }: Random,
  { secondFactor, processes }: Combination,
  moments: readonly number[],
): Action[] {
  const all = actions.map((action): Action => {
    if (action.kind === "issueFor") return { ...action, wait: chance(0.4) };
    if (action.kind !== "confirm" || !secondFactor) return action;
    return { ...action, answer: pick<Answer>(["right", "right", "right", "wrong", "none"]) };
  });
  if (!secondFactor) return all;
  for (let burst = below(3); burst > 0; burst--) {
    const about = { at: pick(moments) + below(60_000), process: below(processes), who: pick<Who>([1, 1, 2]) };
    all.push({ ...about, kind: "answers", pick: next(), times: 2 + below(8) });
  }
  return all.sort((a, b) => a.at - b.at);
}

/** One or two floods, with an owner's request in the middle of each, and one some time after it. */
function floodsOf(
  { chance, pick, below }: Random,
  { processes }: Combination,
  moments: readonly number[],
): Action[] {
  return Array.from({ length: chance(0.3) ? 2 : 1 }, () => {
    const at = pick(moments) + below(3_000);
    const lasts = pick([5_000, 20_000, 40_000]);
    const flood = { requests: 60 + below(200), networks: pick([1, 3, 100]), lasts };
    const owner = { kind: "request", who: pick<Who>([1, 1, 2]), spelling: 0, ip: "198.51.100.77" } as const;
    return [
      { at, process: below(processes), kind: "flood", ...flood } as const,
      { at: at + Math.round(lasts * 0.7), process: below(processes), ...owner },
      { at: at + lasts + pick([2_000, 30_000, 10 * minute]), process: below(processes), ...owner },
    ];
  }).flat();
}

function faultsOf(
  random: Random,
  { processes, worker, pace }: Combination,
  moments: readonly number[],
): Fault[] {
  const { chance, pick, below } = random;
  const all = processes + (worker === "outside" ? 1 : 0);
  const { length } = paces[pace];
  // Some histories have no faults at all: what fails in them needs none.
  const count = chance(0.25) ? 0 : 1 + below(5);
  return Array.from({ length: count }, (): Fault => {
    const at = pick(moments) + (chance(0.5) ? 0 : below(1_000));
    const chosen = random.next();
    if (chosen < 0.5) {
      const how = pick<StepFault>(["fails before", "fails after", "dies", "dies", "takes long"]);
      return { kind: "step", at, process: below(all), step: 1 + below(pick([6, 25, 60])), how };
    }
    if (chosen < 0.8) {
      const how = pick<OutageFault>(["down", "down", "fails after", "flaky", "hangs"]);
      const to = at + Math.round(length * pick([0.05, 0.2, 0.6]));
      return { kind: "outage", at, to, of: pick(["store", "users", "mail", "mail"]), how };
    }
    if (chosen < 0.92) {
      return { kind: "jump", at, by: pick([-2_000, 30_000, 90_000, 10 * minute, 3 * 60 * minute]) };
    }
    return { kind: "deploy", at, gap: pick([100, 5_000, 60_000]) };
  }).sort((a, b) => a.at - b.at);
}

/** The steps of a confirm that changes a password, as the stores name them. */
const stepsOfChange = [
  ["users.lock"],
  ["users.setPassword"],
  ["resetkit_finish_leased", "tokens.finish"],
  ["resetkit_remove_older", "tokens.removeByUser"],
  ["users.revokeSessions"],
  ["resetkit_add_entry", "queue.add"],
  ["commit"],
];

function hangsOf({ chance, pick }: Random, { lock }: Combination, moments: readonly number[]): Fault[] {
  if (!chance(lock ? 0.3 : 0.05)) return [];
  return [{ kind: "hang", at: chance(0.5) ? 0 : pick(moments), of: pick(stepsOfChange) }];
}
