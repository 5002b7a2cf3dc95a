import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Where a run's servers live, and the process with which they end. */
export interface Place {
  readonly folder: string;
  readonly run: number;
}

const variable = "RESETKIT_TEST_SERVERS";

/**
 * Gives this process, and those that it starts, a folder for servers, which start when they are first asked
 * for. Returns what ends them and removes the folder.
 */
export async function openPlace(): Promise<() => Promise<void>> {
  // Each kind of tests calls this (vitest.config.ts), and all share the servers of one run.
  if ((JSON.parse(process.env[variable] ?? "{}") as Partial<Place>).run === process.pid)
    return async () => {};
  const folder = await mkdtemp(join(tmpdir(), "resetkit-run-"));
  // The database servers run under users of their own, and must be able to enter.
  await chmod(folder, 0o755);
  process.env[variable] = JSON.stringify({ folder, run: process.pid } satisfies Place);

  return async () => {
    for (const file of await readdir(folder)) {
      if (file.endsWith(".pid")) await endServer(join(folder, file));
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

export function place(): Place {
  const text = process.env[variable];
  if (!text) throw new Error("Nobody made a place for servers: call openPlace() first.");
  return JSON.parse(text);
}

/** Ends the server whose guard's process id the file holds, and waits until it has ended. */
export async function endServer(pidFile: string): Promise<void> {
  const guard = Number(await readFile(pidFile, "utf8"));
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
