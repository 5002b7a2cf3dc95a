import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { namesThisServer } from "../../server/src/hosts.js";
import { type DemoProcess, runToEnd, startDemo, temporaryFolder } from "./process.js";
import { linkIn, visitor } from "./visitor.js";

// The demo shows every email to anyone, so it must not be taken for a server.

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let demo: DemoProcess;
beforeAll(async () => {
  folder = await temporaryFolder();
  demo = await startDemo(folder.path, { THROTTLE: "off" });
});
afterAll(async () => {
  await demo.stop();
  await folder.remove();
});

/** A request with a `Host` of one's own, which fetch doesn't allow. */
function asHost(host: string, path: string, body?: string): Promise<number> {
  const headers = { host, ...(body && { "content-type": "application/json" }) };
  return new Promise((resolve, reject) => {
    request(demo.url + path, { method: body ? "POST" : "GET", headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on("error", reject)
      .end(body);
  });
}

describe("A132: the demo", () => {
  it.each([
    [{ NODE_ENV: "production" }, /doesn't start with NODE_ENV=production/],
    [{ HOST: "0.0.0.0" }, /HOST is "0\.0\.0\.0", which other computers can reach.* EXPOSE=on/],
    [{ HOST: "192.0.2.1" }, /EXPOSE=on/],
    [{ NODE_ENV: "production", EXPOSE: "on" }, /doesn't start with NODE_ENV=production/],
    [{ METRICS_PORT: "all" }, /METRICS_PORT is "all", which isn't a port number/],
  ])("doesn't start with %o", async (environment, sentence) => {
    const { code, stderr } = await runToEnd(["demo"], {
      ...{ PORT: "0", DATA_DIR: folder.path },
      ...(environment as Record<string, string>),
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(sentence)]);
  });

  it("answers no other name with what it shows (DNS rebinding)", async () => {
    const own = new URL(demo.url).host;
    for (const path of ["/", "/inbox", "/inbox.json", "/login"]) {
      expect(await asHost(own, path), path).toBe(200);
      for (const host of [
        "rebound.example",
        `rebound.example:${new URL(demo.url).port}`,
        "127.0.0.1.rebound.example",
      ])
        expect(await asHost(host, path), `${host} ${path}`).toBe(421);
    }
    const signIn = JSON.stringify({ email: "ada@example.com", password: "correct horse battery staple" });
    expect(await asHost("rebound.example", "/login", signIn)).toBe(421);
  });

  it.each([
    ["127.0.0.1:3000", true],
    ["localhost", true],
    ["LOCALHOST:3000", true],
    ["app.localhost", true],
    ["[::1]:3000", true],
    ["192.0.2.7", true],
    ["demo.example.com:8443", true],
    ["demo.example.com.rebound.example", false],
    ["rebound.example", false],
    ["localhost.rebound.example", false],
    ["rebound.example@localhost/", true],
    ["localhost@rebound.example", false],
    ["", false],
    [undefined, false],
  ])("takes %s for its own: %s", (host, isOwn) =>
    expect(namesThisServer(host, ["demo.example.com"])).toBe(isOwn),
  );

  it("A127: has its counters on a port of their own, with labels from fixed sets", async () => {
    expect((await fetch(`${demo.url}/metrics`)).status).toBe(404);
    expect(new URL(demo.metrics).port).not.toBe(new URL(demo.url).port);
    const { ask } = visitor(demo.url);
    for (let n = 0; n < 30; n++) await ask(`made-up-${n}@example.com`);
    const text = await (await fetch(demo.metrics)).text();
    expect(text).toMatch(/^resetkit_password_hashes_total \d+$/m);
    expect(text).not.toMatch(/made-up|example\.com/);
    expect(text.split("\n").length).toBeLessThan(60);
    expect((await fetch(demo.metrics, { method: "POST" })).status).toBe(405);
    expect((await fetch(demo.metrics.replace("/metrics", "/"))).status).toBe(404);
  });
});

it("A49: whatever Host and forwarded headers say, the link leads to the demo", async () => {
  const me = visitor(demo.url);
  const hosts = ["rebound.example", "rebound.example:80", "127.0.0.1:3000@rebound.example"];
  const forwarded = ["x-forwarded-host", "x-host", "x-original-url", "x-forwarded-server", "forwarded"];
  const before = (await me.inbox()).length;
  const body = JSON.stringify({ email: "grace@example.com" });
  for (const host of hosts) await asHost(host, "/api/password_reset/", body);
  for (const name of forwarded) {
    await fetch(`${demo.url}/api/password_reset/`, {
      method: "POST",
      headers: { "content-type": "application/json", [name]: "host=rebound.example" },
      body,
    });
  }
  const mails = await me.resetMails("grace@example.com");
  expect(mails.length).toBeGreaterThan(before === 0 ? 0 : -1);
  for (const mail of mails) expect(new URL(linkIn(mail)!).origin).toBe(demo.url);
  expect(JSON.stringify(await me.inbox())).not.toContain("rebound");
});
