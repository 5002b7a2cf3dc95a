/**
 * Every await of the engine is a call of a port, so a fault at every await is a fault around every call:
 * injected from outside, with no hook in the product.
 */
import type { ResetOptions } from "../../src/types.js";

/** What happens around a call: `point` is its name, such as `tokens.put`, and `args` what it was given. */
export type Around = (
  point: string,
  args: readonly unknown[],
  call: () => unknown,
) => Promise<unknown> | unknown;

/** Callbacks that are used where they stand, without an await. */
const synchronous = new Set(["idOf", "parseId", "identifierOf", "addressOf", "localeOf"]);

/** The same options, with every call of a port going through `around`. */
export function aroundPorts<U>(options: ResetOptions<U>, around: Around): ResetOptions<U> {
  const { store, users, deliver, validators } = options;
  const wrapped = (name: string, call: any) =>
    Object.assign((...args: unknown[]) => around(name, args, () => call(...args)), call);
  return {
    ...options,
    users: facing("users", users, around),
    ...(store && {
      store: {
        ...store,
        tokens: facing("tokens", store.tokens, around),
        counters: facing("counters", store.counters, around),
        ...(store.queue && { queue: facing("queue", store.queue, around) }),
        ...(store.transaction && { transaction: wrapped("transaction", store.transaction) }),
      },
    }),
    deliver: Object.assign(wrapped("deliver", deliver), {
      ...(deliver.dryRun && { dryRun: wrapped("dryRun", deliver.dryRun) }),
    }),
    ...(validators && { validators: validators.map((one) => wrapped("validator", one)) }),
  };
}

function facing<Port extends object>(name: string, port: Port, around: Around): Port {
  const faced: Record<string, unknown> = {};
  for (const [verb, value] of Object.entries(port)) {
    faced[verb] =
      typeof value !== "function" || synchronous.has(verb)
        ? value
        : (...args: unknown[]) => around(`${name}.${verb}`, args, () => value.apply(port, args));
  }
  return faced as Port;
}
