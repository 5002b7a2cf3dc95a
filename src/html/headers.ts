import { digest } from "#crypto";
import { utf8 } from "../crypto/encoding.js";

/**
 * What every answer of the pages carries, whatever its status: nothing is cached, indexed, framed or
 * sniffed; nothing is loaded from anywhere; no script runs but the one that is named, which may call its own
 * site; and no address travels on as a referrer.
 *
 * `form-action 'self'` also holds for the redirect that answers a form, which is why pages redirect to
 * paths of their own only.
 */
export async function headersOf(
  style: string,
  secure: boolean,
  script?: string,
): Promise<Readonly<Record<string, string>>> {
  const scripts = script === undefined ? "" : ` script-src '${await hashOf(script)}'; connect-src 'self';`;
  return {
    "content-security-policy": `default-src 'none'; style-src '${await hashOf(style)}';${scripts} form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "x-robots-tag": "noindex",
    ...(secure && { "strict-transport-security": "max-age=31536000" }),
  };
}

/** As a policy names what stands in the page itself (CSP 3 §2.3.1). */
async function hashOf(text: string): Promise<string> {
  const bytes = await digest("sha256", utf8(text));
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}
