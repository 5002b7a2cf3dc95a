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

export interface HttpMailerOptions {
  /** One of the table in `http-mailer/apis.ts`, or an API of your own. */
  readonly provider: keyof typeof mailApis | MailApi;
  /** The API key of the provider. */
  readonly apiKey: string;
  /** Mailgun's sending domain. */
  readonly domain?: string;
  /** Where the API is. Default: the provider's own; for Mailgun in the EU `"https://api.eu.mailgun.net"`. */
  readonly endpoint?: string;
  /** Until when an answer must be there. Default `"10s"`. */
  readonly timeout?: Duration;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/**
 * Sends mails through the HTTP API of a mail service; to be given to `byEmail` as `transport`.
 *
 * Opens and clicks are not tracked where the API has a word for it. Rejects unless the service says that
 * it took the mail; the error names the service, the status and the service's own error code, and nothing
 * of the mail or the key. Does not try again: the worker does.
 *
 * @example httpMailer({ provider: "postmark", apiKey: env.POSTMARK_TOKEN })
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
      // A redirect is no answer of an API, and following it would carry the key along.
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

/** Relays are told in headers what an API is told in words of its own. */
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
      "httpMailer's apiKey is missing, or has characters that a header can't contain. Pass the key of the mail service.",
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

/** RFC 9110 §10.2.3: seconds, or a date. The worker waits as long: see `Deliver`. */
function retryAfterOf(header: string | null): { readonly retryAfter?: number } {
  if (!header) return {};
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return seconds > 0 ? { retryAfter: Math.ceil(seconds) } : {};
}

/** The service's own code for what went wrong. Its sentences may quote the mail, and stay unread. */
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
