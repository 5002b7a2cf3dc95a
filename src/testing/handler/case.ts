import type { Awaitable, Log, PasswordReset, ResetContext } from "../../types.js";
import type { BodyKind, Call } from "./scene.js";
import type { Answer, Sent } from "./wire.js";

/** What the suite asks an adapter's tests to start. */
export interface Mounting {
  readonly reset: PasswordReset;
  /** Where to mount, in the framework's own way. */
  readonly path: string;
  /** To be passed to the adapter as they are. */
  readonly options: HandlerSettings;
  /** Which of the suite's `parsers` to put before the adapter; none where it is not there. */
  readonly parser?: string | undefined;
}

/** The options of `createHandler` that the suite uses. */
export interface HandlerSettings {
  readonly log: Log;
  readonly trustProxy?: number | readonly string[];
  readonly limits?: { readonly maxBytes?: number; readonly timeout?: string };
  readonly context?: (request: any) => ResetContext;
}

/**
 * Starts an application on a free port of 127.0.0.1. It sends the header `x-app: kept` with every answer, set
 * before the adapter is called, as a CORS middleware does; and it answers 418 to what the adapter hands on.
 */
export type Serve = (
  mounting: Mounting,
) => Awaitable<{ readonly port: number; readonly close: () => Awaitable<unknown> }>;

/** A body parser, or anything else that stands before the adapter. */
export interface ParserSetup {
  readonly name: string;
  /** Kinds of bodies that it refuses by itself. Default: none. */
  readonly refuses?: readonly BodyKind[];
  /** Whether it answers by a 500 of its own to a body that is not packed as it says. Default: no. */
  readonly failsUnpacking?: boolean;
}

/**
 * What a platform may be unable to do: to say who holds a connection (`address`), to let an adapter know that
 * a client has hung up (`gone`), to end a connection that goes on sending (`hangUp`), to hand on a body without
 * a type (`untyped`), and targets with `//`, a host, or what cannot be decoded (`targets`).
 */
export type HandlerPart = "address" | "gone" | "hangUp" | "untyped" | "targets";

/** One promise of an adapter, and how to see whether it is kept. */
export interface HandlerCase {
  readonly name: string;
  readonly needs?: readonly HandlerPart[];
  /** Rejects where the promise is broken. */
  run(start: Start): Promise<void>;
}

/** Starts a server for a case; it is closed after it. */
export type Start = (given?: Partial<Pick<Mounting, "path"> & HandlerSettings>) => Promise<Scene>;

export interface Scene {
  readonly port: number;
  /** What reached the engine. */
  readonly calls: readonly Call[];
  /** What was logged. */
  readonly lines: readonly string[];
  drive(sent: Sent): Promise<Answer>;
}
