import { milliseconds } from "../duration.js";
import { foldIdentifier, maskIdentifier } from "../identity/identifier.js";
import type { Deliver, Duration, Message } from "../types.js";

type Kind = Message<unknown>["kind"];

/** Collects messages instead of sending emails, for an application's tests. */
export interface Outbox<U> {
  /** Pass it to `passwordReset` as `deliver`. */
  readonly deliver: Deliver<U>;
  /** Everything that was delivered, in order. */
  readonly messages: readonly Message<U>[];
  /**
   * Resolves to the first message to an email address that `next` hasn't returned before, and waits for it if necessary.
   * Rejects after `timeout`, which is in real time.
   */
  next<K extends Kind = "reset">(
    address: string,
    options?: {
      /**
       * The kind of message to wait for.
       *
       * @default "reset"
       */
      readonly kind?: K;
      /**
       * How long to wait.
       *
       * @default "5s"
       */
      readonly timeout?: Duration;
    },
  ): Promise<Extract<Message<U>, { kind: K }>>;
  /** Removes all messages. */
  clear(): void;
}

interface Waiting {
  matches(message: Message<unknown>): boolean;
  take(message: Message<unknown>): void;
}

/**
 * Keeps the messages that resetkit would email, so that a test can open their links.
 *
 * @example
 * const mail = outbox();
 * const reset = passwordReset({ users, store, secret, url, deliver: mail.deliver });
 * await reset.request({ identifier: "ada@example.com" });
 * const { token } = await mail.next("ada@example.com");
 */
export function outbox<U = any>(): Outbox<U> {
  const messages: Message<U>[] = [];
  const returned = new WeakSet<Message<U>>();
  const waiting = new Set<Waiting>();

  const deliver = (message: Message<U>) => {
    messages.push(message);
    const reader = [...waiting].find((one) => one.matches(message));
    reader?.take(message);
  };

  return {
    messages,
    deliver: Object.assign(deliver, { dryRun: () => undefined }),
    next(address, { kind = "reset" as never, timeout = "5s" } = {}) {
      const wanted = foldIdentifier(address);
      const matches = (message: Message<U>) =>
        message.kind === kind && foldIdentifier(message.address) === wanted && !returned.has(message);
      return new Promise((resolve, reject) => {
        const take = (message: Message<U>) => {
          clearTimeout(timer);
          waiting.delete(reader);
          returned.add(message);
          resolve(message as never);
        };
        const reader: Waiting = { matches, take };
        const timer = setTimeout(
          () => {
            waiting.delete(reader);
            reject(
              new Error(
                `No "${kind}" message to ${maskIdentifier(address)} was delivered within ${String(timeout)}; messages delivered in total: ${messages.length}. If no email was sent, the log has the reason. With worker: "outside", call reset.drain() first.`,
              ),
            );
          },
          milliseconds(timeout, "next({ timeout })"),
        );
        waiting.add(reader);
        const there = messages.find(matches);
        if (there) take(there);
      });
    },
    clear() {
      messages.length = 0;
    },
  };
}
