import { base64url } from "../../crypto/encoding.js";
import type { Keyring } from "../../types.js";

/** What is kept of a flow handle: no one who reads the queue or the counters can use it. */
export async function flowKey(keys: Keyring, flow: string): Promise<string> {
  return base64url((await keys.mac(0, "code/handle", [flow])).subarray(0, 16));
}
