import type { Keyring, StateValue } from "../ports.js";
import { base64url } from "./encoding.js";

/**
 * The name of a counter, or of anything else that's stored by name. It's a keyed hash, so that a leaked database shows
 * no token, IP address, or identifier.
 */
export async function keyedName(
  keys: Keyring,
  purpose: string,
  parts: readonly StateValue[],
): Promise<string> {
  return base64url((await keys.mac(0, purpose, parts)).subarray(0, 16));
}
