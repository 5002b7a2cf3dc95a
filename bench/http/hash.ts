import { hash } from "@node-rs/argon2";
import { Piscina } from "piscina";
import { cost } from "./hash-cost.js";
import type { ServerOptions } from "./system.js";

let count = 0;

export const hashes = () => count;

export function argon2id(password: string): Promise<string> {
  count++;
  return hash(password, cost);
}

/** Stores the password as it is, to see what is left of a confirm without its hash. */
export function plain(password: string): string {
  count++;
  return `plain$${password}`;
}

/** As docs/hashing.md has it: whatever else wants a processor comes first. */
function inThreads(threads: number): (password: string) => Promise<string> {
  const pool = new Piscina<string, string>({
    filename: new URL("./hash-thread.js", import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    niceIncrement: 10,
  });
  return (password) => {
    count++;
    return pool.run(password);
  };
}

export function hashOf({
  hash: name,
  threads,
}: ServerOptions): (password: string) => string | Promise<string> {
  if (name === "none") return plain;
  return threads === undefined ? argon2id : inThreads(threads);
}
