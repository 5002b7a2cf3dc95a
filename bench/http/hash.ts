import { hash } from "@node-rs/argon2";
import type { ServerOptions } from "./system.js";

let count = 0;

export const hashes = () => count;

/** argon2id as OWASP has it: 19 MiB, two passes, one lane. */
export function argon2id(password: string): Promise<string> {
  count++;
  return hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
}

/** Stores the password as it is, to see what is left of a confirm without its hash. */
export function plain(password: string): string {
  count++;
  return `plain$${password}`;
}

export function hashOf({ hash: name }: ServerOptions): (password: string) => string | Promise<string> {
  return name === "none" ? plain : argon2id;
}
