import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeadlines } from "../../src/adapters/deadlines.js";

describe("deadlines", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("call whoever is late, once, and a tenth of a second after the time at most", () => {
    const deadlines = createDeadlines();
    const called: string[] = [];
    deadlines.expect(() => called.push("a"), 250);
    deadlines.expect(() => called.push("b"), 1_000);
    vi.advanceTimersByTime(249);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(101);
    expect(called).toEqual(["a"]);
    vi.advanceTimersByTime(10_000);
    expect(called).toEqual(["a", "b"]);
  });

  it("leave those alone who were forgotten, and stop watching when nobody is left", () => {
    const deadlines = createDeadlines();
    const late = vi.fn();
    deadlines.expect(late, 50);
    deadlines.forget(late);
    vi.advanceTimersByTime(200);
    expect(late).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
    deadlines.expect(late, 50);
    vi.advanceTimersByTime(200);
    expect(late).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("a deadline keeps no process alive", async () => {
  const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  createDeadlines().expect(() => undefined, 60_000);
  await pause(1);
  expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout")).toHaveLength(before);
});
