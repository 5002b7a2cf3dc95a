import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { table } from "../evidence.js";

export interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** What `--cpu-prof` writes. */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The functions in which the processes of a folder of profiles spent most of their own time. */
export async function topFunctions(folder: string, count = 25): Promise<string> {
  const parts: string[] = [];
  for (const file of (await readdir(folder, { recursive: true })).sort()) {
    if (file.endsWith(".cpuprofile"))
      parts.push(`\n${file}\n\n${top(await readProfile(join(folder, file)), count)}`);
  }
  return parts.join("\n");
}

function top(profile: Profile, count: number): string {
  const { times, total } = busyTimes(
    profile,
    ({ functionName, url, lineNumber }) =>
      `${functionName || "(anonymous)"} ${url.replace(/^.*\/(node_modules|dist)\//, "")}:${lineNumber + 1}`,
  );
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, count);
  return table(
    ["own time", "function"],
    rows.map(([name, time]) => [`${((time / total) * 100).toFixed(1)} %`, name]),
  );
}

/** The time of all samples but the idle ones, by the name that is given to each node. */
export function busyTimes<Name extends string>(
  { nodes, samples, timeDeltas }: Profile,
  nameOf: (frame: Frame, id: number) => Name,
): { readonly times: ReadonlyMap<Name, number>; readonly total: number } {
  const names = new Map(
    nodes
      .filter(({ callFrame }) => callFrame.functionName !== "(idle)")
      .map(({ id, callFrame }) => [id, nameOf(callFrame, id)]),
  );
  const times = new Map<Name, number>();
  let total = 0;
  samples.forEach((id, index) => {
    const name = names.get(id);
    if (name === undefined) return;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]!);
    total += timeDeltas[index]!;
  });
  return { times, total };
}

export async function readProfile(file: string): Promise<Profile> {
  return JSON.parse(await readFile(file, "utf8")) as Profile;
}
