import { describeError } from "../runtime/log.js";
import { withTimeout } from "../runtime/timeout.js";
import type { CheckOptions, Finding } from "../types.js";
import { checkAccounts } from "./check/accounts.js";
import { checkDelivery } from "./check/delivery.js";
import type { CheckParts } from "./check/parts.js";
import { checkQueue } from "./check/queue.js";
import { checkProxy, checkSecrets, checkUrl, repeatWarnings } from "./check/settings.js";
import { checkStore } from "./check/store.js";

/** How long each check may take, whatever it waits for. Milliseconds. */
const patience = 20_000;

/** Checks everything that resets depend on. A check that fails to run is a finding as well. */
export function createCheck<U>(parts: CheckParts<U>): (options: CheckOptions) => Promise<readonly Finding[]> {
  return async (options) => {
    const findings: Finding[] = [];
    const look = async (name: string, work: () => Promise<readonly Finding[]> | readonly Finding[]) => {
      try {
        findings.push(...(await withTimeout(patience, name, async () => work())));
      } catch (error) {
        findings.push({
          level: "error",
          what: `The check of ${name} failed. ${describeError(error, [options.account, options.mail])}.`,
          fix: "Fix what the message names, and run the check again.",
        });
      }
    };
    await look("the secrets", () => checkSecrets(parts.options.secret));
    await look("the options", () => repeatWarnings(parts.options));
    await look("the link", () => checkUrl(parts.options.url, options.network));
    await look("the proxy", () => checkProxy(parts.handlers));
    const before = findings.length;
    await look("the store", () => checkStore(parts));
    // Checks that need the store would only repeat that it doesn't work.
    const isUsable = findings.length === before;
    if (isUsable) await look("the queue", () => checkQueue(parts));
    await look("the accounts", () => checkAccounts(parts, options, isUsable));
    await look("the delivery", () => checkDelivery(parts, options));
    return findings;
  };
}
