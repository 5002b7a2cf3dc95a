import type { Awaitable } from "../../types.js";
import { bodyCases, parserCases } from "./bodies.js";
import type { HandlerCase, HandlerPart, ParserSetup, Serve, Start } from "./case.js";
import { connectionCases } from "./connections.js";
import { pathCases } from "./paths.js";
import { recordingReset, mount } from "./scene.js";
import { visitorCases } from "./visitors.js";
import { send } from "./wire.js";
import { registrationOf, type TestRunner } from "../runner.js";

/** What every adapter guarantees on a listening server, regardless of the middleware before it. */
export const handlerCases: readonly HandlerCase[] = [
  ...bodyCases,
  ...pathCases,
  ...visitorCases,
  ...connectionCases,
];

/**
 * Registers the cases with a test runner: bodies of every kind and none, parsers before the adapter, unusual paths, methods,
 * clients behind proxies, and clients that are slow, too fast, or disconnected.
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

/** Runs one case, for your own suites. */
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
