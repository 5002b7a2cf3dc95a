import { random } from "#crypto";
import { base64url } from "../../crypto/encoding.js";
import { describeError } from "../../runtime/log.js";
import type { Account } from "../../ports.js";
import type { CheckOptions, Finding } from "../../types.js";
import { differenceOf } from "../accounts.js";
import { splitFix, type CheckParts } from "./parts.js";

/** Looks one account up in both ways, and checks its state and hash. */
export async function checkAccounts<U>(
  parts: CheckParts<U>,
  options: CheckOptions,
  isStoreUsable: boolean,
): Promise<readonly Finding[]> {
  let findings: readonly Finding[];
  try {
    findings = (await parts.users.check?.()) ?? [];
  } catch (error) {
    // The checks below would only repeat it.
    return [splitFix("error", describeError(error).replace(/^TypeError: /, ""))];
  }
  const found = await accountOf(parts, options, isStoreUsable);
  if ("finding" in found) return [...findings, found.finding];
  const { account } = found;
  return [...findings, ...(account ? checkAccount(account) : []), ...(await checkHash(parts, account))];
}

type Found = { readonly account: Account | undefined } | { readonly finding: Finding };

async function accountOf<U>(
  { accounts, store }: CheckParts<U>,
  { account: asked, mail, scope = "" }: CheckOptions,
  isStoreUsable: boolean,
): Promise<Found> {
  const typed = asked ?? mail;
  if (typed === undefined) {
    const [row] = isStoreUsable && store ? await store.tokens.list({ limit: 1 }) : [];
    const current = row && (await accounts.current(row.userId, row.scope));
    return { account: current?.account };
  }
  const { accounts: matching, mismatched, ineligible, failures } = await accounts.lookUp(typed, scope);
  if (failures[0]) throw failures[0].error;
  const [account] = matching;
  if (account) {
    const again = await accounts.current(account.id, scope, typed);
    if (!again) {
      return error(
        "users.findById doesn't return an account that users.findByIdentifier found, so every link is invalid.",
        "Read the account from the same table, by the id that users.idOf returns.",
      );
    }
    const difference = differenceOf(account, again.account);
    if (!difference) return { account };
    return error(
      `users.findByIdentifier and users.findById differ for one account in ${difference}, so every link is invalid.`,
      "Read the account with the same query, or the same ORM, in both.",
    );
  }
  if (mismatched > 0) {
    return error(
      "users.findByIdentifier found the account, but none of its identifiers is what was typed.",
      "Return what people type from users.identifierOf, or pass users.normalize.",
    );
  }
  if (ineligible.length > 0) {
    return error(
      "users.mayReset doesn't allow a reset of the account.",
      "Check its status, or run the check with another account.",
    );
  }
  // The message of `mail` may go to an email address that has no account.
  if (asked === undefined) return { account: undefined };
  return error(
    "users.findByIdentifier found no account.",
    "Check the identifier, the scope, and the database that the query runs on.",
  );
}

function error(what: string, fix: string): Found {
  return { finding: { level: "error", what, fix } };
}

/** How stored password hashes begin, by format; the last two are digests, in hexadecimal or base64. */
const hashLike =
  /^(\$[a-z0-9-]{1,20}\$|(pbkdf2|bcrypt|argon2|scrypt|sha|md5|\{ssha|\{crypt)|!|[\w+/-]{32,}={0,2}$|.*[$:.][\w+/=-]{24,}$)/i;

function checkAccount({ state }: Account): readonly Finding[] {
  if (state.every((value) => value === undefined)) {
    return [
      {
        level: "error",
        what: "Every value of users.stateOf is undefined, so tokens are bound to nothing.",
        fix: "Return the columns under the names that they have: [user.passwordHash, user.email].",
      },
    ];
  }
  const isHashIn = state.some(
    (value) =>
      value === null || value instanceof Uint8Array || (typeof value === "string" && hashLike.test(value)),
  );
  if (isHashIn) return [];
  return [
    {
      level: "error",
      what: "No value of users.stateOf looks like a password hash, so a token may stay valid after the password changes.",
      fix: "Return the stored hash first: [user.passwordHash, user.email].",
    },
  ];
}

/** Hashes a random password twice, and compares the results. */
async function checkHash<U>(
  { users, policy, accounts }: CheckParts<U>,
  account: Account | undefined,
): Promise<readonly Finding[]> {
  const user = account?.user as U;
  const password = base64url(random(60));
  const stored = account?.state.filter((value): value is string => typeof value === "string") ?? [];
  const made: string[] = [];
  // Without an account, a hash that depends on the user can't be made.
  if (users.hashPassword && (account || users.hashPassword.length < 2)) {
    for (let count = 0; count < 2; count++) made.push(await users.hashPassword(password, user));
  }
  const findings: Finding[] = [];
  if (made.length > 0 && made[0] === made[1]) {
    findings.push({
      level: "error",
      what: "users.hashPassword returns the same hash for the same password, so it has no salt.",
      fix: "Use argon2id, scrypt or bcrypt, which add one: see docs/hashing.md.",
    });
  }
  if ([...stored, ...made].some((hash) => /^\$2[abxy]?\$/.test(hash))) {
    const identifiers = account ? accounts.identifiersOf(user) : [];
    const problems = await policy(password, { user, identifiers });
    if (problems.length === 0) {
      findings.push({
        level: "warning",
        what: "Passwords are hashed with bcrypt, which ignores what comes after 72 bytes, and longer ones are accepted.",
        fix: "Pass validators that include length({ maxBytes: 72 }).",
      });
    }
  }
  return findings;
}
