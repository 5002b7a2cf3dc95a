import type { Problem } from "../types.js";
import type { Sentences } from "./en.js";

/** Why a password was refused, in a language: its own words for the codes it knows, else the validator's. */
export function problemSentences(problems: readonly Problem[], sentences: Sentences): readonly string[] {
  const known: Readonly<Record<string, unknown>> = sentences.problems;
  return problems.map(({ code, params = {}, message }) => {
    const say = Object.hasOwn(known, code) ? known[code] : undefined;
    return typeof say === "function" ? String(say(params)) : message;
  });
}
