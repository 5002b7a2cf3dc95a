import { ResetError } from "../../errors.js";
import type { Languages } from "../../locales/lookup.js";
import { describeError } from "../../runtime/log.js";
import type { HttpRequest, HttpResponse, Log } from "../../types.js";
import { everywhere, refuse } from "../answers.js";
import type { Api } from "./openapi.js";

/** Responds on the paths at which an API describes itself; `null` for any other path. Never rejects. */
export type Documents = (
  request: HttpRequest,
  base: string,
  locale: string | undefined,
) => Promise<HttpResponse | null>;

/**
 * `{base}/openapi.json` for programs, `{base}/docs` for people.
 *
 * Both are built on request, by modules that are loaded then, so that they cost nothing in
 * production.
 */
export function createDocuments({
  field,
  routes,
  languages,
  log,
}: Omit<Api, "base"> & { readonly languages: Languages; readonly log: Log }): Documents {
  return async (request, base, locale) => {
    const make = makers.get(request.path.slice(base.length));
    if (!make) return null;
    const say = languages.pick(locale);
    const refusal = (error: ResetError) => {
      const answer = refuse(error, { form: "json", say, field });
      const { vary: _, ...headers } = answer.headers;
      return { ...answer, headers: { ...headers, allow } };
    };
    if (request.method !== "GET" && request.method !== "HEAD") {
      const message = say.api.method_not_allowed(request.method.slice(0, 20));
      return refusal(new ResetError("method_not_allowed", { message }));
    }
    try {
      const answer = await make({ base, field, routes }, request);
      return request.method === "HEAD" ? { ...answer, body: "" } : answer;
    } catch (error) {
      log.error(`The API's description couldn't be created: ${describeError(error)}`);
      return refusal(new ResetError("internal"));
    }
  };
}

const allow = "GET, HEAD";

type Maker = (api: Api, request: HttpRequest) => Promise<HttpResponse>;

async function openapi(api: Api): Promise<HttpResponse> {
  const { describeApi } = await import("./openapi.js");
  return {
    status: 200,
    headers: { "content-type": "application/json", allow, ...everywhere },
    body: JSON.stringify(describeApi(api)),
  };
}

async function docs(api: Api, { path }: HttpRequest): Promise<HttpResponse> {
  const [{ describeApi }, { docsPage }] = await Promise.all([import("./openapi.js"), import("./page.js")]);
  // Links are relative, so that they work behind a proxy that rewrites paths, and lead to no other host.
  return docsPage(describeApi(api), path.endsWith("/") ? ".." : ".");
}

const makers: ReadonlyMap<string, Maker> = new Map([
  ["/openapi.json", openapi],
  ["/docs", docs],
  ["/docs/", docs],
]);
