import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../src/stores/memory.js";
import { prometheus } from "../../src/telemetry/prometheus.js";
import { makeKit } from "../kit.js";
import { measured } from "./scene.js";

describe("prometheus()", () => {
  it("counts and times what happens, by reason and outcome, without naming anyone", async () => {
    const { kit, run, secrets } = measured();
    const registry = new Registry();
    prometheus(kit.reset, registry);
    await run();
    const text = await registry.metrics();
    const lines = text.split("\n").filter((line) => !line.startsWith("#") && !/_(bucket|sum)\{/.test(line));
    expect(lines.filter((line) => line !== "")).toEqual([
      "resetkit_resets_total 1",
      'resetkit_refusals_total{stage="mail",reason="unknown_account"} 1',
      'resetkit_refusals_total{stage="validate",reason="invalid_token"} 1',
      'resetkit_refusals_total{stage="confirm",reason="weak_password"} 1',
      'resetkit_deliveries_total{kind="reset"} 1',
      'resetkit_deliveries_total{kind="changed"} 1',
      'resetkit_failures_total{what="deliver",final="false"} 1',
      'resetkit_call_duration_seconds_count{call="request",outcome="ok"} 3',
      'resetkit_call_duration_seconds_count{call="validate",outcome="invalid_token"} 1',
      'resetkit_call_duration_seconds_count{call="validate",outcome="ok"} 1',
      'resetkit_call_duration_seconds_count{call="confirm",outcome="weak_password"} 1',
      'resetkit_call_duration_seconds_count{call="confirm",outcome="ok"} 1',
      'resetkit_delivery_duration_seconds_count{outcome="ok"} 2',
      'resetkit_delivery_duration_seconds_count{outcome="error"} 1',
      'resetkit_hash_duration_seconds_count{outcome="ok"} 1',
      "resetkit_queue_waiting 1",
      "resetkit_queue_oldest_age_seconds 90",
    ]);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });

  it("ends when it's told to, and can begin anew", async () => {
    const { kit, run } = measured();
    const registry = new Registry();
    const end = prometheus(kit.reset, registry);
    end();
    await run();
    expect(await registry.metrics()).toBe("\n");
    prometheus(kit.reset, registry, { prefix: "accounts_" });
    expect(await registry.metrics()).toContain("accounts_resets_total 0");
  });

  it("leaves the queue out while it can't be reached, and keeps the rest", async () => {
    const { kit } = measured();
    const registry = new Registry();
    const broken = makeKit({ store: brokenQueue() });
    prometheus(broken.reset, registry);
    expect(await registry.metrics()).toContain("resetkit_resets_total 0");
    expect(await registry.metrics()).not.toMatch(/^resetkit_queue_waiting /m);
    await kit.reset.close();
  });

  it("refuses an object that isn't the engine's own, in a sentence", () => {
    expect(() => prometheus({ ...makeKit().reset }, new Registry())).toThrow(
      "prometheus() needs the object that passwordReset() returned",
    );
  });
});

function brokenQueue() {
  const store = memoryStore();
  return { ...store, queue: { ...store.queue!, stats: () => Promise.reject(new Error("down")) } };
}
