import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { otel } from "../../src/telemetry/otel.js";
import { makeKit } from "../kit.js";
import { measured } from "./scene.js";

function exporters() {
  const spans = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meters = new MeterProvider({ readers: [reader] });
  return {
    options: { tracer: provider.getTracer("test"), meter: meters.getMeter("test") },
    spans: () => spans.getFinishedSpans(),
    async metrics() {
      await meters.forceFlush();
      const { scopeMetrics = [] } = metricExporter.getMetrics().at(-1) ?? {};
      return scopeMetrics.flatMap((scope) => scope.metrics);
    },
    stop: () => meters.shutdown(),
  };
}

describe("otel()", () => {
  it("makes a span of every step, and none says who it was for", async () => {
    const { kit, run, secrets } = measured();
    const sdk = exporters();
    otel(kit.reset, sdk.options);
    await run();
    const spans = sdk.spans();
    expect(
      spans.map(({ name, attributes, status }) => [name, attributes["resetkit.outcome"], status.code]),
    ).toEqual([
      ["resetkit.request", "ok", SpanStatusCode.UNSET],
      ["resetkit.request", "ok", SpanStatusCode.UNSET],
      ["resetkit.deliver", "ok", SpanStatusCode.UNSET],
      ["resetkit.validate", "invalid_token", SpanStatusCode.UNSET],
      ["resetkit.validate", "ok", SpanStatusCode.UNSET],
      ["resetkit.confirm", "weak_password", SpanStatusCode.UNSET],
      ["resetkit.hash", "ok", SpanStatusCode.UNSET],
      ["resetkit.confirm", "ok", SpanStatusCode.UNSET],
      ["resetkit.deliver", "ok", SpanStatusCode.UNSET],
      ["resetkit.request", "ok", SpanStatusCode.UNSET],
      ["resetkit.deliver", "error", SpanStatusCode.ERROR],
    ]);
    expect(spans.find(({ name }) => name === "resetkit.deliver")!.kind).toBe(SpanKind.CLIENT);
    const written = JSON.stringify(
      spans.map(({ name, attributes, status, events }) => ({ name, attributes, status, events })),
    );
    for (const secret of secrets) expect(written).not.toContain(secret);
    await sdk.stop();
  });

  it("reports counters, durations and the state of the queue", async () => {
    const { kit, run, secrets } = measured();
    const sdk = exporters();
    otel(kit.reset, sdk.options);
    await run();
    const metrics = await sdk.metrics();
    const points = metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => {
        const labels = Object.entries(attributes).map(([name, one]) => `${name}=${String(one)}`);
        const number = typeof value === "object" ? (value as { count: number }).count : value;
        return [descriptor.name, labels.sort().join(" "), number].join(" | ");
      }),
    );
    expect(points.sort()).toEqual([
      "resetkit.call.duration | call=confirm outcome=ok | 1",
      "resetkit.call.duration | call=confirm outcome=weak_password | 1",
      "resetkit.call.duration | call=request outcome=ok | 3",
      "resetkit.call.duration | call=validate outcome=invalid_token | 1",
      "resetkit.call.duration | call=validate outcome=ok | 1",
      "resetkit.deliveries | kind=changed | 1",
      "resetkit.deliveries | kind=reset | 1",
      "resetkit.delivery.duration | outcome=error | 1",
      "resetkit.delivery.duration | outcome=ok | 2",
      "resetkit.failures | final=false what=deliver | 1",
      "resetkit.hash.duration | outcome=ok | 1",
      "resetkit.queue.oldest_age |  | 90",
      "resetkit.queue.waiting |  | 1",
      "resetkit.refusals | reason=invalid_token stage=validate | 1",
      "resetkit.refusals | reason=unknown_account stage=mail | 1",
      "resetkit.refusals | reason=weak_password stage=confirm | 1",
      "resetkit.resets |  | 1",
    ]);
    for (const secret of secrets) expect(points.join()).not.toContain(secret);
    await sdk.stop();
  });

  it("turns a span red for an outage, without the driver's words", async () => {
    const kit = makeKit();
    const sdk = exporters();
    otel(kit.reset, sdk.options);
    const { token } = await kit.ask("ada@example.com");
    kit.users.findById = () => Promise.reject(new Error("no route to ada@example.com"));
    await kit.reset.validate({ token }).catch(() => undefined);
    const failed = sdk.spans().filter(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(
      failed.map(({ name, attributes, events, status }) => [name, attributes, events, status.message]),
    ).toEqual([["resetkit.validate", { "resetkit.outcome": "error", "error.type": "error" }, [], undefined]]);
    await sdk.stop();
  });

  it("ends when it's told to, and costs nothing where no SDK is installed", async () => {
    const { kit, run } = measured();
    const sdk = exporters();
    otel(kit.reset, sdk.options)();
    expect(trace.getTracerProvider()).toBeDefined();
    otel(kit.reset);
    await run();
    expect(sdk.spans()).toEqual([]);
    await sdk.stop();
  });
});
