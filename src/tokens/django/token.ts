/**
 * Django's password reset token, byte for byte: `PasswordResetTokenGenerator` of Django 3.1 to 6.0.
 *
 * @module
 */
import { UsageError } from "../../check-options.js";
import { digest, equal, importMacKey, mac, type MacKey } from "#crypto";
import { base64url, fromBase36, fromBase64url, fromUtf8, utf8 } from "../../crypto/encoding.js";
import type { Awaitable } from "../../ports.js";

/** The four properties of an account that Django's token is made from. */
export interface DjangoUser {
  /** The primary key. For a UUID, its text in lowercase, with hyphens. */
  readonly pk: string | number | bigint;
  /** The stored hash, as Django encodes it. */
  readonly password: string;
  /** Such as `2026-01-10T08:09:10.123456+00:00`. Its fraction and its time zone are dropped. A Date is read as UTC. */
  readonly lastLogin: string | Date | null;
  readonly email: string | null;
}

/**
 * Django's names of the hashes; its default is sha256, and was sha1 before 3.1. On Web Crypto, as on Workers, there are only
 * sha1, sha256, sha384, and sha512.
 */
export type DjangoAlgorithm = (typeof algorithms)[number];

export const algorithms = [
  "sha1",
  "sha224",
  "sha256",
  "sha384",
  "sha512",
  "md5",
  "sha3_224",
  "sha3_256",
  "sha3_384",
  "sha3_512",
  "blake2b",
  "blake2s",
] as const;

export interface DjangoSettings {
  /** The site's `SECRET_KEY`. */
  readonly secret: string;
  /** The generator's `key_salt`, if a site has set one. */
  readonly keySalt?: string | undefined;
  /** Default `"sha256"`. */
  readonly algorithm?: DjangoAlgorithm | undefined;
}

export interface DjangoCheckSettings extends DjangoSettings {
  /** `SECRET_KEY_FALLBACKS`: used to check tokens, never to make them. */
  readonly fallbacks?: readonly string[] | undefined;
  /** `PASSWORD_RESET_TIMEOUT`, in seconds. */
  readonly timeout: number;
}

/** The server's wall clock: text such as `2026-01-15T12:34:56`, without a zone, or a Date, read as UTC. */
export type WallClock = string | Date;

/** Makes the token that Django makes for the same user at the same moment. */
export async function makeToken(settings: DjangoSettings, user: DjangoUser, now: WallClock): Promise<string> {
  return createDjango(settings).make(user, secondsOf(now));
}

/**
 * Whether Django would accept the token. As in Django, its age may be exactly `timeout`, and a token made for a moment
 * in the future is valid.
 */
export async function checkToken(
  settings: DjangoCheckSettings,
  user: DjangoUser | null | undefined,
  token: string | null | undefined,
  now: WallClock,
): Promise<boolean> {
  const seconds = secondsOf(now);
  if (!user || typeof token !== "string") return false;
  return createDjango(settings).check(user, token, seconds, settings.timeout);
}

/** The user part of Django's link: base64url of the primary key's text. */
export function encodeUid(pk: string | number | bigint): string {
  return base64url(utf8(String(pk)));
}

/**
 * The primary key's text from a link, or `null`. As lenient as Django: padding, unused bits, and characters outside the
 * alphabet don't matter. So one key has many spellings: never count or compare by them.
 */
export function decodeUid(text: string): string | null {
  const bytes = typeof text === "string" ? decodeLeniently(text) : null;
  if (!bytes) return null;
  try {
    return fromUtf8(bytes);
  } catch {
    return null;
  }
}

/** The generator of one site, which derives its keys once. */
export interface Django {
  /** `seconds` since 2001 by the wall clock. */
  make(user: DjangoUser, seconds: number): Promise<string>;
  check(user: DjangoUser, token: string, seconds: number, timeout: number): Promise<boolean>;
}

const hexDigits = "0123456789abcdef";
const defaultSalt = "django.contrib.auth.tokens.PasswordResetTokenGenerator";

