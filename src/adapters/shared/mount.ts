const slash = "/".charCodeAt(0);
const question = "?".charCodeAt(0);
const hash = "#".charCodeAt(0);

/**
 * The beginning of a path that matched a router's pattern, as the client wrote it. It has as many segments as the pattern,
 * not counting a `*` at the end: `/:tenant/reset/*` and `/acme/reset/confirm/?x` result in `/acme/reset`.
 */
export function mountOf(pattern: string, path: string): string {
  let left = segmentsOf(pattern);
  for (let at = 0; at < path.length; at++) {
    const sign = path.charCodeAt(at);
    const isEnd = sign === slash ? left-- === 0 : sign === question || sign === hash;
    if (isEnd) return path.slice(0, at);
  }
  return path;
}

function segmentsOf(pattern: string): number {
  const tail = pattern.endsWith("/*") ? 2 : pattern.endsWith("/") ? 1 : 0;
  let segments = 0;
  for (let at = 0; at < pattern.length - tail; at++) if (pattern.charCodeAt(at) === slash) segments++;
  return segments;
}
