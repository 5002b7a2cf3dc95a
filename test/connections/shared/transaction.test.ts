import { describe, expect, it } from "vitest";
import { runTransaction } from "../../../src/connections/shared/transaction.js";
import { TimeoutError } from "../../../src/runtime/timeout.js";

/** A driver that notes what it's asked for. What's named in `failing` throws. */
function driver(failing: Readonly<Record<string, unknown>> = {}) {
  const steps: string[] = [];
  const step = (name: string) => async () => {
    steps.push(name);
    if (name in failing) throw failing[name];
  };
  const bracket = { begin: step("begin"), commit: step("commit"), rollback: step("rollback") };
  const abandon = () => {
    steps.push("abandon");
    if ("abandon" in failing) throw failing.abandon;
  };
  return { steps, bracket, closing: { ...bracket, abandon }, work: step("work") };
}

const broken = new Error("It's broken.");
const late = new TimeoutError("It's late.");
const errorOf = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("a transaction", () => {
  it("commits after the work, and gives its result", async () => {
    const { steps, closing, work } = driver();
    expect(await runTransaction(closing, () => work().then(() => "done"))).toBe("done");
    expect(steps).toEqual(["begin", "work", "commit"]);
  });

  it("that can't begin does no work, and has nothing to roll back", async () => {
    const { steps, closing, work } = driver({ begin: broken });
    expect(await errorOf(runTransaction(closing, work))).toBe(broken);
    expect(steps).toEqual(["begin"]);
  });

  it("is rolled back if its work fails", async () => {
    const { steps, closing, work } = driver({ work: broken });
    expect(await errorOf(runTransaction(closing, work))).toBe(broken);
    expect(steps).toEqual(["begin", "work", "rollback"]);
  });

  it("is rolled back if it can't be committed", async () => {
    const { steps, closing, work } = driver({ commit: broken });
    expect(await errorOf(runTransaction(closing, work))).toBe(broken);
    expect(steps).toEqual(["begin", "work", "commit", "rollback"]);
  });

  it("ends after its rollback, and with the first error even if that fails", async () => {
    let isRolledBack = false;
    const { bracket, work } = driver({ work: broken });
    const rollback = async () => {
      await Promise.resolve();
      isRolledBack = true;
      throw new Error("The connection is gone.");
    };
    expect(await errorOf(runTransaction({ ...bracket, rollback }, work))).toBe(broken);
    expect(isRolledBack).toBe(true);
  });

  it("that was given up has its connection closed, and isn't waited for", async () => {
    const { steps, closing, work } = driver({ work: late });
    expect(await errorOf(runTransaction(closing, work))).toBe(late);
    expect(steps).toEqual(["begin", "work", "abandon"]);
  });

  it("that was given up ends with that error even if the connection can't be closed", async () => {
    const { steps, closing, work } = driver({ work: late, abandon: broken });
    expect(await errorOf(runTransaction(closing, work))).toBe(late);
    expect(steps).toEqual(["begin", "work", "abandon"]);
  });

  it("that was given up is rolled back if the driver can't close its connection", async () => {
    const { steps, bracket, work } = driver({ work: late });
    expect(await errorOf(runTransaction(bracket, work))).toBe(late);
    expect(steps).toEqual(["begin", "work", "rollback"]);
  });
});
