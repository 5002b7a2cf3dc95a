/** How the application's callbacks are called: with a limit of time, and with errors that name them and show no secret. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/check-options.js";
import { callback, CallbackError, isMistake } from "../../src/engine/callbacks.js";
import { ResetError } from "../../src/errors.js";
import { wasGivenUp } from "../../src/runtime/given-up.js";
import { goodPassword, makeKit, people } from "../kit.js";

const email = "ada@example.com";

afterEach(() => void vi.useRealTimers());

const fails = (error: unknown) => () => {
  throw error;
};
const errorOf = async (work: () => unknown): Promise<any> => {
  try {
    return ["no error", await work()];
  } catch (error) {
    return error;
  }
};

describe("a callback's result", () => {
  it.each([7, "", null, undefined, { then: "no function" }])(
    "is given at once if it's no promise: %j",
    (result) => {
      vi.useFakeTimers();
      expect(callback("users.x", () => result)).toBe(result);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("is waited for if it's a promise, or anything with a method then", async () => {
    expect(await callback("users.x", async () => 7)).toBe(7);
    // Such as a query builder's.
    const lazy = { then: (resolve: (value: number) => unknown) => void resolve(8) } as never;
    expect(await callback("users.x", () => lazy)).toBe(8);
    const broken = { then: (_: unknown, reject: (error: Error) => unknown) => void reject(new Error("no")) };
    expect(await errorOf(() => callback("users.x", () => broken as never))).toMatchObject({
      name: "users.x failed",
      message: "Error: no",
    });
  });

  it.each([
    [undefined, 10_000, "10"],
    [{}, 10_000, "10"],
    [{ limit: 250 }, 250, "0.25"],
  ])("isn't waited for longer than the limit: %j", async (options, limit, seconds) => {
    vi.useFakeTimers();
    let error: unknown;
    const pending = callback("users.x", () => new Promise<never>(() => undefined), options);
    void (pending as Promise<never>).catch((reason) => (error = reason));
    await vi.advanceTimersByTimeAsync(limit - 1);
    expect(error).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(error).toMatchObject({
      name: "users.x failed",
      message: `TimeoutError: users.x didn't end within ${seconds} seconds`,
      isMistake: false,
    });
    expect(wasGivenUp(error)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a callback's error", () => {
  const modes: readonly [string, (error: unknown) => () => unknown][] = [
    ["thrown", fails],
    ["rejected", (error) => () => Promise.reject(error as Error)],
  ];

  it.each(modes)("carries the name and the cause: %s", async (_, failing) => {
    const cause = Object.assign(new Error("no route to host"), { code: "EHOSTUNREACH" });
    const error = await errorOf(() => callback("users.x", failing(cause)));
    expect(error).toBeInstanceOf(CallbackError);
    expect(error.name).toBe("users.x failed");
    expect(error.message).toBe("Error EHOSTUNREACH: no route to host");
    expect(error.cause).toBe(cause);
    expect(error.isMistake).toBe(false);
  });

  it.each(modes)("hides what is secret, and only texts: %s", async (_, failing) => {
    const cause = new Error(`values: pa"ss, 5, true, null, 12`);
    const hidden = ['pa"ss', 5, true, null, undefined, "", 12n];
    const error = await errorOf(() => callback("users.x", failing(cause), { hidden }));
    expect(error.message).toBe("Error: values: [hidden], 5, true, null, 12");
    expect(error.cause).toBe(cause);
  });

  it.each(modes)("is shown as it is if nothing is secret: %s", async (_, failing) => {
    const error = await errorOf(() => callback("users.x", failing(new Error("plain"))));
    expect(error.message).toBe("Error: plain");
  });

  it.each(modes)("stays what it was if it's one of resetkit's own: %s", async (_, failing) => {
    const own = [
      new ResetError("throttled", { retryAfter: 7 }),
      new UsageError("users.y must be a function."),
      new CallbackError("users.inner", new Error("no"), []),
    ];
    for (const error of own) expect(await errorOf(() => callback("users.x", failing(error)))).toBe(error);
  });
});

describe("a mistake in the application's code", () => {
  const mistakes = [
    new ReferenceError("db is not defined"),
    new TypeError("Cannot read properties of undefined (reading 'id')"),
  ];

  it.each(mistakes)("is thrown to the application, not hidden as an outage: %s", async (cause) => {
    for (const failing of [fails(cause), () => Promise.reject(cause)]) {
      const accounts = people(email);
      const kit = makeKit({}, accounts);
      const { token } = await kit.ask(email);
      accounts.users.setPassword = failing as never;
      const error = await errorOf(() => kit.reset.confirm({ token, password: goodPassword }));
      expect(error).toMatchObject({ name: "users.setPassword failed", isMistake: true, cause });
      expect(kit.log.lines).toEqual([]);
    }
  });

  it("is told from an outage and from a refusal", () => {
    expect(isMistake(new UsageError("users.x must be a function."))).toBe(true);
    for (const cause of mistakes) expect(isMistake(new CallbackError("users.x", cause, []))).toBe(true);
    const others = [
      new CallbackError("users.x", new Error("ECONNREFUSED"), []),
      new ResetError("unavailable"),
      // Not from a callback: it may come from a driver, or from resetkit.
      ...mistakes,
      Object.assign(new Error("no"), { isMistake: true }),
      undefined,
    ];
    for (const error of others) expect(isMistake(error)).toBe(false);
  });
});
