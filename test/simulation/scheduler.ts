/**
 * Virtual time. Everything that happens in a history is an event: a call that reaches the store, an answer that comes
 * back, a timer that fires, an action of a person. Events run one at a time, in the order of their times; the seed draws
 * how long each takes, and which of two that are due together goes first.
 */
import { setImmediate as afterMicrotasks } from "node:timers";
import type { Random } from "./random.js";

/** A process of the application. Whatever it still has to do vanishes when it dies. */
export interface Process {
  readonly name: string;
  /** Its place in the fleet, which it keeps when it's restarted. */
  readonly slot: number;
  /** How many deploys were before it. */
  readonly generation: number;
  alive: boolean;
  /** How many of its steps have been taken. */
  steps: number;
  /** How many faults hit it, by what they hit. */
  readonly faults: { store: number; users: number; mail: number };
  /** When the last step ends that takes long: what waits behind it takes effect no sooner. */
  slowUntil: number;
  /** What its clock is off by, in milliseconds. */
  readonly skew: number;
  /** Called when it dies: connections close, and open transactions are rolled back. */
  readonly onDeath: Set<() => void>;
}

export interface Event {
  readonly at: number;
  readonly tie: number;
  readonly process: Process | undefined;
  readonly name: string;
  readonly go: () => void;
  canceled: boolean;
}

export class Scheduler {
  /** Milliseconds since the history began. */
  now = 0;
  /** Whose event runs. All that runs in its microtasks belongs to that process too. */
  current: Process | undefined;
  /** How many events have run. */
  events = 0;
  /** Of the names and times of all events: equal for equal histories. */
  checksum = 0;
  readonly #heap: Event[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  after(delay: number, process: Process | undefined, name: string, go: () => void): Event {
    const at = this.now + Math.max(0, Math.round(delay));
    const event = { at, tie: this.#random.next(), process, name, go, canceled: false };
    this.#push(event);
    return event;
  }

  /** Resolves when the process may take its next step. Never, once it is dead. */
  turn(process: Process | undefined, name: string, delay: number): Promise<void> {
    return new Promise((resolve) => void this.after(delay, process, name, resolve));
  }

  /** Runs events until `ended`, and none that is later than `horizon`. */
  async run(ended: () => boolean, horizon: number): Promise<void> {
    while (!ended()) {
      const event = this.#pop();
      if (!event) break;
      if (event.canceled || event.process?.alive === false) continue;
      if (event.at > horizon) {
        this.#push(event);
        break;
      }
      this.now = event.at;
      this.current = event.process;
      this.events++;
      this.#note(event);
      event.go();
      await new Promise<void>((resolve) => void afterMicrotasks(resolve));
      this.current = undefined;
    }
    if (!ended() && Number.isFinite(horizon)) this.now = Math.max(this.now, horizon);
  }

  #note({ at, name }: Event): void {
    this.checksum = Math.imul(this.checksum ^ at, 0x01000193);
    for (let i = 0; i < name.length; i++)
      this.checksum = Math.imul(this.checksum ^ name.charCodeAt(i), 0x01000193);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/** The scheduler of the history that runs: timers and randomness of the engine are taken from it. */
export const running: { scheduler: Scheduler; random: Random } = {
  scheduler: undefined as unknown as Scheduler,
  random: undefined as unknown as Random,
};
