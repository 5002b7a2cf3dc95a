import { UsageError } from "../check-options.js";
import { ResetError } from "../errors.js";
import type { HttpRequest, HttpResponse } from "../types.js";
import { flowHeader } from "./answers.js";
import { parseMediaType } from "./media-type.js";

/** What pages of other sites may do in a user's browser. */
export interface Origins {
  isListed(request: HttpRequest): boolean;
  /**
   * Throws `cross_site` for a form from another site. Browsers send forms without a preflight, so any page could use up
   * the rate limit of the user's network. JSON needs a preflight (Fetch §3.3).
   */
  refuseForeignForm(request: HttpRequest): void;
  /** Lets a listed origin read a response. */
  share(request: HttpRequest): (response: HttpResponse) => HttpResponse;
}

/** Throws a `TypeError` for an origin that isn't one. */
export function createOrigins(given: readonly string[] = []): Origins {
  if (!Array.isArray(given)) throw new UsageError(`origins must be an array, such as ["${example}"].`);
  for (const origin of given as readonly unknown[]) {
    if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) continue;
    throw new UsageError(
      `origins has ${JSON.stringify(origin)}, which isn't an origin. Use scheme and host only, such as "${example}".`,
    );
  }
  const listed = new Set<string | undefined>(given);
  const isListed = (request: HttpRequest) => listed.has(request.header("origin"));

  return {
    isListed,

    refuseForeignForm(request) {
      if (parseMediaType(request.header("content-type") ?? "")?.type === "application/json") return;
      if (isFromElsewhere(request) && !isListed(request)) throw new ResetError("cross_site");
    },

    share: (request) => (response) => {
      const { headers } = response;
      const isPreflight =
        request.method === "OPTIONS" && request.header("access-control-request-method") !== undefined;
      return {
        ...(isPreflight ? { status: 204, body: "" } : response),
        headers: {
          ...headers,
          vary: `${String(headers["vary"])}, Origin`,
          "access-control-allow-origin": request.header("origin")!,
          "access-control-expose-headers": `Retry-After, ${flowHeader}`,
          ...(isPreflight && {
            "access-control-allow-methods": "POST, OPTIONS",
            "access-control-allow-headers": `content-type, accept, ${flowHeader}`,
            "access-control-max-age": "600",
          }),
        },
      };
    },
  };
}

const example = "https://app.example.com";

/**
 * By what browsers report about the sender. Other programs report nothing, and have no user whose limits they could use
 * up.
 */
function isFromElsewhere(request: HttpRequest): boolean {
  const relation = request.header("sec-fetch-site");
  if (relation !== undefined) return relation !== "same-origin" && relation !== "none";
  const origin = request.header("origin");
  return origin !== undefined && hostOf(origin) !== request.header("host");
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
