import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import { yieldToEventLoop } from "../../src/runtime/event-loop.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  vi.resetModules();
});

/** How many times `step` was awaited until a request that was under way had its answer. */
async function stepsUntilAnswered(step: () => Promise<unknown>, most: number): Promise<number> {
  const server = createServer((_, res) => res.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  let isAnswered = false;
  const { port } = server.address() as AddressInfo;
  const answered = fetch(`http://127.0.0.1:${port}/`).then(() => void (isAnswered = true));
  let steps = 0;
  while (!isAnswered && steps < most) {
    await step();
    steps++;
  }
  await answered;
  server.close();
  return steps;
}

it("lets requests be answered, which waiting for nothing does not (control)", async () => {
  expect(await stepsUntilAnswered(yieldToEventLoop, 1e6)).toBeLessThan(1e6);
  expect(await stepsUntilAnswered(() => Promise.resolve(), 1e5)).toBe(1e5);
});

it("goes on where false timers came after it", async () => {
  vi.useFakeTimers();
  await yieldToEventLoop();
});

it("and so does a worker that is loaded after them, with the first request", async () => {
  vi.resetModules();
  const { makeKit } = await import("../kit.js");
  vi.useFakeTimers();
  expect(await makeKit().ask("ada@example.com")).toMatchObject({ kind: "reset" });
});

it("is a timer in a runtime without setImmediate", async () => {
  vi.stubGlobal("setImmediate", undefined);
  vi.resetModules();
  const { yieldToEventLoop: byTimer } = await import("../../src/runtime/event-loop.js");
  expect(await stepsUntilAnswered(byTimer, 1e6)).toBeLessThan(1e6);
});
