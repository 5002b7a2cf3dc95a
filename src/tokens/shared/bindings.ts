import type { Account, StateValue } from "../../types.js";
import { writeUserId } from "../../user-id.js";

/** What every token of an account is bound to: a change of any of it kills the token. */
export function bindings(account: Account): StateValue[] {
  return [writeUserId(account.id), account.scope, account.address, ...account.state];
}
