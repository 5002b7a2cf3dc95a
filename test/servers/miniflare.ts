import { createRequire } from "node:module";
import { join } from "node:path";
import { packages } from "./packages.js";

/** Cloudflare's own simulator of its platform: workerd, with its D1 and its Queues. */
export interface Simulator {
  readonly ready: Promise<unknown>;
  dispatchFetch(url: string, init?: object): Promise<Response>;
  getD1Database(binding: string): Promise<any>;
  dispose(): Promise<void>;
}

/** The Worker's text, and any other of miniflare's options. */
interface SimulatorOptions {
  readonly script: string;
  readonly [option: string]: unknown;
}

/** Starts it with miniflare's options. Its packages are installed when they are first needed: they are large. */
export async function simulator(given: SimulatorOptions): Promise<Simulator> {
  const { script, ...options } = given;
  const modules = await packages("miniflare", { dependencies: { miniflare: "4.20260730.0" } });
  const { Miniflare } = createRequire(join(modules, "none.js"))("miniflare");
  // Named here, since the simulator can't look for the modules of an import that is made at run time.
  const modulesOfScript = [{ type: "ESModule", path: "worker.mjs", contents: script }];
  const settings = { modules: modulesOfScript, compatibilityDate: "2026-06-01", ...options };
  const started = new Miniflare(settings) as Simulator;
  await started.ready;
  return started;
}
