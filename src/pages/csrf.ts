/**
 * How a form shows that it came from our own page (OWASP, Cross-Site Request Forgery Prevention).
 *
 * Two checks, and both must pass. What the browser says of the sender: `Sec-Fetch-Site`, and `Origin` where
 * `baseUrl` is set. And a double submit: the field `form_token` is an HMAC of what the form is for, under a
 * random key that only this browser has, in its cookie.
 *
 * Before sign-in there is no session that a server key could be bound to, and an attacker could get the same
 * signature with their own browser. So there's no server key, and nothing to configure.
 * For the form that sets a password, the link's cookie is part of what is signed. If that cookie changes,
 * because another link was opened in the same browser, the form has expired, instead of setting the
 * password of another account.
 *
 * @module
 */
import { equal, importMacKey, mac, random } from "#crypto";
import { canonicalBytes } from "../crypto/canonical.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import { readCookie, setFormKey } from "./cookies.js";
import type { Site } from "./options.js";
import type { Visit } from "./page.js";

export type Purpose = "ask" | "code" | "choose" | "admin";

/** What is needed of a visit, so that other pages than those of a reset can have such forms. */
interface FormVisit extends Pick<Visit, "request"> {
  readonly site: Pick<Site, "origin" | "secure">;
}

/** What a form of this browser must carry, and its cookie, unless the browser has one. */
export async function formToken(
  visit: FormVisit,
  purpose: Purpose,
): Promise<{ readonly token: string; readonly cookies: readonly string[] }> {
  const known = formKeyOf(visit);
  const key = known ?? random(16);
  return {
    token: base64url(await sign(key, visit, purpose)),
    // The same key for all forms of a browser: a second tab does not spoil the first.
    cookies: known ? [] : [setFormKey(base64url(key), visit.site.secure)],
  };
}

/** Whether a post comes from a form that this site gave to this browser, for this purpose. */
export async function isOwnForm(visit: FormVisit, purpose: Purpose, token: string): Promise<boolean> {
  if (!isFromOwnSite(visit)) return false;
  const key = formKeyOf(visit);
  const shown = fromBase64url(token);
  return key !== null && shown !== null && equal(shown, await sign(key, visit, purpose));
}

/**
 * Browsers send `Origin: null` with forms of pages whose referrer policy is `no-referrer`, as ours is (Fetch
 * §3.2), so that value says nothing. `none`: the user did it without any page, for example by reloading.
 */
export function isFromOwnSite({ site, request }: FormVisit): boolean {
  const origin = request.header("origin") ?? "null";
  const relation = request.header("sec-fetch-site") ?? "same-origin";
  const isOrigin = origin === "null" || site.origin === undefined || origin === site.origin;
  return isOrigin && (relation === "same-origin" || relation === "none");
}

/** Whether this browser has been shown a form, so it keeps cookies. */
export function hasFormKey(visit: FormVisit): boolean {
  return formKeyOf(visit) !== null;
}

function formKeyOf({ site, request }: FormVisit): Uint8Array | null {
  const key = fromBase64url(readCookie(request.header("cookie"), "resetkit-form", site.secure) ?? "");
  return key?.length === 16 ? key : null;
}

async function sign(key: Uint8Array, { site, request }: FormVisit, purpose: Purpose): Promise<Uint8Array> {
  const ticket =
    purpose === "choose" ? readCookie(request.header("cookie"), "resetkit", site.secure) : undefined;
  return mac(await importMacKey("sha256", key), canonicalBytes(["resetkit/form", purpose, ticket]));
}
