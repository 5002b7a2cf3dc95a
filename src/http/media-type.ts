/** A media type with its parameters: `type` and parameter names in lowercase, values as they were sent. */
export interface MediaType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const token = String.raw`[\w!#$%&'*+.^\x60|~-]+`;
const typePattern = new RegExp(String.raw`^\s*${token}/${token}\s*`);
const parameterPattern = new RegExp(
  String.raw`;\s*(?:(${token})=(?:"((?:[^"\\]|\\.)*)"|(${token}))\s*)?`,
  "y",
);

/** Reads a `Content-Type`, or one element of `Accept` (RFC 9110 §8.3.1). `null` if it's neither. */
export function parseMediaType(text: string): MediaType | null {
  const start = typePattern.exec(text);
  if (!start) return null;
  const parameters = parseParameters(text.slice(start[0].length));
  return parameters && { type: start[0].trim().toLowerCase(), parameters };
}

/** Reads `; name=value; name="value"`. `null` if there's anything else, or if a name repeats. */
export function parseParameters(text: string): Map<string, string> | null {
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    parameterPattern.lastIndex = at;
    const match = parameterPattern.exec(text);
    if (!match) return null;
    at = parameterPattern.lastIndex;
    const [, named, quoted, plain] = match;
    const name = named?.toLowerCase();
    if (name === undefined) continue;
    if (parameters.has(name)) return null;
    parameters.set(name, plain ?? quoted!.replace(/\\(.)/g, "$1"));
  }
  return parameters;
}
