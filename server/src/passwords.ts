import { hash, verify } from "@node-rs/argon2";

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Verifies a password. With `null` (no account, or one without a password), it does the same work and resolves to false. */
  matches(password: string, stored: string | null): Promise<boolean>;
}

// argon2id with 19 MiB, two iterations, and one lane: OWASP Password Storage Cheat Sheet.
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export function argon2id(onHash: () => void): Passwords {
  const hashOf = (password: string) => {
    onHash();
    return hash(password, cost);
  };
  // Computed before the first sign-in, so that the first one isn't slower than the others.
  const decoy = hash(crypto.randomUUID(), cost);

  return {
    hash: hashOf,
    async matches(password, stored) {
      const isMatch = await verify(stored ?? (await decoy), password);
      return isMatch && stored !== null;
    },
  };
}
