/**
 * A transport over fetch, for runtimes without TCP: Workers, Deno Deploy, edge functions.
 *
 * @module
 */
import { assertFunction, assertKnownKeys, UsageError } from "../check-options.js";
import { milliseconds } from "../duration.js";
import { isLoopback } from "../identity/loopback.js";
import type { Duration } from "../types.js";
import { type MailApi, mailApis, type MailApiAccess } from "./http-mailer/apis.js";
import { type Mail, type MailTransport, relayHeaders } from "./mail.js";

export type { MailApi, MailApiAccess, MailApiRequest } from "./http-mailer/apis.js";

/** The options of `httpMailer()`. */
export interface HttpMailerOptions {
  /** The email service: `"brevo"`, `"mailgun"`, `"postmark"`, `"resend"`, `"sendgrid"`, or a description of another API. */
  readonly provider: keyof typeof mailApis | MailApi;
  /** The API key of the provider. */
  readonly apiKey: string;
  /** The sending domain. Required for Mailgun. */
  readonly domain?: string;
  /**
   * Base URL of the API. For Mailgun in the EU, pass `"https://api.eu.mailgun.net"`.
   *
   * @default the provider's own
   */
  readonly endpoint?: string;
  /**
   * How long to wait for the response.
   *
   * @default "10s"
   */
  readonly timeout?: Duration;
  /**
   * The function that sends requests.
   *
   * @default globalThis.fetch
   */
  readonly fetch?: typeof fetch;
}

/**
 * Sends emails through the HTTP API of an email service. Pass it to `byEmail` as `transport`.
 *
 * Tracking of opens and clicks is turned off if the API has an option for it. `sendMail` rejects unless the service accepts
 * the email. The error has the service's name, the status, and the service's error code, and nothing of the email or the
 * key. It doesn't retry: the background worker does.
 *
 * @throws {TypeError} If an option is missing, unknown, or can't work.
 * @example
 * ```ts
 * const transport = httpMailer({ provider: "postmark", apiKey: env.POSTMARK_TOKEN });
 * ```
 */
export function httpMailer(options: HttpMailerOptions): MailTransport {
  assertKnownKeys(options, ["provider", "apiKey", "domain", "endpoint", "timeout", "fetch"], "httpMailer");
  const { provider, fetch: fetcher = globalThis.fetch, timeout = "10s" } = options;
  const api = apiOf(provider);
  const access = accessOf(options, api);
  const patience = milliseconds(timeout, "httpMailer's timeout");
  assertFunction(fetcher, "httpMailer's fetch", "pass one, since this runtime doesn't have its own");

  const requestOf = (mail: Mail) => api.request(withoutHints(mail), access);

  return {
    dryRun: requestOf,
    async sendMail(mail) {
      const { url, headers, body } = requestOf(mail);
      // APIs don't redirect, and following a redirect would send the key to another host.
      const init = {
        method: "POST",
        headers,
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(patience),
      } as const;
      const response = await fetcher(url, init);
      const answer = await response.text();
      if (response.ok) return;
      const error = new Error(
        `${api.name} rejected the email with status ${response.status}${codeIn(answer)}.`,
      );
      throw Object.assign(error, retryAfterOf(response.headers.get("retry-after")));
    },
  };
}

/** Removes the headers that ask SMTP relays not to track, since an API has options for that. */
function withoutHints(mail: Mail): Mail {
  const headers = Object.entries(mail.headers).filter(([name]) => !Object.hasOwn(relayHeaders, name));
  return { ...mail, headers: Object.fromEntries(headers) };
}

function apiOf(provider: unknown): MailApi {
  if (typeof provider === "string" && Object.hasOwn(mailApis, provider)) {
    return mailApis[provider as keyof typeof mailApis];
  }
  const own = provider as Partial<MailApi> | undefined;
  if (typeof own?.request === "function" && own.name && own.endpoint) return own as MailApi;
  throw new UsageError(
    `httpMailer's provider isn't supported. Use one of ${Object.keys(mailApis).join(", ")}, or pass { name, endpoint, request }.`,
  );
}

function accessOf({ apiKey, domain, endpoint }: HttpMailerOptions, api: MailApi): MailApiAccess {
  if (typeof apiKey !== "string" || !/^[\x21-\x7e]{1,1024}$/.test(apiKey)) {
    throw new UsageError(
      "httpMailer's apiKey is missing, or has characters that a header can't contain. Pass the email service's API key.",
    );
  }
  if (api.needsDomain && (typeof domain !== "string" || !/^[a-z\d-]+(?:\.[a-z\d-]+)+$/i.test(domain))) {
    throw new UsageError(
      `httpMailer's domain is missing. Pass the sending domain that ${api.name} knows, such as "mg.example.com".`,
    );
  }
  return { apiKey, domain: domain ?? "", endpoint: checkEndpoint(endpoint ?? api.endpoint) };
}

function checkEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (
    url &&
    !url.search &&
    !url.hash &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname)))
  ) {
    return url.href.replace(/\/$/, "");
  }
  throw new UsageError(
    `httpMailer's endpoint is ${JSON.stringify(endpoint)}. Use an https URL without a query.`,
  );
}

/** RFC 9110 §10.2.3: seconds, or a date. The worker waits that long: see `Deliver`. */
function retryAfterOf(header: string | null): { readonly retryAfter?: number } {
  if (!header) return {};
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return seconds > 0 ? { retryAfter: Math.ceil(seconds) } : {};
}

/** The service's own error code. Its error message isn't used, since it may quote the email. */
function codeIn(answer: string): string {
  let found: unknown;
  try {
    const { name, code, ErrorCode } = JSON.parse(answer.slice(0, 10_000)) as Record<string, unknown>;
    found = ErrorCode ?? code ?? name;
  } catch {
    return "";
  }
  return /^[A-Za-z\d_-]{1,40}$/.test(String(found ?? "")) ? ` (${String(found)})` : "";
}
