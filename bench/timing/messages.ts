import type { Place } from "./database.js";

/** To a server or a worker, first. */
export interface Start {
  readonly place: Place;
  readonly worker: "inside" | "outside";
  /** Of the worker, in milliseconds. */
  readonly tick: number;
  /** What the control `planted` costs, in microseconds: once for its answer, once for the next one. */
  readonly planted: number;
  /** What it costs the worker inside to take the request of `planted` off the queue, in microseconds. */
  readonly plantedWork: number;
  /** How long the control `late` works after its answer, in microseconds. */
  readonly late: number;
}

/** From a server, once it listens; from a worker, once it works. */
export interface Ready {
  readonly port: number;
}

/** From both, at the end: how often each event was told, and what was written to the log. */
export interface Ended {
  readonly events: Readonly<Record<string, number>>;
  readonly log: readonly string[];
}

/** How a request says which control it is. All requests carry the header, so that all are equally long. */
export const controlHeader = "x-control";
