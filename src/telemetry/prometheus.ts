import { Counter, Gauge, Histogram, register, type Registry } from "prom-client";
import type { PasswordReset } from "../types.js";
import { buckets, counters, gaugeReader, gauges, measure, timers, type Labels } from "./measures.js";

/** The options of `prometheus()`. */
export interface PrometheusOptions {
  /**
   * Prefix of every metric's name.
   *
   * @default "resetkit_"
   */
  readonly prefix?: string;
}

/**
 * Adds resetkit's metrics to a registry of `prom-client`: calls, refusals by reason, deliveries, password hashes, and the
 * queue. No label names an account.
 *
 * @param registry - Default: the global registry of `prom-client`.
 * @returns A function that stops measuring and removes the metrics from the registry.
 * @throws {Error} From `prom-client`, if the registry already has metrics with these names. Pass another `prefix`.
 * @example
 * ```ts
 * prometheus(reset, register);
 * app.get("/metrics", async (_, response) => response.type(register.contentType).send(await register.metrics()));
 * ```
 */
export function prometheus(
  reset: PasswordReset,
  registry: Registry<any> = register,
  { prefix = "resetkit_" }: PrometheusOptions = {},
): () => void {
  const registers = [registry];
  const names: string[] = [];
  const named = (name: string) => {
    names.push(prefix + name);
    return prefix + name;
  };
  const counted = mapOf(
    counters,
    (key, { help, labels }) =>
      new Counter({ name: named(`${key}_total`), help, labelNames: [...labels], registers }),
  );
  const timed = mapOf(
    timers,
    (key, { help, labels }) =>
      new Histogram({
        ...{ name: named(`${key}_duration_seconds`), help, labelNames: [...labels], buckets, registers },
      }),
  );
  // Export the series from the start, so that "no resets yet" looks different from "no data".
  counted.resets.inc(0);
  const read = gaugeReader(reset, "prometheus()");
  // Query the queue once for all gauges of a scrape.
  let reading: ReturnType<typeof read> | undefined;
  const readOnce = () => (reading ??= read().finally(() => (reading = undefined)));
  mapOf(gauges, (key, help) => {
    const name = named(key.endsWith("age") ? `${key}_seconds` : key);
    return new Gauge({
      ...{ name, help, registers },
      async collect() {
        const values = await readOnce();
        if (values) this.set(values[key]);
        else this.remove();
      },
    });
  });

  const end = measure(
    reset,
    {
      count: (name, labels) => counted[name].inc(labels as Labels),
      time: (name, labels, seconds) => timed[name].observe(labels as Labels, seconds),
    },
    "prometheus()",
  );
  return () => {
    end();
    for (const name of names) registry.removeSingleMetric(name);
  };
}

function mapOf<Names extends object, To>(
  names: Names,
  make: (key: keyof Names & string, value: Names[keyof Names]) => To,
): Record<keyof Names, To> {
  return Object.fromEntries(
    Object.entries(names).map(([key, value]) => [key, make(key as keyof Names & string, value)]),
  ) as Record<keyof Names, To>;
}
