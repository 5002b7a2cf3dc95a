import type { Issued, Message, Origin, ResetMessage } from "../types.js";
import { eventOrigin } from "./events.js";

/** What a message with a link is made of, for an account and for a decoy alike. */
export interface MessageParts<U> {
  readonly issued: Issued;
  readonly user: U;
  readonly address: string;
  readonly url: string;
  readonly locale: string | undefined;
  readonly request: Origin;
  /** `""` if there are no tenants. */
  readonly scope: string;
  readonly template?: string | undefined;
}

/**
 * The message with the link. Real emails and dry runs for unknown accounts are both made here, so that neither can
 * become more work than the other: the promise about timing depends on it.
 */
export function resetMessage<U>(parts: MessageParts<U>): ResetMessage<U> {
  const { issued, user, address, url, locale, request, scope, template } = parts;
  const { token, code, codeExpiresAt, expiresAt } = issued;
  return hideSecrets<ResetMessage<U>>({
    kind: "reset",
    user,
    address,
    token,
    code,
    codeExpiresAt: codeExpiresAt === undefined ? undefined : new Date(codeExpiresAt),
    url,
    expiresAt: new Date(expiresAt),
    locale,
    ...eventOrigin(request, scope),
    template,
  });
}

/**
 * A message that is logged, or sent to an error reporter, must not contain a usable link: `JSON.stringify` and
 * `console.log` show it without one. Reading its properties, and copying them, works as usual.
 */
function hideSecrets<
  M extends { readonly token: string; readonly url: string; readonly code?: string | undefined },
>(message: M): M {
  const shown = () => ({
    ...message,
    ...{ token: hidden, url: hidden, code: message.code === undefined ? undefined : hidden },
  });
  for (const name of ["toJSON", Symbol.for("nodejs.util.inspect.custom")]) {
    Object.defineProperty(message, name, { value: shown });
  }
  return message;
}

const hidden = "[hidden]";

/** What must not be logged of a message: a transport's error may quote it. */
export function secretsOf<U>(message: Message<U>): readonly (string | undefined)[] {
  if (message.kind !== "reset") return [message.address];
  return [message.token, message.code, message.url, message.address];
}
