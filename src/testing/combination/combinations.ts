/**
 * The combinations: token strategies, one transaction or separate steps, a worker inside or outside the process, and all
 * further options or none.
 *
 * @module
 */
import { djangoTokens, randomNumber, signedTokens, storedTokens } from "../../index.js";
import type { TokenStrategy } from "../../types.js";
import type { Person } from "./people.js";

export interface Combination {
  /** The token strategies, as in `"signed, then stored with codes"`. */
  readonly kind: string;
  /** Whether users and store change in one transaction, with `users.lock`. */
  readonly lock: boolean;
  readonly worker: "inside" | "outside";
  /**
   * Whether all further options are used: a second factor, `throttles: "fair"`, flows, `hashPassword`, a `mayReset` that
   * queries the database, a listener of `beforeReset`, `notifyUnknown`, and validators.
   */
  readonly full: boolean;
  /** Whether messages have a one-time code in addition to the link. */
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

/**
 * All combinations; without `lock`, only those that need no shared transaction. Half of them use all further options,
 * chosen so that each strategy, each way, and each worker is tested both with and without them.
 */
export function combinations({ lock }: { readonly lock: boolean }): Combination[] {
  return kinds.flatMap((kind, index) =>
    (lock ? [false, true] : [false]).flatMap((locked) =>
      (["inside", "outside"] as const).map((worker) => {
        const full = (index + Number(locked) + Number(worker === "inside")) % 2 === 1;
        return { ...kind, lock: locked, worker, full };
      }),
    ),
  );
}

export function nameOf({ kind, lock, worker, full }: Combination): string {
  const way = lock ? "in one transaction" : "in steps";
  return `tokens: ${kind}; ${way}; worker ${worker}${full ? "; every other option" : ""}`;
}
