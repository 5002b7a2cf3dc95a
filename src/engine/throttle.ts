import { assertFunction, assertKnownKeys, assertInteger, UsageError } from "../check-options.js";
import { keyedName } from "../crypto/keyed-name.js";
import { milliseconds } from "../duration.js";
import { ResetError } from "../errors.js";
import { foldIdentifier } from "../identity/identifier.js";
import { networkOf } from "../identity/ip.js";
import { isLoopback } from "../identity/loopback.js";
import type {
  Attempt,
  CounterStore,
  Keyring,
  Log,
  ResetContext,
  Stage,
  Throttle,
  ThrottleRule,
  Throttles,
} from "../types.js";
import { callback } from "./callbacks.js";

/** The error of every rate limit. Rounded up to whole seconds, at least 1. */
export const throttledFor = (seconds: number): ResetError =>
  new ResetError("throttled", { retryAfter: Math.max(1, Math.ceil(seconds)) });

/** The charge for one use of an endpoint, which a success refunds. */
export interface Charge {
  giveBack(): Promise<void>;
}

/** Charges an attempt; throws `throttled` if it's over the limit. Absent for a stage that has no throttles. */
export type Charges = Partial<
  Record<Stage, (context: ResetContext, now: number, identifier?: string) => Promise<Charge>>
>;

/** A rule from the options, with the names of its counters. */
export interface CountedRule {
  readonly stage: Stage;
  readonly by: ThrottleRule["by"];
  /** Who counts as one client, and how many uses that client has: one address, and the network around it. */
  readonly tiers: readonly (readonly [of: (attempt: Attempt) => string | undefined, max: number])[];
  /** Milliseconds. */
  readonly per: number;
  keyOf(client: string): Promise<string>;
}

/** What throttles become: a charge for each stage, and the rules whose counters can be cleared. */
export interface CountedThrottles {
  readonly charges: Charges;
  readonly rules: readonly CountedRule[];
}

/** The key of every rate limit's counter begins with it. */
export const throttlePrefix = "throttle.";

interface Parts {
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly log: Log;
  /** Whether links lead to the computer that runs this, outside production. */
  readonly isLocal?: () => boolean;
}

/** The longest window for the developer's own requests in development. Milliseconds. */
const localPer = 60_000;

const failures: ThrottleRule = { by: "ip", max: 30, per: "1h" };

/** As in django-rest-passwordreset: three requests a day by IP address. Guessing is limited, too. */
const defaults: Throttles = {
  request: [{ by: "ip", max: 3, per: "24h" }],
  validate: [failures],
  confirm: [failures],
};

/** Clients behind an office's IP address can't use up each other's requests, since they name different accounts. */
const fair: Throttles = {
  validate: [failures],
  confirm: [failures],
  request: [
    { by: ({ ip, identifier }) => ip && `${networkOf(ip)} ${identifier}`, max: 5, per: "1h" },
    { by: "ip", max: 120, per: "1h" },
  ],
};

/** A /48 is what one customer may get (RFC 6177): it's allowed as many uses as this many of its /64 networks. */
const networksPerSite = 4;

/** Every use of a stage is charged to every throttle of the stage, before anything is evaluated. */
export function createThrottles(
  option: Throttles | "fair" | false | undefined,
  parts: Parts,
): CountedThrottles {
  const given = option === "fair" ? fair : option === false ? {} : (option ?? defaults);
  assertKnownKeys(given, stages, "throttles");
  const charges: Charges = {};
  const rules: CountedRule[] = [];
  for (const stage of stages) {
    const list = given[stage] || [];
    if (!Array.isArray(list)) {
      throw new UsageError(
        `throttles.${stage} must be an array, or false. Write [{ by: "ip", max: 30, per: "1h" }].`,
      );
    }
    const throttles = (list as readonly (ThrottleRule | Throttle)[]).map((entry, index) => {
      const where = `throttles.${stage}[${index}]`;
      if (isOwn(entry)) {
        assertFunction(entry.take, `${where}.take`, "pass a function that counts an attempt");
        return entry;
      }
      // Guesses on validate and on confirm count toward the same limit of thirty.
      const name = entry === failures ? "failures" : `${stage} ${index}`;
      const rule = readRule(entry, where, stage, name, parts);
      rules.push(rule);
      return throttleOf(rule, parts);
    });
    if (throttles.length > 0) charges[stage] = chargerOf(stage, throttles);
  }
  return { charges, rules };
}

