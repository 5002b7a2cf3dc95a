/**
 * Bytes as text and back: UTF-8, strict base64url (RFC 4648 §5, no padding), and hexadecimal. Also base-36 numbers.
 *
 * The decoders accept one spelling for each value. Lenient ones (`atob`, `Buffer.from`) accept several, and two
 * spellings of one token would be two keys for a throttle or a log.
 *
 * @module
 */
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const values = /* @__PURE__ */ Int8Array.from({ length: 128 }, (_, code) =>
  alphabet.indexOf(String.fromCharCode(code)),
);

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes; throws a `TypeError` if they aren't UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

export function base64url(bytes: Uint8Array): string {
  let text = "";
  let i = 0;
  for (; i + 2 < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text +=
      alphabet[word >> 18]! +
      alphabet[(word >> 12) & 63]! +
      alphabet[(word >> 6) & 63]! +
      alphabet[word & 63]!;
  }
  if (i + 1 === bytes.length) {
    text += alphabet[bytes[i]! >> 2]! + alphabet[(bytes[i]! & 3) << 4]!;
  } else if (i < bytes.length) {
    const word = (bytes[i]! << 8) | bytes[i + 1]!;
    text += alphabet[word >> 10]! + alphabet[(word >> 4) & 63]! + alphabet[(word & 15) << 2]!;
  }
  return text;
}

/** The bytes of base64url text, or `null` if it isn't the canonical spelling of any. */
export function fromBase64url(text: string): Uint8Array | null {
  const rest = text.length % 4;
  if (rest === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? values[code]! : -1;
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (held >> bits) & 255;
  }
  // Bits that no byte uses must be zero. Otherwise, the same bytes would have several spellings.
  return (held & ((1 << bits) - 1)) === 0 ? bytes : null;
}

export function hex(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += hexPairs[bytes[i]!]!;
  return text;
}

const hexPairs = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The bytes of lowercase hexadecimal text, or `null`. */
export function fromHex(text: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/**
 * The integer that lowercase base-36 digits stand for, or `null`. A bigint if there are more than ten digits. Leading
 * zeros are left to the caller. `parseInt` would read `1z!` as 71.
 */
export function fromBase36(digits: string): number | bigint | null {
  if (digits.length > 10) {
    const high = fromBase36(digits.slice(0, -10));
    const low = fromBase36(digits.slice(-10));
    return high === null || low === null ? null : BigInt(high) * 36n ** 10n + BigInt(low);
  }
  let value = 0;
  for (let i = 0; i < digits.length; i++) {
    const code = digits.charCodeAt(i);
    const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 122 ? code - 87 : -1;
    if (digit < 0) return null;
    value = value * 36 + digit;
  }
  return digits === "" ? null : value;
}
