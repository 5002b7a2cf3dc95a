import { assertFunction, assertKnownKeys, assertInteger } from "../check-options.js";
import { base64url } from "../crypto/encoding.js";
import { milliseconds } from "../duration.js";
import { ResetError } from "../errors.js";
import { formatIpv4, isIpv4, parseIp } from "../identity/ip.js";
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
export type Charges = Partial<Record<Stage, (context: ResetContext, now: number) => Promise<Charge>>>;

interface Parts {
  readonly keys: Keyring;
  readonly counters: CounterStore;
  readonly log: Log;
}

/** As in django-rest-passwordreset: 3 requests per day for one client, and no other limit. */
const defaults: Throttles = { request: [{ by: "ip", max: 3, per: "24h" }] };

/** Every use of a stage is charged to every throttle of the stage, before anything is evaluated. */
export function createThrottles(option: Throttles | false | undefined, parts: Parts): Charges {
  const given = option === false ? {} : (option ?? defaults);
  assertKnownKeys(given, stages, "throttles");
  const charges: Charges = {};
  for (const stage of stages) {
    const throttles = (given[stage] || []).map((entry, index) =>
      toThrottle(entry, `throttles.${stage}[${index}]`, `${stage} ${index}`, parts),
    );
    if (throttles.length > 0) charges[stage] = chargerOf(stage, throttles);
  }
  return charges;
}

const stages = ["request", "validate", "confirm"] as const satisfies readonly Stage[];

function chargerOf(stage: Stage, throttles: readonly Throttle[]): NonNullable<Charges[Stage]> {
  return async (context, now) => {
    const attempt: Attempt = { ...context, stage, now };
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
  if ("take" in entry) {
    assertFunction(entry.take, `${where}.take`, "pass a function that counts an attempt");
    return entry;
  }
  assertKnownKeys(entry, ["by", "max", "per"], where);
  assertInteger(entry.max, `${where}.max`, 1, 1e9);
  const per = milliseconds(entry.per, `${where}.per`);
  const visitorOf = entry.by === "ip" ? byIp(parts.log) : entry.by;
  assertFunction(visitorOf, `${where}.by`, 'use "ip", or a function of the attempt');

  const hit = async (attempt: Attempt, by: number) => {
    const visitor = visitorOf(attempt);
    if (visitor === undefined) return null;
    // Keyed, so that a dump of the counters shows no addresses.
    const mac = await parts.keys.mac(0, "throttle", [name, attempt.scope ?? "", visitor]);
    return parts.counters.hit(base64url(mac.subarray(0, 16)), { per, by, now: attempt.now });
  };
  return {
    async take(attempt) {
      const window = await hit(attempt, 1);
      if (window && window.count > entry.max) return { retryAfter: (window.resetAt - attempt.now) / 1000 };
    },
    async giveBack(attempt) {
      await hit(attempt, -1);
    },
  };
}

function byIp(log: Log): (attempt: Attempt) => string | undefined {
  let warned = false;
  return ({ ip }) => {
    if (ip) return visitorOfIp(ip);
    if (!warned) {
      warned = true;
      log.warn(
        "A request came without the client's IP address, so rate limits by IP address don't count it. Pass { ip } in the context.",
      );
    }
  };
}

/**
 * Who an address is for a throttle: an IPv4 address is itself, also when it is written as IPv6, and an IPv6
 * address is its /64, since one household gets 2^64 of them (RFC 6177).
 */
export function visitorOfIp(text: string): string {
  const ip = parseIp(text);
  if (!ip) return text.slice(0, 64);
  if (isIpv4(ip)) return formatIpv4(ip);
  const network = ip.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(":")}::/64`;
}
