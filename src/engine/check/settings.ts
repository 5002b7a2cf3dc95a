import { isWords } from "../../crypto/weak-secret.js";
import { isLoopback } from "../../identity/loopback.js";
import { isProduction, proxyingPlatform } from "../../runtime/environment.js";
import type { Finding, NetworkProbe, ResetOptions } from "../../types.js";
import { warningsOf } from "../settings.js";
import { splitFix } from "./parts.js";

/** The length of a secret is checked at construction. This finds secrets that people made up. */
export function checkSecrets(given: ResetOptions<unknown>["secret"]): readonly Finding[] {
  const secrets = typeof given === "string" || given instanceof Uint8Array ? [given] : given;
  return secrets.flatMap((secret, index) => {
    const name = secrets.length === 1 ? "secret" : `secret[${index}]`;
    const reason = typeof secret === "string" ? weakness(secret) : undefined;
    if (!reason) return [];
    return [
      {
        level: "error",
        what: `${name} ${reason}, so it can be guessed, and with it every token.`,
        fix: "Make one with: npx resetkit secret. To keep links that were already sent valid, set secret: [newOne, oldOne].",
      },
    ];
  });
}

function weakness(secret: string): string | undefined {
  if (/secret|password|keyboard|example|qwerty|tutorial|default/i.test(secret))
    return "contains a word from tutorials";
  if (/0123456|1234567|abcdefg|9876543/i.test(secret)) return "contains a sequence";
  // Random texts of this length have a digit, and both cases or a hexadecimal alphabet.
  return isWords(secret) ? "is made of words" : undefined;
}

/** The warnings that were also logged at construction, where no one may have read them. */
export function repeatWarnings<U>(options: ResetOptions<U>): readonly Finding[] {
  return warningsOf(options).map((message) => splitFix("warning", message));
}

export async function checkUrl(
  url: ResetOptions<any>["url"],
  network: NetworkProbe | undefined,
): Promise<readonly Finding[]> {
  if (typeof url !== "string") return [];
  const { hostname } = new URL(url);
  const fix = "Set url to the public address of your reset page.";
  if (isLoopback(hostname)) {
    if (!isProduction()) return [];
    return [{ level: "error", what: `Links lead to ${hostname}, which is each reader's own computer.`, fix }];
  }
  if (/(^|\.)example\.(com|net|org)$/.test(hostname)) {
    if (!isProduction()) return [];
    return [{ level: "error", what: `Links lead to ${hostname}, which is a placeholder.`, fix }];
  }
  if (!network || (await network.resolves(hostname))) return [];
  return [{ level: "error", what: `Links lead to ${hostname}, which has no IP address here.`, fix }];
}

/** What `createHandler` leaves for `checkProxy`. */
interface SeenHandler {
  readonly trustProxy?: unknown;
  readonly isForwarded?: boolean;
}

export function checkProxy(handlers: readonly SeenHandler[]): readonly Finding[] {
  const platform = proxyingPlatform();
  const handler = handlers.find((one) => one.trustProxy === undefined && (one.isForwarded || platform));
  if (!handler) return [];
  const reason = handler.isForwarded
    ? "A request came through a reverse proxy"
    : `${platform} is set, so there is a reverse proxy in front`;
  return [
    {
      level: "error",
      what: `${reason}, and trustProxy isn't set: all clients share the proxy's IP address and its rate limit.`,
      fix: "Set trustProxy to the number of your proxies, such as trustProxy: 1.",
    },
  ];
}
