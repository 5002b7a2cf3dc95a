import { afterEach, describe, expect, it, vi } from "vitest";
import { createMutex } from "../../src/runtime/mutex.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

const pause = (milliseconds = 1) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const forever = new Promise<never>(() => {});

describe("a mutex", () => {
  it("gives turns in order, and lets nobody in between", async () => {
    const { run, runExclusive } = createMutex();
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} begins`);
      await pause();
      seen.push(`${name} ends`);
    };
    await Promise.all([
      runExclusive(work("a")),
      run(work("b")),
      runExclusive(work("c")),
      run(() => void seen.push("d")),
    ]);
    expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends", "d"]);
  });

  it("is free again after work that threw, and runs a step at once", async () => {
    const { run, runExclusive } = createMutex();
    await expect(runExclusive(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(
      runExclusive(() => {
        throw new Error("at once");
      }),
    ).rejects.toThrow("at once");
    let ran = false;
    void run(() => (ran = true));
    expect(ran).toBe(true);
  });

  it("rejects who waited for too long, never runs that work, and keeps the turns of the others", async () => {
    const { run, runExclusive } = createMutex({ limit: 100 });
    let end!: () => void;
    const stuck = runExclusive(() => new Promise<void>((resolve) => (end = resolve)));
    const late = vi.fn();
    await expect(run(late)).rejects.toThrow(/waited 0\.1 seconds for a transaction.*shorter/);
    await expect(runExclusive(late)).rejects.toThrow(/waited 0\.1 seconds/);
    const next = run(() => "next");
    end();
    await stuck;
    expect(await next).toBe("next");
    expect(late).not.toHaveBeenCalled();
  });

  it("rejects one caller after the other behind a transaction that never ends", async () => {
    const { run, runExclusive } = createMutex({ limit: 20 });
    void runExclusive(() => forever);
    for (let i = 0; i < 3; i++) await expect(run(() => i)).rejects.toThrow(/waited/);
  });

  it("refuses a call inside its transaction, and not one inside another's", async () => {
    const [a, b] = [createMutex(), createMutex()];
    const nested = a.runExclusive(() => b.runExclusive(() => a.run(() => "in both")));
    await expect(nested).rejects.toThrow(/missing the transaction's handle/);
    await expect(a.runExclusive(() => b.runExclusive(async () => "beside"))).resolves.toBe("beside");
    await expect(a.runExclusive(() => b.run(() => a.run(() => 1)))).rejects.toThrow(/handle/);
  });

  it("still refuses it after transactions of other connections ended meanwhile", async () => {
    const [a, b] = [createMutex(), createMutex()];
    let end!: () => void;
    const open = a.runExclusive(async () => {
      await new Promise<void>((resolve) => (end = resolve));
      return a.run(() => "ran");
    });
    await b.runExclusive(() => pause());
    end();
    await expect(open).rejects.toThrow(/handle/);
  });

  it("tells calls from outside from those inside, however many are under way", async () => {
    const { run, runExclusive } = createMutex();
    const one = async (isInside: boolean) => {
      if (!isInside) return run(() => "ran");
      return runExclusive(async () => {
        await pause();
        return run(() => "ran");
      }).catch(() => "refused");
    };
    const kinds = Array.from({ length: 60 }, (_, number) => number % 3 === 0);
    const ends = await Promise.all(kinds.map(one));
    expect(ends).toEqual(kinds.map((isInside) => (isInside ? "refused" : "ran")));
  });
});

describe("the runtime's async_hooks", () => {
  const load = async (getBuiltinModule: unknown) => {
    vi.resetModules();
    // All else stays as it is: Vitest needs it meanwhile.
    vi.stubGlobal("process", Object.create(process, { getBuiltinModule: { value: getBuiltinModule } }));
    return (await import("../../src/runtime/mutex.js")).createMutex;
  };

  it.each([
    ["getBuiltinModule", undefined],
    ["the module", () => undefined],
  ])("may be missing: without %s, the limit ends the wait with the same sentence", async (_, missing) => {
    const { run, runExclusive } = (await load(missing))({ limit: 50 });
    const nested = runExclusive(() => run(() => "never"));
    await expect(nested).rejects.toThrow(/waited 0\.05 seconds.*missing the transaction's handle/);
    await expect(run(() => "free")).resolves.toBe("free");
  });

  it("may be missing: then a call waits until the limit (control)", async () => {
    const { run, runExclusive } = (await load(undefined))({ limit: 1e6 });
    const nested = runExclusive(() => Promise.race([run(() => "never"), pause(200).then(() => "waits")]));
    await expect(nested).resolves.toBe("waits");
  });

  it("pauses the context when the last open transaction ends, since it slows every promise down", async () => {
    const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
    const paused = vi.fn();
    class Counted<T> extends AsyncLocalStorage<T> {
      override disable(): void {
        paused();
        super.disable();
      }
    }
    const create = await load(() => ({ AsyncLocalStorage: Counted }));
    let end!: () => void;
    const long = create().runExclusive(() => new Promise<void>((resolve) => (end = resolve)));
    await create().runExclusive(async () => {});
    expect(paused).not.toHaveBeenCalled();
    end();
    await long;
    expect(paused).toHaveBeenCalledTimes(1);
  });

  it("may have no pause", async () => {
    const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
    class Workers<T> extends AsyncLocalStorage<T> {
      override disable(): void {
        throw new Error("asyncLocalStorage.disable() is not implemented");
      }
    }
    const { run, runExclusive } = (await load(() => ({ AsyncLocalStorage: Workers })))();
    await expect(runExclusive(async () => "done")).resolves.toBe("done");
    await expect(runExclusive(() => run(() => "never"))).rejects.toThrow(/handle/);
  });
});
