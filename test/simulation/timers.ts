/**
 * What stands in for the runtime's timers in all bundled code (`inject` of esbuild). A timer belongs to the process that
 * set it, and is gone when that process dies.
 */
import { running, type Event } from "./scheduler.js";

class Timer {
  event: Event | undefined;
  unref(): this {
    return this;
  }
  ref(): this {
    return this;
  }
}

function arm(timer: Timer, delay: number, name: string, go: () => void): Timer {
  const { scheduler } = running;
  timer.event = scheduler.after(delay, scheduler.current, name, go);
  return timer;
}

function disarm(timer: Timer | undefined): void {
  if (timer?.event) timer.event.canceled = true;
}

const later = (go: (...given: unknown[]) => void, delay = 1, ...given: unknown[]) =>
  arm(new Timer(), Math.max(1, delay), "timer", () => go(...given));

const soon = (go: (...given: unknown[]) => void, ...given: unknown[]) =>
  arm(new Timer(), 0, "immediate", () => go(...given));

const repeatedly = (go: () => void, delay = 1) => {
  const timer = new Timer();
  const next = () => {
    arm(timer, Math.max(1, delay), "interval", next);
    go();
  };
  return arm(timer, Math.max(1, delay), "interval", next);
};

const clock = { now: () => running.scheduler.now };

export {
  later as setTimeout,
  repeatedly as setInterval,
  soon as setImmediate,
  disarm as clearTimeout,
  disarm as clearInterval,
  disarm as clearImmediate,
  clock as performance,
  later as "globalThis.setTimeout",
  soon as "globalThis.setImmediate",
};
