import { mkdtemp, readdir, readFile, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of this run's servers. */
    servers: { readonly folder: string; readonly run: number };
  }
}

/** Gives a run a folder for its servers, which start when a file first asks for them, and ends them with it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "resetkit-run-"));
  // The database servers run under users of their own, and must be able to enter.
  await chmod(folder, 0o755);
  project.provide("servers", { folder, run: process.pid });

  return async () => {
    for (const file of await readdir(folder)) {
      if (file.endsWith(".pid")) await end(Number(await readFile(join(folder, file), "utf8")));
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

/** Ends a server by the process that guards it, and waits until it is gone. */
export async function end(guard: number): Promise<void> {
  try {
    process.kill(guard, "SIGTERM");
    for (let i = 0; i < 100; i++) {
      process.kill(guard, 0);
      await pause(50);
    }
  } catch {
    // It has ended.
  }
}
