/**
 * A stateless strategy at work without an engine: its keys, its counters, and one account that can be changed.
 */
import { createHmac, hkdfSync } from "node:crypto";
import { memoryStore } from "resetkit/stores/memory";
import type {
  Account,
  ConnectedStrategy,
  Issued,
  StateValue,
  StrategyContext,
  TokenStrategy,
  UserId,
} from "resetkit/types";
import { canonicalBytes } from "../../src/crypto/canonical.js";
import { createKeyring } from "../../src/crypto/keyring.js";
import { keptLog } from "../kit.js";

export const start = Date.UTC(2026, 0, 15, 12);
export const day = 86_400_000;
export const secrets = [
  "the first secret of the tests 0123456789",
  "the second secret of the tests ABCDEFGHI",
  "the third secret of the tests !$%&/()=?",
] as const;

/** The signed token of `accountOf("ada")` at the start, with the first secret: a format that changes breaks links. */
export const knownToken = "1112eeo0gFDTaaMh7Xmb1e3gQfgh_AYWRh";

export function accountOf(id: UserId, changes: Partial<Account> = {}): Account {
  const user = { password: "pbkdf2_sha256$1$salt$hash", last_login: null, email: "ada@example.com" };
  return {
    user,
    id,
    scope: "",
    state: [user.password, user.email, true],
    address: user.email,
    ...changes,
  };
}

/** What a MAC is, written down once more with what Node has: a format that changes would break what is in the tables. */
export function macOf(secret: string, purpose: string, parts: readonly StateValue[]): Uint8Array {
  const key = new Uint8Array(hkdfSync("sha256", secret, "", `resetkit/${purpose}/v1`, 32));
  const mac = createHmac("sha256", key).update(canonicalBytes([purpose, ...parts]));
  return new Uint8Array(mac.digest());
}

export interface At extends Partial<StrategyContext> {
  readonly secret?: string | readonly string[];
}

/** Connects a strategy; what is not given is in memory. */
export function connect(
  strategy: TokenStrategy,
  { secret = secrets[0], ...context }: At = {},
): ConnectedStrategy {
  return strategy.connect({
    keys: createKeyring(secret),
    tokens: undefined,
    counters: memoryStore().counters,
    lifetime: day,
    maxLive: 3,
    log: keptLog(),
    ...context,
  });
}

export async function issue(
  connected: ConnectedStrategy,
  account: Account,
  { now = start, lifetime = day } = {},
): Promise<Issued> {
  const issued = await connected.issue({ account, now, lifetime, request: {} });
  if (issued === "over_cap") throw new Error("over the cap");
  await issued.settle(true);
  return issued;
}

/** The account of a token, if it is good; and which ids were looked up. */
export async function look(
  connected: ConnectedStrategy,
  token: string,
  account: Account | null,
  { now = start, scope = "" } = {},
) {
  const asked: UserId[] = [];
  const byId = async (id: UserId) => (asked.push(id), account);
  const claim = await connected.verify({ token, scope, now }, { byId, idsOf: async () => [] });
  return { claim, asked };
}
