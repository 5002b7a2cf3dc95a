import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../demo/process.js";
import { postTo } from "./job.js";
import { startApp, type Started } from "./start.js";

/** The work begins after a random pause that is at most so long. */
const longestPause = 2_040;

let app: Started;
beforeAll(async () => void (app = await startApp("workerd")), 300_000);
afterAll(() => app?.stop());

const ask = (headers: Readonly<Record<string, string>> = {}) =>
  postTo({ api: `${app.url}/signed/password_reset`, headers }, "/", { email: "ada@signed.example.com" });

it("on workerd no mail goes out after the answer where there is no waitUntil at all, and that is warned of (control)", async () => {
  expect((await ask({ "x-forgets-wait-until": "both" })).status).toBe(200);
  await pause(longestPause + 500);
  expect(app.mailApi.mails).toEqual([]);
  const { lines } = await (await fetch(`${app.url}/about`)).json();
  expect(lines).toContainEqual(expect.stringMatching(/pass context\.waitUntil\.$/));
});

it("on workerd a mail goes out after the answer though nobody gave waitUntil: the platform's is found", async () => {
  expect((await ask({ "x-forgets-wait-until": "given" })).status).toBe(200);
  await until("the mail", () => app.mailApi.mails.pop());
});

it("on workerd a mail goes out after the answer, in what waitUntil was given", async () => {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  app.mailApi.hold = () => gate;
  // The mail service says nothing yet: an answer that waited for it would not come.
  expect((await ask()).status).toBe(200);
  await until("the mail", () => app.mailApi.mails[0]);
  open();
});
