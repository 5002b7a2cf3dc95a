/** How listeners are called: all of them, in order or together, and what happens to what they throw. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { createEmitter, eventOrigin } from "../../src/engine/events.js";
import { ResetError } from "../../src/errors.js";
import type { Events } from "../../src/types.js";

afterEach(() => void vi.useRealTimers());

const event = { stage: "mail", reason: "over_cap" } as unknown as Events<unknown>["refused"];
const never = () => new Promise<never>(() => undefined);

function setUp() {
  const errors: [string, unknown][] = [];
  const emitter = createEmitter<unknown>((name, error) => void errors.push([name, error]));
  return { ...emitter, errors };
}

/** Runs the timers of `setTimeout` by hand: how long listeners are waited for is a matter of seconds. */
const withTimers = () => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });

describe("on", () => {
  it.each([
    "tokenCreated",
    "beforeReset",
    "afterReset",
    "delivered",
    "refused",
    "failed",
    "alarm",
    "adminAction",
  ] as const)("takes a listener of %s, which is heard from then on, until it's taken off", (name) => {
    const { on, isHeard } = setUp();
    expect(isHeard(name)).toBe(false);
    const off = on(name, () => undefined);
    expect(isHeard(name)).toBe(true);
    expect(off()).toBeUndefined();
    expect(isHeard(name)).toBe(false);
  });

  it("names every event where one doesn't exist", () => {
    const { on } = setUp();
    expect(() => on("sent" as "delivered", () => undefined)).toThrow(
      'There\'s no event "sent". Use one of tokenCreated, beforeReset, afterReset, delivered, refused, failed, alarm, adminAction.',
    );
    expect(() => on(Symbol("sent") as unknown as "delivered", () => undefined)).toThrow("Symbol(sent)");
  });

  it("keeps the listeners of each event apart, and one that's registered twice is called once", async () => {
    const { on, tell } = setUp();
    const [one, other] = [vi.fn(), vi.fn()];
    on("refused", one);
    on("refused", one);
    on("failed", other);
    await tell("refused", event);
    expect(one.mock.calls).toEqual([[event]]);
    expect(other).not.toHaveBeenCalled();
  });
});

describe("tell", () => {
  it("waits for all listeners, which run at the same time", async () => {
    const { on, tell, errors } = setUp();
    const steps: string[] = [];
    let go!: () => void;
    const isSecond = new Promise<void>((resolve) => (go = resolve));
    on("refused", async () => {
      await isSecond;
      steps.push("first");
    });
    on("refused", () => {
      steps.push("second");
      go();
    });
    await tell("refused", event);
    expect(steps).toEqual(["second", "first"]);
    expect(errors).toEqual([]);
  });

  it("passes on what each listener throws, and calls the others all the same", async () => {
    const { on, tell, errors } = setUp();
    const [thrown, rejected] = [new Error("thrown"), new Error("rejected")];
    const last = vi.fn();
    on("refused", () => {
      throw thrown;
    });
    on("refused", () => Promise.reject(rejected));
    on("refused", last);
    await tell("refused", event);
    expect(errors).toEqual([
      ["refused", thrown],
      ["refused", rejected],
    ]);
    expect(last).toHaveBeenCalledOnce();
  });

  it("waits five seconds for a listener that never ends, and leaves no timer behind", async () => {
    const { on, tell } = setUp();
    withTimers();
    on("refused", never);
    let isTold = false;
    const telling = tell("refused", event).then(() => (isTold = true));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(isTold).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isTold).toBe(true);
    await telling;
    on("failed", () => undefined);
    await tell("failed", { what: "intent", reason: "none", final: true });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("starts no timer where nobody listens", () => {
    const { tell } = setUp();
    withTimers();
    void tell("refused", event);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("ask", () => {
  it("calls one listener after the other", async () => {
    const { on, ask } = setUp();
    const steps: string[] = [];
    for (const name of ["first", "second"]) {
      on("beforeReset", async () => {
        steps.push(`${name} begins`);
        await Promise.resolve();
        steps.push(`${name} ends`);
      });
    }
    await ask("beforeReset", {} as never);
    expect(steps).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  });

  it("rejects with a veto for what a listener throws, and asks no further", async () => {
    const { on, ask } = setUp();
    const cause = new Error("a closed account");
    const next = vi.fn();
    on("beforeReset", () => Promise.reject(cause));
    on("beforeReset", next);
    await expect(ask("beforeReset", {} as never)).rejects.toMatchObject({ code: "vetoed", cause });
    expect(next).not.toHaveBeenCalled();
  });

  it("rejects with a ResetError as it is", async () => {
    const { on, ask } = setUp();
    const error = new ResetError("throttled", { retryAfter: 9 });
    on("beforeReset", () => Promise.reject(error));
    await expect(ask("beforeReset", {} as never)).rejects.toBe(error);
  });

  it("takes a listener that never ends for an outage, not for a veto", async () => {
    const { on, ask } = setUp();
    withTimers();
    on("beforeReset", never);
    const outcome = ask("beforeReset", {} as never).catch((error: Error) => error);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await outcome).toMatchObject({
      name: "TimeoutError",
      message: expect.stringMatching(/listener of "beforeReset" didn't end within 5 seconds/),
    });
  });
});

it("a step runs inside every observer, the first one outermost", async () => {
  const { observe, observers } = setUp();
  const steps: string[] = [];
  for (const name of ["outer", "inner"]) {
    observers.push(async (step, work) => {
      steps.push(`${name} ${step}`);
      return work();
    });
  }
  expect(await observe("deliver", async () => 7)).toBe(7);
  expect(steps).toEqual(["outer deliver", "inner deliver"]);
});

it("an event has the scope of its request, and none where there are no tenants", () => {
  const request = { ip: "192.0.2.1", userAgent: undefined, data: undefined };
  expect(eventOrigin(request, "acme")).toEqual({ request, scope: "acme" });
  for (const scope of ["", undefined]) expect(eventOrigin(request, scope).scope).toBeUndefined();
});
