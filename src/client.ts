/**
 * A client of the three endpoints, for browsers, Node, and everything else that has `fetch`.
 *
 * @module
 */
import type { ErrorCode } from "./errors.js";

export interface ClientOptions {
  /** Base URL of the API: a path on the page's own site, such as `"/api/password_reset"`, or an absolute URL. */
  readonly baseUrl: string;
  /** Name of the identifier's field, as in `createHandler`'s `field`. Default: `"email"`. */
  readonly field?: string;
  /** Paths of the endpoints, as in `createHandler`'s `paths`. */
  readonly paths?: { readonly request?: string; readonly validate?: string; readonly confirm?: string };
  /** Default: the global `fetch`. */
  readonly fetch?: typeof fetch;
}

/** The result of a call. A call never rejects unless its signal aborts it. */
export type Outcome<Success = object> = ({ readonly ok: true } & Success) | Failure;

/** Why a call failed: a `code`, and a `message` to show, in the user's language. */
export type Failure =
  /** No response, or not one from resetkit. */
  | Failed<"unreachable">
  /** What's wrong with each field, in sentences. */
  | (Failed<"invalid_input" | "unknown_account"> & { readonly fields: FieldErrors })
  /** The account has a second factor: ask for it, and call `confirm` with `secondFactor`. The token stays valid. */
  | (Failed<"second_factor"> & { readonly fields: FieldErrors })
  /** Why the password was rejected, in sentences. The token stays valid. */
  | (Failed<"weak_password"> & { readonly problems: readonly string[] })
  /** Seconds to wait. Absent if the server is on another origin and its CORS headers don't expose `Retry-After`. */
  | (Failed<"throttled" | "unavailable"> & { readonly retryAfter?: number })
  | Failed<Exclude<ErrorCode, FailuresWithMore>>;

export type FieldErrors = Readonly<Record<string, readonly string[]>>;

interface Failed<Code extends string> {
  readonly ok: false;
  readonly code: Code;
  readonly message: string;
}

type FailuresWithMore =
  "invalid_input" | "unknown_account" | "second_factor" | "weak_password" | "throttled" | "unavailable";

/** Other properties, such as a solved CAPTCHA, are sent along for the server's `gate`. */
interface More {
  readonly [member: string]: unknown;
}

/** `signal` aborts a call, which then rejects with the signal's reason. */
interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Client {
  /** Requests a reset. `ok` means that the request was accepted, not that an account exists. */
  request(input: { readonly identifier: string } & More, options?: CallOptions): Promise<Outcome>;
  /** Whether `confirm` would accept a token now. `reveals` is what the server's `validateReveals` returned. */
  validate(
    input: { readonly token: string; readonly identifier?: string } & More,
    options?: CallOptions,
  ): Promise<Outcome<{ readonly reveals: Readonly<Record<string, unknown>> }>>;
  /** Sets the new password. A code needs `identifier`; a link token doesn't. */
  confirm(
    input: {
      readonly token: string;
      readonly password: string;
      readonly identifier?: string;
      /** Such as the code from an authenticator app. */
      readonly secondFactor?: string;
    } & More,
    options?: CallOptions,
  ): Promise<Outcome>;
}

/**
 * Creates a client for a server's API. Unknown options are left to the compiler, since checking them would double its
 * size. Throws a `TypeError` without a `baseUrl`.
 */
export function createClient({
  baseUrl,
  field = "email",
  paths,
  fetch: send = fetch,
}: ClientOptions): Client {
  if (!baseUrl)
    throw new TypeError('baseUrl is missing. Pass the path of the API, such as "/api/password_reset".');

  const base = baseUrl.replace(/\/*$/, "/");
  // Sent back, so that other people's wrong codes can't use up this client's attempts.
  let flow: string | null = null;
  const calling =
    (path: string) =>
    async ({ identifier, secondFactor, ...members }: More, { signal }: CallOptions = {}): Promise<any> => {
      try {
        const response = await send(base + path.replace(/^\/|\/$/g, "").replace(/.$/, "$&/"), {
          method: "POST",
          headers: {
            "content-type": "application/json",
            accept: "application/problem+json, application/json;q=0.9",
            ...(flow && { "reset-flow": flow }),
          },
          body: JSON.stringify({ ...members, second_factor: secondFactor, [field]: identifier }),
          ...(signal && { signal }),
        });
        flow = response.headers.get("reset-flow") ?? flow;
        return outcomeOf(await response.json(), Number(response.headers.get("retry-after")));
      } catch (error) {
        if (signal?.aborted) throw error;
        return unreachable;
      }
    };

  const { request, validate, confirm } = { ...defaultPaths, ...paths };
  return { request: calling(request), validate: calling(validate), confirm: calling(confirm) };
}

const defaultPaths = { request: "", validate: "validate_token", confirm: "confirm" };

const unreachable = {
  ok: false,
  code: "unreachable",
  message: "Couldn't reach the server. Check your connection and try again.",
};

/** A page from a proxy, or from a single-page application that serves every path, isn't a response from resetkit. */
function outcomeOf(body: any, retryAfter: number): object {
  const { status, ...reveals } = body;
  if (status === "OK") return { ok: true, reveals };
  const { type, code, detail, errors: fields } = body;
  if (type !== "about:blank" || !code) return unreachable;
  const sentences = Object.values(fields ?? {}).flat();
  return {
    ok: false,
    code,
    message: detail ?? sentences.join(" "),
    ...(fields && (code === "weak_password" ? { problems: sentences } : { fields })),
    ...(retryAfter && { retryAfter }),
  };
}
