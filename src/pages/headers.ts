import { digest } from "#crypto";
import { utf8 } from "../encoding.js";

/**
 * What every answer of the pages carries, whatever its status: nothing is cached, indexed, framed or
 * sniffed; nothing is loaded from anywhere; no script runs; and no address travels on as a referrer.
 *
 * `form-action 'self'` also holds for the redirect that answers a form, which is why pages redirect to
 * paths of their own only.
 */
export async function headersOf(style: string, secure: boolean): Promise<Readonly<Record<string, string>>> {
  const hash = base64(await digest("sha256", utf8(style)));
  return {
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
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

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
