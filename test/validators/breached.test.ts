import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHandler } from "resetkit/http";
import { breached } from "resetkit/validators/breached";
import { memoryStore } from "../../src/stores/memory.js";
import { makeKit, people } from "../kit.js";

// SHA-1 of "password": 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8.
const range = "0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n1E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824\r\n";
const padding = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:0\r\n";

/** A server of one's own, with the range API of Have I Been Pwned. */
const asked: { path: string | undefined; padding: unknown }[] = [];
let mode: "up" | "padded" | "down" | "silent" | "trickling" | "wrong" | "endless" | "elsewhere" = "up";
const server = createServer((request, response) => {
  asked.push({ path: request.url, padding: request.headers["add-padding"] });
  if (mode === "silent") return;
  if (mode === "down") return void response.writeHead(503).end("down");
  if (mode === "trickling") return void response.write("0");
  if (mode === "wrong") return void response.end("<html>Sign in to this network</html>");
  if (mode === "elsewhere") return void response.writeHead(302, { location: "/range/5BAA6" }).end();
  if (mode === "endless") {
    const line = `${"0".repeat(35)}:0\r\n`.repeat(2_000);
    const write = (): void => {
      if (!response.destroyed) response.write(line, write);
    };
    return write();
  }
  response.end(mode === "up" ? range : padding);
});
let url: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const context = { user: undefined, identifiers: [] };

describe("breached", () => {
  it("sends five digits of the hash, asks for padding, and rejects what was seen", async () => {
    mode = "up";
    asked.length = 0;
    expect(await breached({ url })("password", context)).toMatchObject({ code: "breached" });
    expect(asked).toEqual([{ path: "/range/5BAA6", padding: "true" }]);
    expect(await breached({ url })("thunder marmalade quay", context)).toBe(null);
    expect(await breached({ url, threshold: 10_000_000 })("password", context)).toBe(null);
    mode = "padded";
    expect(await breached({ url })("password", context)).toBe(null);
  });

  it.each(["down", "silent", "trickling", "wrong", "endless", "elsewhere"] as const)(
    "allows or rejects if the server is %s, in time",
    async (how) => {
      mode = how;
      for (const [onFailure, found] of [
        ["allow", null],
        ["reject", { code: "unchecked" }],
      ] as const) {
        const startedAt = performance.now();
        const problem = await breached({ url, onFailure, timeout: 100 })("password", context);
        if (found) expect(problem).toMatchObject(found);
        else expect(problem).toBe(null);
        expect(performance.now() - startedAt).toBeLessThan(20_000);
      }
    },
  );

  it.each(["down", "silent", "trickling", "wrong", "endless", "elsewhere"] as const)(
    "a server that is %s is no 5xx, costs no token, and takes at most the timeout",
    async (how) => {
      for (const onFailure of ["reject", "allow"] as const) {
        mode = how;
        const store = memoryStore();
        const accounts = people("ada@example.com");
        const kitOf = (timeout: number) =>
          makeKit({ store, validators: [breached({ url, onFailure, timeout })] }, accounts);
        const kit = kitOf(300);
        const { token } = await kit.ask("ada@example.com");
        const confirm = async ({ reset, log } = kit) => {
          const { status } = await createHandler(reset, { log })(
            new Request("http://a.example/api/password_reset/confirm/", {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ token, password: "thunder marmalade quay" }),
            }),
          );
          return status;
        };
        // If the check didn't end with its timeout, the engine's limit for validators would make this a 503.
        expect(await confirm()).toBe(onFailure === "allow" ? 200 : 400);
        if (onFailure === "allow") continue;
        mode = "up";
        // With a timeout that no busy machine reaches.
        expect(await confirm(kitOf(3_000))).toBe(200);
      }
    },
  );

  it("A91: an outage costs no token, and isn't an error", async () => {
    mode = "silent";
    const validators = [breached({ url, onFailure: "reject", timeout: 50 })];
    const kit = makeKit({ validators });
    const { token } = await kit.ask("ada@example.com");
    const confirm = () => kit.reset.confirm({ token, password: "thunder marmalade quay" });
    for (let n = 0; n < 3; n++) {
      await expect(confirm()).rejects.toMatchObject({
        code: "weak_password",
        problems: [{ code: "unchecked" }],
      });
    }
    mode = "up";
    await confirm();
    expect(kit.passwordOf(1)).toBe("thunder marmalade quay");
  });

  it.each([
    [{ timeout: "4s" }],
    [{ onFailure: "ignore" }],
    [{ threshold: 0 }],
    [{ url: "pwned" }],
    [{ uri: "" }],
  ])("refuses %j at construction", (options) => expect(() => breached(options as never)).toThrow(TypeError));
});
