import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runToEnd, startDemo, temporaryFolder } from "./process.js";
import { visitor } from "./visitor.js";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

it.each([
  [
    { PORT: "http" },
    'PORT is "http", which isn\'t a port number. Set it to 1 to 65535, or to 0 for any free port.',
  ],
  [
    { PORT: "70000" },
    'PORT is "70000", which isn\'t a port number. Set it to 1 to 65535, or to 0 for any free port.',
  ],
  [
    { HOST: "a b" },
    'HOST is "a b", which isn\'t a host name or an IP address. Set it without a port, such as 0.0.0.0.',
  ],
  [
    { BASE_URL: "demo.example.com" },
    'BASE_URL is "demo.example.com", which isn\'t an origin. Set it to scheme and host only, such as https://demo.example.com.',
  ],
  [
    { BASE_URL: "https://demo.example.com/path" },
    'BASE_URL is "https://demo.example.com/path", which isn\'t an origin. Set it to scheme and host only, such as https://demo.example.com.',
  ],
  [
    { THROTTLE: "no" },
    'THROTTLE is "no". Set it to "off", or leave it out for 3 requests per IP address per day.',
  ],
  [
    { SMTP_URL: "mail.example.com:25" },
    "SMTP_URL isn't the URL of a mail server. Set it to something like smtp://user:password@host:587.",
  ],
  [
    { DATA_DIR: "/dev/null/data" },
    'DATA_DIR is "/dev/null/data", which isn\'t writable (ENOTDIR). Set it to another folder.',
  ],
])("a wrong setting, %o, is one sentence and exit code 1", async (environment, sentence) => {
  const { code, stdout, stderr } = await runToEnd(["demo"], {
    PORT: "0",
    DATA_DIR: folder.path,
    ...(environment as Record<string, string>),
  });
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: `resetkit-server: ${sentence}\n` });
});

it("links that anyone could read on the way are refused", async () => {
  const { code, stderr } = await runToEnd(["demo"], {
    PORT: "0",
    DATA_DIR: folder.path,
    BASE_URL: "http://demo.example.com",
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^resetkit-server: .*Use https\.\n$/);
});

it("a port that is taken is one sentence and exit code 1", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await runToEnd(["demo"], { PORT: String(port), DATA_DIR: folder.path });
  expect(code).toBe(1);
  expect(stderr).toBe(
    `resetkit-server: Port ${port} on 127.0.0.1 is already in use. Stop the other program, or set PORT to another port.\n`,
  );
  await new Promise((resolve) => other.close(resolve));
});

it("an unknown command shows how it is used, with exit code 2", async () => {
  const { code, stderr } = await runToEnd(["dmeo"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/^Usage: resetkit-server demo/);
});

it("the default throttle lets three requests through, for known and unknown addresses alike", async () => {
  const demo = await startDemo(folder.path);
  const { ask } = visitor(demo.url);
  const statuses = [];
  for (const name of ["nobody", "ada", "linus", "ada", "nobody"]) {
    statuses.push((await ask(`${name}@example.com`)).status);
  }
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const wait = Number((await ask("ada@example.com")).headers.get("retry-after"));
  // A day elsewhere, and a minute on the computer that runs it (decision 144).
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(60);
  expect(await demo.stop()).toBe(0);
});

it("it stops in order while browsers keep their connections open", async () => {
  const demo = await startDemo(folder.path);
  await (await fetch(demo.url, { keepalive: true })).text();
  const startedAt = Date.now();
  expect(await demo.stop()).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(4_500);
});
