/**
 * The engine's cryptography with the history's randomness in place of the system's. Keys are derived once for all histories:
 * that is a quarter of the time of starting an engine.
 */
import * as node from "#crypto";
import { running } from "./scheduler.js";

export * from "#crypto";

export function random(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => running.random.below(256));
}

export const deriveMacKey = once(node.deriveMacKey);
export const deriveSealKey = once(node.deriveSealKey);

function once<Key>(derive: (secret: Uint8Array, info: string) => Key): typeof derive {
  const known = new Map<string, Key>();
  return (secret, info) => {
    const name = `${Buffer.from(secret).toString("hex")} ${info}`;
    if (!known.has(name)) known.set(name, derive(secret, info));
    return known.get(name)!;
  };
}
