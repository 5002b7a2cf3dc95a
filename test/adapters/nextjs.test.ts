import { describe, expect, it } from "vitest";
import { resetHandler, type NextHandlers } from "resetkit/adapters/nextjs";
import { createHandler } from "resetkit/http";
import type { PasswordReset, ResetContext } from "resetkit/types";
import { goodPassword, makeKit } from "../kit.js";

/** Calls a route as Next.js does: by the method's name, with the segments that the catch-all stands for. */
function caller(routes: NextHandlers, folder: string) {
  return (method: keyof NextHandlers, path: string, body?: unknown, headers?: Record<string, string>) => {
    const segments = path.split("?")[0]!.split("/").filter(Boolean);
    const params = Promise.resolve({ tenant: "acme", ...(segments.length > 0 && { path: segments }) });
    const request = new Request(`http://forged.example${folder}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return routes[method](request, { params });
  };
}

describe("resetHandler for Next.js", () => {
  it("does the whole job in app/api/password_reset/[[...path]]/route.ts", async () => {
    const { reset, mails, passwordOf } = makeKit();
    const call = caller(resetHandler(reset), "/api/password_reset");
    expect(await (await call("POST", "", { email: "ada@example.com" })).json()).toEqual({ status: "OK" });
    await reset.drain();
    const { token } = mails[0] as { token: string };
    expect((await call("POST", "/validate_token/", { token })).status).toBe(200);
    expect((await call("POST", "/confirm", { token, password: "1" })).status).toBe(400);
    expect((await call("POST", "/confirm", { token, password: goodPassword })).status).toBe(200);
    expect((await call("POST", "/confirm", { token, password: goodPassword })).status).toBe(404);
    expect(passwordOf(1)).toBe(goodPassword);
  });

  it("answers below whatever folder it stands in", async () => {
    const call = caller(resetHandler(makeKit().reset), "/acme/account/reset");
    const email = "ada@example.com";
    for (const path of ["", "/", "?x=/y"]) expect((await call("POST", path, { email })).status).toBe(200);
    expect((await call("POST", "/confirm/", {})).status).toBe(400);
    expect((await call("POST", "/other", { email })).status).toBe(404);
    expect((await call("POST", "/confirm/more", { email })).status).toBe(404);
  });

  it("answers at basePath where Next.js gives no segments", async () => {
    const routes = resetHandler(createHandler(makeKit().reset, { basePath: "/r" }));
    const request = new Request("http://forged.example/r/confirm", { method: "POST" });
    expect((await routes.POST(request)).status).toBe(400);
  });

  it("answers to every method, so that none falls to Next.js", async () => {
    const call = caller(resetHandler(makeKit().reset), "/api/password_reset");
    for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"] as const) {
      expect((await call(method, "")).status, method).toBe(405);
    }
    expect((await call("OPTIONS", "")).status).toBe(200);
  });

  it("reads the address where a proxy is named, and hands on waitUntil from the context", async () => {
    const seen: ResetContext[] = [];
    const reset = { request: async (_: unknown, context: ResetContext) => (seen.push(context), {}) };
    const handed: unknown[] = [];
    const waitUntil = (work: unknown) => void handed.push(work);
    const routes = resetHandler(reset as Partial<PasswordReset> as PasswordReset, {
      trustProxy: 1,
      context: () => ({ waitUntil }),
    });
    const call = caller(routes, "/api/password_reset");
    await call("POST", "", { email: "ada@example.com" }, { "x-forwarded-for": "198.51.100.6, 192.0.2.1" });
    expect(seen).toMatchObject([{ ip: "192.0.2.1" }]);
    const work = Promise.resolve();
    seen[0]!.waitUntil!(work);
    expect(handed).toEqual([work]);
  });

  it("makes what it serves when it is first asked, once, and again where that failed", async () => {
    let calls = 0;
    const routes = resetHandler(
      () => {
        if (++calls === 1) throw new Error("no database yet");
        return makeKit().reset;
      },
      { field: "login", format: "text" },
    );
    expect(calls).toBe(0);
    const call = caller(routes, "/api/password_reset");
    await expect(call("POST", "", { login: "ada" })).rejects.toThrow("no database yet");
    for (let n = 0; n < 3; n++) expect((await call("POST", "", { login: "ada" })).status).toBe(200);
    expect(calls).toBe(2);
  });
});
