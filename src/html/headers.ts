import { digest } from "#crypto";
import { utf8 } from "../crypto/encoding.js";

/**
 * The headers of every page's response, regardless of its status. They prevent caching, indexing, framing, and content
 * sniffing. Nothing is loaded from elsewhere, and no URL is sent as a referrer. No script runs except `script`, which may
 * call its own site.
 *
 * `form-action 'self'` also applies to the redirect after a form, so pages redirect only to paths of their own.
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

/** The hash by which a policy allows inline code (CSP 3 §2.3.1). */
async function hashOf(text: string): Promise<string> {
  const bytes = await digest("sha256", utf8(text));
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}
