import {
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
  type Meter,
  type Span,
  type Tracer,
} from "@opentelemetry/api";
import type { Step } from "../engine/observers.js";
import { ResetError } from "../errors.js";
import type { PasswordReset } from "../types.js";
import {
  buckets,
  counters,
  failureOf,
  gaugeReader,
  gauges,
  measure,
  observeSteps,
  outcomeOf,
  timers,
} from "./measures.js";

/** The options of `otel()`. */
export interface OtelOptions {
  /**
   * Makes the spans.
   *
   * @default trace.getTracer("resetkit")
   */
  readonly tracer?: Tracer;
  /**
   * Makes the metrics.
   *
   * @default metrics.getMeter("resetkit")
   */
  readonly meter?: Meter;
}

/**
 * Reports spans and metrics to OpenTelemetry: a span around every call, delivery attempt, and password hash; and counters,
 * durations, and the state of the queue. No attribute names an account, and no error message is recorded.
 *
 * A span is active while its step runs, so the spans of your database driver and your mail client are its children.
 * Deliveries run in the background worker, in separate traces.
 *
 * @returns A function that stops reporting.
 * @example
 * ```ts
 * const reset = passwordReset({ … });
 * otel(reset);
 * ```
 */
export function otel(
  reset: PasswordReset,
  { tracer = trace.getTracer("resetkit"), meter = metrics.getMeter("resetkit") }: OtelOptions = {},
): () => void {
  const counted = new Map(
    Object.entries(counters).map(([name, { help }]) => [
      name,
      meter.createCounter(`resetkit.${name}`, { description: help }),
    ]),
  );
  const timed = new Map(
    Object.entries(timers).map(([name, { help }]) => [
      name,
      meter.createHistogram(`resetkit.${name}.duration`, {
        ...{ description: help, unit: "s", advice: { explicitBucketBoundaries: [...buckets] } },
      }),
    ]),
  );
  const ends = [
    observeSteps(reset, (step, work) => (step === "dryRun" ? work() : inSpan(tracer, step, work)), "otel()"),
    measure(
      reset,
      {
        count: (name, labels) => counted.get(name)?.add(1, labels),
        time: (name, labels, seconds) => timed.get(name)?.record(seconds, labels),
      },
      "otel()",
    ),
    watchQueue(reset, meter),
  ];
  return () => ends.forEach((end) => end());
}

function inSpan(tracer: Tracer, step: Step, work: () => Promise<unknown>): Promise<unknown> {
  const kind = step === "deliver" ? SpanKind.CLIENT : SpanKind.INTERNAL;
  return tracer.startActiveSpan(`resetkit.${step}`, { kind }, async (span) => {
    try {
      const result = await work();
      span.setAttribute("resetkit.outcome", outcomeOf(step, result));
      return result;
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Sets the span's outcome. A rejected token or password isn't a server error, so it doesn't mark the span as failed. */
function fail(span: Span, error: unknown): void {
  const outcome = failureOf(error);
  span.setAttribute("resetkit.outcome", outcome);
  if (error instanceof ResetError && error.status < 500) return;
  span.setAttribute("error.type", outcome);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function watchQueue(reset: PasswordReset, meter: Meter): () => void {
  const read = gaugeReader(reset, "otel()");
  const waiting = meter.createObservableGauge("resetkit.queue.waiting", {
    description: gauges.queue_waiting,
  });
  const oldest = meter.createObservableGauge("resetkit.queue.oldest_age", {
    ...{ description: gauges.queue_oldest_age, unit: "s" },
  });
  const both = [waiting, oldest];
  const observe: Parameters<Meter["addBatchObservableCallback"]>[0] = async (result) => {
    const values = await read();
    if (!values) return;
    result.observe(waiting, values.queue_waiting);
    result.observe(oldest, values.queue_oldest_age);
  };
  meter.addBatchObservableCallback(observe, both);
  return () => meter.removeBatchObservableCallback(observe, both);
}
