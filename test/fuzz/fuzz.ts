import { Session } from "node:inspector";
import fc from "fast-check";
import type { Target } from "./targets.js";

/** An input that broke a parser, and how. */
export interface Finding {
  readonly input: string;
  readonly problem: string;
}

/** CPU time that one input may take, in milliseconds. */
export const limit = 50;

/** What's wrong with one input; `undefined` if nothing is. Slow means slow three times: once may be the garbage collector. */
export async function tryInput(target: Target, input: string): Promise<string | undefined> {
  let took = Infinity;
  for (let attempt = 0; attempt < 3 && took > limit; attempt++) {
    const before = process.cpuUsage();
    try {
      await target.run(input);
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    took = Math.min(took, (user + system) / 1_000);
  }
  return took > limit ? `took ${Math.round(took)} ms` : undefined;
}

/** Inputs by a grammar, the same for the same seed. The first finding is made as short as it gets. */
export async function byGrammar(target: Target, runs: number, seed: number): Promise<Finding | undefined> {
  const property = fc.asyncProperty(target.grammar, async (text) => {
    const problem = await tryInput(target, text);
    if (problem !== undefined) throw new Error(problem);
  });
  const { failed, counterexample, errorInstance } = await fc.check(property, { numRuns: runs, seed });
  if (!failed) return undefined;
  return { input: counterexample![0], problem: (errorInstance as Error).message };
}

export interface Guided {
  readonly runs: number;
  /** The inputs that reached code that none before them had reached. */
  readonly corpus: readonly string[];
  readonly finding: Finding | undefined;
}

/** Changes of what is there already: what reaches new code is kept, and changed again. */
export async function byCoverage(
  target: Target,
  seeds: readonly string[],
  milliseconds: number,
  random: () => number,
): Promise<Guided> {
  const covered = await startCoverage();
  const corpus: string[] = [];
  let reached = 0;
  let runs = 0;
  const tryAndKeep = async (input: string) => {
    runs++;
    const problem = await tryInput(target, input);
    const now = covered.count();
    if (now > reached) corpus.push(input);
    reached = Math.max(reached, now);
    return problem;
  };
  try {
    for (const input of ["", ...seeds, ...fc.sample(target.grammar, { numRuns: 100, seed: 1 })]) {
      const problem = await tryAndKeep(input);
      if (problem !== undefined) return { runs, corpus, finding: { input, problem } };
    }
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      const input = mutate(pick(corpus, random), pick(corpus, random), random);
      const problem = await tryAndKeep(input);
      if (problem !== undefined) return { runs, corpus, finding: { input, problem } };
    }
    return { runs, corpus, finding: undefined };
  } finally {
    covered.stop();
  }
}

/** How many blocks of this project's code have run, by V8's own count. */
async function startCoverage(): Promise<{ count(): number; stop(): void }> {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const blocks = new Set<string>();
  return {
    count() {
      session.post("Profiler.takePreciseCoverage", (error, found) => {
        if (error) throw error;
        for (const { scriptId, url, functions } of found.result) {
          if (!url.startsWith("file:") || url.includes("node_modules")) continue;
          for (const { ranges } of functions) {
            for (const { startOffset, endOffset, count } of ranges) {
              if (count > 0) blocks.add(`${scriptId}:${startOffset}:${endOffset}`);
            }
          }
        }
      });
      return blocks.size;
    },
    stop: () => session.disconnect(),
  };
}

const pick = <T>(list: readonly T[], random: () => number): T => list[Math.floor(random() * list.length)]!;

/** Between one and four edits: cut, repeat, insert, replace, or join with another input. At most 8,192 characters. */
function mutate(text: string, other: string, random: () => number): string {
  let result = text;
  for (let edits = 1 + Math.floor(random() * 4); edits > 0; edits--) {
    const at = Math.floor(random() * (result.length + 1));
    const length = Math.floor(random() * 16);
    const part = result.slice(at, at + length);
    const unit = String.fromCharCode(
      random() < 0.8 ? Math.floor(random() * 128) : Math.floor(random() * 65_536),
    );
    result = pick(
      [
        () => result.slice(0, at) + result.slice(at + length),
        () => result.slice(0, at) + part.repeat(1 + Math.floor(random() * 200)) + result.slice(at),
        () => result.slice(0, at) + unit + result.slice(at),
        () => result.slice(0, at) + unit + result.slice(at + 1),
        () => result.slice(0, at) + other.slice(Math.floor(random() * other.length)),
      ],
      random,
    )().slice(0, 8_192);
  }
  return result;
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
