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

/** Starts it with miniflare's options. Its packages are installed when they are first needed: they are large. */
export async function simulator(options: object): Promise<Simulator> {
  const modules = await packages("miniflare", { dependencies: { miniflare: "4.20260730.0" } });
  const { Miniflare } = createRequire(join(modules, "none.js"))("miniflare");
  const started = new Miniflare({ modules: true, compatibilityDate: "2026-06-01", ...options }) as Simulator;
  await started.ready;
  return started;
}
