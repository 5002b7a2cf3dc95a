import type { Break } from "./fleet.js";

/** Faults that are planted from outside of the engine, by their names. */
export const breaks: Readonly<Record<string, Break>> = {};
