import express from "express";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { memoryStore, passwordReset } from "resetkit";
import { resetMiddleware } from "resetkit/adapters/express";
import { devInbox } from "resetkit/dev";
import { memoryUsers } from "resetkit/users/memory";
import { afterEach, describe, expect, it, vi } from "vitest";

const secret = "a secret of the tests: 0123456789 abcdefghijklmnopqrstuvwxyz";

async function withMail() {
  const inbox = devInbox({ appName: "Acme" });
  const reset = passwordReset({
    users: memoryUsers([{ id: 1, email: "ada@example.com" }]),
    secret,
    store: memoryStore(),
    url: "http://localhost:3000/reset-password/{token}",
    deliver: inbox.deliver,
    throttles: "fair",
  });
  await reset.request({ identifier: "ada@example.com" }, { ip: "192.0.2.1" });
  await reset.request({ identifier: "eve@example.com" }, { ip: "192.0.2.1" });
  await reset.drain();
  return { inbox, reset };
}

const get = (
  inbox: ReturnType<typeof devInbox>,
  path = "",
  headers: Record<string, string> = {},
  peer?: string,
) => inbox(new Request(`http://localhost:3000/dev/inbox${path}`, { headers }), { peer });

describe("devInbox", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("shows what was sent: a list, text, HTML, and links that work", async () => {
    const { inbox, reset } = await withMail();
    expect(inbox.mails).toHaveLength(1);
    const [mail] = inbox.mails;
    expect(mail).toMatchObject({ to: "ada@example.com", subject: "Reset your Acme password" });
    expect(mail!.links).toEqual([
      expect.stringMatching(/^http:\/\/localhost:3000\/reset-password\/[\w-]{43}$/),
    ]);

    const page = await get(inbox);
    expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    const text = await page.text();
    expect(text).toContain(`<a href="${mail!.links[0]}">`);
    expect(text).toContain("Open this link to continue:");
    expect(text).toContain('src="/dev/inbox/1"');
    const frame = await get(inbox, "/1");
    expect(await frame.text()).toContain('<base target="_top">');
    expect(frame.headers.get("content-security-policy")).toContain("sandbox");
    expect(await (await get(inbox, "/messages.json")).json()).toEqual(inbox.mails);

    const token = mail!.links[0]!.split("/").at(-1)!;
    await expect(reset.confirm({ token, password: "thunder marmalade quay" })).resolves.toMatchObject({
      id: 1,
    });
    inbox.clear();
    expect(await (await get(inbox)).text()).toContain("No emails yet.");
    await reset.close();
  });

  it("keeps no more than it was told to", async () => {
    const inbox = devInbox({ max: 2 });
    const mail = { from: { name: "", address: "a@example.com" }, to: { name: "", address: "b@example.com" } };
    for (const subject of ["one", "two", "three"]) {
      await inbox.transport.sendMail({ ...mail, subject, text: subject, headers: {}, envelope: {} } as any);
    }
    expect(inbox.mails.map(({ subject }) => subject)).toEqual(["three", "two"]);
  });

  it.each([
    ["another computer", {}, "203.0.113.7"],
    ["another name", { host: "attacker.example" }, "127.0.0.1"],
    ["a name that begins like ours", { host: "localhost.attacker.example" }, "127.0.0.1"],
    ["a proxy for another name", { "x-forwarded-host": "app.example.com" }, "127.0.0.1"],
  ])("refuses %s", async (_, headers, peer) => {
    const { inbox } = await withMail();
    for (const path of ["", "/1", "/messages.json"]) {
      const response = await get(inbox, path, headers, peer);
      expect(response.status).toBe(403);
      expect(await response.text()).not.toContain("reset-password");
    }
    for (const good of ["127.0.0.1", "::1", "::ffff:127.0.0.1", undefined]) {
      expect((await get(inbox, "", { host: "localhost:3000" }, good)).status).toBe(200);
    }
  });

  it("isn't made in production", () => {
    vi.stubEnv("NODE_ENV", "production");
    expect(() => devInbox()).toThrow(/NODE_ENV is "production".*byEmail/);
  });

  it("is mounted as any handler is, and leaves other paths alone", async () => {
    const { inbox, reset } = await withMail();
    const app = express();
    app.use("/mails", resetMiddleware(inbox));
    app.use(resetMiddleware(inbox));
    app.use((_, response) => void response.status(418).end());
    const server = app.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(await (await fetch(`${site}/mails`)).text()).toContain('src="/mails/1"');
      expect((await fetch(`${site}/dev/inbox/1`)).status).toBe(200);
      expect((await fetch(`${site}/mails/2`)).status).toBe(404);
      expect((await fetch(`${site}/mails`, { method: "POST" })).status).toBe(405);
      expect((await fetch(`${site}/`)).status).toBe(418);
    } finally {
      server.close();
      await reset.close();
    }
  });
});
