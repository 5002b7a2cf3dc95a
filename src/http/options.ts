import { assertFunction, assertInteger, assertKnownKeys, UsageError } from "../check-options.js";
import { milliseconds } from "../duration.js";
import { isProduction } from "../runtime/environment.js";
import { consoleLog } from "../runtime/log.js";
import { createLanguages, type Languages } from "../locales/lookup.js";
import type { Sentences } from "../locales/en.js";
import type { Awaitable, BodyLimits, Duration, Log, ResetContext, Stage } from "../types.js";
import { createDocuments, type Documents } from "./docs/documents.js";
import type { Gate } from "./gate.js";
import { createOrigins, type Origins } from "./origins.js";
import { checkPaths, spellingsOf, type EndpointPaths } from "./paths.js";
import { createRoutes, type Route } from "./routes.js";
import type { VisitorOptions } from "./visitor.js";

/** `R` is the framework's own request: a `Request`, or Express's `req`. */
export interface HandlerOptions<R = any> extends VisitorOptions {
  /** The full path, as browsers see it. Default: where an adapter is mounted, otherwise `"/api/password_reset"`. */
  readonly basePath?: string;
  /** Name of the identifier's field in bodies. Default: `"email"`. */
  readonly field?: string;
  /** The format of identifiers. Default: `"email"`. Use `"text"` for usernames and phone numbers. */
  readonly format?: "email" | "text";
  /**
   * The paths of the endpoints, below the base path. Pass the same to `createClient`.
   *
   * @default { request: "", validate: "validate_token", confirm: "confirm" }
   */
  readonly paths?: Partial<EndpointPaths>;
  /** Which endpoints to serve. Default: all three. */
  readonly only?: readonly Stage[];
  /** What the engine should know about a request: its tenant, and data for `deliver`. */
  readonly context?: (request: R) => Awaitable<ResetContext | undefined | void>;
  /**
   * May reject a well-formed request before it counts and before anything is looked up, such as one without a solved
   * CAPTCHA: 403 if it returns `false`. If it throws, the response is 403 as well, and the error is logged. A
   * `ResetError` gets the response of its own code.
   */
  readonly gate?: Gate<R>;
  /**
   * Other sites that may call this one from a browser, such as `"https://app.example.com"`: their forms are accepted,
   * and their scripts may read responses (CORS). JSON from any site is processed, but browsers send a preflight request
   * first, and then block it.
   *
   * @default []
   */
  readonly origins?: readonly string[];
  /**
   * Whether to serve `{base}/openapi.json` and `{base}/docs`. Default: true, except in production (`NODE_ENV`), or if
   * the runtime has no environment variables.
   */
  readonly docs?: boolean;
  /**
   * Languages in addition to English and German, such as `[fr, ar]`: imported from `resetkit/locales/…`, or your own.
   * One with the tag of an existing language replaces it. The best one for `Accept-Language` is used (RFC 4647).
   *
   * @default []
   */
  readonly locales?: readonly Sentences[];
  /** Limits of a body. Default: 16,384 bytes in 10 seconds. */
  readonly limits?: { readonly maxBytes?: number; readonly timeout?: Duration };
  /** Where log lines go. Default: the console. */
  readonly log?: Log;
}

/** Options that were checked, with their defaults. */
export interface Checked {
  readonly basePath: string | undefined;
  readonly field: string;
  readonly limits: BodyLimits;
  /** By what follows the base path. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly documents: Documents | undefined;
  readonly origins: Origins;
  readonly languages: Languages;
  readonly log: Log;
}

/** Throws a `TypeError` for an option that can't work. */
export function checkOptions(options: HandlerOptions): Checked {
  assertKnownKeys(options, optionNames, "createHandler()");
  const { basePath, field = "email", format = "email", limits = {}, log = consoleLog } = options;
  if (options.context !== undefined) {
    assertFunction(options.context, "context", "pass a function of the request");
  }
  if (options.gate !== undefined) assertFunction(options.gate, "gate", "pass a function of the attempt");
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(field) || takenNames.has(field)) {
    throw new UsageError(
      `field is "${field}", which is invalid or taken. Use another name, such as "email" or "username".`,
    );
  }
  if (format !== "email" && format !== "text") {
    throw new UsageError(`format is "${String(format)}". Use "email" or "text".`);
  }
  const { docs = isProduction() === false } = options;
  if (typeof docs !== "boolean") throw new UsageError(`docs is ${String(docs)}. Use true or false.`);
  assertKnownKeys(limits, ["maxBytes", "timeout"], "limits");
  const { maxBytes = 16_384, timeout = "10s" } = limits;
  assertInteger(maxBytes, "limits.maxBytes", 1_024, 1_048_576);
  const languages = createLanguages(options.locales, "createHandler()");
  const routes = chosenRoutes(
    createRoutes({ field, format, paths: checkPaths(options.paths) }),
    options.only,
  );

  return {
    basePath: basePath === undefined ? undefined : checkBasePath(basePath),
    field,
    limits: { maxBytes, timeout: milliseconds(timeout, "limits.timeout") },
    routes: new Map(routes.flatMap((route) => spellingsOf(route.path).map((path) => [path, route]))),
    origins: createOrigins(options.origins),
    documents: docs ? createDocuments({ field, routes, languages, log }) : undefined,
    languages,
    log,
  };
}

const optionNames = [
  "basePath",
  "field",
  "format",
  "paths",
  "only",
  "ipHeader",
  "userAgentHeader",
  "trustProxy",
  "context",
  "gate",
  "origins",
  "docs",
  "locales",
  "limits",
  "log",
] as const;

const takenNames: ReadonlySet<string> = new Set([
  "token",
  "password",
  "second_factor",
  "status",
  "detail",
  "__proto__",
]);

function checkBasePath(path: unknown): string {
  if (typeof path === "string" && /^\/(?!\/)[\w.~!$&'()*+,;=:@%/-]*$/.test(path))
    return path.replace(/\/+$/, "");
  throw new UsageError(
    `basePath is ${JSON.stringify(path)}. Use the path as it is in the URL, such as "/api/password_reset".`,
  );
}

function chosenRoutes(all: readonly Route[], only: unknown): readonly Route[] {
  if (only === undefined) return all;
  const stages: readonly unknown[] = all.map(({ stage }) => stage);
  if (!Array.isArray(only) || only.length === 0 || !only.every((stage) => stages.includes(stage))) {
    throw new UsageError(
      `only is ${JSON.stringify(only)}. Use an array of some of "${stages.join('", "')}".`,
    );
  }
  return all.filter(({ stage }) => only.includes(stage));
}
