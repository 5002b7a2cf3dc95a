/**
 * The three cookies of the pages. Over https their names start with `__Host-`, so that no sibling domain can
 * plant one (RFC 6265bis §4.1.3.2). They are `Lax`: a `Strict` one would not be sent on the redirect that
 * follows a click in web mail.
 *
 * @module
 */

/** The token of a link or a typed code, carried to the form in a cookie. */
export interface Ticket {
  readonly token: string;
  /** The identifier that was typed with a code. */
  readonly identifier?: string | undefined;
  /** The flow handle of the request that the code was sent for. */
  readonly flow?: string | undefined;
}

export type CookieName = "resetkit" | "resetkit-form" | "resetkit-flow";

/** 15 minutes to choose a password. */
const ticketSeconds = 900;

/** The value of a cookie as it was sent, or `undefined`. */
export function readCookie(
  header: string | undefined,
  name: CookieName,
  secure: boolean,
): string | undefined {
  const start = `${fullName(name, secure)}=`;
  const pair = header?.split(";").find((part) => part.trimStart().startsWith(start));
  return pair?.trim().slice(start.length);
}

/** A `Set-Cookie` value. Without `seconds`, the cookie lasts as long as the browser's session. */
function setCookie(name: CookieName, value: string, secure: boolean, seconds?: number): string {
  const lifetime = seconds === undefined ? "" : `; Max-Age=${seconds}`;
  return `${fullName(name, secure)}=${value}; Path=/${lifetime}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
}

export function setTicket(ticket: Ticket, secure: boolean): string {
  const { token, identifier, flow } = ticket;
  const given = [token, identifier, flow].filter((part) => part !== undefined);
  const value = given.map(encodeURIComponent).join(":");
  return setCookie("resetkit", value, secure, ticketSeconds);
}

export function dropTicket(secure: boolean): string {
  return setCookie("resetkit", "", secure, 0);
}

export function setFormKey(key: string, secure: boolean): string {
  return setCookie("resetkit-form", key, secure);
}

/** The flow handle of a request, for the code that it sends. */
export function setFlow(flow: string, secure: boolean): string {
  return setCookie("resetkit-flow", flow, secure, ticketSeconds);
}

/** The ticket in a cookie's value, or `null`. */
export function parseTicket(value: string | undefined): Ticket | null {
  const parts = value?.split(":") ?? [];
  if (parts.length < 1 || parts.length > 3) return null;
  try {
    const [token = "", identifier, flow] = parts.map(decodeURIComponent);
    return token === "" ? null : { token, identifier, flow };
  } catch {
    return null;
  }
}

function fullName(name: CookieName, secure: boolean): string {
  return secure ? `__Host-${name}` : name;
}
