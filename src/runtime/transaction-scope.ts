import { UsageError } from "../check-options.js";

/** The error message for a call that would wait for its own transaction. */
export const missingHandle =
  "A database call inside a transaction is missing the transaction's handle, so it could wait forever for that transaction to end. Pass the handle on: `{ transaction: handle }` to a store, `context.transaction` in a callback. Open another transaction after this one.";

/** The transactions of one connection, as their own calls see them. */
export interface TransactionScope {
  /** The error for a call made from inside one of them, also after awaits and timers. `undefined` for all other calls. */
  misuse(): UsageError | undefined;
  /** The work of a transaction, recognizable to `misuse` from its first step to its end. */
  inside<Args extends unknown[], T>(work: (...args: Args) => Promise<T>): (...args: Args) => Promise<T>;
}

/** One transaction whose work is running. */
interface Frame {
  readonly scope: TransactionScope;
  /** The transaction of another connection that this one was opened in. */
  readonly outer: Frame | undefined;
  isOpen: boolean;
}

export function createTransactionScope(): TransactionScope {
  let openHere = 0;
  const scope: TransactionScope = {
    misuse() {
      // Most calls are made while no transaction is open, and cost nothing but this comparison.
      if (openHere === 0) return undefined;
      let frame = currentFrame();
      while (frame && frame.scope !== scope) frame = openFrame(frame.outer);
      return frame && new UsageError(missingHandle);
    },
    inside(work) {
      const context = asyncContext();
      if (!context) return work;
      // Taken now: some drivers call back from a context of their own.
      const outer = currentFrame();
      return async (...args) => {
        const frame: Frame = { scope, outer, isOpen: true };
        openHere++;
        openAnywhere++;
        try {
          return await context.run(frame, () => work(...args));
        } finally {
          // What `work` left behind can wait for the commit: the commit doesn't wait for it.
          frame.isOpen = false;
          openHere--;
          if (--openAnywhere === 0) pause(context);
        }
      };
    },
  };
  return scope;
}

let openAnywhere = 0;
let known: AsyncContext | undefined;

/** The part of Node's `AsyncLocalStorage` that is used here. */
interface AsyncContext {
  getStore(): Frame | undefined;
  run<T>(frame: Frame, work: () => T): T;
  disable(): void;
}

/** Node, Bun, and Deno have one; browsers don't. An import would break the bundles of those that don't. */
function asyncContext(): AsyncContext | undefined {
  const { process } = globalThis as {
    process?: {
      getBuiltinModule?: (name: string) => { AsyncLocalStorage?: new () => AsyncContext } | undefined;
    };
  };
  if (known) return known;
  const Storage = process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  return (known = Storage && new Storage());
}

/** Whether a transaction can recognize its own calls here. Where it can't, only a limit ends their wait. */
export function seesOwnCalls(): boolean {
  return asyncContext() !== undefined;
}

function currentFrame(): Frame | undefined {
  return openFrame(known?.getStore());
}

/** The nearest one that is open. Closed transactions are left out of the chain, so that it can't grow without bound. */
function openFrame(frame: Frame | undefined): Frame | undefined {
  while (frame && !frame.isOpen) frame = frame.outer;
  return frame;
}

/** Before version 24, Node makes every promise of the process slower while a context is in use. */
function pause(context: AsyncContext): void {
  try {
    context.disable();
  } catch {
    // Cloudflare Workers don't implement it, and don't slow down.
  }
}
