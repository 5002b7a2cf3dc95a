/**
 * How a form shows that it came from a page of ours (OWASP, Cross-Site Request Forgery Prevention).
 *
 * Two checks, and both must pass. What the browser says of the sender: `Sec-Fetch-Site`, and `Origin` where
 * `baseUrl` is set. And a double submit: the field `form_token` is an HMAC of what the form is for, under a
 * random key that only this browser has, in its cookie.
 *
 * There is no session before a log-in that a key of the server could be bound to, and whatever such a key
 * signed, a stranger could have had signed for his own browser; so there is none, and nothing to configure.
 * For the form that sets a password the link's cookie is part of what is signed. Whoever swaps that cookie,
 * by opening another link in the same browser, makes the form out of date, instead of having it set the
 * password of another account.
 *
 * @module
 */
import { equal, importMacKey, mac, random } from "#crypto";
import { canonicalBytes } from "../crypto/canonical.js";
import { base64url, fromBase64url } from "../crypto/encoding.js";
import { readCookie, setFormKey } from "./cookies.js";
import type { Visit } from "./page.js";

export type Purpose = "ask" | "code" | "choose";

/** What a form of this browser must carry, and the cookie that goes with it where there is none yet. */
export async function formToken(
  visit: Visit,
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
export async function isOwnForm(visit: Visit, purpose: Purpose, token: string): Promise<boolean> {
  if (!isFromOwnSite(visit)) return false;
  const key = formKeyOf(visit);
  const shown = fromBase64url(token);
  return key !== null && shown !== null && equal(shown, await sign(key, visit, purpose));
}

/**
 * Browsers send `Origin: null` with forms of pages whose referrer policy is `no-referrer`, as ours is (Fetch
 * §3.2), so that value says nothing. `none`: the user did it without any page, for example by reloading.
 */
function isFromOwnSite({ site, request }: Visit): boolean {
  const origin = request.header("origin") ?? "null";
  const relation = request.header("sec-fetch-site") ?? "same-origin";
  const isOrigin = origin === "null" || site.origin === undefined || origin === site.origin;
  return isOrigin && (relation === "same-origin" || relation === "none");
}

function formKeyOf({ site, request }: Visit): Uint8Array | null {
  const key = fromBase64url(readCookie(request.header("cookie"), "resetkit-form", site.secure) ?? "");
  return key?.length === 16 ? key : null;
}

async function sign(key: Uint8Array, { site, request }: Visit, purpose: Purpose): Promise<Uint8Array> {
  const ticket =
    purpose === "choose" ? readCookie(request.header("cookie"), "resetkit", site.secure) : undefined;
  return mac(await importMacKey("sha256", key), canonicalBytes(["resetkit/form", purpose, ticket]));
}
