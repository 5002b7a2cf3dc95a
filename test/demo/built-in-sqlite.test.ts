import { afterAll, beforeAll, expect, it } from "vitest";
import { programOf } from "../servers/runtimes.js";
import { startDemo, temporaryFolder, until } from "./process.js";

let data: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  data = await temporaryFolder();
});
afterAll(() => data.remove());

it("runs on Node's own SQLite where there is one, and says which it uses", async () => {
  const node22 = await programOf("node22");
  const demo = await startDemo(`${data.path}/built-in`, {}, node22);
  try {
    expect(demo.output()).toContain('"database":"node:sqlite"');
    const headers = { "content-type": "application/json" };
    const post = (path: string, body: object) =>
      fetch(demo.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const email = "ada@example.com";
    expect((await post("/login", { email, password: "correct horse battery staple" })).status).toBe(200);
    expect((await post("/api/password_reset/", { email })).status).toBe(200);
    const mail = await until("the email", async () => {
      const [newest] = (await (await fetch(`${demo.url}/inbox.json`)).json()) as { text: string }[];
      return newest;
    });
    const token = /reset-password\/([\w-]{43})/.exec(mail.text)![1];
    const password = "thunder marmalade quay";
    expect((await post("/api/password_reset/confirm/", { token, password })).status).toBe(200);
    expect((await post("/login", { email, password })).status).toBe(200);
    expect((await post("/login", { email, password: "correct horse battery staple" })).status).toBe(401);
  } finally {
    expect(await demo.stop()).toBe(0);
  }
});
