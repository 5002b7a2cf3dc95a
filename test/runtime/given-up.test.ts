import { describe, expect, it } from "vitest";
import { wasGivenUp } from "../../src/runtime/given-up.js";
import { TimeoutError, withTimeout } from "../../src/runtime/timeout.js";

const named = (name: string, cause?: unknown) => Object.assign(new Error("It failed."), { name, cause });

describe("work was given up", () => {
  it("if a time limit ended it", async () => {
    const error = await withTimeout(1, "The work", () => new Promise<never>(() => undefined)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TimeoutError);
    expect(wasGivenUp(error)).toBe(true);
  });

  it("if an AbortSignal ended it", async () => {
    const signal = AbortSignal.timeout(0);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    expect(wasGivenUp(signal.reason)).toBe(true);
  });

  it("if that is the cause of another error", () => {
    expect(wasGivenUp(named("users.setPassword failed", new TimeoutError("too late")))).toBe(true);
    expect(wasGivenUp({ cause: { name: "TimeoutError" } })).toBe(true);
  });

  it.each([
    new Error("TimeoutError"),
    named("AbortError"),
    named("Error", named("Error", new TimeoutError("too late"))),
    named("Error", null),
    named("Error", undefined),
    { cause: "TimeoutError" },
    "TimeoutError",
    null,
    undefined,
  ])("and not if it failed with anything else: %s", (error) => {
    expect(wasGivenUp(error)).toBe(false);
  });
});
