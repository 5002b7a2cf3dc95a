/**
 * An inbox in your own application, for development: emails are kept in memory and shown as a page.
 *
 * @module
 */
import { assertKnownKeys, UsageError } from "../check-options.js";
import { byEmail, type EmailDeliver, type EmailOptions } from "../delivery/email.js";
import type { Mail, MailTransport } from "../delivery/mail.js";
import { headersOf } from "../html/headers.js";
import { fromRequest, toResponse } from "../http/fetch.js";
import { isProduction } from "../runtime/environment.js";
import type { HttpRequest, HttpResponse, PlainHandler } from "../types.js";
import type { CapturedMail } from "./captured-mail.js";
import { framed, inboxPage, style } from "./inbox-page.js";

export type { CapturedMail } from "./captured-mail.js";

/** The options of `devInbox()`: those of `byEmail`, all optional and without `transport`. */
export interface DevInboxOptions<U = any> extends Partial<Omit<EmailOptions<U>, "transport">> {
  /**
   * Number of emails to keep. Older ones are removed.
   *
   * @default 100
   */
  readonly max?: number;
}

/** What `devInbox()` returns: a `deliver`, and a handler that every adapter can mount. */
export interface DevInbox<U = any> extends PlainHandler {
  /** Serves the inbox on fetch runtimes, at the path where it's mounted: `/dev/inbox` by default. */
  (request: Request, context?: { readonly peer?: string | undefined }): Promise<Response>;
  /** Pass it to `passwordReset` as `deliver`. */
  readonly deliver: EmailDeliver<U>;
  /** Captures emails instead of sending them. Pass it to a `byEmail` of your own. */
  readonly transport: MailTransport;
  /** The captured emails, newest first. */
  readonly mails: readonly CapturedMail[];
  /** Removes all emails. */
  clear(): void;
}

/** The path of the inbox if the framework doesn't pass one. */
const usualPath = "/dev/inbox";

/**
 * Keeps emails in memory and shows them on a page, for development.
 *
 * The page responds to requests from this computer only: the client's IP address and the `Host` header must be loopback
 * addresses. So neither the network nor a website that you have open can read a reset link.
 *
 * @throws {TypeError} If `NODE_ENV` is `production`, or an option is unknown.
 * @example
 * ```ts
 * const inbox = devInbox();
 * const reset = passwordReset({ users, store, secret, url, deliver: inbox.deliver });
 * app.use("/dev/inbox", resetMiddleware(inbox)); // resetkit/adapters/express
 * ```
 */
export function devInbox<U = any>(options: DevInboxOptions<U> = {}): DevInbox<U> {
  assertKnownKeys(options, Object.keys(known), "devInbox");
  if (isProduction()) {
    throw new UsageError(
      'NODE_ENV is "production", and devInbox() shows every reset link. Send emails with byEmail(…) there, and create the inbox only in development.',
    );
  }
  const { max = 100, ...email } = options;
  if (!Number.isInteger(max) || max < 1) {
    throw new UsageError(
      `devInbox's max is ${JSON.stringify(max)}. Set it to the number of emails to keep, such as 100.`,
    );
  }
  const mails: CapturedMail[] = [];
  let count = 0;
  const clock = email.clock ?? Date.now;

  const transport: MailTransport = {
    async sendMail(mail: Mail) {
      const { subject, text, html = "" } = mail;
      const links = [...new Set(text.match(/^https?:\/\/\S+$/gm) ?? [])];
      const date = new Date(clock()).toISOString();
      mails.unshift({ id: ++count, to: mail.to.address, subject, text, html, links, date });
      mails.splice(max);
    },
    // For an unknown account: the email was rendered, and isn't kept.
    dryRun: async () => undefined,
  };
  const deliver = byEmail<U>({ from: "Your app <no-reply@example.com>", ...email, transport });

  const headers = headersOf(style, false);
  const plain: PlainHandler["plain"] = async (request, _context, mountedAt) => {
    const at = mountedAt || usualPath;
    return isBelow(request.path, at) ? answer(request, at, mails, await headers) : null;
  };
  const handler = async (request: Request, context: { readonly peer?: string | undefined } = {}) => {
    const missing = { status: 404, headers: await headers, body: "" };
    return toResponse((await plain(withHost(request, context.peer))) ?? missing);
  };
  return Object.assign(handler, { plain, deliver, transport, mails, clear: () => void mails.splice(0) });
}

/** Some runtimes remove the `Host` header and keep its value in the URL. */
function withHost(request: Request, peer: string | undefined): HttpRequest {
  const asked = fromRequest(request, peer);
  const host = (name: string) => (name === "host" ? new URL(request.url).host : undefined);
  return { ...asked, header: (name) => asked.header(name) ?? host(name) };
}

const known = {
  max: true,
  from: true,
  appName: true,
  support: true,
  replyTo: true,
  nameOf: true,
  templates: true,
  locales: true,
  timeZone: true,
  clock: true,
  allowIrregularDots: true,
} satisfies Record<keyof Required<DevInboxOptions>, true>;

function answer(
  request: HttpRequest,
  at: string,
  mails: readonly CapturedMail[],
  common: HttpResponse["headers"],
): HttpResponse {
  const respond = (status: number, type: string, body: string, more: HttpResponse["headers"] = {}) => ({
    status,
    headers: { ...common, "content-type": `${type}; charset=utf-8`, ...more },
    body: request.method === "HEAD" ? "" : body,
  });
  const problem = problemWith(request);
  if (problem) return respond(403, "text/plain", problem);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return respond(405, "text/plain", "Use GET.", { allow: "GET, HEAD" });
  }
  const path = request.path.slice(at.length).replace(/\/$/, "");
  if (path === "") {
    const policy = `${String(common["content-security-policy"])}; frame-src 'self'`;
    return respond(200, "text/html", String(inboxPage(mails, at)), { "content-security-policy": policy });
  }
  if (path === "/messages.json") return respond(200, "application/json", JSON.stringify(mails));
  const mail = mails.find(({ id }) => path === `/${id}`);
  if (!mail) return respond(404, "text/plain", "There's no such email. The inbox is empty after a restart.");
  const { body, policy } = framed(mail);
  return respond(200, "text/html", body, {
    "content-security-policy": policy,
    "x-frame-options": "SAMEORIGIN",
  });
}

/**
 * Why a request is rejected. An attacker's website can point its own domain at this computer (DNS rebinding), so both the
 * `Host` header and the connection are checked.
 */
function problemWith(request: HttpRequest): string | undefined {
  if (request.ip !== undefined && !/^(?:127\.|::1$|::ffff:127\.)/.test(request.ip)) {
    return "The inbox can be read only from the computer that runs the app.";
  }
  const hosts = [request.header("host"), request.header("x-forwarded-host")].filter(
    (one) => one !== undefined,
  );
  if (hosts.length > 0 && hosts.every((host) => isLoopback(host))) return undefined;
  return "Open the inbox at http://localhost, not at another host name.";
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|[\w-]+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

function isBelow(path: string, at: string): boolean {
  return path === at || path.startsWith(`${at}/`);
}
