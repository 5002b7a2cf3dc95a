import { writeUserId } from "../../identity/user-id.js";
import type { Account, StateValue } from "../../ports.js";

/** What every token of an account is bound to: changing any of it revokes the token. */
export function bindings(account: Account): StateValue[] {
  const { id, scope, address, addresses = [address], state } = account;
  // Sorted, so that a token isn't bound to the order in which the application lists them.
  return [writeUserId(id), scope, ...[...addresses].sort(), ...state];
}
