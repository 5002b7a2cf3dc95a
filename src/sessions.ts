/**
 * For sessions that can't be deleted, such as JWTs: a version of an account's credentials, to copy into the session at
 * sign-in and to compare on every request.
 *
 * @module
 */
import { equal } from "#crypto";
import { UsageError } from "./check-options.js";
import { base64url, utf8 } from "./crypto/encoding.js";
import { createKeyring } from "./crypto/keyring.js";
import type { Keyring } from "./ports.js";

/**
 * A secret of at least 32 bytes, or a list to rotate it: versions are made with the first, and match with any of them.
 */
export type CredentialSecret = string | Uint8Array | readonly (string | Uint8Array)[];

/**
 * Returns a string of 22 characters that changes whenever the stored password hash does, and reveals nothing about it.
 *
 * Put it into the JWT at sign-in, computed from the row whose hash was verified. After a reset, `isCurrentCredential`
 * rejects every JWT from before. An account without a password (`null`) has a version as well.
 *
 * @param passwordHash - As it's stored with the account.
 * @param secret - Can be the secret of `passwordReset`: the key is derived for this purpose alone.
 * @throws {TypeError} If the secret is short or a placeholder, or the hash isn't a string or `null`.
 * @example
 * ```ts
 * const version = await credentialVersion(user.passwordHash, secret);
 * const jwt = await new SignJWT({ credentialVersion: version }).setProtectedHeader({ alg: "HS256" }).sign(key);
 * ```
 */
export function credentialVersion(passwordHash: string | null, secret: CredentialSecret): Promise<string> {
  return versionOf(createKeyring(secret), 0, passwordHash);
}

/**
 * Whether a version matches the account's current password hash. The comparison takes the same time wherever the two
 * differ.
 *
 * @param version - The version in the session. Anything but a string is rejected.
 * @throws {TypeError} As `credentialVersion` does.
 */
export async function isCurrentCredential(
  version: unknown,
  passwordHash: string | null,
  secret: CredentialSecret,
): Promise<boolean> {
  const keys = createKeyring(secret);
  let isCurrent = false;
  for (let index = 0; index < keys.size; index++) {
    const expected = await versionOf(keys, index, passwordHash);
    if (typeof version === "string" && equal(utf8(version), utf8(expected))) isCurrent = true;
  }
  return isCurrent;
}

async function versionOf(keys: Keyring, index: number, passwordHash: unknown): Promise<string> {
  if (typeof passwordHash !== "string" && passwordHash !== null) {
    throw new UsageError(
      `credentialVersion got a password hash of type ${typeof passwordHash}. Pass the stored hash as a string, or null for an account without a password.`,
    );
  }
  return base64url((await keys.mac(index, "credential-version", [passwordHash])).subarray(0, 16));
}
