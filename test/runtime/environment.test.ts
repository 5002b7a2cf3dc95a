import { afterEach, expect, it, vi } from "vitest";
import { isProduction } from "../../src/runtime/environment.js";

afterEach(() => void vi.unstubAllGlobals());

it("production is what NODE_ENV says", () => {
  vi.stubGlobal("process", { env: { NODE_ENV: "production" } });
  expect(isProduction()).toBe(true);
  vi.stubGlobal("process", { env: {} });
  expect(isProduction()).toBe(false);
});

it("nobody knows where there is no environment", () => {
  vi.stubGlobal("process", undefined);
  expect(isProduction()).toBeUndefined();
});

it("nobody knows where the environment may not be read, as on Deno", () => {
  const env = new Proxy(
    {},
    {
      get() {
        throw new Error('NotCapable: Requires env access to "NODE_ENV"');
      },
    },
  );
  vi.stubGlobal("process", { env });
  expect(isProduction()).toBeUndefined();
});
