import { assertKnownKeys, UsageError } from "../check-options.js";
import type { Stage } from "../types.js";

/** The paths of the endpoints, each below the base path. */
export type EndpointPaths = Readonly<Record<Stage, string>>;

/** As in django-rest-passwordreset. */
const defaults: EndpointPaths = { request: "", validate: "validate_token", confirm: "confirm" };

/** Segments that no URL parser resolves away, and no router reads as a pattern. */
const pathPattern = /^(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*)?$/;

/** The paths below the base path, with a leading slash. Throws a `TypeError` for a path that can't work. */
export function checkPaths(given: Partial<EndpointPaths> = {}): EndpointPaths {
  assertKnownKeys(given, ["request", "validate", "confirm"], "paths");
  const taken = new Set(["docs", "openapi"]);
  const checked = Object.entries({ ...defaults, ...given }).map(([stage, path]) => {
    const name = typeof path === "string" ? path.replace(/^\/|\/$/g, "") : " ";
    const plain = name.replace(/\.json$/, "");
    if (!pathPattern.test(name) || taken.has(plain)) {
      throw new UsageError(
        `paths.${stage} is ${JSON.stringify(path)}. Use a path that nothing else is served at, such as "check-token".`,
      );
    }
    taken.add(plain);
    return [stage, name && `/${name}`];
  });
  return Object.fromEntries(checked) as EndpointPaths;
}

/** Every spelling of an endpoint's path: routers of Django REST framework accept a `.json` at its end. */
export function spellingsOf(path: string): readonly string[] {
  return ["", "/", ".json", ".json/"].map((ending) => path + ending);
}
