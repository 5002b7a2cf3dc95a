import { parseMediaType } from "./media-type.js";

/** The error format: as in django-rest-passwordreset, or as in RFC 9457. Successes are always JSON. */
export type ErrorForm = "json" | "problem";

/**
 * Chooses by the header `Accept` (RFC 9110 §12.5.1); `null` if it allows neither format.
 *
 * A client gets problem details only if it names `application/problem+json`, and doesn't prefer `application/json`.
 */
export function negotiateErrorFormat(accept: string | undefined): ErrorForm | null {
  if (accept === undefined || accept === "*/*" || accept === "application/json" || accept === "")
    return "json";
  // By how exactly a range names the type: `application/json`, then `application/*`, then `*/*`.
  const json: (number | undefined)[] = [];
  let problem = 0;
  for (const element of accept.split(",")) {
    const range = parseMediaType(element);
    if (!range) continue;
    const quality = qualityOf(range.parameters.get("q"));
    if (range.type === "application/problem+json") problem = quality;
    const exactness = ranges.indexOf(range.type);
    if (exactness >= 0) json[exactness] = Math.max(json[exactness] ?? 0, quality);
  }
  const likesJson = json[0] ?? json[1] ?? json[2] ?? 0;
  if (problem > 0 && problem >= likesJson) return "problem";
  return likesJson > 0 ? "json" : null;
}

const ranges = ["application/json", "application/*", "*/*"];

function qualityOf(text: string | undefined): number {
  if (text === undefined) return 1;
  // Java's URLConnection sends `.2`, without the zero that the grammar requires. What doesn't match counts as `0`.
  return /^(?:0?\.\d{1,3}|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
