import { createHmac } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Attempt } from "resetkit/types";

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, which is what one household gets. Hashed with a
 * secret, so that no IP address leaves your server.
 */
export function clientOf({ stage, ip }: Attempt, secret: string): string | undefined {
  if (ip === undefined) return undefined;
  return createHmac("sha256", secret)
    .update(`${stage} ${isIPv6(ip) ? firstHalf(ip) : ip}`)
    .digest("base64url");
}

function firstHalf(ip: string): string {
  const [before = "", after = ""] = ip.split("%")[0]!.split("::");
  const [head, tail] = [before, after].map((part) => (part ? part.split(":") : []));
  const zeros = Array<string>(Math.max(0, 8 - head!.length - tail!.length)).fill("0");
  return [...head!, ...zeros, ...tail!]
    .slice(0, 4)
    .map((group) => parseInt(group, 16))
    .join(":");
}
