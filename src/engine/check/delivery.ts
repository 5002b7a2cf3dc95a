import { describeError } from "../../runtime/log.js";
import type { CheckOptions, Finding } from "../../types.js";
import { resetMessage } from "../messages.js";
import type { CheckParts } from "./parts.js";

/** Checks the transport, and sends a message if one was requested. */
export async function checkDelivery<U>(
  parts: CheckParts<U>,
  options: CheckOptions,
): Promise<readonly Finding[]> {
  const findings = [...((await parts.deliver.check?.(options.network)) ?? [])];
  if (options.mail !== undefined) findings.push(...(await send(parts, options.mail, options.scope)));
  return findings;
}

async function send<U>(parts: CheckParts<U>, address: string, scope = ""): Promise<readonly Finding[]> {
  const { accounts, linkOf, deliver, clock } = parts;
  // Templates may greet the user. If the address has no account, they get an empty one.
  const found = await accounts.lookUp(address, scope).catch(() => undefined);
  const user = (found?.accounts[0]?.user ?? {}) as U;
  const token = "this-link-is-a-test-and-does-not-work";
  try {
    const issued = { token, expiresAt: clock() + 3_600_000, settle: async () => undefined };
    const url = linkOf(user, token);
    await deliver(resetMessage<U>({ issued, user, address, url, locale: undefined, request: {}, scope }));
    return [];
  } catch (error) {
    return [
      {
        level: "error",
        what: `The message wasn't accepted. ${describeError(error, [address])}.`,
        fix: "Fix what the mail server names: credentials, the sender's domain, or the recipient.",
      },
    ];
  }
}