const stages = ["request", "validate", "confirm"] as const satisfies readonly Stage[];

function chargerOf(stage: Stage, throttles: readonly Throttle[]): NonNullable<Charges[Stage]> {
  return async (context, now, identifier) => {
    const attempt: Attempt = {
      ...context,
      stage,
      now,
      identifier: identifier && foldIdentifier(identifier),
    };
    const taken: Throttle[] = [];
    const giveBack = async () => {
      for (const throttle of taken) await throttle.giveBack?.(attempt);
    };
    for (const throttle of throttles) {
      const taking = (async () => throttle.take(attempt))();
      let refusal;
      try {
        refusal = await callback(`throttles.${stage}`, () => taking);
      } catch (error) {
        // An outage isn't a refusal, so the throttles that already counted are refunded, and one that counts too late.
        await giveBack().catch(() => undefined);
        taking.then((late) => late || throttle.giveBack?.(attempt)).catch(() => undefined);
        throw error;
      }
      if (refusal) throw throttledFor(refusal.retryAfter);
      taken.push(throttle);
    }
    return { giveBack };
  };
}

function isOwn(entry: ThrottleRule | Throttle): entry is Throttle {
  return typeof entry === "object" && entry && "take" in entry;
}

function readRule(
  entry: ThrottleRule,
  where: string,
  stage: Stage,
  name: string,
  { keys, log }: Parts,
): CountedRule {
  assertKnownKeys(entry, ["by", "max", "per"], where);
  assertInteger(entry.max, `${where}.max`, 1, 1e9);
  const per = milliseconds(entry.per, `${where}.per`);
  const clientOf = entry.by === "ip" ? byIp(log) : entry.by;
  assertFunction(clientOf, `${where}.by`, 'use "ip", or a function of the attempt');

  const tiers: CountedRule["tiers"][number][] = [[clientOf, entry.max]];
  if (entry.by === "ip") tiers.push([siteOf, networksPerSite * entry.max]);
  // The scope isn't part of the key: a client may choose it.
  const keyOf = async (client: string) =>
    throttlePrefix + (await keyedName(keys, "throttle", [name, "", client]));
  return { stage, by: entry.by, tiers, per, keyOf };
}

function throttleOf({ tiers, per, keyOf }: CountedRule, { counters, isLocal }: Parts): Throttle {
  // A window of a day is right for the public. In development, the developer is alone and tries more than three times.
  const lengthFor = ({ ip }: Attempt) =>
    per > localPer && ip && isLoopback(ip) && isLocal?.() ? localPer : per;
  const hit = async (of: CountedRule["tiers"][number][0], attempt: Attempt, by: number) => {
    const client = of(attempt);
    if (client === undefined) return;
    return counters.hit(await keyOf(client), { per: lengthFor(attempt), by, now: attempt.now });
  };
  return {
    async take(attempt) {
      for (const [of, max] of tiers) {
        const window = await hit(of, attempt, 1);
        if (window && window.count > max) return { retryAfter: (window.resetAt - attempt.now) / 1000 };
      }
    },
    async giveBack(attempt) {
      for (const [of] of tiers) await hit(of, attempt, -1);
    },
  };
}

function byIp(log: Log): (attempt: Attempt) => string | undefined {
  let warned = false;
  return ({ ip }) => {
    if (ip) return networkOf(ip);
    if (!warned) {
      warned = true;
      log.warn(
        "A request came without the client's IP address, so rate limits by IP address don't count it. Pass { ip } in the context.",
      );
    }
  };
}

/** The /48 around an IPv6 address. */
function siteOf({ ip }: Attempt): string | undefined {
  const network = ip?.includes(":") ? networkOf(ip, 3) : "";
  return network.endsWith("/48") ? network : undefined;
}
