import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { table } from "../evidence.js";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The functions in which the processes of a folder of profiles spent most of their own time. */
export async function topFunctions(folder: string, count = 25): Promise<string> {
  const parts: string[] = [];
  for (const file of (await readdir(folder, { recursive: true })).sort()) {
    if (!file.endsWith(".cpuprofile")) continue;
    const profile = JSON.parse(await readFile(join(folder, file), "utf8")) as Profile;
    parts.push(`\n${file}\n\n${top(profile, count)}`);
  }
  return parts.join("\n");
}

function top({ nodes, samples, timeDeltas }: Profile, count: number): string {
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url, lineNumber } }) => [
      id,
      `${functionName || "(anonymous)"} ${url.replace(/^.*\/(node_modules|dist)\//, "")}:${lineNumber + 1}`,
    ]),
  );
  const times = new Map<string, number>();
  samples.forEach((id, index) => {
    const name = names.get(id)!;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]!);
  });
  times.delete("(idle) :0");
  const total = [...times.values()].reduce((sum, time) => sum + time, 0);
  const rows = [...times].sort(([, a], [, b]) => b - a).slice(0, count);
  return table(
    ["own time", "function"],
    rows.map(([name, time]) => [`${((time / total) * 100).toFixed(1)} %`, name]),
  );
}
