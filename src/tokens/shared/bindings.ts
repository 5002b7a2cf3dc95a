import { writeUserId } from "../../identity/user-id.js";
import type { Account, StateValue } from "../../types.js";

/** What every token of an account is bound to: a change of any of it kills the token. */
export function bindings(account: Account): StateValue[] {
  return [writeUserId(account.id), account.scope, account.address, ...account.state];
}
