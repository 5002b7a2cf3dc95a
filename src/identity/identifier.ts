/**
 * What people type to name their account: checked, and compared without being fooled by look-alikes.
 *
 * @module
 */

import { isProduction } from "../runtime/environment.js";

/** RFC 5321 §4.5.3.1.3: a path is at most 256 octets with its angle brackets. */
const maxLength = 254;

let addressPattern: RegExp | undefined;

/**
 * One addr-spec of dot-atoms (RFC 5322 §3.2.3, letters of other scripts as in RFC 6531), and nothing more: no quotes,
 * comments, groups, routes, lists, or display names. Mail libraries disagree on those, and have been tricked into
 * delivering to an attacker (CVE-2025-13033).
 *
 * The pattern is made for the first email address, since that takes half as long as loading the whole engine.
 */
function patternOfAddresses(): RegExp {
  if (addressPattern) return addressPattern;
  const atom = String.raw`[\p{L}\p{M}\p{N}!#$%&'*+/=?^_\x60{|}~-]+`;
  const label = String.raw`[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?`;
  // The last label begins with a letter: URL parsers take `1.2.3` and `0x7f.1` for IPv4, and rewrite them.
  const lastLabel = String.raw`(?!\p{N})${label}`;
  addressPattern = new RegExp(String.raw`^${atom}(?:\.${atom})*@(?:${label}\.)+${lastLabel}$`, "u");
  return addressPattern;
}

/** Letters that turn into ASCII under compatibility mapping (full-width, small forms, ẞ) are look-alikes. */
const lookAlike = /[\u1E9E\uFE50-\uFE6F\uFF00-\uFFEF\u2100-\u214F\u{1D400}-\u{1D7FF}]/u;
const invisible = /\p{Default_Ignorable_Code_Point}/u;

// Controls, line separators, and the invisible marks that change the direction of what follows.
const unprintable = /[\p{Cc}\p{Cs}\u2028\u2029\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/u;

/**
 * Whether a text is one email address of the strict kind that resetkit sends to. Outside production, an address at
 * `localhost` is one, too.
 */
export function isAddress(text: string): boolean {
  if (text.length > maxLength) return false;
  const at = text.lastIndexOf("@");
  const full = text.endsWith("@localhost") && isProduction() === false ? `${text}.test` : text;
  if (at > 64 || !patternOfAddresses().test(full) || lookAlike.test(text) || invisible.test(text))
    return false;
  // IDNA (UTS 46) maps compatibility forms on the way to the DNS: `exampleⅧ.com` would be `exampleviii.com`.
  const domain = text.slice(at + 1);
  return domain.normalize("NFKC") === domain.normalize("NFC");
}

/** Whether a text can be a username or phone number: bounded, and without control characters. */
export function isPlainText(text: string): boolean {
  return text !== "" && text.length <= maxLength && !unprintable.test(text);
}

/**
 * Whether a text has an invisible character. People paste one along with what they copied, and look for another
 * mistake.
 */
export function hasInvisible(text: string): boolean {
  return invisible.test(text) || /[\u2028-\u202E\u2066-\u2069]/.test(text);
}

/**
 * Folds an identifier for comparison: ASCII letters to lowercase, then Unicode's canonical form (NFC). The domain of an
 * email address is compared in ASCII (IDNA, UTS 46): browsers send `müller.example` as `xn--mller-kva.example`.
 *
 * No other letter becomes an ASCII one, however often a text is folded. NFC would turn the Kelvin sign into a capital `K`,
 * so that's undone: after the first step, no `K` is left that was typed. Dotless i, long s, and ß stay as they are
 * (compare CVE-2019-19844). A database that ignores accents or case its own way may find more accounts; this comparison
 * drops them again.
 */
export function foldIdentifier(identifier: string): string {
  const folded = identifier
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .normalize("NFC")
    .replace(/K/g, "\u212A");
  const at = folded.lastIndexOf("@") + 1;
  // Only for email addresses without look-alikes that IDNA would map: `isAddress` rejects the others.
  if (!/[^\0-\x7f]/.test(folded.slice(at)) || !isAddress(folded)) return folded;
  const host = `http://${folded.slice(at)}`;
  return URL.canParse(host) ? folded.slice(0, at) + new URL(host).hostname : folded;
}

/** Shows which account is meant without revealing the email address: `a•••@example.com`. */
export function maskIdentifier(identifier: string): string {
  const at = identifier.lastIndexOf("@");
  const [first = ""] = identifier;
  return at > 0 ? `${first}•••${identifier.slice(at)}` : `${first}•••`;
}
