/** What all parts of a history share: time, processes, faults, and the record of what happened. */
import type { Combination, Fault, Plan, StepFault } from "./plan.js";
import { seeded, type Random } from "./random.js";
import { running, Scheduler, type Process } from "./scheduler.js";

/** Something that must never happen did. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, message: string) {
    super(message);
    this.invariant = invariant;
  }
}

/** What a step reaches: an outage is of one of them. */
export type Target = "store" | "users" | "mail";

/** What strikes a step. */
interface Struck {
  readonly how: StepFault;
  readonly text: string;
  readonly delay: number;
}

const epoch = Date.UTC(2026, 0, 15, 12);

export class World {
  readonly combination: Combination;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly lines: string[] = [];
  /** The first violation; the history ends with it. */
  violation: Violation | undefined;
  /** Faults are over: from here on everything must come to its end. */
  calm = false;
  /** While nothing has gone wrong yet, nothing may be excused by it. */
  faultsSoFar = 0;
  /** By the wall clock, when a process died. */
  readonly diedOn: number[] = [];
  /** When a clock jumped last. */
  jumpedAt = -Infinity;
  #clockOffset = 0;
  readonly #steps: (Fault & { kind: "step" })[];
  readonly #outages: (Fault & { kind: "outage" })[];
  readonly #hangs: Set<Fault & { kind: "hang" }>;
  readonly #counted = new Map<Fault, { from: number }>();
  readonly #recording: boolean;
  readonly #ignored: ReadonlySet<string>;

  constructor(plan: Plan, recording: boolean) {
    this.combination = plan.combination;
    this.random = seeded(plan.seed, 100 + plan.schedule);
    this.scheduler = new Scheduler(this.random);
    this.#recording = recording;
    this.#ignored = plan.ignored;
    this.#steps = plan.faults.filter((fault) => fault.kind === "step");
    this.#outages = plan.faults.filter((fault) => fault.kind === "outage");
    this.#hangs = new Set(plan.faults.filter((fault) => fault.kind === "hang"));
    running.scheduler = this.scheduler;
    running.random = seeded(plan.seed, 200 + plan.schedule);
  }

  /** Milliseconds since 1970 by the wall clock, as a process sees it. */
  clockOf(process: Process | undefined): number {
    return epoch + this.scheduler.now + this.#clockOffset + (process?.skew ?? 0);
  }

  jump(by: number): void {
    this.#clockOffset += by;
    this.jumpedAt = this.scheduler.now;
    this.note(undefined, `the clocks jump by ${by / 1_000} s`);
  }

  note(process: Process | undefined, text: string): void {
    if (!this.#recording) return;
    const time = new Date(this.clockOf(undefined)).toISOString().slice(8, 23).replace("T", " ");
    this.lines.push(`${time}  ${(process?.name ?? "").padEnd(7)} ${text}`);
  }

  violate(invariant: string, message: string): void {
    if (this.#ignored.has(invariant)) return;
    this.note(undefined, `VIOLATION of "${invariant}": ${message}`);
    this.violation ??= new Violation(invariant, message);
  }

  kill(process: Process): void {
    if (!process.alive) return;
    this.note(process, "dies");
    this.faultsSoFar++;
    this.diedOn.push(this.clockOf(undefined));
    process.alive = false;
    for (const die of process.onDeath) die();
  }

  /**
   * One step of a process outside of itself: it takes its time, and a fault may keep it from happening, or its answer
   * from coming back.
   */
  async step<T>(process: Process, target: Target, name: string, work: () => T | PromiseLike<T>): Promise<T> {
    const { scheduler } = this;
    await this.#arrive(process, name);
    const fault = this.#faultAt(process, target, name);
    if (fault) {
      this.faultsSoFar++;
      process.faults[target]++;
      this.note(process, `${name} ${fault.text}`);
      if (fault.how === "fails before") throw this.#outage(false);
      process.slowUntil = Math.max(process.slowUntil, scheduler.now + fault.delay);
      if (fault.delay > 0) await scheduler.turn(process, name, fault.delay);
    }
    const slice = scheduler.events;
    const result = await work();
    // An answer that comes later than at once comes in a turn of its own: nothing of this process may run in another's.
    if (slice !== scheduler.events || this.random.chance(0.25)) await this.#arrive(process, name);
    if (fault?.how === "fails after") throw this.#outage(true);
    return result;
  }

  async #arrive(process: Process, name: string): Promise<void> {
    await this.scheduler.turn(process, name, this.#latency());
    process.steps++;
    const dying = this.#steps.find((fault) => fault.how === "dies" && this.#isDue(fault, process));
    if (!dying) return;
    this.kill(process);
    await new Promise(() => undefined);
  }

  #latency(): number {
    const kind = this.random.next();
    if (kind < 0.7) return this.random.below(4);
    return this.random.below(kind < 0.97 ? 60 : 1_500);
  }

  #faultAt(process: Process, target: Target, name: string): Struck | undefined {
    if (this.calm) return undefined;
    const { now } = this.scheduler;
    for (const hang of this.#hangs) {
      if (now < hang.at || !hang.of.includes(name)) continue;
      this.#hangs.delete(hang);
      return this.#slow([15_000, 40_000, 75_000, 180_000]);
    }
    for (const fault of this.#steps) {
      if (fault.how === "dies" || !this.#isDue(fault, process)) continue;
      return fault.how === "takes long"
        ? this.#slow([3_000, 40_000, 75_000, 180_000])
        : { how: fault.how, text: fault.how, delay: 0 };
    }
    for (const { of, at, to, how } of this.#outages) {
      if (of !== target || now < at || now >= to) continue;
      if (how === "flaky" && this.random.chance(0.6)) continue;
      if (how === "hangs") return { how: "takes long", text: `hangs for ${to - now} ms`, delay: to - now };
      const after = how === "fails after" || (how === "flaky" && this.random.chance(0.5));
      const outcome = after ? "fails after" : "fails before";
      return { how: outcome, text: outcome, delay: 0 };
    }
    return undefined;
  }

  #slow(delays: readonly number[]): Struck {
    const delay = this.random.pick(delays);
    return { how: "takes long", text: `takes ${delay / 1_000} s`, delay };
  }

  /** Whether a fault strikes now: at so many steps of its process after its moment, and once. */
  #isDue(fault: Fault & { kind: "step" }, process: Process): boolean {
    if (this.calm || this.scheduler.now < fault.at || process.slot !== fault.process) return false;
    const counted = this.#counted.get(fault);
    if (!counted) this.#counted.set(fault, { from: process.steps });
    return process.steps - (counted?.from ?? process.steps) === fault.step;
  }

  #outage(tookEffect: boolean): Error {
    // What says "try again" has had no effect; a connection that breaks says nothing.
    if (tookEffect && this.combination.outage === "SQLITE_BUSY") {
      return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
    }
    switch (this.combination.outage) {
      case "TypeError":
        return new TypeError("fetch failed");
      case "SQLITE_BUSY":
        return Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
      default:
        return Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:5432"), { code: "ECONNREFUSED" });
    }
  }
}
