import type { Awaitable, Log, PasswordReset, ResetContext } from "../../types.js";
import { bodyCases, parserCases } from "./bodies.js";
import { connectionCases } from "./connections.js";
import { pathCases } from "./paths.js";
import { recordingReset, mount, type BodyKind, type Call } from "./scene.js";
import { visitorCases } from "./visitors.js";
import { send, type Answer, type Sent } from "./wire.js";
import { registrationOf, type TestRunner } from "../runner.js";

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

/** What every adapter promises on a listening server, whatever stands before it. */
export const handlerCases: readonly HandlerCase[] = [
  ...bodyCases,
  ...pathCases,
  ...visitorCases,
  ...connectionCases,
];

/**
 * Registers the cases with a test runner: bodies of every kind and none, parsers before the adapter, odd
 * paths, methods, visitors behind proxies, and clients that are slow, too fast, or gone.
 *
 * @example
 * handlerSuite({ describe, it }, "our framework", async ({ reset, path, options }) => {
 *   const server = await listen(ourFramework().use(path, ourAdapter(reset, options)));
 *   return { port: server.port, close: () => server.close() };
 * });
 */
export function handlerSuite(
  runner: TestRunner,
  name: string,
  serve: Serve,
  { parsers = [], lacks = [] }: { parsers?: readonly ParserSetup[]; lacks?: readonly HandlerPart[] } = {},
): void {
  const { describe, test } = registrationOf(runner, "handlerSuite");

  const register = (one: HandlerCase, parser?: string) =>
    test(one.name, () => runHandlerCase(one, serve, parser));

  describe(`${name} keeps the promises of an adapter`, () => {
    for (const one of handlerCases) {
      if (!one.needs?.some((part) => lacks.includes(part))) register(one);
    }
    for (const parser of [{ name: "nothing" }, ...parsers]) {
      describe(`behind ${parser.name}`, () => {
        const named = parsers.includes(parser) ? parser.name : undefined;
        for (const one of parserCases(parser)) register(one, named);
      });
    }
  });
}

/** Runs one case, for suites of your own. */
export async function runHandlerCase(one: HandlerCase, serve: Serve, parser?: string): Promise<void> {
  const open: (() => Awaitable<unknown>)[] = [];
  const start: Start = async ({ path = mount, ...settings } = {}) => {
    const { reset, calls } = recordingReset();
    const lines: string[] = [];
    const keep = (line: string) => void lines.push(line);
    const options = { log: { info: keep, warn: keep, error: keep }, ...settings };
    const { port, close } = await serve({ reset, path, options, parser });
    open.push(close);
    return { port, calls, lines, drive: (sent) => send(port, sent) };
  };
  try {
    await one.run(start);
  } finally {
    for (const close of open) await close();
  }
}
