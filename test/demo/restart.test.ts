import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type DemoProcess, startDemo, temporaryFolder } from "./process.js";
import { firstPassword, tokenIn, visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;
const start = async () => {
  demo = await startDemo(folder.path, { THROTTLE: "off" });
  return visitor(demo.url);
};
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  await demo.kill();
  await folder.remove();
});

it("a restart keeps accounts, sessions, tokens, queue and inbox", async () => {
  let me = await start();
  await me.ask("ada@example.com");
  const [mail] = await me.resetMails("ada@example.com");
  const session = (await me.logIn("grace@example.com", firstPassword)).headers.get("set-cookie")!;
  const cookie = session.split(";")[0]!;
  await me.ask("grace@example.com");
  expect(await demo.stop()).toBe(0);

  me = await start();
  // The queue: what was asked for just before the end is sent without being asked for again.
  await me.resetMails("grace@example.com");
  expect(await me.inbox()).toContainEqual(mail);
  expect(await (await fetch(demo.url, { headers: { cookie } })).text()).toContain(
    "grace@example.com</strong>",
  );
  expect((await me.confirm(tokenIn(mail!), "thunder marmalade quay")).status).toBe(200);
  await demo.stop();

  me = await start();
  expect((await me.logIn("ada@example.com", "thunder marmalade quay")).status).toBe(200);
  expect((await me.logIn("ada@example.com", firstPassword)).status).toBe(401);
});

describe("killed right after a request was answered", () => {
  // Sample: three moments, from at once to well after the next tick of the worker.
  it.each([0, 130, 400])("and %i ms later, it sends the mail once or twice, and it works", async (wait) => {
    let me = await start();
    expect((await me.ask("ada@example.com")).status).toBe(200);
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    await demo.kill();

    me = await start();
    await me.resetMails("ada@example.com");
    // Twice the lease, so that whoever may send again has done so.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const mails = await me.resetMails("ada@example.com");
    expect(mails.length).toBeLessThanOrEqual(2);
    expect((await me.confirm(tokenIn(mails[0]!), "thunder marmalade quay")).status).toBe(200);
    expect((await me.logIn("ada@example.com", "thunder marmalade quay")).status).toBe(200);
  });
});
