/**
 * The simulation as a program: `bundle.mjs` makes one file of it and the engine, so that timers and randomness are those of
 * the history, and nothing is loaded while it runs. It gets its order as JSON, and prints one line of JSON.
 */
import { running } from "./history.js";
import { planted } from "./planted.js";
import { planOf } from "./plan.js";
import { explain, runSeed, type Failure } from "./run.js";

export interface Order {
  readonly from: number;
  /** How many seeds. */
  readonly count: number;
  /** Stops at the so-manieth failing seed. */
  readonly failures?: number;
  /** What plans never have. */
  readonly off?: readonly string[];
  /** A fault of `planted.ts` that is planted from outside. */
  readonly planted?: string;
  /** Explains the first failure. */
  readonly explains?: boolean;
  /** Runs each seed twice and compares. */
  readonly twice?: boolean;
}

export interface Report {
  readonly seeds: number;
  readonly events: number;
  readonly milliseconds: number;
  /** Milliseconds of the processor, which don't depend on what else runs. */
  readonly cpu: number;
  readonly failures: readonly Failure[];
  readonly explanation?: string;
}

process.on("unhandledRejection", (error) =>
  running?.violate(
    "no unhandled rejection",
    error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  ),
);

// Stacks of errors that are part of the plan help nobody, and take time.
Error.stackTraceLimit = 0;

async function main(order: Order): Promise<Report> {
  const off = new Set(order.off);
  const broken = order.planted === undefined ? undefined : planted[order.planted]!.breaks;
  const failures: Failure[] = [];
  const startedAt = Date.now();
  let [seeds, events] = [0, 0];
  let explanation: string | undefined;
  for (let seed = order.from; seed < order.from + order.count; seed++) {
    const result = await runSeed(seed, off, broken);
    seeds++;
    events += result.events;
    if (order.twice) {
      const again = await runSeed(seed, off, broken);
      if (again.checksum !== result.checksum)
        failures.push({
          seed,
          invariant: "a seed replays exactly",
          message: `${result.events} and ${again.events}`,
        });
    }
    if (!result.violation) continue;
    const { invariant, message } = result.violation;
    failures.push({ seed, invariant, message });
    if (order.explains && !explanation) explanation = await explain(planOf(seed, off), result, broken);
    if (failures.length >= (order.failures ?? Infinity)) break;
  }
  return {
    seeds,
    events,
    milliseconds: Date.now() - startedAt,
    cpu: Math.round((process.cpuUsage().user + process.cpuUsage().system) / 1_000),
    failures,
    ...(explanation && { explanation }),
  };
}

main(JSON.parse(process.argv[2]!) as Order).then(
  (report) => {
    process.stdout.write(JSON.stringify(report));
    process.exit(0);
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
