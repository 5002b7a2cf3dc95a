import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { readArrived } from "../../src/adapters/node-bridge.js";

const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;

/** A request whose body never comes. */
function requestWithoutBody(): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.headers["content-length"] = "5";
  return request;
}

it("the deadline of a body keeps no process alive", async () => {
  const before = timers();
  const request = requestWithoutBody();
  const body = readArrived(request, { maxBytes: 100, timeout: 60_000 });
  await pause(1);
  expect(timers()).toBe(before);

  // The control: a timer that does.
  const timer = setTimeout(() => undefined, 60_000);
  expect(timers()).toBe(before + 1);
  clearTimeout(timer);
  request.destroy();
  await expect(body).rejects.toMatchObject({ code: "malformed_body" });
});

it("a body that is too late is given up at its deadline", async () => {
  const body = readArrived(requestWithoutBody(), { maxBytes: 100, timeout: 20 });
  // The timer alone would not keep this test waiting.
  const waiting = setTimeout(() => undefined, 10_000);
  await expect(body).rejects.toMatchObject({ code: "body_timeout" });
  clearTimeout(waiting);
});
