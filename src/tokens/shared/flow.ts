import { keyedName } from "../../crypto/keyed-name.js";
import type { Keyring } from "../../ports.js";

/** What's stored of a flow handle: no one who reads the queue or the counters can use it. */
export function flowKey(keys: Keyring, flow: string): Promise<string> {
  return keyedName(keys, "code/handle", [flow]);
}
