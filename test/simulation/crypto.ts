/** The engine's cryptography with the history's randomness in place of the system's. */
import { running } from "./scheduler.js";

export * from "#crypto";

export function random(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => running.random.below(256));
}
