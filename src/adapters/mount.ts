/**
 * The beginning of a path that a router's pattern stands for, as the client wrote it: as many segments as the
 * pattern has, but for a `*` at its end. So `/:tenant/reset/*` and `/acme/reset/confirm/?x` give `/acme/reset`.
 */
export function mountOf(pattern: string, path: string): string {
  const depth = pattern.replace(/\/\*?$/, "").split("/").length;
  return path.split(/[?#]/, 1)[0]!.split("/", depth).join("/");
}
