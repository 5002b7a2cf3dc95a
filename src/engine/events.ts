import { UsageError } from "../check-options.js";
import { ResetError } from "../errors.js";
import { TimeoutError, withTimeout } from "../runtime/timeout.js";
import type { EventOrigin, Events, Listener, Origin } from "../types.js";
import { observed, type Observer, type Step } from "./observers.js";

/** Listeners by event, and the two ways to call them. */
export interface Emitter<U> {
  on<Name extends keyof Events<U>>(name: Name, listener: Listener<U, Name>): () => void;
  /** Whether there's a listener: without one, the event needn't be built. */
  isHeard(name: keyof Events<U>): boolean;
  /** Calls all listeners concurrently. What they throw goes to `onError` and nowhere else. */
  tell<Name extends keyof Events<U>>(name: Name, event: Events<U>[Name]): Promise<void>;
  /**
   * Calls all listeners, one after the other. The first that throws ends it: a `ResetError` is thrown as it is,
   * anything else as `vetoed`. A listener that times out is an outage, not a veto.
   */
  ask<Name extends keyof Events<U>>(name: Name, event: Events<U>[Name]): Promise<void>;
  /** Runs a step inside all observers. */
  observe<T>(step: Step, work: () => Promise<T>): Promise<T>;
  /** Functions that time steps. */
  readonly observers: Observer[];
}

/** How long listeners may hold up what is waiting for them, in milliseconds. */
const patience = 5_000;

/** What events and messages report about a request. Without tenants, the scope of an account is empty. */
export function eventOrigin(request: Origin, scope: string | undefined): EventOrigin {
  return { request, scope: scope || undefined };
}

export function createEmitter<U>(onError: (name: keyof Events<U>, error: unknown) => void): Emitter<U> {
  const listeners = new Map<keyof Events<U>, Set<Listener<U, any>>>();
  const listenersOf = (name: keyof Events<U>) => [...(listeners.get(name) ?? [])];
  const observers: Observer[] = [];

  return {
    on(name, listener) {
      if (!known.has(name)) {
        throw new UsageError(`There's no event "${String(name)}". Use one of ${[...known].join(", ")}.`);
      }
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },

    observers,
    observe: (step, work) => observed(observers, step, work),
    isHeard: (name) => (listeners.get(name)?.size ?? 0) > 0,

    async tell(name, event) {
      const heard = listenersOf(name);
      if (heard.length === 0) return;
      const telling = Promise.all(
        heard.map(async (listener) => {
          try {
            await listener(event);
          } catch (error) {
            onError(name, error);
          }
        }),
      );
      let timer: ReturnType<typeof setTimeout> | undefined;
      const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
      await Promise.race([telling, enough]);
      clearTimeout(timer);
    },

    async ask(name, event) {
      for (const listener of listenersOf(name)) {
        try {
          await withTimeout(patience, `A listener of "${name}"`, () => listener(event));
        } catch (cause) {
          if (cause instanceof ResetError || cause instanceof TimeoutError) throw cause;
          throw new ResetError("vetoed", { cause });
        }
      }
    },
  };
}

const known: ReadonlySet<PropertyKey> = new Set<keyof Events<unknown>>([
  "tokenCreated",
  "beforeReset",
  "afterReset",
  "delivered",
  "refused",
  "failed",
  "alarm",
  "adminAction",
]);
