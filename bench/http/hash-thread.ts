import { hashSync } from "@node-rs/argon2";
import { cost } from "./hash-cost.js";

/** What a thread does, as often as it is asked to. */
export default function argon2id(password: string): string {
  return hashSync(password, cost);
}
