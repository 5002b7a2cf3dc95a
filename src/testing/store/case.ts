import type { Store } from "../../types.js";

/** The optional parts of a store. A store without one doesn't have the property. */
export type StorePart = "queue" | "transaction";

/** One guarantee of the port, and a test for it. */
export interface StoreCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: StorePart;
  /** Rejects if the guarantee is broken. The store must be empty, and used by this case only. */
  run(store: Store): Promise<void>;
}
