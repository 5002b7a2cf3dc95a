import { writeUserId } from "../../identity/user-id.js";
import type { Account, StateValue } from "../../ports.js";

/** What every token of an account is bound to: a change of any of it kills the token. */
export function bindings(account: Account): StateValue[] {
  const { id, scope, address, addresses = [address], state } = account;
  // In an order of their own: which one the application lists first isn't part of what a token is bound to.
  return [writeUserId(id), scope, ...[...addresses].sort(), ...state];
}
