import { assertFunction, assertKnownKeys, assertInteger, UsageError } from "../check-options.js";
import { keyedName } from "../crypto/keyed-name.js";
import { milliseconds } from "../duration.js";
import { ResetError } from "../errors.js";
import { foldIdentifier } from "../identity/identifier.js";
import { networkOf } from "../identity/ip.js";
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

/** What is charged for a use of an endpoint, and how a success takes it back. */
export interface Charge {
  giveBack(): Promise<void>;
}

/** Charges an attempt; throws `throttled` where it is one too many. Absent for a stage that has no throttles. */
export type Charges = Partial<
  Record<Stage, (context: ResetContext, now: number, identifier?: string) => Promise<Charge>>
>;

interface Parts {
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly log: Log;
}

const failures: ThrottleRule = { by: "ip", max: 30, per: "1h" };

/** As in django-rest-passwordreset: three requests a day by IP address. Guessing is limited, too. */
const defaults: Throttles = {
  request: [{ by: "ip", max: 3, per: "24h" }],
  validate: [failures],
  confirm: [failures],
};

/** No one behind an office's address can use up what the others need: their requests name other accounts. */
const fair: Throttles = {
  validate: [failures],
  confirm: [failures],
  request: [
    { by: ({ ip, identifier }) => ip && `${networkOf(ip)} ${identifier}`, max: 5, per: "1h" },
    { by: "ip", max: 120, per: "1h" },
  ],
};

/** A /48 is what one customer may get (RFC 6177): it has as many uses as this many of its /64. */
const networksPerSite = 4;

/** Every use of a stage is charged to every throttle of the stage, before anything is evaluated. */
export function createThrottles(option: Throttles | "fair" | false | undefined, parts: Parts): Charges {
  const given = option === "fair" ? fair : option === false ? {} : (option ?? defaults);
  assertKnownKeys(given, stages, "throttles");
  const charges: Charges = {};
  for (const stage of stages) {
    const list = given[stage] || [];
    if (!Array.isArray(list)) {
      throw new UsageError(
        `throttles.${stage} must be an array, or false. Write [{ by: "ip", max: 30, per: "1h" }].`,
      );
    }
    const throttles = (list as readonly (ThrottleRule | Throttle)[]).map((entry, index) =>
      // Whether a guess goes to validate or to confirm, it counts as one of the same thirty.
      toThrottle(
        entry,
        `throttles.${stage}[${index}]`,
        entry === failures ? "failures" : `${stage} ${index}`,
        parts,
      ),
    );
    if (throttles.length > 0) charges[stage] = chargerOf(stage, throttles);
  }
  return charges;
}

const stages = ["request", "validate", "confirm"] as const satisfies readonly Stage[];

function chargerOf(stage: Stage, throttles: readonly Throttle[]): NonNullable<Charges[Stage]> {
  return async (context, now, identifier) => {
    const attempt: Attempt = {
      ...context,
      ...{ stage, now, identifier: identifier && foldIdentifier(identifier) },
    };
    const taken: Throttle[] = [];
    const giveBack = async () => {
      for (const throttle of taken) await throttle.giveBack?.(attempt);
    };
    for (const throttle of throttles) {
      const refusal = await take(throttle, attempt).catch(async (error: unknown) => {
        // An outage of one is no verdict of the others.
        await giveBack().catch(() => undefined);
        throw error;
      });
      if (refusal) {
        throw new ResetError("throttled", { retryAfter: Math.max(1, Math.ceil(refusal.retryAfter)) });
      }
      taken.push(throttle);
    }
    return { giveBack };
  };
}

async function take(throttle: Throttle, attempt: Attempt) {
  return callback(`throttles.${attempt.stage}`, () => throttle.take(attempt));
}

function toThrottle(entry: ThrottleRule | Throttle, where: string, name: string, parts: Parts): Throttle {
  if (typeof entry === "object" && entry && "take" in entry) {
    assertFunction(entry.take, `${where}.take`, "pass a function that counts an attempt");
    return entry;
  }
  assertKnownKeys(entry, ["by", "max", "per"], where);
  assertInteger(entry.max, `${where}.max`, 1, 1e9);
  const per = milliseconds(entry.per, `${where}.per`);
  const visitorOf = entry.by === "ip" ? byIp(parts.log) : entry.by;
  assertFunction(visitorOf, `${where}.by`, 'use "ip", or a function of the attempt');

  const tiers = [[visitorOf, entry.max] as const];
  if (entry.by === "ip") tiers.push([siteOf, networksPerSite * entry.max]);

  const hit = async (of: typeof visitorOf, attempt: Attempt, by: number) => {
    const visitor = of(attempt);
    if (visitor === undefined) return null;
    // The scope isn't part of it: a client may choose it.
    const key = await keyedName(parts.keys, "throttle", [name, "", visitor]);
    return parts.counters.hit(key, { per, by, now: attempt.now });
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
