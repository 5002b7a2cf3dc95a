import { afterEach, describe, expect, it } from "vitest";
import { platformWaitUntil } from "../../src/runtime/wait-until.js";
import { makeKit } from "../kit.js";

const vercel = Symbol.for("@vercel/request-context");
const platforms = globalThis as Record<PropertyKey, unknown>;

afterEach(() => {
  delete platforms[vercel];
  delete platforms["Netlify"];
});

/** A platform's context, whose method needs its object, as on all of them. */
class Context {
  readonly #handed: Promise<unknown>[] = [];
  waitUntil(work: Promise<unknown>): void {
    this.#handed.push(work);
  }
  get count(): number {
    return this.#handed.length;
  }
  async settled(): Promise<void> {
    await Promise.all(this.#handed);
  }
}

describe("waitUntil of the platform", () => {
  it.each([
    ["Vercel", (context: Context) => (platforms[vercel] = { get: () => context })],
    ["Netlify", (context: Context) => (platforms["Netlify"] = { context })],
  ])("is found on %s, and keeps the function awake until the email is sent", async (_name, install) => {
    const context = new Context();
    install(context);
    const kit = makeKit({ worker: "waitUntil" });
    await kit.reset.request({ identifier: "ada@example.com" });
    expect(context.count).toBe(1);
    await context.settled();
    expect(kit.mails).toHaveLength(1);
    expect(kit.log.lines.join()).not.toContain("waitUntil");
  });

  it("isn't found elsewhere, nor outside a request on those platforms, and that is said once", async () => {
    expect(await platformWaitUntil()).toBeUndefined();
    platforms[vercel] = { get: () => undefined };
    platforms["Netlify"] = { context: null };
    expect(await platformWaitUntil()).toBeUndefined();
    const kit = makeKit({ worker: "waitUntil" });
    await kit.reset.request({ identifier: "ada@example.com" });
    expect(kit.log.lines.filter((line) => line.includes("pass context.waitUntil"))).toHaveLength(1);
    await kit.reset.drain();
  });

  it("gives way to what the application passes", async () => {
    const [own, theirs] = [new Context(), new Context()];
    platforms[vercel] = { get: () => theirs };
    const kit = makeKit({ worker: "waitUntil" });
    await kit.reset.request({ identifier: "ada@example.com" }, { waitUntil: (work) => own.waitUntil(work) });
    expect([own.count, theirs.count]).toEqual([1, 0]);
    await own.settled();
  });
});