export function createDjango(settings: DjangoSettings & Partial<DjangoCheckSettings>): Django {
  const { secret, fallbacks = [], keySalt = defaultSalt, algorithm = "sha256" } = settings;
  const secrets = [secret, ...fallbacks];
  const keys: Awaitable<MacKey>[] = [];
  const keyOf = (index: number) => (keys[index] ??= deriveKey(algorithm, keySalt + secrets[index]));

  async function partOf(index: number, user: DjangoUser, time: string): Promise<Uint8Array> {
    const part = await mac(await keyOf(index), utf8(messageOf(user, time)));
    // Every second hexadecimal digit: the upper half of each byte.
    return part.map((byte) => hexDigits.charCodeAt(byte >> 4));
  }

  return {
    async make(user, seconds) {
      if (seconds < 0) throw new UsageError("Django's tokens count from 2001. Use a later time.");
      return `${seconds.toString(36)}-${fromUtf8(await partOf(0, user, String(seconds)))}`;
    },

    async check(user, token, seconds, timeout) {
      const time = readTime(token);
      if (time === null) return false;
      const presented = utf8(token.slice(token.indexOf("-") + 1));
      for (let index = 0; index < secrets.length; index++) {
        const part = await partOf(index, user, String(time));
        if (equal(part, presented)) return seconds - Number(time) <= timeout;
      }
      return false;
    },
  };
}

async function deriveKey(algorithm: DjangoAlgorithm, text: string): Promise<MacKey> {
  return importMacKey(algorithm, await digest(algorithm, utf8(text)));
}

/**
 * The seconds since 2001 that a token names, or `null` if it can't be one of Django's. Django reads the number
 * leniently and then compares the whole token with one made from that number, so only the spelling that it writes
 * itself is ever valid: lowercase, no sign, no leading zeros.
 */
export function readTime(token: string): number | bigint | null {
  const digits = /^(0|[1-9a-z][0-9a-z]{0,12})-[^-]*$/.exec(token)?.[1];
  return digits === undefined ? null : fromBase36(digits);
}

/** Django counts seconds from here. */
export const epoch = /* @__PURE__ */ Date.UTC(2001, 0, 1);

/** Whole seconds from 2001-01-01 to that time on the same wall clock, without fractions. */
function secondsOf(now: WallClock): number {
  const text = wallText(now, /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?Z?$/);
  const time = text === null ? Number.NaN : Date.parse(`${text.replace(" ", "T")}Z`);
  if (!Number.isNaN(time)) return (time - epoch) / 1000;
  throw new UsageError(
    `now isn't a local time. Use a Date, or a string without a time zone, such as "2026-01-15T12:34:56".`,
  );
}

/** The parts have no separators, so two users can have the same message. See `djangoTokens`. */
function messageOf({ pk, password, lastLogin, email }: DjangoUser, time: string): string {
  return `${pk}${password}${lastLogin ? loginText(lastLogin) : ""}${time}${email ?? ""}`;
}

function loginText(lastLogin: string | Date): string {
  const text = wallText(
    lastLogin,
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d){0,2})?$/,
  );
  if (text !== null) return text;
  throw new UsageError(
    `lastLogin isn't a time. Use null, a Date, or a string such as "2026-01-10T08:09:10.123456+00:00".`,
  );
}

/** Date and time to the second, as Python prints them; `null` if there are none. */
function wallText(time: string | Date, pattern: RegExp): string | null {
  const text = time instanceof Date && !Number.isNaN(time.getTime()) ? time.toISOString() : String(time);
  const match = pattern.exec(text);
  return match && `${match[1]} ${match[2]}`;
}

/** What Django's decoder returns for base64url text, or `null` if it raises an error. */
function decodeLeniently(text: string): Uint8Array | null {
  let kept = "";
  let pads = 0;
  for (const character of text + "=".repeat(utf8(text).length % 4)) {
    const held = kept.length % 4;
    if (character === "=") {
      // Enough padding for what is held ends the text, whatever follows.
      if (held >= 2 && held + ++pads >= 4) return decodeKept(kept);
    } else if (/[A-Za-z0-9+/_-]/.test(character)) {
      kept += character;
      pads = 0;
    }
  }
  return kept.length % 4 === 0 ? decodeKept(kept) : null;
}

/** Filled up with zero bits, and cut to the whole bytes that were there: unused bits are ignored. */
function decodeKept(kept: string): Uint8Array | null {
  const length = Math.floor((kept.length * 3) / 4);
  const strict = kept.replaceAll("+", "-").replaceAll("/", "_");
  return fromBase64url(strict.padEnd(Math.ceil(kept.length / 4) * 4, "A"))?.slice(0, length) ?? null;
}
