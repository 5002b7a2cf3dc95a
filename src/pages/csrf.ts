/**
 * Protects forms from cross-site request forgery (OWASP, Cross-Site Request Forgery Prevention).
 *
 * Two checks, and both must pass. The first is what the browser reports about the sender: `Sec-Fetch-Site`, and `Origin`
 * if `baseUrl` is set. The second is a double submit: the field `form_token` is an HMAC of the form's purpose, under a
 * random key that only this browser has, in its cookie.
 *
 * Before sign-in, there's no session to bind a server key to, and an attacker could get the same signature with their own
 * browser. So there's no server key, and nothing to configure.
 * For the form that sets a password, the HMAC also covers the link's cookie. If that cookie changes because another link
 * was opened in the same browser, the form is rejected as expired. Otherwise it would set the password of another account.
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

/** The part of a visit that's needed here, so that administrators' pages can use these forms too. */
interface FormVisit extends Pick<Visit, "request"> {
  readonly site: Pick<Site, "origin" | "secure">;
}

/** The token that a form of this browser must carry, and the cookie to set if the browser doesn't have one yet. */
export async function formToken(
  visit: FormVisit,
  purpose: Purpose,
): Promise<{ readonly token: string; readonly cookies: readonly string[] }> {
  const known = formKeyOf(visit);
  const key = known ?? random(16);
  return {
    token: base64url(await sign(key, visit, purpose)),
    // The same key for all forms of a browser, so that a second tab doesn't invalidate the first.
    cookies: known ? [] : [setFormKey(base64url(key), visit.site.secure)],
  };
}

/** Whether a POST comes from a form that this site served to this browser for this purpose. */
export async function isOwnForm(visit: FormVisit, purpose: Purpose, token: string): Promise<boolean> {
  if (!isFromOwnSite(visit)) return false;
  const key = formKeyOf(visit);
  const shown = fromBase64url(token);
  return key !== null && shown !== null && equal(shown, await sign(key, visit, purpose));
}

/**
 * Browsers send `Origin: null` with forms of pages whose referrer policy is `no-referrer`, as these pages' is (Fetch
 * §3.2), so that value proves nothing. `none` means that the user sent it without a page, for example by reloading.
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
