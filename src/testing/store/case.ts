import type { Store } from "../../types.js";

/** What a store may do without: it then promises less, and says so by leaving the part out. */
export type StorePart = "queue" | "transaction";

/** One promise of the port, and how to see whether a store keeps it. */
export interface StoreCase {
  readonly name: string;
  /** The part without which the case makes no sense. */
  readonly needs?: StorePart;
  /** Rejects where the promise is broken. The store must be empty, and used by this case only. */
  run(store: Store): Promise<void>;
}
