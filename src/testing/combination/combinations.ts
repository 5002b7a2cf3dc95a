/**
 * What can be combined: kinds of tokens, one transaction or steps, and a worker inside or outside.
 *
 * @module
 */
import { djangoTokens, randomNumber, signedTokens, storedTokens } from "../../index.js";
import type { TokenStrategy } from "../../types.js";
import type { Person } from "./people.js";

export interface Combination {
  /** The kinds of tokens, as in `"signed, then stored with codes"`. */
  readonly kind: string;
  /** Whether users and store change in one transaction, by `users.lock`. */
  readonly lock: boolean;
  readonly worker: "inside" | "outside";
  /** Whether messages have a code besides the link. */
  readonly codes: boolean;
  readonly tokens: () => TokenStrategy | readonly TokenStrategy[];
}

const withCodes = () => storedTokens({ generator: randomNumber({ digits: 8 }) });
const django = () =>
  djangoTokens({
    secretKey: "a secret key of a Django site, for this suite",
    user: ({ hash, email }: Person) => ({ password: hash, lastLogin: null, email }),
  });

const kinds: readonly Pick<Combination, "kind" | "codes" | "tokens">[] = [
  { kind: "stored", codes: false, tokens: () => storedTokens() },
  { kind: "stored with codes", codes: true, tokens: withCodes },
  { kind: "signed", codes: false, tokens: () => signedTokens({ ids: "integer" }) },
  { kind: "Django's", codes: false, tokens: django },
  {
    kind: "signed, then stored with codes",
    codes: false,
    tokens: () => [signedTokens({ ids: "integer" }), withCodes()],
  },
  {
    kind: "stored with codes, then signed",
    codes: true,
    tokens: () => [withCodes(), signedTokens({ ids: "integer" })],
  },
  { kind: "stored, then Django's", codes: false, tokens: () => [storedTokens(), django()] },
];

/** All of them; without `lock` only those that do without one transaction. */
export function combinations({ lock }: { readonly lock: boolean }): Combination[] {
  return kinds.flatMap((kind) =>
    (lock ? [false, true] : [false]).flatMap((locked) =>
      (["inside", "outside"] as const).map((worker) => ({ ...kind, lock: locked, worker })),
    ),
  );
}

export function nameOf({ kind, lock, worker }: Combination): string {
  return `tokens: ${kind}; ${lock ? "in one transaction" : "in steps"}; worker ${worker}`;
}
