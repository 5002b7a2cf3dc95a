import type { Awaitable, Log, PasswordReset, ResetContext } from "../../types.js";
import type { BodyKind, Call } from "./scene.js";
import type { Answer, Sent } from "./wire.js";

/** Describes the application that `serve` has to start. */
export interface Mounting {
  readonly reset: PasswordReset;
  /** The path to mount the adapter at, with the framework's own means. */
  readonly path: string;
  /** The adapter's options. Pass them on unchanged. */
  readonly options: HandlerSettings;
  /** The name of the parser to put before the adapter, from the suite's `parsers`. If it's undefined, use none. */
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
 * Starts an application on a free port of 127.0.0.1. It sets the header `x-app: kept` on every response before it calls the
 * adapter, as CORS middleware does. It responds with 418 to requests that the adapter passes on.
 */
export type Serve = (
  mounting: Mounting,
) => Awaitable<{ readonly port: number; readonly close: () => Awaitable<unknown> }>;

/** A body parser, or other middleware that runs before the adapter. */
export interface ParserSetup {
  readonly name: string;
  /**
   * The kinds of bodies that it rejects by itself.
   *
   * @default []
   */
  readonly refuses?: readonly BodyKind[];
  /**
   * Whether it responds with its own 500 to a body that isn't compressed as its header says.
   *
   * @default false
   */
  readonly failsUnpacking?: boolean;
}

/**
 * What a platform may be unable to do: report the peer address (`address`), tell an adapter that a client has disconnected
 * (`gone`), close a connection that keeps sending (`hangUp`), pass on a body without a content type (`untyped`), and pass on
 * request targets with `//`, a host, or invalid escapes (`targets`).
 */
export type HandlerPart = "address" | "gone" | "hangUp" | "untyped" | "targets";

/** One guarantee of an adapter, and a test for it. */
export interface HandlerCase {
  readonly name: string;
  /** The abilities without which the case makes no sense. */
  readonly needs?: readonly HandlerPart[];
  /** Rejects if the guarantee is broken. */
  run(start: Start): Promise<void>;
}

/** Starts a server for a case. It's closed after the case. */
export type Start = (given?: Partial<Pick<Mounting, "path"> & HandlerSettings>) => Promise<Scene>;

export interface Scene {
  readonly port: number;
  /** The calls that reached the engine. */
  readonly calls: readonly Call[];
  /** The lines that were logged. */
  readonly lines: readonly string[];
  drive(sent: Sent): Promise<Answer>;
}
