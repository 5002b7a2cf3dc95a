import type { Generator } from "../types.js";

/** What a generator gives. Throws a `TypeError` where that is no text: nobody could type it. */
export async function generateText(generator: Generator): Promise<string> {
  const text: unknown = await generator.generate();
  if (typeof text === "string" && text !== "") return text;
  throw new TypeError(
    "storedTokens({ generator }).generate gave no text: give the code as a text, such as String(number).",
  );
}

/** What was typed, or generated, in the one form of it that is looked up: a generator may write groups. */
export function readTyped(generator: Generator, typed: string): string {
  return generator.normalize?.(typed) ?? typed;
}
