/**
 * The three calls for front ends: for browsers, Node, and everything else that has `fetch`.
 *
 * @module
 */
import type { ErrorCode } from "./errors.js";

export interface ClientOptions {
  /** Where the API is: a path on the page's own site, such as `"/api/password_reset"`, or a whole address. */
  readonly baseUrl: string;
  /** What the server calls the identifier (`createHandler`'s `field`). Default `"email"`. */
  readonly field?: string;
  /** What the server calls the endpoints (`createHandler`'s `paths`). */
  readonly paths?: { readonly request?: string; readonly validate?: string; readonly confirm?: string };
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
}

/** How a call ended. A call that was made never rejects, unless its signal ended it. */
export type Outcome<Success = object> = ({ readonly ok: true } & Success) | Failure;

/** Why it failed: `code`, and a `message` to show, in the user's language. */
export type Failure =
  /** No response, or not one of resetkit. */
  | Failed<"unreachable">
  /** What was wrong with which field, in sentences. */
  | (Failed<"invalid_input" | "unknown_account"> & { readonly fields: FieldErrors })
  /** The account has a second factor: ask for it, and call `confirm` with `secondFactor`. The token stays valid. */
  | (Failed<"second_factor"> & { readonly fields: FieldErrors })
  /** Why the password was refused, in sentences. The token stays good. */
  | (Failed<"weak_password"> & { readonly problems: readonly string[] })
  /** Seconds to wait; absent where the server is on another origin and its CORS headers hide `Retry-After`. */
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

/** Other members, such as a solved CAPTCHA, go along to the server's `gate`. */
interface More {
  readonly [member: string]: unknown;
}

/** Ends a call early; it then rejects with the signal's reason. */
interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface Client {
  /** Asks for a reset. `ok` says that it was taken, not that there is such an account. */
  request(input: { readonly identifier: string } & More, options?: CallOptions): Promise<Outcome>;
  /** Whether a token could be confirmed now. `reveals` is what the server's `validateReveals` tells. */
  validate(
    input: { readonly token: string; readonly identifier?: string } & More,
    options?: CallOptions,
  ): Promise<Outcome<{ readonly reveals: Readonly<Record<string, unknown>> }>>;
  /** Sets the new password. A code, other than a link's token, needs the identifier beside it. */
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
 * Makes a client of a server's API. Throws a `TypeError` without a `baseUrl`; options that it does not know
 * are left to the compiler, since looking for them would weigh as much as the rest.
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
  // Sent back, so that wrong codes of others can't use up this client's attempts.
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

/** A page of a proxy, or of a single-page application that answers every path, is no answer. */
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
