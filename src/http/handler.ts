/**
 * The HTTP surface of django-rest-passwordreset, for any framework.
 *
 * @module
 */
import { assertFunction, UsageError } from "../check-options.js";
import { ResetError } from "../errors.js";
import { describeError } from "../runtime/log.js";
import type {
  FetchContext,
  Handler,
  HttpRequest,
  HttpResponse,
  Log,
  PasswordReset,
  PlainHandler,
  ResetContext,
} from "../types.js";
import { describe, flowHeader, notFound, refuse } from "./answers.js";
import { readMembers } from "./body.js";
import { fromRequest, toResponse } from "./fetch.js";
import { readFields, type Values } from "./fields.js";
import { attemptOf, passGate } from "./gate.js";
import { negotiateErrorFormat } from "./negotiate.js";
import { checkOptions, type HandlerOptions } from "./options.js";
import type { Route } from "./routes.js";
import { createVisitor } from "./visitor.js";

export type { Gate, GateAttempt } from "./gate.js";
export type { HandlerOptions } from "./options.js";

/** The base path of a handler that isn't mounted and has no `basePath`. */
export const defaultBase = "/api/password_reset";

/**
 * Creates a handler for the three endpoints and their description: a function from `Request` to `Response`. Its method
 * `plain` does the same for adapters of frameworks that have neither.
 *
 * Every response has `Cache-Control: no-store`. Only well-formed requests count toward rate limits, and a response
 * never says why a token was rejected. Throws a `TypeError` for an option that can't work.
 * @example
 * ```ts
 * const handler = createHandler(reset, { basePath: "/api/password_reset" });
 * const response = await handler(request, { peer: address });
 * ```
 */
export function createHandler<R = Request>(reset: PasswordReset, options: HandlerOptions<R> = {}): Handler {
  assertFunction(reset?.request, "createHandler's reset", "pass what passwordReset(options) returned");
  const { basePath, field, limits, routes, documents, origins, languages, log } = checkOptions(options);
  const seen = { trustProxy: options.trustProxy, isForwarded: false };
  const visitorOf = createVisitor(options, log, {
    prefer: languages.prefer,
    onForwarded: () => (seen.isForwarded = true),
  });
  // Tells `check` what it can't know otherwise. A test double of the engine has no such list.
  (reset as { [handlers]?: object[] })[handlers]?.push(seen);

  const answer = async (route: Route, request: HttpRequest, given: ResetContext): Promise<HttpResponse> => {
    const form = negotiateErrorFormat(request.header("accept"));
    let say = languages.pick(given.locale);
    let values: Values = {};
    try {
      if (!form) throw new ResetError("not_acceptable");
      if (request.method === "OPTIONS") return describe(route.name, route.description);
      if (request.method !== "POST") {
        const message = say.api.method_not_allowed(request.method.slice(0, 20));
        throw new ResetError("method_not_allowed", { message });
      }
      const own = options.context && (await options.context((request.raw ?? request) as R));
      const context = visitorOf(request, given, own ?? noContext);
      say = languages.pick(context.locale);
      origins.refuseForeignForm(request);
      const members = readMembers(request, await request.body(limits), say.api);
      values = readFields(route.fields, members);
      if (options.gate) {
        await passGate(options.gate, attemptOf<R>(route.stage, request, context, members), log);
      }
      const flow = request.header(flowHeader);
      return await route.run(reset, flow === undefined ? values : { ...values, flow }, context);
    } catch (thrown) {
      const error = thrown instanceof ResetError ? thrown : internal(thrown, route, values, log);
      return refuse(error, { form: form ?? "json", say, field });
    }
  };

  const plain: Handler["plain"] = (request, context, mountedAt) => {
    const base = basePath ?? (mountedAt || defaultBase);
    if (!request.path.startsWith(base)) return nobodys;
    const route = routes.get(request.path.slice(base.length));
    if (!route) return documents?.(request, base, context?.locale) ?? nobodys;
    const told = answer(route, request, context ?? noContext);
    const answered = languages.vary ? told.then(varyBy(languages.vary)) : told;
    const response = origins.isListed(request) ? answered.then(origins.share(request)) : answered;
    return request.method === "HEAD" ? response.then((full) => ({ ...full, body: "" })) : response;
  };

  const handler = async (request: Request, context?: FetchContext): Promise<Response> =>
    toResponse((await plain(fromRequest(request, context?.peer), context)) ?? notFound);
  return Object.assign(handler, { plain });
}

/** The handler that an adapter was given, or one made from the reset that it was given. */
export function toHandler<R>(
  resetOrHandler: PasswordReset | PlainHandler,
  options?: HandlerOptions<R>,
): PlainHandler {
  if (!resetOrHandler || !("plain" in resetOrHandler)) return createHandler(resetOrHandler, options);
  if (options === undefined) return resetOrHandler;
  throw new UsageError(
    "This handler already has its options. Pass them to createHandler(), or pass the reset here.",
  );
}

const handlers: unique symbol = Symbol.for("resetkit.handlers") as never;
const noContext: ResetContext = {};
const nobodys = Promise.resolve(null);

/** Lets caches keep a response for each language. */
function varyBy(header: string): (response: HttpResponse) => HttpResponse {
  return ({ headers, ...response }) => ({
    ...response,
    headers: { ...headers, vary: `${String(headers["vary"])}, ${header}` },
  });
}

function internal(error: unknown, { stage }: Route, values: Values, log: Log): ResetError {
  const hidden = Object.values(values);
  log.error(`A ${stage} failed: ${describeError(error, hidden)}`);
  return new ResetError("internal");
}
