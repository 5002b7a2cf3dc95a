import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { root } from "../package/packed.js";
import { readCorpus } from "./corpus.js";
import { byCoverage, byGrammar, seeded, tryInput } from "./fuzz.js";
import { targets } from "./targets.js";

const folder = join(root, "test/fuzz/corpus");

describe.each(Object.entries(targets))("the parser of %s", (name, target) => {
  it("stands what was found before, and 200 texts of its grammar", async () => {
    const corpus = readCorpus(folder, name);
    expect(corpus.length).toBeGreaterThan(0);
    for (const input of corpus) expect(await tryInput(target, input), JSON.stringify(input)).toBeUndefined();
    expect(await byGrammar(target, 200, 17)).toBeUndefined();
  });
});

describe("a planted fault is found (control):", () => {
  const grammar = fc.string({ unit: fc.constantFrom("a", "b", "!"), maxLength: 30 });

  it("a crash", async () => {
    const run = (text: string) => {
      if (text.includes("ab!")) throw new RangeError("planted");
    };
    expect(await byGrammar({ grammar, run }, 5_000, 17)).toEqual({
      input: "ab!",
      problem: "RangeError: planted",
    });
  });

  it("a pattern that takes exponential time", async () => {
    const run = (text: string) => void /^(a+)+$/.test(`${text}!`);
    expect(await tryInput({ grammar, run }, "a".repeat(25))).toMatch(/^took \d+ ms$/);
    expect(await tryInput({ grammar, run }, "a")).toBeUndefined();
  });

  it("one behind three conditions, by what the inputs before it reached", async () => {
    const { run } = targets.cookie!;
    const { corpus, runs } = await byCoverage({ grammar: targets.cookie!.grammar, run }, [], 100, seeded(17));
    expect(runs).toBeGreaterThan(100);
    expect(corpus.length).toBeGreaterThan(0);
  });
});
